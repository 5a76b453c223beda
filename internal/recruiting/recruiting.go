package recruiting

import (
	"context"
	"errors"

	"beckon/internal/audit"
	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/input"
	"beckon/internal/institution"
)

// Request asks an institution, in the name of a user's company, to let it recruit there. It
// answers the connection's state: requested, or approved where nothing had to be asked. A
// *gate.Refusal says that something else comes first: a verified address, a membership, or
// that the company is blocked. Asking again changes nothing. Who asks becomes a contact of
// the institution.
func (r *Recruiting) Request(ctx context.Context, userID, institutionID int64) (state string, err error) {
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		if err := gate.LockAddresses(ctx, tx, false); err != nil {
			return err
		}
		if _, err := gate.Lock(ctx, tx, institutionID, 0); err != nil {
			return err
		}
		_, err := gate.Check(ctx, tx, userID, institutionID)
		var refusal *gate.Refusal
		switch {
		case err == nil:
			state = Approved
		case !errors.As(err, &refusal) || refusal.Missing != gate.Connection:
			return err
		default:
			if state, err = r.byUser(ctx, tx, request, userID, institutionID, refusal.CompanyID); err != nil {
				return err
			}
		}
		return r.Book.Come(ctx, tx, institutionID, userID, contact.SourceApproval)
	})
	return state, err
}

// Withdraw takes a request back that the institution has not decided; fault.Conflict after
// it has.
func (r *Recruiting) Withdraw(ctx context.Context, userID, institutionID int64) error {
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, institutionID, 0); err != nil {
			return err
		}
		_, err := gate.Check(ctx, tx, userID, institutionID)
		var refusal *gate.Refusal
		switch {
		case err == nil:
			return refused(withdraw, Approved)
		case !errors.As(err, &refusal) || refusal.Missing != gate.Connection:
			return err
		}
		_, err = r.byUser(ctx, tx, withdraw, userID, institutionID, refusal.CompanyID)
		return err
	})
}

func (r *Recruiting) byUser(ctx context.Context, tx *db.Tx, a act, userID, institutionID, companyID int64) (string, error) {
	by, err := company.Actor(ctx, tx, userID)
	if err != nil {
		return "", err
	}
	c, _, err := r.decide(ctx, tx, a, by, institutionID, companyID, "")
	return c.state, err
}

// Approve lets a company recruit at the scope's institution, whether it asked or not. A
// blocked one is fault.Conflict.
func (r *Recruiting) Approve(ctx context.Context, s institution.Scope, companyID int64) error {
	return r.byStaff(ctx, s, approve, companyID, "")
}

// Decline refuses a company, or ends its approval. The reason, of at most 1000 characters,
// is optional; the company reads it, and other institutions do, without the name of this one.
func (r *Recruiting) Decline(ctx context.Context, s institution.Scope, companyID int64, reason string) error {
	return r.byStaff(ctx, s, decline, companyID, reason)
}

// Block keeps a company away: no request and no invite lifts it. The reason, of at most
// 1000 characters, is for the institution's staff alone. The company is not told.
func (r *Recruiting) Block(ctx context.Context, s institution.Scope, companyID int64, reason string) error {
	return r.byStaff(ctx, s, block, companyID, reason)
}

// Unblock makes a blocked company one that may ask; any other is fault.Conflict.
func (r *Recruiting) Unblock(ctx context.Context, s institution.Scope, companyID int64) error {
	return r.byStaff(ctx, s, unblock, companyID, "")
}

func (r *Recruiting) byStaff(ctx context.Context, s institution.Scope, a act, companyID int64, reason string) error {
	if err := s.Require(institution.Review); err != nil {
		return err
	}
	var f input.Form
	reason = f.Lines("reason", reason, 1000)
	if err := f.Err(); err != nil {
		return err
	}
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
			return err
		}
		if err := exists(ctx, tx, companyID); err != nil {
			return err
		}
		c, changed, err := r.decide(ctx, tx, a, s.Actor(), s.ID(), companyID, reason)
		if err != nil || !changed || a != approve && a != decline {
			return err
		}
		return r.tell(ctx, tx, c)
	})
}

func exists(ctx context.Context, tx *db.Tx, companyID int64) error {
	var id int64
	err := tx.QueryRow(ctx, `SELECT id FROM companies WHERE id = $1`, companyID).Scan(&id)
	if db.IsNoRows(err) {
		return fault.NotFound("company")
	}
	return err
}

// Connect approves a company because of an invite, in the caller's transaction, which holds
// gate.Lock of the institution. It answers whether the company is approved now, which one
// that is blocked never is, and whether that is new.
func (r *Recruiting) Connect(ctx context.Context, tx *db.Tx, by audit.Actor, institutionID, companyID int64) (approved, changed bool, err error) {
	c, changed, err := r.decide(ctx, tx, connect, by, institutionID, companyID, "")
	var conflict fault.Conflict
	if errors.As(err, &conflict) {
		return false, false, nil
	}
	return err == nil && c.state == Approved, changed, err
}
