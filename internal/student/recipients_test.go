package student_test

import (
	"context"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/student"
)

func TestRecipientsTellWhatWriteWouldDo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE institutions SET timezone = 'America/New_York' WHERE id = $1`, elm)
			return err
		})
		amara, _ := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		ada, bob := w.student(elm, "Ada", "Low", "Law", 2026, open).StudentID(), w.student(elm, "Bob", "Stone", "Law", 2026, open).StudentID()
		shy, foreign := w.student(elm, "Shy", "Lee", "Law", 2026, student.Choice{}).StudentID(), w.student(oak, "Oak", "Tree", "Law", 2026, open).StudentID()

		to, left, err := w.students.Recipients(ctx, amara, elm, []int64{bob, shy, foreign, 999, ada, bob})
		w.ok(err)
		if len(to) != 2 || to[0].Name() != "Bob S." || to[1].Name() != "Ada L." || left != student.MostADay {
			t.Errorf("%d left for %+v", left, to)
		}
		must(w.students.Write(ctx, amara, letter(elm, ada, bob)))
		if _, left, err = w.students.Recipients(ctx, amara, elm, nil); err != nil || left != student.MostADay-2 {
			t.Errorf("%d left after two, %v", left, err)
		}
		w.now = w.now.Add(20 * time.Hour) // midnight there
		if _, left, err = w.students.Recipients(ctx, amara, elm, nil); err != nil || left != student.MostADay {
			t.Errorf("%d left on the next day, %v", left, err)
		}
		if _, _, err = w.students.Recipients(ctx, amara, oak, []int64{foreign}); missing(err) != "connection" {
			t.Errorf("where the company is not approved: %v", err)
		}
		if _, _, err = w.students.Recipients(ctx, amara, 999, nil); paths(err) != "institution" {
			t.Errorf("an institution that does not exist: %v", err)
		}
		if _, _, err = w.students.Recipients(ctx, amara, elm, make([]int64, 1001)); paths(err) != "students" {
			t.Errorf("a thousand and one: %v", err)
		}
	})
}
