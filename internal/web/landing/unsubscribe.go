package landing

import (
	"net/http"

	"beckon/internal/web"
)

// showUnsubscribe asks; it changes nothing, since scanners open links.
func (p *Pages) showUnsubscribe(w http.ResponseWriter, r *http.Request) {
	private(w)
	sub, err := p.Invites.LookAtSubscription(r.Context(), r.PathValue("token"))
	if err != nil {
		fail(w, r, err)
		return
	}
	web.Render(w, r, http.StatusOK, unsubscribePage(sub))
}

// unsubscribe stops invites of one institution to one address. It serves the button of the
// page, and mail services that post List-Unsubscribe=One-Click (RFC 8058), which carry no
// Origin and so are not taken for another site's page. The address is the proof; the body is
// not read.
func (p *Pages) unsubscribe(w http.ResponseWriter, r *http.Request) {
	private(w)
	sub, err := p.Invites.Unsubscribe(r.Context(), r.PathValue("token"))
	if err != nil {
		fail(w, r, err)
		return
	}
	web.Render(w, r, http.StatusOK, unsubscribePage(sub))
}

func private(w http.ResponseWriter) {
	web.PrivateLink(w)
	w.Header().Set("X-Robots-Tag", "noindex")
}
