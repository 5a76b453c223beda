package transfer

import (
	"context"
	"database/sql"
	"time"

	"beckon/internal/act"
	"beckon/internal/db"
	"beckon/internal/institution"
)

// keepFor is how long an upload waits for a person.
const keepFor = 24 * time.Hour

// part is what one transaction removes: few enough rows that nobody waits for it.
const (
	partPieces = 16
	partRows   = 5000
)

func removePieces(ctx context.Context, tx *db.Tx, id int64) (left bool, err error) {
	n, err := tx.Exec(ctx, `DELETE FROM import_pieces WHERE import_id = $1 AND n IN
		(SELECT n FROM import_pieces WHERE import_id = $1 ORDER BY n LIMIT $2)`, id, partPieces)
	return n == partPieces, err
}

func removeSeen(ctx context.Context, tx *db.Tx, id int64) (left bool, err error) {
	n, err := tx.Exec(ctx, `DELETE FROM import_seen WHERE import_id = $1 AND email_key IN
		(SELECT email_key FROM import_seen WHERE import_id = $1 ORDER BY email_key LIMIT $2)`, id, partRows)
	return n == partRows, err
}

func removeRejects(ctx context.Context, tx *db.Tx, id int64) (left bool, err error) {
	n, err := tx.Exec(ctx, `DELETE FROM import_rejects WHERE import_id = $1 AND row_number IN
		(SELECT row_number FROM import_rejects WHERE import_id = $1 ORDER BY row_number LIMIT $2)`, id, partRows)
	return n == partRows, err
}

// removeResults removes a part of what a run has left behind.
func removeResults(ctx context.Context, tx *db.Tx, id int64) (left bool, err error) {
	if left, err = removeSeen(ctx, tx, id); left || err != nil {
		return left, err
	}
	return removeRejects(ctx, tx, id)
}

// whole calls a function that removes a part, each time in a transaction of its own, until
// nothing is left.
func (m *Imports) whole(ctx context.Context, id int64, remove func(context.Context, *db.Tx, int64) (bool, error)) error {
	for left := true; left; {
		err := m.DB.Write(ctx, func(tx *db.Tx) (err error) {
			left, err = remove(ctx, tx, id)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// remove takes back an import that has written nothing.
func (m *Imports) remove(ctx context.Context, id int64) error {
	if err := m.whole(ctx, id, removePieces); err != nil {
		return err
	}
	if err := m.whole(ctx, id, removeResults); err != nil {
		return err
	}
	return m.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM acts WHERE id = $1 AND state = 'absent'`, id)
		return err
	})
}

// Sweep removes uploads that were left waiting for a day, and what imports that are over
// have left behind; one that failed half-way is recorded then. It is to be called every
// hour or so, by one process or by several.
func (m *Imports) Sweep(ctx context.Context) error {
	old := db.Millis(m.Now().Add(-keepFor))
	err := m.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE acts SET state = 'absent' WHERE kind = $2 AND state = 'waiting' AND created_at < $1`, old, m.kind())
		return err
	})
	if err != nil {
		return err
	}
	left, err := m.ids(ctx, `SELECT id FROM acts WHERE kind = $2 AND state = 'absent' AND created_at < $1`, old, m.kind())
	if err != nil {
		return err
	}
	for _, id := range left {
		if err := m.remove(ctx, id); err != nil {
			return err
		}
	}
	over, err := m.ids(ctx, `
		SELECT i.id FROM imports i JOIN acts a ON a.id = i.id
		WHERE a.kind = $2 AND a.state IN ('done', 'failed', 'stopped') AND (i.dry_run = 0 OR a.created_at < $1)
			AND (EXISTS (SELECT 1 FROM import_pieces p WHERE p.import_id = i.id) OR EXISTS (SELECT 1 FROM import_seen s WHERE s.import_id = i.id))`, old, m.kind())
	if err != nil {
		return err
	}
	for _, id := range over {
		if err := m.clear(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (m *Imports) ids(ctx context.Context, query string, args ...any) (ids []int64, err error) {
	err = m.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var id int64
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		}, query, args...)
	})
	return ids, err
}

// clear removes the file of an import that is over, and what it has seen.
func (m *Imports) clear(ctx context.Context, id int64) error {
	over := false
	err := m.DB.Write(ctx, func(tx *db.Tx) error {
		var institutionID int64
		err := tx.QueryRow(ctx, `
			UPDATE acts SET stop = 1 WHERE id = $1 AND state IN ('done', 'failed', 'stopped') RETURNING institution_id`, id).Scan(&institutionID)
		if db.IsNoRows(err) {
			return nil // it was started again
		}
		if err != nil {
			return err
		}
		over = true
		if err := m.recordFailed(ctx, tx, institutionID, id); err != nil {
			return err
		}
		_, err = removePieces(ctx, tx, id)
		return err
	})
	if err != nil || !over {
		return err
	}
	if err := m.whole(ctx, id, removePieces); err != nil {
		return err
	}
	return m.whole(ctx, id, removeSeen)
}

// recordFailed writes the audit event of an import that failed half-way, once: while its
// file is whole.
func (m *Imports) recordFailed(ctx context.Context, tx *db.Tx, institutionID, id int64) error {
	i, err := m.load(ctx, tx, institutionID, id)
	if err != nil || i.State != act.Failed || i.DryRun || i.Rows == 0 {
		return err
	}
	kept, err := filed(ctx, tx, id)
	if err != nil || !kept {
		return err
	}
	return m.record(ctx, tx, institution.Resume(institutionID, i.Actor), i, true)
}

// filed tells whether the file of an import is kept. Its first piece is removed first.
func filed(ctx context.Context, tx *db.Tx, id int64) (kept bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM import_pieces WHERE import_id = $1 AND n = 0)`, id).Scan(&kept)
	return kept, err
}
