package invite

import (
	"context"
	"fmt"
	"slices"
	"time"

	"beckon/internal/act"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// step is a change of a bulk invite's state that a person may ask for.
type step struct {
	action string
	done   string // how it reads: "can be paused"
	from   []string
	// waiting lets it begin also at one that is scheduled and waits for a person.
	waiting bool
	to      string
}

var (
	pause  = step{action: "bulk_invite.paused", done: "paused", from: []string{BulkScheduled, BulkPreparing, BulkSending}, to: BulkPaused}
	resume = step{action: "bulk_invite.resumed", done: "resumed", from: []string{BulkPaused}, waiting: true, to: BulkSending}
	cancel = step{action: "bulk_invite.cancelled", done: "cancelled", from: []string{BulkScheduled, BulkPreparing, BulkSending, BulkPaused}, to: BulkCancelled}
)

// Pause stops sending until Resume, also one whose time has not come. What is on its way to
// the mail server still goes.
func (in *Invites) Pause(ctx context.Context, s institution.Scope, id int64) (Bulk, error) {
	return in.steer(ctx, s, id, pause, nil, nil)
}

// Resume goes on with a bulk invite that is paused, or scheduled and waiting for a person: at
// its time if that is still to come, otherwise at once.
func (in *Invites) Resume(ctx context.Context, s institution.Scope, id int64) (Bulk, error) {
	return in.steer(ctx, s, id, resume, nil, func(tx *db.Tx) error { return in.goOn(ctx, tx, id) })
}

// goOn puts a bulk invite that is to be sent where it belongs: back to its time, if that is
// still to come, or to the making of its list, if rows are missing. The caller holds
// gate.Lock, as whoever writes rows does.
func (in *Invites) goOn(ctx context.Context, tx *db.Tx, id int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE bulk_invites SET state = CASE
			WHEN scheduled_at > $2 THEN 'scheduled'
			WHEN EXISTS (SELECT 1 FROM acts a WHERE a.id = bulk_invites.act_id AND a.state IN ('queued', 'running')) THEN 'preparing'
			ELSE 'sending' END
		WHERE id = $1 AND state = 'sending'`, id, db.Millis(in.Now()))
	if err != nil {
		return err
	}
	return finishIfDone(ctx, tx, in.Now(), id)
}

// Cancel ends a bulk invite: what has not gone stays unsent.
func (in *Invites) Cancel(ctx context.Context, s institution.Scope, id int64) (Bulk, error) {
	return in.steer(ctx, s, id, cancel, nil, func(tx *db.Tx) error {
		a := act.Act{InstitutionID: s.ID(), Kind: CancelKind, Actor: s.Actor(), Params: bulkParams{Bulk: id}.json()}
		if over, err := in.cancelChunk(ctx, tx, &a, id); err != nil || over {
			return err
		}
		_, err := act.Add(ctx, tx, in.Now(), a)
		return err
	})
}

// steer takes a step, with what belongs to it, and records it with its detail.
func (in *Invites) steer(ctx context.Context, s institution.Scope, id int64, st step, detail map[string]any, then func(*db.Tx) error) (b Bulk, err error) {
	if err := s.Require(institution.Invite); err != nil {
		return b, err
	}
	err = in.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
			return err
		}
		if b, err = getBulk(ctx, tx, s.ID(), id); err != nil {
			return err
		}
		if !slices.Contains(st.from, b.State) && !(st.waiting && b.Waits()) {
			return fault.Conflict{Message: fmt.Sprintf("it is %s; only one that is %s can be %s", b.State, oneOf(st.from), st.done)}
		}
		if _, err := tx.Exec(ctx, `UPDATE bulk_invites SET state = $3, wait_reason = '' WHERE institution_id = $1 AND id = $2`, s.ID(), id, st.to); err != nil {
			return err
		}
		if then != nil {
			if err := then(tx); err != nil {
				return err
			}
		}
		if err := s.Record(ctx, tx, in.Now(), st.action, "bulk_invite", id, detail); err != nil {
			return err
		}
		b, err = getBulk(ctx, tx, s.ID(), id)
		return err
	})
	in.wake()
	return b, err
}

func oneOf(states []string) string {
	out := states[0]
	for i, s := range states[1:] {
		if i == len(states)-2 {
			out += " or " + s
		} else {
			out += ", " + s
		}
	}
	return out
}

// finishIfDone makes a bulk invite that is being sent `sent` when nothing in it waits.
func finishIfDone(ctx context.Context, tx *db.Tx, now time.Time, bulkID int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE bulk_invites SET state = 'sent', finished_at = $2, wait_reason = ''
		WHERE id = $1 AND state = 'sending' AND queued = 0 AND sending = 0 AND deferred = 0`, bulkID, db.Millis(now))
	return err
}

func markFinished(ctx context.Context, tx *db.Tx, now time.Time, bulkID int64) error {
	_, err := tx.Exec(ctx, `UPDATE bulk_invites SET finished_at = $2 WHERE id = $1`, bulkID, db.Millis(now))
	return err
}
