package invites

import (
	"context"
	"html"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/invite"
	"beckon/internal/mail"
	"beckon/internal/recruiting"
	"beckon/internal/web/visit/visittest"
)

// house is an institution with contacts, and staff of every role in their browsers.
type house struct {
	*visittest.Site
	t        *testing.T
	elm      int64
	ids      []int64
	invites  *invite.Invites
	owner    *visittest.Browser
	viewer   *visittest.Browser
	stranger *visittest.Browser
}

func open(t *testing.T, addresses ...string) *house {
	s := visittest.New(t)
	h := &house{Site: s, t: t, elm: s.Institution("Elm University")}
	oak := s.Institution("Oak College")
	book := &contact.Book{DB: s.DB, Now: s.Now}
	h.invites = &invite.Invites{DB: s.DB, Now: s.Now, Key: s.Key, Book: book, Accounts: s.Accounts,
		Recruiting: &recruiting.Recruiting{DB: s.DB, Now: s.Now, Book: book}, BaseURL: s.URL, MailFrom: "careers@beckon.example"}
	(&Pages{Invites: h.invites, Book: book, Institutions: s.Institutions, Now: s.Now}).Routes(s.Mux)
	join := func(name, email string, at int64, role institution.Role) *visittest.Browser {
		id := s.User(name, email)
		s.Staff(at, id, role)
		return s.As(id)
	}
	h.owner = join("Dana Whitfield", "dana@elm.example", h.elm, institution.Owner)
	h.viewer = join("Vera Moreau", "vera@elm.example", h.elm, institution.Viewer)
	h.stranger = join("Otto Reyes", "otto@oak.example", oak, institution.Owner)
	for _, a := range addresses {
		h.ids = append(h.ids, s.Contact(h.elm, a))
	}
	return h
}

func (h *house) id(i int) string { return db.FormatID(h.ids[i]) }

// send sends all that waits, by a mail server that takes everything.
func (h *house) send() {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	sender := &invite.Sender{Invites: h.invites, Mail: mail.Mailbox{Keep: func(context.Context, string, string, []byte) error { return nil }}, Connections: 2, Log: slog.New(slog.DiscardHandler)}
	done := make(chan struct{})
	go func() { sender.Run(ctx); close(done) }()
	for deadline := time.Now().Add(2 * time.Minute); h.Int(`SELECT COUNT(*) FROM bulk_invites WHERE state IN ('preparing', 'sending')`) > 0; {
		if time.Now().After(deadline) {
			h.t.Fatal("not sent within 2 minutes")
		}
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	<-done
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// fields are the hidden fields of a dialog, as a browser would send them.
func fields(a visittest.Answer) (all []string) {
	for _, m := range hiddenField.FindAllStringSubmatch(a.Body, -1) {
		all = append(all, m[1], html.UnescapeString(m[2]))
	}
	return all
}

func (h *house) all(more ...string) visittest.Answer {
	h.t.Helper()
	return h.owner.Post("/at/elm/invites/new", append([]string{"mode", "filter", "filter", ""}, more...)...)
}

func (h *house) bulks() int64 {
	h.t.Helper()
	return h.Int(`SELECT COUNT(*) FROM bulk_invites`)
}

func TestTheDialogSaysWhatWillHappen(t *testing.T) {
	h := open(t, "amara@northwind.example", "ben@alder.example", "chi@tidewater.example")
	h.User("Ben Banerjee", "ben@alder.example")
	h.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO suppressions (institution_id, email_key, reason, created_at) VALUES ($1, 'chi@tidewater.example', 'manual', 1)`, h.elm)
		return err
	})
	h.all().Shows(200, "Invite 2 contacts to become users", "3 selected, 1 will be skipped", "Create your account", "Join your company",
		"unsubscribed, bounced or stopped by staff", "/at/elm/settings/suppressed", `value="invited 2026-11-23"`,
		"Invite 2 employer contacts", "Send a test to dana@elm.example", "Dear Dana,", "<!doctype html>").Lacks("hx-post=\"/at/elm/invites/new\"", "style=")
	if h.bulks() != 0 {
		t.Error("the dialog made a bulk invite")
	}
	h.owner.Header.Set("HX-Request", "true")
	h.all().Shows(200, `<form class="sheet"`, `hx-post="/at/elm/invites"`).Lacks("<!doctype html>")
}

func TestConfirmOnce(t *testing.T) {
	h := open(t, "amara@northwind.example", "ben@alder.example")
	form := append(fields(h.all()), "label", "invited 2026-11-23", "note", "See you at the fair.")
	first := h.owner.Post("/at/elm/invites", form...)
	where := first.Header.Get("Location")
	first.LeadsTo(where)
	h.owner.Post("/at/elm/invites", form...).LeadsTo(where)
	if n := h.bulks(); n != 1 {
		t.Fatalf("%d bulk invites after a double click", n)
	}
	h.owner.Get(where).Shows(200, "2 contacts are being invited.", "0 of 2 sent", "All contacts", "See you at the fair.", "Pause", "Cancel the rest", "Dana Whitfield")
	other := append(form[:len(form)-1:len(form)-1], "Another word.")
	h.owner.Post("/at/elm/invites", other...).Shows(409, "You have confirmed this dialog before")
	if n := h.bulks(); n != 1 {
		t.Fatalf("%d bulk invites after the dialog came back", n)
	}
	h.owner.Get("/at/elm/invites").Shows(200, "invited 2026-11-23", "All contacts", "0 sent")
	h.owner.Get("/at/elm/invites?q=nobody").Shows(200, "Nothing matches")
}

func TestAChangedSelectionIsAskedAboutAgain(t *testing.T) {
	h := open(t, "amara@northwind.example", "ben@alder.example")
	form := fields(h.all())
	h.Contact(h.elm, "late@alder.example")
	again := h.owner.Post("/at/elm/invites", append(form, "label", "")...)
	again.Shows(409, "it held 2 contacts, and holds 3 now. Nothing was sent.", "Invite 3 employer contacts")
	if h.bulks() != 0 {
		t.Fatal("something was sent")
	}
	h.owner.Post("/at/elm/invites", append(fields(again), "label", "")...)
	if h.Int(`SELECT total FROM bulk_invites`) != 3 || h.Int(`SELECT COUNT(*) FROM labels`) != 0 {
		t.Error("the second confirm did not invite three without a label")
	}
}

func TestNobodyToSendTo(t *testing.T) {
	h := open(t, "amara@northwind.example")
	h.owner.Post("/at/elm/invites/new", "mode", "ids").Shows(200, "There is nobody to invite", "Nobody is selected").Lacks("employer contact<", "Invite 0")
	confirmed := append(fields(h.all()), "label", "x")
	h.owner.Post("/at/elm/invites", confirmed...)
	again := h.owner.Post("/at/elm/invites/new", "mode", "ids", "id", h.id(0))
	again.Shows(200, "There is nobody to invite", "invited in the last 14 days", "Include them").Lacks(`formaction="/at/elm/invites"`)
	h.owner.Post("/at/elm/invites", fields(again)...).Shows(422, "There is nobody to invite")
	h.owner.Post("/at/elm/invites/new", append(fields(again), "include_too", "recently_invited")...).Shows(200, "Invite 1 employer contact", "Included: invited in the last 14 days")
}

func TestWhatIsTypedIsNotMarkup(t *testing.T) {
	h := open(t, "amara@northwind.example")
	const evil = `<script>alert(1)</script>"'`
	d := h.all("label", evil, "note", evil)
	d.Shows(200, "&lt;script&gt;").Lacks("<script>alert")
	where := h.owner.Post("/at/elm/invites", append(fields(d), "label", evil, "note", evil)...).Header.Get("Location")
	h.owner.Get(where).Shows(200, "&lt;script&gt;").Lacks("<script>alert")
	h.owner.Get("/at/elm/invites").Shows(200, "&lt;script&gt;").Lacks("<script>alert")
	h.owner.Get(where+"?q="+url.QueryEscape(evil)).Shows(200, "Nothing matches").Lacks("<script>alert")
}

func TestWhoMay(t *testing.T) {
	h := open(t, "amara@northwind.example")
	where := h.owner.Post("/at/elm/invites", append(fields(h.all()), "label", "fair")...).Header.Get("Location")
	h.viewer.Get(where).Shows(200, "fair", "Export").Lacks("Cancel the rest", "Pause", "Resume")
	for _, act := range []string{"/pause", "/resume", "/cancel"} {
		h.viewer.Post(where + act).Shows(403)
		h.stranger.Post(where + act).Shows(404)
	}
	h.viewer.Post("/at/elm/invites/new", "mode", "filter").Shows(403)
	h.viewer.Post("/at/elm/invites", "mode", "filter", "expected_total", "1").Shows(403)
	h.viewer.Post("/at/elm/invites/test", "mode", "filter").Shows(403)
	for _, page := range []string{"", "/progress", "/invites.csv"} {
		h.stranger.Get(where + page).Shows(404)
		h.stranger.Get(strings.Replace(where, "/elm/", "/oak/", 1) + page).Shows(404)
	}
	h.stranger.Get("/at/elm/invites").Shows(404)
	h.Visitor().Get(where).LeadsTo("/sign-in?to=" + url.QueryEscape(where))
	h.owner.Get(where + "?show=everything").Shows(404)
	h.owner.Get("/at/elm/invites/zz9").Shows(404)
}

func TestFollowASentBulkInvite(t *testing.T) {
	h := open(t, "amara@northwind.example", "ben@alder.example")
	where := h.owner.Post("/at/elm/invites", append(fields(h.all()), "label", "fair")...).Header.Get("Location")
	if h.owner.Get(where+"/progress").Shows(200, `hx-get="`+where+`/progress"`).Header.Get("HX-Refresh") != "" {
		t.Error("the page is loaded anew while it is being sent")
	}
	h.owner.Post(where + "/pause").LeadsTo(where)
	h.owner.Get(where).Shows(200, "Paused. Nothing goes until you resume.", "2 invites stay unsent until you resume.", "Resume")
	h.owner.Post(where + "/resume").LeadsTo(where)
	h.send()
	h.owner.Get(where).Shows(200, "2 of 2 sent", "amara@northwind.example", "ben@alder.example", "sent today").Lacks("Cancel the rest", "hx-trigger")
	if h.owner.Get(where+"/progress").Header.Get("HX-Refresh") != "true" {
		t.Error("the page is not loaded anew at the end")
	}
	h.owner.Get(where+"?show=unanswered&q=amara").Shows(200, "amara@northwind.example").Lacks("ben@alder.example")
	h.owner.Get(where+"?show=accepted").Shows(200, "Nobody yet")
	file := h.owner.Get(where+"/invites.csv").Shows(200, "first_name,last_name,email,", "A,B,amara@northwind.example,create_account,sent,")
	if got := strings.Count(file.Body, "\n"); got != 3 {
		t.Errorf("%d lines in the file", got)
	}
	h.owner.Post(where + "/cancel").Shows(409)
}

func TestCancelTheRest(t *testing.T) {
	h := open(t, "amara@northwind.example", "ben@alder.example")
	where := h.owner.Post("/at/elm/invites", append(fields(h.all()), "label", "fair")...).Header.Get("Location")
	h.owner.Get(where).Shows(200, "Cancel 2 invites")
	h.owner.Post(where + "/cancel").LeadsTo(where)
	h.owner.Get(where).Shows(200, "2 invites stay unsent.", "Cancelled")
}

func TestATestGoesToOneself(t *testing.T) {
	h := open(t, "amara@northwind.example")
	d := h.all("note", "Hello")
	h.owner.Post("/at/elm/invites/test", append(fields(d), "label", "mine", "note", "Hello")...).Shows(200, "A test is on its way to dana@elm.example.", `value="mine"`, "Hello</textarea>")
	if h.Int(`SELECT COUNT(*) FROM outbox WHERE recipient = 'dana@elm.example'`) != 1 || h.bulks() != 0 {
		t.Error("one test and nothing else should be on its way")
	}
}

func TestHowFastItGoes(t *testing.T) {
	var r rates
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	if got := r.note(1, now, 0); got != 0 {
		t.Errorf("a rate of %v from one look", got)
	}
	if got := r.note(1, now.Add(2*time.Second), 20); got != 10 {
		t.Errorf("%v a second, want 10", got)
	}
	r.note(2, now.Add(2*rateKept), 1)
	if len(r.seen) != 1 {
		t.Errorf("%d remembered; the one nobody looks at should be gone", len(r.seen))
	}
}
