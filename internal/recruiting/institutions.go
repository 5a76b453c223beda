package recruiting

import (
	"context"
	"database/sql"
	"time"

	"beckon/internal/db"
	"beckon/internal/fold"
	"beckon/internal/input"
)

// Listed is an institution as a recruiter sees it.
type Listed struct {
	ID      int64
	Slug    string
	Name    string
	Website string
	// State is that of the connection of the recruiter's company; None without a company.
	State       string
	RequestedAt time.Time
	DecidedAt   time.Time
	// Reason is why the company was declined; blank in every other state.
	Reason string
	// InvitedAt is when the newest invite of the institution was sent to one of the
	// recruiter's addresses, and InvitedBy who sent it; zero and blank without any.
	InvitedAt time.Time
	InvitedBy string
}

// Invited tells whether the institution invited the recruiter.
func (l Listed) Invited() bool { return !l.InvitedAt.IsZero() }

// listedFrom joins every institution with what it is to user $1: the connection of the
// user's company, and the newest invite that was sent to one of the user's contacts.
const listedFrom = `
	FROM institutions i
	LEFT JOIN memberships m ON m.user_id = $1 AND m.state = 'approved'
	LEFT JOIN connections k ON k.institution_id = i.id AND k.company_id = m.company_id
	LEFT JOIN (
		SELECT s.institution_id, MAX(v.id) AS invite_id FROM contact_standing s
		JOIN invites v ON v.institution_id = s.institution_id AND v.contact_id = s.contact_id
		WHERE s.user_id = $1 AND s.user_id > 0 AND v.sent_at > 0 GROUP BY s.institution_id
	) n ON n.institution_id = i.id
	LEFT JOIN invites v ON v.institution_id = i.id AND v.id = n.invite_id
	LEFT JOIN bulk_invites b ON b.institution_id = i.id AND b.id = v.bulk_invite_id
	WHERE i.name_key LIKE $2 ESCAPE '\'`

// Institutions is a page of all institutions for a recruiter, where the next one begins,
// and how many there are in all: those that invited the recruiter first, then by name. q is
// a part of the name, folded.
func (r *Recruiting) Institutions(ctx context.Context, userID int64, q string, after Cursor, limit int) (page []Listed, next Cursor, total int, err error) {
	args := []any{userID, input.Containing(q)}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM institutions i WHERE i.name_key LIKE $1 ESCAPE '\'`, args[1]).Scan(&total)
		if err != nil {
			return err
		}
		page, err = listed(ctx, tx, append(args, after.Rank, after.Key, after.ID, limit+1)...)
		return err
	})
	if len(page) > limit {
		page = page[:limit]
		last := page[limit-1]
		next = Cursor{Key: fold.Text(last.Name), ID: last.ID}
		if !last.Invited() {
			next.Rank = 1
		}
	}
	return page, next, total, err
}

func listed(ctx context.Context, tx *db.Tx, args ...any) (page []Listed, err error) {
	const rank = `CASE WHEN n.institution_id IS NULL THEN 1 ELSE 0 END`
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var l Listed
		var requested, decided, invited int64
		err := r.Scan(&l.ID, &l.Slug, &l.Name, &l.Website, &l.State, &requested, &decided, &l.Reason, &invited, &l.InvitedBy)
		l.RequestedAt, l.DecidedAt, l.InvitedAt = db.Time(requested), db.Time(decided), db.Time(invited)
		page = append(page, l)
		return err
	}, `SELECT i.id, i.slug, i.name, i.website, COALESCE(k.state, 'none'), COALESCE(k.requested_at, 0), COALESCE(k.decided_at, 0),
			CASE WHEN k.state = 'declined' THEN k.reason ELSE '' END, COALESCE(v.sent_at, 0), COALESCE(b.created_by, '')
		`+listedFrom+` AND (`+rank+`, i.name_key, i.id) > ($3, $4, $5)
		ORDER BY `+rank+`, i.name_key, i.id LIMIT $6`, args...)
	return page, err
}
