package recruit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/student"
	"beckon/internal/web/visit/visittest"
)

// campus is a site with an institution where Amara of Northwind may recruit, and students.
type campus struct {
	*site
	elm, amara, co int64
	talia, oskar   int64 // students who allow it; Priya does not
}

func newCampus(t *testing.T) *campus {
	c := &campus{site: newSite(t)}
	c.elm, c.amara = c.Institution("Elm University"), c.User("Amara Okafor", "amara@northwind.example")
	c.co = c.Member(c.amara, "Northwind Robotics", company.Admin)
	c.must(c.recruiting.Approve(t.Context(), c.staff(c.elm), c.co))
	c.talia = c.willing("Talia Smit", "talia@elm.example", student.Choice{Allows: true, ShowsMajor: true, ShowsYear: true, About: "I like <rockets>"})
	c.oskar = c.willing("Oskar Nowak", "oskar@elm.example", student.Choice{Allows: true})
	c.Student(c.elm, "Priya Iyer", "priya@elm.example", "Physics")
	return c
}

// scope is that of the student with this address, who has an account.
func (c *campus) scope(email string) institution.Scope {
	c.T.Helper()
	s, err := institution.Student(c.T.Context(), c.DB, c.Int(`SELECT user_id FROM user_addresses WHERE email_key = $1`, email), c.elm)
	c.must(err)
	return s
}

// willing makes a student who has chosen.
func (c *campus) willing(name, email string, choice student.Choice) int64 {
	c.T.Helper()
	c.User(name, email)
	id := c.Student(c.elm, name, email, "Economics", "2027")
	_, err := c.students.Allow(c.T.Context(), c.scope(email), choice)
	c.must(err)
	return id
}

// to is the form of a message to students.
func (c *campus) to(ids ...int64) []string {
	fields := []string{"institution", db.FormatID(c.elm)}
	for _, id := range ids {
		fields = append(fields, "id", db.FormatID(id))
	}
	return fields
}

func TestStudentsAreFoundByWhatTheyShow(t *testing.T) {
	c := newCampus(t)
	b := c.As(c.amara)
	b.Get("/recruit/students").Shows(200, "2 at Elm University", "Talia S.", "Economics", "2027", "I like &lt;rockets&gt;", "Oskar N.").
		Lacks("Priya", "Smit", "Nowak", "@elm.example", "<rockets>")
	b.Get("/recruit/students?q=economics").Shows(200, "Talia S.").Lacks("Oskar")
	b.Get("/recruit/students?q=smit").Shows(200, "Nobody matches")
	b.Get("/recruit/students?institution=zzzz").Shows(404)
	_, err := c.students.Allow(t.Context(), c.scope("talia@elm.example"), student.Choice{})
	c.must(err)
	b.Get("/recruit/students").Shows(200, "1 at Elm University").Lacks("Talia")
}

func TestStudentsAreFoundWhereTheGateHoldsAlone(t *testing.T) {
	c := newCampus(t)
	oak := c.Institution("Oak College")
	b := c.As(c.amara)
	_, err := c.recruiting.Request(t.Context(), c.amara, oak)
	c.must(err)
	b.Get("/recruit/students").Shows(200, "Not yet open to you", "Oak College", "Has not decided about your company yet", `href="/recruit/institutions"`)
	b.Get("/recruit/students?institution="+db.FormatID(oak)).Shows(403, "Oak College has not decided about your company yet", `href="/recruit/institutions"`).Lacks("Talia")
	c.must(c.recruiting.Block(t.Context(), c.staff(c.elm), c.co, ""))
	b.Get("/recruit/students").Shows(200, "No institution is open to you yet").Lacks("Talia")
	b.Get("/recruit/students?institution="+db.FormatID(c.elm)).Shows(403, "has blocked your company").Lacks("Talia")
	b.Post("/recruit/messages/new", c.to(c.talia)...).Shows(403, "has blocked your company").Lacks("Talia", "Send to")
	b.Post("/recruit/messages", append(c.to(c.talia), "subject", "Hi", "body", "Ho")...).Shows(403, "has blocked your company", `value="Hi"`)
	c.As(c.User("Eve Strange", "eve@mail.example")).Get("/recruit/students").Shows(200, "join or create yours first", "No institution is open to you yet")
	if n := c.Int(`SELECT COUNT(*) FROM threads`); n != 0 {
		t.Errorf("%d conversations were begun", n)
	}
}

func TestAMessageSaysToHowManyItGoes(t *testing.T) {
	c := newCampus(t)
	b := c.As(c.amara)
	b.Post("/recruit/messages/new", c.to(c.talia, c.oskar)...).
		Shows(200, "Write to 2 students", "Send to 2 students", "200 are left today, 198 after this", "only if one of you reports it", "Talia S.", "Oskar N.").Lacks("@elm.example")
	b.Post("/recruit/messages/new", append(c.to(c.talia, c.oskar), "only", db.FormatID(c.oskar))...).Shows(200, "Write to Oskar N.").Lacks("Talia")
	b.Post("/recruit/messages/new", c.to()...).Shows(200, "Tick students in the list first").Lacks("Send to")
	b.Post("/recruit/messages", append(c.to(c.talia, c.oskar), "subject", "", "body", "Thursday?")...).Shows(422, `href="#subject"`, ">Thursday?</textarea>", "Send to 2 students")
	b.Post("/recruit/messages", append(c.to(c.talia, c.oskar), "subject", "A visit", "body", "Thursday?")...).LeadsTo("/recruit/messages")
	b.Get("/recruit/messages").Shows(200, "Sent to 2 students", "You: Thursday?", "Talia S.", "Oskar N.")
	b.Post("/recruit/messages/new", c.to(c.talia)...).Shows(200, "198 are left today, 197 after this")
}

func TestWhoTakesItBackIsLeftOut(t *testing.T) {
	c := newCampus(t)
	_, err := c.students.Allow(t.Context(), c.scope("oskar@elm.example"), student.Choice{})
	c.must(err)
	b := c.As(c.amara)
	b.Post("/recruit/messages/new", c.to(c.talia, c.oskar)...).Shows(200, "Send to 1 student<", "1 of the ticked does not take messages from you any more").Lacks("Oskar")
	b.Post("/recruit/messages", append(c.to(c.talia, c.oskar), "subject", "A visit", "body", "Thursday?")...).
		Shows(422, "is left out now", "Send to 1 student<", `value="A visit"`).Lacks("Oskar")
}

func TestLimitsAreSaidBeforeAMessageGoes(t *testing.T) {
	c := newCampus(t)
	var all []int64
	for i := range 51 {
		all = append(all, c.willing(fmt.Sprintf("Pupil%d Smith", i), fmt.Sprintf("pupil%d@elm.example", i), student.Choice{Allows: true}))
	}
	b := c.As(c.amara)
	b.Post("/recruit/messages/new", c.to(all...)...).Shows(200, "51 are too many").Lacks("Send to")
	for range 4 {
		_, err := c.students.Write(t.Context(), c.amara, student.Letter{InstitutionID: c.elm, Students: all[:49], Subject: "x", Body: "y"})
		c.must(err)
	}
	b.Post("/recruit/messages/new", c.to(all[:5]...)...).Shows(200, "may write to 4 students more at Elm University today").Lacks("Send to")
	b.Post("/recruit/messages", append(c.to(all[:5]...), "subject", "x", "body", "y")...).Shows(429, "4 left today")
	c.Pass(24 * time.Hour)
	b.Post("/recruit/messages/new", c.to(all[:5]...)...).Shows(200, "200 are left today")
}

func TestARecruiterAnswersAndReports(t *testing.T) {
	c := newCampus(t)
	b := c.As(c.amara)
	b.Get("/recruit/messages").Shows(200, "No messages yet", "Find students")
	page := b.Post("/recruit/messages", append(c.to(c.talia), "subject", "A visit", "body", "Thursday?")...).Header.Get("Location")
	id, _ := db.ParseID(strings.TrimPrefix(page, "/recruit/messages/"))
	_, err := c.students.ReplyAsStudent(t.Context(), c.scope("talia@elm.example"), id, "Thursday works.")
	c.must(err)
	b.Get("/recruit/messages").Shows(200, "Talia S.", "(unread)", "Thursday works.", "Economics, graduates 2027, Elm University").Lacks("Smit", "talia@")
	b.Post(page + "/read").LeadsTo(page)
	b.Post(page, "body", "See you then.").LeadsTo(page)
	b.Get(page).Shows(200, "You: See you then.").Lacks("(unread)")
	b.Post(page+"/report", "reason", "Rude").LeadsTo(page)
	b.Get(page).Shows(200, "You have reported this conversation")
	c.As(c.User("Eve Strange", "eve@mail.example")).Get(page).Shows(404)

	c.must(c.students.Block(t.Context(), c.scope("talia@elm.example"), id, false))
	b.Get(page).Shows(200, "Talia S. does not take messages from you any more").Lacks(`name="body"`, "Economics")
	b.Post(page, "body", "Hello?").Shows(409, "does not take messages from you any more")
	c.must(c.recruiting.Block(t.Context(), c.staff(c.elm), c.co, ""))
	b.Get(page).Shows(200, "Elm University has blocked your company").Lacks(`name="body"`)
	b.Post(page, "body", "Hello?").Shows(403, "has blocked your company")
}

func TestMessagePagesAreAccessible(t *testing.T) {
	c := newCampus(t)
	c.must(c.recruiting.Approve(t.Context(), c.staff(c.Institution("Oak College")), c.co))
	tab := c.Tab(c.amara)
	visittest.Accessible(t, tab, "/recruit/students", "/recruit/students?q=zzz", "/recruit/messages")
	threads, err := c.students.Write(t.Context(), c.amara, student.Letter{InstitutionID: c.elm, Students: []int64{c.talia, c.oskar}, Subject: "A visit", Body: "Thursday?"})
	c.must(err)
	page := "/recruit/messages/" + db.FormatID(threads[0].ID)
	visittest.Accessible(t, tab, "/recruit/messages", page, page+"/report")
}

func TestTickedStudentsAreWrittenTo(t *testing.T) {
	c := newCampus(t)
	tab := c.Tab(c.amara)
	tab.Visit("/recruit/students")
	tab.Click(`[data-pick-page]`)
	if got := tab.Text(`[data-selected]`); got != "2 selected" {
		t.Errorf("the bar says %q", got)
	}
	tab.Axe()
	tab.Follow(`.bulk .button.strong`)
	tab.Axe()
	tab.Size(390, 844)
	tab.Dark(true)
	tab.Axe()
	tab.Fill(`#subject`, "A visit")
	tab.Fill(`#body`, "Thursday?")
	tab.Follow(`form .button.strong`)
	tab.Wait(`document.body.innerText.includes('Sent to 2 students')`)
}
