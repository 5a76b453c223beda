package invite

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// schedule confirms inviting everybody after a while.
func (h *house) schedule(after time.Duration) Bulk {
	h.t.Helper()
	return h.confirm(Order{Selection: everybody(), Label: "later", ScheduledAt: h.now().Add(after)})
}

// started is how often a bulk invite went out by its schedule.
func (h *house) started(id int64) (n int) {
	h.t.Helper()
	h.must(h.in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM audit_events WHERE action = 'bulk_invite.started' AND subject_id = $1`, id).Scan(&n)
	}))
	return n
}

func (h *house) waiting() int {
	h.t.Helper()
	n, err := h.in.Waiting(ctx, h.scope)
	h.must(err)
	return n
}

func (h *house) start() {
	h.t.Helper()
	h.must(h.in.StartScheduled(ctx))
}

func TestScheduledGoesOutOnceWhenItsTimeComes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("a@a.example")
		h.contact("b@a.example")
		b := h.schedule(2 * time.Hour)
		if b.State != BulkScheduled || !b.ScheduledAt.Equal(h.now().Add(2*time.Hour)) || b.Counts.Queued != 2 || !b.Open() || b.Waits() {
			t.Fatalf("%+v", b)
		}
		h.contact("late@a.example")
		if p := h.preview(); p.Skipped[RecentlyInvited] != 2 || p.WillSend != 1 {
			t.Fatalf("beside it: %+v", p)
		}
		h.pass(2*time.Hour - time.Millisecond)
		h.start()
		h.send()
		if b = h.bulk(b.ID); b.State != BulkScheduled || h.server.count() != 0 {
			t.Fatalf("before its time: %+v, %d mails", b, h.server.count())
		}
		h.pass(time.Millisecond)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := h.in.StartScheduled(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		h.send()
		h.start()
		if b = h.bulk(b.ID); b.State != BulkSent || b.Counts.Sent != 2 || h.server.count() != 2 || h.started(b.ID) != 1 {
			t.Fatalf("after its time: %+v, %d mails, started %d times", b, h.server.count(), h.started(b.ID))
		}
	})
}

func TestHardStopsAreReadWhenAScheduledOneGoesOut(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ids := map[string]int64{}
		for _, who := range []string{"keen", "stops", "archived", "erased", "blocked", "before"} {
			ids[who] = h.contact(who + "@a.example")
		}
		h.user("blocked@a.example", 10)
		suppress := `INSERT INTO suppressions (institution_id, email_key, reason, created_at) VALUES (1, $1, 'unsubscribed', 1)`
		h.exec(h.in.DB, suppress, "before@a.example")
		b := h.schedule(time.Hour)
		if b.Total != 6 || b.WillSend() != 5 || b.Skipped[Suppressed] != 1 || len(b.Unfit) != 0 {
			t.Fatalf("at the confirm: %+v", b)
		}
		h.exec(h.in.DB, suppress, "stops@a.example")
		h.exec(h.in.DB, `UPDATE contacts SET archived = 1 WHERE id = $1`, ids["archived"])
		h.exec(h.in.DB, `DELETE FROM contacts WHERE id = $1`, ids["erased"])
		h.must(h.in.Recruiting.Block(ctx, h.scope, 10, "fraud"))
		h.pass(time.Hour)
		h.start()
		h.send()
		b = h.bulk(b.ID)
		if b.State != BulkSent || b.Counts.Sent != 1 || b.Skipped[Suppressed] != 2 ||
			!same(b.Unfit, map[Reason]int{Suppressed: 1, Archived: 1, Blocked: 1, Erased: 1}) {
			t.Fatalf("when it went: %+v", b)
		}
	})
}

// The server was down at its time: within the hour it goes out by itself, later it waits for
// a person, who has four ways out.
func TestLateOneWaitsForAPerson(t *testing.T) {
	for name, c := range map[string]struct {
		act   func(h *house, id int64) (Bulk, error)
		state string
	}{
		"send now": {func(h *house, id int64) (Bulk, error) { return h.in.SendNow(ctx, h.scope, id) }, BulkSending},
		"resume":   {func(h *house, id int64) (Bulk, error) { return h.in.Resume(ctx, h.scope, id) }, BulkSending},
		"move": {func(h *house, id int64) (Bulk, error) {
			return h.in.Reschedule(ctx, h.scope, id, h.now().Add(time.Minute))
		}, BulkScheduled},
		"cancel": {func(h *house, id int64) (Bulk, error) { return h.in.Cancel(ctx, h.scope, id) }, BulkCancelled},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.contact("a@a.example")
				b := h.schedule(time.Hour)
				h.pass(2*time.Hour + time.Millisecond)
				h.start()
				h.start()
				h.send()
				if b = h.bulk(b.ID); b.State != BulkScheduled || b.WaitReason != WaitLate || !b.Waits() || h.server.count() != 0 || h.waiting() != 1 {
					t.Fatalf("late: %+v, %d wait", b, h.waiting())
				}
				b, err := c.act(h, b.ID)
				h.must(err)
				if h.waiting() != 0 || b.State != c.state || b.WaitReason != "" {
					t.Fatalf("decided: %+v", b)
				}
				h.pass(time.Minute)
				h.start()
				h.send()
				want := 1
				if name == "cancel" {
					want = 0
				}
				if h.server.count() != want {
					t.Fatalf("%d mails", h.server.count())
				}
				h.check(h.bulk(b.ID))
			})
		})
	}
	each(t, func(t *testing.T, h *house) {
		h.contact("a@a.example")
		b := h.schedule(time.Hour)
		h.pass(2 * time.Hour)
		h.start()
		if b = h.bulk(b.ID); b.State != BulkSending {
			t.Fatalf("an hour late and not more: %+v", b)
		}
	})
}

func TestScheduledIsMovedSentNowPausedAndCancelled(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("a@a.example")
		b := h.schedule(time.Hour)
		if _, err := h.in.Resume(ctx, h.scope, b.ID); !isConflict(err) {
			t.Fatalf("one that waits for its time is resumed: %v", err)
		}
		moved, err := h.in.Reschedule(ctx, h.scope, b.ID, h.now().Add(3*time.Hour))
		h.must(err)
		h.pass(2 * time.Hour)
		h.start()
		if moved = h.bulk(b.ID); moved.State != BulkScheduled || moved.WaitReason != "" {
			t.Fatalf("at the time it was moved from: %+v", moved)
		}
		paused, err := h.in.Pause(ctx, h.scope, b.ID)
		h.must(err)
		if paused.State != BulkPaused || paused.ScheduledAt.IsZero() {
			t.Fatalf("%+v", paused)
		}
		if back, err := h.in.Resume(ctx, h.scope, b.ID); err != nil || back.State != BulkScheduled {
			t.Fatalf("resumed before its time: %+v, %v", back, err)
		}
		_, err = h.in.Pause(ctx, h.scope, b.ID)
		h.must(err)
		h.pass(5 * time.Hour)
		h.start()
		if h.bulk(b.ID).State != BulkPaused {
			t.Fatal("a paused one went out")
		}
		if on, err := h.in.Resume(ctx, h.scope, b.ID); err != nil || on.State != BulkSending {
			t.Fatalf("resumed after its time: %+v, %v", on, err)
		}
		for what, err := range map[string]error{
			"moved":    second(h.in.Reschedule(ctx, h.scope, b.ID, h.now().Add(time.Hour))),
			"sent now": second(h.in.SendNow(ctx, h.scope, b.ID)),
		} {
			if !isConflict(err) {
				t.Errorf("one that is being sent is %s: %v", what, err)
			}
		}
		reader := institution.Token(1, 1, "reader", []institution.Permission{institution.Read})
		var forbidden fault.Forbidden
		if _, err := h.in.Reschedule(ctx, reader, b.ID, h.now().Add(time.Hour)); !errors.As(err, &forbidden) {
			t.Errorf("a reader moves it: %v", err)
		}
		if _, err := h.in.SendNow(ctx, institution.System(2, "test"), b.ID); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("another institution sends it: %v", err)
		}
	})
}

func second(_ Bulk, err error) error { return err }

func isConflict(err error) bool {
	var c fault.Conflict
	return errors.As(err, &c)
}

func TestTimesThatCannotBe(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("a@a.example")
		now := h.now()
		for _, c := range []struct {
			at   time.Time
			says string
		}{
			{now, "is over"}, {now.Add(-time.Hour), "is over"}, {now.AddDate(1, 0, 0).Add(time.Millisecond), "a year ahead"},
		} {
			_, err := h.in.Confirm(ctx, h.scope, Order{Selection: everybody(), ScheduledAt: c.at})
			var fields fault.Fields
			if !errors.As(err, &fields) || fields[0].Path != "scheduled_at" || !strings.Contains(fields[0].Message, c.says) {
				t.Errorf("%s: %v", c.at, err)
			}
		}
		if b := h.confirm(Order{Selection: everybody(), ScheduledAt: now.AddDate(1, 0, 0)}); !isFields(second(h.in.Reschedule(ctx, h.scope, b.ID, now))) {
			t.Error("moved into the past")
		}
		// A retry that comes late answers what the first one made; the same moment may be
		// written in another zone.
		o := Order{Selection: everybody(), ScheduledAt: now.Add(time.Hour), Include: []Reason{RecentlyInvited}, Key: "k"}
		b := h.confirm(o)
		h.pass(2 * time.Hour)
		o.ScheduledAt = o.ScheduledAt.In(time.FixedZone("", 3600))
		if again := h.confirm(o); again.ID != b.ID {
			t.Error("a retry made a second one")
		}
	})
}

// Its time comes while a long list is still being written: the rest is written, and then all
// is sent.
func TestScheduledWhileItsListIsMade(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n := h.crowd()
		b := h.schedule(time.Minute)
		if b.State != BulkScheduled || b.Prepared >= n {
			t.Fatalf("%+v", b)
		}
		if p := h.preview(); p.Skipped[RecentlyInvited] != n {
			t.Fatalf("while its list is made: %+v", p)
		}
		h.pass(time.Minute)
		h.start()
		if b = h.bulk(b.ID); b.State != BulkPreparing {
			t.Fatalf("started: %+v", b)
		}
		h.expand()
		if b = h.bulk(b.ID); b.State != BulkSending || b.Counts.Queued != n {
			t.Fatalf("prepared: %+v", b)
		}
	})
}

// A person decides at the very moment at which its time comes: one of the two is first, and
// the other sees what it did. Nobody gets it twice, or after a move or a cancel that was
// answered.
func TestDecisionsWhileItBegins(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("a@a.example")
		for name, act := range map[string]func(id int64) (Bulk, error){
			"move":     func(id int64) (Bulk, error) { return h.in.Reschedule(ctx, h.scope, id, h.now().Add(time.Hour)) },
			"send now": func(id int64) (Bulk, error) { return h.in.SendNow(ctx, h.scope, id) },
			"pause":    func(id int64) (Bulk, error) { return h.in.Pause(ctx, h.scope, id) },
			"cancel":   func(id int64) (Bulk, error) { return h.in.Cancel(ctx, h.scope, id) },
		} {
			for range 5 {
				b := h.confirm(Order{Selection: everybody(), ScheduledAt: h.now().Add(time.Minute), Include: []Reason{RecentlyInvited}})
				h.pass(time.Minute)
				before := h.server.count()
				var both sync.WaitGroup
				for range 2 {
					both.Go(func() {
						if err := h.in.StartScheduled(ctx); err != nil {
							t.Error(err)
						}
					})
				}
				var decided error
				both.Go(func() { _, decided = act(b.ID) })
				both.Wait()
				h.send()
				h.decided(name, h.bulk(b.ID), decided, h.server.count()-before)
				if b = h.bulk(b.ID); b.Open() {
					_, err := h.in.Cancel(ctx, h.scope, b.ID)
					h.must(err)
				}
			}
		}
	})
}

// decided checks what a decision and the schedule made of a bulk invite of one contact.
func (h *house) decided(name string, b Bulk, err error, mails int) {
	h.t.Helper()
	started := h.started(b.ID)
	want := map[string]string{"move": BulkScheduled, "send now": BulkSent, "pause": BulkPaused, "cancel": BulkCancelled}[name]
	switch {
	case err == nil && b.State == want && (mails == 1) == (want == BulkSent):
		if (name == "send now" || name == "move") && started != 0 {
			h.t.Fatalf("%s was answered, and the schedule started it too", name)
		}
	case isConflict(err) && b.State == BulkSent && mails == 1 && started == 1 && (name == "move" || name == "send now"):
	default:
		h.t.Fatalf("%s: %v, it is %s, %d mails, started %d times", name, err, b.State, mails, started)
	}
}
