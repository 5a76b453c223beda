package students_test

import (
	"strings"
	"testing"
	"time"

	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/posting"
	"beckon/internal/recruiting"
	"beckon/internal/student"
	"beckon/internal/web/students"
	"beckon/internal/web/visit/visittest"
)

// campus is an institution with a student, and a company whose recruiter has posted a job
// that is approved.
type campus struct {
	*visittest.Site
	students           *student.Students
	interviews         *posting.Interviews
	jobs               *posting.Jobs
	recruiting         *recruiting.Recruiting
	elm                institution.Scope
	talia, amara       int64 // users
	studentID, job, co int64
}

func newCampus(t *testing.T) *campus {
	s := visittest.New(t)
	book := &contact.Book{DB: s.DB, Now: s.Now}
	c := &campus{Site: s,
		students:   &student.Students{DB: s.DB, Now: s.Now, Book: book},
		interviews: &posting.Interviews{DB: s.DB, Now: s.Now, Key: s.Key, BaseURL: s.URL, Book: book},
		jobs:       &posting.Jobs{DB: s.DB, Now: s.Now, Book: book},
		recruiting: &recruiting.Recruiting{DB: s.DB, Now: s.Now, Book: book}}
	(&students.Pages{Students: c.students, Jobs: c.jobs, Interviews: c.interviews, Companies: s.Companies, Now: s.Now}).Routes(s.Mux)
	c.elm = institution.System(s.Institution("Elm University"), "test")
	c.talia, c.amara = s.User("Talia Smit", "talia@elm.example"), s.User("Amara Okafor", "amara@northwind.example")
	c.studentID = s.Student(c.elm.ID(), "Talia Smit", "talia@elm.example", "Economics", "2027")
	c.co = s.Member(c.amara, "Northwind Robotics", company.Admin)
	c.must(c.recruiting.Approve(t.Context(), c.elm, c.co))
	c.job = c.post("Rocket engineer")
	return c
}

func (c *campus) must(err error) {
	c.T.Helper()
	if err != nil {
		c.T.Fatal(err)
	}
}

// post makes a job of the company that students see.
func (c *campus) post(title string) int64 {
	c.T.Helper()
	job, err := c.jobs.Post(c.T.Context(), c.amara, posting.JobInput{Title: title, Description: "Build <b>rockets</b>.\nAnd land them.", Location: "Remote",
		Kind: "internship", ApplyURL: "https://northwind.example/jobs", Institutions: []int64{c.elm.ID()}})
	c.must(err)
	c.must(c.jobs.Approve(c.T.Context(), c.elm, job.ID))
	return job.ID
}

// scope is that of the student.
func (c *campus) scope() institution.Scope {
	c.T.Helper()
	s, err := institution.Student(c.T.Context(), c.DB, c.talia, c.elm.ID())
	c.must(err)
	return s
}

// allow lets recruiters write to the student.
func (c *campus) allow() {
	c.T.Helper()
	_, err := c.students.Allow(c.T.Context(), c.scope(), student.Choice{Allows: true, ShowsMajor: true, ShowsYear: true})
	c.must(err)
}

// write begins a conversation with the student.
func (c *campus) write(subject, body string) string {
	c.T.Helper()
	threads, err := c.students.Write(c.T.Context(), c.amara, student.Letter{InstitutionID: c.elm.ID(), Students: []int64{c.studentID}, Subject: subject, Body: body})
	c.must(err)
	return "/student/elm/messages/" + db.FormatID(threads[0].ID)
}

// hold makes a schedule of four slots that students may take.
func (c *campus) hold() posting.Interview {
	c.T.Helper()
	req := posting.InterviewInput{InstitutionID: c.elm.ID(), JobID: c.job}
	req.Date, req.StartsAt, req.SlotCount, req.SlotMinutes, req.BreakMinutes = "2026-12-03", "09:00", 4, 25, 5
	i, err := c.interviews.Request(c.T.Context(), c.amara, req)
	c.must(err)
	c.must(c.interviews.Approve(c.T.Context(), c.elm, i.ID, "Elm Hall, room 12"))
	return i
}

func TestThePagesAreTheStudentsAlone(t *testing.T) {
	c := newCampus(t)
	dana := c.User("Dana Whitfield", "dana@elm.example")
	c.Staff(c.elm.ID(), dana, institution.Owner)
	staff, recruiter := c.As(dana), c.As(c.amara)
	for _, path := range []string{"/jobs", "/jobs/" + db.FormatID(c.job), "/interviews", "/messages", "/blocked", "/profile"} {
		path = "/student/elm" + path
		if a := c.Visitor().Get(path); a.Status != 303 {
			t.Errorf("%s: status %d", path, a.Status)
		}
		staff.Get(path).Shows(404)
		recruiter.Get(path).Shows(404)
		c.As(c.talia).Get(path).Shows(200)
	}
	c.As(c.talia).Get("/student/elm/").LeadsTo("/student/elm/jobs")
	c.must(c.students.Archive(t.Context(), c.elm, c.studentID))
	c.As(c.talia).Get("/student/elm/jobs").Shows(404)
}

func TestStudentsSeeJobsThatAreLiveAndNoOthers(t *testing.T) {
	c := newCampus(t)
	b := c.As(c.talia)
	b.Get("/student/elm/jobs").Shows(200, "Rocket engineer", "Northwind Robotics", "Internship, Remote")
	b.Get("/student/elm/jobs?q=ROBOTICS").Shows(200, "Rocket engineer")
	b.Get("/student/elm/jobs?q=zzz").Shows(200, "No job matches")
	page := "/student/elm/jobs/" + db.FormatID(c.job)
	b.Get(page).Shows(200, "Build &lt;b&gt;rockets", `href="https://northwind.example/jobs"`, "Approved by", "All jobs of this company").Lacks("<b>rockets", "amara@")
	c.must(c.jobs.Decline(t.Context(), c.elm, c.job, ""))
	b.Get(page).Shows(404)
	b.Get("/student/elm/jobs").Shows(200, "No jobs yet").Lacks("Rocket")
	b.Get("/student/elm/jobs/!").Shows(404)
}

func TestJobsArePaged(t *testing.T) {
	c := newCampus(t)
	for range 50 {
		c.post("Pilot")
	}
	b := c.As(c.talia)
	b.Get("/student/elm/jobs").Shows(200, "1 to 50 of 51", `rel="next"`).Lacks("Rocket engineer")
	b.Get("/student/elm/jobs?q=rocket").Shows(200, "1 to 1 of 1")
}

func TestAFirstVisitIsWelcomedUntilItIsPutOff(t *testing.T) {
	c := newCampus(t)
	b := c.As(c.talia)
	b.Get("/student/elm/jobs").Shows(200, "Welcome, Talia", "Recruiters cannot find you", "They never see your address")
	b.Post("/student/elm/welcome").LeadsTo("/student/elm/jobs")
	b.Get("/student/elm/jobs").Shows(200).Lacks("Welcome, Talia")
	c.allow()
	c.As(c.talia).Get("/student/elm/jobs").Shows(200).Lacks("Welcome, Talia")
}

func TestATimeIsTakenAndGivenBack(t *testing.T) {
	c := newCampus(t)
	i := c.hold()
	b := c.As(c.talia)
	job := "/student/elm/jobs/" + db.FormatID(c.job)
	id := db.FormatID(i.ID)
	b.Get(job).Shows(200, "Choose a time for an interview", "Thursday 3 December 2026, Elm Hall, room 12.", "Times are on the clock of Elm University, UTC.", "4 times are free", ">09:00</a>").Lacks("Take 0")
	b.Get(job+"?interview="+id+"&slot=2").Shows(200, "09:30 to 09:55 is free", "Take 09:30", `aria-current="true"`)
	b.Get(job+"?interview="+id+"&slot=9").Shows(200, "4 times are free")
	b.Post("/student/elm/interviews/"+id+"/take", "slot", "2", "job", db.FormatID(c.job)).LeadsTo(job)
	b.Get(job).Shows(200, "Your interview", "09:30 to 09:55 is yours", "Give it back").Lacks("Choose a time")
	b.Get("/student/elm/interviews").Shows(200, "Thursday 3 December 2026, 09:30 to 09:55", "Elm Hall, room 12", "Add to calendar", "Give it back", "until it begins")

	wren := c.User("Wren Castellanos", "wren@elm.example")
	c.Student(c.elm.ID(), "Wren Castellanos", "wren@elm.example")
	other := c.As(wren)
	other.Get(job).Shows(200, `<s class="button num">09:30`, "3 times are free").Lacks("Talia")
	other.Post("/student/elm/interviews/"+id+"/take", "slot", "2", "job", db.FormatID(c.job)).Shows(409, "Somebody else has taken 09:30")
	other.Post("/student/elm/interviews/"+id+"/give-back", "slot", "2").Shows(409, "not yours")
	other.Post("/student/elm/interviews/"+id+"/take", "slot", "x").Shows(404)

	b.Post("/student/elm/interviews/"+id+"/give-back", "slot", "2").LeadsTo("/student/elm/interviews")
	b.Get("/student/elm/interviews").Shows(200, "No interviews yet", "You have given the time back")
	other.Post("/student/elm/interviews/"+id+"/take", "slot", "2", "job", db.FormatID(c.job)).LeadsTo(job)

	c.must(c.recruiting.Block(t.Context(), c.elm, c.co, ""))
	b.Post("/student/elm/interviews/"+id+"/take", "slot", "3", "job", db.FormatID(c.job)).Shows(409, "may not interview students of Elm University", "No interviews yet")
}

func TestInterviewsAreFound(t *testing.T) {
	c := newCampus(t)
	b := c.As(c.talia)
	const list, with = "/student/elm/interviews", "/student/elm/jobs?interviews=yes"
	b.Get(list).Shows(200, "No interviews yet", with, "/help/interviews")
	b.Get(with).Shows(200, "No interviews to choose from", "All jobs")
	i := c.hold()
	b.Get(with).Shows(200, "Rocket engineer", `name="interviews" value="yes"`)
	b.Get(with+"&q=nurse").Shows(200, "No job matches")
	c.must(c.interviews.Take(t.Context(), c.scope(), i.ID, 2))
	b.Get(list+"?q=NORTH").Shows(200, "09:30 to 09:55", "1 to 1 of 1")
	b.Get(list+"?q=nurse").Shows(200, "No interview matches", `value="nurse"`)
	b.Get(list+"?when=past").Shows(200, "No interviews in the past", `name="when" value="past"`)
	b.Get(list+"?page=zz").Shows(200, "09:30 to 09:55")
	c.must(c.interviews.Cancel(t.Context(), c.elm, i.ID, "Flooded <b>hall"))
	b.Get(list).Shows(200, "It is cancelled.", "Flooded &lt;b&gt;hall", "Take it out of your calendar").Lacks("Give it back", "<b>hall")
}

func TestACalendarHasAPrivateAddress(t *testing.T) {
	c := newCampus(t)
	c.must(c.interviews.Take(t.Context(), c.scope(), c.hold().ID, 1))
	b := c.As(c.talia)
	b.Get("/student/elm/interviews").Shows(200, "Make the address").Lacks("Replace it")
	b.Post("/student/elm/interviews/calendar").LeadsTo("/student/elm/interviews")
	b.Get("/student/elm/interviews").Shows(200, "Private address", "Replace it", c.URL)
}

func TestAnInterviewOfABlockedCompanySaysSo(t *testing.T) {
	c := newCampus(t)
	c.must(c.interviews.Take(t.Context(), c.scope(), c.hold().ID, 1))
	c.must(c.recruiting.Block(t.Context(), c.elm, c.co, ""))
	c.As(c.talia).Get("/student/elm/interviews").Shows(200, "may not recruit at Elm University at present")
}

func TestAStudentDecidesWhatIsSeen(t *testing.T) {
	c := newCampus(t)
	b := c.As(c.talia)
	b.Get("/student/elm/profile").Shows(200, "nobody can find you", "Nothing. You are not in their list.", "Economics", "I graduate in 2027", "No recruiter ever sees your address")
	b.Post("/student/elm/profile", "preview", "yes", "allows", "yes", "shows_major", "yes", "about", "I like rockets").
		Shows(200, "Talia S.", `<p class="soft">Economics</p>`, "I like rockets", "nobody can find you").Lacks("graduates 2027", "You are not in their list")
	b.Post("/student/elm/profile", "allows", "yes", "about", strings.Repeat("a", 400)).Shows(422)
	if n := c.Int(`SELECT COUNT(*) FROM students WHERE allows_at > 0`); n != 0 {
		t.Fatal("a preview or a refused form changes something")
	}
	b.Post("/student/elm/profile", "allows", "yes", "shows_year", "yes", "about", "I like <rockets>").LeadsTo("/student/elm/profile")
	b.Get("/student/elm/profile").Shows(200, "recruiters can find you", "graduates 2027", "I like &lt;rockets&gt;")
	seen, _, _, err := c.students.Find(t.Context(), c.amara, c.elm.ID(), student.FindQuery{Q: "rockets", Limit: 2})
	c.must(err)
	if len(seen) != 1 || seen[0].Name() != "Talia S." || seen[0].Major != "" || seen[0].GraduationYear != 2027 {
		t.Errorf("a recruiter sees %+v", seen)
	}
	b.Post("/student/elm/profile").LeadsTo("/student/elm/profile")
	if seen, _, _, err = c.students.Find(t.Context(), c.amara, c.elm.ID(), student.FindQuery{Q: "rockets", Limit: 2}); err != nil || len(seen) != 0 {
		t.Errorf("a recruiter still sees who has taken it back: %+v %v", seen, err)
	}
}

func TestMessagesAreReadAndAnswered(t *testing.T) {
	c := newCampus(t)
	b := c.As(c.talia)
	b.Get("/student/elm/messages").Shows(200, "No messages yet")
	c.allow()
	page := c.write("A visit", "Would <i>Thursday</i> suit you?")
	b.Get("/student/elm/messages?unread=yes").Shows(200, "Amara Okafor", "(unread)", page+"?unread=yes")
	b.Get(page+"?unread=yes").Shows(200, "Amara Okafor", `name="unread"`)
	b.Get("/student/elm/messages").Shows(200, "Amara Okafor", "(unread)", "Would &lt;i&gt;Thursday", "only if one of you reports it", page+"/read").Lacks("amara@", "<i>Thursday")
	b.Post(page+"/read", "upto", "1").LeadsTo(page)
	b.Get(page).Shows(200, "(unread)", `name="upto"`)
	b.Post(page + "/read").LeadsTo(page)
	b.Get(page).Shows(200).Lacks("(unread)", page+"/read")
	b.Post(page, "body", "").Shows(422, `href="#body"`)
	b.Post(page, "body", "Thursday works.").LeadsTo(page)
	b.Get(page).Shows(200, "Your answer is sent", "You: Thursday works.", "You, ")
	b.Get("/student/elm/messages?q=visit").Shows(200, "Amara Okafor")
	b.Get("/student/elm/messages?q=zzz").Shows(200, "Nothing matches")
	b.Get("/student/elm/messages?unread=yes").Shows(200, "All is read").Lacks("Amara Okafor")
	stranger := c.User("Wren Castellanos", "wren@elm.example")
	c.Student(c.elm.ID(), "Wren Castellanos", "wren@elm.example")
	for _, path := range []string{page, page + "/report"} {
		c.As(stranger).Get(path).Shows(404)
	}
	for _, path := range []string{page, page + "/read", page + "/report", page + "/block"} {
		c.As(stranger).Post(path, "body", "x", "reason", "x").Shows(404)
	}
}

func TestAConversationIsReported(t *testing.T) {
	c := newCampus(t)
	c.allow()
	page := c.write("A visit", "Send us money.")
	b := c.As(c.talia)
	b.Get(page+"/report").Shows(200, "<html", "Report this conversation", "Staff of Elm University can then read")
	b.Post(page+"/report", "reason", "").Shows(422, "reason-error")
	b.Post(page+"/report", "reason", "Asks for money").LeadsTo(page)
	b.Get(page).Shows(200, "You have reported this conversation").Lacks(page + `/report"`)
	b.Post(page+"/report", "reason", "Again").Shows(409, "already")
	b.Header.Set("HX-Request", "true")
	b.Get(page+"/report").Shows(200, "Report this conversation").Lacks("<html")
}

func TestABlockShutsTheSenderOut(t *testing.T) {
	c := newCampus(t)
	c.allow()
	page := c.write("A visit", "Thursday?")
	b := c.As(c.talia)
	b.Get("/student/elm/blocked").Shows(200, "Nobody is blocked")
	for _, whom := range []struct{ value, name, why string }{{"recruiter", "Amara Okafor", "You have blocked Amara Okafor"}, {"company", "Everybody at Northwind Robotics", "You have blocked Northwind Robotics"}} {
		b.Post(page+"/block", "whom", whom.value).LeadsTo(page)
		b.Get(page).Shows(200, whom.why, "Closed.").Lacks(`name="body"`)
		b.Post(page, "body", "Hello?").Shows(409, whom.why)
		b.Get("/student/elm/blocked").Shows(200, whom.name, "1 to 1 of 1")
		b.Get("/student/elm/blocked?q=NORTHwind").Shows(200, whom.name)
		b.Get("/student/elm/blocked?q=zzz").Shows(200, "Nothing matches").Lacks(whom.name)
		fields := []string{"company", db.FormatID(c.co)}
		if whom.value == "recruiter" {
			fields = append(fields, "recruiter", db.FormatID(c.amara))
		}
		b.Post("/student/elm/blocked/lift", fields...).LeadsTo("/student/elm/blocked")
		b.Get(page).Shows(200, `name="body"`)
	}
	b.Post("/student/elm/blocked/lift", "company", "!").Shows(404)
}

func TestAConversationIsClosedWhereTheCompanyMayNotRecruit(t *testing.T) {
	c := newCampus(t)
	c.allow()
	page := c.write("A visit", "Thursday?")
	c.must(c.recruiting.Block(t.Context(), c.elm, c.co, ""))
	b := c.As(c.talia)
	b.Get(page).Shows(200, "Northwind Robotics may not recruit at Elm University at present").Lacks(`name="body"`)
	b.Post(page, "body", "Hello?").Shows(409)
	c.Pass(time.Hour)
	c.must(c.recruiting.Unblock(t.Context(), c.elm, c.co))
	c.must(c.recruiting.Approve(t.Context(), c.elm, c.co))
	b.Get(page).Shows(200, `name="body"`)
}
