package transfer

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"beckon/internal/act"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
)

// house is two institutions and the rooms that an import needs.
type house struct {
	*testing.T
	ctx     context.Context
	db      *db.DB
	now     time.Time
	imports *Imports
	scope   institution.Scope // may change contacts of the first
	other   institution.Scope // the same at the second
}

func newHouse(t *testing.T, d *db.DB) *house {
	h := &house{T: t, ctx: t.Context(), db: d, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return h.now }
	h.imports = &Imports{DB: d, Now: now, Book: &contact.Book{DB: d, Now: now}}
	h.scope, h.other = h.institution(1), h.institution(2)
	return h
}

func (h *house) institution(id int64) institution.Scope {
	h.Helper()
	name := fmt.Sprintf("college%d", id)
	if _, err := h.db.SQL().Exec(`INSERT INTO institutions (id, slug, name, name_key, created_at) VALUES ($1, $2, $2, $2, 1)`, id, name); err != nil {
		h.Fatal(err)
	}
	return institution.Token(id, id, "test", []institution.Permission{institution.Contacts})
}

// slowly lets every look at the clock be so late that no transaction has two chunks.
func (h *house) slowly() {
	looks := 0
	h.imports.Now = func() time.Time { looks++; return h.now.Add(time.Duration(looks) * longest) }
}

func (h *house) runner() *act.Runner {
	return &act.Runner{DB: h.db, Now: func() time.Time { return h.now }, Log: slog.New(slog.DiscardHandler),
		Kinds: map[string]act.OpenFunc{Kind: h.imports.Open}}
}

// upload keeps a file that can be imported.
func (h *house) upload(scope institution.Scope, file string, o Options) Import {
	h.Helper()
	i, err := h.imports.Upload(h.ctx, scope, "contacts.csv", strings.NewReader(file), o)
	if err != nil {
		h.Fatalf("Upload: %v", err)
	}
	return i
}

func (h *house) get(scope institution.Scope, id int64) Import {
	h.Helper()
	i, err := h.imports.Get(h.ctx, scope, id)
	if err != nil {
		h.Fatalf("Get: %v", err)
	}
	return i
}

func (h *house) drain() {
	h.Helper()
	if err := h.runner().Drain(h.ctx); err != nil {
		h.Fatal(err)
	}
}

// run imports a file whole.
func (h *house) run(scope institution.Scope, file string, o Options) Import {
	h.Helper()
	o.Confirm = true
	i := h.upload(scope, file, o)
	h.drain()
	return h.get(scope, i.ID)
}

// counts is what an import did, in one line.
func counts(i Import) string {
	return fmt.Sprintf("%s: %d rows, %d created, %d updated, %d unchanged, %d rejected", i.State, i.Rows, i.Created, i.Updated, i.Unchanged, i.Rejected)
}

func faults(i Import) string {
	var all []string
	for _, e := range i.Errors {
		all = append(all, fmt.Sprintf("%d %s", e.Row, e.Column))
	}
	return strings.Join(all, ", ")
}

func (h *house) want(i Import, want string) {
	h.Helper()
	if got := counts(i); got != want {
		h.Errorf("%s %s; want %s", got, i.Error, want)
	}
}

// count answers a query for a number.
func (h *house) count(query string, args ...any) (n int) {
	h.Helper()
	if err := h.db.SQL().QueryRow(query, args...).Scan(&n); err != nil {
		h.Fatal(err)
	}
	return n
}

// people is an address book as lines, in the order of its addresses.
func (h *house) people(scope institution.Scope) string {
	h.Helper()
	rows, err := h.db.SQL().Query(`
		SELECT email_key, first_name, last_name, title, company_name, phone, website, street, city, state, postal_code, country,
			external_id, other_emails, notes, CASE WHEN archived = 1 THEN 'archived' ELSE '' END
		FROM contacts WHERE institution_id = $1 ORDER BY email_key`, scope.ID())
	if err != nil {
		h.Fatal(err)
	}
	defer rows.Close()
	var b strings.Builder
	for rows.Next() {
		cells := make([]string, 16)
		to := make([]any, len(cells))
		for i := range cells {
			to[i] = &cells[i]
		}
		if err := rows.Scan(to...); err != nil {
			h.Fatal(err)
		}
		b.WriteString(strings.Join(cells, "|") + "\n")
	}
	if err := rows.Err(); err != nil {
		h.Fatal(err)
	}
	return b.String()
}

// nothingKept fails if an upload or anything that it led to is still there.
func (h *house) nothingKept() {
	h.Helper()
	for _, table := range []string{"acts", "imports", "import_pieces", "import_seen", "import_rejects"} {
		if n := h.count(`SELECT COUNT(*) FROM ` + table); n != 0 {
			h.Errorf("%d rows in %s", n, table)
		}
	}
}

// file is a CSV file of n good rows, every tenth of which repeats the address before it,
// and every tenth of which has no name.
func file(n int) string {
	var b strings.Builder
	b.WriteString("email,first_name,last_name,company_name,labels\n")
	for i := range n {
		switch i % 10 {
		case 8:
			fmt.Fprintf(&b, "Person%d@Firm.example,Again,Person,,\n", i-1)
		case 9:
			fmt.Fprintf(&b, "person%d@firm.example,,Person %d,,\n", i, i)
		default:
			fmt.Fprintf(&b, "person%d@firm.example,First %d,Person %d,Firm %d,Fair\n", i, i, i, i%7)
		}
	}
	return b.String()
}
