package posting

import (
	"context"
	"fmt"

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
	var events []event
	var err error
	switch of.kind {
	case ofStaff:
		var s institution.Scope
		if s, err = institution.Staff(ctx, in.DB, of.userID, of.institutionID); err == nil {
			events, err = in.scheduleEvents(ctx, in.staff(), `r.institution_id = $1`, s.ID(), in.StaffURL)
		}
	case ofRecruiter:
		events, err = in.scheduleEvents(ctx, in.recruiter(), ours, of.userID, in.RecruiterURL)
	case ofStudent:
		var s institution.Scope
		if s, err = institution.Student(ctx, in.DB, of.userID, of.institutionID); err == nil {
			events, err = in.appointmentEvents(ctx, s)
		}
	}
	if err != nil {
		return "", err
	}
	return in.write(ics.MethodPublish, events...), nil
}

// recent is from when on a feed holds what has ended.
func (in *Interviews) recent() int64 { return db.Millis(in.Now().AddDate(0, 0, -feedDays)) }

// scheduleEvents are the schedules that whose picks, of which who is $1; page is where each
// is shown.
func (in *Interviews) scheduleEvents(ctx context.Context, side reader, whose string, who int64, page func(Interview) string) (events []event, err error) {
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		found, err := interviews(ctx, tx, side, whose+` AND r.ends_at > $2 ORDER BY r.ends_at DESC, r.id LIMIT $3`, who, in.recent(), feedMost)
		for _, i := range found {
			events = append(events, i.event(page(i)))
		}
		return err
	})
	return events, err
}

func (in *Interviews) appointmentEvents(ctx context.Context, s institution.Scope) (events []event, err error) {
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		found, err := in.appointments(ctx, tx, theirs+` AND s.ends_at > $3 ORDER BY s.starts_at DESC, s.request_id LIMIT $4`, s.ID(), s.StudentID(), in.recent(), feedMost)
		for _, a := range found {
			events = append(events, a.event())
		}
		return err
	})
	return events, err
}
