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
	return in.writeFile(i.event(page))
}

// AppointmentFile is one appointment as a calendar file, by the token of its address. Once it
// is off, the file says so to a calendar that took it before. fault.ErrNotFound for an address
// that was never made, and for a student who is there no more.
func (in *Interviews) AppointmentFile(ctx context.Context, token string) (text string, err error) {
	n, ok := in.Key.Links("appointment").Read(token, 3)
	if !ok {
		return "", fault.NotFound("appointment")
	}
	a, err := in.appointment(ctx, n[0], int(n[1]), n[2])
	if err != nil {
		return "", err
	}
	return in.writeFile(a.event()), nil
}

// event is one entry of a calendar.
type event struct {
	uid         string // before the @
	sequence    int
	status      ics.ObjectStatus
	begins      time.Time
	ends        time.Time
	summary     string
	description string
	location    string
	url         string
	// organizer is the institution, and replyTo its address, "" without one.
	organizer, replyTo string
}

// event is a schedule as one entry, whose text tells who has which slot as far as its
// reader may know.
func (i Interview) event(page string) event {
	e := event{
		uid: fmt.Sprintf("interview-%s", db.FormatID(i.ID)), sequence: i.Revision, begins: i.Begins(), ends: i.Ends(),
		summary: "Interviews: " + i.Job + ", " + i.Company, location: whereHeld(i.Place, i.VideoURL), url: page,
		organizer: i.Institution, replyTo: i.replyTo,
	}
	switch i.State {
	case Approved:
		e.status = ics.ObjectStatusConfirmed
	case Requested, Proposed:
		e.status = ics.ObjectStatusTentative
	default:
		e.status = ics.ObjectStatusCancelled
	}
	lines := []string{i.Institution + ", " + zoneName(i.Begins(), i.Zone)}
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
		uid: fmt.Sprintf("interview-%s-%d", db.FormatID(a.InterviewID), a.N), sequence: a.sequence, status: ics.ObjectStatusConfirmed,
		begins: a.StartsAt, ends: a.EndsAt, summary: "Interview: " + a.Job + ", " + a.Company, location: whereHeld(a.Place, a.VideoURL), url: a.VideoURL,
		description: a.Institution + ", " + a.when(), organizer: a.Institution, replyTo: a.replyTo,
	}
	if why := a.off(); why != "" {
		e.status, e.description = ics.ObjectStatusCancelled, why
	}
	return e
}

func whereHeld(place, video string) string {
	if place == "" {
		return video
	}
	return place
}

// writeFile makes a file of one event. A cancelled one says with its method, too, what is to
// be done with it: some programs add whatever is published (RFC 5546, 3.2.5).
func (in *Interviews) writeFile(e event) string {
	if e.status == ics.ObjectStatusCancelled {
		return in.write(ics.MethodCancel, e)
	}
	return in.write(ics.MethodPublish, e)
}

// write makes a calendar of events: moments in UTC, and lines and text as RFC 5545 wants
// them (sections 3.1 and 3.3.11).
func (in *Interviews) write(method ics.Method, events ...event) string {
	host := "beckon.invalid"
	if u, err := url.Parse(in.BaseURL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	cal := ics.NewCalendar()
	cal.SetProductId("-//Beckon//Interviews//EN")
	cal.SetMethod(method)
	cal.SetName("Beckon interviews")
	cal.SetRefreshInterval("PT1H")
	cal.SetXPublishedTTL("PT1H")
	for _, e := range events {
		v := cal.AddEvent(e.uid + "@" + host)
		v.SetDtStampTime(in.Now())
		v.SetSequence(e.sequence)
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
		if e.replyTo != "" {
			v.SetOrganizer("mailto:"+e.replyTo, ics.WithCN(e.organizer))
		}
	}
	return cal.Serialize(ics.WithNewLineWindows)
}
