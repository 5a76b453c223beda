package settings

import (
	"context"
	"net/http"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
)

// staffView is who works at the institution.
type staffView struct {
	desk
	Staff []institution.Member
}

var roleOptions = []components.Option{
	{Value: string(institution.Owner), Label: "Owner", Hint: "everything, staff and API tokens included"},
	{Value: string(institution.Manager), Label: "Manager", Hint: "everything but staff and API tokens"},
	{Value: string(institution.Coordinator), Label: "Coordinator", Hint: "contacts, labels, imports and invites"},
	{Value: string(institution.Reviewer), Label: "Reviewer", Hint: "approvals of employers and jobs"},
	{Value: string(institution.Viewer), Label: "Viewer", Hint: "looks at everything, changes nothing"},
}

func roleLabel(role institution.Role) string {
	for _, o := range roleOptions {
		if o.Value == string(role) {
			return o.Label
		}
	}
	return string(role)
}

func (p *Pages) showStaff(w http.ResponseWriter, r *http.Request) {
	if d, ok := p.desk(w, r); ok {
		p.drawStaff(w, r, http.StatusOK, d)
	}
}

func (p *Pages) drawStaff(w http.ResponseWriter, r *http.Request, status int, d desk) {
	staff, err := p.Institutions.Staff(r.Context(), d.Scope)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, status, staffPage(staffView{d, staff}))
}

// addStaff gives somebody a role by address and mails a sign-in link.
func (p *Pages) addStaff(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	u, err := p.enlist(r, d)
	if err != nil {
		if d.troubled(w, r, err) {
			p.drawStaff(w, r, d.Status, d)
		}
		return
	}
	text := u.Name() + " works here now. A sign-in link is on its way to " + u.Email + "."
	if err := p.Accounts.RequestLink(r.Context(), u.Email, d.URL("/contacts"), visit.Client(r)); err != nil {
		text = u.Name() + " works here now, and can sign in with " + u.Email + ". No link was mailed: " + err.Error() + "."
	}
	d.done(w, r, "/staff", text)
}

// enlist finds the user with the address, or makes one, and gives the role.
func (p *Pages) enlist(r *http.Request, d desk) (u account.User, err error) {
	role := institution.Role(r.FormValue("role"))
	if err := d.Scope.Require(institution.People); err != nil {
		return u, err
	}
	if !role.Valid() {
		return u, fault.Invalid("role", "choose one of the roles")
	}
	person := account.Person{Email: r.FormValue("email"), FirstName: r.FormValue("first_name"), LastName: r.FormValue("last_name")}
	if u, err = p.Accounts.Add(r.Context(), person, d.Scope.Actor()); err != nil {
		return u, err
	}
	return u, p.Institutions.SetStaff(r.Context(), d.Scope, u.ID, role)
}

func (p *Pages) setRole(w http.ResponseWriter, r *http.Request) {
	p.changeStaff(w, r, "The role is changed", func(ctx context.Context, s institution.Scope, id int64) error {
		return p.Institutions.SetStaff(ctx, s, id, institution.Role(r.FormValue("role")))
	})
}

func (p *Pages) removeStaff(w http.ResponseWriter, r *http.Request) {
	p.changeStaff(w, r, "They no longer work here; their account stays", p.Institutions.RemoveStaff)
}

// changeStaff does something to somebody who works here; for anybody else it is 404.
func (p *Pages) changeStaff(w http.ResponseWriter, r *http.Request, done string, do func(context.Context, institution.Scope, int64) error) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	id, err := p.staffID(r, d)
	if err == nil {
		err = do(r.Context(), d.Scope, id)
	}
	if err != nil {
		if d.troubled(w, r, err) {
			d.Typed = nil
			p.drawStaff(w, r, d.Status, d)
		}
		return
	}
	if id == d.User.ID && r.URL.Path == d.URL("/settings/staff/"+db.FormatID(id)+"/remove") {
		web.Redirect(w, r, "/")
		return
	}
	d.done(w, r, "/staff", done)
}

// staffID is the user whom the address names, who must work here.
func (p *Pages) staffID(r *http.Request, d desk) (int64, error) {
	if err := d.Scope.Require(institution.People); err != nil {
		return 0, err
	}
	id, ok := db.ParseID(r.PathValue("id"))
	if !ok {
		return 0, fault.NotFound("staff member")
	}
	staff, err := p.Institutions.Staff(r.Context(), d.Scope)
	if err != nil {
		return 0, err
	}
	for _, m := range staff {
		if m.UserID == id {
			return id, nil
		}
	}
	return 0, fault.NotFound("staff member")
}
