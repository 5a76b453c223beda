package demo

import (
	"context"
	"errors"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"beckon/internal/account"
	"beckon/internal/act"
	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/insight"
	"beckon/internal/institution"
	"beckon/internal/invite"
	"beckon/internal/mail"
	"beckon/internal/posting"
	"beckon/internal/recruiting"
	"beckon/internal/student"
)

// world is who there is, and the use cases by which they act, with the story's clock.
type world struct {
	Options
	end     time.Time
	clock   atomic.Int64 // Unix milliseconds
	chance  *rand.Rand
	events  events
	planned int

	institutions *institution.Institutions
	accounts     *account.Accounts
	companies    *company.Companies
	recruiting   *recruiting.Recruiting
	jobs         *posting.Jobs
	book         *contact.Book
	imports      *transfer.Imports
	invites      *invite.Invites
	explores     *insight.Explores
	interviews   *posting.Interviews
	students     *student.Students
	// studentImports brings students in from files.
	studentImports *transfer.Imports
	acts           *act.Runner
	mail           mail.Sender
	log            *slog.Logger

	elm, oak, pine *campus
	firms          []*firm
	people         []*person
	pupils         []*pupil
	// approved are the jobs of companies that Elm University has approved.
	approved map[*firm][]int64
}

func newWorld(o Options) *world {
	w := &world{Options: o, end: o.Now, chance: rand.New(rand.NewPCG(2026, 11)), elm: &campus{}, oak: &campus{}, pine: &campus{}, approved: map[*firm][]int64{}}
	w.setClock(w.end)
	w.institutions = &institution.Institutions{DB: o.DB, Now: w.now}
	w.accounts = &account.Accounts{DB: o.DB, Key: o.Key, Now: w.now, BaseURL: o.BaseURL}
	w.companies = &company.Companies{DB: o.DB, Now: w.now}
	w.book = &contact.Book{DB: o.DB, Now: w.now}
	w.recruiting = &recruiting.Recruiting{DB: o.DB, Now: w.now, Book: w.book}
	w.jobs = &posting.Jobs{DB: o.DB, Now: w.now, Book: w.book}
	w.imports = &transfer.Imports{DB: o.DB, Now: w.now, Book: w.book}
	w.invites = &invite.Invites{DB: o.DB, Now: w.now, Key: o.Key, Book: w.book, Accounts: w.accounts, Recruiting: w.recruiting, BaseURL: o.BaseURL, MailFrom: o.MailFrom}
	w.explores = &insight.Explores{DB: o.DB, Now: w.now, Book: w.book}
	w.interviews = &posting.Interviews{DB: o.DB, Now: w.now, Key: o.Key, BaseURL: o.BaseURL, Book: w.book}
	w.students = &student.Students{DB: o.DB, Now: w.now, Book: w.book}
	w.studentImports = w.students.Imports()
	kinds := w.book.Workers()
	kinds[transfer.Kind], kinds[invite.ExpandKind], kinds[student.ImportKind] = w.imports.Open, w.invites.OpenExpand, w.studentImports.Open
	w.log = slog.New(slog.DiscardHandler)
	w.acts = &act.Runner{DB: o.DB, Now: w.now, Log: w.log, Kinds: kinds}
	w.mail = &postOffice{w, &mail.Kept{DB: o.DB, Key: o.Key, Now: w.now}}
	w.populate()
	w.enrol()
	return w
}

func (w *world) now() time.Time { return time.UnixMilli(w.clock.Load()).UTC() }

func (w *world) setClock(t time.Time) { w.clock.Store(t.UnixMilli()) }

// perhaps is true with the probability p.
func (w *world) perhaps(p float64) bool { return w.chance.Float64() < p }

// days is a time between two numbers of days.
func (w *world) days(least, most float64) float64 { return least + w.chance.Float64()*(most-least) }

// one is one of some texts.
func (w *world) one(of []string) string { return of[w.chance.IntN(len(of))] }

// lived tells whether an error only says that life went another way: somebody else was
// quicker, a company was blocked meanwhile, a link was used before.
func lived(err error) bool {
	var conflict fault.Conflict
	var refusal *gate.Refusal
	var link invite.NotWorking
	return errors.As(err, &conflict) || errors.As(err, &refusal) || errors.As(err, &link) || errors.Is(err, invite.ErrWrongPerson)
}

const (
	// keepDays and noticeDays are how old a message may be to be kept in the mailbox, and a
	// notice to be sent still: nobody wants a year of mail at once.
	keepDays   = 4
	noticeDays = 2
)

// forgetOldMail drops the notices of the past.
func (w *world) forgetOldMail(ctx context.Context) error {
	return w.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM outbox WHERE created_at < $1`, db.Millis(w.ago(noticeDays)))
		return err
	})
}

// postOffice stands in for a mail server: it takes most messages, keeps the latest ones in the
// mailbox, and knows that some addresses are no more.
type postOffice struct {
	w    *world
	kept *mail.Kept
}

// Ready is always so.
func (p *postOffice) Ready(ctx context.Context) error { return ctx.Err() }

// Send takes the message, or says that there is no such mailbox.
func (p *postOffice) Send(ctx context.Context, e mail.Envelope) mail.Result {
	if gone(e.To) {
		return mail.Result{Class: mail.Permanent, Code: 550, Enhanced: "5.1.1", Text: "no such mailbox", About: mail.AboutRecipient}
	}
	if p.w.now().After(p.w.ago(keepDays)) {
		message, err := e.Body()
		if err == nil {
			err = p.kept.Keep(ctx, e.From, e.To, message)
		}
		if err != nil {
			return mail.Result{Err: err}
		}
	}
	return mail.Result{Class: mail.Accepted, Code: 250, Text: "taken"}
}

// gone tells whether an address is one of the few that do not exist any more: a chance that
// does not depend on the order of sending.
func gone(address string) bool {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(address)) // never fails
	return sum.Sum32()%41 == 7
}
