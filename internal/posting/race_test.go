package posting_test

import (
	"errors"
	"sync"
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
	waiting := must(h.interviews.Request(ctx, h.amara, h.wish())).ID
	pending := must(h.Post(ctx, h.amara, job("Welder", h.elm))).ID
	for name, act := range map[string]func() error{
		"staff approving an interview": func() error { return h.interviews.Approve(ctx, staff(h.elm), waiting, "") },
		"staff approving a job":        func() error { return h.Approve(ctx, staff(h.elm), pending) },
	} {
		if err := h.Overlap(set("blocked"), act); !conflicts(err, "is not approved here") {
			t.Errorf("%s go past the block: %v", name, err)
		}
		h.ok(h.World.DB.Write(ctx, set("approved")))
		h.ok(act())
	}
}

// Approving and withdrawing at the same moment: one of both happens, the other is told.
func TestApprovedOrWithdrawn(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		for range 12 {
			id := must(h.interviews.Request(ctx, h.amara, h.wish())).ID
			var approved, withdrawn error
			var done sync.WaitGroup
			done.Go(func() { approved = h.interviews.Approve(ctx, staff(h.elm), id, "Hall") })
			done.Go(func() { withdrawn = h.interviews.Withdraw(ctx, h.amara, id) })
			done.Wait()
			slots := h.Int(`SELECT COUNT(*) FROM interview_slots WHERE request_id = $1`, id)
			switch i := h.look(id); {
			case i.State == posting.Approved && approved == nil && conflicts(withdrawn, "") && slots == 4:
			case i.State == posting.Withdrawn && withdrawn == nil && conflicts(approved, "") && slots == 0:
			default:
				t.Errorf("it is %s with %d slots; approving said %v, withdrawing %v", i.State, slots, approved, withdrawn)
			}
		}
	})
}
