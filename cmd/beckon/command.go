package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"beckon/internal/config"
	"beckon/internal/db"
	"beckon/internal/fault"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// terminal is what a command reads from and writes to. What it was asked for goes to Out,
// everything else to Err.
type terminal struct {
	In       io.Reader
	Out, Err io.Writer
	Environ  []string
	// Now is the clock.
	Now func() time.Time
}

// commands is the command line. The settings can be given as flags, too; they come after the
// command's own flags in its help.
type commands struct {
	settings `group:"Settings, for every command, also from the environment:"`

	Serve       serveCommand       `cmd:"" help:"Serve web, API and workers in one process."`
	Demo        demoCommand        `cmd:"" help:"Serve a realistic institution, and print sign-in links."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database schema up to date (serve does so itself on SQLite)."`
	Institution institutionCommand `cmd:"" help:"Institutions: create, list."`
	Staff       staffCommand       `cmd:"" help:"People who work at an institution: add."`
	Company     companyCommand     `cmd:"" help:"Companies: create, list."`
	User        userCommand        `cmd:"" help:"People with an account: add."`
	Token       tokenCommand       `cmd:"" help:"API tokens: create."`
	Contacts    contactsCommand    `cmd:"" help:"Contacts: import, export."`
	Students    studentsCommand    `cmd:"" help:"Students: import."`
	Invite      inviteCommand      `cmd:"" help:"Preview inviting contacts, then invite them and follow it."`
	Backup      backupCommand      `cmd:"" help:"Copy the database to a file, while serving (SQLite)."`
	Restore     restoreCommand     `cmd:"" help:"Put a backup in place of the database (SQLite), and hold every unfinished bulk invite."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// settings are the flags that stand for environment variables, of the same names.
type settings struct {
	DatabaseURL     string `name:"database-url" placeholder:"URL" help:"sqlite:PATH or postgres://... (BECKON_DATABASE_URL; sqlite:beckon-data/beckon.db)"`
	Listen          string `placeholder:"HOST:PORT" help:"Address to serve on (BECKON_LISTEN; 127.0.0.1:8080)"`
	BaseURL         string `name:"base-url" placeholder:"URL" help:"Where people reach Beckon (BECKON_BASE_URL)"`
	SMTPURL         string `name:"smtp-url" placeholder:"URL" help:"smtp://user:pass@host:port?tls=starttls|none|implicit (BECKON_SMTP_URL; messages are kept at /dev/mailbox)"`
	MailFrom        string `placeholder:"ADDRESS" help:"Sender of all mail (BECKON_MAIL_FROM)"`
	SMTPConnections string `name:"smtp-connections" placeholder:"N" help:"Connections to the mail server at most (BECKON_SMTP_CONNECTIONS; 10)"`
	MailRate        string `placeholder:"N" help:"Messages a minute at most, 0 for no limit (BECKON_MAIL_RATE; 0)"`
	SecretKeyFile   string `placeholder:"PATH" help:"The key file (BECKON_SECRET_KEY_FILE; beside the SQLite file)"`
	Log             string `placeholder:"text|json" help:"How log lines are written (BECKON_LOG; text)"`
	DKIMKeyFile     string `name:"dkim-key-file" placeholder:"PATH" help:"Private key that signs mail (BECKON_DKIM_KEY_FILE)"`
	DKIMSelector    string `name:"dkim-selector" placeholder:"NAME" help:"Where its public key stands in the DNS (BECKON_DKIM_SELECTOR)"`
	DKIMDomain      string `name:"dkim-domain" placeholder:"DOMAIN" help:"Domain that mail is signed for (BECKON_DKIM_DOMAIN)"`
	APIRate         string `name:"api-rate" placeholder:"N" help:"API requests a second of a token at most (BECKON_API_RATE; 100)"`
}

// environ is the environment with the flags behind it, where they count.
func (s settings) environ(environ []string) []string {
	for name, value := range map[string]string{
		"DATABASE_URL": s.DatabaseURL, "LISTEN": s.Listen, "BASE_URL": s.BaseURL, "SMTP_URL": s.SMTPURL, "MAIL_FROM": s.MailFrom,
		"SMTP_CONNECTIONS": s.SMTPConnections, "MAIL_RATE": s.MailRate, "SECRET_KEY_FILE": s.SecretKeyFile, "LOG": s.Log,
		"DKIM_KEY_FILE": s.DKIMKeyFile, "DKIM_SELECTOR": s.DKIMSelector, "DKIM_DOMAIN": s.DKIMDomain, "API_RATE": s.APIRate,
	} {
		if value != "" {
			environ = append(environ, "BECKON_"+name+"="+value)
		}
	}
	return environ
}

// usage is the error of a command that was called wrongly.
type usage string

func (u usage) Error() string { return string(u) }

// exited is how kong ends while it reads the arguments: after --help, for example.
type exited int

// run does what the arguments say and answers the exit code.
func run(ctx context.Context, args []string, t terminal) (code int) {
	var all commands
	parser, err := kong.New(&all, kong.Name("beckon"), kong.Writers(t.Out, t.Err),
		kong.Description("From an address book of employer contacts to approved recruiters.\n\nRun \"beckon demo\" to look around."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Exit(func(code int) { panic(exited(code)) }))
	if err != nil {
		return report(t.Err, err)
	}
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case exited:
			code = int(cause)
		default:
			panic(cause)
		}
	}()
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return report(t.Err, usage(err.Error()+`; see "beckon --help"`))
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return report(t.Err, parsed.Run(t, all.settings))
}

// report says in one line what went wrong, and answers the exit code.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(w, "beckon: "+oneLine(explain(err)))
	var wrong usage
	if errors.As(err, &wrong) {
		return exitUsage
	}
	return exitFailed
}

// explain is an error in words for whoever typed the command.
func explain(err error) string {
	var fields fault.Fields
	switch {
	case errors.As(err, &fields):
		parts := make([]string, len(fields))
		for i, f := range fields {
			parts[i] = strings.ReplaceAll(f.Path, "_", " ") + ": " + f.Message
		}
		return strings.Join(parts, "; ")
	case errors.Is(err, context.Canceled):
		return "interrupted; what was queued goes on when a server runs"
	}
	return err.Error()
}

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

// load reads the settings and opens everything for a command.
func load(ctx context.Context, t terminal, s settings) (*Beckon, error) {
	cfg, err := configure(t, s)
	if err != nil {
		return nil, err
	}
	b, err := Open(ctx, cfg, t.Err, t.Now)
	if err != nil {
		return nil, err
	}
	if err := b.prepareSchema(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// configure reads the settings, and says what seems not meant.
func configure(t terminal, s settings) (config.Config, error) {
	cfg, warnings, err := config.FromEnv(s.environ(t.Environ))
	for _, w := range warnings {
		fmt.Fprintln(t.Err, "beckon: warning: "+w)
	}
	if err != nil {
		return cfg, usage(err.Error())
	}
	return cfg, nil
}

// with runs f with everything open, and closes it again.
func with(ctx context.Context, t terminal, s settings, f func(*Beckon) error) error {
	b, err := load(ctx, t, s)
	if err != nil {
		return err
	}
	return errors.Join(f(b), b.Close())
}

// printJSON writes v as people and programs can read it.
func printJSON(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(v)
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(t terminal) error {
	_, err := fmt.Fprintln(t.Out, version)
	return err
}

type migrateCommand struct{}

// Run brings the schema up to date.
func (migrateCommand) Run(ctx context.Context, t terminal, s settings) error {
	cfg, err := configure(t, s)
	if err != nil {
		return err
	}
	b, err := Open(ctx, cfg, t.Err, t.Now)
	if err != nil {
		return err
	}
	defer b.Close()
	return b.DB.Migrate(ctx)
}

// prepareSchema migrates a SQLite file by itself; PostgreSQL waits for `beckon migrate`,
// since other processes may run on the old schema.
func (b *Beckon) prepareSchema(ctx context.Context) error {
	err := b.DB.CheckSchema(ctx)
	if errors.Is(err, db.ErrSchemaOld) && b.DB.Engine() == db.SQLite {
		return b.DB.Migrate(ctx)
	}
	return err
}

// isTerminal tells whether a person sits at the other end.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// asUsage makes wrong input of a command's own arguments an error of usage.
func asUsage(err error) error {
	var fields fault.Fields
	if errors.As(err, &fields) {
		return usage(explain(err))
	}
	return err
}
