// Package account holds the pages on which people look after their own account: name,
// addresses, password, sessions and API tokens.
package account

import (
	"net/http"
	"net/url"
	"time"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
)

// Pages are the pages of this package.
type Pages struct {
	Accounts *account.Accounts
	Now      func() time.Time
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /account", p.show)
	mux.HandleFunc("POST /account/name", p.rename)
	mux.HandleFunc("POST /account/addresses", p.addAddress)
	mux.HandleFunc("POST /account/addresses/primary", p.makePrimary)
	mux.HandleFunc("POST /account/addresses/remove", p.removeAddress)
	mux.HandleFunc("GET /verify/{token}", p.showVerify)
	mux.HandleFunc("POST /verify/{token}", p.verify)
	mux.HandleFunc("POST /account/password", p.setPassword)
	mux.HandleFunc("POST /account/sessions/end-others", p.endOthers)
	mux.HandleFunc("POST /account/sessions/{id}/end", p.endSession)
	mux.HandleFunc("POST /account/tokens", p.createToken)
	mux.HandleFunc("POST /account/tokens/{id}/revoke", p.revokeToken)
}

// view is the page of one's own account.
type view struct {
	visit.Own
	Addresses []account.Address
	Sessions  []account.Session
	Tokens    []account.Token
	// Secret is a new API token, shown this once.
	Secret string
	// Typed is what was sent with a form that comes back.
	Typed url.Values
	web.Trouble
	now time.Time
}

// typed is what stands in a field: what was typed, otherwise what is stored.
func (v view) typed(name, stored string) string {
	if v.Typed.Has(name) {
		return v.Typed.Get(name)
	}
	return stored
}

func (v view) ago(t time.Time) string { return components.Ago(t, v.now) }

var labels = map[string]string{
	"first_name": "First name", "last_name": "Last name", "email": "Address", "name": "Name",
	"password": "New password", "current_password": "Current password", "scopes": "What it may do",
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) {
	if own, ok := visit.Account(w, r); ok {
		p.render(w, r, http.StatusOK, view{Own: own})
	}
}

// render reads what the page shows and sends it.
func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, v view) {
	var err error
	id := v.User.ID
	if v.Addresses, err = p.Accounts.Addresses(r.Context(), id); err == nil {
		if v.Sessions, err = p.Accounts.Sessions(r.Context(), id); err == nil {
			v.Tokens, err = p.Accounts.UserTokens(r.Context(), id)
		}
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	v.now = p.Now()
	web.Render(w, r, status, page(v))
}

// act does something in the name of who is signed in. It leads back to the page with a
// message, or shows the page again with what is wrong.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, done string, do func(visit.Own) error) {
	own, ok := visit.Account(w, r)
	if !ok {
		return
	}
	if err := do(own); err != nil {
		p.again(w, r, own, err)
		return
	}
	web.SetFlash(w, r, components.Flash{Kind: "good", Text: done})
	web.Redirect(w, r, "/account")
}

// again shows the page with the trouble of an act, and what was typed but passwords.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, own visit.Own, err error) {
	t, ok := web.ExplainForm(w, err, labels)
	if !ok {
		web.Fail(w, r, err)
		return
	}
	p.render(w, r, t.Status, view{Own: own, Typed: r.PostForm, Trouble: t})
}

func (p *Pages) rename(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "Your name is changed", func(o visit.Own) error {
		return p.Accounts.Rename(r.Context(), o.User, r.FormValue("first_name"), r.FormValue("last_name"))
	})
}

func (p *Pages) addAddress(w http.ResponseWriter, r *http.Request) {
	email := r.FormValue("email")
	p.act(w, r, "A link is on its way to "+email+". The address counts once you press it.", func(o visit.Own) error {
		return p.Accounts.AddAddress(r.Context(), o.User, email, visit.Client(r))
	})
}

func (p *Pages) makePrimary(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "Beckon writes to this address from now on", func(o visit.Own) error {
		return p.Accounts.MakePrimary(r.Context(), o.User, r.FormValue("key"))
	})
}

func (p *Pages) removeAddress(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "The address is removed", func(o visit.Own) error {
		return p.Accounts.RemoveAddress(r.Context(), o.User, r.FormValue("key"))
	})
}

func (p *Pages) setPassword(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "Your password is set, and all other sessions are ended", func(o visit.Own) error {
		return p.Accounts.SetPassword(r.Context(), o.Session, r.FormValue("current_password"), r.FormValue("password"))
	})
}

func (p *Pages) endOthers(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "You are signed in here alone", func(o visit.Own) error {
		return p.Accounts.EndOthers(r.Context(), o.User, o.Session.ID)
	})
}

func (p *Pages) endSession(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "The session is ended", func(o visit.Own) error {
		id, ok := db.ParseID(r.PathValue("id"))
		if !ok {
			return fault.NotFound("session")
		}
		return p.Accounts.EndSession(r.Context(), o.User, id)
	})
}

// createToken answers with the page itself: the secret is shown this once and must not be
// kept for a page behind a redirect.
func (p *Pages) createToken(w http.ResponseWriter, r *http.Request) {
	own, ok := visit.Account(w, r)
	if !ok {
		return
	}
	var scopes []string
	if r.FormValue("scope") == account.ReadScope {
		scopes = []string{account.ReadScope}
	}
	text, _, err := p.Accounts.CreateUserToken(r.Context(), own.User, r.FormValue("name"), scopes, own.User.Actor())
	if err != nil {
		p.again(w, r, own, err)
		return
	}
	p.render(w, r, http.StatusOK, view{Own: own, Secret: text})
}

func (p *Pages) revokeToken(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "The token works no more", func(o visit.Own) error {
		id, ok := db.ParseID(r.PathValue("id"))
		if !ok {
			return fault.NotFound("API token")
		}
		return p.Accounts.RevokeUserToken(r.Context(), o.User, id)
	})
}
