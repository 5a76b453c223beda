package student

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"beckon/internal/audit"
	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/input"
	"beckon/internal/institution"
)

// States of a report.
const (
	ReportOpen     = "open"
	ReportResolved = "resolved"
)

// ReportStates lists the states in their order.
var ReportStates = []string{ReportOpen, ReportResolved}

// Report is a recruiter's or a student's word to the institution's staff that something is
// wrong in a thread. It opens the thread to them.
type Report struct {
	ID         int64
	ThreadID   int64
	ByStudent  bool
	Reason     string
	ReportedAt time.Time
	State      string // one of ReportStates
	DecidedAt  time.Time
	DecidedBy  string // the name of the staff member
	Note       string // what the staff member wrote; for staff alone
	CompanyID  int64
	Company    string
	UserID     int64
	Recruiter  string // blank unless the person is a contact of the institution
	StudentID  int64
	Student    string // the full name
	// Messages counts what the two have written.
	Messages int
}

// ReportAsRecruiter tells the institution's staff that something is wrong in one of the
// user's threads. The reason, of at most 1000 characters, is required. While staff have not
// resolved it, doing so again is fault.Conflict. The institution is told by mail.
func (st *Students) ReportAsRecruiter(ctx context.Context, userID, threadID int64, reason string) error {
	return st.report(ctx, recruiter, reason, func(tx *db.Tx) (audit.Actor, error) {
		return company.Actor(ctx, tx, userID)
	}, ofRecruiter+` AND t.id = $2`, userID, threadID)
}

// ReportAsStudent is ReportAsRecruiter for one of the student's threads.
func (st *Students) ReportAsStudent(ctx context.Context, s institution.Scope, threadID int64, reason string) error {
	if err := s.Require(institution.Attend); err != nil {
		return err
	}
	return st.report(ctx, student, reason, func(*db.Tx) (audit.Actor, error) { return s.Actor(), nil },
		ofStudent+` AND t.id = $3`, s.ID(), s.StudentID(), threadID)
}

func (st *Students) report(ctx context.Context, who side, reason string, actor func(*db.Tx) (audit.Actor, error), where string, args ...any) error {
	var f input.Form
	reason = f.RequiredLines("reason", reason, 1000)
	if err := f.Err(); err != nil {
		return err
	}
	return st.DB.Write(ctx, func(tx *db.Tx) error {
		t, err := oneThread(ctx, tx, who, where, args...)
		if err != nil {
			return err
		}
		by, err := actor(tx)
		if err != nil {
			return err
		}
		var id int64
		err = tx.QueryRow(ctx, `INSERT INTO message_reports (institution_id, thread_id, by_student, reason, reported_at, state) VALUES ($1, $2, $3, $4, $5, 'open')
			ON CONFLICT (thread_id, by_student) WHERE state = 'open' DO NOTHING RETURNING id`, t.InstitutionID, t.ID, int(who), reason, db.Millis(st.Now())).Scan(&id)
		if db.IsNoRows(err) {
			return fault.Conflict{Message: "you have reported this thread already; " + t.Institution + " looks at it"}
		}
		if err != nil {
			return fmt.Errorf("report a thread: %w", err)
		}
		if err := st.tellOfReport(ctx, tx, t.InstitutionID, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{InstitutionID: t.InstitutionID, At: st.Now(), Actor: by, Action: "thread.reported", SubjectKind: "thread", SubjectID: t.ID})
	})
}

// ReportQuery chooses among an institution's reports.
type ReportQuery struct {
	// State is one of ReportStates; blank is any.
	State string
	// Q is a part of the company's name or of what students are found by, folded.
	Q string
	// After is the report behind which the page begins, 0 for the beginning.
	After int64
	Limit int
}

const reportsFrom = ` FROM message_reports r JOIN threads t ON t.id = r.thread_id JOIN companies c ON c.id = t.company_id
	JOIN students s ON s.id = t.student_id LEFT JOIN users u ON u.id = t.user_id LEFT JOIN users d ON d.id = r.decided_by
	WHERE r.institution_id = $1`

// Reports is a page of the institution's reports, where the next page begins (0: nowhere),
// and how many there are in all. Open ones come in the order in which they were made, others
// the newest first.
func (st *Students) Reports(ctx context.Context, s institution.Scope, q ReportQuery) (page []Report, next int64, total int, err error) {
	if err := s.Require(institution.Review); err != nil {
		return nil, 0, 0, err
	}
	switch q.State {
	case "", ReportOpen, ReportResolved:
	default:
		return nil, 0, 0, fault.Invalid("state", "choose open or resolved")
	}
	const where = ` AND (r.state = $2 OR $2 = '') AND (c.name_key LIKE $3 ESCAPE '\' OR s.search LIKE $3 ESCAPE '\')`
	args := []any{s.ID(), q.State, input.Containing(q.Q)}
	paged := where + ` AND (r.id < $4 OR $4 = 0) ORDER BY r.id DESC LIMIT $5`
	if q.State == ReportOpen {
		paged = where + ` AND r.id > $4 ORDER BY r.id LIMIT $5`
	}
	err = st.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT COUNT(*)`+reportsFrom+where, args...).Scan(&total); err != nil {
			return err
		}
		page, err = reports(ctx, tx, paged, append(args, q.After, q.Limit+1)...)
		return err
	})
	if len(page) > q.Limit {
		page = page[:q.Limit]
		next = page[q.Limit-1].ID
	}
	return page, next, total, err
}

func reports(ctx context.Context, tx *db.Tx, rest string, args ...any) (all []Report, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var p Report
		var reported, decided int64
		err := r.Scan(&p.ID, &p.ThreadID, &p.ByStudent, &p.Reason, &reported, &p.State, &decided, &p.DecidedBy, &p.Note,
			&p.CompanyID, &p.Company, &p.UserID, &p.Recruiter, &p.StudentID, &p.Student, &p.Messages)
		p.ReportedAt, p.DecidedAt = db.Time(reported), db.Time(decided)
		all = append(all, p)
		return err
	}, `SELECT r.id, r.thread_id, r.by_student, r.reason, r.reported_at, r.state, r.decided_at, COALESCE(d.first_name || ' ' || d.last_name, ''), r.note,
		t.company_id, c.name, t.user_id,
		CASE WHEN EXISTS (SELECT 1 FROM contact_standing k WHERE k.institution_id = t.institution_id AND k.user_id = t.user_id AND k.user_id > 0)
			THEN COALESCE(u.first_name || ' ' || u.last_name, '') ELSE '' END,
		t.student_id, s.first_name || ' ' || s.last_name, t.messages`+
		reportsFrom+rest, args...)
	return all, err
}

// Report is one report of the institution; fault.ErrNotFound for any other.
func (st *Students) Report(ctx context.Context, s institution.Scope, reportID int64) (r Report, err error) {
	if err := s.Require(institution.Review); err != nil {
		return Report{}, err
	}
	err = st.DB.Read(ctx, func(tx *db.Tx) error {
		r, err = oneReport(ctx, tx, s, reportID)
		return err
	})
	return r, err
}

func oneReport(ctx context.Context, tx *db.Tx, s institution.Scope, id int64) (Report, error) {
	found, err := reports(ctx, tx, ` AND r.id = $2`, s.ID(), id)
	if err != nil {
		return Report{}, err
	}
	if len(found) == 0 {
		return Report{}, fault.NotFound("report")
	}
	return found[0], nil
}

// ReportedThread is the thread of a report, with its messages; there is no other way for
// staff to read one. That it was read is recorded. Of a report that is resolved, what was
// written since stays between the two.
func (st *Students) ReportedThread(ctx context.Context, s institution.Scope, reportID int64) (r Report, read Thread, err error) {
	if err := s.Require(institution.Review); err != nil {
		return Report{}, Thread{}, err
	}
	err = st.DB.Write(ctx, func(tx *db.Tx) error {
		if r, err = oneReport(ctx, tx, s, reportID); err != nil {
			return err
		}
		side := recruiter
		if r.ByStudent {
			side = student
		}
		t, err := oneThread(ctx, tx, side, `t.institution_id = $1 AND t.id = $2`, s.ID(), r.ThreadID)
		if err != nil {
			return err
		}
		if r.State == ReportResolved {
			t.Messages = until(t.Messages, r.DecidedAt)
		}
		read = forStaff(t.Thread)
		read.Recruiter = r.Recruiter
		return s.Record(ctx, tx, st.Now(), "thread.read", "thread", r.ThreadID, map[string]any{"report": db.FormatID(r.ID)})
	})
	return r, read, err
}

// forStaff is a thread as its messages tell it, without where it stands between the two.
func forStaff(t Thread) Thread {
	t.Unread, t.Open, t.ClosedWhy, t.Reported = false, false, "", false
	if n := len(t.Messages); n > 0 {
		last := t.Messages[n-1]
		t.Last, t.LastAt, t.LastByStudent = excerpt(last.Body, lastLines), last.SentAt, last.ByStudent
	}
	return t
}

// until is the messages sent up to a time.
func until(all []Message, end time.Time) []Message {
	for i, m := range all {
		if m.SentAt.After(end) {
			return all[:i]
		}
	}
	return all
}

// Resolve closes a report. The note, of at most 1000 characters, says what was done about it
// and is required; staff alone read it. A report that is resolved already is fault.Conflict.
func (st *Students) Resolve(ctx context.Context, s institution.Scope, reportID int64, note string) error {
	if err := s.Require(institution.Review); err != nil {
		return err
	}
	var f input.Form
	note = f.RequiredLines("note", note, 1000)
	if err := f.Err(); err != nil {
		return err
	}
	return st.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := oneReport(ctx, tx, s, reportID)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE message_reports SET state = 'resolved', decided_at = $3, decided_by = $4, note = $5
			WHERE institution_id = $1 AND id = $2 AND state = 'open'`, s.ID(), reportID, db.Millis(st.Now()), s.UserID(), note)
		if err != nil {
			return fmt.Errorf("resolve a report: %w", err)
		}
		if n == 0 {
			return fault.Conflict{Message: "this report is resolved already"}
		}
		return s.Record(ctx, tx, st.Now(), "report.resolved", "thread", r.ThreadID, map[string]any{"report": db.FormatID(reportID), "note": note})
	})
}
