package student_test

import (
	"strings"
	"testing"

	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/institution"
)

// Nothing that speaks of an erased student is left, and the others keep theirs.
func TestErasing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		amara, _ := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		ada := w.student(elm, "Ada", "Low", "Law", 2026, open)
		bo := w.student(elm, "Bo", "Berg", "Law", 2026, open)
		sent := must(w.students.Write(ctx, amara, letter(elm, ada.StudentID(), bo.StudentID())))
		must(w.students.ReplyAsStudent(ctx, ada, sent[0].ID, "Yes"))
		w.ok(w.students.ReportAsStudent(ctx, ada, sent[0].ID, "Rude."), w.students.Block(ctx, ada, sent[0].ID, true))
		w.ok(w.students.Archive(ctx, staff(elm), ada.StudentID()))
		for _, s := range []institution.Scope{staff(oak), institution.Token(oak, 1, "x", institution.Permissions)} {
			if err := w.students.Erase(ctx, s, ada.StudentID()); !isNotFound(err) {
				t.Errorf("another institution erases: %v", err)
			}
		}
		w.ok(w.students.Erase(ctx, staff(elm), ada.StudentID()))
		if err := w.students.Erase(ctx, staff(elm), ada.StudentID()); !isNotFound(err) {
			t.Errorf("erased twice: %v", err)
		}
		for _, table := range []string{"threads", "messages", "students"} {
			if n := w.Int(`SELECT COUNT(*) FROM ` + table); n != 1 {
				t.Errorf("%d rows in %s, want Bo's alone", n, table)
			}
		}
		if n := w.Int(`SELECT (SELECT COUNT(*) FROM message_reports) + (SELECT COUNT(*) FROM student_blocks)`); n != 0 {
			t.Errorf("%d reports and blocks are left", n)
		}
		if n := w.Int(`SELECT COUNT(*) FROM audit_events WHERE actor_name LIKE '%Ada Low%' OR detail LIKE '%Ada Low%'`); n != 0 {
			t.Errorf("the audit names the student %d times", n)
		}
		if got, _ := w.load(elm, "email,first_name,last_name\nada.low@students.example,Ada,Low\n", transfer.Options{}); !strings.Contains(got, "1 created") {
			t.Errorf("imported again: %s", got)
		}
	})
}

// A recruiter who is no contact any more has no name left in what staff read of a block.
func TestABlockNamesTheRecruiterByID(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		amara, _ := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		ada := w.student(elm, "Ada", "Low", "Law", 2026, open)
		sent := must(w.students.Write(ctx, amara, letter(elm, ada.StudentID())))
		w.ok(w.students.Block(ctx, ada, sent[0].ID, false))
		if n := w.Int(`SELECT COUNT(*) FROM audit_events WHERE action = 'student.blocked_sender' AND detail LIKE '%' || $1 || '%'`, db.FormatID(amara)); n != 1 {
			t.Errorf("the audit tells of the block %d times", n)
		}
		if n := w.Int(`SELECT COUNT(*) FROM audit_events WHERE detail LIKE '%Okafor%'`); n != 0 {
			t.Errorf("the audit names the recruiter %d times", n)
		}
	})
}
