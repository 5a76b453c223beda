package invites

import (
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/web/visit/visittest"
	"beckon/internal/web/webtest"
)

// ownersTab is a browser in which the institution's owner is signed in.
func (h *house) ownersTab() *webtest.Tab {
	h.t.Helper()
	return h.Tab(h.Int(`SELECT user_id FROM staff WHERE role = 'owner' AND institution_id = $1`, h.elm))
}

// The dialog asks for a day and a time only where they matter, and keeps what was typed.
func TestInvitingLaterInABrowser(t *testing.T) {
	h := open(t, "amara@northwind.example", "ben@alder.example")
	h.owner.Post("/at/elm/invites", append(fields(h.all()), "label", "fair")...)
	h.send()
	h.Pass(15 * 24 * time.Hour)
	tab := h.ownersTab()
	tab.Expect("422")
	tab.Visit("/at/elm/invites/" + db.FormatID(h.Int(`SELECT MAX(id) FROM bulk_invites`)))
	tab.Click(`form[action="/at/elm/invites/new"] .button`)
	tab.Wait(`document.querySelector("#dialog[open] #dialog-title")?.textContent === "Invite 2 contacts to become users"`)
	if webtest.Eval[bool](tab, `document.querySelector("#scheduled_at").checkVisibility()`) {
		t.Error("a day is asked for though it goes now")
	}
	webtest.Eval[string](tab, `document.querySelector("#when").value = "later"`)
	tab.Wait(`document.querySelector("#scheduled_at").checkVisibility()`)
	webtest.Eval[string](tab, `document.querySelector("#scheduled_at").value = "2026-11-01"`)
	tab.Axe()
	tab.Click("#dialog footer .button.strong")
	tab.Wait(`document.querySelector("#dialog[open] #scheduled_at-error")?.textContent.startsWith("The time is over already")`)
	tab.Axe()
	tab.Size(390, 844)
	tab.Dark(true)
	tab.Axe()
	webtest.Eval[string](tab, `document.querySelector("#scheduled_at").value = "2026-12-31"`)
	tab.Follow("#dialog footer .button.strong")
	tab.Wait(`document.querySelector(".flash")?.textContent.includes("2 contacts will be invited Thu 31 Dec 2026 at 09:00 UTC.")`)

	tab.Click(`[href$="/schedule"]`)
	tab.Wait(`document.querySelector("#dialog[open] #dialog-title")?.textContent === "Send at another time"`)
	tab.Axe()
	webtest.Eval[string](tab, `document.querySelector("#dialog #scheduled_time").value = "10:30"`)
	tab.Follow("#dialog footer .button.strong")
	tab.Wait(`document.querySelector(".flash")?.textContent.includes("It goes out Thu 31 Dec 2026 at 10:30 UTC.")`)
	tab.Click(`[commandfor="send-now"]`)
	tab.Wait(`document.querySelector("#send-now").open`)
	tab.Axe()
}

// The page of a long bulk invite opens without its slowest number, which it asks for by itself.
func TestTheUnansweredOfALongOneAreCountedLater(t *testing.T) {
	h := open(t, "amara@northwind.example", "ben@alder.example")
	where := h.owner.Post("/at/elm/invites", append(fields(h.all()), "label", "fair")...).Header.Get("Location")
	h.send()
	h.exec(`UPDATE bulk_invites SET total = $1`, countAtOnce+1)
	h.owner.Get(where).Shows(200, "Invite the unanswered again").Lacks("again (2)")
	h.viewer.Get(where + "/again").Shows(403)
	h.stranger.Get(where + "/again").Shows(404)
	tab := h.ownersTab()
	tab.Visit(where)
	tab.Wait(`document.querySelector('form[action$="/invites/new"] .button')?.innerText === "Invite the unanswered again (2)"`)
	tab.Click(`form[action$="/invites/new"] .button`)
	tab.Wait(`document.querySelector("#dialog[open] #dialog-title")`)
	h.exec(`UPDATE contact_standing SET standing = 3`)
	tab.Visit(where)
	tab.Wait(`!document.querySelector('form[action$="/invites/new"]')`)
}

func TestPagesAreFitForEverybody(t *testing.T) {
	h := open(t, "amara@northwind.example", "ben@alder.example")
	where := h.later("2027-01-05", "09:30")
	h.exec(`UPDATE contacts SET archived = 1 WHERE email_key = 'ben@alder.example'`)
	visittest.Accessible(t, h.ownersTab(), "/at/elm/invites", where, where+"/schedule")
	h.owner.Post(where + "/send-now").LeadsTo(where)
	h.send()
	visittest.Accessible(t, h.ownersTab(), where)
}
