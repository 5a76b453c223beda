// Package reports holds staff's pages about the messages between recruiters and students:
// how many go, and what was reported. Nothing is shown of a conversation that nobody
// reported.
package reports

import (
	"cmp"
	"net/http"
	"net/url"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/student"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
	"beckon/internal/web/visit"
)

const pageSize = 50

// Pages are the pages of this package.
type Pages struct {
	Students *student.Students
	Now      func() time.Time
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /at/{slug}/messages", p.list)
	mux.HandleFunc("GET /at/{slug}/messages/{id}", p.show)
	mux.HandleFunc("POST /at/{slug}/messages/{id}/read", p.read)
	mux.HandleFunc("POST /at/{slug}/messages/{id}/resolve", p.resolve)
}

// desk is the staff member's place, with what all pages here need.
type desk struct {
	visit.Desk
	now time.Time
}

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) (desk, bool) {
	d, ok := visit.Staff(w, r)
	return desk{d, p.Now()}, ok
}

func (d desk) reportURL(id int64, act string) string {
	return d.URL("/messages/" + db.FormatID(id) + act)
}

// employerURL is the page on which a company is blocked.
func (d desk) employerURL(id int64) string { return d.URL("/employers/" + db.FormatID(id)) }

func (d desk) zone() *time.Location { return d.Institution.Location() }

// stateWords are the kind of the mark and the word of a report's state.
var stateWords = map[string][2]string{
	student.ReportOpen:     {"wait", "Waiting"},
	student.ReportResolved: {"good", "Resolved"},
}

// mostCompanies is how many companies the counts name.
const mostCompanies = 20

// listView is the counts and the reports.
type listView struct {
	desk
	Counts   student.MessageCounts
	State, Q string
	Reports  []student.Report
	Total    int
	Pager    components.Pager
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	v := listView{desk: d, State: student.ReportOpen, Q: r.URL.Query().Get("q")}
	if r.URL.Query().Has("state") {
		v.State = r.URL.Query().Get("state")
	}
	way := trail.At(r.URL)
	after, _ := db.ParseID(way.Place())
	var next int64
	var err error
	if v.Counts, err = p.Students.MessageCounts(r.Context(), d.Scope); err == nil {
		v.Reports, next, v.Total, err = p.Students.Reports(r.Context(), d.Scope, student.ReportQuery{State: v.State, Q: v.Q, After: after, Limit: pageSize})
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	at := ""
	if next != 0 {
		at = db.FormatID(next)
	}
	v.Pager = way.Pager(pageSize, len(v.Reports), v.Total, at)
	web.Render(w, r, http.StatusOK, listPage(v))
}

func (v listView) tabs() (tabs []components.Tab) {
	for _, t := range []struct{ name, state string }{{"Waiting", student.ReportOpen}, {"Resolved", student.ReportResolved}, {"All", ""}} {
		query := url.Values{"state": {t.state}}
		if v.Q != "" {
			query.Set("q", v.Q)
		}
		tab := components.Tab{Name: t.name, URL: v.URL("/messages?" + query.Encode()), Current: t.state == v.State}
		if t.state == student.ReportOpen && v.Counts.OpenReports > 0 {
			tab.Count = components.Num(v.Counts.OpenReports)
		}
		tabs = append(tabs, tab)
	}
	return tabs
}

// busiest are the companies that have written of late, not more than can be read.
func (v listView) busiest() []student.CompanyCounts {
	all := v.Counts.Companies
	for i, c := range all {
		if c.MessagesLately == 0 {
			all = all[:i]
			break
		}
	}
	return all[:min(len(all), mostCompanies)]
}

// by names who reported.
func by(r student.Report) string {
	if r.ByStudent {
		return r.Student
	}
	return recruiter(r) + ", " + r.Company
}

// recruiter names the company's side, whom staff know while the person is among the contacts.
func recruiter(r student.Report) string { return cmp.Or(r.Recruiter, "a recruiter") }

// reportView is one report; Thread is there only once somebody asked to read it.
type reportView struct {
	desk
	student.Report
	Thread student.Thread
	Read   bool
	// Typed is the note of a form that came back.
	Typed string
	web.Trouble
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) {
	if d, ok := p.desk(w, r); ok {
		p.draw(w, r, http.StatusOK, reportView{desk: d})
	}
}

// read opens the conversation. It is a press of its own, since the audit names who has read.
func (p *Pages) read(w http.ResponseWriter, r *http.Request) {
	if d, ok := p.desk(w, r); ok {
		p.draw(w, r, http.StatusOK, reportView{desk: d, Read: true})
	}
}

func (p *Pages) draw(w http.ResponseWriter, r *http.Request, status int, v reportView) {
	id, err := pathID(r)
	switch {
	case err != nil:
	case v.Read:
		v.Report, v.Thread, err = p.Students.ReportedThread(r.Context(), v.Scope, id)
	default:
		v.Report, err = p.Students.Report(r.Context(), v.Scope, id)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, status, reportPage(v))
}

func pathID(r *http.Request) (int64, error) {
	id, ok := db.ParseID(r.PathValue("id"))
	if !ok {
		return 0, fault.NotFound("report")
	}
	return id, nil
}

// sayings are the messages of the reported conversation.
func (v reportView) sayings() (all []components.Saying) {
	for _, m := range v.Thread.Messages {
		who := recruiter(v.Report)
		if m.ByStudent {
			who = v.Student
		}
		all = append(all, components.Saying{Who: who, At: m.SentAt, Text: m.Body})
	}
	return all
}

func (p *Pages) resolve(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	note := r.FormValue("note")
	id, err := pathID(r)
	if err == nil {
		err = p.Students.Resolve(r.Context(), d.Scope, id, note)
	}
	if err == nil {
		web.SetFlash(w, r, components.Flash{Kind: "good", Text: "The report is resolved", Link: components.Link{Name: "Look at it", URL: d.reportURL(id, "")}})
		web.Redirect(w, r, d.URL("/messages"))
		return
	}
	t, ok := web.ExplainForm(w, err, map[string]string{"note": "The note"})
	if !ok || t.Status == http.StatusForbidden {
		web.Fail(w, r, err)
		return
	}
	p.draw(w, r, t.Status, reportView{desk: d, Trouble: t, Typed: note})
}
