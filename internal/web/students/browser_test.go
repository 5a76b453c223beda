package students_test

import (
	"fmt"
	"testing"

	"beckon/internal/db"
	"beckon/internal/web/visit/visittest"
)

func TestPagesAreAccessible(t *testing.T) {
	c := newCampus(t)
	tab := c.Tab(c.talia)
	visittest.Accessible(t, tab, "/student/elm/jobs", "/student/elm/interviews", "/student/elm/messages", "/student/elm/blocked", "/student/elm/profile")
	c.allow()
	i := c.hold()
	page := c.write("A visit", "Would Thursday suit you?")
	c.write("An internship", "We look for people who like to build.")
	job := "/student/elm/jobs/" + db.FormatID(c.job)
	visittest.Accessible(t, tab, job, fmt.Sprintf("%s?interview=%s&slot=2", job, db.FormatID(i.ID)), "/student/elm/messages", page, page+"/report", "/student/elm/profile")
	c.must(c.interviews.Take(t.Context(), c.scope(), i.ID, 2))
	c.must(c.students.ReportAsStudent(t.Context(), c.scope(), threadID(t, page), "Asks for money"))
	c.must(c.students.Block(t.Context(), c.scope(), threadID(t, page), true))
	visittest.Accessible(t, tab, job, "/student/elm/interviews", page, "/student/elm/blocked")
}

func TestWhatRecruitersSeeIsShownWhileOneDecides(t *testing.T) {
	c := newCampus(t)
	tab := c.Tab(c.talia)
	tab.Visit("/student/elm/profile")
	tab.Click(`[name=allows]`)
	tab.Wait(`document.querySelector('#seen').innerText.includes('Talia S.')`)
	tab.Fill(`[name=about]`, "I like rockets")
	tab.Wait(`document.querySelector('#seen').innerText.includes('I like rockets')`)
	tab.Click(`[name=shows_major]`)
	tab.Wait(`!document.querySelector('#seen').innerText.includes('Economics')`)
	if c.Int(`SELECT COUNT(*) FROM students WHERE allows_at > 0`) != 0 {
		t.Error("looking changes something")
	}
	tab.Follow(`form.two .button.strong`)
	tab.Wait(`document.body.innerText.includes('recruiters can find you')`)
}

func TestATimeIsChosenOnAPhone(t *testing.T) {
	c := newCampus(t)
	i := c.hold()
	tab := c.Tab(c.talia)
	tab.Size(390, 844)
	tab.Visit("/student/elm/jobs/" + db.FormatID(c.job))
	tab.Click(`.slots li:nth-child(3) a`)
	tab.Wait(`document.querySelector('#interview-` + db.FormatID(i.ID) + ` form .button.strong')?.innerText === 'Take 10:00'`)
	tab.Follow(`.card form .button.strong`)
	tab.Wait(`document.body.innerText.includes('10:00 to 10:25 is yours')`)
}

func TestAConversationThatIsSeenIsRead(t *testing.T) {
	c := newCampus(t)
	c.allow()
	page := c.write("A visit", "Thursday?")
	unread := `SELECT COUNT(*) FROM threads WHERE by_recruiter_at > read_by_student_at`
	tab := c.Tab(c.talia)
	tab.Size(390, 844)
	tab.Visit("/student/elm/messages")
	if c.Int(unread) != 1 {
		t.Error("a conversation that a phone only lists counts as read")
	}
	tab.Follow(`.list a`)
	tab.Wait(`location.pathname.startsWith('` + page + `')`)
	for c.Int(unread) != 0 {
		tab.Wait(`true`)
	}
	tab.Click(`[popovertarget=thread-menu]`)
	tab.Click(`#thread-menu a[hx-get]`)
	tab.Wait(`document.querySelector('#dialog[open] textarea')`)
	tab.Axe()
	tab.Fill(`#dialog textarea`, "Asks for money")
	tab.Follow(`#dialog .button.strong`)
	tab.Wait(`document.body.innerText.includes('You have reported this conversation')`)
}

// threadID is the conversation of a page.
func threadID(t *testing.T, page string) int64 {
	t.Helper()
	id, ok := db.ParseID(page[len("/student/elm/messages/"):])
	if !ok {
		t.Fatal(page)
	}
	return id
}
