package approvals

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"beckon/internal/audit"
	"beckon/internal/recruiting"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
)

// listView is the list of employers.
type listView struct {
	desk
	State, Q  string
	Employers []recruiting.Employer
	Total     int
	Pager     components.Pager
}

// stateTabs are the lists of employers in their order; blank is all.
var stateTabs = []struct{ state, name string }{
	{"", "All"}, {recruiting.Requested, "Waiting"}, {recruiting.Approved, "Approved"}, {recruiting.Declined, "Declined"}, {recruiting.Blocked, "Blocked"}, {recruiting.None, "Not connected"},
}

// stateWords are the kind of the mark and the word of a connection's state.
var stateWords = map[string][2]string{
	recruiting.None:      {"", "Not connected"},
	recruiting.Requested: {"wait", "Waiting"},
	recruiting.Approved:  {"good", "Approved"},
	recruiting.Declined:  {"", "Declined"},
	recruiting.Blocked:   {"bad", "Blocked"},
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	v := listView{desk: d, State: r.URL.Query().Get("state"), Q: r.URL.Query().Get("q")}
	way := trail.At(r.URL)
	found, next, total, err := p.Recruiting.List(r.Context(), d.Scope, recruiting.Query{State: v.State, Q: v.Q, After: trail.Marked[recruiting.Cursor](way.Place()), Limit: pageSize})
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	v.Employers, v.Total, v.Pager = found, total, way.Pager(pageSize, len(found), total, trail.Mark(next))
	web.Render(w, r, http.StatusOK, listPage(v))
}

func (v listView) address(state string) string {
	query := url.Values{}
	if state != "" {
		query.Set("state", state)
	}
	if v.Q != "" {
		query.Set("q", v.Q)
	}
	return v.URL("/employers?" + query.Encode())
}

func (v listView) tabs() (tabs []components.Tab) {
	for _, s := range stateTabs {
		tabs = append(tabs, components.Tab{Name: s.name, URL: v.address(s.state), Current: s.state == v.State})
	}
	return tabs
}

// since says when an employer came into its state.
func (d desk) since(e recruiting.Employer) string {
	switch {
	case e.State == recruiting.Requested:
		return "asked " + d.when(e.RequestedAt)
	case e.DecidedAt.IsZero():
		return ""
	case e.DecidedHow == recruiting.ByInvite:
		return "by an invite, " + d.when(e.DecidedAt)
	}
	return d.when(e.DecidedAt)
}

// host is a website without what everybody knows.
func host(website string) string {
	u, err := url.Parse(website)
	if err != nil || u.Host == "" {
		return website
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// sameSite tells whether a company's website is at one of the domains, or below it.
func sameSite(website string, domains []string) bool {
	at := strings.ToLower(host(website))
	return slices.ContainsFunc(domains, func(domain string) bool { return at == domain || strings.HasSuffix(at, "."+domain) })
}

// somebody is a person of a company who is not among the institution's contacts.
const somebody = "Somebody of the company"

// people counts a company's people, and those of them whom the institution knows.
func people(e recruiting.Employer) string {
	all := components.Count(e.Members, "person", "people")
	switch {
	case e.Members == 0:
		return "nobody yet"
	case e.Contacts == 0:
		return all + ", none of them in your contacts"
	case e.Contacts < e.Members:
		return all + ", " + components.Num(e.Contacts) + " of them in your contacts"
	case e.Members == 1:
		return all + ", in your contacts"
	}
	return all + ", all of them in your contacts"
}

// decision tells one event of an employer's history.
func decision(e audit.Event) string {
	_, verb, _ := strings.Cut(e.Action, ".")
	said := map[string]string{
		"requested": "asked to recruit here", "withdrawn": "took the request back", "approved": "approved the company", "declined": "declined the company",
		"blocked": "blocked the company", "unblocked": "unblocked the company", "connected": "connected the company by an invite",
	}[verb]
	if said == "" {
		said = strings.ReplaceAll(verb, "_", " ")
	}
	return cmp.Or(e.Actor.Name, somebody) + " " + said
}

// people is the address of the contacts whose entries name the company.
func (v employerView) people() string {
	return v.URL("/contacts?" + url.Values{"company": {v.Name}}.Encode())
}

// jobs is the address of the company's jobs here.
func (v employerView) jobs() string {
	return v.URL("/jobs?" + url.Values{"q": {v.Name}}.Encode())
}
