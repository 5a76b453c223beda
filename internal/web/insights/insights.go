// Package insights holds the pages of Insights: the list of explores to begin with and of
// those that somebody saved, and the Contacts explore, whose address says all that it shows.
package insights

import (
	"context"
	"net/http"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/guide"
	"beckon/internal/insight"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/filterbar"
	"beckon/internal/web/visit"
)

// section is the entry of the navigation that these pages belong to.
const section = "Insights"

// Pages are the pages of this package.
type Pages struct {
	Explores     *insight.Explores
	Book         *contact.Book
	Institutions *institution.Institutions
	Guides       *guide.Guides
	Now          func() time.Time
	// BaseURL is the address under which people reach Beckon, for links that are shared.
	BaseURL string
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	const at = "/at/{slug}" + listPath
	mux.HandleFunc("GET "+at, p.list)
	mux.HandleFunc("GET "+at+explorePath, p.explore)
	mux.HandleFunc("GET "+at+explorePath+fieldsPath, p.pick)
	mux.HandleFunc("GET "+at+explorePath+filterbar.PanelPath, p.addFilter)
	mux.HandleFunc("GET "+at+explorePath+".csv", p.csv)
	mux.HandleFunc("GET "+at+explorePath+".xlsx", p.xlsx)
	mux.HandleFunc("POST "+at+savedPath, p.save)
	mux.HandleFunc("POST "+at+savedPath+"/{id}/delete", p.delete)
}

// Paths below an institution's.
const (
	listPath    = "/insights"
	explorePath = "/contacts"
	fieldsPath  = "/fields"
	savedPath   = "/saved"
)

// ExploreURL is the address of the Contacts explore of the contacts that a filter finds,
// with fields to begin with.
func ExploreURL(d visit.Desk, f contact.Filter) string {
	words := f.Values()
	words["dim"] = []string{"standing"}
	words["measure"] = []string{"contacts", "invited", "accepted"}
	return filterbar.URL(d.URL(listPath+explorePath), words)
}

// listView is the list of explores.
type listView struct {
	visit.Desk
	Saved    []savedRow
	Starting []insight.Starter
}

// savedRow is a saved explore in the list, with what it shows in words.
type savedRow struct {
	insight.Saved
	Says      string
	Sentences []contact.Sentence
}

func (v listView) open(query string) string { return v.URL(listPath+explorePath) + "?" + query }

func (p *Pages) list(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	v := listView{Desk: d, Starting: insight.Starting(p.Now().In(d.Institution.Location()))}
	var err error
	if v.Saved, err = p.savedRows(r.Context(), d); err != nil {
		web.Fail(w, r, err)
		return
	}
	v.Shell = d.Page(section, "Insights")
	web.Render(w, r, http.StatusOK, listPage(v))
}

func (p *Pages) savedRows(ctx context.Context, d visit.Desk) (rows []savedRow, err error) {
	staff, err := p.Institutions.Staff(ctx, d.Scope)
	if err != nil {
		return nil, err
	}
	saved, err := p.Explores.Saved(ctx, d.Scope)
	if err != nil {
		return nil, err
	}
	states := make([]state, len(saved))
	var ids []string
	for i, one := range saved {
		states[i] = savedState(one.Query, d.Institution.Location())
		ids = append(ids, states[i].words["bulk_invite"]...)
	}
	bulkInvites, err := p.Book.BulkInviteNames(ctx, d.Scope, ids)
	if err != nil {
		return nil, err
	}
	for i, one := range saved {
		rows = append(rows, savedRow{one, states[i].title(), states[i].Filter.Sentences(filterbar.Names(staff, bulkInvites))})
	}
	return rows, nil
}

// save keeps an explore under a name. What cannot be saved comes back with what was typed.
func (p *Pages) save(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	query, name, shared := r.FormValue("query"), r.FormValue("name"), r.FormValue("shared") != ""
	_, err := p.Explores.Save(r.Context(), d.Scope, name, query, shared)
	if trouble, ok := web.ExplainForm(w, err, map[string]string{"name": "the name"}); ok {
		v := p.read(r, d, savedState(query, d.Institution.Location()))
		v.Naming = naming{Trouble: trouble, Name: name, Shared: shared}
		p.render(w, r, v, trouble.Status)
		return
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.SetFlash(w, r, components.Flash{Kind: "good", Text: "The explore is saved; Insights lists it",
		Link: components.Link{Name: "Insights", URL: d.URL(listPath)}})
	web.Redirect(w, r, d.URL(listPath+explorePath)+"?"+query)
}

func (p *Pages) delete(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	id, ok := db.ParseID(r.PathValue("id"))
	err := fault.NotFound("saved explore")
	if ok {
		err = p.Explores.DeleteSaved(r.Context(), d.Scope, id)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.SetFlash(w, r, components.Flash{Kind: "good", Text: "The explore is deleted; its contacts stay as they are"})
	web.Redirect(w, r, d.URL(listPath))
}

// mayDelete tells whether a saved explore is the person's own, or a shared one that they
// look after.
func mayDelete(s institution.Scope, one insight.Saved) bool {
	settings := s.May(institution.ChangeSettings)
	return one.Mine && (settings || s.May(institution.Contacts)) || one.Shared && settings
}

// deletion asks before a saved explore goes.
func deletion(d visit.Desk, one insight.Saved) components.Confirm {
	id := db.FormatID(one.ID)
	text := "Its name goes from the list. Contacts, labels and the explore's fields stay as they are."
	if one.Shared {
		text = "It goes from everybody's list. Contacts, labels and the explore's fields stay as they are."
	}
	return components.Confirm{ID: "delete-" + id, Title: "Delete " + one.Name + "?", Text: text, Act: "Delete 1 saved explore", Action: d.URL(listPath + savedPath + "/" + id + "/delete")}
}
