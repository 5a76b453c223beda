package invite

import (
	"context"
	"database/sql"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// Bulk is one bulk invite.
type Bulk struct {
	ID    int64
	State string
	// WaitReason says what sending waits for, "" when for nothing.
	WaitReason string
	CreatedAt  time.Time
	CreatedBy  string
	// ScheduledAt is when it is, or was, to go out; zero for at once.
	ScheduledAt time.Time
	FinishedAt  time.Time
	// Selection is the selection that was confirmed, as contact.Selection writes it.
	Selection string
	Label     string
	Note      string
	Total     int
	Variants  map[Variant]int
	Skipped   map[Reason]int
	// Unfit is which of the skipped were to be sent to at the confirm, and fell out since.
	Unfit  map[Reason]int
	Counts Counts
	// Prepared is how many rows are written while it is being prepared.
	Prepared int
}

// WillSend is how many are, or were to be, sent to.
func (b Bulk) WillSend() (n int) {
	for _, v := range b.Variants {
		n += v
	}
	return n
}

// Open tells whether there is something left to do.
func (b Bulk) Open() bool {
	switch b.State {
	case BulkScheduled, BulkPreparing, BulkSending, BulkPaused:
		return true
	}
	return false
}

// Waits tells whether it is scheduled and does not go out by itself any more: WaitReason says
// why a person must decide.
func (b Bulk) Waits() bool { return b.State == BulkScheduled && b.WaitReason != "" }

// Counts are how many invites are in each state. Sent counts all that a mail server took,
// whatever came of them; Opened, Accepted and Approved count those times.
type Counts struct {
	Queued, Sending, Sent, Deferred, Bounced, Failed, Cancelled, Opened, Accepted, Approved int
}

const bulkColumns = `b.id, b.state, b.wait_reason, b.created_at, b.created_by, b.finished_at, b.selection, b.label, b.note, b.total,
	b.create_account, b.join_company, b.connect,
	b.skipped_archived, b.skipped_invalid_email, b.skipped_suppressed, b.skipped_blocked, b.skipped_already_approved, b.skipped_recently_invited, b.skipped_erased,
	b.scheduled_at, b.unfit_archived, b.unfit_suppressed, b.unfit_blocked, b.unfit_erased,
	b.queued, b.sending, b.sent, b.deferred, b.bounced, b.failed, b.cancelled, b.opened, b.accepted, b.approved,
	COALESCE((SELECT a.done FROM acts a WHERE a.id = b.act_id), b.total)`

func scanBulk(row interface{ Scan(...any) error }) (b Bulk, err error) {
	var created, scheduled, finished int64
	var v [3]int
	var k [7]int
	var u [4]int
	c := &b.Counts
	err = row.Scan(&b.ID, &b.State, &b.WaitReason, &created, &b.CreatedBy, &finished, &b.Selection, &b.Label, &b.Note, &b.Total,
		&v[0], &v[1], &v[2], &k[0], &k[1], &k[2], &k[3], &k[4], &k[5], &k[6], &scheduled, &u[0], &u[1], &u[2], &u[3],
		&c.Queued, &c.Sending, &c.Sent, &c.Deferred, &c.Bounced, &c.Failed, &c.Cancelled, &c.Opened, &c.Accepted, &c.Approved, &b.Prepared)
	if db.IsNoRows(err) {
		return b, fault.NotFound("bulk invite")
	}
	b.CreatedAt, b.ScheduledAt, b.FinishedAt = db.Time(created), db.Time(scheduled), db.Time(finished)
	b.Variants, b.Skipped, b.Unfit = map[Variant]int{}, map[Reason]int{}, map[Reason]int{}
	for i, variant := range Variants {
		b.Variants[variant] = v[i]
	}
	for i, reason := range Reasons {
		b.Skipped[reason] = k[i]
	}
	if k[6] > 0 {
		b.Skipped[Erased] = k[6]
	}
	for i, reason := range hardStops {
		if u[i] > 0 {
			b.Unfit[reason] = u[i]
		}
	}
	return b, err
}

// Get is one bulk invite of the institution.
func (in *Invites) Get(ctx context.Context, s institution.Scope, id int64) (b Bulk, err error) {
	if err := s.Require(institution.Read); err != nil {
		return b, err
	}
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		b, err = getBulk(ctx, tx, s.ID(), id)
		return err
	})
	return b, err
}

func getBulk(ctx context.Context, tx *db.Tx, institutionID, id int64) (Bulk, error) {
	return scanBulk(tx.QueryRow(ctx, `SELECT `+bulkColumns+` FROM bulk_invites b WHERE b.institution_id = $1 AND b.id = $2`, institutionID, id))
}

// Past is part of the institution's bulk invites, newest first: up to limit of those made
// before the one with the id before (0: from the newest) whose label or confirmer contains q.
func (in *Invites) Past(ctx context.Context, s institution.Scope, q string, before int64, limit int) (all []Bulk, total int, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, 0, err
	}
	const where = `b.institution_id = $1 AND (LOWER(b.label) LIKE LOWER($2) ESCAPE '\' OR LOWER(b.created_by) LIKE LOWER($2) ESCAPE '\')`
	args := []any{s.ID(), containing(q)}
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM bulk_invites b WHERE `+where, args...).Scan(&total); err != nil {
			return err
		}
		return tx.Rows(ctx, func(r *sql.Rows) error {
			b, err := scanBulk(r)
			all = append(all, b)
			return err
		}, `SELECT `+bulkColumns+` FROM bulk_invites b WHERE `+where+` AND (b.id < $3 OR $3 = 0) ORDER BY b.id DESC LIMIT $4`, append(args, before, limit)...)
	})
	return all, total, err
}

// Waiting is how many bulk invites of the institution do not go on by themselves, since they
// are late or the database was restored. Those that a person has paused do not count.
func (in *Invites) Waiting(ctx context.Context, s institution.Scope) (n int, err error) {
	if err := s.Require(institution.Read); err != nil {
		return 0, err
	}
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM bulk_invites WHERE institution_id = $1 AND state IN ('scheduled', 'paused') AND wait_reason IN ($2, $3)`,
			s.ID(), WaitLate, WaitRestored).Scan(&n)
	})
	return n, err
}
