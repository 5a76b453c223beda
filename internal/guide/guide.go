// Package guide is the first-run guide of an institution's staff: five steps from an empty
// address book to knowing what came of an invite. Steps tick themselves. Most follow from
// facts; where nothing else tells, that somebody took the step is written down.
package guide

import (
	"context"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// Step is one of the steps.
type Step string

// The steps, in their order, and what each is done by.
const (
	Import  Step = "import"  // there is a contact
	Look    Step = "look"    // somebody looked at some contacts closely, or invited
	Invite  Step = "invite"  // a bulk invite was confirmed
	Approve Step = "approve" // a company is approved
	Explore Step = "explore" // somebody asked a question in Explore
)

// Steps are all steps in their order.
var Steps = []Step{Import, Look, Invite, Approve, Explore}

// putAway stands among the steps when somebody has put the guide away.
const putAway = "put_away"

// Guide is how far an institution is.
type Guide struct {
	done map[Step]bool
	// Away says that somebody has put the guide away.
	Away bool
}

// Done tells whether a step is done.
func (g Guide) Done(s Step) bool { return g.done[s] }

// Count is how many steps are done.
func (g Guide) Count() (n int) {
	for _, s := range Steps {
		if g.done[s] {
			n++
		}
	}
	return n
}

// Shown tells whether there is anything to show: until all is done, or it was put away.
func (g Guide) Shown() bool { return !g.Away && g.Count() < len(Steps) }

// Guides are the guides of all institutions. It is safe for concurrent use.
type Guides struct {
	DB  *db.DB
	Now func() time.Time
}

// Of is the institution's guide. It is cheap enough to be asked for on every page.
func (g *Guides) Of(ctx context.Context, s institution.Scope) (Guide, error) {
	if err := s.Require(institution.Read); err != nil {
		return Guide{}, err
	}
	var imported, looked, invited, approved, explored, away int
	err := g.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `
			SELECT COUNT(CASE WHEN step = 'look' THEN 1 END), COUNT(CASE WHEN step = 'explore' THEN 1 END), COUNT(CASE WHEN step = 'put_away' THEN 1 END),
				CASE WHEN EXISTS (SELECT 1 FROM contacts WHERE institution_id = $1) THEN 1 ELSE 0 END,
				CASE WHEN EXISTS (SELECT 1 FROM bulk_invites WHERE institution_id = $1) THEN 1 ELSE 0 END,
				CASE WHEN EXISTS (SELECT 1 FROM connections WHERE institution_id = $1 AND state = 'approved') THEN 1 ELSE 0 END
			FROM guide_steps WHERE institution_id = $1`, s.ID()).Scan(&looked, &explored, &away, &imported, &invited, &approved)
	})
	return Guide{Away: away > 0, done: map[Step]bool{
		Import: imported > 0, Look: looked+invited > 0, Invite: invited > 0, Approve: approved > 0, Explore: explored > 0,
	}}, err
}

// Take writes down that somebody has taken a step that nothing else tells of: Look or
// Explore, fault.NotFound for others. Any of the staff may; the first counts.
func (g *Guides) Take(ctx context.Context, s institution.Scope, step Step) error {
	if err := s.Require(institution.Read); err != nil {
		return err
	}
	if step != Look && step != Explore {
		return fault.NotFound("step")
	}
	return g.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := g.write(ctx, tx, s, string(step))
		return err
	})
}

// PutAway hides the guide from all staff, for who may change settings.
func (g *Guides) PutAway(ctx context.Context, s institution.Scope) error {
	if err := s.Require(institution.ChangeSettings); err != nil {
		return err
	}
	return g.DB.Write(ctx, func(tx *db.Tx) error {
		changed, err := g.write(ctx, tx, s, putAway)
		if err != nil || !changed {
			return err
		}
		return s.Record(ctx, tx, g.Now(), "guide.put_away", "institution", s.ID(), nil)
	})
}

// BringBack shows the guide again, for who may change settings.
func (g *Guides) BringBack(ctx context.Context, s institution.Scope) error {
	if err := s.Require(institution.ChangeSettings); err != nil {
		return err
	}
	return g.DB.Write(ctx, func(tx *db.Tx) error {
		gone, err := tx.Exec(ctx, `DELETE FROM guide_steps WHERE institution_id = $1 AND step = $2`, s.ID(), putAway)
		if err != nil || gone == 0 {
			return err
		}
		return s.Record(ctx, tx, g.Now(), "guide.brought_back", "institution", s.ID(), nil)
	})
}

// write adds a row unless it is there.
func (g *Guides) write(ctx context.Context, tx *db.Tx, s institution.Scope, step string) (changed bool, err error) {
	n, err := tx.Exec(ctx, `INSERT INTO guide_steps (institution_id, step, done_at, done_by) VALUES ($1, $2, $3, $4) ON CONFLICT (institution_id, step) DO NOTHING`,
		s.ID(), step, db.Millis(g.Now()), s.UserID())
	return n > 0, err
}
