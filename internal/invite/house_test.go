package invite

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/internal/account"
	"beckon/internal/act"
	"beckon/internal/address"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fold"
	"beckon/internal/gate"
	"beckon/internal/institution"
	"beckon/internal/mail"
	"beckon/internal/recruiting"
	"beckon/internal/secret"
)

// failer is what a test fails with: a *testing.T, or a *rapid.T.
type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// house is one institution, Elm University, with a mail server that keeps what it takes.
type house struct {
	t      failer
	in     *Invites
	runner *act.Runner
	sender *Sender
	server *server
	scope  institution.Scope

	mu sync.Mutex
	at time.Time
}

func newHouse(t testing.TB, d *db.DB) *house {
	h := &house{t: t, at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), server: &server{}}
	d.Clock = h.now
	h.exec(d, `INSERT INTO institutions (id, slug, name, name_key, created_at) VALUES (1, 'elm', 'Elm University', 'elm university', 1), (2, 'oak', 'Oak College', 'oak college', 1)`)
	key := secret.Fixed("test")
	h.in = &Invites{
		DB: d, Now: h.now, Key: key, Book: &contact.Book{DB: d, Now: h.now},
		Accounts:   &account.Accounts{DB: d, Key: key, Now: h.now, BaseURL: "https://beckon.example"},
		Recruiting: &recruiting.Recruiting{DB: d, Now: h.now, Book: &contact.Book{DB: d, Now: h.now}},
		BaseURL:    "https://beckon.example", MailFrom: "careers@elm.example",
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	h.runner = &act.Runner{DB: d, Now: h.now, Log: log, Kinds: map[string]act.OpenFunc{ExpandKind: h.in.OpenExpand, CancelKind: h.in.OpenCancel}}
	h.sender = &Sender{Invites: h.in, Mail: h.server, Connections: 4, Log: log}
	h.scope = institution.System(1, "test")
	return h
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

func (h *house) exec(d *db.DB, query string, args ...any) {
	h.t.Helper()
	h.must(d.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(context.Background(), query, args...)
		return err
	}))
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// contact adds a contact and answers its id.
func (h *house) contact(email string) (id int64) {
	h.t.Helper()
	ctx := context.Background()
	a, err := address.Parse(email)
	h.must(err)
	h.must(h.in.DB.Write(ctx, func(tx *db.Tx) error {
		if err := gate.LockAddresses(ctx, tx, false); err != nil {
			return err
		}
		if id, err = gate.Lock(ctx, tx, 1, 1); err != nil {
			return err
		}
		first, _, _ := strings.Cut(email, "@")
		for _, step := range []struct {
			query string
			args  []any
		}{
			{`INSERT INTO contacts (institution_id, id, email, email_key, domain, first_name, last_name, created_at, updated_at, name_key, company_key, title_key, search)
				VALUES (1, $1, $2, $3, $4, $5, 'Test', 1, 1, $6, '', '', $6)`, []any{id, a.Written, a.Key, a.Domain, first, fold.Text(first)}},
			{`INSERT INTO contact_standing (institution_id, contact_id) VALUES (1, $1)`, []any{id}},
			{`INSERT INTO address_directory (address_hash, institution_id) VALUES ($1, 1) ON CONFLICT DO NOTHING`, []any{address.Hash(a.Key)}},
		} {
			if _, err := tx.Exec(ctx, step.query, step.args...); err != nil {
				return err
			}
		}
		return gate.RecomputeNew(ctx, tx, 1, []int64{id})
	}))
	return id
}

// user adds an account with the address; with a company, an approved member of it.
func (h *house) user(email string, company int64) account.User {
	h.t.Helper()
	ctx := context.Background()
	var u account.User
	h.must(h.in.DB.Write(ctx, func(tx *db.Tx) (err error) {
		u, _, err = h.in.Accounts.Prove(ctx, tx, account.Person{Email: email, FirstName: "Uma", LastName: "User"})
		return err
	}))
	if company != 0 {
		h.join(u.ID, company)
	}
	return u
}

func (h *house) join(user, company int64) {
	h.t.Helper()
	ctx := context.Background()
	h.must(h.in.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO companies (id, name, name_key, created_at, updated_at) VALUES ($1, $2, $2, 1, 1) ON CONFLICT DO NOTHING`, company, fmt.Sprintf("company %d", company)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO memberships (user_id, company_id, state, requested_at) VALUES ($1, $2, 'approved', 1)`, user, company); err != nil {
			return err
		}
		return gate.RecomputeUser(ctx, tx, user)
	}))
}

func everybody() contact.Selection { return contact.Selection{} }

func (h *house) preview(include ...Reason) Plan {
	h.t.Helper()
	p, err := h.in.Preview(context.Background(), h.scope, everybody(), include)
	h.must(err)
	return p
}

func (h *house) confirm(o Order) Bulk {
	h.t.Helper()
	b, err := h.in.Confirm(context.Background(), h.scope, o)
	h.must(err)
	return b
}

// expand finishes what confirm left to a worker.
func (h *house) expand() {
	h.t.Helper()
	h.must(h.runner.Drain(context.Background()))
}

// send runs the sender until nothing is due.
func (h *house) send() {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	sender := &Sender{Invites: h.in, Mail: h.server, Connections: 4, Log: h.sender.Log}
	done := make(chan struct{})
	go func() { sender.Run(ctx); close(done) }()
	deadline := time.After(2 * time.Minute)
	for h.count(`state = 'sending' OR state IN ('queued', 'deferred') AND due_at <= $1 AND bulk_invite_id IN (SELECT id FROM bulk_invites WHERE state = 'sending')`, db.Millis(h.now())) > 0 {
		select {
		case <-deadline:
			h.t.Fatal("sending does not end")
		case <-time.After(2 * time.Millisecond): // between looks
		}
	}
	cancel()
	<-done
}

func (h *house) count(where string, args ...any) (n int) {
	h.t.Helper()
	h.must(h.in.DB.Read(context.Background(), func(tx *db.Tx) error {
		return tx.QueryRow(context.Background(), `SELECT COUNT(*) FROM invites WHERE `+where, args...).Scan(&n)
	}))
	return n
}

func (h *house) bulk(id int64) Bulk {
	h.t.Helper()
	b, err := h.in.Get(context.Background(), h.scope, id)
	h.must(err)
	h.check(b)
	return b
}

// check compares the counts of a bulk invite with its rows.
func (h *house) check(b Bulk) {
	h.t.Helper()
	sum := 0
	for _, n := range b.Skipped {
		sum += n
	}
	if b.Total != b.WillSend()+sum {
		h.t.Fatalf("total %d, will send %d, skipped %v", b.Total, b.WillSend(), b.Skipped)
	}
	rows := func(where string) int { return h.count(where+` AND bulk_invite_id = $1`, b.ID) }
	want := Counts{
		Queued: rows(`state = 'queued'`), Sending: rows(`state = 'sending'`), Deferred: rows(`state = 'deferred'`), Bounced: rows(`state = 'bounced'`),
		Failed: rows(`state = 'failed'`), Cancelled: rows(`state = 'cancelled'`), Sent: rows(`sent_at > 0`),
		Opened: rows(`opened_at > 0`), Accepted: rows(`accepted_at > 0`), Approved: rows(`approved_at > 0`),
	}
	if b.Counts != want {
		h.t.Fatalf("counts %+v, rows say %+v", b.Counts, want)
	}
}

// taken is one message that the server took.
type taken struct{ to, message string }

func (m taken) header(name string) string {
	for line := range strings.SplitSeq(m.message, "\r\n") {
		if v, ok := strings.CutPrefix(line, name+": "); ok {
			return v
		}
	}
	return ""
}

// server is a mail server whose answers the test decides.
type server struct {
	mu    sync.Mutex
	mails []taken
	// answer decides about a message to an address; nil or the zero class: taken.
	answer func(to string) *mail.Result
}

func (s *server) Ready(ctx context.Context) error { return ctx.Err() }

func (s *server) Send(_ context.Context, e mail.Envelope) mail.Result {
	s.mu.Lock()
	answer := s.answer
	s.mu.Unlock()
	if answer != nil {
		if r := answer(e.To); r != nil && r.Class != mail.Unknown {
			return *r
		}
	}
	m, err := e.Body()
	if err != nil {
		return mail.Result{Err: err, Withheld: true}
	}
	s.mu.Lock()
	s.mails = append(s.mails, taken{e.To, string(m)})
	s.mu.Unlock()
	if answer != nil {
		if r := answer(e.To); r != nil {
			return *r
		}
	}
	return mail.Result{Class: mail.Accepted, Code: 250, Text: "kept"}
}

func (s *server) to(address string) (found []taken) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.mails {
		if m.to == address {
			found = append(found, m)
		}
	}
	return found
}

func (s *server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.mails)
}

// tokens are the secret parts of the links that the invite to a contact carries.
func (h *house) tokens(email string) (link, unsubscribe string) {
	h.t.Helper()
	var id int64
	h.must(h.in.DB.Read(context.Background(), func(tx *db.Tx) error {
		return tx.QueryRow(context.Background(), `SELECT MAX(id) FROM invites WHERE email = $1`, email).Scan(&id)
	}))
	l, u := h.in.Link(id, 1), h.in.UnsubscribeLink(1, id)
	return l[strings.LastIndex(l, "/")+1:], u[strings.LastIndex(u, "/")+1:]
}

func same[K comparable](a, b map[K]int) bool {
	drop := func(m map[K]int) map[K]int {
		out := maps.Clone(m)
		maps.DeleteFunc(out, func(_ K, n int) bool { return n == 0 })
		return out
	}
	return maps.Equal(drop(a), drop(b))
}
