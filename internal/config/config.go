// Package config reads Beckon's settings from the environment. It only reads: nothing is
// opened, dialled or made here. It never shows a secret.
package config

import (
	"cmp"
	"errors"
	"fmt"
	netmail "net/mail"
	"slices"
	"strconv"
	"strings"

	"beckon/internal/mail"
)

// Config is how one process of Beckon runs. Formatting it, with %v, %+v or %#v, shows no
// secrets.
type Config struct {
	// DatabaseURL is sqlite:PATH or postgres://...; it may hold a password.
	DatabaseURL string
	// Listen is the HOST:PORT to serve on; port 0 is any free one.
	Listen string
	// BaseURL is where people reach Beckon, without a slash at its end.
	BaseURL string
	// SMTP is the server that mail goes to; nil keeps messages in the mailbox.
	SMTP *mail.Relay
	// SMTPConnections is how many connections to it there are at most, 1 to 200.
	SMTPConnections int
	// MailFrom is the sender of all mail.
	MailFrom netmail.Address
	// MailRate is how many messages go in a minute at most; 0 is no limit.
	MailRate int
	// SecretKeyFile is the path of the key file.
	SecretKeyFile string
	// Log is how log lines are written: "text" or "json".
	Log string
	// DKIM signs mail where its KeyFile is set.
	DKIM DKIM
	// APIRate is how many API requests a token may make in a second.
	APIRate int
}

// DKIM says where the private key is and under which name receivers find the public one:
// SELECTOR._domainkey.DOMAIN.
type DKIM struct{ KeyFile, Selector, Domain string }

// String is the settings without secrets.
func (c Config) String() string {
	smtp := "mailbox"
	if c.SMTP != nil {
		smtp = c.SMTP.String()
	}
	database := c.DatabaseURL
	if !strings.HasPrefix(database, "sqlite:") {
		database, _, _ = strings.Cut(database, ":")
	}
	return fmt.Sprintf("database=%s listen=%s base_url=%s smtp=%s smtp_connections=%d mail_from=%s mail_rate=%d key_file=%s log=%s dkim=%s api_rate=%d",
		database, c.Listen, c.BaseURL, smtp, c.SMTPConnections, c.MailFrom.Address, c.MailRate, c.SecretKeyFile, c.Log, c.DKIM.Domain, c.APIRate)
}

// GoString keeps secrets out of %#v.
func (c Config) GoString() string { return "config.Config{" + c.String() + "}" }

// The variables. An empty one counts as not set.
const (
	databaseURL     = "BECKON_DATABASE_URL"
	listen          = "BECKON_LISTEN"
	baseURL         = "BECKON_BASE_URL"
	smtpURL         = "BECKON_SMTP_URL"
	smtpConnections = "BECKON_SMTP_CONNECTIONS"
	mailFrom        = "BECKON_MAIL_FROM"
	mailRate        = "BECKON_MAIL_RATE"
	secretKeyFile   = "BECKON_SECRET_KEY_FILE"
	logFormat       = "BECKON_LOG"
	dkimKeyFile     = "BECKON_DKIM_KEY_FILE"
	dkimSelector    = "BECKON_DKIM_SELECTOR"
	dkimDomain      = "BECKON_DKIM_DOMAIN"
	apiRate         = "BECKON_API_RATE"
)

// Variables are the names of all variables that FromEnv reads.
var Variables = []string{
	databaseURL, listen, baseURL, smtpURL, smtpConnections, mailFrom, mailRate, secretKeyFile, logFormat,
	dkimKeyFile, dkimSelector, dkimDomain, apiRate,
}

// FromEnv reads the settings from lines NAME=VALUE, as os.Environ gives them; of several
// with one name the last counts, so that flags can be put behind. The error has one line
// for each variable that cannot be used, with what is wrong and the cure; a warning is
// one line about a setting that works but probably not as meant.
func FromEnv(environ []string) (Config, []string, error) {
	r := reader{values: map[string]string{}}
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(name, "BECKON_") {
			r.values[name] = value
		}
	}
	r.unknown()
	c := Config{Listen: cmp.Or(r.values[listen], "127.0.0.1:8080"), Log: cmp.Or(r.values[logFormat], "text")}
	r.database(&c)
	host, port := r.address(c.Listen)
	r.baseURL(&c, host, port)
	r.mail(&c)
	r.dkim(&c)
	if c.Log != "text" && c.Log != "json" {
		r.refuse(logFormat, "must be text or json")
	}
	c.APIRate = r.number(apiRate, 100, 1, 100_000)
	if len(r.errs) > 0 {
		return Config{}, r.warnings, errors.Join(r.errs...)
	}
	return c, r.warnings, nil
}

// reader collects what is wrong while the variables are read. What it says holds no values,
// since a password may stand in the wrong place.
type reader struct {
	values   map[string]string
	warnings []string
	errs     []error
}

func (r *reader) refuse(name, why string) { r.errs = append(r.errs, errors.New(name+" "+why)) }

func (r *reader) warn(name, why string) { r.warnings = append(r.warnings, name+" "+why) }

// unknown warns of names that nothing reads, which are mostly mistyped.
func (r *reader) unknown() {
	for name := range r.values {
		if !slices.Contains(Variables, name) && !strings.HasPrefix(name, "BECKON_TEST_") {
			r.warn(strconv.QuoteToGraphic(name), "is not a setting of Beckon and is ignored; the names are "+strings.Join(Variables, ", "))
		}
	}
	slices.Sort(r.warnings)
}

// number reads a whole number from least to most.
func (r *reader) number(name string, unset, least, most int) int {
	if r.values[name] == "" {
		return unset
	}
	n, err := strconv.Atoi(strings.TrimSpace(r.values[name]))
	if err != nil || n < least || n > most {
		r.refuse(name, fmt.Sprintf("must be a whole number from %d to %d", least, most))
	}
	return n
}
