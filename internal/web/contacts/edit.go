package contacts

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"beckon/internal/contact"
	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
)

// editView is the form of a contact, of a new one with a zero Contact.
type editView struct {
	visit.Desk
	contact.Contact
	Labels []string
	Staff  []institution.Member
	// Typed is what was sent with a form that comes back; nil before.
	Typed url.Values
	web.Trouble
}

func (v editView) isNew() bool { return v.Contact.ID == 0 }

func (v editView) title() string {
	if v.isNew() {
		return "Add contact"
	}
	return "Edit " + v.Name()
}

// action is where the form is posted, back where one comes from.
func (v editView) action() string {
	if v.isNew() {
		return v.URL("/contacts/new")
	}
	return v.back() + "/edit"
}

func (v editView) back() string {
	if v.isNew() {
		return v.URL("/contacts")
	}
	return v.URL("/contacts/" + db.FormatID(v.Contact.ID))
}

// value is what stands in a field.
func (v editView) value(name string) string {
	if v.Typed != nil {
		return v.Typed.Get(name)
	}
	if at := v.At(name); at != nil {
		return *at
	}
	if name == "owner" && v.OwnerID != 0 {
		return db.FormatID(v.OwnerID)
	}
	return ""
}

// fields are the fields of the form, in their order.
func (v editView) fields() []transfer.Field {
	var fields []transfer.Field
	for _, name := range contact.FieldNames {
		for _, f := range transfer.ContactFields {
			if f.Name == name {
				fields = append(fields, f)
			}
		}
	}
	return fields
}

func fieldLabels() map[string]string {
	labels := map[string]string{"owner": "Owner", "labels": "Label"}
	for _, f := range transfer.ContactFields {
		labels[f.Name] = f.Label
	}
	return labels
}

func (p *Pages) askNew(w http.ResponseWriter, r *http.Request) {
	if d, ok := visit.Staff(w, r); ok {
		p.renderEdit(w, r, http.StatusOK, editView{Desk: d})
	}
}

func (p *Pages) askEdit(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	c, err := p.ofPath(r, d)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	p.renderEdit(w, r, http.StatusOK, editView{Desk: d, Contact: c})
}

// ofPath is the contact of the address.
func (p *Pages) ofPath(r *http.Request, d visit.Desk) (contact.Contact, error) {
	id, err := pathID(r, "contact")
	if err != nil {
		return contact.Contact{}, err
	}
	return p.Book.Get(r.Context(), d.Scope, id)
}

// renderEdit shows the form to whoever may send it.
func (p *Pages) renderEdit(w http.ResponseWriter, r *http.Request, status int, v editView) {
	err := v.Scope.Require(institution.Contacts)
	if err == nil {
		v.Staff, err = p.Institutions.Staff(r.Context(), v.Scope)
	}
	if err == nil {
		_, v.Labels, err = p.colors(r.Context(), v.Scope)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	v.Shell = v.Page(section, v.title())
	web.Render(w, r, status, editPage(v))
}

func (p *Pages) add(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	n := contact.New{Source: contact.SourceAdded, Labels: names([]string{r.FormValue("labels")})}
	for _, name := range contact.FieldNames {
		*n.At(name) = r.FormValue(name)
	}
	c, err := p.Book.Add(r.Context(), d.Scope, n)
	if err != nil {
		p.editAgain(w, r, editView{Desk: d}, err)
		return
	}
	done(w, r, d.URL("/contacts/"+db.FormatID(c.ID)), components.Flash{Text: c.Name() + " is added"})
}

func (p *Pages) change(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	c, err := p.ofPath(r, d)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	owner, _ := db.ParseID(r.FormValue("owner"))
	to := contact.Change{Fields: map[string]string{}, OwnerID: &owner}
	for _, name := range contact.FieldNames {
		// A browser writes line feeds with carriage returns; unchanged notes stay unchanged.
		to.Fields[name] = strings.ReplaceAll(r.FormValue(name), "\r\n", "\n")
	}
	if _, err := p.Book.Change(r.Context(), d.Scope, c.ID, to); err != nil {
		p.editAgain(w, r, editView{Desk: d, Contact: c}, err)
		return
	}
	done(w, r, d.URL("/contacts/"+db.FormatID(c.ID)), components.Flash{Text: "The changes are saved"})
}

// editAgain shows the form with what is wrong. An address that is taken leads to who has it.
func (p *Pages) editAgain(w http.ResponseWriter, r *http.Request, v editView, err error) {
	t, ok := web.ExplainForm(w, err, fieldLabels())
	if !ok {
		web.Fail(w, r, err)
		return
	}
	var taken fault.Conflict
	if errors.As(err, &taken) && taken.ExistingID != 0 {
		t.Link = components.Link{Name: "Open that contact", URL: v.URL("/contacts/" + db.FormatID(taken.ExistingID))}
	}
	v.Trouble, v.Typed = t, r.PostForm
	p.renderEdit(w, r, t.Status, v)
}
