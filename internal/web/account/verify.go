package account

import (
	"errors"
	"net/http"

	"beckon/internal/account"
	"beckon/internal/fault"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
)

// proof is the page of a link that proves a further address.
type proof struct {
	account.Link
	visitor visit.Visitor
	// stranger tells that the link is for another user's account.
	stranger bool
	web.Trouble
}

// readProof reads the link for who is signed in; false where the answer is given already.
func (p *Pages) readProof(w http.ResponseWriter, r *http.Request) (x proof, ok bool) {
	web.PrivateLink(w)
	if x.visitor, ok = visit.Required(w, r); !ok {
		return x, false
	}
	var err error
	x.Link, err = p.Accounts.LookAtLink(r.Context(), r.PathValue("token"))
	if err == nil && x.Purpose != "" && x.Purpose != account.VerifyLink {
		err = fault.NotFound("link")
	}
	if err != nil {
		web.Fail(w, r, err)
		return x, false
	}
	x.stranger = x.Purpose != "" && x.UserID != x.visitor.User.ID
	return x, true
}

// showVerify tells what the link does and changes nothing.
func (p *Pages) showVerify(w http.ResponseWriter, r *http.Request) {
	x, ok := p.readProof(w, r)
	if !ok {
		return
	}
	status := http.StatusOK
	if x.State != account.LinkValid {
		status = http.StatusGone
	}
	web.Render(w, r, status, verifyPage(x))
}

func (p *Pages) verify(w http.ResponseWriter, r *http.Request) {
	x, ok := p.readProof(w, r)
	if !ok {
		return
	}
	err := p.Accounts.VerifyAddress(r.Context(), x.visitor.User, r.PathValue("token"))
	status := http.StatusGone
	switch {
	case err == nil:
		web.SetFlash(w, r, components.Flash{Kind: "good", Text: x.Email + " is confirmed"})
		web.Redirect(w, r, "/account")
		return
	case errors.Is(err, account.ErrLinkUsed):
		x.State = account.LinkUsed
	case errors.Is(err, account.ErrLinkExpired):
		x.State = account.LinkExpired
	default:
		t, ok := web.ExplainForm(w, err, labels)
		if !ok {
			web.Fail(w, r, err)
			return
		}
		x.Trouble, status = t, t.Status
	}
	web.Render(w, r, status, verifyPage(x))
}
