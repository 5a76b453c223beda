// Package interviews holds the pages about schedules of interviews: where recruiters ask for
// them, where staff decide, and the calendars of both and of students.
package interviews

import (
	"net/http"
	"net/url"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/posting"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
)

// pageSize is how many rows a list shows at once.
const pageSize = 50

// Pages are the pages of this package.
type Pages struct {
	Interviews *posting.Interviews
	DB         *db.DB
	Now        func() time.Time
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /at/{slug}/interviews", p.listForStaff)
	mux.HandleFunc("GET /at/{slug}/interviews/calendar", p.staffCalendar)
	mux.HandleFunc("POST /at/{slug}/interviews/calendar", p.newStaffCalendar)
	mux.HandleFunc("GET /at/{slug}/interviews/{id}", p.showToStaff)
	mux.HandleFunc("GET /at/{slug}/interviews/{id}/interview.ics", p.staffFile)
	mux.HandleFunc("POST /at/{slug}/interviews/{id}/approve", p.approve)
	mux.HandleFunc("POST /at/{slug}/interviews/{id}/decline", p.decline)
	mux.HandleFunc("POST /at/{slug}/interviews/{id}/propose", p.propose)
	mux.HandleFunc("POST /at/{slug}/interviews/{id}/cancel", p.cancel)
	mux.HandleFunc("POST /at/{slug}/interviews/{id}/move", p.move)

	mux.HandleFunc("GET /recruit/interviews", p.listForRecruiter)
	mux.HandleFunc("POST /recruit/interviews", p.request)
	mux.HandleFunc("GET /recruit/interviews/new", p.newRequest)
	mux.HandleFunc("GET /recruit/interviews/calendar", p.recruiterCalendar)
	mux.HandleFunc("POST /recruit/interviews/calendar", p.newRecruiterCalendar)
	mux.HandleFunc("GET /recruit/interviews/{id}", p.showToRecruiter)
	mux.HandleFunc("GET /recruit/interviews/{id}/interview.ics", p.recruiterFile)
	mux.HandleFunc("POST /recruit/interviews/{id}/answer", p.answer)
	mux.HandleFunc("POST /recruit/interviews/{id}/withdraw", p.withdraw)
	mux.HandleFunc("POST /recruit/interviews/{id}/cancel", p.callOff)

	mux.HandleFunc("GET /calendar/{file}", p.feed)
	mux.HandleFunc("GET /appointment/{file}", p.appointment)
}

// labels are the names of the fields by path.
var labels = map[string]string{
	"job": "Job", "date": "Date", "starts_at": "Begins at", "slots": "Number of slots", "slot_minutes": "Minutes each",
	"break_minutes": "Break", "pause_after": "After slot", "pause_minutes": "Pause", "way": "Way", "video_url": "Video address",
	"needs": "Needs", "place": "Place", "reason": "Reason", "note": "Note",
}

// list is what the two lists of requests have in common.
type list struct {
	State, Q string
	Rows     []posting.Interview
	Total    int
	Pager    components.Pager
	// path is the list's own address.
	path string
	// other is the name of the side that asks or is asked, which the search looks through.
	other string
	// words are the marks and words of the states.
	words map[string][2]string
	// at is when the list is looked at.
	at time.Time
}

// read asks for the page of the list that the address names.
func (l *list) read(r *http.Request, ask func(posting.InterviewQuery) ([]posting.Interview, int64, int, error)) error {
	l.path, l.State, l.Q = r.URL.Path, r.URL.Query().Get("state"), r.URL.Query().Get("q")
	way := trail.At(r.URL)
	after, _ := db.ParseID(way.Place())
	found, next, total, err := ask(posting.InterviewQuery{State: l.State, Q: l.Q, After: after, Limit: pageSize})
	if err != nil {
		return err
	}
	at := ""
	if next != 0 {
		at = db.FormatID(next)
	}
	l.Rows, l.Total, l.Pager = found, total, way.Pager(pageSize, len(found), total, at)
	return nil
}

// tabs are the list's states, those that wait first.
func (l list) tabs() []components.Tab {
	tabs := []components.Tab{{Name: "All", URL: l.address(""), Current: l.State == ""}}
	for _, state := range []string{posting.Requested, posting.Proposed, posting.Approved, posting.Flagged, posting.Declined, posting.Withdrawn, posting.Cancelled} {
		tabs = append(tabs, components.Tab{Name: tabNames[state], URL: l.address(state), Current: state == l.State})
	}
	return tabs
}

var tabNames = map[string]string{
	posting.Requested: "Requested", posting.Proposed: "Proposed", posting.Approved: "Approved", posting.Flagged: "Flagged",
	posting.Declined: "Declined", posting.Withdrawn: "Withdrawn", posting.Cancelled: "Cancelled",
}

func (l list) address(state string) string {
	query := url.Values{}
	if state != "" {
		query.Set("state", state)
	}
	if l.Q != "" {
		query.Set("q", l.Q)
	}
	if len(query) == 0 {
		return l.path
	}
	return l.path + "?" + query.Encode()
}

// mark is the kind and the word of a request's state.
func (l list) mark(i posting.Interview) [2]string { return markOf(i, l.words, l.at) }

// markOf is the kind and the word of a request's state, of words. What was approved and is
// over asks for nobody's attention.
func markOf(i posting.Interview, words map[string][2]string, now time.Time) [2]string {
	if i.State == posting.Approved && !i.Ends().After(now) {
		return [2]string{"", "Over"}
	}
	return words[i.State]
}

// pathID is the id in the address; false where the answer (404) is given already.
func pathID(w http.ResponseWriter, r *http.Request) (int64, bool) {
	id, ok := db.ParseID(r.PathValue("id"))
	if !ok {
		web.Fail(w, r, fault.NotFound("interview request"))
	}
	return id, ok
}

// day is a date in words on the institution's clock.
func day(t time.Time, zone *time.Location) string { return t.In(zone).Format("Monday 2 January 2006") }

// hour is a time of day there.
func hour(t time.Time, zone *time.Location) string { return t.In(zone).Format("15:04") }

// short is when a schedule is held, for a list.
func short(i posting.Interview) string {
	if i.Begins().IsZero() {
		return i.Date + " " + i.StartsAt
	}
	return i.Begins().In(i.Zone).Format("Mon 2 Jan 2006, 15:04")
}

// span is from when to when something lasts; the day is named where it is another one.
func span(from, to time.Time, zone *time.Location) string {
	if from.In(zone).Format(time.DateOnly) == to.In(zone).Format(time.DateOnly) {
		return hour(from, zone) + " to " + hour(to, zone)
	}
	return hour(from, zone) + " to " + to.In(zone).Format("2 January, 15:04")
}

// slotTime is when a slot begins; the day is named on those after the first.
func slotTime(i posting.Interview, s posting.Slot) string {
	if at := s.StartsAt.In(i.Zone); at.Format(time.DateOnly) != i.Begins().In(i.Zone).Format(time.DateOnly) {
		return at.Format("2 Jan 15:04")
	}
	return hour(s.StartsAt, i.Zone)
}

// clock names the clock that a schedule's times are on.
func clock(i posting.Interview) string {
	return "Times are on the clock of " + i.Institution + ", " + components.ZoneName(i.Begins(), i.Zone) + "."
}

// pattern says how the slots follow each other.
func pattern(i posting.Interview) string {
	text := components.Count(i.SlotCount, "slot", "slots") + " of " + components.Count(i.SlotMinutes, "minute", "minutes")
	if i.BreakMinutes > 0 {
		text += ", " + components.Num(i.BreakMinutes) + " between"
	}
	if i.PauseMinutes > 0 && i.PauseAfter > 0 {
		text += ", " + components.Num(i.PauseMinutes) + " more after slot " + components.Num(i.PauseAfter)
	}
	return text
}
