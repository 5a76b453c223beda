package student_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/mail"
	"beckon/internal/student"
)

func TestStaffReadAThreadOnlyWhenItWasReported(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		amara, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		ada := w.student(elm, "Ada", "Low", "Law", 2026, open)
		id := must(w.students.Write(ctx, amara, letter(elm, ada.StudentID())))[0].ID
		if err := second(w.students.Report(ctx, staff(elm), 1)); !isNotFound(err) {
			t.Errorf("a report that nobody made: %v", err)
		}
		w.now = w.now.Add(time.Minute)
		if err := w.students.ReportAsStudent(ctx, ada, id, " "); paths(err) != "reason" {
			t.Error(err)
		}
		w.ok(w.students.ReportAsStudent(ctx, ada, id, "Rude."))
		if err := w.students.ReportAsStudent(ctx, ada, id, "Rude!"); !isConflict(err) {
			t.Errorf("reported twice: %v", err)
		}
		w.ok(w.students.ReportAsRecruiter(ctx, amara, id, "No answer."))
		if !must(w.students.ThreadForStudent(ctx, ada, id)).Reported || !must(w.students.ThreadForRecruiter(ctx, amara, id)).Reported {
			t.Error("not shown as reported")
		}
		page, next, total, err := w.students.Reports(ctx, staff(elm), student.ReportQuery{State: student.ReportOpen, Limit: 1})
		w.ok(err)
		if total != 2 || len(page) != 1 || next != page[0].ID || !page[0].ByStudent {
			t.Fatalf("%+v %d %d", page, next, total)
		}
		r := page[0]
		if r.Reason != "Rude." || r.Company != "Northwind" || r.CompanyID != co || r.Recruiter != "Amara Okafor" || r.Student != "Ada Low" || r.Messages != 1 || r.State != student.ReportOpen {
			t.Errorf("%+v", r)
		}
		for _, s := range []institution.Scope{staff(oak), institution.Token(oak, 1, "x", []institution.Permission{institution.Review})} {
			if _, _, err := w.students.ReportedThread(ctx, s, r.ID); !isNotFound(err) {
				t.Errorf("another institution reads: %v", err)
			}
			if err := w.students.Resolve(ctx, s, r.ID, "x"); !isNotFound(err) {
				t.Errorf("another institution resolves: %v", err)
			}
		}
		var forbidden fault.Forbidden
		if _, _, err := w.students.ReportedThread(ctx, institution.Token(elm, 1, "x", nil), r.ID); !errors.As(err, &forbidden) {
			t.Errorf("who may not review reads: %v", err)
		}
		_, read, err := w.students.ReportedThread(ctx, staff(elm), r.ID)
		w.ok(err)
		if len(read.Messages) != 1 || read.Messages[0].Body != letter(elm).Body {
			t.Errorf("%+v", read)
		}
		if n := w.Int(`SELECT COUNT(*) FROM audit_events WHERE institution_id = $1 AND action = 'thread.read' AND subject_id = $2`, elm, id); n != 1 {
			t.Errorf("%d records of reading", n)
		}
		// What is written after all was resolved stays between the two.
		if err := w.students.Resolve(ctx, staff(elm), r.ID, ""); paths(err) != "note" {
			t.Error(err)
		}
		w.ok(w.students.Resolve(ctx, staff(elm), r.ID, "Spoke with them."))
		if err := w.students.Resolve(ctx, staff(elm), r.ID, "Again."); !isConflict(err) {
			t.Errorf("resolved twice: %v", err)
		}
		w.now = w.now.Add(time.Minute)
		must(w.students.ReplyAsStudent(ctx, ada, id, "A secret."))
		done, read, err := w.students.ReportedThread(ctx, staff(elm), r.ID)
		w.ok(err)
		if done.State != student.ReportResolved || done.Note != "Spoke with them." || len(read.Messages) != 1 || strings.Contains(fmt.Sprint(read), "secret") {
			t.Errorf("%+v %+v", done, read)
		}
		if must(w.students.ThreadForStudent(ctx, ada, id)).Reported {
			t.Error("still shown as reported")
		}
		w.ok(w.students.ReportAsStudent(ctx, ada, id, "Once more."))
		for q, want := range map[string]int{"": 3, "north": 3, "ada low": 3, "quarry": 0} {
			if _, _, total, err := w.students.Reports(ctx, staff(elm), student.ReportQuery{Q: q, Limit: 5}); total != want || err != nil {
				t.Errorf("%q finds %d reports, %v", q, total, err)
			}
		}
		if _, _, _, err := w.students.Reports(ctx, staff(elm), student.ReportQuery{State: "new"}); paths(err) != "state" {
			t.Error(err)
		}
	})
}

func TestMessageCounts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		amara, northwind := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		bea, brightwater := w.recruiter("Bea Bright", "bea@brightwater.example", "Brightwater", elm)
		ada, bob := w.student(elm, "Ada", "Low", "Law", 2026, open), w.student(elm, "Bob", "Stone", "Law", 2026, open)
		old := must(w.students.Write(ctx, amara, letter(elm, ada.StudentID(), bob.StudentID())))[0].ID
		w.now = w.now.Add(31 * 24 * time.Hour)
		must(w.students.Write(ctx, bea, letter(elm, bob.StudentID())))
		must(w.students.ReplyAsStudent(ctx, ada, old, "Late."))
		must(w.students.ReplyAsRecruiter(ctx, amara, old, "Never mind."))
		w.ok(w.students.ReportAsStudent(ctx, ada, old, "Rude."))
		got := must(w.students.MessageCounts(ctx, staff(elm)))
		want := student.MessageCounts{OpenReports: 1, Counts: student.Counts{Threads: 3, Messages: 5, ThreadsLately: 1, MessagesLately: 3}, Companies: []student.CompanyCounts{
			{CompanyID: northwind, Company: "Northwind", Counts: student.Counts{Threads: 2, Messages: 4, MessagesLately: 2}},
			{CompanyID: brightwater, Company: "Brightwater", Counts: student.Counts{Threads: 1, Messages: 1, ThreadsLately: 1, MessagesLately: 1}},
		}}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%+v", got)
		}
		var forbidden fault.Forbidden
		if err := second(w.students.MessageCounts(ctx, institution.Token(elm, 1, "x", nil))); !errors.As(err, &forbidden) {
			t.Error(err)
		}
	})
}

func TestLetters(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		amara, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		ada := w.student(elm, "Ada", "Low", "Law", 2026, open)
		long := strings.Repeat("Bridges. ", 100)
		id := must(w.students.Write(ctx, amara, student.Letter{InstitutionID: elm, Students: []int64{ada.StudentID()}, Subject: "Bridges", Body: long}))[0].ID
		subject, l, ok := w.letter(student.MessageSent)
		if !ok || subject != "Amara Okafor of Northwind has written to you: Bridges" || len(l.Note) > 310 || l.NoteFrom != "Amara Okafor, Northwind" ||
			!strings.HasPrefix(l.Button.URL, "https://beckon.example/student/") || !strings.Contains(l.After[1], "only when one of the two reports it") {
			t.Errorf("%s %+v", subject, l)
		}
		w.ok(w.students.MarkReadAsStudent(ctx, ada, id, time.Time{}))
		if _, _, ok := w.letter(student.MessageSent); ok {
			t.Error("a mail about what was read")
		}
		must(w.students.ReplyAsStudent(ctx, ada, id, "Yes."))
		if subject, l, ok := w.letter(student.MessageAnswered); !ok || subject != "Ada L. has answered: Bridges" || l.Note != "Yes." || !strings.HasPrefix(l.Button.URL, "https://beckon.example/recruit/messages/") {
			t.Errorf("%s %+v", subject, l)
		}
		must(w.students.ReplyAsRecruiter(ctx, amara, id, "Good."))
		must(w.students.ReplyAsStudent(ctx, ada, id, "When?"))
		w.ok(w.companies.Leave(ctx, amara))
		if _, l, ok := w.letter(student.MessageAnswered); ok {
			t.Errorf("who has left the company is mailed %q", l.Note)
		}
		must(w.companies.AddMember(ctx, operator, amara, co, company.Admin))
		must(w.students.ReplyAsRecruiter(ctx, amara, id, "Soon."))
		w.ok(w.students.Block(ctx, ada, id, true))
		if _, _, ok := w.letter(student.MessageSent); ok {
			t.Error("a mail from a sender who is blocked")
		}
		// Neither mail goes in a name with an address to answer to.
		if n := w.Int(`SELECT COUNT(*) FROM outbox WHERE kind IN ('message_sent', 'message_answered') AND institution_id <> 0`); n != 0 {
			t.Errorf("%d mails name the institution as their sender", n)
		}
	})
}

func TestTheInstitutionIsToldOfAReport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		amara, _ := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		ada := w.student(elm, "Ada", "Low", "Law", 2026, open)
		institutions := &institution.Institutions{DB: w.DB, Now: w.imports.Now}
		for email, role := range map[string]institution.Role{"owner@elm.example": institution.Owner, "manager@elm.example": institution.Manager, "viewer@elm.example": institution.Viewer} {
			w.ok(institutions.SetStaff(ctx, staff(elm), w.User("Sam Staff", email), role))
		}
		told := func() (all []string, params map[string]string) {
			w.Write(func(ctx context.Context, tx *db.Tx) error {
				return tx.Rows(ctx, func(r *sql.Rows) error {
					var to, text string
					err := r.Scan(&to, &text)
					all = append(all, to)
					return errors.Join(err, json.Unmarshal([]byte(text), &params))
				}, `SELECT recipient, params FROM outbox WHERE kind = $1 ORDER BY recipient`, student.MessageReported)
			})
			return all, params
		}
		id := must(w.students.Write(ctx, amara, letter(elm, ada.StudentID())))[0].ID
		w.ok(w.students.ReportAsStudent(ctx, ada, id, "They ask me for money."))
		to, params := told()
		if !slices.Equal(to, []string{"manager@elm.example", "owner@elm.example"}) {
			t.Errorf("without a reply address it goes to %v", to)
		}
		write := w.students.Letters("https://beckon.example")[student.MessageReported]
		n := mail.Notice{Kind: student.MessageReported, Params: params}
		subject, l, wanted, err := write(ctx, n)
		if err != nil || !wanted || subject != "A student reports a conversation with Northwind" || l.Button.URL != "https://beckon.example/at/elm/messages/"+params["report"] {
			t.Errorf("%s %+v %t %v", subject, l, wanted, err)
		}
		for _, secret := range []string{"students.example", "Ada", "Low", "money", letter(elm).Subject, letter(elm).Body} {
			if strings.Contains(subject+l.RenderText(), secret) {
				t.Errorf("the mail tells %q:\n%s", secret, l.RenderText())
			}
		}
		w.ok(w.students.Resolve(ctx, staff(elm), 1, "Spoke with them."))
		if _, _, wanted, err := write(ctx, n); wanted || err != nil {
			t.Errorf("told of a report that is resolved: %v", err)
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE institutions SET reply_to = 'careers@elm.example' WHERE id = $1`, elm)
			return err
		})
		w.ok(w.students.ReportAsRecruiter(ctx, amara, id, "No answer."))
		if to, _ = told(); !slices.Contains(to, "careers@elm.example") || len(to) != 3 {
			t.Errorf("with a reply address it goes to %v", to)
		}
	})
}
