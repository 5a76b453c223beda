// Package students holds the pages of an institution's students: jobs, interviews,
// messages, and what recruiters see of them.
package students

import (
	"net/http"
	"time"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/posting"
	"beckon/internal/student"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/conversation"
	"beckon/internal/web/visit"
)

// pageSize is how many rows a list shows at once.
const pageSize = 50

// Pages are the pages of this package.
type Pages struct {
	Students   *student.Students
	Jobs       *posting.Jobs
	Interviews *posting.Interviews
	Companies  *company.Companies
	Now        func() time.Time
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	const at = "/student/{slug}"
	mux.HandleFunc("GET "+at+"/{$}", p.start)
	mux.HandleFunc("POST "+at+"/welcome", p.welcomed)
	mux.HandleFunc("GET "+at+"/jobs", p.listJobs)
	mux.HandleFunc("GET "+at+"/jobs/{id}", p.showJob)
	mux.HandleFunc("POST "+at+"/interviews/{id}/take", p.take)
	mux.HandleFunc("POST "+at+"/interviews/{id}/give-back", p.giveBack)
	mux.HandleFunc("GET "+at+"/interviews", p.listInterviews)
	mux.HandleFunc("POST "+at+"/interviews/calendar", p.newFeed)
	mux.HandleFunc("GET "+at+"/messages", p.room(conversation.Room.List))
	mux.HandleFunc("GET "+at+"/messages/{id}", p.room(conversation.Room.Show))
	mux.HandleFunc("POST "+at+"/messages/{id}", p.room(conversation.Room.Reply))
	mux.HandleFunc("POST "+at+"/messages/{id}/read", p.room(conversation.Room.Read))
	mux.HandleFunc("GET "+at+"/messages/{id}/report", p.room(conversation.Room.AskReport))
	mux.HandleFunc("POST "+at+"/messages/{id}/report", p.room(conversation.Room.Report))
	mux.HandleFunc("POST "+at+"/messages/{id}/block", p.block)
	mux.HandleFunc("GET "+at+"/blocked", p.listBlocks)
	mux.HandleFunc("POST "+at+"/blocked/lift", p.unblock)
	mux.HandleFunc("GET "+at+"/profile", p.showProfile)
	mux.HandleFunc("POST "+at+"/profile", p.saveProfile)
}

// view is what every page here knows.
type view struct {
	visit.Pupil
	now time.Time
	web.Returned
}

func (v view) zone() *time.Location { return v.Institution.Location() }

// enter tells which student looks; false where the answer is given already.
func (p *Pages) enter(w http.ResponseWriter, r *http.Request) (view, bool) {
	pupil, ok := visit.Student(w, r)
	return view{Pupil: pupil, now: p.Now()}, ok
}

// open is enter with the id in the address; false where the answer is given already.
func (p *Pages) open(w http.ResponseWriter, r *http.Request, what string) (v view, id int64, ok bool) {
	if v, ok = p.enter(w, r); !ok {
		return v, 0, false
	}
	if id, ok = db.ParseID(r.PathValue("id")); !ok {
		web.Fail(w, r, fault.NotFound(what))
	}
	return v, id, ok
}

// done leads to a page with a message about what was done there.
func (v view) done(w http.ResponseWriter, r *http.Request, path string, f components.Flash) {
	web.SetFlash(w, r, f)
	web.Redirect(w, r, v.URL(path))
}

func (p *Pages) start(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.enter(w, r); ok {
		web.Redirect(w, r, v.URL("/jobs"))
	}
}
