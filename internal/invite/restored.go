package invite

import (
	"context"
	"database/sql"
	"time"

	"beckon/internal/db"
	"beckon/internal/institution"
)

// Unfinished is a bulk invite that waits for a person since the database was restored.
type Unfinished struct {
	// Institution is its slug.
	Institution string
	Bulk        Bulk

	institution int64
}

// Restored makes a database safe to serve from that is a copy of an earlier time: nothing that
// was unfinished goes out before a person says so, since the copy does not know what was sent
// after it was made. It answers what waits. Invites get ids beyond all that can have been
// given out since the copy was made: links are derived from them, and one that was mailed
// must never become another person's.
func (in *Invites) Restored(ctx context.Context) (waiting []Unfinished, err error) {
	err = in.DB.Write(ctx, func(tx *db.Tx) error {
		now := in.Now()
		if err := tx.SkipIDs(ctx, "invites", now.UnixMicro()); err != nil {
			return err
		}
		if waiting, err = unfinished(ctx, tx); err != nil {
			return err
		}
		for i := range waiting {
			if err := waiting[i].hold(ctx, tx, now); err != nil {
				return err
			}
		}
		return nil
	})
	return waiting, err
}

// unfinished is what a person has to decide about, of all institutions.
func unfinished(ctx context.Context, tx *db.Tx) (all []Unfinished, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var u Unfinished
		err := r.Scan(&u.Bulk.ID, &u.institution, &u.Institution)
		all = append(all, u)
		return err
	}, `SELECT b.id, b.institution_id, i.slug FROM bulk_invites b JOIN institutions i ON i.id = b.institution_id
		WHERE b.state IN ('scheduled', 'preparing', 'sending', 'paused') ORDER BY i.slug, b.id`)
	return all, err
}

// hold pauses it, or lets it wait with its time if that has not come.
func (u *Unfinished) hold(ctx context.Context, tx *db.Tx, now time.Time) error {
	n, err := tx.Exec(ctx, `
		UPDATE bulk_invites SET wait_reason = $2, state = CASE state WHEN 'scheduled' THEN state ELSE 'paused' END
		WHERE id = $1 AND wait_reason <> $2`, u.Bulk.ID, WaitRestored)
	if err != nil {
		return err
	}
	if u.Bulk, err = getBulk(ctx, tx, u.institution, u.Bulk.ID); err != nil || n == 0 {
		return err
	}
	return institution.System(u.institution, "restore").Record(ctx, tx, now, "bulk_invite.held", "bulk_invite", u.Bulk.ID, nil)
}
