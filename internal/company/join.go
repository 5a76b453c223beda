package company

import (
	"context"
	"errors"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
)

func isNotFound(err error) bool { return errors.Is(err, fault.ErrNotFound) }

// Join asks a company to accept a user as its recruiter. The membership is pending until an
// admin decides, but approved at once for who has a verified address at the company's
// domain, where the company allows it, or where it has no member who could decide: then
// the person becomes its admin. It replaces a request that waits at another company.
// Asking again changes nothing. Who belongs to another company gets fault.Conflict; who has
// no verified address, a *gate.Refusal.
func (c *Companies) Join(ctx context.Context, userID, companyID int64) (m Membership, err error) {
	err = c.change(ctx, func(tx *db.Tx) error {
		p, err := proven(ctx, tx, userID)
		if err != nil {
			return err
		}
		co, err := load(ctx, tx, companyID)
		if err != nil {
			return err
		}
		m, err = current(ctx, tx, userID)
		if err != nil || m.CompanyID == companyID && m.State != Declined {
			return err
		}
		if err := c.leaveOthers(ctx, tx, p.actor, userID, companyID); err != nil {
			return err
		}
		m = Membership{UserID: userID, CompanyID: companyID, Company: co.Name, State: Pending, Role: Recruiter, RequestedAt: c.Now()}
		members, _, err := count(ctx, tx, companyID)
		if err != nil {
			return err
		}
		switch {
		case p.isAt(co) && members == 0:
			m.State, m.Role = Approved, Admin
		case p.isAt(co) && co.AutoJoin:
			m.State = Approved
		}
		if m.State == Approved {
			return c.put(ctx, tx, p.actor, "membership.approved", &m)
		}
		if err := c.put(ctx, tx, p.actor, "membership.requested", &m); err != nil {
			return err
		}
		return c.tellAdmins(ctx, tx, m, 0, "")
	})
	return m, err
}

// leaveOthers makes room for a membership at one company: a request that waits elsewhere
// is withdrawn, an approved membership elsewhere stands in the way.
func (c *Companies) leaveOthers(ctx context.Context, tx *db.Tx, by audit.Actor, userID, companyID int64) error {
	m, err := current(ctx, tx, userID)
	if err != nil || m.CompanyID == companyID {
		return err
	}
	switch m.State {
	case Approved:
		who := "the person belongs to "
		if by.Kind == audit.User && by.ID == userID {
			who = "you belong to "
		}
		return fault.Conflict{Message: who + m.Company + "; leave it first", ExistingID: m.CompanyID}
	case Pending:
		m.State = Left
		return c.put(ctx, tx, by, "membership.left", &m)
	}
	return nil
}

// Leave ends a user's approved membership, or withdraws the pending one. The only admin
// stays while there are other members.
func (c *Companies) Leave(ctx context.Context, userID int64) error {
	return c.change(ctx, func(tx *db.Tx) error {
		by, err := Actor(ctx, tx, userID)
		if err != nil {
			return err
		}
		m, err := current(ctx, tx, userID)
		if err != nil {
			return err
		}
		if m.State != Approved && m.State != Pending {
			return fault.NotFound("membership")
		}
		return c.end(ctx, tx, by, m, "membership.left")
	})
}

// end makes a membership left, unless it is the one that the others cannot do without.
func (c *Companies) end(ctx context.Context, tx *db.Tx, by audit.Actor, m Membership, action string) error {
	members, admins, err := count(ctx, tx, m.CompanyID)
	if err != nil {
		return err
	}
	if m.State == Approved && m.Role == Admin && admins == 1 && members > 1 {
		return errLastAdmin
	}
	m.State, m.Role = Left, Recruiter
	return c.put(ctx, tx, by, action, &m)
}

var errLastAdmin = fault.Conflict{Message: "this is the company's only admin; make somebody else an admin first"}

// count counts a company's approved memberships, and the admins among them.
func count(ctx context.Context, tx *db.Tx, companyID int64) (members, admins int, err error) {
	err = tx.QueryRow(ctx, `
		SELECT COUNT(*), COALESCE(SUM(CASE WHEN role = 'admin' THEN 1 ELSE 0 END), 0) FROM memberships
		WHERE company_id = $1 AND state = 'approved'`, companyID).Scan(&members, &admins)
	return members, admins, err
}
