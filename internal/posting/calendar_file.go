package posting

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	ics "github.com/arran4/golang-ical"
)

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
	cal := ics.NewCalendar()
	cal.SetProductId("-//Beckon//Interviews//EN")
	cal.SetMethod(ics.MethodPublish)
	cal.SetName("Beckon interviews")
	cal.SetRefreshInterval("PT1H")
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
