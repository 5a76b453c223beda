package posting

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/mail"
)

// Kinds of the mails about interviews.
const (
	// InterviewRequested, InterviewAnswered and InterviewCalledOff go to the institution's reply
	// address: a new request, an answer to a proposal, a schedule that the company cancelled.
	InterviewRequested = "interview_requested"
	InterviewAnswered  = "interview_answered"
	InterviewCalledOff = "interview_called_off"
	// InterviewDecided tells the recruiter that a request was approved or declined, that
	// another time is proposed, or that a schedule was cancelled.
	InterviewDecided = "interview_decided"
	// InterviewMoved tells the recruiter another place.
	InterviewMoved = "interview_moved"
	// InterviewTaken confirms a slot to the student, SlotMoved tells another place for it,
	// InterviewCancelled takes it away, and InterviewGivenBack confirms that it was given back.
	InterviewTaken     = "interview_taken"
	SlotMoved          = "interview_slot_moved"
	InterviewCancelled = "interview_cancelled"
	InterviewGivenBack = "interview_given_back"
)

// mostTold is how many requests of one company an institution is told by mail within 24 hours.
// Further ones stand in its list.
const mostTold = 20

// tellOfRequest tells the institution of a new request, so that who asks and asks again
// does not fill its mailbox.
func (in *Interviews) tellOfRequest(ctx context.Context, tx *db.Tx, i Interview) error {
	var lately int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM interview_requests WHERE institution_id = $1 AND company_id = $2 AND requested_at > $3`,
		i.InstitutionID, i.CompanyID, db.Millis(in.Now().Add(-24*time.Hour))).Scan(&lately)
	if err != nil || lately > mostTold {
		return err
	}
	return in.tellStaff(ctx, tx, i, InterviewRequested)
}

// tellStaff queues a mail to the institution, if it has a reply address.
func (in *Interviews) tellStaff(ctx context.Context, tx *db.Tx, i Interview, kind string) error {
	at, err := institution.Load(ctx, tx, i.InstitutionID)
	if err != nil || at.ReplyTo == "" {
		return err
	}
	return in.queue(ctx, tx, i, kind, at.ReplyTo, nil)
}

// tellRecruiter queues a mail to who requested, or to the company's admins for who has left.
func (in *Interviews) tellRecruiter(ctx context.Context, tx *db.Tx, i Interview, kind string) error {
	to, err := company.Address(ctx, tx, i.CompanyID, i.UserID)
	all := []string{to}
	if err == nil && to == "" {
		all, err = company.Addresses(ctx, tx, i.CompanyID, 0)
	}
	if err != nil {
		return err
	}
	for _, to := range all {
		if err := in.queue(ctx, tx, i, kind, to, nil); err != nil {
			return err
		}
	}
	return nil
}

// tellStudents queues a mail to everybody who has a slot to come of a schedule that was
// cancelled or moved. The caller has changed the request's row, for which whoever takes a
// slot waits: the slots are read after that, so that nobody is missed.
func (in *Interviews) tellStudents(ctx context.Context, tx *db.Tx, i Interview, kind string) error {
	students := map[int]int64{}
	err := tx.Rows(ctx, func(r *sql.Rows) error {
		var n int
		var student int64
		err := r.Scan(&n, &student)
		students[n] = student
		return err
	}, `SELECT n, student_id FROM interview_slots WHERE institution_id = $1 AND request_id = $2 AND student_id > 0 AND ends_at > $3`,
		i.InstitutionID, i.ID, db.Millis(in.Now()))
	if err != nil {
		return fmt.Errorf("look who has a slot: %w", err)
	}
	for n, student := range students {
		if err := in.tellStudent(ctx, tx, i, n, student, kind); err != nil {
			return err
		}
	}
	return nil
}

func (in *Interviews) tellStudent(ctx context.Context, tx *db.Tx, i Interview, n int, studentID int64, kind string) error {
	var to string
	err := tx.QueryRow(ctx, `SELECT email FROM students WHERE institution_id = $1 AND id = $2`, i.InstitutionID, studentID).Scan(&to)
	if db.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a student's address: %w", err)
	}
	return in.queue(ctx, tx, i, kind, to, map[string]string{"slot": strconv.Itoa(n), "student": db.FormatID(studentID)})
}

func (in *Interviews) queue(ctx context.Context, tx *db.Tx, i Interview, kind, to string, more map[string]string) error {
	params := map[string]string{"interview": db.FormatID(i.ID), "state": i.State}
	for name, value := range more {
		params[name] = value
	}
	return mail.Queue(ctx, tx, in.Now(), mail.Notice{InstitutionID: i.InstitutionID, Kind: kind, To: to, Params: params})
}
