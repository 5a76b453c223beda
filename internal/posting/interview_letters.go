package posting

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/mail"
)

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
