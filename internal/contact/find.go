package contact

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 500
)

// Search is one question to the list of contacts.
type Search struct {
	Filter Filter
	// Sort is one of Sorts, with "-" in front for down; "" is name.
	Sort string
	// Limit is from 1 to MaxLimit.
	Limit int
	// Cursor is Next of the page before, "" for the first. It belongs to Filter and Sort.
	Cursor string
}

// Page is a part of the contacts that a Search finds.
type Page struct {
	Contacts []Contact
	// Next is the cursor of the next page, "" at the end.
	Next string
	// Total is how many contacts match in all, exactly.
	Total int
}

// order is one way to sort: a column that may be blank, always last, and the id in the same
// direction.
type order struct {
	name   string
	column string
	number bool // the column is a number, and 0 is blank
	blanks bool // the column can be blank
}

var orders = []order{
	{name: "name", column: "c.name_key"}, // last name, then first; both are required
	{name: "email", column: "c.email_key"},
	{name: "company", column: "c.company_key", blanks: true},
	{name: "created_at", column: "c.created_at", number: true},
	{name: "last_invited_at", column: "s.last_invited_at", number: true, blanks: true},
}

// Sorts are the names that Search.Sort takes.
func Sorts() []string {
	names := make([]string, len(orders))
	for i, o := range orders {
		names[i] = o.name
	}
	return names
}

func parseSort(s string) (o order, down bool, err error) {
	name, down := strings.CutPrefix(s, "-")
	if s == "" {
		name = "name"
	}
	for _, o := range orders {
		if o.name == name {
			return o, down, nil
		}
	}
	return order{}, false, fault.Invalid("sort", "is unknown; choose one of %s, with - in front for down", strings.Join(Sorts(), ", "))
}

// place is where a contact stands in an order.
type place struct {
	text   string
	number int64
	id     int64
}

func (p place) blank() bool { return p.text == "" && p.number == 0 }

// compare orders places: blanks last in both directions, ties by id in the direction.
func (p place) compare(q place, down bool) int {
	if p.blank() != q.blank() {
		if p.blank() {
			return 1
		}
		return -1
	}
	c := cmp.Or(strings.Compare(p.text, q.text), cmp.Compare(p.number, q.number), cmp.Compare(p.id, q.id))
	if down {
		return -c
	}
	return c
}

// few is up to how many matches are sorted here. More are read from an index in their order.
const few = 4_000

// Find answers a page of contacts and how many there are. It sees one state of the database;
// a contact that does not change while somebody pages appears exactly once. A foreign
// cursor, an unknown sort and a limit out of range are fault.Fields.
func (b *Book) Find(ctx context.Context, s institution.Scope, q Search) (page Page, err error) {
	return b.find(ctx, s, q, few)
}

func (b *Book) find(ctx context.Context, s institution.Scope, q Search, few int) (page Page, err error) {
	if err := s.Require(institution.Read); err != nil {
		return Page{}, err
	}
	o, down, err := parseSort(q.Sort)
	if err != nil {
		return Page{}, err
	}
	if q.Limit < 1 || q.Limit > MaxLimit {
		return Page{}, fault.Invalid("limit", "is out of range; write a number from 1 to %d", MaxLimit)
	}
	bound := boundTo(s.ID(), q.Filter, o, down)
	after, err := readCursor(q.Cursor, bound)
	if err != nil {
		return Page{}, err
	}
	err = b.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := b.plan(ctx, tx, s.ID(), Selection{Filter: q.Filter})
		if err != nil {
			return err
		}
		w := walk{plan: p, order: o, down: down, after: after, limit: q.Limit + 1, few: few}
		places, total, err := w.page(ctx, tx)
		if err != nil {
			return fmt.Errorf("find contacts: %w", err)
		}
		if len(places) > q.Limit {
			places = places[:q.Limit]
			page.Next = writeCursor(places[q.Limit-1], bound)
		}
		ids := make([]int64, len(places))
		for i, at := range places {
			ids[i] = at.id
		}
		page.Total = total
		page.Contacts, err = loadAll(ctx, tx, s.ID(), ids)
		return err
	})
	return page, err
}

// Count is how many contacts a filter finds.
func (b *Book) Count(ctx context.Context, s institution.Scope, f Filter) (n int, err error) {
	if err := s.Require(institution.Read); err != nil {
		return 0, err
	}
	err = b.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := b.plan(ctx, tx, s.ID(), Selection{Filter: f})
		if err != nil {
			return err
		}
		n, err = p.count(ctx, tx)
		return err
	})
	return n, err
}

// walk reads a page of a plan in an order.
type walk struct {
	*plan
	order order
	down  bool
	after *place // nil: from the first
	limit int
	few   int
}

// page answers up to limit places and how many match in all. It looks at a few matches
// first: when these are all, they are sorted here, which costs no second search. When there
// are more, matches are so frequent that a walk along the index of the order soon has a page.
func (w *walk) page(ctx context.Context, tx *db.Tx) (places []place, total int, err error) {
	if w.nobody {
		return nil, 0, nil
	}
	if !w.open() {
		places, err = w.read(ctx, tx, w.from(w.sorted("s.")), ``, w.few+1)
		if err != nil {
			return nil, 0, err
		}
		if len(places) <= w.few {
			return w.cut(places), len(places), nil
		}
	}
	if total, err = w.count(ctx, tx); err != nil {
		return nil, 0, err
	}
	places, err = w.along(ctx, tx)
	return places, total, err
}

// sorted tells whether the order is by a column of the table.
func (w *walk) sorted(table string) bool { return strings.HasPrefix(w.order.column, table) }

// cut sorts all matches and cuts the page out.
func (w *walk) cut(places []place) []place {
	slices.SortFunc(places, func(p, q place) int { return p.compare(q, w.down) })
	if w.after != nil {
		from, found := slices.BinarySearchFunc(places, *w.after, func(p, q place) int { return p.compare(q, w.down) })
		if found {
			from++
		}
		places = places[from:]
	}
	return places[:min(w.limit, len(places))]
}

// along reads the page from the index of the order: what is not blank, then the blanks.
func (w *walk) along(ctx context.Context, tx *db.Tx) (places []place, err error) {
	blank := `''`
	if w.order.number {
		blank = `0`
	}
	id, above, dir := "c.id", ` > `, ``
	from := w.walkFrom()
	if w.sorted("s.") {
		id = "s.contact_id"
	}
	if w.down {
		above, dir = ` < `, ` DESC`
	}
	args := w.args
	if w.after == nil || !w.after.blank() {
		part := from
		if w.order.blanks {
			part += ` AND ` + w.order.column + ` > ` + blank
		}
		if w.after != nil {
			part += ` AND (` + w.order.column + `, ` + id + `)` + above + `(` + w.arg(w.key()) + `, ` + w.arg(w.after.id) + `)`
		}
		places, err = w.read(ctx, tx, part, ` ORDER BY `+w.order.column+dir+`, `+id+dir, w.limit)
	}
	if err != nil || !w.order.blanks || len(places) == w.limit {
		return places, err
	}
	w.args = args
	part := from + ` AND ` + w.order.column + ` = ` + blank
	if w.after != nil && w.after.blank() {
		part += ` AND ` + id + above + w.arg(w.after.id)
	}
	more, err := w.read(ctx, tx, part, ` ORDER BY `+id+dir, w.limit-len(places))
	return append(places, more...), err
}

// key is the sort key behind which the page begins.
func (w *walk) key() any {
	if w.order.number {
		return w.after.number
	}
	return w.after.text
}

// walkFrom is from in the order of the walk: the table with the index first, no pool.
func (w *walk) walkFrom() string {
	all := []string{`c.institution_id = $1`}
	for _, c := range w.conditions {
		if w.engine == db.SQLite && strings.HasPrefix(c, "c.") && !strings.HasPrefix(c, w.order.column) {
			c = "+" + c // or SQLite would take the index of this column, and sort
		}
		all = append(all, c)
	}
	conditions := ` WHERE ` + strings.Join(all, ` AND `)
	link := ` AND s.institution_id = $1 AND s.contact_id = c.id`
	switch {
	case w.sorted("s."):
		return ` FROM contact_standing s CROSS JOIN contacts c` + conditions + link
	case w.needs:
		return ` FROM contacts c CROSS JOIN contact_standing s` + conditions + link
	}
	return ` FROM contacts c` + conditions
}

func (w *walk) read(ctx context.Context, tx *db.Tx, from, order string, limit int) (places []place, err error) {
	query := fmt.Sprintf(`SELECT c.id, %s%s%s LIMIT %d`, w.order.column, from, order, limit)
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var p place
		var err error
		if w.order.number {
			err = r.Scan(&p.id, &p.number)
		} else {
			err = r.Scan(&p.id, &p.text)
		}
		places = append(places, p)
		return err
	}, query, w.args...)
	return places, err
}
