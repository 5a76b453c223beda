package signin

import (
	"errors"
	"net/http"
	"strings"

	"beckon/internal/account"
	"beckon/internal/fault"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
	"github.com/a-h/templ"
)

// ask shows an empty form to who is not signed in; others are led on.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request, page func(form) templ.Component) {
	f := form{To: r.URL.Query().Get("to"), Email: r.URL.Query().Get("email")}
	if _, ok := visit.From(r.Context()); ok {
		to := account.LocalPath(f.To)
		if to == "" {
			to = "/"
		}
		web.Redirect(w, r, to)
		return
	}
	web.Render(w, r, http.StatusOK, page(f))
}

// opened is a mailed link as its page shows it.
type opened struct {
	account.Link
	// Name is whose account the link is for.
	Name string
	// Other is who is signed in in this browser, "" for nobody or the same person.
	Other string
	web.Trouble
}

// signsUp tells whether the link makes an account.
func (o opened) signsUp() bool { return o.Purpose == account.SignUpLink }

// showLink tells what a link does and changes nothing: mail scanners open every link.
func (p *Pages) showLink(w http.ResponseWriter, r *http.Request) {
	o, ok := p.open(w, r)
	if !ok {
		return
	}
	status := http.StatusOK
	if o.State != account.LinkValid {
		status = http.StatusGone
	}
	web.Render(w, r, status, linkPage(o))
}

// open reads the link of the address; false where the answer is given already.
func (p *Pages) open(w http.ResponseWriter, r *http.Request) (o opened, ok bool) {
	web.PrivateLink(w)
	l, err := p.Accounts.LookAtLink(r.Context(), r.PathValue("token"))
	up := strings.HasPrefix(r.URL.Path, "/sign-up/")
	switch {
	case err == nil && l.Purpose == "": // long gone
		o.Link = l
		return o, true
	case err == nil && l.Purpose == account.SignUpLink && up:
		o.Name = components.Sentence(strings.TrimSpace(l.FirstName + " " + l.LastName))
	case err == nil && l.Purpose == account.SignInLink && !up:
		var user account.User
		user, err = p.Accounts.ByID(r.Context(), l.UserID)
		o.Name = user.Name()
	case err == nil:
		err = fault.NotFound("link")
	}
	if err != nil {
		web.Fail(w, r, err)
		return o, false
	}
	o.Link = l
	if visitor, in := visit.From(r.Context()); in && visitor.User.ID != l.UserID {
		o.Other = visitor.User.Name()
	}
	return o, true
}

func (p *Pages) useLink(w http.ResponseWriter, r *http.Request) {
	o, ok := p.open(w, r)
	if !ok {
		return
	}
	in, err := p.Accounts.UseLink(r.Context(), r.PathValue("token"), visit.Client(r))
	if err == nil {
		p.enter(w, r, in.Token, in.ReturnTo)
		return
	}
	o.notUsed(w, r, err)
}

func (p *Pages) confirmSignUp(w http.ResponseWriter, r *http.Request) {
	o, ok := p.open(w, r)
	if !ok {
		return
	}
	in, err := p.Accounts.ConfirmSignUp(r.Context(), r.PathValue("token"), r.FormValue("password"), visit.Client(r))
	if err != nil {
		o.notUsed(w, r, err)
		return
	}
	if in.ReturnTo == "" {
		studies, err := p.Visits.Institutions.OfStudent(r.Context(), in.User.ID)
		if err != nil {
			web.Fail(w, r, err)
			return
		}
		if len(studies) == 0 {
			in.ReturnTo = "/recruit/company" // the first thing a recruiter needs
		}
	}
	p.enter(w, r, in.Token, in.ReturnTo)
}

// notUsed shows the page of a link again that did not work.
func (o opened) notUsed(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, account.ErrLinkUsed):
		o.State = account.LinkUsed
	case errors.Is(err, account.ErrLinkExpired):
		o.State = account.LinkExpired
	default:
		t, ok := web.ExplainForm(w, err, labels)
		if !ok {
			web.Fail(w, r, err)
			return
		}
		o.Trouble = t
		web.Render(w, r, t.Status, linkPage(o))
		return
	}
	web.Render(w, r, http.StatusGone, linkPage(o))
}
