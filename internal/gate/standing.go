package gate

import (
	"context"
	"database/sql"
	"fmt"

	"beckon/internal/address"
	"beckon/internal/db"
)

// Standing is where a contact stands on the way to recruiting at the institution.
type Standing int

// The standings, as stored.
const (
	IsContact  Standing = 0 // no user has this address
	IsUser     Standing = 1 // an account, no approved membership
	IsMember   Standing = 2 // approved membership, company not approved here
	IsApproved Standing = 3 // may recruit here
	IsBlocked  Standing = 4 // approved membership, company blocked here
)

var standingNames = []string{"contact", "user", "member", "approved", "blocked"}

func (s Standing) String() string { return standingNames[s] }

// Standings lists the names in their order.
func Standings() []string { return standingNames }

// ParseStanding is the reverse of String.
func ParseStanding(name string) (Standing, bool) {
	for i, n := range standingNames {
		if n == name {
			return Standing(i), true
		}
	}
	return 0, false
}

// facts is the rule for many at once: for contacts c, the user, company and standing that
// hold now. It is the only place that says what a standing is.
const facts = `
	SELECT c.institution_id, c.id AS contact_id, COALESCE(a.user_id, 0) AS user_id, COALESCE(m.company_id, 0) AS company_id,
		CASE WHEN a.user_id IS NULL THEN 0
			WHEN m.company_id IS NULL THEN 1
			WHEN k.state = 'approved' THEN 3
			WHEN k.state = 'blocked' THEN 4
			ELSE 2 END AS standing
	FROM contacts c
	LEFT JOIN user_addresses a ON a.email_key = c.email_key AND a.verified_at > 0
	LEFT JOIN memberships m ON m.user_id = a.user_id AND m.state = 'approved'
	LEFT JOIN connections k ON k.institution_id = c.institution_id AND k.company_id = m.company_id`

// recompute stores the facts of the contacts that where picks, writing only what changed.
// Who stands approved by that has arrived, perhaps by way of an invite.
func recompute(ctx context.Context, tx *db.Tx, where string, args ...any) error {
	var arrived []any
	err := tx.Rows(ctx, func(r *sql.Rows) error {
		var standing Standing
		var invite int64
		err := r.Scan(&standing, &invite)
		if standing == IsApproved && invite > 0 {
			arrived = append(arrived, invite)
		}
		return err
	}, `
		UPDATE contact_standing SET user_id = f.user_id, company_id = f.company_id, standing = f.standing
		FROM (`+facts+` WHERE `+where+`) AS f
		WHERE contact_standing.institution_id = f.institution_id AND contact_standing.contact_id = f.contact_id
			AND (contact_standing.user_id <> f.user_id OR contact_standing.company_id <> f.company_id OR contact_standing.standing <> f.standing)
		RETURNING contact_standing.standing, contact_standing.invite_id`, args...)
	if err != nil {
		return fmt.Errorf("recompute standing: %w", err)
	}
	return arrive(ctx, tx, arrived)
}

// arrive notes on invites that a mail server took, and on their bulk invites' counts, that
// the contact is approved. It stands here because whatever approves somebody passes here.
func arrive(ctx context.Context, tx *db.Tx, invites []any) error {
	const most = 500
	counts := map[int64]int{}
	for len(invites) > 0 {
		part := invites[:min(most, len(invites))]
		invites = invites[len(part):]
		err := tx.Rows(ctx, func(r *sql.Rows) error {
			var bulk int64
			err := r.Scan(&bulk)
			counts[bulk]++
			return err
		}, `UPDATE invites SET approved_at = $1 WHERE approved_at = 0 AND sent_at > 0 AND id IN (`+db.Params(2, len(part))+`) RETURNING bulk_invite_id`,
			append([]any{db.Millis(tx.Now())}, part...)...)
		if err != nil {
			return fmt.Errorf("note arrivals: %w", err)
		}
	}
	for bulk, n := range counts {
		if _, err := tx.Exec(ctx, `UPDATE bulk_invites SET approved = approved + $2 WHERE id = $1`, bulk, n); err != nil {
			return fmt.Errorf("count arrivals: %w", err)
		}
	}
	return nil
}

// RecomputeNew stores the standing of contacts that were just added, or whose address
// changed. The caller holds Lock and LockAddresses.
func RecomputeNew(ctx context.Context, tx *db.Tx, institutionID int64, contactIDs []int64) error {
	const most = 1000
	for len(contactIDs) > 0 {
		part := contactIDs[:min(most, len(contactIDs))]
		contactIDs = contactIDs[len(part):]
		args := append([]any{institutionID}, db.Args(part)...)
		if err := recompute(ctx, tx, `c.institution_id = $1 AND c.id IN (`+db.Params(2, len(part))+`)`, args...); err != nil {
			return err
		}
	}
	return nil
}

// RecomputeCompany stores the standing of a company's people at one institution after
// their connection changed. The caller holds Lock.
func RecomputeCompany(ctx context.Context, tx *db.Tx, institutionID, companyID int64) error {
	return recompute(ctx, tx, `c.institution_id = $1 AND c.email_key IN (
		SELECT a2.email_key FROM user_addresses a2 JOIN memberships m2 ON m2.user_id = a2.user_id
		WHERE m2.company_id = $2 AND m2.state = 'approved' AND a2.verified_at > 0)`, institutionID, companyID)
}

// RecomputeUser stores the standing of every contact, at every institution, that has or
// had one of the user's addresses: after a membership changed or an address was verified.
// Addresses that were taken away are named in gone. It waits for whoever adds contacts, and
// locks the institutions that know the addresses, so the caller holds none yet.
func RecomputeUser(ctx context.Context, tx *db.Tx, userID int64, gone ...string) error {
	if err := LockAddresses(ctx, tx, true); err != nil {
		return err
	}
	keys := gone
	err := tx.Rows(ctx, func(r *sql.Rows) error {
		var key string
		err := r.Scan(&key)
		keys = append(keys, key)
		return err
	}, `SELECT email_key FROM user_addresses WHERE user_id = $1`, userID)
	if err != nil || len(keys) == 0 {
		return err
	}
	hashes := make([]any, len(keys))
	for i, key := range keys {
		hashes[i] = address.Hash(key)
	}
	var at []int64
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		at = append(at, id)
		return err
	}, `SELECT DISTINCT institution_id FROM address_directory WHERE address_hash IN (`+db.Params(1, len(hashes))+`)`, hashes...)
	if err != nil {
		return err
	}
	if err := Locks(ctx, tx, at); err != nil {
		return err
	}
	for _, id := range at {
		args := append([]any{id}, db.Args(keys)...)
		if err := recompute(ctx, tx, `c.institution_id = $1 AND c.email_key IN (`+db.Params(2, len(keys))+`)`, args...); err != nil {
			return err
		}
	}
	return nil
}

// Drift counts contacts whose stored standing is not what the facts say. It is zero unless
// something is broken.
func Drift(ctx context.Context, tx *db.Tx) (n int, err error) {
	err = tx.QueryRow(ctx, `
		SELECT COUNT(*) FROM (`+facts+`) AS f
		LEFT JOIN contact_standing s ON s.institution_id = f.institution_id AND s.contact_id = f.contact_id
		WHERE s.contact_id IS NULL OR s.user_id <> f.user_id OR s.company_id <> f.company_id OR s.standing <> f.standing`).Scan(&n)
	return n, err
}
