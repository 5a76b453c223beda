package posting_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate/gatetest"
	"beckon/internal/institution"
	"beckon/internal/posting"
)

// student makes a student of an institution, who is a user as well.
func (w *world) student(institutionID int64, name, email string) institution.Scope {
	w.T.Helper()
	first, last, _ := strings.Cut(name, " ")
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		return addStudent(ctx, tx, institutionID, first, last, email)
	})
	return must(institution.Student(ctx, w.World.DB, w.User(name, email), institutionID))
}

func addStudent(ctx context.Context, tx *db.Tx, institutionID int64, first, last, email string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO students (institution_id, email, email_key, first_name, last_name, name_key, search, shown, created_at, updated_at)
		VALUES ($1, $2, $2, $3, $4, $4, '', '', $5, $5)`, institutionID, email, first, last, db.Millis(gatetest.Now))
	return err
}

func TestLive(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		amara, northwind := w.approved("Amara Okafor", "amara@northwind.example", "Nørthwind", elm, oak)
		keiko, _ := w.approved("Keiko Ito", "keiko@alder.example", "Alder", elm, oak)
		ids := map[string]int64{}
		for title, at := range map[string]int64{"Nurse": elm, "Waits": elm, "Declined": elm, "Elsewhere": oak} {
			ids[title] = must(w.Post(ctx, amara, job(title, at))).ID
		}
		ids["Doctor"] = must(w.Post(ctx, keiko, job("Doctor", elm, oak))).ID
		ids["Éngineer"] = must(w.Post(ctx, keiko, job("Éngineer", elm))).ID
		for _, title := range []string{"Nurse", "Doctor", "Éngineer"} {
			if err := w.Approve(ctx, staff(elm), ids[title]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Approve(ctx, staff(oak), ids["Elsewhere"]); err != nil {
			t.Fatal(err)
		}
		if err := w.Decline(ctx, staff(elm), ids["Declined"], ""); err != nil {
			t.Fatal(err)
		}
		wren := w.student(elm, "Wren Castellanos", "wren@students.example")
		all := func(q string) string {
			var titles []string
			for query := (posting.Query{Q: q, Limit: 1}); ; {
				page, next, total, err := w.Live(ctx, wren, query)
				if err != nil {
					t.Fatal(err)
				}
				for _, j := range page {
					titles = append(titles, j.Title)
					if len(j.Postings) != 1 || j.Postings[0].InstitutionID != elm || !j.Postings[0].Live {
						t.Errorf("postings of %s: %+v", j.Title, j.Postings)
					}
				}
				if query.After = next; next == 0 {
					if total != len(titles) {
						t.Errorf("total %d of %v", total, titles)
					}
					return strings.Join(titles, " ")
				}
			}
		}
		for q, want := range map[string]string{"": "Éngineer Doctor Nurse", "ENGI": "Éngineer", "NØRTH": "Nurse", "%": ""} {
			if got := all(q); got != want {
				t.Errorf("%q: %s, want %s", q, got, want)
			}
		}
		if got := must(w.LiveOne(ctx, wren, ids["Nurse"])); got.Title != "Nurse" || got.Company != "Nørthwind" {
			t.Errorf("one job: %+v", got)
		}
		for _, title := range []string{"Waits", "Declined", "Elsewhere"} {
			if _, err := w.LiveOne(ctx, wren, ids[title]); !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("%s is shown: %v", title, err)
			}
		}
		if err := w.recruiting.Block(ctx, staff(elm), northwind, ""); err != nil {
			t.Fatal(err)
		}
		if got := all(""); got != "Éngineer Doctor" {
			t.Errorf("after a block: %s", got)
		}
		if _, err := w.LiveOne(ctx, wren, ids["Nurse"]); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("a blocked company's job is shown: %v", err)
		}
		var forbidden fault.Forbidden
		if _, _, _, err := w.Live(ctx, staff(elm), posting.Query{Limit: 1}); !errors.As(err, &forbidden) {
			t.Errorf("staff see students' list: %v", err)
		}
	})
}
