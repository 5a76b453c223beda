package account_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"beckon/internal/account"
	"beckon/internal/address"
	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/mail"
	"beckon/internal/secret"
)

var ctx = context.Background()

var commandLine = audit.Actor{Kind: audit.System, Name: "command line"}

var browser = account.Client{UserAgent: "Browser/1", Network: "192.0.2.0/24"}

// house is a register of users on a database of its own, with a clock that tests turn.
type house struct {
	*account.Accounts
	t   *testing.T
	d   *db.DB
	now time.Time
}

func each(t *testing.T, f func(h *house)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newHouse(t, d)) })
}

func newHouse(t *testing.T, d *db.DB) *house {
	h := &house{t: t, d: d, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	h.Accounts = h.process()
	h.exec(`INSERT INTO institutions (id, slug, name, name_key, created_at) VALUES (1, 'elm', 'Elm', 'elm', 1), (2, 'oak', 'Oak', 'oak', 1)`)
	return h
}

// process is what another process has on the same database.
func (h *house) process() *account.Accounts {
	return &account.Accounts{DB: h.d, Key: secret.Fixed("test"), Now: func() time.Time { return h.now }, BaseURL: "https://beckon.example"}
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	if _, err := h.d.SQL().Exec(query, args...); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) count(query string, args ...any) (n int) {
	h.t.Helper()
	if err := h.d.SQL().QueryRow(query, args...).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) student(institutionID int64, email, first, last string, archived int) {
	h.t.Helper()
	h.exec(`INSERT INTO students (institution_id, email, email_key, first_name, last_name, archived, name_key, search, shown, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, '', '', '', 1, 1)`, institutionID, email, strings.ToLower(email), first, last, archived)
}

func (h *house) add(email string) account.User {
	h.t.Helper()
	u, err := h.Add(ctx, account.Person{Email: email, FirstName: "Dana", LastName: "River"}, commandLine)
	h.must(err)
	return u
}

type letter struct {
	to, kind, subject string
	mail.Letter
}

func (l letter) token() string { return l.Button.URL[strings.LastIndexByte(l.Button.URL, '/')+1:] }

// letters writes and removes what waits in the outbox, as the sender does.
func (h *house) letters() (all []letter) {
	h.t.Helper()
	var notices []mail.Notice
	h.must(h.d.Write(ctx, func(tx *db.Tx) error {
		err := tx.Rows(ctx, func(r *sql.Rows) error {
			var n mail.Notice
			var params string
			if err := r.Scan(&n.Kind, &n.To, &params); err != nil {
				return err
			}
			notices = append(notices, n)
			return json.Unmarshal([]byte(params), &notices[len(notices)-1].Params)
		}, `SELECT kind, recipient, params FROM outbox ORDER BY id`)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM outbox`)
		return err
	}))
	for _, n := range notices {
		subject, l, ok, err := h.Letters()[n.Kind](ctx, n)
		h.must(err)
		if ok {
			all = append(all, letter{n.To, n.Kind, subject, l})
		}
	}
	return all
}

func (h *house) oneLetter(kind string) letter {
	h.t.Helper()
	all := h.letters()
	if len(all) != 1 || all[0].kind != kind {
		h.t.Fatalf("want one letter %s, got %+v", kind, all)
	}
	return all[0]
}

func (h *house) audited(action string) int {
	h.t.Helper()
	return h.count(`SELECT COUNT(*) FROM audit_events WHERE action = $1`, action)
}

// contact adds a contact without standing, as a busy import that has not come to it would.
func (h *house) contact(institutionID, n int64, email string) {
	h.t.Helper()
	addr, err := address.Parse(email)
	h.must(err)
	id := institutionID<<32 | n
	h.exec(`INSERT INTO contacts (institution_id, id, email, email_key, domain, first_name, last_name, created_at, updated_at, name_key, company_key, title_key, search)
		VALUES ($1, $2, $3, $4, $5, 'D', 'R', 1, 1, '', '', '', '')`, institutionID, id, email, addr.Key, addr.Domain)
	h.exec(`INSERT INTO contact_standing (institution_id, contact_id) VALUES ($1, $2)`, institutionID, id)
	h.exec(`INSERT INTO address_directory (address_hash, institution_id) VALUES ($1, $2)`, address.Hash(addr.Key), institutionID)
}

// linked is the user that a contact is linked with, 0 for none, after a look that all
// stored standings are what the facts say.
func (h *house) linked(institutionID, n int64) (userID int64) {
	h.t.Helper()
	h.must(h.d.Read(ctx, func(tx *db.Tx) error {
		drift, err := gate.Drift(ctx, tx)
		if err == nil && drift != 0 {
			err = errors.New("standing drifted")
		}
		if err != nil {
			return err
		}
		var standing int
		err = tx.QueryRow(ctx, `SELECT user_id, standing FROM contact_standing WHERE contact_id = $1`, institutionID<<32|n).Scan(&userID, &standing)
		if err == nil && (standing > 0) != (userID > 0) {
			err = errors.New("standing and link differ")
		}
		return err
	}))
	return userID
}

func (h *house) fields(err error, path string) {
	h.t.Helper()
	var f fault.Fields
	if !errors.As(err, &f) || len(f) != 1 || f[0].Path != path {
		h.t.Fatalf("want a fault of %s, got %v", path, err)
	}
}

func (h *house) limited(err error) time.Duration {
	h.t.Helper()
	var l fault.Limited
	if !errors.As(err, &l) {
		h.t.Fatalf("want a limit, got %v", err)
	}
	return l.After
}

func (h *house) notFound(err error) {
	h.t.Helper()
	if !errors.Is(err, fault.ErrNotFound) {
		h.t.Fatalf("want not found, got %v", err)
	}
}

func (h *house) conflict(err error) {
	h.t.Helper()
	var c fault.Conflict
	if !errors.As(err, &c) {
		h.t.Fatalf("want a conflict, got %v", err)
	}
}
