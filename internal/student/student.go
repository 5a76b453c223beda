// Package student holds an institution's students: who they are, what they show to
// recruiters, and the messages between the two. A student is not found by recruiters until
// the student says so. Nobody outside the institution ever sees a student's address, whole
// last name, or anything that the student does not show.
package student

import (
	"context"
	"strconv"
	"strings"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/fold"
)

// Students is the register of students and of their messages. It is safe for concurrent use.
type Students struct {
	DB  *db.DB
	Now func() time.Time
	// Book is where recruiters who write become contacts.
	Book *contact.Book
}

// Student is a student as the institution's staff and the student alone see one.
type Student struct {
	ID            int64
	InstitutionID int64
	Email         string
	FirstName     string
	LastName      string
	Major         string
	// GraduationYear is 0 where it is not known.
	GraduationYear int
	ExternalID     string
	Archived       bool
	// AllowsAt is since when recruiters may find and write to the student; zero: they may not.
	AllowsAt time.Time
	// ShowsMajor, ShowsYear and About say what recruiters see of one whom they find.
	ShowsMajor, ShowsYear bool
	About                 string
	CreatedAt             time.Time
	// UserID is the student's account, 0 before the first sign-in.
	UserID int64
}

// Name is the full name.
func (s Student) Name() string { return s.FirstName + " " + s.LastName }

// Allows tells whether recruiters may find and write to the student.
func (s Student) Allows() bool { return !s.AllowsAt.IsZero() }

// Shown is a student as a recruiter sees one. What the student does not show is blank, or 0.
type Shown struct {
	ID        int64
	FirstName string
	// LastInitial is the first letter of the last name; blank where that would be all of it.
	LastInitial    string
	Major          string
	GraduationYear int
	About          string
}

// Name is the first name with the initial of the last.
func (s Shown) Name() string {
	if s.LastInitial == "" {
		return s.FirstName
	}
	return s.FirstName + " " + s.LastInitial + "."
}

// Shown is what the student shows to recruiters who may find the student.
func (s Student) Shown() Shown {
	out := s.named()
	out.About = s.About
	if s.ShowsMajor {
		out.Major = s.Major
	}
	if s.ShowsYear {
		out.GraduationYear = s.GraduationYear
	}
	return out
}

// named is all that recruiters see of a student whom they know, and who does not show
// anything to them any more.
func (s Student) named() Shown {
	return Shown{ID: s.ID, FirstName: s.FirstName, LastInitial: fold.Initial(s.LastName)}
}

// keys are the folded texts that a student is sorted and found by: name and search for
// staff, shown for recruiters, who must not find by what they do not see.
type keys struct{ name, search, shown string }

func (s Student) keys(emailKey string) keys {
	first, last := fold.Text(s.FirstName), fold.Text(s.LastName)
	shown := s.Shown()
	visible := []string{shown.FirstName + " " + shown.LastInitial, shown.Major, "", shown.About}
	if shown.GraduationYear > 0 {
		visible[2] = strconv.Itoa(shown.GraduationYear)
	}
	return keys{
		name:   last + "\x01" + first,
		search: strings.Join([]string{first + " " + last, fold.Text(emailKey), fold.Text(s.Major), fold.Text(s.ExternalID)}, between),
		shown:  fold.Text(strings.Join(visible, between)),
	}
}

// between separates the parts of a text to search in; nobody types it.
const between = "\x01"

const columns = `s.id, s.institution_id, s.email, s.first_name, s.last_name, s.major, s.graduation_year, s.external_id, s.archived,
	s.allows_at, s.shows_major, s.shows_year, s.about, s.created_at,
	COALESCE((SELECT a.user_id FROM user_addresses a WHERE a.email_key = s.email_key AND a.verified_at > 0), 0)`

func scan(row interface{ Scan(...any) error }, more ...any) (Student, error) {
	var s Student
	var allows, created int64
	err := row.Scan(append([]any{&s.ID, &s.InstitutionID, &s.Email, &s.FirstName, &s.LastName, &s.Major, &s.GraduationYear, &s.ExternalID, &s.Archived,
		&allows, &s.ShowsMajor, &s.ShowsYear, &s.About, &created, &s.UserID}, more...)...)
	if db.IsNoRows(err) {
		err = fault.NotFound("student")
	}
	s.AllowsAt, s.CreatedAt = db.Time(allows), db.Time(created)
	return s, err
}

// load reads a student of an institution, archived or not.
func load(ctx context.Context, tx *db.Tx, institutionID, id int64) (Student, error) {
	return scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM students s WHERE s.institution_id = $1 AND s.id = $2`, institutionID, id))
}
