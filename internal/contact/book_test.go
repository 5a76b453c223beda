package contact

import (
	"context"
	"fmt"
	"testing"
	"time"

	"beckon/internal/address"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// house is an address book for tests, with a clock of its own, at institution 1 of two.
type house struct {
	t    testing.TB
	ctx  context.Context
	d    *db.DB
	book *Book
	at   time.Time
	elm  institution.Scope
	oak  institution.Scope
}

func newHouse(t testing.TB, d *db.DB) *house {
	h := &house{t: t, ctx: context.Background(), d: d, at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
		elm: institution.System(1, "test"), oak: institution.System(2, "test")}
	h.book = &Book{DB: d, Now: func() time.Time { return h.at }}
	h.exec(`INSERT INTO institutions (id, slug, name, name_key, created_at) VALUES (1, 'elm', 'Elm', 'elm', 1), (2, 'oak', 'Oak', 'oak', 1)`)
	return h
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	err := h.d.Write(h.ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(h.ctx, query, args...)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// number is the one number that a query answers.
func (h *house) number(query string, args ...any) (n int64) {
	h.t.Helper()
	err := h.d.Read(h.ctx, func(tx *db.Tx) error { return tx.QueryRow(h.ctx, query, args...).Scan(&n) })
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// add puts a contact into elm's book.
func (h *house) add(email string, labels ...string) Contact {
	h.t.Helper()
	c, err := h.book.Add(h.ctx, h.elm, New{Fields: Fields{Email: email, FirstName: "Ada", LastName: "Doe"}, Labels: labels})
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// staff makes a user with a proven address who works at elm.
func (h *house) staff(id int64, email string) {
	h.t.Helper()
	h.user(id, email)
	h.exec(`INSERT INTO staff (institution_id, user_id, role, created_at) VALUES (1, $1, 'owner', 1)`, id)
}

func (h *house) user(id int64, email string) {
	h.t.Helper()
	h.exec(`INSERT INTO users (id, first_name, last_name, created_at, updated_at) VALUES ($1, 'Dana', 'Whitfield', 1, 1)`, id)
	h.exec(`INSERT INTO user_addresses (user_id, email, email_key, verified_at, created_at) VALUES ($1, $2, $2, 1, 1)`, id, email)
}

func (h *house) merge(s institution.Scope, rows []Incoming, source string) (out []Outcome) {
	h.t.Helper()
	err := h.d.Write(h.ctx, func(tx *db.Tx) (err error) {
		out, err = h.book.Merge(h.ctx, tx, s, rows, source)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

func incoming(t testing.TB, f Fields, labels ...string) Incoming {
	t.Helper()
	a, err := address.Parse(f.Email)
	if err != nil {
		t.Fatal(err)
	}
	f.Email = a.Written
	return Incoming{Address: a, Fields: f, Labels: labels}
}

func parse(t testing.TB, query map[string][]string) Filter {
	t.Helper()
	f, err := ParseFilter(query, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// paths are the paths of fault.Fields.
func paths(err error) (out []string) {
	if fields, ok := err.(fault.Fields); ok {
		for _, f := range fields {
			out = append(out, f.Path)
		}
	}
	return out
}

// checkCounts compares what is kept beside the contacts with the contacts.
func (h *house) checkCounts() {
	h.t.Helper()
	for what, query := range map[string]string{
		"labels with a wrong count":  `SELECT COUNT(*) FROM labels l WHERE l.contacts <> (SELECT COUNT(*) FROM contact_labels x WHERE x.label_id = l.id)`,
		"contacts without standing":  `SELECT COUNT(*) FROM contacts c WHERE NOT EXISTS (SELECT 1 FROM contact_standing s WHERE s.contact_id = c.id)`,
		"directory entries too many": `SELECT (SELECT COUNT(*) FROM address_directory) - (SELECT COUNT(*) FROM contacts)`,
	} {
		if n := h.number(query); n != 0 {
			h.t.Errorf("%s: %d", what, n)
		}
	}
}

func id(n int) int64 { return 1<<32 | int64(n) }

func texts(format string, n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf(format, i))
	}
	return out
}
