package student_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/posting"
	"beckon/internal/secret"
	"beckon/internal/student"
)

// What shuts a recruiter out is decided and not committed yet while the recruiter writes: the
// message waits for it, and does not go.
func TestNoMessageGoesPastADecisionAtTheSameMoment(t *testing.T) {
	w := newWorld(t, dbtest.Postgres(t))
	elm := w.Institution("Elm University")
	amara, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
	ada := w.student(elm, "Ada", "Low", "Law", 2026, open)
	thread := must(w.students.Write(ctx, amara, letter(elm, ada.StudentID())))[0].ID
	write := func() error { return second(w.students.Write(ctx, amara, letter(elm, ada.StudentID()))) }
	reply := func() error { return second(w.students.ReplyAsRecruiter(ctx, amara, thread, "And?")) }
	answer := func() error { return second(w.students.ReplyAsStudent(ctx, ada, thread, "Yes.")) }
	isRefusal := func(err error) bool { return missing(err) == gate.Blocked }
	lock := func(tx *db.Tx) error { return second(gate.Lock(ctx, tx, elm, 0)) }
	set := func(change string, args ...any) func(tx *db.Tx) error {
		return func(tx *db.Tx) error {
			if err := lock(tx); err != nil {
				return err
			}
			return second(tx.Exec(ctx, change, args...))
		}
	}
	block, lift := `UPDATE connections SET state = 'blocked' WHERE company_id = $1`, `UPDATE connections SET state = 'approved' WHERE company_id = $1`
	shut, undo := `INSERT INTO student_blocks (institution_id, student_id, company_id, user_id, created_at) VALUES ($1, $2, $3, 0, 1)`, `DELETE FROM student_blocks`
	archive, restore := `UPDATE students SET archived = 1 WHERE id = $1`, `UPDATE students SET archived = 0`
	for _, c := range []struct {
		name    string
		decide  func(*db.Tx) error
		undo    func(*db.Tx) error
		act     func() error
		refused func(error) bool
	}{
		{"staff block, a letter", set(block, co), set(lift, co), write, isRefusal},
		{"staff block, a reply", set(block, co), set(lift, co), reply, isRefusal},
		{"staff block, an answer", set(block, co), set(lift, co), answer, isConflict},
		{"the student blocks, a letter", set(shut, elm, ada.StudentID(), co), set(undo), write, func(err error) bool { return paths(err) == "students[0]" }},
		{"the student blocks, a reply", set(shut, elm, ada.StudentID(), co), set(undo), reply, isConflict},
		{"the student is archived, a letter", set(archive, ada.StudentID()), set(restore), write, func(err error) bool { return paths(err) == "students[0]" }},
	} {
		if err := w.Overlap(c.decide, c.act); !c.refused(err) {
			t.Errorf("%s: %v", c.name, err)
		}
		w.ok(w.DB.Write(ctx, c.undo), c.act())
	}
	// And where the message is first, what decides about it is not answered before it is there.
	for _, c := range []struct {
		name   string
		decide func() error
	}{
		{"staff's block", func() error { return w.recruiting.Block(ctx, staff(elm), co, "") }},
		{"the student's block", func() error { return w.students.Block(ctx, ada, thread, false) }},
		{"the student's choice", func() error { return second(w.students.Allow(ctx, ada, student.Choice{})) }},
		{"archiving", func() error { return w.students.Archive(ctx, staff(elm), ada.StudentID()) }},
	} {
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			return second(tx.Exec(ctx, `UPDATE threads SET subject = ''`))
		})
		w.ok(w.Overlap(func(tx *db.Tx) error {
			if err := gate.Hold(ctx, tx, elm); err != nil {
				return err
			}
			return second(tx.Exec(ctx, `UPDATE threads SET subject = 'On its way'`))
		}, func() error {
			err := c.decide()
			if n := w.Int(`SELECT COUNT(*) FROM threads WHERE subject = ''`); n > 0 {
				t.Errorf("%s is answered before the message is there", c.name)
			}
			return err
		}))
	}
}

// Everything at once on PostgreSQL: no transaction waits for another in a circle, and who is
// refused is refused for a reason.
func TestNobodyWaitsInACircle(t *testing.T) {
	w := newWorld(t, dbtest.Postgres(t))
	elm := w.Institution("Elm University")
	amara, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
	bea := w.User("Bea Bright", "bea@northwind.example")
	must(w.companies.AddMember(ctx, operator, bea, co, company.Recruiter))
	ada, bob := w.student(elm, "Ada", "Low", "Law", 2026, open), w.student(elm, "Bob", "Stone", "Law", 2026, open)
	thread := must(w.students.Write(ctx, amara, letter(elm, ada.StudentID())))[0].ID
	now := func() time.Time { return w.now }
	jobs := &posting.Jobs{DB: w.DB, Now: now, Book: w.students.Book}
	interviews := &posting.Interviews{DB: w.DB, Now: now, Book: w.students.Book, Key: secret.Fixed("test")}
	job := must(jobs.Post(ctx, amara, posting.JobInput{Title: "Builder", Description: "Robots.", Institutions: []int64{elm}})).ID
	w.ok(jobs.Approve(ctx, staff(elm), job))
	wish := posting.InterviewInput{InstitutionID: elm, JobID: job, Schedule: posting.Schedule{Date: "2026-12-03", StartsAt: "09:00", SlotCount: 2, SlotMinutes: 25}}
	held := must(interviews.Request(ctx, amara, wish)).ID
	w.ok(interviews.Approve(ctx, staff(elm), held, ""))
	var all sync.WaitGroup
	for name, act := range map[string]func(i int) error{
		"write": func(int) error {
			return second(w.students.Write(ctx, bea, letter(elm, ada.StudentID(), bob.StudentID())))
		},
		"reply":        func(int) error { return second(w.students.ReplyAsRecruiter(ctx, amara, thread, "And?")) },
		"answer":       func(int) error { return second(w.students.ReplyAsStudent(ctx, ada, thread, "Yes.")) },
		"allow":        func(i int) error { return second(w.students.Allow(ctx, ada, student.Choice{Allows: i%2 > 0})) },
		"shut out":     func(int) error { return w.students.Block(ctx, ada, thread, true) },
		"let in":       func(int) error { return w.students.Unblock(ctx, ada, co, 0) },
		"archive":      func(int) error { return w.students.Archive(ctx, staff(elm), bob.StudentID()) },
		"restore":      func(int) error { return w.students.Restore(ctx, staff(elm), bob.StudentID()) },
		"report":       func(int) error { return w.students.ReportAsStudent(ctx, ada, thread, "Rude.") },
		"request":      func(int) error { return second(interviews.Request(ctx, bea, wish)) },
		"take":         func(i int) error { return interviews.Take(ctx, ada, held, 1+i%2) },
		"take as well": func(i int) error { return interviews.Take(ctx, bob, held, 1+i%2) },
		"give back":    func(i int) error { return interviews.GiveBack(ctx, ada, held, 1+i%2) },
		"move":         func(i int) error { return interviews.Move(ctx, staff(elm), held, []string{"Room 1", "Room 2"}[i%2]) },
		"post": func(int) error {
			return second(jobs.Post(ctx, bea, posting.JobInput{Title: "Nurse", Description: "Care.", Institutions: []int64{elm}}))
		},
		"block": func(int) error { return w.recruiting.Block(ctx, staff(elm), co, "") },
		"unblock": func(int) error {
			return errors.Join(w.recruiting.Unblock(ctx, staff(elm), co), w.recruiting.Approve(ctx, staff(elm), co))
		},
		"leave": func(int) error { return w.companies.Leave(ctx, bea) },
		"join":  func(int) error { return second(w.companies.AddMember(ctx, operator, bea, co, company.Recruiter)) },
		"contact": func(i int) error {
			return second(w.students.Book.Add(ctx, staff(elm), contact.New{Fields: contact.Fields{Email: fmt.Sprintf("c%d@x.example", i), FirstName: "C", LastName: "D"}}))
		},
	} {
		all.Go(func() {
			for i := range 8 {
				var refusal *gate.Refusal
				var conflict fault.Conflict
				var fields fault.Fields
				err := act(i)
				if err != nil && !errors.As(err, &refusal) && !errors.As(err, &conflict) && !errors.As(err, &fields) && !isNotFound(err) {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	all.Wait()
	w.NoDrift()
}
