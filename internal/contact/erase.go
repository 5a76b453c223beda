package contact

import (
	"context"
	"database/sql"
	"fmt"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// Delete erases a contact: its entry, its labels, its standing and its address in the
// directory and in the invites it had, whose states stay for the counts. What the audit
// keeps makes nobody out. A suppression of the address stays: it must not be mailed again
// when somebody adds it anew.
func (b *Book) Delete(ctx context.Context, s institution.Scope, id int64) error {
	if err := s.Require(institution.Contacts); err != nil {
		return err
	}
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
			return err
		}
		n, err := erase(ctx, tx, s.ID(), []int64{id})
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFound(notFoundInTheBook)
		}
		return s.Record(ctx, tx, b.Now(), "contact.deleted", "contact", id, nil)
	})
}

// erase deletes contacts and answers how many there were. The caller holds gate.Lock.
func erase(ctx context.Context, tx *db.Tx, institutionID int64, ids []int64) (n int, err error) {
	mine := `IN ` + elements(tx.Engine(), `$2`)
	args := []any{institutionID, idArray(institutionID, ids)}
	lost := map[int64]int{}
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var label int64
		var count int
		err := r.Scan(&label, &count)
		lost[label] = -count
		return err
	}, `SELECT label_id, COUNT(*) FROM contact_labels WHERE institution_id = $1 AND contact_id `+mine+` GROUP BY label_id`, args...)
	if err != nil {
		return 0, fmt.Errorf("count the labels of erased contacts: %w", err)
	}
	if err := recount(ctx, tx, institutionID, lost); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `UPDATE invites SET email = '' WHERE institution_id = $1 AND contact_id `+mine, args...); err != nil {
		return 0, fmt.Errorf("erase addresses from invites: %w", err)
	}
	var keys []string
	err = tx.Rows(ctx, func(r *sql.Rows) error { // labels and standing go with the row
		var key string
		err := r.Scan(&key)
		keys = append(keys, key)
		return err
	}, `DELETE FROM contacts WHERE institution_id = $1 AND id `+mine+` RETURNING email_key`, args...)
	if err != nil {
		return 0, fmt.Errorf("erase contacts: %w", err)
	}
	for from := 0; from < len(keys); from += idsPerStatement {
		if err := leaveDirectory(ctx, tx, institutionID, keys[from:min(from+idsPerStatement, len(keys))]); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}
