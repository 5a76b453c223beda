package invite

import (
	"testing"
	"time"

	"beckon/internal/mail"
)

// Of a restored copy nothing goes out before somebody says so, whatever state it was in; and
// no link that was mailed after the copy was made becomes that of another person.
func TestRestoredWaitsForAPerson(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("sent@a.example")
		sent := h.confirm(Order{Selection: everybody()})
		h.send()
		lost, _ := h.tokens("sent@a.example")
		h.contact("sending@a.example")
		h.server.answer = func(string) *mail.Result { return &mail.Result{Class: mail.Temporary, Code: 451} }
		sending := h.confirm(Order{Selection: everybody()})
		h.send()
		h.contact("paused@a.example")
		paused := h.confirm(Order{Selection: everybody()})
		_, err := h.in.Pause(ctx, h.scope, paused.ID)
		h.must(err)
		h.contact("scheduled@a.example")
		scheduled := h.schedule(time.Hour)
		h.server.answer = nil
		before := h.server.count()
		// The copy was made before the first one was sent.
		h.exec(h.in.DB, `DELETE FROM invites WHERE bulk_invite_id = $1`, sent.ID)

		var waiting []Unfinished
		for range 2 {
			waiting, err = h.in.Restored(ctx)
			h.must(err)
		}
		if len(waiting) != 3 || waiting[0].Institution != "elm" || waiting[0].Bulk.ID != sending.ID {
			t.Fatalf("%+v", waiting)
		}
		if n := h.waiting(); n != 3 {
			t.Errorf("%d wait", n)
		}
		h.pass(90 * time.Minute)
		h.start()
		h.send()
		if n := h.server.count(); n != before {
			t.Fatalf("%d mails went by themselves", n-before)
		}
		for _, id := range []int64{sending.ID, paused.ID} {
			if b := h.bulk(id); b.State != BulkPaused || b.WaitReason != WaitRestored {
				t.Errorf("%+v", b)
			}
		}
		if b := h.bulk(scheduled.ID); !b.Waits() || b.WaitReason != WaitRestored {
			t.Errorf("%+v", b)
		}
		for _, id := range []int64{sending.ID, paused.ID, scheduled.ID} {
			_, err := h.in.Resume(ctx, h.scope, id)
			h.must(err)
		}
		h.contact("new@a.example")
		h.confirm(Order{Selection: everybody()})
		h.send()
		if n := h.server.count() - before; n != 5 {
			t.Errorf("%d mails after all were resumed and one more was confirmed", n)
		}
		if _, err := h.in.Look(ctx, lost); err == nil {
			t.Error("a link of the time after the copy leads to somebody")
		}
	})
}
