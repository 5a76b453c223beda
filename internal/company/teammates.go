package company

import (
	"context"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/input"
)

// roleAt is a user's role at a company; fault.ErrNotFound for who has no approved
// membership there, so that a stranger learns nothing about its people.
func roleAt(ctx context.Context, tx *db.Tx, userID, companyID int64) (role string, err error) {
	err = tx.QueryRow(ctx, `
		SELECT role FROM memberships WHERE user_id = $1 AND company_id = $2 AND state = 'approved'`, userID, companyID).Scan(&role)
	if db.IsNoRows(err) {
		err = fault.NotFound("company")
	}
	return role, err
}

func requireAdmin(ctx context.Context, tx *db.Tx, userID, companyID int64) error {
	role, err := roleAt(ctx, tx, userID, companyID)
	if err == nil && role != Admin {
		err = fault.Forbidden{Needs: "the role admin at your company"}
	}
	return err
}

// byAdmin changes a membership in the name of an admin of its company. A membership of
// another company is fault.ErrNotFound.
func (c *Companies) byAdmin(ctx context.Context, adminID, membershipID int64, f func(*db.Tx, audit.Actor, Membership) error) error {
	return c.change(ctx, func(tx *db.Tx) error {
		m, err := loadMembership(ctx, tx, membershipID)
		if err != nil {
			return err
		}
		err = requireAdmin(ctx, tx, adminID, m.CompanyID)
		if isNotFound(err) {
			return fault.NotFound("membership")
		}
		if err != nil {
			return err
		}
		by, err := Actor(ctx, tx, adminID)
		if err != nil {
			return err
		}
		return f(tx, by, m)
	})
}

// Approve accepts a person as a recruiter: one who asked, or was declined before. Who
// belongs to another company meanwhile is fault.Conflict. Approving twice changes nothing.
func (c *Companies) Approve(ctx context.Context, adminID, membershipID int64) error {
	return c.byAdmin(ctx, adminID, membershipID, func(tx *db.Tx, by audit.Actor, m Membership) error {
		switch m.State {
		case Approved:
			return nil
		case Left:
			return fault.Conflict{Message: "the person has withdrawn the request, and would have to ask again"}
		}
		if err := c.leaveOthers(ctx, tx, by, m.UserID, m.CompanyID); err != nil {
			return err
		}
		m.State, m.Reason = Approved, ""
		if err := c.put(ctx, tx, by, "membership.approved", &m); err != nil {
			return err
		}
		return c.tellPerson(ctx, tx, m)
	})
}

// Decline refuses a person who asked. The reason, of at most 1000 characters, is optional;
// the person reads it.
func (c *Companies) Decline(ctx context.Context, adminID, membershipID int64, reason string) error {
	var f input.Form
	reason = f.Lines("reason", reason, 1000)
	if err := f.Err(); err != nil {
		return err
	}
	return c.byAdmin(ctx, adminID, membershipID, func(tx *db.Tx, by audit.Actor, m Membership) error {
		switch m.State {
		case Declined:
			return nil
		case Approved:
			return fault.Conflict{Message: "the person is a recruiter of the company already; remove them instead"}
		case Left:
			return fault.Conflict{Message: "the person has withdrawn the request"}
		}
		m.State, m.Reason = Declined, reason
		if err := c.put(ctx, tx, by, "membership.declined", &m); err != nil {
			return err
		}
		return c.tellPerson(ctx, tx, m)
	})
}

// SetRole makes a teammate an admin or a recruiter. A company keeps one admin.
func (c *Companies) SetRole(ctx context.Context, adminID, membershipID int64, role string) error {
	if role != Admin && role != Recruiter {
		return fault.Invalid("role", "choose admin or recruiter")
	}
	return c.byAdmin(ctx, adminID, membershipID, func(tx *db.Tx, by audit.Actor, m Membership) error {
		if m.State != Approved {
			return fault.Conflict{Message: "only members have a role; accept the person first"}
		}
		_, admins, err := count(ctx, tx, m.CompanyID)
		if err != nil {
			return err
		}
		switch {
		case m.Role == role:
			return nil
		case m.Role == Admin && admins == 1:
			return errLastAdmin
		}
		m.Role = role
		return c.put(ctx, tx, by, "membership.changed", &m)
	})
}

// Remove ends a teammate's membership. A company keeps one admin while it has members.
func (c *Companies) Remove(ctx context.Context, adminID, membershipID int64) error {
	return c.byAdmin(ctx, adminID, membershipID, func(tx *db.Tx, by audit.Actor, m Membership) error {
		if m.State != Approved {
			return fault.Conflict{Message: "the person is no member of the company"}
		}
		return c.end(ctx, tx, by, m, "membership.removed")
	})
}

// AddMember gives a user an approved membership and role without asking anybody, as the
// command line does; a membership that exists gets the role.
func (c *Companies) AddMember(ctx context.Context, by audit.Actor, userID, companyID int64, role string) (m Membership, err error) {
	if role != Admin && role != Recruiter {
		return Membership{}, fault.Invalid("role", "choose admin or recruiter")
	}
	err = c.change(ctx, func(tx *db.Tx) error {
		if _, err := Actor(ctx, tx, userID); err != nil {
			return err
		}
		co, err := load(ctx, tx, companyID)
		if err != nil {
			return err
		}
		if err := c.leaveOthers(ctx, tx, by, userID, companyID); err != nil {
			return err
		}
		m = Membership{UserID: userID, CompanyID: companyID, Company: co.Name, State: Approved, Role: role, RequestedAt: c.Now()}
		return c.put(ctx, tx, by, "membership.approved", &m)
	})
	return m, err
}
