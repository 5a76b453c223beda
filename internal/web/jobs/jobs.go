// Package jobs holds staff's pages about the jobs that companies post to their institution.
package jobs

import (
	"net/http"
	"net/url"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/posting"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
	"beckon/internal/web/visit"
)

const pageSize = 50

// Pages are the pages of this package.
type Pages struct {
	Jobs *posting.Jobs
	Now  func() time.Time
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /at/{slug}/jobs", p.list)
	mux.HandleFunc("GET /at/{slug}/jobs/{id}", p.show)
	mux.HandleFunc("POST /at/{slug}/jobs/{id}/approve", p.approve)
	mux.HandleFunc("POST /at/{slug}/jobs/{id}/decline", p.decline)
}

// desk is the staff member's place, with what both pages need.
type desk struct {
	visit.Desk
	now time.Time
}

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) (desk, bool) {
	d, ok := visit.Staff(w, r)
	return desk{d, p.Now()}, ok
}

func (d desk) jobURL(id int64) string { return d.URL("/jobs/" + db.FormatID(id)) }

// stateWords are the kind of the mark and the word of a posting's state.
var stateWords = map[string][2]string{
	posting.Pending:   {"wait", "Waiting"},
	posting.Approved:  {"good", "Approved"},
	posting.Declined:  {"", "Declined"},
	posting.Withdrawn: {"", "Withdrawn"},
}

var kindWords = map[string]string{
	"full_time": "Full time", "part_time": "Part time", "internship": "Internship", "temporary": "Temporary",
}

// listView is the list of jobs posted here.
type listView struct {
	desk
	State, Q string
	Jobs     []posting.Job
	Total    int
	Pager    components.Pager
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	v := listView{desk: d, State: r.URL.Query().Get("state"), Q: r.URL.Query().Get("q")}
	way := trail.At(r.URL)
	after, _ := db.ParseID(way.Place())
	found, next, total, err := p.Jobs.List(r.Context(), d.Scope, posting.Query{State: v.State, Q: v.Q, After: after, Limit: pageSize})
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	at := ""
	if next != 0 {
		at = db.FormatID(next)
	}
	v.Jobs, v.Total, v.Pager = found, total, way.Pager(pageSize, len(found), total, at)
	web.Render(w, r, http.StatusOK, listPage(v))
}

func (v listView) tabs() []components.Tab {
	tabs := []components.Tab{{Name: "All", URL: v.address(""), Current: v.State == ""}}
	for _, s := range posting.States {
		tabs = append(tabs, components.Tab{Name: stateWords[s][1], URL: v.address(s), Current: s == v.State})
	}
	return tabs
}

func (v listView) address(state string) string {
	query := url.Values{}
	if state != "" {
		query.Set("state", state)
	}
	if v.Q != "" {
		query.Set("q", v.Q)
	}
	return v.URL("/jobs?" + query.Encode())
}

// jobView is one job, with its posting here.
type jobView struct {
	desk
	posting.Job
	Here posting.Posting
	web.Trouble
	// Typed is the reason of a form that came back.
	Typed string
}

// mayDecide tells whether the acts are offered.
func (v jobView) mayDecide() bool {
	return v.Scope.May(institution.Review) && v.Here.State != posting.Withdrawn
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) {
	if d, ok := p.desk(w, r); ok {
		p.draw(w, r, http.StatusOK, jobView{desk: d})
	}
}

func (p *Pages) draw(w http.ResponseWriter, r *http.Request, status int, v jobView) {
	id, err := pathID(r)
	if err == nil {
		v.Job, err = p.Jobs.Posted(r.Context(), v.Scope, id)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	v.Here = here(v.Job)
	web.Render(w, r, status, jobPage(v))
}

// here is a job's posting at the institution, the only one that comes with it.
func here(j posting.Job) posting.Posting {
	if len(j.Postings) == 0 {
		return posting.Posting{}
	}
	return j.Postings[0]
}

func pathID(r *http.Request) (int64, error) {
	id, ok := db.ParseID(r.PathValue("id"))
	if !ok {
		return 0, fault.NotFound("job")
	}
	return id, nil
}

func (p *Pages) approve(w http.ResponseWriter, r *http.Request) {
	p.decide(w, r, "The job is shown to students.", func(s institution.Scope, id int64) error { return p.Jobs.Approve(r.Context(), s, id) })
}

func (p *Pages) decline(w http.ResponseWriter, r *http.Request) {
	p.decide(w, r, "The job is declined.", func(s institution.Scope, id int64) error {
		return p.Jobs.Decline(r.Context(), s, id, r.FormValue("reason"))
	})
}

func (p *Pages) decide(w http.ResponseWriter, r *http.Request, done string, do func(institution.Scope, int64) error) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	id, err := pathID(r)
	if err == nil {
		err = do(d.Scope, id)
	}
	if err == nil {
		web.SetFlash(w, r, components.Flash{Kind: "good", Text: done, Link: components.Link{Name: "Jobs that wait", URL: d.URL("/jobs?state=" + posting.Pending)}})
		web.Redirect(w, r, d.jobURL(id))
		return
	}
	t, ok := web.ExplainForm(w, err, map[string]string{"reason": "Reason"})
	if !ok || t.Status == http.StatusForbidden {
		web.Fail(w, r, err)
		return
	}
	p.draw(w, r, t.Status, jobView{desk: d, Trouble: t, Typed: r.FormValue("reason")})
}
