package posting_test

import (
	"errors"
	"testing"
	"time"

	"beckon/internal/fault"
	"beckon/internal/posting"
	"pgregory.net/rapid"
)

// requestModel says what may be done to a request, and what comes of it.
type requestModel struct {
	state       string
	date, other string
	blocked     bool
	over        bool
}

func (m *requestModel) waits() bool {
	return m.state == posting.Requested || m.state == posting.Proposed
}

func TestStatesOfARequest(t *testing.T) {
	h := newHall(newWorld(t, sqlite(t)))
	start := h.now
	dates := []string{"2026-12-03", "2026-12-04", "2026-12-05"}
	rapid.Check(t, func(rt *rapid.T) {
		h.now = start
		if err := h.recruiting.Approve(ctx, staff(h.elm), h.northwind); err != nil {
			rt.Fatalf("%v", err)
		}
		i, err := h.interviews.Request(ctx, h.amara, h.wish())
		if err != nil {
			rt.Fatalf("%v", err)
		}
		m := &requestModel{state: posting.Requested, date: i.Date}
		revision := 0
		// did checks that an act was allowed exactly when the model says so; repeats that change
		// nothing are allowed.
		did := func(err error, allowed, changes bool) bool {
			if (err == nil) != allowed {
				rt.Fatalf("%+v: %v, allowed %v", *m, err, allowed)
			}
			var fields fault.Fields
			if errors.As(err, &fields) {
				rt.Fatalf("%v", err)
			}
			if allowed && changes {
				revision++
			}
			return allowed && changes
		}
		approvable := func() bool { return !m.blocked && !m.over }
		rt.Repeat(map[string]func(*rapid.T){
			"approve": func(*rapid.T) {
				err := h.interviews.Approve(ctx, staff(h.elm), i.ID, "Hall")
				same := m.state == posting.Approved && h.look(i.ID).Place == "Hall"
				if did(err, same || m.waits() && approvable(), !same) {
					m.state, m.other = posting.Approved, ""
				}
			},
			"decline": func(*rapid.T) {
				if did(h.interviews.Decline(ctx, staff(h.elm), i.ID, ""), m.waits() || m.state == posting.Declined, m.waits()) {
					m.state, m.other = posting.Declined, ""
				}
			},
			"propose": func(rt *rapid.T) {
				date := rapid.SampledFrom(dates).Draw(rt, "date")
				if m.waits() && (m.over || date == m.date) {
					rt.Skip("such a proposal is an input that cannot be accepted")
				}
				if did(h.interviews.Propose(ctx, staff(h.elm), i.ID, posting.Proposal{Date: date, StartsAt: "09:00"}), m.waits(), true) {
					m.state, m.other = posting.Proposed, date
				}
			},
			"accept": func(*rapid.T) {
				if did(h.interviews.AnswerProposal(ctx, h.amara, i.ID, true), m.state == posting.Proposed && approvable(), true) {
					m.state, m.date, m.other = posting.Approved, m.other, ""
				}
			},
			"refuse": func(*rapid.T) {
				if did(h.interviews.AnswerProposal(ctx, h.amara, i.ID, false), m.state == posting.Proposed && !m.blocked, true) {
					m.state, m.other = posting.Requested, ""
				}
			},
			"withdraw": func(*rapid.T) {
				if did(h.interviews.Withdraw(ctx, h.amara, i.ID), m.waits() || m.state == posting.Withdrawn, m.waits()) {
					m.state, m.other = posting.Withdrawn, ""
				}
			},
			"cancel": func(*rapid.T) {
				if did(h.interviews.Cancel(ctx, staff(h.elm), i.ID, "Fire"), m.state == posting.Approved && !m.over, true) {
					m.state = posting.Cancelled
				}
			},
			"call off": func(*rapid.T) {
				if did(h.interviews.CallOff(ctx, h.amara, i.ID, "Ill"), m.state == posting.Approved && !m.over, true) {
					m.state = posting.Cancelled
				}
			},
			"block": func(*rapid.T) {
				if err := h.recruiting.Block(ctx, staff(h.elm), h.northwind, ""); err != nil {
					rt.Fatalf("%v", err)
				}
				m.blocked = true
			},
			"let in again": func(*rapid.T) {
				if m.blocked {
					h.ok(h.recruiting.Unblock(ctx, staff(h.elm), h.northwind))
					h.ok(h.recruiting.Approve(ctx, staff(h.elm), h.northwind))
				}
				m.blocked = false
			},
			"wait until all is over": func(*rapid.T) {
				h.now, m.over = start.Add(30*24*time.Hour), true
			},
			"": func(*rapid.T) {
				got := h.look(i.ID)
				if got.State != m.state || got.Date != m.date || got.ProposedDate != m.other || got.Revision != revision {
					rt.Fatalf("%s on %s, proposed %q, revision %d; the model has %+v and %d", got.State, got.Date, got.ProposedDate, got.Revision, *m, revision)
				}
				if want := m.state == posting.Approved && m.blocked && !m.over; got.Flagged != want {
					rt.Fatalf("flagged %v: %+v", got.Flagged, *m)
				}
			},
		})
		if m.blocked {
			h.ok(h.recruiting.Unblock(ctx, staff(h.elm), h.northwind))
		}
	})
}
