package institution

import (
	"context"
	"database/sql"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
)

// Member is a user who works at an institution.
type Member struct {
	UserID    int64
	FirstName string
	LastName  string
	Email     string
	Role      Role
	Since     time.Time
}

// Name is the member's full name.
func (m Member) Name() string { return m.FirstName + " " + m.LastName }

// SetStaff gives a user a role at the institution, or another one. The last owner cannot
// become anything else.
func (in *Institutions) SetStaff(ctx context.Context, s Scope, userID int64, role Role) error {
	if err := s.Require(People); err != nil {
		return err
	}
	if !role.Valid() {
		return fault.Invalid("role", "choose owner, manager, coordinator, reviewer or viewer")
	}
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, s.id, 0); err != nil {
			return err
		}
		if role != Owner {
			if err := keepOwner(ctx, tx, s.id, userID); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO staff (institution_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (institution_id, user_id) DO UPDATE SET role = excluded.role`, s.id, userID, string(role), db.Millis(in.Now()))
		if err != nil {
			return err
		}
		return s.Record(ctx, tx, in.Now(), "staff.set", "user", userID, map[string]any{"role": role})
	})
}

// RemoveStaff takes a user's role at the institution away; the last owner stays.
func (in *Institutions) RemoveStaff(ctx context.Context, s Scope, userID int64) error {
	if err := s.Require(People); err != nil {
		return err
	}
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, s.id, 0); err != nil {
			return err
		}
		if err := keepOwner(ctx, tx, s.id, userID); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `DELETE FROM staff WHERE institution_id = $1 AND user_id = $2`, s.id, userID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFound("staff member")
		}
		return s.Record(ctx, tx, in.Now(), "staff.removed", "user", userID, nil)
	})
}

// keepOwner refuses to go on if the user is the only owner.
func keepOwner(ctx context.Context, tx *db.Tx, institutionID, userID int64) error {
	var owners, isOwner int
	err := tx.QueryRow(ctx, `
		SELECT COUNT(*), COALESCE(SUM(CASE WHEN user_id = $2 THEN 1 ELSE 0 END), 0) FROM staff
		WHERE institution_id = $1 AND role = 'owner'`, institutionID, userID).Scan(&owners, &isOwner)
	if err != nil {
		return err
	}
	if owners == 1 && isOwner == 1 {
		return fault.Conflict{Message: "this is the only owner; make somebody else an owner first"}
	}
	return nil
}

// Staff lists who works at the institution, by name.
func (in *Institutions) Staff(ctx context.Context, s Scope) (all []Member, err error) {
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var m Member
			var since int64
			err := r.Scan(&m.UserID, &m.FirstName, &m.LastName, &m.Role, &since, &m.Email)
			m.Since = db.Time(since)
			all = append(all, m)
			return err
		}, `SELECT u.id, u.first_name, u.last_name, s.role, s.created_at,
				COALESCE((SELECT a.email FROM user_addresses a WHERE a.user_id = u.id ORDER BY a.is_primary DESC, a.email_key LIMIT 1), '')
			FROM staff s JOIN users u ON u.id = s.user_id WHERE s.institution_id = $1 ORDER BY u.last_name, u.first_name, u.id`, s.id)
	})
	return all, err
}

// WriteTo are where an institution is written to: its reply address, or while it has none the
// verified addresses of its owners and managers, one of each person.
func WriteTo(ctx context.Context, tx *db.Tx, institutionID int64) (to []string, err error) {
	at, err := Load(ctx, tx, institutionID)
	if err != nil {
		return nil, err
	}
	if at.ReplyTo != "" {
		return []string{at.ReplyTo}, nil
	}
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var email string
		err := r.Scan(&email)
		to = append(to, email)
		return err
	}, `SELECT a.email FROM staff s JOIN user_addresses a ON a.user_id = s.user_id
		WHERE s.institution_id = $1 AND s.role IN ('owner', 'manager') AND a.email_key = (
			SELECT b.email_key FROM user_addresses b WHERE b.user_id = s.user_id AND b.verified_at > 0 ORDER BY b.is_primary DESC, b.email_key LIMIT 1)
		ORDER BY s.user_id`, institutionID)
	return to, err
}
