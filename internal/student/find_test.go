package student_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"beckon/internal/contact/transfer"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
	"beckon/internal/student"
)

// found is the names of all whom a recruiter finds, page by page.
func (w *world) found(userID, institutionID int64, q string) string {
	w.T.Helper()
	var names []string
	for query := (student.FindQuery{Q: q, Limit: 2}); ; {
		page, next, total, err := w.students.Find(ctx, userID, institutionID, query)
		w.ok(err)
		for _, s := range page {
			names = append(names, s.Name())
		}
		if query.After = next; next == (student.Cursor{}) {
			if total != len(names) {
				w.T.Fatalf("total %d of %v", total, names)
			}
			return strings.Join(names, ", ")
		}
	}
}

func missing(err error) string {
	var r *gate.Refusal
	errors.As(err, &r)
	if r == nil {
		return ""
	}
	return r.Missing
}

func TestFindWhoAllowsItByWhatTheyShow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		amara, _ := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		w.student(elm, "Zoé", "Abel", "Civil engineering", 2027, open)
		w.student(elm, "Ada", "Zimmer", "Law", 2026, student.Choice{Allows: true, About: "Robots"})
		w.student(elm, "Ada", "Abel", "Law", 2026, student.Choice{ShowsMajor: true, ShowsYear: true})
		w.student(elm, "Li", "李", "Law", 2026, student.Choice{Allows: true, ShowsMajor: true})
		w.student(oak, "Cyd", "Far", "Law", 2026, open)
		// The last name decides neither who is found nor in which order.
		for q, want := range map[string]string{
			"": "Ada Z., Li, Zoé A.", "zoe a": "Zoé A.", "CIVIL": "Zoé A.", "2027": "Zoé A.", "robots": "Ada Z.", "law": "Li",
			"abel": "", "zimmer": "", "2026": "", "李": "", "students.example": "", "X-Abel": "", "%": "",
		} {
			if got := w.found(amara, elm, q); got != want {
				t.Errorf("%q finds %q, want %q", q, got, want)
			}
		}
		if _, _, _, err := w.students.Find(ctx, amara, oak, student.FindQuery{Limit: 5}); missing(err) != gate.Connection {
			t.Errorf("at another institution: %v", err)
		}
		if _, _, _, err := w.students.Find(ctx, amara, 99, student.FindQuery{Limit: 5}); paths(err) != "institution" {
			t.Errorf("at no institution: %v", err)
		}
		if _, _, _, err := w.students.Find(ctx, w.User("Sam Small", "sam@quarry.example"), elm, student.FindQuery{Limit: 5}); missing(err) != gate.Membership {
			t.Errorf("without a company: %v", err)
		}
	})
}

// seen is all whom a recruiter finds at an institution.
func (w *world) seen(userID, institutionID int64) []student.Shown {
	page, _, _, err := w.students.Find(ctx, userID, institutionID, student.FindQuery{Limit: 50})
	w.ok(err)
	return page
}

func TestFoundAsTheyShowThemselves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		amara, _ := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm, oak)
		ada := w.student(elm, "Ada", "Low", "Law", 2026, open)
		got := w.seen(amara, elm)
		if want := []student.Shown{{ID: ada.StudentID(), FirstName: "Ada", LastInitial: "L", Major: "Law", GraduationYear: 2026, About: "Likes bridges"}}; !slices.Equal(got, want) {
			t.Errorf("%+v", got)
		}
		must(w.students.Allow(ctx, ada, student.Choice{Allows: true}))
		got = w.seen(amara, elm)
		if want := []student.Shown{{ID: ada.StudentID(), FirstName: "Ada", LastInitial: "L"}}; !slices.Equal(got, want) {
			t.Errorf("%+v", got)
		}
		if got := w.seen(amara, oak); len(got) != 0 {
			t.Errorf("by way of another institution: %v", got)
		}
		me := must(w.students.Allow(ctx, ada, student.Choice{About: " A line\nof mine "}))
		if me.Allows() || me.About != "A line of mine" || me.Major != "Law" || me.UserID != ada.UserID() {
			t.Errorf("%+v", me)
		}
		if got := w.seen(amara, elm); len(got) != 0 {
			t.Errorf("not allowed any more: %v", got)
		}
		if _, err := w.students.Allow(ctx, ada, student.Choice{About: strings.Repeat("x", 301)}); paths(err) != "about" {
			t.Error(err)
		}
	})
}

// What an import changes is found by recruiters only as far as the student shows it.
func TestImportKeepsWhatIsHiddenHidden(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		amara, _ := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		w.student(elm, "Ada", "Low", "Law", 2026, student.Choice{Allows: true, ShowsYear: true})
		w.load(elm, "email,first_name,last_name,major,graduation_year\nada.low@students.example,Adele,Low,Music,2030\n", transfer.Options{})
		for q, want := range map[string]string{"music": "", "law": "", "2030": "Adele L.", "ada": "", "2026": ""} {
			if got := w.found(amara, elm, q); got != want {
				t.Errorf("%q finds %q, want %q", q, got, want)
			}
		}
	})
}

func TestStudentsScopeReachesTheStudentAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		ada := w.student(elm, "Ada", "Low", "Law", 2026, open)
		var forbidden fault.Forbidden
		if _, _, _, err := w.students.List(ctx, ada, student.Query{Limit: 5}); !errors.As(err, &forbidden) {
			t.Errorf("a student lists students: %v", err)
		}
		if _, err := w.students.Get(ctx, ada, ada.StudentID()); !errors.As(err, &forbidden) {
			t.Errorf("a student reads as staff do: %v", err)
		}
		for what, err := range map[string]error{
			"staff's own": func() error { _, err := w.students.Me(ctx, staff(elm)); return err }(),
			"staff":       func() error { _, err := w.students.Allow(ctx, staff(elm), open); return err }(),
			"unread":      func() error { _, err := w.students.UnreadOfStudent(ctx, staff(elm)); return err }(),
		} {
			if !errors.As(err, &forbidden) {
				t.Errorf("%s: %v", what, err)
			}
		}
		w.ok(w.students.Archive(ctx, staff(elm), ada.StudentID()))
		if _, err := institution.Student(ctx, w.DB, ada.UserID(), elm); !isNotFound(err) {
			t.Errorf("an archived student: %v", err)
		}
		if _, err := w.students.Allow(ctx, ada, open); !isNotFound(err) {
			t.Errorf("an archived student chooses: %v", err)
		}
	})
}
