package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"time"

	"beckon/internal/account"
	"beckon/internal/act"
	"beckon/internal/company"
	"beckon/internal/config"
	"beckon/internal/contact"
	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/guide"
	"beckon/internal/insight"
	"beckon/internal/institution"
	"beckon/internal/invite"
	"beckon/internal/mail"
	"beckon/internal/posting"
	"beckon/internal/recruiting"
	"beckon/internal/secret"
	"beckon/internal/student"
	"beckon/internal/telemetry"
)

// Beckon is everything, wired together: what the server and every command work with.
type Beckon struct {
	Config config.Config
	Log    *slog.Logger
	Now    func() time.Time
	DB     *db.DB
	Key    *secret.Key

	Institutions *institution.Institutions
	Accounts     *account.Accounts
	Companies    *company.Companies
	Recruiting   *recruiting.Recruiting
	Jobs         *posting.Jobs
	Interviews   *posting.Interviews
	Book         *contact.Book
	Imports      *transfer.Imports
	Explores     *insight.Explores
	Students     *student.Students
	// StudentImports brings files of students in.
	StudentImports *transfer.Imports
	Invites        *invite.Invites
	Guides         *guide.Guides

	// The workers: long acts, invites, single mails.
	Acts   *act.Runner
	Sender *invite.Sender
	Outbox *mail.Outbox

	// Kept is where messages stay without an SMTP server, nil with one.
	Kept *mail.Kept

	Metrics *telemetry.Metrics

	pools []*mail.Pool
}

// Open opens the database and the key file and wires everything. Log lines go to logs, and
// now is the clock. The schema is left as it is.
func Open(ctx context.Context, cfg config.Config, logs io.Writer, now func() time.Time) (*Beckon, error) {
	b := &Beckon{Config: cfg, Log: telemetry.Log(logs, cfg.Log), Now: now, Metrics: telemetry.NewMetrics()}
	var err error
	if b.DB, err = db.Open(ctx, cfg.DatabaseURL); err != nil {
		return nil, err
	}
	b.DB.Clock = now
	b.Metrics.WatchStatements(b.DB)
	if b.Key, err = secret.Load(cfg.SecretKeyFile); err != nil {
		return nil, errors.Join(err, b.DB.Close())
	}
	b.wireUseCases()
	if err := b.wireMail(); err != nil {
		return nil, errors.Join(err, b.DB.Close())
	}
	b.wireWorkers()
	b.Metrics.Process(version)
	b.Metrics.Database(b.DB)
	return b, nil
}

func (b *Beckon) wireUseCases() {
	b.Institutions = &institution.Institutions{DB: b.DB, Now: b.Now}
	b.Accounts = &account.Accounts{DB: b.DB, Key: b.Key, Now: b.Now, BaseURL: b.Config.BaseURL}
	b.Companies = &company.Companies{DB: b.DB, Now: b.Now}
	b.Book = &contact.Book{DB: b.DB, Now: b.Now}
	b.Recruiting = &recruiting.Recruiting{DB: b.DB, Now: b.Now, Book: b.Book}
	b.Jobs = &posting.Jobs{DB: b.DB, Now: b.Now, Book: b.Book}
	b.Interviews = &posting.Interviews{DB: b.DB, Now: b.Now, Key: b.Key, BaseURL: b.Config.BaseURL, Book: b.Book}
	b.Imports = &transfer.Imports{DB: b.DB, Now: b.Now, Book: b.Book}
	b.Explores = &insight.Explores{DB: b.DB, Now: b.Now, Book: b.Book}
	b.Students = &student.Students{DB: b.DB, Now: b.Now, Book: b.Book}
	b.StudentImports = b.Students.Imports()
	b.Invites = &invite.Invites{DB: b.DB, Now: b.Now, Key: b.Key, Book: b.Book, Accounts: b.Accounts, Recruiting: b.Recruiting,
		BaseURL: b.Config.BaseURL, MailFrom: b.Config.MailFrom.Address}
	b.Guides = &guide.Guides{DB: b.DB, Now: b.Now}
}

// outboxConnections are those of single mails, beside those of bulk invites.
const outboxConnections = 2

// wireMail makes the senders of bulk invites and of single mails. Both count in one rate.
func (b *Beckon) wireMail() error {
	var bulk, single mail.Sender
	if b.Config.SMTP == nil {
		b.Kept = &mail.Kept{DB: b.DB, Key: b.Key, Now: b.Now}
		box := mail.Mailbox{Keep: b.Kept.Keep}
		bulk, single = box, box
	} else {
		rate := mail.NewRate(b.Config.MailRate)
		bulk = mail.SMTP{Pool: b.pool(b.Config.SMTPConnections), Rate: rate}
		single = mail.SMTP{Pool: b.pool(outboxConnections), Rate: rate}
	}
	signer, err := b.signer()
	if err != nil {
		return err
	}
	b.Sender = &invite.Sender{Invites: b.Invites, Mail: bulk, Signer: signer, Connections: b.Config.SMTPConnections, Log: b.Log}
	b.Outbox = &mail.Outbox{DB: b.DB, Now: b.Now, Sender: single, Signer: signer, Letters: b.letters(), From: b.Config.MailFrom.Address, Log: b.Log}
	ended := b.Metrics.Counter("beckon_outbox_total", "Single mails by how they ended.", "state")
	b.Outbox.Ended = func(state string) { ended.Add(1, state) }
	return nil
}

func (b *Beckon) pool(connections int) *mail.Pool {
	relay := *b.Config.SMTP
	if base, err := url.Parse(b.Config.BaseURL); err == nil {
		relay.Hello = base.Hostname()
	}
	p := mail.NewPool(relay, mail.PoolOptions{Connections: connections})
	b.pools = append(b.pools, p)
	return p
}

func (b *Beckon) signer() (*mail.Signer, error) {
	d := b.Config.DKIM
	if d.KeyFile == "" {
		return nil, nil
	}
	key, err := os.ReadFile(d.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("BECKON_DKIM_KEY_FILE cannot be read: %w", err)
	}
	return mail.NewSigner(d.Domain, d.Selector, key)
}

// letters writes every kind of single mail.
func (b *Beckon) letters() map[string]mail.LetterFunc {
	all := b.Accounts.Letters()
	maps.Copy(all, b.Companies.Letters(b.Config.BaseURL))
	maps.Copy(all, b.Recruiting.Letters(b.Config.BaseURL))
	maps.Copy(all, b.Jobs.Letters(b.Config.BaseURL))
	maps.Copy(all, b.Students.Letters(b.Config.BaseURL))
	maps.Copy(all, b.Interviews.Letters())
	all[invite.TestKind] = b.Invites.TestLetter
	return all
}

func (b *Beckon) wireWorkers() {
	kinds := b.Book.Workers()
	kinds[transfer.Kind] = b.Imports.Open
	kinds[student.ImportKind] = b.StudentImports.Open
	kinds[invite.ExpandKind] = b.Invites.OpenExpand
	kinds[invite.CancelKind] = b.Invites.OpenCancel
	b.Acts = &act.Runner{DB: b.DB, Now: b.Now, Log: b.Log, Kinds: kinds, Promised: []string{invite.ExpandKind, invite.CancelKind}}
	b.Invites.Wake = func() { b.Acts.Wake(); b.Sender.Wake() }
}

// Close takes leave of the mail server and closes the database.
func (b *Beckon) Close() error {
	for _, p := range b.pools {
		p.Close()
	}
	return b.DB.Close()
}
