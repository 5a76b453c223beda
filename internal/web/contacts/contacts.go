// Package contacts holds the pages of an institution's address book: the list with its
// filters, views and bulk acts, and the page of one contact with its way to approved.
package contacts

import (
	"context"
	"net/http"
	"time"

	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/guide"
	"beckon/internal/institution"
	"beckon/internal/recruiting"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/filterbar"
	"beckon/internal/web/visit"
)

// section is the entry of the navigation that these pages belong to.
const section = "Contacts"

// Pages are the pages of this package.
type Pages struct {
	Book         *contact.Book
	Institutions *institution.Institutions
	Companies    *company.Companies
	Recruiting   *recruiting.Recruiting
	Guides       *guide.Guides
	Now          func() time.Time
	// Wake tells the workers that there is a long act to do; nil where they look by themselves.
	Wake func()
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	const at = "/at/{slug}"
	mux.HandleFunc("GET "+at+"/contacts", p.list)
	mux.HandleFunc("GET "+at+"/contacts"+filterbar.PanelPath, p.addFilter)

	mux.HandleFunc("POST "+at+"/bulk/{kind}", p.askBulk)
	mux.HandleFunc("POST "+at+"/bulk/{kind}/confirm", p.confirmBulk)
	mux.HandleFunc("POST "+at+"/contacts/export", p.export)
	mux.HandleFunc("GET "+at+"/acts/{id}", p.showAct)
	mux.HandleFunc("POST "+at+"/acts/{id}/stop", p.stopAct)

	mux.HandleFunc("GET "+at+"/views", p.views)
	mux.HandleFunc("POST "+at+"/views", p.saveView)
	mux.HandleFunc("POST "+at+"/views/{id}/delete", p.deleteView)

	mux.HandleFunc("GET "+at+"/contacts/new", p.askNew)
	mux.HandleFunc("POST "+at+"/contacts/new", p.add)
	mux.HandleFunc("GET "+at+"/contacts/{id}", p.history)
	mux.HandleFunc("GET "+at+"/contacts/{id}/invites", p.invites)
	mux.HandleFunc("GET "+at+"/contacts/{id}/edit", p.askEdit)
	mux.HandleFunc("POST "+at+"/contacts/{id}/edit", p.change)
	mux.HandleFunc("POST "+at+"/contacts/{id}/labels", p.relabel)
	mux.HandleFunc("POST "+at+"/contacts/{id}/remind", p.remind)
	mux.HandleFunc("POST "+at+"/contacts/{id}/archive", p.archive)
	mux.HandleFunc("POST "+at+"/contacts/{id}/restore", p.restore)
	mux.HandleFunc("POST "+at+"/contacts/{id}/delete", p.delete)
}

// zone is the institution's.
func zone(d visit.Desk) *time.Location { return d.Institution.Location() }

// pathID is the id in the address of a page.
func pathID(r *http.Request, what string) (int64, error) {
	id, ok := db.ParseID(r.PathValue("id"))
	if !ok {
		return 0, fault.NotFound(what)
	}
	return id, nil
}

// done leads to a page that begins with a message.
func done(w http.ResponseWriter, r *http.Request, url string, f components.Flash) {
	if f.Kind == "" {
		f.Kind = "good"
	}
	web.SetFlash(w, r, f)
	web.Redirect(w, r, url)
}

// colors are the institution's labels by name, for the dots beside them.
func (p *Pages) colors(ctx context.Context, s institution.Scope) (map[string]int, []string, error) {
	all, err := p.Book.Labels(ctx, s)
	colors := make(map[string]int, len(all))
	var names []string
	for _, l := range all {
		colors[l.Name] = l.Color
		if !l.Archived {
			names = append(names, l.Name)
		}
	}
	return colors, names, err
}

func tags(names []string, colors map[string]int) []components.Label {
	labels := make([]components.Label, len(names))
	for i, name := range names {
		labels[i] = components.Label{Name: name, Color: colors[name]}
	}
	return labels
}
