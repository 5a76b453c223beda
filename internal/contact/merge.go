package contact

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"beckon/internal/address"
	"beckon/internal/contact/field"
	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// Incoming is what one row of a file says about a contact, cleaned. A blank text says
// nothing: it never erases.
type Incoming struct {
	Address address.Address
	// Fields hold the texts; Email is Address.Written.
	Fields
	OtherEmails []string
	// Labels are names to add; those that do not exist are made.
	Labels []string
	// Archive says whether to archive or to restore the contact, nil for neither.
	Archive *bool
}

// Merged is what became of an Incoming.
type Merged int

// What may become of it: a contact was added; a stored value changed; or nothing did.
const (
	Created Merged = iota + 1
	Updated
	Unchanged
	// Repeated is what MergeOnce left alone.
	Repeated
)

// Outcome is the contact that an Incoming came to.
type Outcome struct {
	ID     int64
	Merged Merged
}

// Merge brings rows into the address book, by their addresses: a row whose address is there
// updates that contact, any other becomes a contact of the source. Another spelling of the
// same address changes nothing. Labels are only added; those that Beckon sets itself are
// left out. No address may stand in rows twice. It takes the locks; the caller records the
// import, of which this is one chunk (1,000 rows take some 50 ms).
func (b *Book) Merge(ctx context.Context, tx *db.Tx, s institution.Scope, rows []Incoming, source string) ([]Outcome, error) {
	return b.MergeOnce(ctx, tx, s, rows, source, List{})
}

// MergeOnce is Merge for a part of a file of which earlier rows came to the contacts in done:
// rows that come to one of these again are left alone, and are Repeated.
func (b *Book) MergeOnce(ctx context.Context, tx *db.Tx, s institution.Scope, rows []Incoming, source string, done List) ([]Outcome, error) {
	if err := s.Require(institution.Contacts); err != nil {
		return nil, err
	}
	if err := gate.LockAddresses(ctx, tx, false); err != nil {
		return nil, err
	}
	if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
		return nil, err
	}
	m := merge{book: b, tx: tx, scope: s, now: db.Millis(b.Now()), rows: rows, source: source, done: done, outcomes: make([]Outcome, len(rows))}
	for _, step := range []func(context.Context) error{m.find, m.create, m.update, m.label} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("merge contacts: %w", err)
		}
	}
	return m.outcomes, nil
}

// Holders finds the contacts that have these normalised addresses; an address that nobody
// has is not in the map.
func (b *Book) Holders(ctx context.Context, tx *db.Tx, s institution.Scope, keys []string) (map[string]int64, error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, err
	}
	at := make(map[string]int64, len(keys))
	add := func(scan func(...any) error) error {
		var key string
		var id int64
		err := scan(&key, &id)
		at[key] = id
		return err
	}
	if tx.Engine() == db.Postgres {
		// One search for each address: of a table that is being filled it knows too little, and
		// would read all of it to look for a list of them.
		return at, tx.Rows(ctx, func(r *sql.Rows) error { return add(r.Scan) }, `
			SELECT k.email_key, c.id FROM unnest($2::text[]) AS k (email_key)
			CROSS JOIN LATERAL (SELECT id FROM contacts WHERE institution_id = $1 AND email_key = k.email_key LIMIT 1) AS c`, s.ID(), keys)
	}
	query := `SELECT email_key, id FROM contacts WHERE institution_id = $1 AND email_key IN `
	return at, eachKey(ctx, tx, query, []any{s.ID()}, keys, add)
}

// merge is the work on one chunk of rows.
type merge struct {
	book     *Book
	tx       *db.Tx
	scope    institution.Scope
	now      int64
	rows     []Incoming
	source   string
	done     List
	outcomes []Outcome
	known    []int // the rows whose address is there
}

// find tells the rows whose address is there from the others.
func (m *merge) find(ctx context.Context) error {
	seen := make(map[string]bool, len(m.rows))
	keys := make([]string, len(m.rows))
	for i, r := range m.rows {
		if seen[r.Address.Key] {
			return errors.New("one address stands in two rows")
		}
		seen[r.Address.Key] = true
		keys[i] = r.Address.Key
	}
	holders, err := m.book.Holders(ctx, m.tx, m.scope, keys)
	if err != nil {
		return err
	}
	for i, key := range keys {
		id, known := holders[key]
		switch {
		case !known:
		case m.done.Contains(id):
			m.outcomes[i] = Outcome{id, Repeated}
		default:
			m.outcomes[i] = Outcome{id, Unchanged}
			m.known = append(m.known, i)
		}
	}
	return nil
}

// create adds the rows whose address is not there, in their order.
func (m *merge) create(ctx context.Context) error {
	var added []newRow
	for i := range m.rows {
		if r := &m.rows[i]; m.outcomes[i].ID == 0 {
			added = append(added, newRow{fields: &r.Fields, address: r.Address, source: m.source, others: r.OtherEmails, archived: r.Archive != nil && *r.Archive})
		}
	}
	if len(added) == 0 {
		return nil
	}
	id, err := gate.Lock(ctx, m.tx, m.scope.ID(), len(added))
	if err != nil {
		return err
	}
	for i := range added {
		added[i].id = id + int64(i)
	}
	n := 0
	for i := range m.outcomes {
		if m.outcomes[i].ID == 0 {
			m.outcomes[i] = Outcome{added[n].id, Created}
			n++
		}
	}
	if err := insertContacts(ctx, m.tx, m.scope.ID(), m.now, added); err != nil {
		return err
	}
	return link(ctx, m.tx, m.scope.ID(), added)
}

// update changes the contacts that are there where a row says something else.
func (m *merge) update(ctx context.Context) error {
	ids := make([]int64, len(m.known))
	for n, i := range m.known {
		ids[n] = m.outcomes[i].ID
	}
	stored, err := loadAll(ctx, m.tx, m.scope.ID(), ids)
	if err != nil {
		return err
	}
	for n, old := range stored {
		i := m.known[n]
		next, changed := m.rows[i].onto(old)
		if !changed {
			continue
		}
		m.outcomes[i].Merged = Updated
		if err := updateContact(ctx, m.tx, m.scope.ID(), m.now, next); err != nil {
			return err
		}
	}
	return nil
}

// onto is the contact with what the row says, and whether that changed it.
func (in Incoming) onto(c Contact) (Contact, bool) {
	changed := false
	for i, to := range c.all() {
		if from := in.all()[i]; FieldNames[i] != "email" && *from != "" && *from != *to {
			*to, changed = *from, true
		}
	}
	if in.Archive != nil && *in.Archive != c.Archived {
		c.Archived, changed = *in.Archive, true
	}
	for _, email := range in.OtherEmails {
		if !slices.ContainsFunc(c.OtherEmails, func(has string) bool { return strings.EqualFold(has, email) }) {
			c.OtherEmails, changed = append(slices.Clone(c.OtherEmails), email), true
		}
	}
	return c, changed
}

// label adds the rows' labels. A contact that gets a new one is updated.
func (m *merge) label(ctx context.Context) error {
	ids, err := m.labelIDs(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	has, err := m.labelled(ctx)
	if err != nil {
		return err
	}
	var pairs [][2]int64
	counts := map[int64]int{}
	for i, r := range m.rows {
		if m.outcomes[i].Merged == Repeated {
			continue
		}
		for _, name := range r.Labels {
			pair := [2]int64{ids[name], m.outcomes[i].ID}
			if pair[0] == 0 || has[pair] {
				continue
			}
			has[pair] = true
			pairs = append(pairs, pair)
			counts[pair[0]]++
			if m.outcomes[i].Merged == Unchanged {
				m.outcomes[i].Merged = Updated
			}
		}
	}
	institutionID := m.scope.ID()
	err = insertAll(ctx, m.tx, insertLabel, pairs, func(args []any, p [2]int64) []any { return append(args, institutionID, p[0], p[1]) })
	if err != nil {
		return err
	}
	return recount(ctx, m.tx, institutionID, counts)
}

// labelIDs finds, or makes, the labels of all rows, by the names as the rows write them. A
// system label has no id here.
func (m *merge) labelIDs(ctx context.Context) (map[string]int64, error) {
	var names []string
	ids := map[string]int64{}
	for i, r := range m.rows {
		if m.outcomes[i].Merged == Repeated {
			continue
		}
		for _, name := range r.Labels {
			if _, seen := ids[name]; !seen {
				ids[name] = 0
				names = append(names, name)
			}
		}
	}
	known, err := labelsByName(ctx, m.tx, m.scope.ID(), names)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		l, ok := known[field.LabelKey(name)]
		if ok && l.Kind == LabelSystem {
			continue
		}
		if !ok || l.Archived {
			if l, err = m.book.EnsureLabel(ctx, m.tx, m.scope, name); err != nil {
				return nil, err
			}
			known[field.LabelKey(name)] = l
		}
		ids[name] = l.ID
	}
	return ids, nil
}

// labelled is the labels that the contacts that were there have, as pairs of label and
// contact.
func (m *merge) labelled(ctx context.Context) (map[[2]int64]bool, error) {
	has := map[[2]int64]bool{}
	if len(m.known) == 0 {
		return has, nil
	}
	ids := make([]int64, len(m.known))
	for n, i := range m.known {
		ids[n] = m.outcomes[i].ID
	}
	err := m.tx.Rows(ctx, func(r *sql.Rows) error {
		var pair [2]int64
		err := r.Scan(&pair[0], &pair[1])
		has[pair] = true
		return err
	}, `SELECT label_id, contact_id FROM contact_labels WHERE institution_id = $1 AND contact_id IN `+elements(m.tx.Engine(), `$2`),
		m.scope.ID(), idArray(m.scope.ID(), ids))
	return has, err
}

// eachKey runs a query that ends in IN for all keys, in parts whose statement stays
// compiled, and calls f for each row. first are the parameters before the keys.
func eachKey(ctx context.Context, tx *db.Tx, query string, first []any, keys []string, f func(scan func(...any) error) error) error {
	const most = 50
	for len(keys) > 0 {
		part := make([]string, 0, most)
		part = append(part, keys[:min(most, len(keys))]...)
		keys = keys[len(part):]
		for len(part) < most { // one statement for all parts
			part = append(part, part[0])
		}
		rows, err := tx.Query(ctx, query+`(`+db.Params(len(first)+1, most)+`)`, slices.Concat(first, db.Args(part))...)
		if err != nil {
			return err
		}
		for err == nil && rows.Next() {
			err = f(rows.Scan)
		}
		if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	return nil
}
