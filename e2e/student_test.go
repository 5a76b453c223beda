package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const pupils = "email,first_name,last_name,major,graduation_year\n" +
	"talia@students.elm.example,Talia,Smit,Economics,2027\n" +
	"oskar@students.elm.example,Oskar,Nowak,Physics,2028\n"

// TestStudentsAndRecruiters goes the way of a message in browsers: a file becomes students,
// one of them allows recruiters to write, a recruiter does, the student answers, reports and
// blocks, and staff read what was reported.
func TestStudentsAndRecruiters(t *testing.T) {
	t.Parallel()
	mails := newSink(t)
	s := newSite(t, "", mails)
	s.run("migrate")
	s.institution("Elm University", "elm")
	staff := s.run("staff", "add", "eva@elm.example", "--institution", "elm", "--role", "owner", "--first", "Eva", "--last", "Staff")
	s.run("company", "create", "Northwind Robotics")
	recruiter := s.run("user", "add", "amara@northwind.example", "--first", "Amara", "--last", "Okafor", "--company", "Northwind Robotics", "--role", "admin")
	s.serve()
	eva, amara, talia := s.person(t), s.person(t), s.person(t)
	for who, link := range map[*person]string{&eva: staff, &amara: recruiter} {
		who.Visit(link)
		who.Follow(strong)
	}
	enrolling(eva)
	amara.Visit("/recruit/students")
	amara.shows("No institution is open to you yet")
	amara.look()
	asking(amara)
	eva.Visit("/at/elm/approvals")
	eva.Follow(`form[action$="/approve"] .button`)
	amara.Visit("/recruit/students")
	amara.shows("Nobody has said yes yet")

	arriving(talia, mails)
	allowing(talia)
	writing(amara)
	answering(talia, mails)
	amara.Visit("/recruit/messages")
	amara.shows("Thursday works for me.")
	amara.look()
	reporting(talia)
	resolving(eva)
	refusing(amara, talia)
	for _, m := range mails.to("amara@northwind.example") {
		if all := m.Text + m.HTML; strings.Contains(all, "talia@") || strings.Contains(all, "Smit") {
			t.Errorf("the recruiter was mailed who the student is:\n%s", m.Text)
		}
	}
}

// enrolling brings students in from a file.
func enrolling(eva person) {
	eva.t.Helper()
	file := filepath.Join(eva.t.TempDir(), "students.csv")
	if err := os.WriteFile(file, []byte(pupils), 0o600); err != nil {
		eva.t.Fatal(err)
	}
	eva.Visit("/at/elm/students")
	eva.shows("No students yet")
	eva.Visit("/at/elm/students/imports/new")
	eva.Upload(`input[type=file]`, file)
	eva.Follow(`.drop .button.strong`)
	eva.shows("Import 2 students")
	eva.look()
	eva.Follow(`button[formaction$="/run"]`)
	eva.shows("See students")
	eva.settles()
	eva.look()
	eva.Visit("/at/elm/students")
	eva.shows("Talia Smit")
}

// arriving signs in for the first time, by a mailed link.
func arriving(talia person, mails *sink) {
	talia.t.Helper()
	talia.Visit("/sign-in")
	talia.Fill(`[name=email]`, "Talia@Students.elm.example")
	talia.Follow(strong)
	talia.Visit(mails.one("talia@students.elm.example").button("Create your account"))
	talia.look()
	talia.Follow(strong)
	talia.shows("Welcome, Talia")
	if at := talia.path(); at != "/student/elm/jobs" {
		talia.t.Errorf("signing in leads to %s", at)
	}
	talia.look()
}

// allowing lets recruiters find and write.
func allowing(talia person) {
	talia.t.Helper()
	talia.Visit("/student/elm/profile")
	talia.shows("nobody can find you")
	talia.Click(`[name=allows]`)
	talia.Fill(`[name=about]`, "I like rockets")
	talia.Follow(`#choice .button.strong`)
	talia.shows("recruiters can find you")
	talia.look()
}

// writing finds the student and writes.
func writing(amara person) {
	amara.t.Helper()
	amara.Visit("/recruit/students")
	amara.shows("Talia S.")
	amara.Click(`.pick input[name=id]`)
	amara.shows("1 selected")
	amara.look()
	amara.Follow(`.bulk .button.strong`)
	amara.shows("200 are left today, 199 after this")
	amara.Fill(`#subject`, "A visit")
	amara.Fill(`#body`, "We visit Elm on Thursday. Would 15:00 suit you?")
	amara.Follow(`form .button.strong`)
	amara.shows("Sent to 1 student")
	amara.look()
}

// answering comes by the mail that tells of the message.
func answering(talia person, mails *sink) {
	talia.t.Helper()
	until(talia.t, "a mail about the message", func() bool { return mails.one("talia@students.elm.example").button("Read and answer") != "" })
	talia.Visit(mails.one("talia@students.elm.example").button("Read and answer"))
	talia.shows("Would 15:00 suit you?")
	talia.Fill(`#body`, "Thursday works for me.")
	talia.Follow(`form.stack .button.strong`)
	talia.shows("Your answer is sent")
	talia.look()
}

// reporting shows the open conversation to staff.
func reporting(talia person) {
	talia.t.Helper()
	talia.Click(`[popovertarget=thread-menu]`)
	talia.Click(`#thread-menu a[hx-get]`)
	talia.shows("Report this conversation")
	talia.Fill(`#dialog textarea`, "They ask for money")
	talia.Follow(`#dialog .button.strong`)
	talia.shows("You have reported this conversation")
	talia.look()
}

// resolving reads what was reported, which nothing but the report allows.
func resolving(eva person) {
	eva.t.Helper()
	eva.Visit("/at/elm/messages")
	eva.shows("They ask for money")
	eva.look()
	eva.Follow(`.table a.name`)
	eva.look()
	eva.Follow(`form[action$="/read"] .button`)
	eva.shows("Thursday works for me.")
	eva.look()
	eva.Fill(`[name=note]`, "Spoke with both")
	eva.Follow(`form[action$="/resolve"] .button`)
	eva.shows("The report is resolved")
}

// refusing blocks the recruiter, whose next press on an open page is refused.
func refusing(amara, talia person) {
	talia.t.Helper()
	amara.Visit("/recruit/messages")
	amara.Fill(`#body`, "One more thing.")
	talia.Visit("/student/elm/messages")
	talia.Click(`[popovertarget=thread-menu]`)
	talia.Click(`#thread-menu [commandfor=block]`)
	talia.Follow(`#block .button.strong`)
	talia.shows("You have blocked Amara Okafor")
	amara.Expect("409")
	amara.Follow(`form.stack .button.strong`)
	amara.shows("Talia S. does not take messages from you any more")
	amara.look()
	amara.Visit("/recruit/students")
	amara.shows("Nobody has said yes yet")
}
