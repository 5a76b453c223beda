package student

import (
	"context"
	"fmt"
	"math"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/input"
	"beckon/internal/institution"
)

// ThreadQuery chooses among the threads of a recruiter or of a student.
type ThreadQuery struct {
	// Q is a part of the subject or of one of the names, folded.
	Q string
	// InstitutionID is where the student is; 0 for anywhere.
	InstitutionID int64
	// Unread leaves out what has been read.
	Unread bool
	// After is where the page before ended, the zero Latest for the beginning.
	After Latest
	Limit int
}

// Latest is a place in a list that goes by time, the newest first.
type Latest struct {
	At int64 // in milliseconds
	ID int64
}

// ofRecruiter picks the threads of user $1, as long as the user is in the company of each.
const ofRecruiter = `t.user_id = $1 AND ` + inCompany

// inCompany picks the threads whose recruiter is in their company.
const inCompany = `EXISTS (
	SELECT 1 FROM memberships m WHERE m.user_id = t.user_id AND m.state = 'approved' AND m.company_id = t.company_id)`

// ofStudent picks the threads of student $2 of institution $1.
const ofStudent = `t.institution_id = $1 AND t.student_id = $2`

// unread picks what one side has not read.
func unread(who side) string {
	return who.of(` AND t.by_student_at > t.read_by_recruiter_at`, ` AND t.by_recruiter_at > t.read_by_student_at`)
}

// ThreadsOfRecruiter is a page of the user's threads with their messages, the one in which
// somebody wrote last first, where the next page begins (the zero Latest: nowhere), and how
// many there are in all. Those of a company that the user has left are not among them.
func (st *Students) ThreadsOfRecruiter(ctx context.Context, userID int64, q ThreadQuery) (page []Thread, next Latest, total int, err error) {
	return st.threads(ctx, recruiter, ofRecruiter+` AND (t.institution_id = $2 OR $2 = 0)`, q, userID, q.InstitutionID)
}

// ThreadsOfStudent is a page of the student's threads, as of ThreadsOfRecruiter.
func (st *Students) ThreadsOfStudent(ctx context.Context, s institution.Scope, q ThreadQuery) (page []Thread, next Latest, total int, err error) {
	if err := s.Require(institution.Attend); err != nil {
		return nil, Latest{}, 0, err
	}
	return st.threads(ctx, student, ofStudent, q, s.ID(), s.StudentID())
}

// threads reads a page of those that where picks by $1 and $2.
func (st *Students) threads(ctx context.Context, who side, where string, q ThreadQuery, first, second int64) (page []Thread, next Latest, total int, err error) {
	where += ` AND t.search LIKE $3 ESCAPE '\'`
	if q.Unread {
		where += unread(who)
	}
	args := []any{first, second, input.Containing(q.Q)}
	err = st.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM threads t WHERE `+where, args...).Scan(&total); err != nil {
			return err
		}
		found, err := threads(ctx, tx, who, where+` AND ((t.last_at, t.id) < ($4, $5) OR $4 = 0) ORDER BY t.last_at DESC, t.id DESC LIMIT $6`,
			append(args, q.After.At, q.After.ID, q.Limit+1)...)
		if err != nil {
			return err
		}
		if len(found) > q.Limit {
			found = found[:q.Limit]
			last := found[q.Limit-1]
			next = Latest{db.Millis(last.LastAt), last.ID}
		}
		if err := withMessages(ctx, tx, found); err != nil {
			return err
		}
		for _, t := range found {
			page = append(page, t.Thread)
		}
		return nil
	})
	return page, next, total, err
}

// ThreadForRecruiter is one of the threads that ThreadsOfRecruiter lists; fault.ErrNotFound
// for any other.
func (st *Students) ThreadForRecruiter(ctx context.Context, userID, threadID int64) (Thread, error) {
	return st.thread(ctx, recruiter, ofRecruiter+` AND t.id = $2`, userID, threadID)
}

// ThreadForStudent is one of the student's threads; fault.ErrNotFound for any other.
func (st *Students) ThreadForStudent(ctx context.Context, s institution.Scope, threadID int64) (Thread, error) {
	if err := s.Require(institution.Attend); err != nil {
		return Thread{}, err
	}
	return st.thread(ctx, student, ofStudent+` AND t.id = $3`, s.ID(), s.StudentID(), threadID)
}

func (st *Students) thread(ctx context.Context, who side, where string, args ...any) (Thread, error) {
	var t thread
	err := st.DB.Read(ctx, func(tx *db.Tx) (err error) {
		t, err = oneThread(ctx, tx, who, where, args...)
		return err
	})
	return t.Thread, err
}

// MarkReadAsRecruiter notes that the user has read the thread up to what was written at upTo,
// or to its end for the zero time: a message that came while the page was open stays unread.
func (st *Students) MarkReadAsRecruiter(ctx context.Context, userID, threadID int64, upTo time.Time) error {
	return st.markRead(ctx, recruiter, upTo, ofRecruiter+` AND t.id = $2`, userID, threadID)
}

// MarkReadAsStudent is MarkReadAsRecruiter for one of the student's threads.
func (st *Students) MarkReadAsStudent(ctx context.Context, s institution.Scope, threadID int64, upTo time.Time) error {
	if err := s.Require(institution.Attend); err != nil {
		return err
	}
	return st.markRead(ctx, student, upTo, ofStudent+` AND t.id = $3`, s.ID(), s.StudentID(), threadID)
}

func (st *Students) markRead(ctx context.Context, who side, upTo time.Time, where string, args ...any) error {
	end := db.Millis(upTo)
	if upTo.IsZero() {
		end = math.MaxInt64
	}
	column := who.of("read_by_recruiter_at", "read_by_student_at")
	return st.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, fmt.Sprintf(`
			UPDATE threads SET %[1]s = CASE WHEN last_at < $%[2]d THEN last_at WHEN %[1]s > $%[2]d THEN %[1]s ELSE $%[2]d END
			WHERE id IN (SELECT t.id FROM threads t WHERE %[3]s)`, column, len(args)+1, where), append(args, end)...)
		if err == nil && n == 0 {
			err = fault.NotFound("thread")
		}
		return err
	})
}

// UnreadOfRecruiter counts the user's threads with something unread.
func (st *Students) UnreadOfRecruiter(ctx context.Context, userID int64) (int, error) {
	return st.countThreads(ctx, ofRecruiter+unread(recruiter), userID)
}

// UnreadOfStudent counts the student's threads with something unread.
func (st *Students) UnreadOfStudent(ctx context.Context, s institution.Scope) (int, error) {
	if err := s.Require(institution.Attend); err != nil {
		return 0, err
	}
	return st.countThreads(ctx, ofStudent+unread(student), s.ID(), s.StudentID())
}

func (st *Students) countThreads(ctx context.Context, where string, args ...any) (n int, err error) {
	err = st.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM threads t WHERE `+where, args...).Scan(&n)
	})
	return n, err
}
