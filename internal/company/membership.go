package company

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
)

// States of a membership.
const (
	Pending  = "pending"
	Approved = "approved"
	Declined = "declined"
	Left     = "left"
)

// Roles at a company.
const (
	Admin     = "admin"     // profile, teammates, all recruiters' postings
	Recruiter = "recruiter" // own postings
)

// Membership is a user's tie to a company. A user has at most one that is approved and at
// most one that is pending.
type Membership struct {
	ID          int64
	UserID      int64
	CompanyID   int64
	Company     string // its name
	State       string
	Role        string
	RequestedAt time.Time
	DecidedAt   time.Time
	// Reason is why it was declined, in the admin's words; blank if none was given.
	Reason string
	// RemindedAt is when staff last reminded the company's admins of it.
	RemindedAt time.Time
}

const membershipColumns = `m.id, m.user_id, m.company_id, c.name, m.state, m.role, m.requested_at, m.decided_at, m.reason, m.reminded_at`

func scanMembership(r row, more ...any) (m Membership, err error) {
	var requested, decided, reminded int64
	to := append([]any{&m.ID, &m.UserID, &m.CompanyID, &m.Company, &m.State, &m.Role, &requested, &decided, &m.Reason, &reminded}, more...)
	err = r.Scan(to...)
	m.RequestedAt, m.DecidedAt, m.RemindedAt = db.Time(requested), db.Time(decided), db.Time(reminded)
	if db.IsNoRows(err) {
		err = fault.NotFound("membership")
	}
	return m, err
}

func loadMembership(ctx context.Context, tx *db.Tx, id int64) (Membership, error) {
	return scanMembership(tx.QueryRow(ctx, `
		SELECT `+membershipColumns+` FROM memberships m JOIN companies c ON c.id = m.company_id WHERE m.id = $1`, id))
}

// Of is where a user stands with companies: the approved membership, otherwise the pending
// one, otherwise the one declined last, otherwise a Membership without ID.
func (c *Companies) Of(ctx context.Context, userID int64) (m Membership, err error) {
	err = c.DB.Read(ctx, func(tx *db.Tx) error {
		m, err = current(ctx, tx, userID)
		return err
	})
	return m, err
}

func current(ctx context.Context, tx *db.Tx, userID int64) (Membership, error) {
	m, err := scanMembership(tx.QueryRow(ctx, `
		SELECT `+membershipColumns+` FROM memberships m JOIN companies c ON c.id = m.company_id
		WHERE m.user_id = $1 AND m.state <> 'left'
		ORDER BY CASE m.state WHEN 'approved' THEN 0 WHEN 'pending' THEN 1 ELSE 2 END, m.decided_at DESC, m.id DESC LIMIT 1`, userID))
	if err != nil && !isNotFound(err) {
		return Membership{}, err
	}
	return m, nil
}

// Teammate is a membership seen from the company.
type Teammate struct {
	Membership
	FirstName, LastName string
	// Email is the address that others know the person by, blank without a verified one.
	Email string
	// Matches tells that this address is at the company's domain.
	Matches bool
}

// Name is the teammate's full name.
func (t Teammate) Name() string { return t.FirstName + " " + t.LastName }

// People lists a company's memberships in one state, the oldest first, for a user who has
// an approved one there; for anybody else the company is fault.ErrNotFound. The page begins
// behind the membership after; next is 0 at the end.
func (c *Companies) People(ctx context.Context, userID, companyID int64, state string, after int64, limit int) (page []Teammate, next int64, total int, err error) {
	err = c.DB.Read(ctx, func(tx *db.Tx) error {
		if _, err := roleAt(ctx, tx, userID, companyID); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM memberships WHERE company_id = $1 AND state = $2`, companyID, state).Scan(&total)
		if err != nil {
			return err
		}
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var t Teammate
			var domain, key string
			t.Membership, err = scanMembership(r, &t.FirstName, &t.LastName, &t.Email, &domain, &key)
			t.Matches = domain != "" && ProvenDomain(key) == domain
			page = append(page, t)
			return err
		}, `SELECT `+membershipColumns+`, u.first_name, u.last_name, `+addressOf("m.user_id", "email")+`, c.domain, `+addressOf("m.user_id", "email_key")+`
			FROM memberships m JOIN companies c ON c.id = m.company_id JOIN users u ON u.id = m.user_id
			WHERE m.company_id = $1 AND m.state = $2 AND m.id > $3 ORDER BY m.id LIMIT $4`, companyID, state, after, limit+1)
	})
	if len(page) > limit {
		page = page[:limit]
		next = page[limit-1].ID
	}
	return page, next, total, err
}

// addressOf is the SQL for a column of the address that a user is written to: the primary
// one if it is verified, otherwise another; blank without any.
func addressOf(user, column string) string {
	return `COALESCE((SELECT a.` + column + ` FROM user_addresses a WHERE a.user_id = ` + user + ` AND a.verified_at > 0
		ORDER BY a.is_primary DESC, a.email_key LIMIT 1), '')`
}

// Addresses are where a company is written to: its admins' verified addresses, and that of
// the user also, if still an approved recruiter there.
func Addresses(ctx context.Context, tx *db.Tx, companyID, also int64) (to []string, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var email string
		err := r.Scan(&email)
		if email != "" {
			to = append(to, email)
		}
		return err
	}, `SELECT `+addressOf("m.user_id", "email")+` FROM memberships m
		WHERE m.company_id = $1 AND m.state = 'approved' AND (m.role = 'admin' OR m.user_id = $2) ORDER BY m.id`, companyID, also)
	return to, err
}

// Address is where one approved recruiter of a company is written to; blank for who is none
// any more, or has no verified address.
func Address(ctx context.Context, tx *db.Tx, companyID, userID int64) (to string, err error) {
	err = tx.QueryRow(ctx, `SELECT `+addressOf("m.user_id", "email")+` FROM memberships m
		WHERE m.company_id = $1 AND m.user_id = $2 AND m.state = 'approved'`, companyID, userID).Scan(&to)
	if db.IsNoRows(err) {
		err = nil
	}
	return to, err
}

// put stores a membership, made or changed, with everything that follows from it: its
// person's standing at every institution, and the record.
func (c *Companies) put(ctx context.Context, tx *db.Tx, by audit.Actor, action string, m *Membership) error {
	if m.State != Pending {
		m.DecidedAt = c.Now()
	}
	var decidedBy int64
	if m.State != Pending && by.Kind == audit.User {
		decidedBy = by.ID
	}
	err := tx.QueryRow(ctx, `
		INSERT INTO memberships (user_id, company_id, state, role, requested_at, decided_at, decided_by, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (user_id, company_id) DO UPDATE SET state = excluded.state, role = excluded.role,
			requested_at = excluded.requested_at, decided_at = excluded.decided_at, decided_by = excluded.decided_by, reason = excluded.reason
		RETURNING id`,
		m.UserID, m.CompanyID, m.State, m.Role, db.Millis(m.RequestedAt), db.Millis(m.DecidedAt), decidedBy, m.Reason).Scan(&m.ID)
	if err != nil {
		return fmt.Errorf("store a membership: %w", err)
	}
	if err := gate.RecomputeUser(ctx, tx, m.UserID); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Event{At: c.Now(), Actor: by, Action: action, SubjectKind: "membership", SubjectID: m.ID,
		Detail: map[string]any{"company_id": db.FormatID(m.CompanyID), "user_id": db.FormatID(m.UserID), "role": m.Role}})
}
