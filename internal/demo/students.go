package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"strconv"
	"strings"

	"beckon/internal/account"
	"beckon/internal/contact/transfer"
	"beckon/internal/institution"
	"beckon/internal/student"
)

// studentCount is how many students Elm University has on Beckon, signedUp how many of them
// have signed in, and willing how many of these let recruiters find them.
const studentCount, signedUp, willing = 60, 26, 18

// pupil is a student of Elm University.
type pupil struct {
	first, last, email, major string
	year                      int
	user                      account.User
	// scope is what the student may reach, once signed in.
	scope institution.Scope
}

var majors = []string{"Mechanical engineering", "Computer science", "Economics", "Biology", "Nursing", "Education", "Physics", "Media studies"}

// abouts are what some students say about themselves.
var abouts = []string{"Looking for an internship next summer.", "I build robots in my free time.", "Happy to move for the right job.", "", "Thesis on batteries, done in May."}

// enrol invents the students. The first is the one as whom guests look around.
func (w *world) enrol() {
	taken := map[string]bool{}
	for len(w.pupils) < studentCount {
		p := &pupil{first: w.one(firstNames), last: w.one(lastNames), major: w.one(majors), year: w.end.Year() + 1 + w.chance.IntN(3)}
		if p.email = email(p.first, p.last, "students.elm.example"); !taken[p.email] {
			taken[p.email] = true
			w.pupils = append(w.pupils, p)
		}
	}
}

// planStudents lets students come, sign in, and decide what recruiters see of them.
func (w *world) planStudents() {
	w.plan(w.ago(110), "import students", w.importStudents)
	for i, p := range w.pupils[:signedUp] {
		w.plan(w.ago(w.days(40, 105)), "sign in "+p.email, func(ctx context.Context) error { return w.signIn(ctx, p, i < willing) })
	}
}

func (w *world) importStudents(ctx context.Context) error {
	var out bytes.Buffer
	rows := csv.NewWriter(&out)
	write := func(cells ...string) { _ = rows.Write(cells) } // a buffer takes everything
	write("Email", "First name", "Last name", "Major", "Graduation year", "External id")
	for i, p := range w.pupils {
		write(p.email, p.first, p.last, p.major, strconv.Itoa(p.year), "E"+strconv.Itoa(24001+i))
	}
	rows.Flush()
	if _, err := w.studentImports.Upload(ctx, w.elm.staff, "students-"+strconv.Itoa(w.end.Year())+".csv", &out, transfer.Options{Confirm: true}); err != nil {
		return err
	}
	return w.acts.Drain(ctx)
}

// signIn makes the account that the first use of a mailed link makes.
func (w *world) signIn(ctx context.Context, p *pupil, allows bool) (err error) {
	if p.user, err = w.accounts.Add(ctx, account.Person{Email: p.email, FirstName: p.first, LastName: p.last}, operator); err != nil {
		return err
	}
	if p.scope, err = institution.Student(ctx, w.DB, p.user.ID, w.elm.ID); err != nil || !allows {
		return err
	}
	_, err = w.students.Allow(ctx, p.scope, student.Choice{Allows: true, ShowsMajor: w.perhaps(.9), ShowsYear: w.perhaps(.8), About: w.one(abouts)})
	return err
}

// planMessages lets recruiters write to students, who answer, or not.
func (w *world) planMessages() {
	w.plan(w.ago(24), "write about the lab", func(ctx context.Context) error {
		return w.write(ctx, w.firms[0].admin, "Open day at our test track", `Hello,

we open our test track on a Friday next month, and would like to show it to a few students
before we invite everybody. There is time for questions, and lunch. Shall I put you down?

`+w.firms[0].people[0].first, 6)
	})
	w.plan(w.ago(6), "write about a job", func(ctx context.Context) error {
		return w.write(ctx, w.firms[1].recruiter, "A trainee place from September", `Hello,

your year and your subject fit a place that we fill every September. The work is paid, and
half of our trainees stay. I can tell you more on the phone, or here.

`+w.firms[1].people[1].first, 4)
	})
	w.plan(w.ago(2.5), "write something doubtful", func(ctx context.Context) error {
		for _, f := range w.firms[2:] {
			if len(w.approved[f]) > 0 {
				return w.spam(ctx, f.admin)
			}
		}
		return nil
	})
}

// write sends a message to the first students who allow it, and plans their answers.
func (w *world) write(ctx context.Context, from account.User, subject, body string, n int) error {
	found, _, _, err := w.students.Find(ctx, from.ID, w.elm.ID, student.FindQuery{Limit: willing})
	if err != nil {
		return err
	}
	l := student.Letter{InstitutionID: w.elm.ID, Subject: subject, Body: body}
	readers := w.readers(found)
	for _, p := range readers[:min(n, len(readers))] {
		l.Students = append(l.Students, p.scope.StudentID())
	}
	begun, err := w.students.Write(ctx, from.ID, l)
	if err != nil {
		return err
	}
	for i, t := range begun {
		if i%3 == 2 {
			continue // not everybody answers
		}
		p := readers[i]
		w.later(w.days(.1, 2), "answer a recruiter", func(ctx context.Context) error {
			if _, err := w.students.ReplyAsStudent(ctx, p.scope, t.ID, w.one(studentAnswers)); err != nil || i > 0 {
				return err
			}
			w.later(w.days(.1, 1), "answer a student", func(ctx context.Context) error {
				_, err := w.students.ReplyAsRecruiter(ctx, from.ID, t.ID, w.one(recruiterAnswers))
				return err
			})
			return nil
		})
	}
	return nil
}

var studentAnswers = []string{"Thank you for writing. Yes, I would like that very much.", "Thanks! Could you say a little more about what I would do?",
	"That sounds interesting. I am free on Thursdays and Fridays."}

var recruiterAnswers = []string{"Good to hear. I have put you down, and send the programme here next week.", "Gladly: it is two months in each of three teams, and you choose the first.",
	"Thursday suits us well. Shall we say ten o'clock, by video?"}

// readers are the students of the story among those who were found, the guests' one first.
func (w *world) readers(found []student.Shown) (all []*pupil) {
	for _, p := range w.pupils[:signedUp] {
		for _, f := range found {
			if p.scope.StudentID() == f.ID {
				all = append(all, p)
			}
		}
	}
	return all
}

// spam is a message of the kind that students report. One of them does.
func (w *world) spam(ctx context.Context, from account.User) error {
	found, _, _, err := w.students.Find(ctx, from.ID, w.elm.ID, student.FindQuery{Limit: willing})
	if err != nil {
		return err
	}
	readers := w.readers(found)
	last := readers[len(readers)-1]
	begun, err := w.students.Write(ctx, from.ID, student.Letter{InstitutionID: w.elm.ID, Students: []int64{last.scope.StudentID()},
		Subject: "Your interview, last step", Body: "Before we can book your interview we need the fee for the test, 40 euros. Please send your card's number here today."})
	if err != nil {
		return err
	}
	w.later(.2, "report a message", func(ctx context.Context) error {
		if err := w.students.ReportAsStudent(ctx, last.scope, begun[0].ID, "They ask me to pay for an interview, and for the number of my card."); err != nil {
			return err
		}
		return w.students.Block(ctx, last.scope, begun[0].ID, false)
	})
	return nil
}

// newcomer makes a colleague at a company who stands in no address book.
func (w *world) newcomer(ctx context.Context, f *firm, first, last string) (account.User, error) {
	u, err := w.accounts.Add(ctx, account.Person{Email: strings.ToLower(first) + "@" + f.domain, FirstName: first, LastName: last}, operator)
	if err == nil {
		_, err = w.companies.AddMember(ctx, operator, u.ID, f.companyID, "recruiter")
	}
	return u, err
}
