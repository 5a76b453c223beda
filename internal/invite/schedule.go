package invite

import (
	"context"
	"database/sql"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// Why a bulk invite waits for a person, in its WaitReason. Other reasons are what the mail
// server says, and pass by themselves.
const (
	// WaitLate: it was to go out more than an hour ago, and no server ran.
	WaitLate = "late"
	// WaitRestored: the database is a restored copy, which does not know what was sent since.
	WaitRestored = "restored"
)

// lateAfter is how long after its time a bulk invite still goes out by itself.
const lateAfter = time.Hour

var (
	reschedule = step{action: "bulk_invite.rescheduled", done: "moved to another time", from: []string{BulkScheduled}, to: BulkScheduled}
	sendNow    = step{action: "bulk_invite.sent_now", done: "sent now", from: []string{BulkScheduled}, to: BulkSending}
)

// checkTime answers fault.Fields for a time that a bulk invite cannot be scheduled for. The
// zero time, which means at once, is well.
func (in *Invites) checkTime(at time.Time) error {
	switch now := in.Now(); {
	case at.IsZero():
		return nil
	case !at.After(now):
		return fault.Invalid("scheduled_at", "is over already; choose a time that is still to come, or send now")
	case at.After(now.AddDate(1, 0, 0)):
		return fault.Invalid("scheduled_at", "is more than a year ahead; choose an earlier time")
	}
	return nil
}

// scheduled adds to what is recorded when the bulk invite is to go out.
func scheduled(detail map[string]any, at time.Time) map[string]any {
	if !at.IsZero() {
		detail["scheduled_at"] = at.UTC().Format(time.RFC3339)
	}
	return detail
}

// Reschedule moves a scheduled bulk invite to another time, at most a year ahead. One that
// waited for a person goes out by itself again.
func (in *Invites) Reschedule(ctx context.Context, s institution.Scope, id int64, at time.Time) (Bulk, error) {
	if err := s.Require(institution.Invite); err != nil {
		return Bulk{}, err
	}
	if at.IsZero() {
		return Bulk{}, fault.Invalid("scheduled_at", "is missing; say when it is to go out")
	}
	if err := in.checkTime(at); err != nil {
		return Bulk{}, err
	}
	return in.steer(ctx, s, id, reschedule, scheduled(map[string]any{}, at), func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE bulk_invites SET scheduled_at = $2 WHERE id = $1`, id, db.Millis(at))
		return err
	})
}

// SendNow sends a scheduled bulk invite without waiting for its time.
func (in *Invites) SendNow(ctx context.Context, s institution.Scope, id int64) (Bulk, error) {
	return in.steer(ctx, s, id, sendNow, nil, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE bulk_invites SET scheduled_at = $2 WHERE id = $1`, id, db.Millis(in.Now())); err != nil {
			return err
		}
		return in.goOn(ctx, tx, id)
	})
}

// StartScheduled sends what has come to its time; what is more than an hour late waits for a
// person from now on. Any number of processes may call it at once, and often.
func (in *Invites) StartScheduled(ctx context.Context) error {
	var due []openBulk
	err := in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var b openBulk
			err := r.Scan(&b.id, &b.institution)
			due = append(due, b)
			return err
		}, `SELECT id, institution_id FROM bulk_invites WHERE state = 'scheduled' AND wait_reason = '' AND scheduled_at <= $1 ORDER BY scheduled_at, id`, db.Millis(in.Now()))
	})
	if err != nil {
		return err
	}
	for _, b := range due {
		if err := in.start(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// start takes one bulk invite from its time to sending, or lets it wait if it is late.
// Whoever comes second, or comes after it was moved or cancelled, changes nothing.
func (in *Invites) start(ctx context.Context, b openBulk) error {
	err := in.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, b.institution, 0); err != nil {
			return err
		}
		now := in.Now()
		_, err := tx.Exec(ctx, `
			UPDATE bulk_invites SET wait_reason = $2 WHERE id = $1 AND state = 'scheduled' AND wait_reason = '' AND scheduled_at < $3`,
			b.id, WaitLate, db.Millis(now.Add(-lateAfter)))
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `
			UPDATE bulk_invites SET state = 'sending' WHERE id = $1 AND state = 'scheduled' AND wait_reason = '' AND scheduled_at <= $2`,
			b.id, db.Millis(now))
		if err != nil || n == 0 {
			return err
		}
		if err := in.goOn(ctx, tx, b.id); err != nil {
			return err
		}
		return institution.System(b.institution, "schedule").Record(ctx, tx, now, "bulk_invite.started", "bulk_invite", b.id, nil)
	})
	in.wake()
	return err
}
