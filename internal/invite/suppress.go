package invite

import (
	"context"
	"time"

	"beckon/internal/address"
	"beckon/internal/db"
	"beckon/internal/institution"
)

// suppress keeps an address from being mailed by the institution. The first reason stays.
func suppress(ctx context.Context, tx *db.Tx, s institution.Scope, now time.Time, emailKey, reason, detail string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO suppressions (institution_id, email_key, reason, detail, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (institution_id, email_key) DO NOTHING`, s.ID(), emailKey, reason, detail, db.Millis(now))
	return err
}

// contactOf is the contact with an address, 0 if there is none.
func contactOf(ctx context.Context, tx *db.Tx, institutionID int64, emailKey string) (id int64) {
	_ = tx.QueryRow(ctx, `SELECT COALESCE(MAX(id), 0) FROM contacts WHERE institution_id = $1 AND email_key = $2`, institutionID, emailKey).Scan(&id)
	return id
}

// addressKey is the normalised form of an address that was stored as valid.
func addressKey(email string) string {
	a, err := address.Parse(email)
	if err != nil {
		return email
	}
	return a.Key
}
