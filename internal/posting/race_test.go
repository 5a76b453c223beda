package posting_test

import (
	"errors"
	"testing"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/gate"
	"beckon/internal/posting"
)

// A block is decided and not committed yet while a recruiter of the company acts: the act
// waits for it, and is refused.
func TestNoActGoesPastABlockAtTheSameMoment(t *testing.T) {
	h := newHall(newWorld(t, dbtest.Postgres(t)))
	proposed := must(h.interviews.Request(ctx, h.amara, h.wish())).ID
	h.ok(h.interviews.Propose(ctx, staff(h.elm), proposed, posting.Proposal{Date: "2026-12-04", StartsAt: "13:00"}))
	set := func(state string) func(*db.Tx) error {
		return func(tx *db.Tx) error {
			if _, err := gate.Lock(ctx, tx, h.elm, 0); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `UPDATE connections SET state = $1`, state)
			return err
		}
	}
	for name, act := range map[string]func() error{
		"a job":        func() error { _, err := h.Post(ctx, h.amara, job("Builder", h.elm)); return err },
		"an interview": func() error { _, err := h.interviews.Request(ctx, h.amara, h.wish()); return err },
		"a proposal":   func() error { return h.interviews.AnswerProposal(ctx, h.amara, proposed, true) },
	} {
		err := h.Overlap(set("blocked"), act)
		var refusal *gate.Refusal
		if !errors.As(err, &refusal) || refusal.Missing != gate.Blocked {
			t.Errorf("%s goes past the block: %v", name, err)
		}
		h.ok(h.World.DB.Write(ctx, set("approved")))
		h.ok(act())
	}
}
