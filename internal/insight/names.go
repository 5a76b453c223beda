package insight

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
)

// readNames reads what the ids among the keys are called.
func (r *result) readNames(ctx context.Context, tx *db.Tx, institutionID int64) (err error) {
	for i, d := range r.dims {
		switch d.kind {
		case ofLabel:
			r.labels, err = readLabels(ctx, tx, institutionID)
		case ofOwner:
			r.owners, err = readOwners(ctx, tx, r.numbers(i))
		case ofBulk:
			r.bulkInvites, err = contact.NameBulkInvites(ctx, tx, institutionID, texts(r.numbers(i)), r.zone)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// groupsOf are groups in which every value of a dimension stands, and its place there.
func (r *result) groupsOf(dimension int) (groups []*group, at int) {
	if dimension == r.across {
		return r.byValue, 0
	}
	return r.rows, dimension
}

// numbers are the values of a dimension of ids.
func (r *result) numbers(dimension int) (all []int64) {
	groups, at := r.groupsOf(dimension)
	seen := map[int64]bool{}
	for _, g := range groups {
		if k := g.keys[at]; !k.none && !seen[k.number] {
			seen[k.number] = true
			all = append(all, k.number)
		}
	}
	return all
}

func texts(ids []int64) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = db.FormatID(id)
	}
	return out
}

func readLabels(ctx context.Context, tx *db.Tx, institutionID int64) (map[int64]string, error) {
	names := map[int64]string{}
	err := tx.Rows(ctx, func(r *sql.Rows) error {
		var id int64
		var name string
		err := r.Scan(&id, &name)
		names[id] = name
		return err
	}, `SELECT id, name FROM labels WHERE institution_id = $1`, institutionID)
	return names, err
}

// readOwners names owners, who may have left the institution since.
func readOwners(ctx context.Context, tx *db.Tx, ids []int64) (map[string]string, error) {
	names := map[string]string{}
	err := inParts(ids, func(part []int64) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var id int64
			var first, last string
			err := r.Scan(&id, &first, &last)
			names[db.FormatID(id)] = strings.TrimSpace(first + " " + last)
			return err
		}, `SELECT id, first_name, last_name FROM users WHERE id IN (`+db.Params(1, len(part))+`)`, db.Args(part)...)
	})
	return names, err
}

// inParts calls f with parts of a list that fit into one statement.
func inParts[T any](all []T, f func(part []T) error) error {
	const most = 500
	for len(all) > 0 {
		n := min(most, len(all))
		if err := f(all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// readSpellings finds, for the dimension's keys that are shown, the most frequent spelling
// among the contacts asked about; of equally frequent ones the first by code point. Nearly
// all keys are spelled in one way, which their groups tell.
func (r *result) readSpellings(ctx context.Context, tx *db.Tx, dimension int, shown []key) error {
	d, names := r.dims[dimension], map[string]string{}
	r.spellings[dimension] = names
	groups, at := r.groupsOf(dimension)
	varied := map[string]bool{}
	for _, g := range groups {
		k, least, most := g.keys[at].text, g.least[at], g.most[at]
		if name, known := names[k]; !known {
			names[k] = least
		} else if name != least {
			varied[k] = true
		}
		varied[k] = varied[k] || least != most
	}
	var doubtful []string
	for _, k := range shown {
		if varied[k.text] {
			doubtful = append(doubtful, k.text)
			delete(varied, k.text) // once
		}
	}
	return inParts(doubtful, func(part []string) error {
		best := map[string]int64{}
		args := append(r.contacts.Args[:len(r.contacts.Args):len(r.contacts.Args)], db.Args(part)...)
		return tx.Rows(ctx, func(rows *sql.Rows) error {
			var k, name string
			var n int64
			err := rows.Scan(&k, &name, &n)
			if n > best[k] || n == best[k] && name < names[k] {
				best[k], names[k] = n, name
			}
			return err
		}, `SELECT `+d.key+`, `+d.shown+`, COUNT(*)`+r.contacts.From+` AND `+d.key+` IN (`+db.Params(len(r.contacts.Args)+1, len(part))+`) GROUP BY 1, 2`, args...)
	})
}

// value is a key as the answer holds it.
func (r *result) value(dimension int, k key) any {
	if k.none {
		return nil
	}
	switch d := r.dims[dimension]; d.kind {
	case ofText:
		if d.shown != "" {
			return r.spellings[dimension][k.text]
		}
	case ofChoice:
		return d.words[k.number]
	case ofOwner, ofBulk:
		return db.FormatID(k.number)
	case ofLabel:
		return r.labels[k.number]
	case ofTime:
		return dayOf(k.number).Format(time.DateOnly)
	}
	return k.text
}
