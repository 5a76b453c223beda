package posting

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	ics "github.com/arran4/golang-ical"
)

// Calendars (RFC 5545) are read by programs that cannot sign in, so the address of a feed is
// itself the secret: it is derived with the key file, and the database alone makes none.

// CalendarOf is whose interviews a feed holds. Every reading asks again whether the person
// is still who they were: staff with a role, a recruiter of the company, a student.
type CalendarOf struct {
	kind          string
	userID        int64
	institutionID int64
}

// Kinds of feeds, as stored.
const (
	ofStaff     = "staff"
	ofRecruiter = "recruiter"
	ofStudent   = "student"
)

// OfStaff is the calendar of all interviews at the institution, for one of its staff.
func OfStaff(s institution.Scope) CalendarOf { return CalendarOf{ofStaff, s.UserID(), s.ID()} }

// OfStudent is the calendar of the student's appointments.
func OfStudent(s institution.Scope) CalendarOf { return CalendarOf{ofStudent, s.UserID(), s.ID()} }

// OfRecruiter is the calendar of the schedules that Mine lists for a user.
func OfRecruiter(userID int64) CalendarOf { return CalendarOf{ofRecruiter, userID, 0} }

// Feed is the private address of a calendar, "" before there is one.
func (in *Interviews) Feed(ctx context.Context, of CalendarOf) (address string, err error) {
	var id, generation int64
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT id, generation FROM calendar_feeds WHERE user_id = $1 AND institution_id = $2 AND kind = $3`,
			of.userID, of.institutionID, of.kind).Scan(&id, &generation)
	})
	if db.IsNoRows(err) {
		return "", nil
	}
	return in.feedLink(id, generation), err
}

// NewFeed gives a calendar a private address; the one that it had stops. It is for people
// alone: a scope without a user is fault.ErrNotFound.
func (in *Interviews) NewFeed(ctx context.Context, of CalendarOf) (address string, err error) {
	if of.userID == 0 {
		return "", fault.NotFound("user")
	}
	var id, generation int64
	err = in.DB.Write(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `
			INSERT INTO calendar_feeds (user_id, institution_id, kind, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (user_id, institution_id, kind) DO UPDATE SET generation = calendar_feeds.generation + 1, created_at = excluded.created_at
			RETURNING id, generation`, of.userID, of.institutionID, of.kind, db.Millis(in.Now())).Scan(&id, &generation)
	})
	if err != nil {
		return "", fmt.Errorf("make the address of a calendar: %w", err)
	}
	return in.feedLink(id, generation), nil
}

func (in *Interviews) feedLink(id, generation int64) string {
	return in.BaseURL + "/calendar/" + in.Key.Links("calendar").Token(id, generation) + ".ics"
}

func (in *Interviews) appointmentLink(interviewID int64, n int, studentID int64) string {
	return in.BaseURL + "/appointment/" + in.Key.Links("appointment").Token(interviewID, int64(n), studentID) + ".ics"
}

// What a feed holds: what ended within the last 90 days or is still to come, 1,000 at most.
const (
	feedDays = 90
	feedMost = 1000
)

// Calendar is the feed that the token of an address stands for; fault.ErrNotFound for an
// address that was replaced or never made, and for who may not read it any more.
func (in *Interviews) Calendar(ctx context.Context, token string) (text string, err error) {
	n, ok := in.Key.Links("calendar").Read(token, 2)
	if !ok {
		return "", fault.NotFound("calendar")
	}
	var of CalendarOf
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT kind, user_id, institution_id FROM calendar_feeds WHERE id = $1 AND generation = $2`,
			n[0], n[1]).Scan(&of.kind, &of.userID, &of.institutionID)
	})
	if db.IsNoRows(err) {
		return "", fault.NotFound("calendar")
	}
	if err != nil {
		return "", err
	}
	return in.feed(ctx, of)
}

func (in *Interviews) feed(ctx context.Context, of CalendarOf) (string, error) {
	since := db.Millis(in.Now().AddDate(0, 0, -feedDays))
	const recent = ` AND r.ends_at > $2 ORDER BY r.ends_at DESC, r.id LIMIT $3`
	var events []event
	schedules := func(side reader, whose string, who int64, page func(Interview) string) error {
		return in.DB.Read(ctx, func(tx *db.Tx) error {
			found, err := interviews(ctx, tx, side, whose+recent, who, since, feedMost)
			for _, i := range found {
				events = append(events, i.event(page(i)))
			}
			return err
		})
	}
	switch of.kind {
	case ofStaff:
		s, err := institution.Staff(ctx, in.DB, of.userID, of.institutionID)
		if err == nil {
			err = schedules(in.staff(), `r.institution_id = $1`, s.ID(), in.StaffURL)
		}
		return in.write(events), err
	case ofStudent:
		s, err := institution.Student(ctx, in.DB, of.userID, of.institutionID)
		if err != nil {
			return "", err
		}
		err = in.DB.Read(ctx, func(tx *db.Tx) error {
			found, err := in.appointments(ctx, tx, `s.institution_id = $1 AND s.student_id = $2 AND s.ends_at > $3`, s.ID(), s.StudentID(), since)
			for _, a := range found {
				events = append(events, a.event())
			}
			return err
		})
		return in.write(events), err
	}
	err := schedules(in.recruiter(), ours, of.userID, in.RecruiterURL)
	return in.write(events), err
}

// ScheduleFile is one schedule as a calendar file; page is where it is shown.
func (in *Interviews) ScheduleFile(i Interview, page string) string {
	return in.write([]event{i.event(page)})
}

// AppointmentFile is one appointment as a calendar file, by the token of its address;
// fault.ErrNotFound once it is not the student's any more.
func (in *Interviews) AppointmentFile(ctx context.Context, token string) (text string, err error) {
	n, ok := in.Key.Links("appointment").Read(token, 3)
	if !ok {
		return "", fault.NotFound("appointment")
	}
	var found []Appointment
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		found, err = in.appointments(ctx, tx, `s.request_id = $1 AND s.n = $2 AND s.student_id = $3`, n[0], n[1], n[2])
		return err
	})
	if err == nil && len(found) == 0 {
		err = fault.NotFound("appointment")
	}
	if err != nil {
		return "", err
	}
	return in.write([]event{found[0].event()}), nil
}

// event is one entry of a calendar.
type event struct {
	uid         string // before the @
	revision    int
	status      ics.ObjectStatus
	begins      time.Time
	ends        time.Time
	summary     string
	description string
	location    string
	url         string
}

// event is a schedule as one entry, whose text tells who has which slot as far as its
// reader may know.
func (i Interview) event(page string) event {
	e := event{
		uid: fmt.Sprintf("interview-%s", db.FormatID(i.ID)), revision: i.Revision, begins: i.Begins(), ends: i.Ends(),
		summary: "Interviews: " + i.Job + ", " + i.Company, location: whereHeld(i.Place, i.VideoURL), url: page,
	}
	switch i.State {
	case Approved:
		e.status = ics.ObjectStatusConfirmed
	case Requested, Proposed:
		e.status = ics.ObjectStatusTentative
	default:
		e.status = ics.ObjectStatusCancelled
	}
	lines := []string{i.Institution + ", " + ZoneName(i.Begins(), i.Zone)}
	for _, s := range i.Slots {
		who := "free"
		if s.Taken {
			who = strings.TrimSpace("taken " + s.Student)
		}
		lines = append(lines, i.clock(s.StartsAt)+" "+who)
	}
	e.description = strings.Join(lines, "\n")
	return e
}

func (a Appointment) event() event {
	e := event{
		uid: fmt.Sprintf("interview-%s-%d", db.FormatID(a.InterviewID), a.N), revision: a.revision, status: ics.ObjectStatusConfirmed,
		begins: a.StartsAt, ends: a.EndsAt, summary: "Interview: " + a.Job + ", " + a.Company, location: whereHeld(a.Place, a.VideoURL), url: a.VideoURL,
		description: a.Institution + ", " + a.when(),
	}
	if a.Cancelled {
		e.status, e.description = ics.ObjectStatusCancelled, a.Reason
	}
	return e
}

func whereHeld(place, video string) string {
	if place == "" {
		return video
	}
	return place
}

// write makes a calendar of events: moments in UTC, and lines and text as RFC 5545 wants
// them (sections 3.1 and 3.3.11).
func (in *Interviews) write(events []event) string {
	host := "beckon.invalid"
	if u, err := url.Parse(in.BaseURL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	cal := ics.NewCalendarFor("Beckon")
	cal.SetMethod(ics.MethodPublish)
	cal.SetName("Beckon interviews")
	cal.SetRefreshInterval("PT1H", ics.WithValue(string(ics.ValueDataTypeDuration)))
	cal.SetXPublishedTTL("PT1H")
	for _, e := range events {
		v := cal.AddEvent(e.uid + "@" + host)
		v.SetDtStampTime(in.Now())
		v.SetSequence(e.revision)
		v.SetStatus(e.status)
		v.SetStartAt(e.begins)
		v.SetEndAt(e.ends)
		v.SetSummary(e.summary)
		v.SetDescription(e.description)
		if e.location != "" {
			v.SetLocation(e.location)
		}
		if e.url != "" {
			v.SetURL(e.url)
		}
	}
	return cal.Serialize(ics.WithNewLineWindows)
}
