// Package firststeps shows staff the first-run guide: a card with five steps that tick
// themselves, on the Contacts page until all are done or somebody puts it away.
package firststeps

import (
	"net/http"
	"strconv"

	"beckon/internal/guide"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
)

// Pages are the acts of the guide.
type Pages struct {
	Guides *guide.Guides
}

// Routes adds the acts to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /at/{slug}/guide/steps/{step}", p.take)
	mux.HandleFunc("POST /at/{slug}/guide/put-away", p.putAway)
	mux.HandleFunc("POST /at/{slug}/guide/bring-back", p.bringBack)
}

// step is one step as the card shows it.
type step struct {
	guide.Step
	name, text, act string
	// path is where the step is taken.
	path string
	// noted says that going there is the step, which is written down.
	noted bool
}

var steps = []step{
	{guide.Import, "Import", "Bring your contacts in from a file.", "Import contacts", "/imports/new", false},
	{guide.Look, "Look", "Filter the list, and see where people stand.", "Who has no account", "/contacts?standing=contact", true},
	{guide.Invite, "Invite", "Select some, then More, Invite employer contacts.", "Who was never invited", "/contacts?invite=never", false},
	{guide.Approve, "Approve", "Decide which companies recruit here.", "Go to approvals", "/approvals", false},
	{guide.Explore, "Explore", "See what came of it, by label or by company.", "Explore contacts", "/insights/contacts", true},
}

// take writes a step down and leads to where it is taken.
func (p *Pages) take(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	taken := guide.Step(r.PathValue("step"))
	if err := p.Guides.Take(r.Context(), d.Scope, taken); err != nil {
		web.Fail(w, r, err)
		return
	}
	if web.Partial(r) { // a page tells that it was looked at
		w.WriteHeader(http.StatusNoContent)
		return
	}
	for _, s := range steps {
		if s.Step == taken {
			web.Redirect(w, r, d.URL(s.path))
		}
	}
}

func (p *Pages) putAway(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	if err := p.Guides.PutAway(r.Context(), d.Scope); err != nil {
		web.Fail(w, r, err)
		return
	}
	web.SetFlash(w, r, components.Flash{Kind: "good", Text: "The guide is put away", Link: components.Link{Name: "It can be brought back in the settings", URL: d.URL("/settings")}})
	web.Redirect(w, r, d.URL("/contacts"))
}

func (p *Pages) bringBack(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	if err := p.Guides.BringBack(r.Context(), d.Scope); err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Redirect(w, r, d.URL("/contacts"))
}

func progress(g guide.Guide) string {
	return strconv.Itoa(g.Count()) + " of " + strconv.Itoa(len(guide.Steps))
}

func stepURL(d visit.Desk, s guide.Step) string { return d.URL("/guide/steps/" + string(s)) }

func mayPutAway(d visit.Desk) bool { return d.Scope.May(institution.ChangeSettings) }

// state is how a step looks; the first that is not done is where one is.
func state(g guide.Guide, s guide.Step) string {
	if g.Done(s) {
		return "done"
	}
	for _, earlier := range guide.Steps {
		if !g.Done(earlier) {
			if earlier == s {
				return "here"
			}
			break
		}
	}
	return ""
}
