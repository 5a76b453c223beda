package recruit

import (
	"errors"
	"net/http"
	"net/url"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/recruiting"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
)

// institutions is the list in which recruiters find where to recruit.
type institutions struct {
	view
	Q     string
	Rows  []recruiting.Listed
	Total int
	Pager components.Pager
}

// strong tells whether the row is what to do first: the first institution that invited the
// person and was not asked yet.
func (i institutions) strong(l recruiting.Listed) bool {
	for _, row := range i.Rows {
		if row.Invited() && requestable(row.State) {
			return row.ID == l.ID
		}
	}
	return false
}

func requestable(state string) bool { return state == recruiting.None || state == recruiting.Declined }

// inviting are the rows of institutions that invited the person and were not asked yet.
func (i institutions) inviting() (inviting []recruiting.Listed) {
	for _, row := range i.Rows {
		if row.Invited() && requestable(row.State) {
			inviting = append(inviting, row)
		}
	}
	return inviting
}

// before tells what comes before asking an institution, "" for nothing, and where it is done.
func (v view) before() (text string, step components.Link) {
	yours := components.Link{Name: "Your company", URL: "/recruit/company"}
	switch v.Membership.State {
	case company.Approved:
		return "", components.Link{}
	case company.Pending:
		return v.Membership.Company + " has not decided about you yet. Until then you cannot ask institutions in its name.", yours
	case company.Declined:
		return v.Membership.Company + " has declined you. Institutions approve companies: join or create yours first.", yours
	}
	return "Institutions approve companies: join or create yours first, then ask here with one press.", yours
}

func (p *Pages) listInstitutions(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.enter(w, r); ok {
		p.renderInstitutions(w, r, http.StatusOK, v)
	}
}

func (p *Pages) renderInstitutions(w http.ResponseWriter, r *http.Request, status int, v view) {
	i := institutions{view: v, Q: r.URL.Query().Get("q")}
	after := trail.Marked[recruiting.Cursor](r.URL.Query().Get("after"))
	var next recruiting.Cursor
	var err error
	i.Rows, next, i.Total, err = p.Recruiting.Institutions(r.Context(), v.User.ID, i.Q, after, pageSize)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	i.Pager = components.Pager{Total: i.Total}
	if after != (recruiting.Cursor{}) {
		i.Pager.Previous = institutionsURL(i.Q, recruiting.Cursor{})
	}
	if next != (recruiting.Cursor{}) {
		i.Pager.Next = institutionsURL(i.Q, next)
	}
	web.Render(w, r, status, institutionsPage(i))
}

func institutionsURL(q string, after recruiting.Cursor) string {
	query := url.Values{}
	if q != "" {
		query.Set("q", q)
	}
	if mark := trail.Mark(after); mark != "" {
		query.Set("after", mark)
	}
	if len(query) == 0 {
		return "/recruit/institutions"
	}
	return "/recruit/institutions?" + query.Encode()
}

func (p *Pages) request(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	id, ok := pathID(w, r, "institution")
	if !ok {
		return
	}
	state, err := p.Recruiting.Request(r.Context(), v.User.ID, id)
	if err != nil {
		p.institutionsTrouble(w, r, v, err)
		return
	}
	f := components.Flash{Kind: "good", Text: "Your request is on its way. We mail you what they decide."}
	if state == recruiting.Approved {
		f = components.Flash{Kind: "good", Text: "You may recruit there now", Link: components.Link{Name: "Post a job", URL: "/recruit/jobs/new?institution=" + db.FormatID(id)}}
	}
	done(w, r, "/recruit/institutions", f)
}

func (p *Pages) withdrawRequest(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	id, ok := pathID(w, r, "institution")
	if !ok {
		return
	}
	if err := p.Recruiting.Withdraw(r.Context(), v.User.ID, id); err != nil {
		p.institutionsTrouble(w, r, v, err)
		return
	}
	done(w, r, "/recruit/institutions", components.Flash{Kind: "good", Text: "Your request is withdrawn"})
}

// institutionsTrouble shows the list again with what went wrong.
func (p *Pages) institutionsTrouble(w http.ResponseWriter, r *http.Request, v view, err error) {
	var refusal *gate.Refusal
	if errors.As(err, &refusal) && refusal.Institution == "" {
		web.NotFound(w, r) // no such institution
		return
	}
	if v.Explain(w, r, err, nil) {
		p.renderInstitutions(w, r, v.Status, v)
	}
}
