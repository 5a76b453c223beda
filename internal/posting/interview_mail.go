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

// Letters are the writers of the mails about interviews, by kind. What is no longer so when
// a mail's turn comes is not told.
func (in *Interviews) Letters() map[string]mail.LetterFunc {
	return map[string]mail.LetterFunc{
		InterviewRequested: in.letter(in.requestedLetter),
		InterviewAnswered:  in.letter(in.answeredLetter),
		InterviewCalledOff: in.letter(in.calledOffLetter),
		InterviewDecided:   in.letter(in.decidedLetter),
		InterviewMoved:     in.letter(in.movedLetter),
		InterviewTaken:     in.studentLetter(in.takenLetter),
		SlotMoved:          in.studentLetter(in.slotMovedLetter),
		InterviewCancelled: in.studentLetter(in.cancelledLetter),
		InterviewGivenBack: in.studentLetter(in.givenBackLetter),
	}
}

// letter reads the request that a notice is about, for the writer.
func (in *Interviews) letter(write func(Interview) (string, mail.Letter)) mail.LetterFunc {
	return func(ctx context.Context, n mail.Notice) (string, mail.Letter, bool, error) {
		id, _ := db.ParseID(n.Params["interview"])
		i, err := in.Requested(ctx, institution.System(n.InstitutionID, "write a notice"), id)
		if isNotFound(err) || err == nil && i.State != n.Params["state"] {
			return "", mail.Letter{}, false, nil
		}
		if err != nil {
			return "", mail.Letter{}, false, err
		}
		subject, l := write(i)
		l.Institution, l.Heading = i.Institution, subject
		return subject, l, true, nil
	}
}

// studentLetter reads the appointment that a notice is about, for the writer.
func (in *Interviews) studentLetter(write func(Appointment) (string, mail.Letter)) mail.LetterFunc {
	return func(ctx context.Context, n mail.Notice) (string, mail.Letter, bool, error) {
		id, _ := db.ParseID(n.Params["interview"])
		student, _ := db.ParseID(n.Params["student"])
		slot, _ := strconv.Atoi(n.Params["slot"])
		a, err := in.appointment(ctx, id, slot, student)
		if isNotFound(err) || err == nil && !a.stands(n.Kind) {
			return "", mail.Letter{}, false, nil
		}
		if err != nil {
			return "", mail.Letter{}, false, err
		}
		subject, l := write(a)
		l.Institution, l.Heading = a.Institution, subject
		l.Footer = []string{fmt.Sprintf("You receive this because you took a time for an interview at %s.", a.Institution)}
		return subject, l, true, nil
	}
}

// stands tells whether what a mail of the kind says about an appointment is still so.
func (a Appointment) stands(kind string) bool {
	switch kind {
	case InterviewGivenBack:
		return a.GivenBack
	case InterviewCancelled:
		return a.Cancelled && !a.GivenBack
	}
	return a.off() == ""
}

func (in *Interviews) requestedLetter(i Interview) (string, mail.Letter) {
	l := in.toStaff(i)
	l.Paragraphs = []string{
		fmt.Sprintf("%s asks for interviews for “%s”: %s.", i.Company, i.Job, i.when()),
		"Approve it, decline it or propose another time.",
	}
	return fmt.Sprintf("%s asks for interviews", i.Company), l
}

func (in *Interviews) answeredLetter(i Interview) (string, mail.Letter) {
	l := in.toStaff(i)
	if i.State == Approved {
		l.Paragraphs = []string{fmt.Sprintf("%s accepts the time you proposed for “%s”: %s. Students can choose their times from now on.", i.Company, i.Job, i.when())}
		return fmt.Sprintf("%s accepts your proposal", i.Company), l
	}
	l.Paragraphs = []string{fmt.Sprintf("%s cannot take the time you proposed for “%s”. The request stands as it was: %s.", i.Company, i.Job, i.when())}
	return fmt.Sprintf("%s refuses your proposal", i.Company), l
}

func (in *Interviews) calledOffLetter(i Interview) (string, mail.Letter) {
	l := in.toStaff(i)
	l.Note, l.NoteFrom = i.Reason, i.Company
	l.Paragraphs = []string{fmt.Sprintf("%s has cancelled the interviews for “%s”: %s. %s.", i.Company, i.Job, i.when(), i.whoIsTold())}
	return fmt.Sprintf("%s has cancelled interviews", i.Company), l
}

func (i Interview) whoIsTold() string {
	switch n := i.Taken(); n {
	case 0:
		return "No student had a time yet"
	case 1:
		return "The student who had a time is told"
	default:
		return fmt.Sprintf("The %d students who had a time are told", n)
	}
}

func (in *Interviews) toStaff(i Interview) mail.Letter {
	return mail.Letter{
		Button: mail.Link{Text: "Look at it", URL: in.StaffURL(i)},
		Footer: []string{fmt.Sprintf("You receive this because this is the reply address of %s.", i.Institution)},
	}
}

func (in *Interviews) decidedLetter(i Interview) (subject string, l mail.Letter) {
	l = mail.Letter{
		Button: mail.Link{Text: "Look at it", URL: in.RecruiterURL(i)},
		Footer: []string{fmt.Sprintf("You receive this because your company asked %s for interviews.", i.Institution)},
	}
	l.Note = i.Reason
	if i.State != Cancelled { // that may have been a colleague
		l.NoteFrom = i.Institution
	}
	switch i.State {
	case Approved:
		subject = fmt.Sprintf("%s approves your interviews: %s", i.Institution, i.Job)
		l.Paragraphs = []string{fmt.Sprintf("They are held %s. Students of %s can choose their times from now on.", i.when(), i.Institution)}
		if i.Place != "" {
			l.Paragraphs = append(l.Paragraphs, "Place: "+i.Place)
		}
	case Proposed:
		subject = fmt.Sprintf("%s proposes another time: %s", i.Institution, i.Job)
		l.Paragraphs = []string{fmt.Sprintf("You asked for %s.", i.when()), fmt.Sprintf("%s proposes %s.", i.Institution, i.AsProposed().when())}
		l.Button.Text = "Answer"
	case Cancelled:
		subject = fmt.Sprintf("Interviews at %s are cancelled: %s", i.Institution, i.Job)
		l.Paragraphs = []string{fmt.Sprintf("They were to be held %s. %s.", i.when(), i.whoIsTold())}
	default:
		subject = fmt.Sprintf("%s declines your interviews: %s", i.Institution, i.Job)
		l.Paragraphs = []string{fmt.Sprintf("You asked for %s. You may ask for another time.", i.when())}
	}
	return subject, l
}

func (in *Interviews) movedLetter(i Interview) (string, mail.Letter) {
	return fmt.Sprintf("Another place for your interviews at %s: %s", i.Institution, i.Job), mail.Letter{
		Paragraphs: []string{fmt.Sprintf("They are held %s. %s", i.when(), placeNow(i.Place))},
		Button:     mail.Link{Text: "Look at it", URL: in.RecruiterURL(i)},
		Footer:     []string{fmt.Sprintf("You receive this because your company asked %s for interviews.", i.Institution)},
	}
}

func (in *Interviews) slotMovedLetter(a Appointment) (string, mail.Letter) {
	return fmt.Sprintf("Another place for your interview with %s", a.Company), mail.Letter{
		Paragraphs: []string{fmt.Sprintf("It is for “%s”, %s. %s", a.Job, a.when(), placeNow(a.Place))},
		Button:     mail.Link{Text: "Add it to your calendar", URL: a.Calendar},
	}
}

func placeNow(place string) string {
	if place == "" {
		return "The place is open again; you will be told."
	}
	return "The place is now: " + place
}

func (in *Interviews) takenLetter(a Appointment) (string, mail.Letter) {
	l := mail.Letter{
		Paragraphs: []string{fmt.Sprintf("You have an interview with %s for “%s”: %s.", a.Company, a.Job, a.when())},
		Button:     mail.Link{Text: "Add it to your calendar", URL: a.Calendar},
		After:      []string{"You can give the time back, on the page of your interviews, until it begins."},
	}
	if a.Place != "" {
		l.Paragraphs = append(l.Paragraphs, "Place: "+a.Place)
	}
	if a.VideoURL != "" {
		l.Links = []mail.Link{{Text: "The interview is held by video here", URL: a.VideoURL}}
	}
	return fmt.Sprintf("Your interview with %s", a.Company), l
}

func (in *Interviews) cancelledLetter(a Appointment) (string, mail.Letter) {
	return fmt.Sprintf("Your interview with %s is cancelled", a.Company), mail.Letter{
		Note:       a.Reason,
		Paragraphs: []string{fmt.Sprintf("It was for “%s”, %s.", a.Job, a.when())},
		Button:     a.outOfCalendar(),
	}
}

func (in *Interviews) givenBackLetter(a Appointment) (string, mail.Letter) {
	return fmt.Sprintf("You have given back your time with %s", a.Company), mail.Letter{
		Paragraphs: []string{fmt.Sprintf("It was for “%s”, %s. Others can take it now, and so can you while it is free.", a.Job, a.when())},
		Button:     a.outOfCalendar(),
	}
}

// outOfCalendar leads to the file that tells a calendar that the appointment is off.
func (a Appointment) outOfCalendar() mail.Link {
	return mail.Link{Text: "Take it out of your calendar", URL: a.Calendar}
}

// StaffURL is the page of a request for the institution's staff.
func (in *Interviews) StaffURL(i Interview) string {
	return in.BaseURL + "/at/" + i.Slug + "/interviews/" + db.FormatID(i.ID)
}

// RecruiterURL is the page of a request for the company's people.
func (in *Interviews) RecruiterURL(i Interview) string {
	return in.BaseURL + "/recruit/interviews/" + db.FormatID(i.ID)
}

// when says in a sentence when a schedule is held, on the institution's clock.
func (i Interview) when() string {
	begins := i.Begins()
	if begins.IsZero() {
		return i.Date + " " + i.StartsAt
	}
	return span(begins, i.Ends(), i.Zone)
}

func (a Appointment) when() string { return span(a.StartsAt, a.EndsAt, a.Zone) }

// span names two moments on the clock of a zone: "Thursday 3 December 2026, 09:00 to 12:00
// (Europe/Copenhagen, UTC+1)".
func span(from, to time.Time, zone *time.Location) string {
	from, to = from.In(zone), to.In(zone)
	end := to.Format("15:04")
	if from.Format(time.DateOnly) != to.Format(time.DateOnly) {
		end = to.Format("Monday 2 January, 15:04")
	}
	return fmt.Sprintf("%s to %s (%s)", from.Format("Monday 2 January 2006, 15:04"), end, zoneName(from, zone))
}

// zoneName names a zone, and how far its clock is ahead of UTC at a moment: "Europe/Copenhagen,
// UTC+1".
func zoneName(at time.Time, zone *time.Location) string {
	ahead := int(offset(at.In(zone)) / time.Minute)
	if zone.String() == "UTC" {
		return "UTC"
	}
	sign := "+"
	if ahead < 0 {
		sign, ahead = "−", -ahead
	}
	text := fmt.Sprintf("%s, UTC%s%d", zone, sign, ahead/60)
	if ahead%60 != 0 {
		text += fmt.Sprintf(":%02d", ahead%60)
	}
	return text
}
