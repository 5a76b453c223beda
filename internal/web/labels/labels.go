// Package labels holds the page on which staff look after their institution's labels.
package labels

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
)

// Pages are the pages of this package.
type Pages struct {
	Book *contact.Book
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	const at = "/at/{slug}/labels"
	mux.HandleFunc("GET "+at, p.list)
	mux.HandleFunc("POST "+at, p.create)
	mux.HandleFunc("GET "+at+"/{id}", p.show)
	mux.HandleFunc("POST "+at+"/{id}", p.change)
	mux.HandleFunc("POST "+at+"/{id}/archive", p.archive)
	mux.HandleFunc("POST "+at+"/{id}/restore", p.restore)
	mux.HandleFunc("POST "+at+"/{id}/delete", p.delete)
}

// view is the list of labels, or one label.
type view struct {
	visit.Desk
	Labels []contact.Label
	// Label is the one that the page is about.
	Label contact.Label
	// Typed is what was sent with a form that comes back; nil before.
	Typed url.Values
	web.Trouble
}

func (v view) mayChange() bool { return v.Scope.May(institution.Contacts) }

func (v view) url(l contact.Label) string { return v.URL("/labels/" + db.FormatID(l.ID)) }

// contacts is the list of who has a label, archived ones too: they count.
func (v view) contacts(l contact.Label) string {
	return v.URL("/contacts?" + url.Values{"label": {l.Name}, "archived": {"any"}}.Encode())
}

// typed is what stands in a field: what was typed, otherwise what is stored.
func (v view) typed(name, stored string) string {
	if v.Typed != nil {
		return v.Typed.Get(name)
	}
	return stored
}

var labels = map[string]string{"name": "Name", "kind": "Kind", "color": "Colour"}

var kinds = []components.Option{
	{Value: contact.LabelNormal, Label: "Normal", Hint: "for staff alone"},
	{Value: contact.LabelPublic, Label: "Public", Hint: "shown to those who have it"},
}

// colorNames name the palette of the pages; the name beside a dot says more than its colour.
var colorNames = []string{"Grey", "Orange", "Violet", "Green", "Blue", "Red", "Yellow", "Teal", "Pink", "Indigo", "Brown"}

func colors() []components.Option {
	options := make([]components.Option, contact.LabelColors)
	for i := range options {
		options[i] = components.Option{Value: strconv.Itoa(i), Label: colorNames[i]}
	}
	return options
}

// color is the colour of a form; what is no number is out of range.
func color(r *http.Request) int {
	n, err := strconv.Atoi(r.FormValue("color"))
	if err != nil {
		return -1
	}
	return n
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) {
	if d, ok := visit.Staff(w, r); ok {
		p.renderList(w, r, http.StatusOK, view{Desk: d})
	}
}

func (p *Pages) renderList(w http.ResponseWriter, r *http.Request, status int, v view) {
	var err error
	if v.Labels, err = p.Book.Labels(r.Context(), v.Scope); err != nil {
		web.Fail(w, r, err)
		return
	}
	v.Shell = v.Page("Contacts", "Labels")
	web.Render(w, r, status, listPage(v))
}

func (p *Pages) create(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	l, err := p.Book.CreateLabel(r.Context(), d.Scope, r.FormValue("name"), r.FormValue("kind"), color(r))
	if err == nil {
		done(w, r, d, "The label "+l.Name+" is made")
		return
	}
	t, ok := web.ExplainForm(w, err, labels)
	if !ok {
		web.Fail(w, r, err)
		return
	}
	p.renderList(w, r, t.Status, view{Desk: d, Typed: r.PostForm, Trouble: t})
}

// done leads to the list with a message.
func done(w http.ResponseWriter, r *http.Request, d visit.Desk, text string) {
	web.SetFlash(w, r, components.Flash{Kind: "good", Text: text})
	web.Redirect(w, r, d.URL("/labels"))
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	l, err := p.ofPath(r, d)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	p.renderOne(w, r, http.StatusOK, view{Desk: d, Label: l})
}

func (p *Pages) renderOne(w http.ResponseWriter, r *http.Request, status int, v view) {
	v.Shell = v.Page("Contacts", "Label "+v.Label.Name)
	web.Render(w, r, status, labelPage(v))
}

// ofPath is the label of the address.
func (p *Pages) ofPath(r *http.Request, d visit.Desk) (contact.Label, error) {
	id, ok := db.ParseID(r.PathValue("id"))
	if !ok {
		return contact.Label{}, fault.NotFound("label")
	}
	return p.Book.GetLabel(r.Context(), d.Scope, id)
}

// act does something to the label of the address. It leads to the list with a message, or
// shows the label again with what is wrong.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, text string, do func(context.Context, visit.Desk, contact.Label) error) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	l, err := p.ofPath(r, d)
	if err == nil {
		err = do(r.Context(), d, l)
	}
	if err == nil {
		done(w, r, d, text)
		return
	}
	t, ok := web.ExplainForm(w, err, labels)
	if !ok {
		web.Fail(w, r, err)
		return
	}
	p.renderOne(w, r, t.Status, view{Desk: d, Label: l, Typed: r.PostForm, Trouble: t})
}

func (p *Pages) change(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "The label is changed", func(ctx context.Context, d visit.Desk, l contact.Label) error {
		name, kind, color := r.FormValue("name"), r.FormValue("kind"), color(r)
		_, err := p.Book.ChangeLabel(ctx, d.Scope, l.ID, contact.LabelChange{Name: &name, Kind: &kind, Color: &color})
		return err
	})
}

func (p *Pages) archive(w http.ResponseWriter, r *http.Request) {
	p.setArchived(w, r, "The label is archived: it is offered no more, and who has it keeps it", true)
}

func (p *Pages) restore(w http.ResponseWriter, r *http.Request) {
	p.setArchived(w, r, "The label is offered again", false)
}

func (p *Pages) setArchived(w http.ResponseWriter, r *http.Request, text string, archived bool) {
	p.act(w, r, text, func(ctx context.Context, d visit.Desk, l contact.Label) error {
		_, err := p.Book.ChangeLabel(ctx, d.Scope, l.ID, contact.LabelChange{Archived: &archived})
		return err
	})
}

func (p *Pages) delete(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "The label is deleted; its contacts stay", func(ctx context.Context, d visit.Desk, l contact.Label) error {
		return p.Book.DeleteLabel(ctx, d.Scope, l.ID)
	})
}
