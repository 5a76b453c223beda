package settings

import (
	"net/http"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
)

// tokensView is the institution's API tokens.
type tokensView struct {
	desk
	Tokens []account.Token
	// Secret is a new token, shown this once.
	Secret string
}

var scopeOptions = []components.Option{
	{Value: string(institution.Read), Label: "Read"},
	{Value: string(institution.Contacts), Label: "Change contacts, labels and imports"},
	{Value: string(institution.Invite), Label: "Invite"},
	{Value: string(institution.Review), Label: "Decide about employers and jobs"},
	{Value: string(institution.ChangeSettings), Label: "Change settings"},
	{Value: string(institution.People), Label: "Manage staff and tokens"},
}

// scopeText tells in short what a token may do.
func scopeText(t account.Token) string {
	if len(t.Scopes) == len(institution.Permissions) {
		return "everything"
	}
	return components.Sentence(t.Scopes...)
}

func (p *Pages) showTokens(w http.ResponseWriter, r *http.Request) {
	if d, ok := p.desk(w, r); ok {
		p.drawTokens(w, r, http.StatusOK, tokensView{desk: d})
	}
}

func (p *Pages) drawTokens(w http.ResponseWriter, r *http.Request, status int, v tokensView) {
	var err error
	if v.Tokens, err = p.Accounts.Tokens(r.Context(), v.Scope); err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, status, tokensPage(v))
}

// createToken answers with the page itself: the secret is shown this once and must not be
// kept for a page behind a redirect.
func (p *Pages) createToken(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	if err := r.ParseForm(); err != nil {
		web.Fail(w, r, err)
		return
	}
	scopes := r.PostForm["scopes"]
	var err error
	if len(scopes) == 0 {
		err = fault.Invalid("scopes", "tick at least one thing that it may do")
	}
	var secret string
	if err == nil {
		secret, _, err = p.Accounts.CreateToken(r.Context(), d.Scope, r.FormValue("name"), scopes)
	}
	if err != nil {
		if d.troubled(w, r, err) {
			p.drawTokens(w, r, d.Status, tokensView{desk: d})
		}
		return
	}
	p.drawTokens(w, r, http.StatusOK, tokensView{desk: d, Secret: secret})
}

func (p *Pages) revokeToken(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	id, ok := db.ParseID(r.PathValue("id"))
	if !ok {
		web.NotFound(w, r)
		return
	}
	if err := p.Accounts.RevokeToken(r.Context(), d.Scope, id); err != nil {
		web.Fail(w, r, err)
		return
	}
	d.done(w, r, "/tokens", "The token works no more")
}
