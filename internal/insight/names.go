package insight

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
)

// names are what ids are called.
type names struct {
	labels map[int64]string
	// owners and bulkInvites are by ids as they are written outside.
	owners, bulkInvites map[string]string
}

// readNames reads the names of the ids among the values.
func (r *result) readNames(ctx context.Context, tx *db.Tx, institutionID int64) (err error) {
	for i, d := range r.dims {
		switch d.kind {
		case ofLabel:
			r.labels, err = readLabels(ctx, tx, institutionID)
		case ofOwner:
			r.owners, err = readOwners(ctx, tx, r.ids(i))
		case ofBulk:
			var ids []string
			for _, id := range r.ids(i) {
				ids = append(ids, db.FormatID(id))
			}
			r.bulkInvites, err = contact.NameBulkInvites(ctx, tx, institutionID, ids, r.zone)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ids are the values of a dimension of ids.
func (r *result) ids(dimension int) (all []int64) {
	for _, k := range r.values[dimension].all {
		if !k.none {
			all = append(all, k.number)
		}
	}
	return all
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
	const most = 500
	names := map[string]string{}
	for len(ids) > 0 {
		part := ids[:min(most, len(ids))]
		ids = ids[len(part):]
		err := tx.Rows(ctx, func(r *sql.Rows) error {
			var id int64
			var first, last string
			err := r.Scan(&id, &first, &last)
			names[db.FormatID(id)] = strings.TrimSpace(first + " " + last)
			return err
		}, `SELECT id, first_name, last_name FROM users WHERE id IN (`+db.Params(1, len(part))+`)`, db.Args(part)...)
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

// value is a value of a dimension, by its number, as the answer holds it.
func (r *result) value(dimension, number int) any {
	d, k := r.dims[dimension], r.values[dimension].all[number]
	switch {
	case k.none:
		return nil
	case d.spelling != "":
		return r.values[dimension].spellings[number].best()
	}
	switch d.kind {
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

// texts are how the ids of a dimension are shown.
func (r *result) texts(dimension int) map[string]string {
	switch r.dims[dimension].kind {
	case ofOwner:
		return r.owners
	case ofBulk:
		return r.bulkInvites
	}
	return nil
}
