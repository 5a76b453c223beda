package invites

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/invite"
)

// later confirms inviting everybody at a time on the institution's clock.
func (h *house) later(date, clock string) string {
	h.t.Helper()
	answer := h.owner.Post("/at/elm/invites", append(fields(h.all()), "label", "later", "when", "later", "date", date, "time", clock)...)
	where := answer.Header.Get("Location")
	answer.LeadsTo(where)
	return where
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	h.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
}

func TestScheduleInTheZoneOfTheInstitution(t *testing.T) {
	h := open(t, "amara@northwind.example")
	h.exec(`UPDATE institutions SET timezone = 'America/New_York' WHERE id = $1`, h.elm)
	tomorrow := h.Now().AddDate(0, 0, 1).Format("2006-01-02")
	form := fields(h.all().Shows(200, `name="when"`, "at a date and time", `value="`+tomorrow+`"`, `value="09:00"`, "in America/New_York"))
	for _, c := range []struct{ date, clock, says string }{
		{"2026-11-01", "09:00", "The time is over already"},
		{"2028-01-10", "09:00", "The time is more than a year ahead"},
		{"2027-03-14", "02:30", "The time is a time that does not exist on that day"},
		{"", "09:00", "The time needs a date like 2026-11-23"},
	} {
		h.owner.Post("/at/elm/invites", append(form, "label", "mine", "when", "later", "date", c.date, "time", c.clock)...).
			Shows(422, c.says, `href="#scheduled_at"`, `id="scheduled_at-error"`, `value="mine"`, `value="`+c.clock+`"`)
	}
	if h.bulks() != 0 {
		t.Fatal("a refused time made a bulk invite")
	}
	where := h.later("2026-12-01", "09:30")
	if at := h.Int(`SELECT scheduled_at FROM bulk_invites`); !db.Time(at).Equal(time.Date(2026, 12, 1, 14, 30, 0, 0, time.UTC)) {
		t.Errorf("it goes out %s", db.Time(at))
	}
	h.owner.Get(where).Shows(200, "1 contact will be invited Tue 1 Dec 2026 at 09:30 EST (UTC−05:00).", "Goes out Tue 1 Dec 2026 at 09:30 EST", "Scheduled", "Change the time", "Send now", "Cancel it").
		Lacks("Pause", "every 1s")
	if h.owner.Get(where+"/progress?scheduled").Shows(204).Header.Get("HX-Refresh") != "" {
		t.Error("the page is loaded anew before its time")
	}
	h.owner.Get("/at/elm/invites").Shows(200, "goes out Tue 1 Dec 2026 at 09:30 EST")

	h.owner.Get(where+"/schedule").Shows(200, `value="2026-12-01"`, `value="09:30"`, "Move 1 invite", "<!doctype html>")
	h.owner.Post(where+"/schedule", "date", "2027-03-14", "time", "02:30").Shows(422, "does not exist on that day", `value="02:30"`)
	h.owner.Post(where+"/schedule", "date", "2027-03-14", "time", "03:30").LeadsTo(where)
	h.owner.Get(where).Shows(200, "It goes out Sun 14 Mar 2027 at 03:30 EDT (UTC−04:00).")
	h.owner.Post(where + "/send-now").LeadsTo(where)
	if h.owner.Get(where+"/progress?scheduled").Shows(204).Header.Get("HX-Refresh") != "true" {
		t.Error("the page does not see that it went out")
	}
	h.send()
	h.owner.Get(where).Shows(200, "1 of 1 sent")
	h.owner.Get(where + "/schedule").Shows(409)
	h.owner.Post(where+"/schedule", "date", "2027-03-15", "time", "03:30").Shows(409)
	h.owner.Post(where + "/send-now").Shows(409)
}

func TestWhoMaySchedule(t *testing.T) {
	h := open(t, "amara@northwind.example")
	where := h.later("2027-01-05", "09:30")
	h.viewer.Get(where).Shows(200, "Goes out").Lacks("Send now", "Change the time")
	h.viewer.Get(where + "/schedule").Shows(403)
	h.viewer.Post(where+"/schedule", "date", "2027-01-06", "time", "09:30").Shows(403)
	h.viewer.Post(where + "/send-now").Shows(403)
	h.stranger.Get(where + "/schedule").Shows(404)
	h.stranger.Post(where+"/schedule", "date", "2027-01-06", "time", "09:30").Shows(404)
	h.stranger.Post(where + "/send-now").Shows(404)
	h.owner.Post(where + "/cancel").LeadsTo(where)
	h.owner.Get(where).Shows(200, "1 invite stays unsent.", "Cancelled")
}

func TestAWaitingOneSaysWhy(t *testing.T) {
	h := open(t, "amara@northwind.example")
	where := h.later("2027-01-05", "09:30")
	h.exec(`UPDATE bulk_invites SET wait_reason = $1`, invite.WaitLate)
	h.owner.Get(where).Shows(200, "Waits for you", "when no server ran", "Send it now, choose another time, or cancel it.", "Send now", "Change the time")
	h.owner.Get("/at/elm/invites").Shows(200, "waits for you")
	h.owner.Get(where+"/schedule").Shows(200, "1 contact is to be invited", `value="2027-01-05"`)
	h.exec(`UPDATE bulk_invites SET scheduled_at = $1`, db.Millis(h.Now().Add(-2*time.Hour)))
	h.owner.Get(where+"/schedule").Shows(200, "1 contact was to be invited", `value="`+h.Now().AddDate(0, 0, 1).Format("2006-01-02")+`"`, `value="09:00"`)
	h.exec(`UPDATE bulk_invites SET scheduled_at = $1`, db.Millis(time.Date(2027, 1, 5, 9, 30, 0, 0, time.UTC)))
	h.exec(`UPDATE bulk_invites SET wait_reason = $1`, invite.WaitRestored)
	h.owner.Get(where).Shows(200, "the data was restored from a copy", "Send it now, choose another time, or cancel it.")
	h.exec(`UPDATE bulk_invites SET state = 'paused'`)
	h.owner.Get("/at/elm/invites").Shows(200, "waits for you")
	h.owner.Get(where).Shows(200, "The data was restored from a copy", "1 invite stays unsent until you resume.", "Resume")
	h.exec(`UPDATE bulk_invites SET wait_reason = ''`)
	h.owner.Get(where).Shows(200, "1 invite stays unsent until you resume. Then it goes out Tue 5 Jan 2027 at 09:30 UTC.")
}

func TestWhoFellOutIsToldApart(t *testing.T) {
	h := open(t, "amara@northwind.example", "ben@alder.example", "chi@tidewater.example", "dora@harbour.example")
	h.exec(`INSERT INTO suppressions (institution_id, email_key, reason, created_at) VALUES ($1, 'chi@tidewater.example', 'manual', 1)`, h.elm)
	where := h.later("2027-01-05", "09:30")
	h.owner.Get(where).Shows(200, "1 skipped at the confirm", "3 contacts").Lacks("fell out")
	h.exec(`UPDATE contacts SET archived = 1 WHERE email_key IN ('ben@alder.example', 'dora@harbour.example')`)
	h.owner.Post(where + "/send-now").LeadsTo(where)
	h.send()
	h.owner.Get(where).Shows(200, "2 fell out since the confirm", "archived", "1 skipped at the confirm", "1 of 1 sent")
}

func TestInviteTheUnansweredAgain(t *testing.T) {
	h := open(t, "amara@northwind.example", "ben@alder.example", "chi@tidewater.example")
	where := h.owner.Post("/at/elm/invites", append(fields(h.all()), "label", "fair")...).Header.Get("Location")
	h.owner.Get(where).Lacks("unanswered again")
	h.send()
	h.exec(`INSERT INTO suppressions (institution_id, email_key, reason, created_at) VALUES ($1, 'chi@tidewater.example', 'unsubscribed', 1)`, h.elm)
	page := h.owner.Get(where).Shows(200, "Invite the unanswered again (2)", "Select these")
	h.viewer.Get(where).Shows(200, "Select these").Lacks("unanswered again")
	dialog := h.owner.Post("/at/elm/invites/new", fields(page)...)
	dialog.Shows(200, "2 selected, 2 will be skipped", "invited in the last 14 days", "Include them")
	included := h.owner.Post("/at/elm/invites/new", append(fields(dialog), "include_too", "recently_invited")...).Shows(200, "Invite 2 employer contacts")
	again := h.owner.Post("/at/elm/invites", append(fields(included), "label", "again")...).Header.Get("Location")
	h.owner.Get(again).Shows(200, "2 contacts", "from", "Bulk invite fair, 23 Nov 2026", "An invite is sent")
	if h.Int(`SELECT COUNT(*) FROM bulk_invites`) != 2 {
		t.Error("it was not made")
	}
}

// The steps lead to Contacts with as many contacts as they count.
func TestStepsSelectTheirContacts(t *testing.T) {
	h := open(t, "amara@northwind.example", "ben@alder.example")
	where := h.owner.Post("/at/elm/invites", append(fields(h.all()), "label", "fair")...).Header.Get("Location")
	h.send()
	page := h.owner.Get(where)
	_, rest, found := strings.Cut(page.Body, `/at/elm/contacts?archived=any&amp;bulk_invite=`)
	if !found {
		t.Fatal("no step leads to contacts")
	}
	query, _, _ := strings.Cut(rest, `"`)
	if words, err := url.ParseQuery("bulk_invite=" + strings.ReplaceAll(query, "&amp;", "&")); err != nil || words.Get("invite_reached") != "sent" {
		t.Errorf("the first step leads to %s", query)
	}
}

// A filter by owner reads with the owner's name.
func TestOwnersAreNamed(t *testing.T) {
	h := open(t, "amara@northwind.example")
	dana := h.Int(`SELECT user_id FROM staff WHERE role = 'owner' AND institution_id = $1`, h.elm)
	h.exec(`UPDATE contacts SET owner_id = $1`, dana)
	filter := "owner=" + db.FormatID(dana)
	form := fields(h.owner.Post("/at/elm/invites/new", "mode", "filter", "filter", filter))
	where := h.owner.Post("/at/elm/invites", append(form, "label", "mine")...).Header.Get("Location")
	h.owner.Get(where).Shows(200, "Owner Dana Whitfield", filter)
	h.owner.Get("/at/elm/invites").Shows(200, "Owner Dana Whitfield")
}
