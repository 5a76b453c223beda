package reports_test

import (
	"strings"
	"testing"

	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/recruiting"
	"beckon/internal/student"
	"beckon/internal/web/reports"
	"beckon/internal/web/visit/visittest"
)

// house is an institution with a conversation that a student may report.
type house struct {
	*visittest.Site
	students                       *student.Students
	rita, amara                    int64
	reviewer, coordinator, foreign *visittest.Browser
	pupil                          institution.Scope
	thread                         int64
}

func newHouse(t *testing.T) *house {
	s := visittest.New(t)
	book := &contact.Book{DB: s.DB, Now: s.Now}
	h := &house{Site: s, students: &student.Students{DB: s.DB, Now: s.Now, Book: book}}
	(&reports.Pages{Students: h.students, Now: s.Now}).Routes(s.Mux)
	elm, oak := s.Institution("Elm University"), s.Institution("Oak College")
	staff := func(at int64, name, email string, role institution.Role) int64 {
		id := s.User(name, email)
		s.Staff(at, id, role)
		return id
	}
	h.rita = staff(elm, "Rita Voss", "rita@elm.example", institution.Reviewer)
	h.reviewer = s.As(h.rita)
	h.coordinator = s.As(staff(elm, "Dana Whitfield", "dana@elm.example", institution.Coordinator))
	h.foreign = s.As(staff(oak, "Olive Banks", "olive@oak.example", institution.Owner))
	talia := s.User("Talia Smit", "talia@elm.example")
	h.amara = s.User("Amara Okafor", "amara@northwind.example")
	id := s.Student(elm, "Talia Smit", "talia@elm.example")
	co := s.Member(h.amara, "Northwind Robotics", company.Admin)
	h.must((&recruiting.Recruiting{DB: s.DB, Now: s.Now, Book: book}).Approve(t.Context(), institution.System(elm, "test"), co))
	var err error
	h.pupil, err = institution.Student(t.Context(), s.DB, talia, elm)
	h.must(err)
	_, err = h.students.Allow(t.Context(), h.pupil, student.Choice{Allows: true})
	h.must(err)
	threads, err := h.students.Write(t.Context(), h.amara, student.Letter{InstitutionID: elm, Students: []int64{id}, Subject: "An offer", Body: "Send us <b>money</b>."})
	h.must(err)
	h.thread = threads[0].ID
	return h
}

func (h *house) must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

// report lets the student report the conversation, and gives the page of the report.
func (h *house) report() string {
	h.T.Helper()
	h.must(h.students.ReportAsStudent(h.T.Context(), h.pupil, h.thread, "They ask for <money>"))
	found, _, _, err := h.students.Reports(h.T.Context(), institution.System(h.pupil.ID(), "test"), student.ReportQuery{State: student.ReportOpen, Limit: 1})
	h.must(err)
	return "/at/elm/messages/" + db.FormatID(found[0].ID)
}

func TestStaffSeeThatMessagesGoAndNotWhatTheySay(t *testing.T) {
	h := newHouse(t)
	h.reviewer.Get("/at/elm/messages").Shows(200, "1 conversation", "1 message", "Northwind Robotics", "No reports here").Lacks("money", "Talia", "An offer")
	h.coordinator.Get("/at/elm/messages").Shows(403)
	h.foreign.Get("/at/elm/messages").Shows(404)
	h.foreign.Get("/at/oak/messages").Shows(200, "0 conversations").Lacks("Northwind")
	h.reviewer.Get("/at/elm/messages?state=odd").Shows(422)
}

func TestAReportIsReadAndResolved(t *testing.T) {
	h := newHouse(t)
	page := h.report()
	read := `SELECT COUNT(*) FROM audit_events WHERE action = 'thread.read'`
	h.reviewer.Get("/at/elm/messages").Shows(200, "They ask for &lt;money&gt;", "Talia Smit", page).Lacks("Send us")
	h.reviewer.Get("/at/elm/messages?q=zzz").Shows(200, "Nothing matches")
	h.reviewer.Get(page).Shows(200, "They ask for &lt;money&gt;", "1 message between Amara Okafor and Talia Smit", "Go to Northwind Robotics").Lacks("Send us", "An offer")
	if n := h.Int(read); n != 0 {
		t.Error("looking at a report counts as reading the conversation")
	}
	h.reviewer.Post(page+"/read").Shows(200, "Send us &lt;b&gt;money", "An offer", "Amara Okafor").Lacks("<b>money")
	if n := h.Int(read); n != 1 {
		t.Errorf("reading is recorded %d times", n)
	}
	h.reviewer.Post(page+"/resolve", "note", "").Shows(422, `href="#note"`)
	h.reviewer.Post(page+"/resolve", "note", "Spoke with <both>").LeadsTo("/at/elm/messages")
	h.reviewer.Get("/at/elm/messages").Shows(200, "The report is resolved", "No reports here")
	h.reviewer.Get("/at/elm/messages?state=resolved").Shows(200, page, "Resolved")
	h.reviewer.Get(page).Shows(200, "Spoke with &lt;both&gt;", "Rita Voss").Lacks("Resolve it")
	h.reviewer.Post(page+"/resolve", "note", "Again").Shows(409, "resolved already")
}

func TestReportsAreForReviewersOfTheInstitution(t *testing.T) {
	h := newHouse(t)
	page := h.report()
	foreign := strings.Replace(page, "elm", "oak", 1)
	for _, path := range []string{page, foreign} {
		h.foreign.Get(path).Shows(404)
		h.foreign.Post(path + "/read").Shows(404)
		h.foreign.Post(path+"/resolve", "note", "x").Shows(404)
	}
	h.coordinator.Get(page).Shows(403)
	h.coordinator.Post(page + "/read").Shows(403).Lacks("Send us")
	h.coordinator.Post(page+"/resolve", "note", "x").Shows(403)
	h.reviewer.Get("/at/elm/messages/!").Shows(404)
	if n := h.Int(`SELECT COUNT(*) FROM message_reports WHERE state = 'open'`); n != 1 {
		t.Error("somebody else resolved it")
	}
}

func TestPagesAreAccessible(t *testing.T) {
	h := newHouse(t)
	tab := h.Tab(h.rita)
	visittest.Accessible(t, tab, "/at/elm/messages")
	page := h.report()
	visittest.Accessible(t, tab, "/at/elm/messages", page)
	tab.Follow(`form[action$="/read"] button`)
	tab.Wait(`document.body.innerText.includes('Send us')`)
	tab.Axe()
}
