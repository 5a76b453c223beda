package invite

import (
	"context"
	"database/sql"
	"time"

	"beckon/internal/address"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// Suppression is an address that the institution must not mail.
type Suppression struct {
	// Key is the address in its normalised form.
	Key string
	// Reason is bounced, complained, unsubscribed or manual; Detail what a mail server said.
	Reason, Detail string
	At             time.Time
	// ContactID is the contact with the address, 0 if there is none any more.
	ContactID int64
}

// Suppressions is part of the institution's suppressed addresses in their order: up to limit
// of those behind the address after, whose address contains q, and how many there are in all.
func (in *Invites) Suppressions(ctx context.Context, s institution.Scope, q, after string, limit int) (all []Suppression, total int, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, 0, err
	}
	const where = ` FROM suppressions p WHERE p.institution_id = $1 AND p.email_key LIKE LOWER($2) ESCAPE '\'`
	args := []any{s.ID(), containing(q)}
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT COUNT(*)`+where, args...).Scan(&total); err != nil {
			return err
		}
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var p Suppression
			var at int64
			err := r.Scan(&p.Key, &p.Reason, &p.Detail, &at, &p.ContactID)
			p.At = db.Time(at)
			all = append(all, p)
			return err
		}, `SELECT p.email_key, p.reason, p.detail, p.created_at,
			COALESCE((SELECT c.id FROM contacts c WHERE c.institution_id = p.institution_id AND c.email_key = p.email_key), 0)`+
			where+` AND p.email_key > $3 ORDER BY p.email_key LIMIT $4`, append(args, after, limit)...)
	})
	return all, total, err
}

// Suppress keeps an address from being mailed by the institution because somebody there says
// so; invites that have not gone skip it. fault.Conflict where it is suppressed already. What
// is recorded names the contact, never the address.
func (in *Invites) Suppress(ctx context.Context, s institution.Scope, email string) error {
	if err := s.Require(institution.Contacts); err != nil {
		return err
	}
	a, err := address.Parse(email)
	if err != nil {
		return fault.Invalid("email", "%s", err)
	}
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
			return err
		}
		var there int
		err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM suppressions WHERE institution_id = $1 AND email_key = $2`, s.ID(), a.Key).Scan(&there)
		if err != nil {
			return err
		}
		if there > 0 {
			return fault.Conflict{Message: "this address is suppressed already; search it in the list"}
		}
		if err := suppress(ctx, tx, s, in.Now(), a.Key, "manual", ""); err != nil {
			return err
		}
		return s.Record(ctx, tx, in.Now(), "suppression.added", "contact", contactOf(ctx, tx, s.ID(), a.Key), map[string]any{"reason": "manual"})
	})
}

// Lift lets the institution mail an address again; fault.ErrNotFound where it is not
// suppressed. What is recorded names the contact, never the address.
func (in *Invites) Lift(ctx context.Context, s institution.Scope, emailKey string) error {
	if err := s.Require(institution.Contacts); err != nil {
		return err
	}
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
			return err
		}
		var reason string
		err := tx.QueryRow(ctx, `DELETE FROM suppressions WHERE institution_id = $1 AND email_key = $2 RETURNING reason`, s.ID(), emailKey).Scan(&reason)
		if db.IsNoRows(err) {
			return fault.NotFound("suppressed address")
		}
		if err != nil {
			return err
		}
		return s.Record(ctx, tx, in.Now(), "suppression.lifted", "contact", contactOf(ctx, tx, s.ID(), emailKey), map[string]any{"reason": reason})
	})
}

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
