package interviews

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/posting"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
	"github.com/a-h/templ"
)

// calendarView is the page on which a calendar gets its private address.
type calendarView struct {
	// Address is "" before there is one.
	Address string
	// List is the list of requests, and Path the page itself.
	List, Path string
	// Holds says what the calendar holds.
	Holds string
}

func (p *Pages) staffCalendar(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	p.showCalendar(w, r, posting.OfStaff(d.Scope), components.Layout(d.Page("Interviews", "Calendar of interviews")), calendarView{
		List: d.URL("/interviews"), Path: d.URL("/interviews/calendar"), Holds: "all interviews at " + d.Institution.Name,
	})
}

func (p *Pages) recruiterCalendar(w http.ResponseWriter, r *http.Request) {
	s, ok := visit.Employer(w, r)
	if !ok {
		return
	}
	p.showCalendar(w, r, posting.OfRecruiter(s.User.ID), components.RecruiterLayout(s.Page("Interviews", "Calendar of interviews")), calendarView{
		List: recruiterList, Path: recruiterList + "/calendar", Holds: "the interviews in your list",
	})
}

func (p *Pages) showCalendar(w http.ResponseWriter, r *http.Request, of posting.CalendarOf, frame templ.Component, v calendarView) {
	var err error
	if v.Address, err = p.Interviews.Feed(r.Context(), of); err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, http.StatusOK, calendarPage(frame, v))
}

func (p *Pages) newStaffCalendar(w http.ResponseWriter, r *http.Request) {
	if d, ok := visit.Staff(w, r); ok {
		p.newCalendar(w, r, posting.OfStaff(d.Scope), d.URL("/interviews/calendar"))
	}
}

func (p *Pages) newRecruiterCalendar(w http.ResponseWriter, r *http.Request) {
	if s, ok := visit.Employer(w, r); ok {
		p.newCalendar(w, r, posting.OfRecruiter(s.User.ID), recruiterList+"/calendar")
	}
}

// newCalendar gives a calendar a private address, in place of the one it had.
func (p *Pages) newCalendar(w http.ResponseWriter, r *http.Request, of posting.CalendarOf, back string) {
	if _, err := p.Interviews.NewFeed(r.Context(), of); err != nil {
		web.Fail(w, r, err)
		return
	}
	web.SetFlash(w, r, components.Flash{Kind: "good", Text: "The address is made. Give it to your calendar, and to nobody else."})
	web.Redirect(w, r, back)
}

// feed answers the calendar that a private address stands for. Programs read it, without a
// session, and nothing is changed by it.
func (p *Pages) feed(w http.ResponseWriter, r *http.Request) {
	p.answerPrivate(w, r, p.Interviews.Calendar)
}

// appointment answers a student's appointment by its private address.
func (p *Pages) appointment(w http.ResponseWriter, r *http.Request) {
	p.answerPrivate(w, r, p.Interviews.AppointmentFile)
}

// answerPrivate answers by an address that is a secret: it is told to no other site and
// stands in no log, not even when something fails.
func (p *Pages) answerPrivate(w http.ResponseWriter, r *http.Request, read func(ctx context.Context, token string) (string, error)) {
	web.PrivateLink(w)
	token, ok := strings.CutSuffix(r.PathValue("file"), ".ics")
	text, err := "", fault.NotFound("calendar")
	if ok {
		text, err = read(r.Context(), token)
	}
	switch {
	case err == nil:
		sendCalendar(w, "interviews", text)
	case errors.Is(err, fault.ErrNotFound):
		web.NotFound(w, r)
	default:
		slog.ErrorContext(r.Context(), "reading a calendar failed", "error", err)
		http.Error(w, "This calendar cannot be read now. Its number is "+web.RequestID(r)+".", http.StatusInternalServerError)
	}
}

func sendCalendar(w http.ResponseWriter, name, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`.ics"`)
	h.Set("Cache-Control", "no-store")
	// Errors in writing mean that the reader is gone.
	_, _ = w.Write([]byte(text))
}

func (p *Pages) staffFile(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	i, err := p.Interviews.Requested(r.Context(), d.Scope, id)
	p.sendSchedule(w, r, i, err, p.Interviews.StaffURL(i))
}

func (p *Pages) recruiterFile(w http.ResponseWriter, r *http.Request) {
	s, ok := visit.Employer(w, r)
	if !ok {
		return
	}
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	i, err := p.Interviews.Get(r.Context(), s.User.ID, id)
	p.sendSchedule(w, r, i, err, p.Interviews.RecruiterURL(i))
}

// sendSchedule answers one schedule as a file; page is where it is shown.
func (p *Pages) sendSchedule(w http.ResponseWriter, r *http.Request, i posting.Interview, err error, page string) {
	if err == nil && i.Begins().IsZero() {
		err = fault.NotFound("time")
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	sendCalendar(w, "interview-"+db.FormatID(i.ID), p.Interviews.ScheduleFile(i, page))
}
