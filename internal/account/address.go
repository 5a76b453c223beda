package account

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
)

// Address is one of a user's addresses.
type Address struct {
	Email string // as it was written
	Key   string // as addresses are compared; names the address in the methods here
	// VerifiedAt is zero until the user has proven that the mailbox is theirs.
	VerifiedAt time.Time
	Primary    bool
	CreatedAt  time.Time
}

// maxAddresses is how many addresses one user may have.
const maxAddresses = 10

// Addresses is the user's addresses, the primary one first, then the oldest.
func (a *Accounts) Addresses(ctx context.Context, userID int64) (all []Address, err error) {
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = addresses(ctx, tx, userID)
		return err
	})
	return all, err
}

func addresses(ctx context.Context, tx *db.Tx, userID int64) (all []Address, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var x Address
		var verified, created int64
		err := r.Scan(&x.Email, &x.Key, &verified, &x.Primary, &created)
		x.VerifiedAt, x.CreatedAt = db.Time(verified), db.Time(created)
		all = append(all, x)
		return err
	}, `SELECT email, email_key, verified_at, is_primary, created_at FROM user_addresses
		WHERE user_id = $1 ORDER BY is_primary DESC, created_at, email_key`, userID)
	return all, err
}

// AddAddress gives the user a further address, which counts for nothing until the link that
// is mailed to it is used by this same user. Whether another user has the address is not
// told here: who can read that mailbox learns it with VerifyAddress.
func (a *Accounts) AddAddress(ctx context.Context, u User, email string, c Client) error {
	addr, err := parseEmail("email", email)
	if err != nil {
		return err
	}
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		if err := a.takeLink(ctx, tx, addr.Key, c); err != nil {
			return err
		}
		has, err := addresses(ctx, tx, u.ID)
		if err != nil {
			return err
		}
		if x, ok := find(has, addr.Key); ok && !x.VerifiedAt.IsZero() {
			return fault.Conflict{Message: "this address is yours already"}
		} else if !ok && len(has) >= maxAddresses {
			return fault.Conflict{Message: "you have ten addresses, which is the most; remove one first"}
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO user_addresses (user_id, email, email_key, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (user_id, email_key) DO NOTHING`, u.ID, addr.Written, addr.Key, db.Millis(a.Now()))
		if err != nil {
			return err
		}
		l := Link{Purpose: VerifyLink, UserID: u.ID, Email: addr.Written, key: addr.Key}
		if err := a.mailLink(ctx, tx, l); err != nil {
			return err
		}
		return a.record(ctx, tx, u.Actor(), "user.address_added", u.ID, nil)
	})
}

// VerifyAddress uses a verification link. Only the user who added the address can: somebody
// else who was sent the link must not end up with a mailbox in a stranger's account. It is
// fault.Conflict where another user has verified the address.
func (a *Accounts) VerifyAddress(ctx context.Context, u User, token string) error {
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		if err := gate.LockAddresses(ctx, tx, true); err != nil {
			return err
		}
		l, err := a.claim(ctx, tx, token, VerifyLink)
		if err != nil {
			return err
		}
		if l.UserID != u.ID {
			return fault.Forbidden{Needs: "to be signed in as the user who added the address"}
		}
		_, err = Owner(ctx, tx, l.key)
		if err == nil {
			return fault.Conflict{Message: "this address belongs to another account; sign in there with it"}
		}
		if !errors.Is(err, fault.ErrNotFound) {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE user_addresses SET verified_at = $3 WHERE user_id = $1 AND email_key = $2`, u.ID, l.key, db.Millis(a.Now()))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrLinkExpired // the address was removed meanwhile
		}
		if err := gate.RecomputeUser(ctx, tx, u.ID); err != nil {
			return err
		}
		return a.record(ctx, tx, u.Actor(), "user.address_verified", u.ID, nil)
	})
}

// RemoveAddress takes an address away, and with it the link to contacts who have it. The
// last verified address stays. Where the primary address goes, the oldest verified one that
// is left takes its place.
func (a *Accounts) RemoveAddress(ctx context.Context, u User, key string) error {
	return a.changeAddress(ctx, u, key, "user.address_removed", func(tx *db.Tx, all []Address, x Address) error {
		next := ""
		for _, other := range all {
			if next == "" && other.Key != key && !other.VerifiedAt.IsZero() {
				next = other.Key
			}
		}
		if next == "" && !x.VerifiedAt.IsZero() {
			return fault.Conflict{Message: "this is your only verified address; verify another one first"}
		}
		if _, err := tx.Exec(ctx, `DELETE FROM user_addresses WHERE user_id = $1 AND email_key = $2`, u.ID, key); err != nil {
			return err
		}
		if x.Primary {
			if err := setPrimary(ctx, tx, u.ID, next); err != nil {
				return err
			}
		}
		return gate.RecomputeUser(ctx, tx, u.ID, key)
	})
}

// MakePrimary makes a verified address the one that Beckon writes to.
func (a *Accounts) MakePrimary(ctx context.Context, u User, key string) error {
	return a.changeAddress(ctx, u, key, "user.address_primary", func(tx *db.Tx, _ []Address, x Address) error {
		if x.VerifiedAt.IsZero() {
			return fault.Conflict{Message: "this address is not verified yet; open the link that was mailed to it"}
		}
		return setPrimary(ctx, tx, u.ID, key)
	})
}

// changeAddress runs a change of one of the user's addresses, one at a time.
func (a *Accounts) changeAddress(ctx context.Context, u User, key, action string, change func(*db.Tx, []Address, Address) error) error {
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		if err := gate.LockAddresses(ctx, tx, true); err != nil {
			return err
		}
		all, err := addresses(ctx, tx, u.ID)
		if err != nil {
			return err
		}
		x, ok := find(all, key)
		if !ok {
			return fault.NotFound("address")
		}
		if err := change(tx, all, x); err != nil {
			return err
		}
		return a.record(ctx, tx, u.Actor(), action, u.ID, nil)
	})
}

func setPrimary(ctx context.Context, tx *db.Tx, userID int64, key string) error {
	_, err := tx.Exec(ctx, `
		UPDATE user_addresses SET is_primary = CASE WHEN email_key = $2 THEN 1 ELSE 0 END WHERE user_id = $1`, userID, key)
	return err
}

func find(all []Address, key string) (Address, bool) {
	for _, x := range all {
		if x.Key == key {
			return x, true
		}
	}
	return Address{}, false
}
