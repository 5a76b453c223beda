package posting

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/input"
	"beckon/internal/institution"
)

// Appointment is a slot that a student has, or had: in a schedule that was cancelled, or
// before giving it back.
type Appointment struct {
	InterviewID int64
	N           int
	JobID       int64
	Job         string
	Company     string
	Institution string
	Zone        *time.Location // the institution's
	StartsAt    time.Time
	EndsAt      time.Time
	Way         string
	VideoURL    string
	Place       string
	Cancelled   bool
	Reason      string // why it was cancelled
	// GivenBack tells that the slot is not the student's any more.
	GivenBack bool
	// Flagged tells that the company may not recruit at the institution now: staff decide
	// whether the interview takes place.
	Flagged bool
	// Calendar is the address of the appointment as a calendar file. It is the student's alone,
	// and works without a sign-in. It goes on to answer when the appointment is off, so that a
	// calendar that took the file can be told.
	Calendar string

	replyTo string // the institution's address
	// sequence rises with every change of the appointment (RFC 5545, 3.8.7.4).
	sequence int
}

// AppointmentQuery chooses among a student's appointments.
type AppointmentQuery struct {
	// Past asks for those that have ended, the latest first, instead of those that have not,
	// the soonest first.
	Past bool
	// Q is a part of the job's title or of the company's name, folded.
	Q string
	// After is where the page before ended, the zero Sitting for the beginning.
	After Sitting
	Limit int
}

// Sitting is an appointment's place in the order of time: a student has one slot of a
// schedule.
type Sitting struct {
	StartsAt    int64 // in Unix milliseconds
	InterviewID int64
}

// Taken is a page of the student's appointments, where the next page begins (the zero
// Sitting: nowhere), and how many there are in all.
func (in *Interviews) Taken(ctx context.Context, s institution.Scope, q AppointmentQuery) (page []Appointment, next Sitting, total int, err error) {
	if err := s.Require(institution.Attend); err != nil {
		return nil, Sitting{}, 0, err
	}
	from := theirs + ` AND (j.title_key LIKE $3 ESCAPE '\' OR c.name_key LIKE $3 ESCAPE '\')`
	paged := `s.ends_at > $4 AND (s.starts_at, s.request_id) > ($5, $6) ORDER BY s.starts_at, s.request_id LIMIT $7`
	ended := `s.ends_at > $4`
	if q.Past {
		ended = `s.ends_at <= $4`
		paged = `s.ends_at <= $4 AND ((s.starts_at, s.request_id) < ($5, $6) OR $5 = 0) ORDER BY s.starts_at DESC, s.request_id DESC LIMIT $7`
	}
	args := []any{s.ID(), s.StudentID(), input.Containing(q.Q), db.Millis(in.Now())}
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM `+slotsAsAppointments+` WHERE `+from+` AND `+ended, args...).Scan(&total); err != nil {
			return fmt.Errorf("count appointments: %w", err)
		}
		page, err = in.appointments(ctx, tx, from+` AND `+paged, append(args, q.After.StartsAt, q.After.InterviewID, q.Limit+1)...)
		return err
	})
	if len(page) > q.Limit {
		page = page[:q.Limit]
		last := page[q.Limit-1]
		next = Sitting{db.Millis(last.StartsAt), last.InterviewID}
	}
	return page, next, total, err
}

// Coming is how many appointments the student has that have not ended. It is cheap enough
// for every page.
func (in *Interviews) Coming(ctx context.Context, s institution.Scope) (n int, err error) {
	if err := s.Require(institution.Attend); err != nil {
		return 0, err
	}
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM interview_slots s WHERE s.institution_id = $1 AND s.student_id = $2 AND s.ends_at > $3`,
			s.ID(), s.StudentID(), db.Millis(in.Now())).Scan(&n)
	})
	return n, err
}

// appointment is what a student has of a slot, or had before giving it back;
// fault.ErrNotFound where there is no such slot, or no such student any more.
func (in *Interviews) appointment(ctx context.Context, interviewID int64, n int, studentID int64) (Appointment, error) {
	var found []Appointment
	err := in.DB.Read(ctx, func(tx *db.Tx) (err error) {
		found, err = in.appointments(ctx, tx, `s.request_id = $1 AND s.n = $2 AND t.id = $3`, interviewID, n, studentID)
		return err
	})
	if err != nil {
		return Appointment{}, err
	}
	if len(found) == 0 {
		return Appointment{}, fault.NotFound("appointment")
	}
	return found[0], nil
}

// theirs picks the slots s that student $2 of institution $1 has.
const theirs = `s.institution_id = $1 AND s.student_id = $2 AND t.id = $2`

// slotsAsAppointments are slots s with a student t, who has it where s.student_id = t.id.
const slotsAsAppointments = `interview_slots s JOIN students t ON t.institution_id = s.institution_id
	JOIN interview_requests r ON r.id = s.request_id JOIN jobs j ON j.id = r.job_id JOIN companies c ON c.id = r.company_id`

// appointments reads the slots s of students t that where picks.
func (in *Interviews) appointments(ctx context.Context, tx *db.Tx, where string, args ...any) (all []Appointment, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		a, err := in.scanAppointment(r)
		all = append(all, a)
		return err
	}, `SELECT s.request_id, s.n, s.student_id, t.id, s.starts_at, s.ends_at, s.taken_at, r.job_id, j.title, c.name, n.name, n.timezone, n.reply_to,
			r.way, r.video_url, r.place, r.state, r.reason, r.revision, r.requested_at, COALESCE(k.state, 'none')
		FROM `+slotsAsAppointments+` JOIN institutions n ON n.id = r.institution_id
		LEFT JOIN connections k ON k.institution_id = r.institution_id AND k.company_id = r.company_id
		WHERE `+where, args...)
	return all, err
}

func (in *Interviews) scanAppointment(r *sql.Rows) (a Appointment, err error) {
	var zone, state, connection string
	var holder, studentID, starts, ends, changed, requested int64
	var revision int
	err = r.Scan(&a.InterviewID, &a.N, &holder, &studentID, &starts, &ends, &changed, &a.JobID, &a.Job, &a.Company, &a.Institution, &zone, &a.replyTo,
		&a.Way, &a.VideoURL, &a.Place, &state, &a.Reason, &revision, &requested, &connection)
	a.Zone = institution.Settings{Timezone: zone}.Location()
	a.StartsAt, a.EndsAt = db.Time(starts), db.Time(ends)
	a.Cancelled, a.Flagged = state == Cancelled, state == Approved && connection != Approved
	a.Calendar = in.appointmentLink(a.InterviewID, a.N, studentID)
	if a.GivenBack = holder != studentID; a.GivenBack {
		// Where it is held, and why it is off, is for those who have a slot.
		a.Place, a.VideoURL, a.Reason, a.Flagged = "", "", "", false
		changed = db.Millis(in.Now()) + 1000
	}
	// Who takes a slot again that was given back has changed it twice: time counts that, and
	// the revision what happened to the schedule.
	a.sequence = revision + int((changed-requested)/1000)
	return a, err
}

// off tells why the appointment is not to be kept, "" if it is.
func (a Appointment) off() string {
	switch {
	case a.GivenBack:
		return "You have given the time back."
	case a.Cancelled:
		return strings.TrimSpace("Cancelled. " + a.Reason)
	}
	return ""
}
