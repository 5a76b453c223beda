package invite

import (
	"context"
	"database/sql"

	"beckon/internal/db"
)

// pickedRow is an invite that a statement is about to change.
type pickedRow struct {
	id, contact int64
	state       State
}

func pickRows(ctx context.Context, tx *db.Tx, query string, args ...any) (rows []pickedRow, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var p pickedRow
		err := r.Scan(&p.id, &p.contact, &p.state)
		rows = append(rows, p)
		return err
	}, query, args...)
	return rows, err
}

// lockRows ends a SELECT of rows to be changed: on PostgreSQL rows that another process is
// busy with are passed over; SQLite has one writer.
func lockRows(tx *db.Tx) string {
	if tx.Engine() == db.Postgres {
		return ` FOR UPDATE SKIP LOCKED`
	}
	return ``
}
