// Package signin holds the pages by which people come in and go out: signing in with a
// mailed link or a password, signing up, and the way to where they work.
package signin

import (
	"net/http"
	"strings"

	"beckon/internal/account"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
)

// Pages are the pages of this package.
type Pages struct {
	Accounts *account.Accounts
	Visits   *visit.Visits
	// Mailbox is where messages are kept instead of sent, "" where they are sent.
	Mailbox string
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", p.start)
	mux.HandleFunc("GET /at/{slug}/{$}", p.startAt)
	mux.HandleFunc("GET /sign-in", p.askAddress)
	mux.HandleFunc("POST /sign-in", p.mailLink)
	mux.HandleFunc("GET /sign-in/sent", p.sent)
	mux.HandleFunc("GET /sign-in/password", p.askPassword)
	mux.HandleFunc("POST /sign-in/password", p.usePassword)
	mux.HandleFunc("GET /sign-in/{token}", p.showLink)
	mux.HandleFunc("POST /sign-in/{token}", p.useLink)
	mux.HandleFunc("GET /sign-up", p.askPerson)
	mux.HandleFunc("POST /sign-up", p.signUp)
	mux.HandleFunc("GET /sign-up/sent", p.sent)
	mux.HandleFunc("GET /sign-up/{token}", p.showLink)
	mux.HandleFunc("POST /sign-up/{token}", p.confirmSignUp)
	mux.HandleFunc("POST /sign-out", p.signOut)
}

// form is what somebody types to come in.
type form struct {
	Email, FirstName, LastName string
	// To is the local path to go to afterwards, "" for nowhere special.
	To string
	web.Trouble
}

// keep adds the way on to the address of another page of this package.
func (f form) keep(path string) string {
	return strings.Replace(visit.SignInURL(f.To), "/sign-in", path, 1)
}

var labels = map[string]string{"email": "Address", "password": "Password", "first_name": "First name", "last_name": "Last name"}

// trouble puts the error of an act into the form; false where the answer is given already.
func (f *form) trouble(w http.ResponseWriter, r *http.Request, err error) bool {
	t, ok := web.ExplainForm(w, err, labels)
	if !ok {
		web.Fail(w, r, err)
	}
	f.Trouble = t
	return ok
}

// start leads who is signed in to where they work, or lets them choose; visitors read what
// this is.
func (p *Pages) start(w http.ResponseWriter, r *http.Request) {
	visitor, ok := visit.From(r.Context())
	if !ok {
		web.Render(w, r, http.StatusOK, welcomePage())
		return
	}
	places, err := p.Visits.Places(r.Context(), visitor.User)
	switch {
	case err != nil:
		web.Fail(w, r, err)
	case len(places) == 1:
		web.Redirect(w, r, places[0].URL)
	default:
		web.Render(w, r, http.StatusOK, choosePage(visitor.User, places))
	}
}

// startAt leads staff to the first page of their institution.
func (p *Pages) startAt(w http.ResponseWriter, r *http.Request) {
	if d, ok := visit.Staff(w, r); ok {
		web.Redirect(w, r, d.URL("/contacts"))
	}
}

func (p *Pages) askAddress(w http.ResponseWriter, r *http.Request) {
	p.ask(w, r, addressPage)
}

func (p *Pages) askPassword(w http.ResponseWriter, r *http.Request) {
	p.ask(w, r, passwordPage)
}

func (p *Pages) askPerson(w http.ResponseWriter, r *http.Request) {
	p.ask(w, r, personPage)
}

func (p *Pages) mailLink(w http.ResponseWriter, r *http.Request) {
	f := form{Email: r.FormValue("email"), To: r.FormValue("to")}
	err := p.Accounts.RequestLink(r.Context(), f.Email, f.To, visit.Client(r))
	if err == nil {
		sentTo(w, r, f.Email)
		web.Redirect(w, r, "/sign-in/sent")
	} else if f.trouble(w, r, err) {
		web.Render(w, r, f.Status, addressPage(f))
	}
}

func (p *Pages) usePassword(w http.ResponseWriter, r *http.Request) {
	f := form{Email: r.FormValue("email"), To: r.FormValue("to")}
	in, err := p.Accounts.SignInPassword(r.Context(), f.Email, r.FormValue("password"), visit.Client(r))
	if err == nil {
		p.enter(w, r, in.Token, account.LocalPath(f.To))
	} else if f.trouble(w, r, err) {
		web.Render(w, r, f.Status, passwordPage(f))
	}
}

func (p *Pages) signUp(w http.ResponseWriter, r *http.Request) {
	f := form{Email: r.FormValue("email"), FirstName: r.FormValue("first_name"), LastName: r.FormValue("last_name"), To: r.FormValue("to")}
	person := account.Person{Email: f.Email, FirstName: f.FirstName, LastName: f.LastName}
	err := p.Accounts.SignUp(r.Context(), person, f.To, visit.Client(r))
	if err == nil {
		sentTo(w, r, f.Email)
		web.Redirect(w, r, "/sign-up/sent")
	} else if f.trouble(w, r, err) {
		web.Render(w, r, f.Status, personPage(f))
	}
}

// sentTo keeps the address for the next page, where its owner may find a slip in it.
func sentTo(w http.ResponseWriter, r *http.Request, email string) {
	web.SetFlash(w, r, components.Flash{Text: strings.TrimSpace(email)})
}

func (p *Pages) sent(w http.ResponseWriter, r *http.Request) {
	email := "the address that you wrote"
	if kept := web.TakeFlash(w, r); kept != nil {
		email = kept.Text
	}
	web.Render(w, r, http.StatusOK, sentPage(email, r.URL.Path == "/sign-up/sent", p.Mailbox))
}

// enter begins the session of a token and leads on.
func (p *Pages) enter(w http.ResponseWriter, r *http.Request, token, to string) {
	if err := p.Visits.SignIn(w, r, token); err != nil {
		web.Fail(w, r, err)
		return
	}
	if to == "" {
		to = "/"
	}
	web.Redirect(w, r, to)
}

func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) {
	if err := p.Visits.SignOut(w, r); err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Redirect(w, r, "/sign-in")
}
