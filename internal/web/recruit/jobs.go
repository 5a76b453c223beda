package recruit

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"beckon/internal/db"
	"beckon/internal/posting"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
)

var jobLabels = map[string]string{
	"title": "Title", "description": "Description", "location": "Place", "kind": "Kind", "apply_url": "Where to apply", "institutions": "Institutions",
}

var kindNames = map[string]string{"full_time": "Full time", "part_time": "Part time", "internship": "Internship", "temporary": "Temporary"}

func kindOptions() []components.Option {
	options := []components.Option{{Value: "", Label: "Not said"}}
	for _, k := range posting.Kinds {
		options = append(options, components.Option{Value: k, Label: kindNames[k]})
	}
	return options
}

// jobs is the list of a recruiter's jobs.
type jobs struct {
	view
	State, Q string
	Rows     []posting.Job
	Total    int
	Pager    components.Pager
}

func (p *Pages) listJobs(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	list := jobs{view: v, State: r.URL.Query().Get("state"), Q: r.URL.Query().Get("q")}
	way := trail.At(r.URL)
	after, _ := db.ParseID(way.Place())
	rows, next, total, err := p.Jobs.Mine(r.Context(), v.User.ID, posting.Query{State: list.State, Q: list.Q, After: after, Limit: pageSize})
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	at := ""
	if next != 0 {
		at = db.FormatID(next)
	}
	list.Rows, list.Total, list.Pager = rows, total, way.Pager(pageSize, len(rows), total, at)
	web.Render(w, r, http.StatusOK, jobsPage(list))
}

// tabs are the states in which a job can be at an institution.
func (l jobs) tabs() []components.Tab {
	tabs := []components.Tab{{Name: "All", URL: l.address(""), Current: l.State == ""}}
	for _, s := range posting.States {
		tabs = append(tabs, components.Tab{Name: stateNames[s], URL: l.address(s), Current: s == l.State})
	}
	return tabs
}

var stateNames = map[string]string{
	posting.Pending: "Waiting", posting.Approved: "Approved", posting.Declined: "Declined", posting.Withdrawn: "Withdrawn",
}

func (l jobs) address(state string) string {
	query := url.Values{}
	if state != "" {
		query.Set("state", state)
	}
	if l.Q != "" {
		query.Set("q", l.Q)
	}
	if len(query) == 0 {
		return "/recruit/jobs"
	}
	return "/recruit/jobs?" + query.Encode()
}

// jobForm is the page on which a job is written.
type jobForm struct {
	view
	places
}

func (f jobForm) picked(id int64) bool {
	return slices.Contains(f.Typed["institution"], db.FormatID(id))
}

func (p *Pages) newJob(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.enter(w, r); ok {
		v.Typed = url.Values{"institution": r.URL.Query()["institution"]}
		p.renderJobForm(w, r, http.StatusOK, v)
	}
}

func (p *Pages) renderJobForm(w http.ResponseWriter, r *http.Request, status int, v view) {
	all, err := p.places(r.Context(), v)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, status, jobFormPage(jobForm{v, all}))
}

func (p *Pages) postJob(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	in := posting.JobInput{Title: r.FormValue("title"), Description: r.FormValue("description"), Location: r.FormValue("location"),
		Kind: r.FormValue("kind"), ApplyURL: r.FormValue("apply_url")}
	for _, text := range r.PostForm["institution"] {
		id, _ := db.ParseID(text) // 0, which does not exist, where it is no id
		in.Institutions = append(in.Institutions, id)
	}
	job, err := p.Jobs.Post(r.Context(), v.User.ID, in)
	if err != nil {
		if v.Explain(w, r, err, jobLabels) {
			for i, f := range v.Fields {
				if strings.HasPrefix(f.Path, "institutions[") {
					v.Fields[i].Path = "institutions"
				}
			}
			p.renderJobForm(w, r, v.Status, v)
		}
		return
	}
	done(w, r, jobURL(job.ID), components.Flash{Kind: "good",
		Text: "The job is posted to " + components.Count(len(job.Postings), "institution", "institutions") + ". Students see it once staff there have approved it."})
}

func jobURL(id int64) string { return "/recruit/jobs/" + db.FormatID(id) }

// job is the page of one job.
type job struct {
	view
	posting.Job
}

// afoot tells whether the job is still posted anywhere.
func (j job) afoot() bool {
	return slices.ContainsFunc(j.Postings, func(p posting.Posting) bool { return p.State != posting.Withdrawn })
}

func (p *Pages) showJob(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	id, ok := pathID(w, r, "job")
	if !ok {
		return
	}
	one, err := p.Jobs.Get(r.Context(), v.User.ID, id)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, http.StatusOK, jobPage(job{v, one}))
}

func (p *Pages) withdrawJob(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	id, ok := pathID(w, r, "job")
	if !ok {
		return
	}
	var from []int64
	if at, ok := db.ParseID(r.FormValue("institution")); ok {
		from = append(from, at)
	}
	if err := p.Jobs.Withdraw(r.Context(), v.User.ID, id, from...); err != nil {
		web.Fail(w, r, err)
		return
	}
	done(w, r, jobURL(id), components.Flash{Kind: "good", Text: "The job is withdrawn"})
}

// postingState is a posting's state as a mark and a word.
func postingState(p posting.Posting) (kind, word string) {
	switch {
	case p.Live:
		return "good", "shown to students"
	case p.State == posting.Approved:
		return "bad", "approved, but hidden: your company is not approved there now"
	case p.State == posting.Pending:
		return "wait", "waits for a decision"
	case p.State == posting.Declined:
		return "bad", "declined"
	}
	return "", "withdrawn"
}

// paragraphs parts a text at its line breaks.
func paragraphs(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
}
