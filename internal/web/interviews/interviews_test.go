package interviews

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/gate/gatetest"
	"beckon/internal/institution"
	"beckon/internal/posting"
	"beckon/internal/recruiting"
	"beckon/internal/web/visit/visittest"
	"beckon/internal/web/webtest"
)

type house struct {
	*visittest.Site
	elm, company, job      int64
	amaraID, danaID        int64
	interviews             *posting.Interviews
	jobs                   *posting.Jobs
	recruiting             *recruiting.Recruiting
	dana, viewer, stranger *visittest.Browser
	amara                  *visittest.Browser
}

func open(t *testing.T) *house {
	s := visittest.New(t)
	book := &contact.Book{DB: s.DB, Now: s.Now}
	h := &house{Site: s, elm: s.Institution("Elm University"),
		interviews: &posting.Interviews{DB: s.DB, Now: s.Now, Key: s.Key, BaseURL: s.URL, Book: book},
		jobs:       &posting.Jobs{DB: s.DB, Now: s.Now, Book: book}, recruiting: &recruiting.Recruiting{DB: s.DB, Now: s.Now, Book: book}}
	h.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE institutions SET timezone = 'Europe/Copenhagen' WHERE id = $1`, h.elm)
		return err
	})
	oak := s.Institution("Oak College")
	(&Pages{Interviews: h.interviews, DB: s.DB, Now: s.Now}).Routes(s.Mux)
	join := func(name, email string, at int64, role institution.Role) (int64, *visittest.Browser) {
		id := s.User(name, email)
		s.Staff(at, id, role)
		return id, s.As(id)
	}
	h.danaID, h.dana = join("Dana Whitfield", "dana@elm.example", h.elm, institution.Reviewer)
	_, h.viewer = join("Vera Moreau", "vera@elm.example", h.elm, institution.Viewer)
	_, h.stranger = join("Otto Reyes", "otto@oak.example", oak, institution.Owner)
	h.amaraID = s.User("Amara Okafor", "amara@northwind.example")
	h.amara = s.As(h.amaraID)
	h.company = s.Member(h.amaraID, "Northwind Robotics", "admin")
	return h
}

func (h *house) must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

func (h *house) system() institution.Scope { return institution.System(h.elm, "test") }

// hire lets the company recruit and shows its job to students.
func (h *house) hire() {
	h.T.Helper()
	ctx := h.T.Context()
	h.must(h.recruiting.Approve(ctx, h.system(), h.company))
	j, err := h.jobs.Post(ctx, h.amaraID, posting.JobInput{Title: "Robot <i>tamer</i>", Description: "Tame robots.", Institutions: []int64{h.elm}})
	h.must(err)
	h.must(h.jobs.Approve(ctx, h.system(), j.ID))
	h.job = j.ID
}

func (h *house) offer() string { return db.FormatID(h.job) + "_" + db.FormatID(h.elm) }

// wish are the fields of a request.
func (h *house) wish(more ...string) []string {
	return append([]string{"job", h.offer(), "date", "2026-12-03", "starts_at", "09:00", "slots", "3", "slot_minutes", "25", "break_minutes", "5", "way", "on_site"}, more...)
}

// asked makes a request and answers its id.
func (h *house) asked() string {
	h.T.Helper()
	answer := h.amara.Post("/recruit/interviews", h.wish()...)
	return strings.TrimPrefix(answer.Header.Get("Location"), "/recruit/interviews/")
}

// student makes a student who is a user too.
func (h *house) student(first, last, email string) institution.Scope {
	h.T.Helper()
	h.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO students (institution_id, email, email_key, first_name, last_name, name_key, search, shown, created_at, updated_at)
			VALUES ($1, $2, $2, $3, $4, $4, '', '', $5, $5)`, h.elm, email, first, last, db.Millis(gatetest.Now))
		return err
	})
	s, err := institution.Student(h.T.Context(), h.DB, h.User(first+" "+last, email), h.elm)
	h.must(err)
	return s
}

func TestRequestingShowsWhatIsMissing(t *testing.T) {
	h := open(t)
	h.amara.Get("/recruit/interviews").Shows(200, "No interviews yet", "/recruit/interviews/new")
	h.amara.Get("/recruit/interviews/new").Shows(200, "No job to interview for yet", `href="/recruit/jobs/new"`)
	nobody := h.As(h.User("Nia Fox", "nia@mail.example"))
	nobody.Get("/recruit/interviews/new").Shows(200, "Your company comes first")
	nobody.Post("/recruit/interviews", h.wish("job", "1_"+db.FormatID(h.elm))...).Shows(403, "No company has approved you")
	h.hire()
	nobody.Post("/recruit/interviews", h.wish()...).Shows(403, "No company has approved you", "/recruit/company")
	h.amara.Get("/recruit/interviews/new").Shows(200, "Robot &lt;i&gt;tamer&lt;/i&gt;, at Elm University", "Choose a job and a date").Lacks("style=", "<i>tamer")
	query := "/recruit/interviews/new?job=" + h.offer() + "&date=2026-12-03&starts_at=09:00&slots=3&slot_minutes=25&break_minutes=5"
	h.amara.Get(query).Shows(200, "Thursday 3 December 2026, 09:00 to 10:25", ">09:30<", "CET (UTC+01:00)")
	h.amara.Get(query+"&pause_minutes=x").Shows(200, "Minutes", "must be a number from 0 to 480")
	h.amara.Get(strings.Replace(strings.Replace(query, "2026-12-03", "2027-03-28", 1), "09:00", "02:30", 1)).Shows(200, "clocks go forward from 02:00 to 03:00")
	h.amara.Post("/recruit/interviews", h.wish("video_url", "http://plain.example")...).Shows(422, "Video address", `value="2026-12-03"`, `value="http://plain.example"`)
	if n := h.Int(`SELECT COUNT(*) FROM interview_requests`); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	h.must(h.recruiting.Block(t.Context(), h.system(), h.company, ""))
	h.amara.Post("/recruit/interviews", h.wish()...).Shows(403, "has blocked your company", "/help/getting-approved#blocked")
}

func TestStaffDecideAndRecruitersAnswer(t *testing.T) {
	h := open(t)
	h.dana.Get("/at/elm/interviews").Shows(200, "No interviews yet", "/help/interviews")
	h.hire()
	id := h.asked()
	own, theirs := "/recruit/interviews/"+id, "/at/elm/interviews/"+id
	h.amara.Get(own).Shows(200, "Elm University is asked.", "Waits for a decision", "Staff of Elm University decide.", "09:30", own+"/withdraw")
	h.amara.Get("/recruit/interviews?q=elm").Shows(200, "Robot &lt;i&gt;tamer", "Search job or institution")
	h.dana.Get("/at/elm/interviews?q=north").Shows(200, "Robot &lt;i&gt;tamer", "Search job or company")
	h.dana.Get("/at/elm/interviews?state=requested").Shows(200, "Robot &lt;i&gt;tamer", "Northwind Robotics", "Thu 3 Dec 2026, 09:00").Lacks("<i>tamer", "style=")
	h.dana.Get("/at/elm/interviews?state=approved").Shows(200, "No interviews stand here")
	h.dana.Get(theirs).Shows(200, "3 slots of 25 minutes, 5 between", "Amara Okafor", "asked for it", "/approve", "/propose", "/decline")
	h.dana.Post(theirs+"/propose", "date", "2020-01-01", "starts_at", "13:00", "note", "Kept").Shows(422, "Date is over", "<details open", "Kept")
	h.dana.Post(theirs+"/propose", "date", "2026-12-04", "starts_at", "13:00", "place", "Room <b>3</b>", "note", "The hall is taken.").LeadsTo(theirs)
	h.amara.Get(own).Shows(200, "proposes another time", "Friday 4 December 2026, 13:00 to 14:25", "The hall is taken.", own+"/answer")
	h.amara.Post(own+"/answer", "accept", "yes").LeadsTo(own)
	h.amara.Get(own).Shows(200, "Approved", "Room &lt;b&gt;3&lt;/b&gt;", "0 of 3 taken").Lacks(own+"/answer", own+"/withdraw")
	h.dana.Post(theirs+"/decline").Shows(409, "is approved")
	h.must(h.interviews.Take(t.Context(), h.student("Wren", "Castellanos", "wren@students.example"), must(db.ParseID(id)), 2))
	h.dana.Get(theirs).Shows(200, "Wren Castellanos", "1 of 3 taken", "accepted the proposal").Lacks("wren@")
	h.dana.Post(theirs+"/move", "place", strings.Repeat("x", 301)).Shows(422, "Place")
	h.dana.Post(theirs+"/move", "place", "Room 4").LeadsTo(theirs)
	h.amara.Get(own).Shows(200, "Room 4")
	h.amara.Get(own).Shows(200, "Wren C.").Lacks("Castellanos", "wren@")
	h.must(h.recruiting.Decline(t.Context(), h.system(), h.company, ""))
	h.dana.Get(theirs).Shows(200, "may not recruit here now", theirs+"/cancel")
	h.dana.Get("/at/elm/interviews?state=flagged").Shows(200, "company is not", "Robot")
	h.amara.Get(own).Shows(200, "may not recruit at Elm University now").Lacks("Wren")
	h.dana.Post(theirs+"/cancel").Shows(422, "Reason")
	h.dana.Post(theirs+"/cancel", "reason", "Not <u>here</u>").LeadsTo(theirs)
	h.amara.Get(own).Shows(200, "Cancelled", "Not &lt;u&gt;here", "Take it out of your calendar").Lacks("<u>here")
	h.amara.Get(own+"/interview.ics").Shows(200, "METHOD:CANCEL\r\n", "STATUS:CANCELLED\r\n")
}

func TestPagesSayWhatComesNext(t *testing.T) {
	h := open(t)
	h.hire()
	id := h.asked()
	own, theirs := "/recruit/interviews/"+id, "/at/elm/interviews/"+id
	h.must(h.jobs.Decline(t.Context(), h.system(), h.job, ""))
	h.dana.Get(theirs).Shows(200, "asks for interviews", "Students do not see the job", "/at/elm/jobs/"+db.FormatID(h.job))
	h.must(h.recruiting.Block(t.Context(), h.system(), h.company, ""))
	h.dana.Get(theirs).Shows(200, "Approve the company before", "/at/elm/employers/"+db.FormatID(h.company))
	h.must(h.recruiting.Unblock(t.Context(), h.system(), h.company))
	h.must(h.recruiting.Approve(t.Context(), h.system(), h.company))
	h.must(h.jobs.Approve(t.Context(), h.system(), h.job))
	h.dana.Post(theirs+"/approve", "place", "Hall").LeadsTo(theirs)
	h.dana.Get(theirs).Shows(200, "Interviews with Northwind").Lacks("asks for interviews", "Students do not see")
	h.amara.Get(own).Shows(200, "Students choose their times")
	h.must(h.jobs.Decline(t.Context(), h.system(), h.job, ""))
	h.amara.Get(own).Shows(200, "does not show the job to its students now").Lacks("Students choose")
	h.must(h.jobs.Approve(t.Context(), h.system(), h.job))
	h.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE interview_slots SET starts_at = starts_at - 2592000000, ends_at = ends_at - 2592000000`)
		return err
	})
	for page, b := range map[string]*visittest.Browser{own: h.amara, theirs: h.dana, "/recruit/interviews": h.amara, "/at/elm/interviews": h.dana} {
		b.Get(page).Shows(200, "Over").Lacks("Students choose", "/cancel")
	}
	declined := "/recruit/interviews/" + h.asked()
	h.dana.Post(strings.Replace(declined, "/recruit", "/at/elm", 1)+"/decline", "reason", "Exams")
	h.amara.Get(declined).Shows(200, "Ask for another time", "slot_minutes=25", "job="+h.offer())
	h.amara.Get("/recruit/interviews/new?job="+h.offer()+"&slot_minutes=45").Shows(200, `value="45"`, `value="`+h.offer()+`" selected`)
}

func must[V any](v V, ok bool) V {
	if !ok {
		panic("no value")
	}
	return v
}

func TestARecruiterTakesBack(t *testing.T) {
	h := open(t)
	h.hire()
	own := "/recruit/interviews/" + h.asked()
	h.amara.Post(own + "/withdraw").LeadsTo(own)
	h.amara.Get(own).Shows(200, "Withdrawn").Lacks(own + "/withdraw")
	id := h.asked()
	h.dana.Post("/at/elm/interviews/"+id+"/approve", "place", "Hall").LeadsTo("/at/elm/interviews/" + id)
	own = "/recruit/interviews/" + id
	h.amara.Post(own+"/cancel").Shows(422, "Reason")
	h.amara.Post(own+"/cancel", "reason", "Nobody can travel.").LeadsTo(own)
	h.dana.Get("/at/elm/interviews/"+id).Shows(200, "Nobody can travel.", "cancelled it").Lacks("/cancel\"")
}

func TestWhoMay(t *testing.T) {
	h := open(t)
	h.hire()
	id := h.asked()
	theirs := "/at/elm/interviews/" + id
	h.viewer.Get(theirs).Shows(200, "Deciding takes").Lacks("/approve\"", "/decline\"")
	elsewhere := strings.Replace(theirs, "/elm/", "/oak/", 1)
	h.stranger.Get(theirs).Shows(404)
	h.stranger.Get(elsewhere).Shows(404)
	h.stranger.Get(elsewhere + "/interview.ics").Shows(404)
	forms := map[string][]string{"approve": nil, "decline": nil, "propose": {"date", "2026-12-04", "starts_at", "09:00"}, "cancel": {"reason", "Fire"}, "move": {"place", "Hall"}}
	for act, fields := range forms {
		h.viewer.Post(theirs+"/"+act, fields...).Shows(403)
		h.stranger.Post(theirs+"/"+act, fields...).Shows(404)
		h.stranger.Post(elsewhere+"/"+act, fields...).Shows(404)
	}
	keiko := h.User("Keiko Ito", "keiko@alder.example")
	h.Member(keiko, "Alder", "admin")
	other := h.As(keiko)
	own := "/recruit/interviews/" + id
	for _, path := range []string{own, own + "/interview.ics", "/recruit/interviews/zzz"} {
		other.Get(path).Shows(404)
	}
	for act, fields := range map[string][]string{"answer": {"accept", "yes"}, "withdraw": nil, "cancel": {"reason", "Fire"}} {
		other.Post(own+"/"+act, fields...).Shows(404)
	}
	h.dana.Get("/at/elm/interviews?state=odd").Shows(422)
}

func TestCalendarsAreReadWithoutASession(t *testing.T) {
	h := open(t)
	h.hire()
	id := h.asked()
	h.dana.Post("/at/elm/interviews/" + id + "/approve")
	h.dana.Get("/at/elm/interviews/calendar").Shows(200, "Make a private address")
	h.dana.Post("/at/elm/interviews/calendar").LeadsTo("/at/elm/interviews/calendar")
	scope, err := institution.Staff(t.Context(), h.DB, h.danaID, h.elm)
	h.must(err)
	address, err := h.interviews.Feed(t.Context(), posting.OfStaff(scope))
	h.must(err)
	h.dana.Get("/at/elm/interviews/calendar").Shows(200, address, "Make a new address")
	before := h.Int(`SELECT COUNT(*) FROM audit_events`)
	feed := h.Visitor().Get(address).Shows(200, "BEGIN:VEVENT\r\n", "DTSTART:20261203T080000Z\r\n")
	for name, want := range map[string]string{"Content-Type": "text/calendar; charset=utf-8", "Cache-Control": "no-store", "Set-Cookie": ""} {
		if got := feed.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if after := h.Int(`SELECT COUNT(*) FROM audit_events`); after != before {
		t.Error("reading a calendar changes something")
	}
	h.dana.Post("/at/elm/interviews/calendar")
	h.Visitor().Get(address).Shows(404)
	h.Visitor().Get("/calendar/x.ics").Shows(404)
	h.Visitor().Get(strings.TrimSuffix(address, ".ics")).Shows(404)
	h.amara.Post("/recruit/interviews/calendar").LeadsTo("/recruit/interviews/calendar")
	h.amara.Get("/recruit/interviews/"+id+"/interview.ics").Shows(200, "STATUS:CONFIRMED\r\n")
	wren := h.student("Wren", "Castellanos", "wren@students.example")
	n, _ := db.ParseID(id)
	h.must(h.interviews.Take(t.Context(), wren, n, 1))
	taken, _, _, err := h.interviews.Taken(t.Context(), wren, posting.AppointmentQuery{Limit: 1})
	h.must(err)
	h.Visitor().Get(taken[0].Calendar).Shows(200, "DTEND:20261203T082500Z\r\n")
	h.must(h.interviews.GiveBack(t.Context(), wren, n, 1))
	h.Visitor().Get(taken[0].Calendar).Shows(200, "METHOD:CANCEL\r\n", "STATUS:CANCELLED\r\n").Lacks("LOCATION")
}

func TestPagesAreAccessible(t *testing.T) {
	h := open(t)
	h.hire()
	staff, recruiter := h.Tab(h.danaID), h.Tab(h.amaraID)
	visittest.Accessible(t, recruiter, "/recruit/interviews", "/recruit/interviews/new", "/recruit/interviews/calendar")
	waits, held, proposed := h.asked(), h.asked(), h.asked()
	h.dana.Post("/at/elm/interviews/"+held+"/approve", "place", "Elm Hall, room 12")
	h.dana.Post("/at/elm/interviews/"+proposed+"/propose", "date", "2026-12-04", "starts_at", "13:00", "note", "The hall is taken.")
	n, _ := db.ParseID(held)
	h.must(h.interviews.Take(t.Context(), h.student("Wren", "Castellanos", "wren@students.example"), n, 2))
	h.dana.Post("/at/elm/interviews/calendar")
	visittest.Accessible(t, recruiter, "/recruit/interviews", "/recruit/interviews/"+waits, "/recruit/interviews/"+held, "/recruit/interviews/"+proposed,
		"/recruit/interviews/new?job="+h.offer()+"&date=2026-12-03&starts_at=09:00&slots=12&slot_minutes=25&break_minutes=5&pause_after=6&pause_minutes=60")
	visittest.Accessible(t, staff, "/at/elm/interviews", "/at/elm/interviews?state=flagged", "/at/elm/interviews/"+waits, "/at/elm/interviews/"+held,
		"/at/elm/interviews/"+proposed, "/at/elm/interviews/calendar")
}

func TestThePreviewFollowsTheFormAndKeysDecide(t *testing.T) {
	h := open(t)
	h.hire()
	tab := h.Tab(h.amaraID)
	tab.Visit("/recruit/interviews/new")
	tab.Wait(`document.querySelector('#preview p.soft')`)
	set := func(field, value string) {
		webtest.Eval[bool](tab, fmt.Sprintf(`(() => { const e = document.getElementById(%q); e.value = %q; return e.dispatchEvent(new Event('change', { bubbles: true })) })()`, field, value))
	}
	set("job", h.offer())
	set("date", "2026-12-03")
	tab.Wait(`document.querySelectorAll('#preview .slots li').length == 8`)
	set("slots", "3")
	tab.Wait(`document.querySelectorAll('#preview .slots li').length == 3`)
	tab.Follow("form .button.strong")
	if got := tab.Text("h1"); got != "Robot <i>tamer</i>" {
		t.Fatalf("the request is %q", got)
	}
	staff := h.Tab(h.danaID)
	staff.Visit("/at/elm/interviews?state=requested")
	staff.Follow("a.name")
	staff.Keys("d")
	staff.Wait(`document.querySelector('#decline').open`)
	staff.Click("#decline footer button[type=button]")
	staff.Wait(`!document.querySelector('#decline').open`)
	staff.Fill("#place", "Elm Hall")
	webtest.Eval[bool](staff, `(() => { document.activeElement.blur(); return true })()`)
	staff.Keys("a")
	staff.Wait(`document.querySelector('.note.flash')?.textContent.includes('approved')`)
	if n := h.Int(`SELECT COUNT(*) FROM interview_requests WHERE state = 'approved' AND place = 'Elm Hall'`); n != 1 {
		t.Errorf("%d are approved", n)
	}
}
