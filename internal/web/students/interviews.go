package students

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/posting"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
)

// schedule is one schedule of interviews as the student chooses from it.
type schedule struct {
	view
	posting.Interview
	// Chosen is the slot whose time the student looks at, without N for none.
	Chosen posting.Slot
}

// mine is the slot that the student has, without N for none.
func (s schedule) mine() posting.Slot {
	for _, slot := range s.Slots {
		if slot.Mine {
			return slot
		}
	}
	return posting.Slot{}
}

// free is how many slots are left.
func (s schedule) free() (n int) {
	for _, slot := range s.Slots {
		if s.takeable(slot) {
			n++
		}
	}
	return n
}

// takeable tells whether the slot can still be had.
func (s schedule) takeable(slot posting.Slot) bool { return !slot.Taken && slot.StartsAt.After(s.now) }

// id is the schedule's place in the page.
func (s schedule) id() string { return "interview-" + db.FormatID(s.ID) }

// act is where something is done to the student's slot in the schedule.
func (v view) interviewURL(id int64, act string) string {
	return v.URL("/interviews/" + db.FormatID(id) + act)
}

// choose is the page of the job with that slot looked at.
func (s schedule) choose(n int) string {
	query := url.Values{"interview": {db.FormatID(s.ID)}, "slot": {strconv.Itoa(n)}}
	return s.jobURL(s.JobID) + "?" + query.Encode() + "#" + s.id()
}

// hour is a time on the institution's clock.
func (s schedule) hour(slot posting.Slot) string { return slot.StartsAt.In(s.zone()).Format("15:04") }

// span is from when to when something lasts on the institution's clock.
func (v view) span(from, to time.Time) string {
	return from.In(v.zone()).Format("15:04") + " to " + to.In(v.zone()).Format("15:04")
}

// day is a date in words.
func (v view) day(t time.Time) string { return t.In(v.zone()).Format("Monday 2 January 2006") }

// clock names the zone that times are in.
func (v view) clock(t time.Time) string {
	return "Times are on the clock of " + v.Institution.Name + ", " + components.ZoneName(t, v.zone()) + "."
}

// where says in which place an interview is held.
func where(way, place string) string {
	switch {
	case way == posting.Video:
		return "by video"
	case place == "":
		return "on site"
	}
	return place
}

// schedules are those of a job whose slots the student may take, or has one of.
func (p *Pages) schedules(r *http.Request, v view, jobID int64) (all []schedule, err error) {
	open, err := p.Interviews.Open(r.Context(), v.Scope, jobID)
	for _, i := range open {
		s := schedule{view: v, Interview: i}
		if r.URL.Query().Get("interview") == db.FormatID(i.ID) {
			for _, slot := range i.Slots {
				if strconv.Itoa(slot.N) == r.URL.Query().Get("slot") && s.takeable(slot) {
					s.Chosen = slot
				}
			}
		}
		all = append(all, s)
	}
	return all, err
}

func (p *Pages) take(w http.ResponseWriter, r *http.Request) {
	p.onSlot(w, r, "The time is yours. You find it under Interviews.", p.Interviews.Take)
}

func (p *Pages) giveBack(w http.ResponseWriter, r *http.Request) {
	p.onSlot(w, r, "You have given the time back. A mail takes it out of your calendar, if it stands there.", p.Interviews.GiveBack)
}

// onSlot does something to the slot that the form names and leads back to where it stood.
func (p *Pages) onSlot(w http.ResponseWriter, r *http.Request, done string, do func(context.Context, institution.Scope, int64, int) error) {
	v, id, ok := p.open(w, r, "interview")
	if !ok {
		return
	}
	n, err := strconv.Atoi(r.FormValue("slot"))
	if err != nil {
		web.Fail(w, r, fault.NotFound("interview"))
		return
	}
	job, fromJob := db.ParseID(r.FormValue("job"))
	if err := do(r.Context(), v.Scope, id, n); err != nil {
		if !v.Explain(w, r, err, nil) {
			return
		}
		// A job that is hidden meanwhile has no page to say so on.
		if _, err := p.Jobs.LiveOne(r.Context(), v.Scope, job); fromJob && err == nil {
			p.renderJob(w, r, v.Status, v, job)
			return
		}
		p.renderInterviews(w, r, v.Status, v)
		return
	}
	back := "/interviews"
	if fromJob {
		back = "/jobs/" + db.FormatID(job)
	}
	v.done(w, r, back, components.Flash{Kind: "good", Text: done, Link: components.Link{Name: "Interviews", URL: v.URL("/interviews")}})
}

// interviews is the list of the times that the student has.
type interviews struct {
	view
	// Past tells that the list is of those that have ended.
	Past  bool
	Q     string
	Rows  []posting.Appointment
	Total int
	Pager components.Pager
	// Feed is the private address of the student's calendar, "" before there is one.
	Feed string
}

func (p *Pages) listInterviews(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.enter(w, r); ok {
		p.renderInterviews(w, r, http.StatusOK, v)
	}
}

func (p *Pages) renderInterviews(w http.ResponseWriter, r *http.Request, status int, v view) {
	i := interviews{view: v, Past: r.URL.Query().Get("when") == "past", Q: r.URL.Query().Get("q")}
	way := trail.At(r.URL)
	rows, next, total, err := p.Interviews.Taken(r.Context(), v.Scope, posting.AppointmentQuery{Past: i.Past, Q: i.Q, After: sitting(way.Place()), Limit: pageSize})
	if err == nil {
		i.Feed, err = p.Interviews.Feed(r.Context(), posting.OfStudent(v.Scope))
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	at := ""
	if next != (posting.Sitting{}) {
		at = db.FormatID(next.StartsAt) + "." + db.FormatID(next.InterviewID)
	}
	i.Rows, i.Total, i.Pager = rows, total, way.Pager(pageSize, len(rows), total, at)
	web.Render(w, r, status, interviewsPage(i))
}

// sitting reads a place in the list; the beginning for what is none.
func sitting(place string) posting.Sitting {
	starts, id, _ := strings.Cut(place, ".")
	at, ok := db.ParseID(starts)
	interview, known := db.ParseID(id)
	if !ok || !known {
		return posting.Sitting{}
	}
	return posting.Sitting{StartsAt: at, InterviewID: interview}
}

// tabs are the times to come and those that are over.
func (i interviews) tabs() []components.Tab {
	return []components.Tab{
		{Name: "To come", URL: i.address(false), Current: !i.Past},
		{Name: "Past", URL: i.address(true), Current: i.Past},
	}
}

func (i interviews) address(past bool) string {
	query := url.Values{}
	if past {
		query.Set("when", "past")
	}
	if i.Q != "" {
		query.Set("q", i.Q)
	}
	if len(query) == 0 {
		return i.URL("/interviews")
	}
	return i.URL("/interviews?" + query.Encode())
}

// newFeed gives the student's calendar a private address, in place of the one it had.
func (p *Pages) newFeed(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	if _, err := p.Interviews.NewFeed(r.Context(), posting.OfStudent(v.Scope)); err != nil {
		web.Fail(w, r, err)
		return
	}
	v.done(w, r, "/interviews", components.Flash{Kind: "good", Text: "The address is made. Give it to your calendar as a subscription, and to nobody else."})
}

// mayGiveBack tells whether the time can still be given back.
func (i interviews) mayGiveBack(a posting.Appointment) bool {
	return !a.Cancelled && a.StartsAt.After(i.now)
}
