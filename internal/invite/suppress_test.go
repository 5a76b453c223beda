package invite

import (
	"errors"
	"testing"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

func TestStaffSuppressAnAddress(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("Stop@a.example")
		h.contact("keen@a.example")
		b := h.confirm(Order{Selection: everybody()})
		h.must(h.in.Suppress(ctx, h.scope, " STOP@a.example "))
		if err := h.in.Suppress(ctx, h.scope, "stop@a.example"); !isConflict(err) {
			t.Errorf("twice: %v", err)
		}
		if err := h.in.Suppress(ctx, h.scope, "nobody"); !isFields(err) {
			t.Errorf("no address: %v", err)
		}
		reader := institution.Token(1, 1, "reader", []institution.Permission{institution.Read})
		var forbidden fault.Forbidden
		if err := h.in.Suppress(ctx, reader, "keen@a.example"); !errors.As(err, &forbidden) {
			t.Errorf("a reader suppresses: %v", err)
		}
		h.send()
		if b = h.bulk(b.ID); b.Counts.Sent != 1 || b.Unfit[Suppressed] != 1 {
			t.Errorf("%+v", b)
		}
	})
}

func TestSuppressionsAreListedAndLifted(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.contact("gone@a.example")
		for _, key := range []string{"gone@a.example", "stop_it@b.example", "stopXit@b.example"} {
			h.exec(h.in.DB, `INSERT INTO suppressions (institution_id, email_key, reason, created_at) VALUES (1, $1, 'bounced', 5)`, key)
		}
		all, total, err := h.in.Suppressions(ctx, h.scope, "", "", 2)
		if err != nil || total != 3 || len(all) != 2 || all[0].ContactID != id || all[0].Reason != "bounced" || all[1].ContactID != 0 {
			t.Fatalf("%+v of %d, %v", all, total, err)
		}
		if rest, _, err := h.in.Suppressions(ctx, h.scope, "", all[1].Key, 2); err != nil || len(rest) != 1 {
			t.Errorf("the next page is %+v, %v", rest, err)
		}
		if found, n, err := h.in.Suppressions(ctx, h.scope, "STOP_it", "", 9); err != nil || n != 1 || found[0].Key != "stop_it@b.example" {
			t.Errorf("found %+v, %v", found, err)
		}

		// What PostgreSQL does not take is left out of what is looked for.
		if _, n, err := h.in.Suppressions(ctx, h.scope, "st\x00op\xff", "", 9); err != nil || n != 2 {
			t.Errorf("%d found, %v", n, err)
		}
		h.contact("keen@a.example")
		b := h.confirm(Order{Selection: everybody(), Label: "spring"})
		if _, n, err := h.in.Past(ctx, h.scope, "Spr\x00ing\xff", 0, 9); err != nil || n != 1 {
			t.Errorf("%d bulk invites found, %v", n, err)
		}
		if _, n, err := h.in.List(ctx, h.scope, b.ID, InviteFilter{Q: "KE\x00EN\xff"}, 0, 9); err != nil || n != 1 {
			t.Errorf("%d invites found, %v", n, err)
		}

		reader := institution.Token(1, 1, "reader", []institution.Permission{institution.Read})
		var forbidden fault.Forbidden
		if err := h.in.Lift(ctx, reader, "gone@a.example"); !errors.As(err, &forbidden) {
			t.Errorf("a reader lifts: %v", err)
		}
		if err := h.in.Lift(ctx, institution.System(2, "test"), "gone@a.example"); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("another institution lifts: %v", err)
		}
		before := h.preview()
		h.must(h.in.Lift(ctx, h.scope, "gone@a.example"))
		if after := h.preview(); before.Skipped[Suppressed] != 1 || after.WillSend != 1 {
			t.Errorf("before %+v, after %+v", before, after)
		}
		if err := h.in.Lift(ctx, h.scope, "gone@a.example"); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("lifted twice: %v", err)
		}
		var events []audit.Event
		h.must(h.in.DB.Read(ctx, func(tx *db.Tx) (err error) {
			events, err = audit.Of(ctx, tx, 1, "contact", id, 1)
			return err
		}))
		if len(events) != 1 || events[0].Action != "suppression.lifted" {
			t.Errorf("the record is %+v", events)
		}
	})
}
