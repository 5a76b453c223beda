package gate

import (
	"context"
	"slices"

	"beckon/internal/db"
	"beckon/internal/fault"
)

// Lock makes the transaction wait for, and then hold, the institution's place in line.
// Every transaction that changes an address book or a connection calls it first (several
// institutions: in id order), so that PostgreSQL behaves as SQLite does. It answers the
// first of newContacts ids reserved for new contacts.
func Lock(ctx context.Context, tx *db.Tx, institutionID int64, newContacts int) (firstID int64, err error) {
	var last int64
	err = tx.QueryRow(ctx, `
		UPDATE institutions SET revision = revision + 1, contact_seq = contact_seq + $2
		WHERE id = $1 RETURNING contact_seq`, institutionID, newContacts).Scan(&last)
	if db.IsNoRows(err) {
		return 0, fault.NotFound("institution")
	}
	if err != nil {
		return 0, err
	}
	return institutionID<<32 | (last - int64(newContacts) + 1), nil
}

// Locks locks several institutions in the order that keeps transactions from waiting for
// each other in a circle.
func Locks(ctx context.Context, tx *db.Tx, ids []int64) error {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	for _, id := range ids {
		if _, err := Lock(ctx, tx, id, 0); err != nil {
			return err
		}
	}
	return nil
}

// Hold makes what Check answers about these institutions hold to the end of the transaction:
// whoever blocks a company, takes a person out of it or takes an address away comes before,
// and is seen, or waits. Every act that the gate guards calls it before it asks Check, so
// that nothing goes through any more once a block is answered. It takes LockAddresses
// (shared) and Locks, so it comes before rows are locked.
func Hold(ctx context.Context, tx *db.Tx, institutions ...int64) error {
	if err := LockAddresses(ctx, tx, false); err != nil {
		return err
	}
	return Locks(ctx, tx, institutions)
}

// LockAddresses keeps the linking of contacts and users whole. Whoever adds contacts takes
// it shared; whoever changes a user's addresses or membership takes it alone (RecomputeUser
// does), so that neither misses what the other has not committed yet. It comes before Lock.
// SQLite has one writer and needs nothing.
func LockAddresses(ctx context.Context, tx *db.Tx, alone bool) error {
	if tx.Engine() != db.Postgres {
		return nil
	}
	query := `SELECT pg_advisory_xact_lock_shared(4711)`
	if alone {
		query = `SELECT pg_advisory_xact_lock(4711)`
	}
	_, err := tx.Exec(ctx, query)
	return err
}
