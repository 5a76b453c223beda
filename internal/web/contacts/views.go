package contacts

import (
	"context"
	"net/http"
	"net/url"

	"beckon/internal/contact"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/filterbar"
	"beckon/internal/web/visit"
)

// NavViews are the saved views of a staff member for the navigation; see
// visit.Visits.StaffViews.
func (p *Pages) NavViews(ctx context.Context, s institution.Scope) ([]components.NavView, error) {
	inst, err := p.Institutions.Get(ctx, s)
	if err != nil {
		return nil, err
	}
	saved, err := p.Book.Views(ctx, s)
	if err != nil {
		return nil, err
	}
	views := make([]components.NavView, len(saved))
	for i, v := range saved {
		views[i] = components.NavView{Name: v.Name, URL: filterbar.URL(visit.At(inst.Slug, "/contacts"), v.Filter.Values()), Count: v.Contacts}
	}
	return views, nil
}

// viewsView is the list of saved views.
type viewsView struct {
	visit.Desk
	Views []contact.View
	staff []institution.Member
	// bulkInvites names those that the filters speak of.
	bulkInvites map[string]string
}

func (v viewsView) sentences(f contact.Filter) []contact.Sentence {
	return f.Sentences(filterbar.Names(v.staff, v.bulkInvites))
}

// mayDelete tells whether a view is the person's own, or a shared one that they look after.
func (v viewsView) mayDelete(one contact.View) bool {
	return v.Scope.May(institution.Contacts) && (one.UserID == v.User.ID || one.Shared && v.Scope.May(institution.ChangeSettings))
}

func (v viewsView) list(f contact.Filter) string {
	return filterbar.URL(v.URL("/contacts"), f.Values())
}

func (p *Pages) views(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	v := viewsView{Desk: d}
	var err error
	if v.Views, err = p.Book.Views(r.Context(), d.Scope); err == nil {
		v.staff, err = p.Institutions.Staff(r.Context(), d.Scope)
	}
	if err == nil {
		var ids []string
		for _, one := range v.Views {
			ids = append(ids, one.Filter.Values()["bulk_invite"]...)
		}
		v.bulkInvites, err = p.Book.BulkInviteNames(r.Context(), d.Scope, ids)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	v.Shell = d.Page(section, "Views")
	web.Render(w, r, http.StatusOK, viewsPage(v))
}

func (p *Pages) saveView(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	words, err := url.ParseQuery(r.FormValue("filter"))
	if err != nil {
		web.Fail(w, r, fault.Invalid("filter", "is not a list of words and values"))
		return
	}
	f, err := contact.ParseFilter(words, zone(d))
	if err == nil {
		_, err = p.Book.SaveView(r.Context(), d.Scope, r.FormValue("name"), f, r.FormValue("shared") != "")
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	done(w, r, filterbar.URL(d.URL("/contacts"), f.Values()), components.Flash{Text: "The view is saved; it stands in the navigation"})
}

func (p *Pages) deleteView(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	id, err := pathID(r, "view")
	if err == nil {
		err = p.Book.DeleteView(r.Context(), d.Scope, id)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	done(w, r, d.URL("/views"), components.Flash{Text: "The view is deleted; its contacts stay"})
}
