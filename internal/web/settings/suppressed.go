package settings

import (
	"net/http"
	"strconv"

	"beckon/internal/invite"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
)

// suppressedView is the addresses that the institution must not mail.
type suppressedView struct {
	desk
	Q     string
	All   []invite.Suppression
	Total int
	Pager components.Pager
}

// reasonWords say why an address is not mailed, and what lifting that means.
var reasonWords = map[string]struct{ word, warning string }{
	"bounced":      {"Bounced", "A mail server said that it does not exist. Lift it if you know that it works now; another returned message puts it back."},
	"complained":   {"Complained", "Its owner reported your message as unwanted. Lift it only if they asked you to."},
	"unsubscribed": {"Unsubscribed", "Its owner asked not to be mailed. Lift it only if they asked you to."},
	"manual":       {"Stopped by staff", "Somebody here decided not to mail it."},
}

func (p *Pages) suppressed(w http.ResponseWriter, r *http.Request) {
	if d, ok := p.desk(w, r); ok {
		p.drawSuppressed(w, r, http.StatusOK, d)
	}
}

func (p *Pages) drawSuppressed(w http.ResponseWriter, r *http.Request, status int, d desk) {
	v := suppressedView{desk: d, Q: r.URL.Query().Get("q")}
	way := trail.At(r.URL)
	after := trail.Marked[string](way.Place())
	found, total, err := p.Invites.Suppressions(r.Context(), d.Scope, v.Q, after, pageSize+1)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	next := ""
	if len(found) > pageSize {
		found = found[:pageSize]
		next = trail.Mark(found[pageSize-1].Key)
	}
	v.All, v.Total, v.Pager = found, total, way.Pager(pageSize, len(found), total, next)
	web.Render(w, r, status, suppressedPage(v))
}

// suppress stops an address by hand.
func (p *Pages) suppress(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	email := r.FormValue("email")
	if err := p.Invites.Suppress(r.Context(), d.Scope, email); err != nil {
		if d.troubled(w, r, err) {
			p.drawSuppressed(w, r, d.Status, d)
		}
		return
	}
	d.done(w, r, "/suppressed", email+" is not mailed any more")
}

func (p *Pages) lift(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	email := r.FormValue("email")
	if err := p.Invites.Lift(r.Context(), d.Scope, email); err != nil {
		web.Fail(w, r, err)
		return
	}
	d.done(w, r, "/suppressed", email+" can be invited again")
}

// lifting asks before the address in row i is lifted.
func (v suppressedView) lifting(i int) components.Confirm {
	s := v.All[i]
	return components.Confirm{ID: "lift-" + strconv.Itoa(i), Title: "Mail " + s.Key + " again?", Text: reasonWords[s.Reason].warning,
		Act: "Lift 1 address", Action: v.URL("/settings/suppressed/lift"), Mild: s.Reason == "bounced" || s.Reason == "manual"}
}
