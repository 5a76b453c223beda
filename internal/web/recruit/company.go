package recruit

import (
	"errors"
	"net/http"
	"slices"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/web"
	"beckon/internal/web/components"
)

var companyLabels = map[string]string{"name": "Name", "website": "Website", "description": "Description", "domain": "Mail domain", "auto_join": "Joining at once", "reason": "Reason"}

// showCompany is where a person stands with companies: the choice of one, what is waited
// for, or the company itself.
func (p *Pages) showCompany(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.enter(w, r); ok {
		p.renderCompany(w, r, http.StatusOK, v)
	}
}

func (p *Pages) renderCompany(w http.ResponseWriter, r *http.Request, status int, v view) {
	switch v.Membership.State {
	case company.Approved:
		p.renderTeam(w, r, status, v)
	case company.Pending:
		p.renderWaiting(w, r, status, v)
	default:
		p.renderChoice(w, r, status, v, r.FormValue("q"))
	}
}

// choice is the page on which a person finds or makes their company.
type choice struct {
	view
	Q       string
	Found   []company.Suggestion
	Domains []string
}

// Own are the companies found at the domain of an address of the person's.
func (c choice) own() (own []company.Suggestion) {
	for _, s := range c.Found {
		if s.Matches {
			own = append(own, s)
		}
	}
	return own
}

// shown are the companies offered: without a search only those that are likely.
func (c choice) shown() []company.Suggestion {
	if c.Q == "" {
		return c.own()
	}
	return c.Found
}

func (p *Pages) renderChoice(w http.ResponseWriter, r *http.Request, status int, v view, q string) {
	c := choice{view: v, Q: q}
	var err error
	if c.Found, err = p.Companies.Suggest(r.Context(), v.User.ID, q); err == nil {
		c.Domains, err = p.domains(r, v.User.ID)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, status, choicePage(c))
}

// domains are those that the person's addresses prove, the primary one's first.
func (p *Pages) domains(r *http.Request, userID int64) (domains []string, err error) {
	addresses, err := p.Accounts.Addresses(r.Context(), userID)
	for _, a := range addresses {
		if d := company.ProvenDomain(a.Key); d != "" && !a.VerifiedAt.IsZero() && !slices.Contains(domains, d) {
			domains = append(domains, d)
		}
	}
	return domains, err
}

func (p *Pages) createCompany(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	in := company.New{Name: r.FormValue("name"), Website: r.FormValue("website"), Domain: r.FormValue("domain")}
	co, err := p.Companies.Create(r.Context(), v.User.ID, in)
	if err == nil {
		p.followUp(r.Context())
		done(w, r, "/recruit/institutions", components.Flash{Kind: "good", Text: co.Name + " is on Beckon, and you are its admin. Now ask institutions to recruit there."})
		return
	}
	if !v.Explain(w, r, err, companyLabels) {
		return
	}
	var twin fault.Conflict
	if errors.As(err, &twin) && twin.ExistingID != 0 && v.Membership.State != company.Approved {
		p.renderChoice(w, r, v.Status, v, in.Name) // shows the twin, to join it
		return
	}
	p.renderCompany(w, r, v.Status, v)
}

func (p *Pages) join(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	id, ok := db.ParseID(r.FormValue("company"))
	if !ok {
		web.Fail(w, r, fault.NotFound("company"))
		return
	}
	m, err := p.Companies.Join(r.Context(), v.User.ID, id)
	switch {
	case err != nil:
		p.companyTrouble(w, r, v, err)
	case m.State == company.Approved:
		p.followUp(r.Context())
		done(w, r, "/recruit/institutions", components.Flash{Kind: "good", Text: "You recruit for " + m.Company + " now. Ask institutions to recruit there."})
	default:
		done(w, r, "/recruit/company", components.Flash{Kind: "wait", Text: m.Company + " is told that you would like to join"})
	}
}

// companyTrouble shows the page again with what went wrong.
func (p *Pages) companyTrouble(w http.ResponseWriter, r *http.Request, v view, err error) {
	if v.Explain(w, r, err, companyLabels) {
		p.renderCompany(w, r, v.Status, v)
	}
}

// waiting is the page of somebody whose request a company has not decided.
type waiting struct {
	view
	Deciders []string
}

// mayNudge tells whether there is somebody to remind, and it is time to.
func (v waiting) mayNudge() bool {
	return len(v.Deciders) > 0 && !v.now.Before(v.Membership.MayNudge())
}

func (p *Pages) renderWaiting(w http.ResponseWriter, r *http.Request, status int, v view) {
	deciders, err := p.Companies.Deciders(r.Context(), v.User.ID)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, status, waitingPage(waiting{v, deciders}))
}

func (p *Pages) nudge(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	if err := p.Companies.Nudge(r.Context(), v.User.ID); err != nil {
		p.companyTrouble(w, r, v, err)
		return
	}
	done(w, r, "/recruit/company", components.Flash{Kind: "good", Text: v.Membership.Company + " is reminded of your request"})
}

func (p *Pages) leave(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	if err := p.Companies.Leave(r.Context(), v.User.ID); err != nil {
		p.companyTrouble(w, r, v, err)
		return
	}
	text := "You have left " + v.Membership.Company
	if v.Membership.State == company.Pending {
		text = "Your request to " + v.Membership.Company + " is withdrawn"
	}
	done(w, r, "/recruit/company", components.Flash{Kind: "good", Text: text})
}
