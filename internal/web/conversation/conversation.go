// Package conversation holds the pages on which a recruiter and a student talk: the list of
// conversations, one of them, answering, reporting. Both sides have the same pages; what
// differs is in Side and Room.
package conversation

import (
	"context"
	"time"

	"beckon/internal/institution"
	"beckon/internal/student"
)

// Side is one of the two who talk, as the pages act in its name. Errors are those of
// student.Students.
type Side interface {
	Threads(context.Context, student.ThreadQuery) (page []student.Thread, next student.Latest, total int, err error)
	Thread(ctx context.Context, id int64) (student.Thread, error)
	Reply(ctx context.Context, id int64, body string) error
	MarkRead(ctx context.Context, id int64, upTo time.Time) error
	Report(ctx context.Context, id int64, reason string) error
	// Wrote tells whether this side wrote what the student did (true) or did not.
	Wrote(byStudent bool) bool
	// Other names the other side of a thread, About what stands below the name.
	Other(student.Thread) string
	About(student.Thread) string
}

// Recruiter is the side of a company's recruiter.
type Recruiter struct {
	Students *student.Students
	UserID   int64
}

// Threads are the recruiter's.
func (s Recruiter) Threads(ctx context.Context, q student.ThreadQuery) ([]student.Thread, student.Latest, int, error) {
	return s.Students.ThreadsOfRecruiter(ctx, s.UserID, q)
}

// Thread is one of them.
func (s Recruiter) Thread(ctx context.Context, id int64) (student.Thread, error) {
	return s.Students.ThreadForRecruiter(ctx, s.UserID, id)
}

// Reply goes on with it.
func (s Recruiter) Reply(ctx context.Context, id int64, body string) error {
	_, err := s.Students.ReplyAsRecruiter(ctx, s.UserID, id, body)
	return err
}

// MarkRead notes that it has been read up to a time.
func (s Recruiter) MarkRead(ctx context.Context, id int64, upTo time.Time) error {
	return s.Students.MarkReadAsRecruiter(ctx, s.UserID, id, upTo)
}

// Report shows it to staff.
func (s Recruiter) Report(ctx context.Context, id int64, reason string) error {
	return s.Students.ReportAsRecruiter(ctx, s.UserID, id, reason)
}

// Wrote tells what is the recruiter's.
func (Recruiter) Wrote(byStudent bool) bool { return !byStudent }

// Other is the student's first name and initial.
func (Recruiter) Other(t student.Thread) string { return t.Student.Name() }

// About is what the student shows, and where they study.
func (Recruiter) About(t student.Thread) string { return sentence(Facts(t.Student), t.Institution) }

// Student is the side of a student.
type Student struct {
	Students *student.Students
	Scope    institution.Scope
}

// Threads are the student's.
func (s Student) Threads(ctx context.Context, q student.ThreadQuery) ([]student.Thread, student.Latest, int, error) {
	return s.Students.ThreadsOfStudent(ctx, s.Scope, q)
}

// Thread is one of them.
func (s Student) Thread(ctx context.Context, id int64) (student.Thread, error) {
	return s.Students.ThreadForStudent(ctx, s.Scope, id)
}

// Reply answers in it.
func (s Student) Reply(ctx context.Context, id int64, body string) error {
	_, err := s.Students.ReplyAsStudent(ctx, s.Scope, id, body)
	return err
}

// MarkRead notes that it has been read up to a time.
func (s Student) MarkRead(ctx context.Context, id int64, upTo time.Time) error {
	return s.Students.MarkReadAsStudent(ctx, s.Scope, id, upTo)
}

// Report shows it to staff.
func (s Student) Report(ctx context.Context, id int64, reason string) error {
	return s.Students.ReportAsStudent(ctx, s.Scope, id, reason)
}

// Wrote tells what is the student's.
func (Student) Wrote(byStudent bool) bool { return byStudent }

// Other is the recruiter's name.
func (Student) Other(t student.Thread) string { return t.Recruiter }

// About is the recruiter's company.
func (Student) About(t student.Thread) string { return t.Company }
