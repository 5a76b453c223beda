package student

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// Thread is one message of a recruiter to one student with all that the two answered, as one
// of them sees it.
type Thread struct {
	ID            int64
	InstitutionID int64
	Institution   string
	Slug          string         // the institution's
	Zone          *time.Location // the institution's
	CompanyID     int64
	Company       string
	UserID        int64
	Recruiter     string // the user's name
	StudentID     int64
	// Student is what the recruiter sees of the student: no more than the name while the
	// student does not let this recruiter write, or the recruiter may not recruit there.
	Student   Shown
	Subject   string
	CreatedAt time.Time
	LastAt    time.Time
	// Last is the beginning of the last message.
	Last          string
	LastByStudent bool
	// Unread tells that the other has written since who looks has read it.
	Unread bool
	// Open tells that who looks may write now; otherwise ClosedWhy is a sentence that says
	// why not. Both follow from what holds at this moment.
	Open      bool
	ClosedWhy string
	// Reported tells that who looks has reported the thread, and staff have not resolved it.
	Reported bool
	// Messages are there in a single thread alone, the oldest first.
	Messages []Message
}

// Message is what one of the two wrote.
type Message struct {
	ID        int64
	ByStudent bool
	Body      string
	SentAt    time.Time
}

// lastLines is how many characters of the last message a Thread holds.
const lastLines = 200

// side is who of the two looks at a thread, or writes.
type side int

const (
	recruiter side = iota
	student
)

// of names the column of threads that holds something of this side.
func (who side) of(forRecruiter, forStudent string) string {
	if who == student {
		return forStudent
	}
	return forRecruiter
}

// thread is a Thread with what decides about it.
type thread struct {
	Thread
	student Student
	// blocked is the student's block: 1 of the recruiter, 2 of the company.
	blocked int
	// refused is why the recruiter may not recruit there for that company; nil if it is so.
	refused error
}

// leftCompany says that a recruiter does not write for the company of the thread any more.
var leftCompany = fault.NotFound("thread")

// threads reads the threads t, with their students s and companies c, that rest picks.
func threads(ctx context.Context, tx *db.Tx, who side, rest string, args ...any) (all []thread, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var t thread
		var created, last, mine, others, read int64
		var zone string
		s, err := scan(r, &t.ID, &t.Institution, &t.Slug, &zone, &t.CompanyID, &t.Company, &t.UserID, &t.Recruiter, &t.Subject,
			&created, &last, &t.Last, &mine, &others, &read, &t.blocked, &t.Reported)
		t.InstitutionID, t.StudentID, t.student = s.InstitutionID, s.ID, s
		t.Zone = institution.Settings{Timezone: zone}.Location()
		t.CreatedAt, t.LastAt, t.Last = db.Time(created), db.Time(last), excerpt(t.Last, lastLines)
		t.Unread, t.LastByStudent = others > read, (who == student) == (mine > others)
		all = append(all, t)
		return err
	}, fmt.Sprintf(`SELECT %s, t.id, i.name, i.slug, i.timezone, t.company_id, c.name, t.user_id, COALESCE(u.first_name || ' ' || u.last_name, ''), t.subject,
			t.created_at, t.last_at, COALESCE((SELECT m.body FROM messages m WHERE m.thread_id = t.id ORDER BY m.id DESC LIMIT 1), ''),
			t.%s, t.%s, t.%s,
			COALESCE((SELECT MAX(CASE WHEN b.user_id = 0 THEN 2 ELSE 1 END) FROM student_blocks b
				WHERE b.student_id = t.student_id AND (b.user_id = t.user_id OR b.user_id = 0 AND b.company_id = t.company_id)), 0),
			(SELECT COUNT(*) FROM message_reports r WHERE r.thread_id = t.id AND r.by_student = %d AND r.state = 'open')
		FROM threads t JOIN students s ON s.id = t.student_id JOIN institutions i ON i.id = t.institution_id
		JOIN companies c ON c.id = t.company_id LEFT JOIN users u ON u.id = t.user_id WHERE %s`,
		columns, who.of("by_recruiter_at", "by_student_at"), who.of("by_student_at", "by_recruiter_at"),
		who.of("read_by_recruiter_at", "read_by_student_at"), who, rest), args...)
	if err != nil {
		return nil, err
	}
	return all, judge(ctx, tx, who, all)
}

// judge finds out for each thread whether it is open to who looks, and what of the student
// is shown. It asks the gate once for each recruiter and institution.
func judge(ctx context.Context, tx *db.Tx, who side, all []thread) error {
	type at struct{ user, institution int64 }
	passes, refusals := map[at]gate.Pass{}, map[at]*gate.Refusal{}
	for i := range all {
		t := &all[i]
		key := at{t.UserID, t.InstitutionID}
		if _, known := passes[key]; !known {
			pass, err := gate.Check(ctx, tx, t.UserID, t.InstitutionID)
			var refusal *gate.Refusal
			if err != nil && !errors.As(err, &refusal) {
				return err
			}
			passes[key], refusals[key] = pass, refusal
		}
		if refusal := refusals[key]; refusal != nil {
			t.refused = refusal
		} else if passes[key].CompanyID != t.CompanyID {
			t.refused = leftCompany
		}
		t.Student = t.student.named()
		if t.refused == nil && t.reached() {
			t.Student = t.student.Shown()
		}
		t.ClosedWhy = t.closed(who)
		t.Open = t.ClosedWhy == ""
	}
	return nil
}

// reached tells whether the student lets the recruiter write.
func (t *thread) reached() bool {
	return !t.student.Archived && t.student.Allows() && t.blocked == 0
}

// closed is why one of the two may not write, "" where nothing keeps them. The recruiter is
// not told which of the student's choices it is.
func (t *thread) closed(who side) string {
	var refusal *gate.Refusal
	isRefusal := errors.As(t.refused, &refusal)
	switch {
	case who == student && t.blocked == 2:
		return "You have blocked " + t.Company + "."
	case who == student && t.blocked == 1:
		return "You have blocked " + t.Recruiter + "."
	case who == student && isRefusal && (refusal.Missing == gate.Connection || refusal.Missing == gate.Blocked):
		return t.Company + " may not recruit at " + t.Institution + " at present."
	case who == student && t.refused != nil:
		return t.Recruiter + " does not recruit for " + t.Company + " any more."
	case isRefusal:
		return sentence(refusal.Error())
	case t.refused != nil:
		return "You do not recruit for " + t.Company + " any more."
	case who == recruiter && !t.reached():
		return t.Student.Name() + " does not take messages from you any more."
	}
	return ""
}

// sentence makes a sentence of a message in lower case that is plain ASCII at its beginning.
func sentence(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s + "."
	}
	return string(s[0]-'a'+'A') + s[1:] + "."
}

// oneThread reads the one thread that where picks, with its messages.
func oneThread(ctx context.Context, tx *db.Tx, who side, where string, args ...any) (thread, error) {
	found, err := threads(ctx, tx, who, where, args...)
	if err != nil {
		return thread{}, err
	}
	if len(found) == 0 {
		return thread{}, fault.NotFound("thread")
	}
	return found[0], withMessages(ctx, tx, found)
}

// withMessages reads the messages of threads.
func withMessages(ctx context.Context, tx *db.Tx, all []thread) error {
	if len(all) == 0 {
		return nil
	}
	at, ids := map[int64]*Thread{}, make([]any, len(all))
	for i := range all {
		ids[i] = all[i].ID
		at[all[i].ID] = &all[i].Thread
	}
	return tx.Rows(ctx, func(r *sql.Rows) error {
		var m Message
		var threadID, sent int64
		err := r.Scan(&threadID, &m.ID, &m.ByStudent, &m.Body, &sent)
		m.SentAt = db.Time(sent)
		at[threadID].Messages = append(at[threadID].Messages, m)
		return err
	}, `SELECT thread_id, id, by_student, body, sent_at FROM messages WHERE thread_id IN (`+db.Params(1, len(ids))+`) ORDER BY thread_id, id`, ids...)
}

// excerpt is the beginning of a text, of at most n characters.
func excerpt(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n-1]) + "…"
}
