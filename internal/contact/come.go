package contact

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"beckon/internal/address"
	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// Come makes a user a contact of an institution because of what the user did there, which
// source tells. Whoever is in the book already, archived or not, by any verified address or
// as another address of a contact, stays as they are; somebody who was deleted comes back.
// It belongs to the act's transaction, after the gate let the act through: it takes
// gate.LockAddresses and gate.Lock, so it is called before rows are locked, and for several
// institutions in the order of their ids. A caller that holds gate.Lock took
// gate.LockAddresses before it. A person whom the book cannot hold, say for want of a name,
// is left out, and the act goes on.
func (b *Book) Come(ctx context.Context, tx *db.Tx, institutionID, userID int64, source string) error {
	there, err := isThere(ctx, tx, institutionID, userID)
	if err != nil || there {
		return err
	}
	if err := gate.LockAddresses(ctx, tx, false); err != nil {
		return err
	}
	if _, err := gate.Lock(ctx, tx, institutionID, 0); err != nil {
		return err
	}
	// Another act of the same person may have come first while this one waited.
	there, err = isThere(ctx, tx, institutionID, userID)
	if err != nil || there {
		return err
	}
	n, by, err := newcomer(ctx, tx, userID)
	if err != nil {
		return err
	}
	n.Source = source
	_, err = b.AddIn(ctx, tx, institution.Resume(institutionID, by), n)
	var unfit fault.Fields // found before anything was written
	if errors.As(err, &unfit) {
		return nil
	}
	return err
}

// newcomer is a user as a contact, and as who does what makes one.
func newcomer(ctx context.Context, tx *db.Tx, userID int64) (n New, by audit.Actor, err error) {
	err = tx.QueryRow(ctx, `
		SELECT COALESCE((SELECT a.email FROM user_addresses a WHERE a.user_id = u.id AND a.verified_at > 0
				ORDER BY a.is_primary DESC, a.email_key LIMIT 1), ''), u.first_name, u.last_name,
			COALESCE((SELECT k.name FROM memberships m JOIN companies k ON k.id = m.company_id WHERE m.user_id = u.id AND m.state = 'approved'), '')
		FROM users u WHERE u.id = $1`, userID).Scan(&n.Email, &n.FirstName, &n.LastName, &n.CompanyName)
	if err != nil {
		return New{}, audit.Actor{}, fmt.Errorf("read a user as a contact: %w", err)
	}
	return n, audit.Actor{Kind: audit.User, ID: userID, Name: n.FirstName + " " + n.LastName}, nil
}

// isThere tells whether one of a user's verified addresses is a contact's, be it the one
// that the contact is known by or another that is kept.
func isThere(ctx context.Context, tx *db.Tx, institutionID, userID int64) (bool, error) {
	var mine []string
	held := false
	err := tx.Rows(ctx, func(r *sql.Rows) error {
		var key string
		var n int
		err := r.Scan(&key, &n)
		mine, held = append(mine, key), held || n > 0
		return err
	}, `SELECT a.email_key, (SELECT COUNT(*) FROM contacts c WHERE c.institution_id = $1 AND c.email_key = a.email_key)
		FROM user_addresses a WHERE a.user_id = $2 AND a.verified_at > 0`, institutionID, userID)
	if err != nil {
		return false, fmt.Errorf("look for a user among the contacts: %w", err)
	}
	for i := 0; i < len(mine) && !held && err == nil; i++ {
		held, err = isKept(ctx, tx, institutionID, mine[i])
	}
	return held, err
}

// isKept tells whether an address is among the further ones of a contact. These are kept as
// they were written, so the pattern only narrows, by what stands before the @ and is ASCII.
func isKept(ctx context.Context, tx *db.Tx, institutionID int64, key string) (kept bool, err error) {
	local, _, _ := strings.Cut(key, "@")
	if i := strings.IndexFunc(local, func(r rune) bool { return r > '~' }); i >= 0 {
		local = local[:i]
	}
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var others string
		err := r.Scan(&others)
		for _, other := range splitEmails(others) {
			a, bad := address.Parse(other)
			kept = kept || bad == nil && a.Key == key
		}
		return err
	}, `SELECT other_emails FROM contacts WHERE institution_id = $1 AND other_emails <> '' AND LOWER(other_emails) LIKE $2 ESCAPE '\'`,
		institutionID, "%"+db.Like(local)+"%")
	if err != nil {
		return false, fmt.Errorf("look through further addresses: %w", err)
	}
	return kept, nil
}
