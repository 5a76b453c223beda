package posting

import (
	"context"
	"fmt"
	"time"

	"beckon/internal/audit"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/recruiting"
	"beckon/internal/secret"
)

// States of an interview request, beside Approved, Declined and Withdrawn. The institution
// decides about a requested one, or proposes another time; the recruiter answers a proposal.
// An approved one can be cancelled by either.
const (
	Requested = "requested"
	Proposed  = "proposed"
	Cancelled = "cancelled"
)

// InterviewStates lists the states in their order.
var InterviewStates = []string{Requested, Proposed, Approved, Declined, Withdrawn, Cancelled}

// Flagged stands beside the states where interviews are listed: those still to come of
// companies that may not recruit at the institution any more.
const Flagged = "flagged"

// Ways in which an interview is held.
const (
	OnSite = "on_site"
	Video  = "video"
)

// Interviews is the register of interview schedules, the slots in them, and the calendars
// made of both. It is safe for concurrent use.
type Interviews struct {
	DB  *db.DB
	Now func() time.Time
	// Key derives the addresses of calendars.
	Key *secret.Key
	// BaseURL is where Beckon's pages are, without a slash at the end.
	BaseURL string
	// Book is where those who request become contacts.
	Book *contact.Book
}

// Interview is one schedule of interviews for a job at an institution. What it holds of
// students depends on who reads it: staff see their names, the company's people the first
// name and an initial while they may recruit there, students nothing but what is their own.
type Interview struct {
	ID            int64
	InstitutionID int64
	Institution   string
	Slug          string
	// Zone is the institution's; every date and time of day is on its clock.
	Zone        *time.Location
	CompanyID   int64
	Company     string
	JobID       int64
	Job         string
	UserID      int64
	RequestedBy string // the user's name; to staff blank unless the user is a contact of the institution
	State       string
	Schedule
	// Place is where staff put it, or would with their proposal.
	Place string
	// ProposedDate and ProposedStartsAt are the other time that staff propose; blank without.
	ProposedDate     string
	ProposedStartsAt string
	// Reason goes with a declined or cancelled request, and with a proposal.
	Reason string
	// Revision counts the changes, for calendars (RFC 5545, SEQUENCE).
	Revision    int
	RequestedAt time.Time
	DecidedAt   time.Time
	// Slots are the times to sit down at: planned ones until the request is approved.
	Slots []Slot
	// Flagged tells that it is still to come, and that the company may not recruit at the
	// institution now.
	Flagged bool

	replyTo    string // the institution's address
	endsAt     int64
	jobState   string
	connection string
}

// Slot is one time of a schedule, numbered from 1.
type Slot struct {
	N        int
	StartsAt time.Time
	EndsAt   time.Time
	// Taken tells that a student has it, and Mine that it is the student who reads.
	Taken, Mine bool
	// Student is who has it, as far as the reader may know; "" otherwise.
	Student string
	TakenAt time.Time
}

// Begins is the moment of the first slot; the zero time for a time that the institution's
// clock never shows.
func (i Interview) Begins() time.Time {
	if len(i.Slots) == 0 {
		return time.Time{}
	}
	return i.Slots[0].StartsAt
}

// Ends is the end of the last slot; see Begins.
func (i Interview) Ends() time.Time {
	if len(i.Slots) == 0 {
		return time.Time{}
	}
	return i.Slots[len(i.Slots)-1].EndsAt
}

// Taken is how many slots students have.
func (i Interview) Taken() (n int) {
	for _, s := range i.Slots {
		if s.Taken {
			n++
		}
	}
	return n
}

// Open tells whether students may take slots: the schedule, its job and its company are all
// approved at the institution now.
func (i Interview) Open() bool {
	return i.State == Approved && i.JobApproved() && i.CompanyApproved()
}

// JobApproved tells whether the institution has approved the job now.
func (i Interview) JobApproved() bool { return i.jobState == Approved }

// CompanyApproved tells whether the company may recruit at the institution now.
func (i Interview) CompanyApproved() bool { return i.connection == recruiting.Approved }

// AsProposed is the request at the other time that staff propose.
func (i Interview) AsProposed() Interview {
	i.Date, i.StartsAt = i.ProposedDate, i.ProposedStartsAt
	i.Slots, _ = i.plan(i.Zone) // none for a time that does not exist
	return i
}

// Awaits tells whether anybody has to decide yet: staff about the request, the recruiter
// about a proposal.
func (i Interview) Awaits() bool { return i.State == Requested || i.State == Proposed }

// errChanged is the answer to a decision about something that was decided meanwhile.
var errChanged = fault.Conflict{Message: "somebody has changed the request meanwhile; look at it again"}

// require is fault.Conflict unless the request is in one of the states.
func (i Interview) require(states ...string) error {
	for _, s := range states {
		if i.State == s {
			return nil
		}
	}
	switch i.State {
	case Requested:
		return fault.Conflict{Message: "the institution has not decided about the request yet"}
	case Proposed:
		return fault.Conflict{Message: "the institution has proposed another time, which waits for an answer"}
	}
	return fault.Conflict{Message: "the request is " + i.State}
}

// put stores what a decision made of a request, if it is still the one that was read.
func (in *Interviews) put(ctx context.Context, tx *db.Tx, i *Interview, userID int64) error {
	i.DecidedAt = in.Now()
	n, err := tx.Exec(ctx, `
		UPDATE interview_requests SET state = $4, date = $5, starts_at = $6, place = $7, proposed_date = $8, proposed_starts_at = $9,
			reason = $10, ends_at = $11, decided_at = $12, decided_by = $13, revision = revision + 1
		WHERE institution_id = $1 AND id = $2 AND revision = $3`, i.InstitutionID, i.ID, i.Revision,
		i.State, i.Date, i.StartsAt, i.Place, i.ProposedDate, i.ProposedStartsAt, i.Reason, i.endsAt, db.Millis(i.DecidedAt), userID)
	if err != nil {
		return fmt.Errorf("change an interview request: %w", err)
	}
	if n == 0 {
		return errChanged
	}
	i.Revision++
	return nil
}

// approve makes a request a schedule with slots to take. Its time must be to come, and its
// company and job approved at the institution: fault.Conflict otherwise.
func (in *Interviews) approve(ctx context.Context, tx *db.Tx, i *Interview, userID int64) error {
	slots, err := i.plan(i.Zone)
	switch {
	case err != nil || !slots[0].StartsAt.After(in.Now()):
		return fault.Conflict{Message: "the time of the request is over; propose another"}
	case !i.CompanyApproved():
		return fault.Conflict{Message: i.Company + " is not approved here; approve it first", ExistingID: i.CompanyID}
	case !i.JobApproved():
		return fault.Conflict{Message: "the job is not approved here; approve it first", ExistingID: i.JobID}
	}
	i.State, i.Reason, i.ProposedDate, i.ProposedStartsAt = Approved, "", "", ""
	i.Slots, i.endsAt = slots, db.Millis(slots[len(slots)-1].EndsAt)
	if err := in.put(ctx, tx, i, userID); err != nil {
		return err
	}
	for _, s := range slots {
		_, err := tx.Exec(ctx, `
			INSERT INTO interview_slots (institution_id, request_id, n, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5)`,
			i.InstitutionID, i.ID, s.N, db.Millis(s.StartsAt), db.Millis(s.EndsAt))
		if err != nil {
			return fmt.Errorf("make the slots of an interview: %w", err)
		}
	}
	return nil
}

// record writes what somebody did to a request.
func (in *Interviews) record(ctx context.Context, tx *db.Tx, by audit.Actor, i Interview, verb string) error {
	detail := map[string]any{"date": i.Date, "starts_at": i.StartsAt}
	if i.Reason != "" {
		detail["reason"] = i.Reason
	}
	if i.ProposedDate != "" {
		detail["proposed"] = i.ProposedDate + " " + i.ProposedStartsAt
	}
	return audit.Record(ctx, tx, audit.Event{InstitutionID: i.InstitutionID, At: in.Now(), Actor: by,
		Action: "interview." + verb, SubjectKind: "interview", SubjectID: i.ID, Detail: detail})
}
