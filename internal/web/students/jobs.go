package students

import (
	"net/http"
	"net/url"
	"strings"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/posting"
	"beckon/internal/student"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
)

var kindWords = map[string]string{
	"full_time": "Full time", "part_time": "Part time", "internship": "Internship", "temporary": "Temporary",
}

// jobs is the list of jobs that the student may see.
type jobs struct {
	view
	Me student.Student
	Q  string
	// Interviewing tells that the list is of jobs with interviews to come.
	Interviewing bool
	Rows         []posting.Job
	Total        int
	Pager        components.Pager
	// Welcome tells that the student has neither decided who may write nor put that off.
	Welcome bool
}

func (p *Pages) listJobs(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	me, err := p.Students.Me(r.Context(), v.Scope)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	way := trail.At(r.URL)
	after, _ := db.ParseID(way.Place())
	list := jobs{view: v, Me: me, Q: r.URL.Query().Get("q"), Interviewing: r.URL.Query().Get("interviews") == "yes"}
	rows, next, total, err := p.Jobs.Live(r.Context(), v.Scope, posting.Query{Q: list.Q, Interviewing: list.Interviewing, After: after, Limit: pageSize})
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	at := ""
	if next != 0 {
		at = db.FormatID(next)
	}
	list.Rows, list.Total, list.Pager = rows, total, way.Pager(pageSize, len(rows), total, at)
	_, err = r.Cookie(welcomeCookie)
	list.Welcome = err != nil && !me.Allows()
	web.Render(w, r, http.StatusOK, jobsPage(list))
}

// tabs are all jobs, and those with interviews to come.
func (l jobs) tabs() []components.Tab {
	return []components.Tab{
		{Name: "All", URL: l.address(false), Current: !l.Interviewing},
		{Name: "With interviews", URL: l.address(true), Current: l.Interviewing},
	}
}

func (l jobs) address(interviewing bool) string {
	query := url.Values{}
	if interviewing {
		query.Set("interviews", "yes")
	}
	if l.Q != "" {
		query.Set("q", l.Q)
	}
	if len(query) == 0 {
		return l.URL("/jobs")
	}
	return l.URL("/jobs?" + query.Encode())
}

// jobURL is the page of a job.
func (v view) jobURL(id int64) string { return v.URL("/jobs/" + db.FormatID(id)) }

// ofCompany is the list of a company's jobs.
func (v view) ofCompany(name string) string {
	return v.URL("/jobs?" + url.Values{"q": {name}}.Encode())
}

// host is a website without what everybody knows.
func host(website string) string {
	u, err := url.Parse(website)
	if err != nil || u.Host == "" {
		return website
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// facts are what is known of a job beside its text.
func facts(j posting.Job) string { return components.Sentence(kindWords[j.Kind], j.Location) }

// job is the page of one job.
type job struct {
	view
	posting.Job
	Employer  company.Company
	Schedules []schedule
}

func (p *Pages) showJob(w http.ResponseWriter, r *http.Request) {
	if v, id, ok := p.open(w, r, "job"); ok {
		p.renderJob(w, r, http.StatusOK, v, id)
	}
}

func (p *Pages) renderJob(w http.ResponseWriter, r *http.Request, status int, v view, id int64) {
	page := job{view: v}
	var err error
	if page.Job, err = p.Jobs.LiveOne(r.Context(), v.Scope, id); err == nil {
		page.Employer, err = p.Companies.Get(r.Context(), page.CompanyID)
	}
	if err == nil {
		page.Schedules, err = p.schedules(r, v, id)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, status, jobPage(page))
}

// welcomeCookie tells that somebody has put off deciding who may write to them.
const welcomeCookie = "beckon_later"

// welcomed takes the welcome off the list of jobs in this browser.
func (p *Pages) welcomed(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	http.SetCookie(w, &http.Cookie{Name: welcomeCookie, Value: "1", Path: v.URL("/"), MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: web.Secure(r), SameSite: http.SameSiteLaxMode})
	v.done(w, r, "/jobs", components.Flash{Text: "Nobody can find you. You decide under What recruiters see, any day."})
}
