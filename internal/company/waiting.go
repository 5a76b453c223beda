package company

import (
	"context"
	"fmt"
	"time"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
)

// Deciders are the names of the admins who decide about a user's pending request; none
// where nothing waits, or the company has no admin.
func (c *Companies) Deciders(ctx context.Context, userID int64) (names []string, err error) {
	err = c.DB.Read(ctx, func(tx *db.Tx) error {
		m, err := current(ctx, tx, userID)
		if err != nil || m.State != Pending {
			return err
		}
		names, err = adminNames(ctx, tx, m.CompanyID)
		return err
	})
	return names, err
}

// MayNudge is from when on a person may remind a company's admins of the pending request: a
// day after it, and after the last reminder.
func (m Membership) MayNudge() time.Time {
	last := m.RequestedAt
	if m.RemindedAt.After(last) {
		last = m.RemindedAt
	}
	return last.Add(remindEvery)
}

// Nudge reminds a company's admins of the user's own pending request. Before MayNudge, which
// counts what institutions do by Remind too, it is fault.Limited. fault.Conflict says that nothing waits, or that the
// company has no admin.
func (c *Companies) Nudge(ctx context.Context, userID int64) error {
	return c.change(ctx, func(tx *db.Tx) error {
		by, err := Actor(ctx, tx, userID)
		if err != nil {
			return err
		}
		m, err := current(ctx, tx, userID)
		if err != nil {
			return err
		}
		if m.State != Pending {
			return fault.Conflict{Message: "no request of yours waits for a company"}
		}
		if wait := m.MayNudge().Sub(c.Now()); wait > 0 {
			return fault.Limited{Message: m.Company + " was told less than a day ago", After: wait}
		}
		admins, err := adminNames(ctx, tx, m.CompanyID)
		if err != nil {
			return err
		}
		if len(admins) == 0 {
			return fault.Conflict{Message: m.Company + " has no admin who could be reminded"}
		}
		if err := c.tellAdmins(ctx, tx, m, 0, ""); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE memberships SET reminded_at = $2 WHERE id = $1`, m.ID, db.Millis(c.Now())); err != nil {
			return fmt.Errorf("remind: %w", err)
		}
		return audit.Record(ctx, tx, audit.Event{At: c.Now(), Actor: by, Action: "membership.reminded", SubjectKind: "membership", SubjectID: m.ID})
	})
}
