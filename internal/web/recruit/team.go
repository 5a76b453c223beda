package recruit

import (
	"net/http"
	"slices"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/web"
	"beckon/internal/web/components"
)

// team is the page of a company for its own people.
type team struct {
	view
	Company company.Company
	// Asking are who would like to join, People who belongs; Total counts these.
	Asking, People []company.Teammate
	Total          int
	// Next is behind whom the next page of People begins, 0 at the end.
	Next    int64
	Domains []string
}

func (t team) admin() bool { return t.Membership.Role == company.Admin }

// autoJoin tells whether the box is ticked.
func (t team) autoJoin() bool {
	if t.Typed.Has("name") {
		return t.Typed.Has("auto_join")
	}
	return t.Company.AutoJoin
}

func (t team) domainOptions() (options []components.Option) {
	options = append(options, components.Option{Value: "", Label: "None"})
	if t.Company.Domain != "" {
		options = options[:0] // a domain that is proven stays, or becomes another one
	}
	domains := t.Domains
	if t.Company.Domain != "" && !slices.Contains(domains, t.Company.Domain) {
		domains = append([]string{t.Company.Domain}, domains...)
	}
	for _, d := range domains {
		options = append(options, components.Option{Value: d, Label: d})
	}
	return options
}

func (p *Pages) renderTeam(w http.ResponseWriter, r *http.Request, status int, v view) {
	t := team{view: v}
	after, _ := db.ParseID(r.URL.Query().Get("after"))
	ctx, me, at := r.Context(), v.User.ID, v.Membership.CompanyID
	var err error
	if t.Company, err = p.Companies.Get(ctx, at); err == nil {
		if t.Asking, _, _, err = p.Companies.People(ctx, me, at, company.Pending, 0, pageSize); err == nil {
			if t.People, t.Next, t.Total, err = p.Companies.People(ctx, me, at, company.Approved, after, pageSize); err == nil {
				t.Domains, err = p.domains(r, me)
			}
		}
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, status, teamPage(t))
}

func (p *Pages) changeProfile(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	to := company.Profile{Name: r.FormValue("name"), Website: r.FormValue("website"), Description: r.FormValue("description"),
		Domain: r.FormValue("domain"), AutoJoin: r.FormValue("auto_join") != ""}
	if err := p.Companies.Change(r.Context(), v.User.ID, v.Membership.CompanyID, to); err != nil {
		p.companyTrouble(w, r, v, err)
		return
	}
	done(w, r, "/recruit/company", components.Flash{Kind: "good", Text: "The profile is saved"})
}

// decide does what an admin may do with a membership.
func (p *Pages) decide(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	id, ok := pathID(w, r, "membership")
	if !ok {
		return
	}
	ctx, me := r.Context(), v.User.ID
	acts := map[string]struct {
		does func() error
		done string
	}{
		"approve":   {func() error { return p.Companies.Approve(ctx, me, id) }, "is a recruiter of your company now"},
		"decline":   {func() error { return p.Companies.Decline(ctx, me, id, r.FormValue("reason")) }, "is told that you declined"},
		"admin":     {func() error { return p.Companies.SetRole(ctx, me, id, company.Admin) }, "is an admin now"},
		"recruiter": {func() error { return p.Companies.SetRole(ctx, me, id, company.Recruiter) }, "is a recruiter now"},
		"remove":    {func() error { return p.Companies.Remove(ctx, me, id) }, "does not belong to your company any more"},
	}
	act, ok := acts[r.PathValue("act")]
	if !ok {
		web.Fail(w, r, fault.NotFound("act"))
		return
	}
	if err := act.does(); err != nil {
		p.companyTrouble(w, r, v, err)
		return
	}
	if r.PathValue("act") == "approve" {
		p.followUp(ctx)
	}
	name := r.FormValue("who")
	if name == "" {
		name = "The person"
	}
	done(w, r, "/recruit/company", components.Flash{Kind: "good", Text: name + " " + act.done})
}
