// Package approvals holds staff's pages about employers: the requests that wait with the
// facts that decide them, all employers by state, and one of them.
package approvals

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/recruiting"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
	"beckon/internal/web/visit"
)

const (
	pageSize  = 50
	decisions = 50
)

// Pages are the pages of this package.
type Pages struct {
	Recruiting *recruiting.Recruiting
	DB         *db.DB
	Now        func() time.Time
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /at/{slug}/approvals", p.waiting)
	mux.HandleFunc("GET /at/{slug}/employers", p.list)
	mux.HandleFunc("GET /at/{slug}/employers/{id}", p.show)
	mux.HandleFunc("POST /at/{slug}/employers/{id}/approve", p.decide(" may recruit here now.", func(ctx context.Context, s institution.Scope, id int64, _ string) error {
		return p.Recruiting.Approve(ctx, s, id)
	}))
	mux.HandleFunc("POST /at/{slug}/employers/{id}/decline", p.decide(" is declined.", p.declineOne))
	mux.HandleFunc("POST /at/{slug}/employers/{id}/block", p.decide(" is blocked.", p.blockOne))
	mux.HandleFunc("POST /at/{slug}/employers/{id}/unblock", p.decide(" is unblocked, and may ask again.", func(ctx context.Context, s institution.Scope, id int64, _ string) error {
		return p.Recruiting.Unblock(ctx, s, id)
	}))
}

func (p *Pages) declineOne(ctx context.Context, s institution.Scope, id int64, reason string) error {
	return p.Recruiting.Decline(ctx, s, id, reason)
}

func (p *Pages) blockOne(ctx context.Context, s institution.Scope, id int64, reason string) error {
	return p.Recruiting.Block(ctx, s, id, reason)
}

// desk is the staff member's place, with what all pages here need.
type desk struct {
	visit.Desk
	now time.Time
	web.Trouble
	// Typed is the reason of a form that came back.
	Typed string
}

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) (desk, bool) {
	d, ok := visit.Staff(w, r)
	return desk{Desk: d, now: p.Now()}, ok
}

func (d desk) mayDecide() bool { return d.Scope.May(institution.Review) }

func (d desk) when(t time.Time) string {
	return components.WhenText(t, d.Institution.Location(), d.now)
}

func (d desk) employerURL(id int64) string { return d.URL("/employers/" + db.FormatID(id)) }

// waitingView is the requests that wait, with one of them open; without CompanyID none is.
type waitingView struct {
	desk
	Waiting []recruiting.Employer
	Open    recruiting.Employer
	Total   int
	Pager   components.Pager
}

func (p *Pages) waiting(w http.ResponseWriter, r *http.Request) {
	if d, ok := p.desk(w, r); ok {
		p.drawWaiting(w, r, http.StatusOK, d, r.URL.Query().Get("employer"))
	}
}

// drawWaiting shows the requests, with the company of this id open if it is among them, and
// the first otherwise.
func (p *Pages) drawWaiting(w http.ResponseWriter, r *http.Request, status int, d desk, open string) {
	v := waitingView{desk: d}
	way := trail.At(&url.URL{Path: d.URL("/approvals"), RawQuery: pageOnly(r.URL)})
	var next recruiting.Cursor
	var err error
	v.Waiting, next, v.Total, err = p.Recruiting.List(r.Context(), d.Scope, recruiting.Query{State: recruiting.Requested, After: trail.Marked[recruiting.Cursor](way.Place()), Limit: pageSize})
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	v.Pager = way.Pager(pageSize, len(v.Waiting), v.Total, trail.Mark(next))
	for i, e := range v.Waiting {
		if i == 0 || db.FormatID(e.CompanyID) == open {
			v.Open = e
		}
	}
	web.Render(w, r, status, waitingPage(v))
}

// pageOnly keeps which request is open out of the addresses of other pages.
func pageOnly(u *url.URL) string {
	query := u.Query()
	query.Del("employer")
	return query.Encode()
}

// openURL is the page of requests with this one open.
func (v waitingView) openURL(e recruiting.Employer) string {
	return v.URL("/approvals?" + url.Values{"employer": {db.FormatID(e.CompanyID)}}.Encode())
}

// sub says how many wait and for how long.
func (v waitingView) sub() string {
	if v.Total == 0 {
		return ""
	}
	text := components.Count(v.Total, "waits", "wait")
	if v.Pager.Previous == "" {
		text += ", the oldest since " + v.when(v.Waiting[0].RequestedAt)
	}
	return text
}

// employerView is the page of one employer.
type employerView struct {
	desk
	recruiting.Employer
	Decisions []audit.Event
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) {
	if d, ok := p.desk(w, r); ok {
		p.drawEmployer(w, r, http.StatusOK, d)
	}
}

func (p *Pages) drawEmployer(w http.ResponseWriter, r *http.Request, status int, d desk) {
	v := employerView{desk: d}
	id, err := pathID(r)
	if err == nil {
		v.Employer, err = p.Recruiting.Get(r.Context(), d.Scope, id)
	}
	if err == nil {
		err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
			v.Decisions, err = audit.Acts(r.Context(), tx, d.Scope.ID(), "company", id, "connection", decisions)
			return err
		})
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, status, employerPage(v))
}

func pathID(r *http.Request) (int64, error) {
	id, ok := db.ParseID(r.PathValue("id"))
	if !ok {
		return 0, fault.NotFound("employer")
	}
	return id, nil
}

// decide carries out one decision and leads to the next request, or back to the employer,
// wherever the form stood.
func (p *Pages) decide(done string, do func(context.Context, institution.Scope, int64, string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d, ok := p.desk(w, r)
		if !ok {
			return
		}
		id, err := pathID(r)
		var e recruiting.Employer
		if err == nil {
			e, err = p.Recruiting.Get(r.Context(), d.Scope, id)
		}
		if err == nil {
			err = do(r.Context(), d.Scope, id, r.FormValue("reason"))
		}
		if err != nil {
			p.again(w, r, d, err)
			return
		}
		text := e.Name + done
		web.SetFlash(w, r, components.Flash{Kind: "good", Text: text, Link: components.Link{Name: "Look at it", URL: d.employerURL(id)}})
		if r.FormValue("from") == "approvals" {
			web.Redirect(w, r, d.URL("/approvals"))
			return
		}
		web.Redirect(w, r, d.employerURL(id))
	}
}

// again shows the page that a decision was sent from, with why it was not taken.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, d desk, err error) {
	t, ok := web.ExplainForm(w, err, map[string]string{"reason": "Reason"})
	if !ok || t.Status == http.StatusForbidden {
		web.Fail(w, r, err)
		return
	}
	d.Trouble, d.Typed = t, r.FormValue("reason")
	if r.FormValue("from") == "approvals" {
		p.drawWaiting(w, r, t.Status, d, r.PathValue("id"))
		return
	}
	p.drawEmployer(w, r, t.Status, d)
}
