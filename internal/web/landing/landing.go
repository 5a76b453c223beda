// Package landing holds the pages that the links in invites lead to: where a person invited
// creates an account, joins a company or connects it, and where one unsubscribes. What a
// link shows changes nothing; only a press acts.
package landing

import (
	"errors"
	"net/http"
	"net/url"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/invite"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
)

// Pages are the pages of this package.
type Pages struct {
	Accounts *account.Accounts
	Invites  *invite.Invites
	Visits   *visit.Visits
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /i/{token}", p.show)
	mux.HandleFunc("POST /i/{token}", p.press)
	mux.HandleFunc("POST /i/{token}/opened", p.opened)
	mux.HandleFunc("POST /i/{token}/sign-in", p.mailLink)
	mux.HandleFunc("POST /i/{token}/switch", p.switchUser)
	mux.HandleFunc("GET /u/{token}", p.showUnsubscribe)
	mux.HandleFunc("POST /u/{token}", p.unsubscribe)
}

// view is an invite as its page shows it.
type view struct {
	invite.Landing
	token string
	// Visitor is who is signed in; without ID nobody is.
	Visitor account.User
	// first and last stand in the form of a new account.
	first, last string
	trouble     web.Trouble
}

var labels = map[string]string{"first_name": "First name", "last_name": "Last name", "password": "Password", "email": "Address"}

// here is the address of a page of this invite.
func (v view) here(path string) string { return "/i/" + url.PathEscape(v.token) + path }

// owner tells whether the one signed in owns the invited address.
func (v view) owner() bool { return v.Visitor.ID != 0 && v.Visitor.ID == v.OwnerID }

// stranger tells whether somebody else than the address's owner is signed in.
func (v view) stranger() bool { return v.Visitor.ID != 0 && v.Visitor.ID != v.OwnerID }

// passwordURL is where the owner signs in with a password and comes back.
func (v view) passwordURL() string {
	return "/sign-in/password?" + url.Values{"to": {v.here("")}, "email": {v.Email}}.Encode()
}

// signUpURL is where one signs up without the invite.
func (v view) signUpURL() string {
	return "/sign-up?" + url.Values{"email": {v.Email}}.Encode()
}

// next is what the owner does now, outside of the invite.
func (v view) next() components.Link {
	switch {
	case v.Standing == gate.IsApproved:
		return components.Link{Name: "Post a job", URL: "/recruit/jobs/new?institution=" + db.FormatID(v.Institution.ID)}
	case v.Pending != "":
		return components.Link{Name: "See your request to " + v.Pending, URL: "/recruit/company"}
	case v.Standing == gate.IsUser:
		return components.Link{Name: "Choose your company", URL: "/recruit/company"}
	}
	return components.Link{Name: "Find institutions", URL: "/recruit/institutions"}
}

// steps is the way from the invite to approval, and where on it the person is.
func (v view) steps() []components.Step {
	all := []components.Step{{Name: "Account"}, {Name: "Company", Note: "join or create"}, {Name: "Request", Note: "one press"}, {Name: "Approved", Note: "by " + v.Institution.Name}}
	here := map[gate.Standing]int{gate.IsContact: 0, gate.IsUser: 1, gate.IsMember: 2, gate.IsBlocked: 3, gate.IsApproved: 4}[v.Standing]
	if v.Company != "" {
		all[1].Note = v.Company
	} else if v.Pending != "" {
		all[1].Note = v.Pending + " decides"
	}
	if v.Standing == gate.IsMember && v.Connection == "requested" {
		here, all[2].Note = 3, "sent"
	}
	for i := range all {
		switch {
		case i < here:
			all[i].State = "done"
		case i == here:
			all[i].State = "here"
		}
	}
	if v.Standing == gate.IsBlocked {
		all[3].State, all[3].Note = "stopped", "blocked"
	}
	return all
}

// look reads the invite of the address; false where the answer is given already.
func (p *Pages) look(w http.ResponseWriter, r *http.Request) (v view, ok bool) {
	private(w)
	v.token = r.PathValue("token")
	l, err := p.Invites.Look(r.Context(), v.token)
	if err != nil {
		fail(w, r, err)
		return v, false
	}
	visitor, _ := visit.From(r.Context())
	v.Landing, v.Visitor, v.first, v.last = l, visitor.User, l.FirstName, l.LastName
	return v, true
}

// fail answers a link that this server did not make: most often a mail program has cut it,
// which its owner can mend. Other errors are answered as everywhere.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, fault.ErrNotFound) {
		web.Render(w, r, http.StatusNotFound, brokenPage())
		return
	}
	web.Fail(w, r, err)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) {
	v, ok := p.look(w, r)
	if !ok {
		return
	}
	web.Render(w, r, http.StatusOK, page(v))
}

// press is the button of the page: it creates the account of somebody new, and takes the
// invite up for the address's owner, signed in.
func (p *Pages) press(w http.ResponseWriter, r *http.Request) {
	v, ok := p.look(w, r)
	if !ok {
		return
	}
	switch {
	case v.State != invite.LinkOpen:
		web.Render(w, r, http.StatusGone, page(v))
	case v.Now == invite.CreateAccount:
		p.createAccount(w, r, v)
	case v.Visitor.ID == 0:
		web.Redirect(w, r, visit.SignInURL(v.here("")))
	default:
		p.accept(w, r, v)
	}
}

func (p *Pages) createAccount(w http.ResponseWriter, r *http.Request, v view) {
	v.first, v.last = r.FormValue("first_name"), r.FormValue("last_name")
	person := account.Person{Email: v.Email, FirstName: v.first, LastName: v.last}
	var err error
	if password := r.FormValue("password"); password != "" {
		person.PasswordHash, err = account.HashPassword(r.Context(), password, person)
	}
	var up invite.SignedUp
	if err == nil {
		up, err = p.Invites.CreateAccount(r.Context(), v.token, person, visit.Client(r))
	}
	if err == nil {
		err = p.Visits.SignIn(w, r, up.Token)
	}
	if err != nil {
		p.refused(w, r, v, err)
		return
	}
	web.SetFlash(w, r, components.Flash{Kind: "good", Text: "Your account is ready. Next: your company."})
	web.Redirect(w, r, "/recruit/company")
}

func (p *Pages) accept(w http.ResponseWriter, r *http.Request, v view) {
	l, err := p.Invites.Accept(r.Context(), v.token, v.Visitor)
	if err != nil {
		p.refused(w, r, v, err)
		return
	}
	v.Landing = l
	if l.Standing == gate.IsApproved {
		web.SetFlash(w, r, components.Flash{Kind: "good", Text: l.Company + " may recruit at " + l.Institution.Name})
	}
	web.Redirect(w, r, v.next().URL)
}

// refused shows the page again as things stand now, with why the press did not work.
func (p *Pages) refused(w http.ResponseWriter, r *http.Request, v view, err error) {
	var dead invite.NotWorking
	now, lookErr := p.Invites.Look(r.Context(), v.token)
	t, ok := web.ExplainForm(w, err, labels)
	switch {
	case lookErr != nil:
		web.Fail(w, r, lookErr)
		return
	case errors.As(err, &dead):
		t.Status = http.StatusGone
	case errors.Is(err, invite.ErrWrongPerson):
		t = web.Trouble{Status: http.StatusForbidden, Note: "This invite is for the owner of " + v.Email + ". Nothing has happened."}
	case !ok:
		web.Fail(w, r, err)
		return
	}
	v.Landing, v.trouble = now, t
	web.Render(w, r, t.Status, page(v))
}

// opened notes that a person, and no scanner, sees the page.
func (p *Pages) opened(w http.ResponseWriter, r *http.Request) {
	if err := p.Invites.Opened(r.Context(), r.PathValue("token")); err != nil {
		web.Fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// mailLink mails a sign-in link to the invited address, which leads back to the invite.
func (p *Pages) mailLink(w http.ResponseWriter, r *http.Request) {
	v, ok := p.look(w, r)
	if !ok {
		return
	}
	if v.State == invite.LinkRevoked {
		web.Fail(w, r, fault.NotFound("invite"))
		return
	}
	err := p.Invites.Opened(r.Context(), v.token)
	if err == nil {
		err = p.Accounts.RequestLink(r.Context(), v.Email, v.here(""), visit.Client(r))
	}
	if err != nil {
		p.refused(w, r, v, err)
		return
	}
	web.SetFlash(w, r, components.Flash{Text: v.Email})
	web.Redirect(w, r, "/sign-in/sent")
}

// switchUser signs out who is signed in and comes back.
func (p *Pages) switchUser(w http.ResponseWriter, r *http.Request) {
	v, ok := p.look(w, r)
	if !ok {
		return
	}
	if err := p.Visits.SignOut(w, r); err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Redirect(w, r, v.here(""))
}
