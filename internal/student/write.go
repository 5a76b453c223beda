package student

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"beckon/internal/audit"
	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/fold"
	"beckon/internal/gate"
	"beckon/internal/input"
	"beckon/internal/institution"
)

const (
	// MostAtOnce is to how many students one message may go.
	MostAtOnce = 50
	// MostADay is how many threads a company may begin at one institution on one day there.
	// Answers do not count: whoever is answered has written.
	MostADay = 200
)

// Letter is a message as a recruiter writes it to students. Everything is required.
type Letter struct {
	InstitutionID int64
	Students      []int64 // at most 50
	Subject       string  // at most 200 characters
	Body          string  // at most 10,000 characters
}

// Write sends a message to students of one institution, to all or to none, and answers the
// threads that it begins, one for each student. The gate is asked first; its *gate.Refusal
// comes before faults of the message. A student who may not be written to is fault.Fields
// naming the index ("students[3]"), whether unknown, archived or unwilling. More than 200
// students in a day, which is one on the institution's clock, are fault.Limited. Who writes
// becomes a contact of the institution.
func (st *Students) Write(ctx context.Context, userID int64, l Letter) (begun []Thread, err error) {
	err = st.DB.Write(ctx, func(tx *db.Tx) error {
		if err := known(ctx, tx, l.InstitutionID); err != nil {
			return err
		}
		if err := gate.Hold(ctx, tx, l.InstitutionID); err != nil {
			return err
		}
		pass, err := gate.Check(ctx, tx, userID, l.InstitutionID)
		if err != nil {
			return err
		}
		to, err := l.check(ctx, tx, userID, pass.CompanyID)
		if err != nil {
			return err
		}
		if err := st.Book.Come(ctx, tx, l.InstitutionID, userID, contact.SourceMessage); err != nil {
			return err
		}
		if err := st.countToday(ctx, tx, l.InstitutionID, pass.CompanyID, len(to)); err != nil {
			return err
		}
		begun, err = st.begin(ctx, tx, userID, pass.CompanyID, l, to)
		return err
	})
	return begun, err
}

// check cleans the letter and answers to whom it goes, each student once.
func (l *Letter) check(ctx context.Context, tx *db.Tx, userID, companyID int64) (to []Student, err error) {
	var f input.Form
	l.Subject = f.Required("subject", l.Subject, 200)
	l.Body = f.RequiredLines("body", l.Body, 10_000)
	if n := len(l.Students); n == 0 || n > MostAtOnce {
		f.Add("students", fmt.Sprintf("name 1 to %d students", MostAtOnce))
		return nil, f.Err()
	}
	reach := map[int64]Student{}
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		s, err := scan(r)
		reach[s.ID] = s
		return err
	}, `SELECT `+columns+` FROM students s WHERE `+reached+` AND s.id IN (`+db.Params(4, len(l.Students))+`)`,
		append([]any{l.InstitutionID, userID, companyID}, db.Args(l.Students)...)...)
	if err != nil {
		return nil, err
	}
	for i, id := range l.Students {
		if s, ok := reach[id]; !ok {
			f.Add(fmt.Sprintf("students[%d]", i), "is not a student who allows messages from you; choose among those you find")
		} else if !slices.Contains(l.Students[:i], id) {
			to = append(to, s)
		}
	}
	return to, f.Err()
}

// countToday counts n students more, or answers how long the company has to wait.
func (st *Students) countToday(ctx context.Context, tx *db.Tx, institutionID, companyID int64, n int) error {
	in, err := institution.Load(ctx, tx, institutionID)
	if err != nil {
		return err
	}
	now := st.Now().In(in.Location())
	day := now.Format(time.DateOnly)
	done, err := tx.Exec(ctx, `
		INSERT INTO message_days (institution_id, company_id, day, sent) VALUES ($1, $2, $3, $4)
		ON CONFLICT (institution_id, company_id, day) DO UPDATE SET sent = message_days.sent + excluded.sent
			WHERE message_days.sent + excluded.sent <= $5`, institutionID, companyID, day, n, MostADay)
	if err != nil {
		return fmt.Errorf("count messages: %w", err)
	}
	if done > 0 {
		return nil
	}
	left, err := st.leftToday(ctx, tx, institutionID, companyID)
	if err != nil {
		return err
	}
	tomorrow := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
	return fault.Limited{After: tomorrow.Sub(now), Message: fmt.Sprintf(
		"your company may write to %d students of %s a day and has %d left today; go on tomorrow", MostADay, in.Name, left)}
}

// begin opens the threads of a letter, each with its first message.
func (st *Students) begin(ctx context.Context, tx *db.Tx, userID, companyID int64, l Letter, to []Student) (begun []Thread, err error) {
	by, err := company.Actor(ctx, tx, userID)
	if err != nil {
		return nil, err
	}
	var name string
	if err := tx.QueryRow(ctx, `SELECT name FROM companies WHERE id = $1`, companyID).Scan(&name); err != nil {
		return nil, err
	}
	now := db.Millis(st.Now())
	ids := make([]int64, len(to))
	for i, s := range to {
		search := fold.Text(l.Subject + between + s.named().Name() + between + by.Name + between + name)
		err := tx.QueryRow(ctx, `
			INSERT INTO threads (institution_id, company_id, user_id, student_id, subject, search, created_at, last_at, messages, by_recruiter_at, read_by_recruiter_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 1, $7, $7) RETURNING id`,
			l.InstitutionID, companyID, userID, s.ID, l.Subject, search, now).Scan(&ids[i])
		if err != nil {
			return nil, fmt.Errorf("begin a thread: %w", err)
		}
		if err := st.add(ctx, tx, l.InstitutionID, ids[i], recruiter, l.Body, now); err != nil {
			return nil, err
		}
		if err := st.tellStudent(ctx, tx, l.InstitutionID, ids[i], s.Email); err != nil {
			return nil, err
		}
	}
	err = audit.Record(ctx, tx, audit.Event{InstitutionID: l.InstitutionID, At: st.Now(), Actor: by, Action: "message.sent",
		SubjectKind: "company", SubjectID: companyID, Detail: map[string]any{"name": name, "students": len(to)}})
	if err != nil {
		return nil, err
	}
	found, err := threads(ctx, tx, recruiter, `t.id IN (`+db.Params(1, len(ids))+`) ORDER BY t.id`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	if err := withMessages(ctx, tx, found); err != nil {
		return nil, err
	}
	for _, t := range found {
		begun = append(begun, t.Thread)
	}
	return begun, nil
}

func (st *Students) add(ctx context.Context, tx *db.Tx, institutionID, threadID int64, by side, body string, at int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO messages (institution_id, thread_id, by_student, body, sent_at) VALUES ($1, $2, $3, $4, $5)`,
		institutionID, threadID, int(by), body, at)
	if err != nil {
		return fmt.Errorf("store a message: %w", err)
	}
	return nil
}

// ReplyAsRecruiter goes on with one of the user's threads. A *gate.Refusal says that the
// user may not recruit there now, fault.Conflict that the student does not take messages
// from the user any more; the body of at most 10,000 characters is looked at after that.
func (st *Students) ReplyAsRecruiter(ctx context.Context, userID, threadID int64, body string) (Thread, error) {
	return st.reply(ctx, recruiter, body, func(tx *db.Tx) (audit.Actor, error) {
		return company.Actor(ctx, tx, userID)
	}, threadID, `t.user_id = $1 AND t.id = $2`, userID, threadID)
}

// ReplyAsStudent answers in one of the student's threads, as long as the recruiter may
// recruit at the institution and is not blocked; otherwise it is fault.Conflict with the
// reason.
func (st *Students) ReplyAsStudent(ctx context.Context, s institution.Scope, threadID int64, body string) (Thread, error) {
	if err := s.Require(institution.Attend); err != nil {
		return Thread{}, err
	}
	return st.reply(ctx, student, body, func(*db.Tx) (audit.Actor, error) { return s.Actor(), nil },
		threadID, ofStudent+` AND t.id = $3 AND s.archived = 0`, s.ID(), s.StudentID(), threadID)
}

func (st *Students) reply(ctx context.Context, who side, body string, actor func(*db.Tx) (audit.Actor, error), threadID int64, where string, args ...any) (Thread, error) {
	var t thread
	err := st.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if err := hold(ctx, tx, where, args...); err != nil {
			return err
		}
		// This holds the thread: of two messages at once the second sees the first.
		if _, err := tx.Exec(ctx, `UPDATE threads SET messages = messages + 1 WHERE id = $1`, threadID); err != nil {
			return err
		}
		if t, err = oneThread(ctx, tx, who, where, args...); err != nil {
			return err
		}
		if who == recruiter && t.refused != nil {
			return t.refused
		}
		if !t.Open {
			return fault.Conflict{Message: t.ClosedWhy}
		}
		var f input.Form
		body = f.RequiredLines("body", body, 10_000)
		if err := f.Err(); err != nil {
			return err
		}
		if err := st.goOn(ctx, tx, who, t, body); err != nil {
			return err
		}
		by, err := actor(tx)
		if err != nil {
			return err
		}
		err = audit.Record(ctx, tx, audit.Event{InstitutionID: t.InstitutionID, At: st.Now(), Actor: by, Action: "message.answered",
			SubjectKind: "thread", SubjectID: t.ID, Detail: map[string]any{"company": t.Company}})
		if err != nil {
			return err
		}
		t, err = oneThread(ctx, tx, who, where, args...)
		return err
	})
	return t.Thread, err
}

// hold makes what closes the thread that where picks wait, or be seen; fault.ErrNotFound
// where there is none.
func hold(ctx context.Context, tx *db.Tx, where string, args ...any) error {
	var institutionID int64
	err := tx.QueryRow(ctx, `SELECT t.institution_id FROM threads t JOIN students s ON s.id = t.student_id WHERE `+where, args...).Scan(&institutionID)
	if db.IsNoRows(err) {
		return fault.NotFound("thread")
	}
	if err != nil {
		return err
	}
	return gate.Hold(ctx, tx, institutionID)
}

// goOn stores a message behind the last one of its thread, and tells the other by mail
// unless something was unread before: of that the other was told.
func (st *Students) goOn(ctx context.Context, tx *db.Tx, by side, t thread, body string) error {
	at := max(db.Millis(st.Now()), db.Millis(t.LastAt)+1)
	if err := st.add(ctx, tx, t.InstitutionID, t.ID, by, body, at); err != nil {
		return err
	}
	var told int
	err := tx.QueryRow(ctx, fmt.Sprintf(`SELECT CASE WHEN %s > %s THEN 1 ELSE 0 END FROM threads WHERE id = $1`,
		by.of("by_recruiter_at", "by_student_at"), by.of("read_by_student_at", "read_by_recruiter_at")), t.ID).Scan(&told)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, fmt.Sprintf(`UPDATE threads SET last_at = $2, %s = $2, %s = $2 WHERE id = $1`,
		by.of("by_recruiter_at", "by_student_at"), by.of("read_by_recruiter_at", "read_by_student_at")), t.ID, at)
	if err != nil || told == 1 {
		return err
	}
	if by == recruiter {
		return st.tellStudent(ctx, tx, t.InstitutionID, t.ID, t.student.Email)
	}
	to, err := company.Address(ctx, tx, t.CompanyID, t.UserID)
	if err != nil || to == "" {
		return err
	}
	return st.tellRecruiter(ctx, tx, t.InstitutionID, t.ID, to)
}

func isNotFound(err error) bool { return errors.Is(err, fault.ErrNotFound) }
