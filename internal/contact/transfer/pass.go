package transfer

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
)

// mergeFunc brings rows, of which no two have one address, to where they belong, and tells
// what became of each.
type mergeFunc func(ctx context.Context, tx *db.Tx, s institution.Scope, rows []*Row) ([]contact.Merged, error)

// pass is what runs and dry runs do differently with accepted rows. All remember, in the
// database and not in memory, which addresses of the file were accepted.
type pass interface {
	// merge merges rows that repeat no address among each other; those that repeat one of
	// an earlier chunk are contact.Repeated.
	merge(ctx context.Context, tx *db.Tx, rows []*Row) ([]contact.Merged, error)
	// accepted answers which of the addresses earlier chunks have accepted.
	accepted(ctx context.Context, tx *db.Tx, keys []string) (map[string]bool, error)
}

func (m *Imports) newPass(scope institution.Scope, i Import, list []byte) (pass, error) {
	switch {
	case i.DryRun && m.Into != nil:
		return &listed{scope: scope, id: i.ID, into: takenBack(m.Into.Merge)}, nil
	case i.DryRun:
		return &listed{scope: scope, id: i.ID, into: takenBack(m.intoBook(i.Labels))}, nil
	case m.Into != nil:
		return &listed{scope: scope, id: i.ID, into: m.Into.Merge}, nil
	}
	done, err := contact.ReadList(scope.ID(), list)
	return &run{book: m.Book, scope: scope, id: i.ID, labels: i.Labels, done: done}, err
}

// run writes contacts. Those that rows came to are the act's list: an address repeats an
// earlier row's if its contact is there. The list also tells the contacts' histories.
type run struct {
	book   *contact.Book
	scope  institution.Scope
	id     int64
	labels []string
	done   contact.List
}

func (p *run) merge(ctx context.Context, tx *db.Tx, rows []*Row) ([]contact.Merged, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	outcomes, err := p.book.MergeOnce(ctx, tx, p.scope, incoming(rows, p.labels), contact.SourceUpload, p.done)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(outcomes))
	for i, o := range outcomes {
		ids[i] = o.ID
	}
	p.done = p.done.With(ids)
	_, err = tx.Exec(ctx, `UPDATE acts SET list = $2 WHERE id = $1`, p.id, p.done.Bytes())
	return became(outcomes), err
}

func (p *run) accepted(ctx context.Context, tx *db.Tx, keys []string) (map[string]bool, error) {
	holders, err := p.book.Holders(ctx, tx, p.scope, keys)
	before := map[string]bool{}
	for key, id := range holders {
		if p.done.Contains(id) {
			before[key] = true
		}
	}
	return before, err
}

// incoming is accepted rows as the address book takes them.
func incoming(rows []*Row, labels []string) []contact.Incoming {
	all := make([]contact.Incoming, len(rows))
	for i, row := range rows {
		v := &row.Contact
		all[i] = contact.Incoming{
			Fields: contact.Fields{Email: v.Email.Written, FirstName: v.FirstName, LastName: v.LastName, Title: v.Title, CompanyName: v.CompanyName,
				Phone: v.Phone, Website: v.Website, Street: v.Street, City: v.City, State: v.State, PostalCode: v.PostalCode, Country: v.Country,
				ExternalID: v.ExternalID, Notes: v.Notes},
			Address: v.Email, OtherEmails: row.OtherEmails, Labels: append(row.Labels, labels...), Archive: row.Archive}
	}
	return all
}

func became(outcomes []contact.Outcome) []contact.Merged {
	all := make([]contact.Merged, len(outcomes))
	for i, o := range outcomes {
		all[i] = o.Merged
	}
	return all
}

// intoBook is the mergeFunc of contacts.
func (m *Imports) intoBook(labels []string) mergeFunc {
	return func(ctx context.Context, tx *db.Tx, s institution.Scope, rows []*Row) ([]contact.Merged, error) {
		outcomes, err := m.Book.Merge(ctx, tx, s, incoming(rows, labels), contact.SourceUpload)
		return became(outcomes), err
	}
}

// takenBack merges and takes it back: rows depend on those of earlier chunks by repeated
// addresses alone.
func takenBack(merge mergeFunc) mergeFunc {
	return func(ctx context.Context, tx *db.Tx, s institution.Scope, rows []*Row) ([]contact.Merged, error) {
		if _, err := tx.Exec(ctx, `SAVEPOINT dry_run`); err != nil {
			return nil, err
		}
		became, err := merge(ctx, tx, s, rows)
		if err != nil {
			return nil, err
		}
		if _, err := tx.Exec(ctx, `ROLLBACK TO SAVEPOINT dry_run`); err != nil {
			return nil, err
		}
		_, err = tx.Exec(ctx, `RELEASE SAVEPOINT dry_run`)
		return became, err
	}
}

// listed keeps the addresses of accepted rows in import_seen.
type listed struct {
	scope institution.Scope
	id    int64
	into  mergeFunc
}

func (p *listed) merge(ctx context.Context, tx *db.Tx, rows []*Row) ([]contact.Merged, error) {
	keys := make([]string, len(rows))
	for i, row := range rows {
		keys[i] = row.Contact.Email.Key
	}
	before, err := p.accepted(ctx, tx, keys)
	if err != nil {
		return nil, err
	}
	all := make([]contact.Merged, len(rows))
	var first []*Row
	var places []int
	var fresh [][1]string
	for i, row := range rows {
		if before[keys[i]] {
			all[i] = contact.Repeated
			continue
		}
		first, places, fresh = append(first, row), append(places, i), append(fresh, [1]string{keys[i]})
	}
	if len(first) == 0 {
		return all, nil
	}
	became, err := p.into(ctx, tx, p.scope, first)
	if err != nil {
		return nil, err
	}
	for n, i := range places {
		all[i] = became[n]
	}
	return all, p.remember(ctx, tx, fresh)
}

func (p *listed) remember(ctx context.Context, tx *db.Tx, keys [][1]string) error {
	values, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO import_seen (import_id, email_key) SELECT $1, `+item(tx, 0)+` FROM `+items(tx, `$2`), p.id, string(values))
	if err != nil {
		return fmt.Errorf("remember the addresses of a file: %w", err)
	}
	return nil
}

func (p *listed) accepted(ctx context.Context, tx *db.Tx, keys []string) (map[string]bool, error) {
	list := make([][1]string, len(keys))
	for i, key := range keys {
		list[i][0] = key
	}
	values, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	before := map[string]bool{}
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var key string
		err := r.Scan(&key)
		before[key] = true
		return err
	}, `SELECT email_key FROM import_seen WHERE import_id = $1 AND email_key IN (SELECT `+item(tx, 0)+` FROM `+items(tx, `$2`)+`)`, p.id, string(values))
	return before, err
}
