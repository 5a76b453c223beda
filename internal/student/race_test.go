package student_test

import (
	"context"
	"testing"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/gate"
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
