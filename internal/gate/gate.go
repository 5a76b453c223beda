// Package gate answers one question: may this user recruit at this institution? Every act
// that it guards (posting a job, requesting an interview, messaging students) asks Check,
// by screen and by API alike. The same rule, told for many people at once, is a contact's
// standing; Recompute keeps it current.
package gate

import (
	"context"
	"fmt"

	"beckon/internal/db"
)

// What may be missing, in the order in which it is named.
const (
	VerifiedAddress = "verified_address"
	Membership      = "membership"
	Blocked         = "blocked"
	Connection      = "connection"
)

// Refusal says that a user may not recruit at an institution, and the first thing missing.
type Refusal struct {
	Missing       string
	InstitutionID int64
	Institution   string
	// CompanyID is the user's company, 0 without an approved membership.
	CompanyID int64
	// State is the connection's state: none, requested, approved, declined, blocked.
	State string
}

// Error says in one sentence what is missing and what to do about it.
func (r *Refusal) Error() string {
	switch r.Missing {
	case VerifiedAddress:
		return "your e-mail address is not verified yet: open the link that was mailed to you"
	case Membership:
		return "no company has approved you as its recruiter yet: join or create your company"
	case Blocked:
		return fmt.Sprintf("%s has blocked your company: only its career centre can lift that", r.Institution)
	}
	switch r.State {
	case "requested":
		return fmt.Sprintf("%s has not decided about your company yet", r.Institution)
	case "declined":
		return fmt.Sprintf("%s has declined your company: you may ask again", r.Institution)
	}
	return fmt.Sprintf("your company is not connected with %s: ask to recruit there", r.Institution)
}

// Pass is what the gate knows about a user who may recruit.
type Pass struct {
	CompanyID int64
	Role      string
}

// Check answers a Pass if the user may recruit at the institution now, and a *Refusal if
// not. An act that follows from it calls Hold before. It reads the facts themselves, never a stored standing. An institution that does
// not exist is a Refusal with an empty name.
func Check(ctx context.Context, tx *db.Tx, userID, institutionID int64) (Pass, error) {
	r := &Refusal{InstitutionID: institutionID, State: "none"}
	var verified int
	var p Pass
	err := tx.QueryRow(ctx, `
		SELECT
			(SELECT COUNT(*) FROM user_addresses a WHERE a.user_id = $1 AND a.verified_at > 0),
			COALESCE((SELECT i.name FROM institutions i WHERE i.id = $2), ''),
			COALESCE(m.company_id, 0), COALESCE(m.role, ''), COALESCE(c.state, 'none')
		FROM (SELECT 1 AS one) AS base
		LEFT JOIN memberships m ON m.user_id = $1 AND m.state = 'approved'
		LEFT JOIN connections c ON c.company_id = m.company_id AND c.institution_id = $2`,
		userID, institutionID).Scan(&verified, &r.Institution, &p.CompanyID, &p.Role, &r.State)
	if err != nil {
		return Pass{}, fmt.Errorf("check the gate: %w", err)
	}
	r.CompanyID = p.CompanyID
	switch {
	case verified == 0:
		r.Missing = VerifiedAddress
	case p.CompanyID == 0:
		r.Missing = Membership
	case r.State == "blocked":
		r.Missing = Blocked
	case r.State != "approved":
		r.Missing = Connection
	default:
		return p, nil
	}
	return Pass{}, r
}
