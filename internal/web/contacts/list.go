package contacts

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"beckon/internal/contact"
	"beckon/internal/fault"
	"beckon/internal/guide"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/filterbar"
	"beckon/internal/web/visit"
)

// perPage is how many contacts a page of the list shows.
const perPage = 50

// listView is the list of contacts.
type listView struct {
	visit.Desk
	place
	contact.Page
	// All is how many contacts there are without the filter.
	All    int
	Colors map[string]int
	Labels []string
	Staff  []institution.Member
	// bulkInvites names those that the filter speaks of.
	bulkInvites map[string]string
	Guide       guide.Guide
	// Wrong is why the address of the list cannot be read; nothing else is set then.
	Wrong web.Trouble
	now   time.Time
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	v := listView{Desk: d, now: p.Now()}
	status := http.StatusOK
	err := p.readList(r, &v)
	if faults := fault.Fields(nil); errors.As(err, &faults) {
		v.Wrong = web.Trouble{Status: http.StatusUnprocessableEntity, Fields: web.Named(faults, nil)}
		status, err = v.Wrong.Status, nil
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	v.Shell = d.Page(section, "Contacts")
	for i, saved := range v.Shell.Views {
		v.Shell.Views[i].Current = !v.Filter.Empty() && saved.URL == v.list(url.Values{})
	}
	web.Render(w, r, status, listPage(v))
}

func (p *Pages) readList(r *http.Request, v *listView) (err error) {
	ctx := r.Context()
	if v.Staff, err = p.Institutions.Staff(ctx, v.Scope); err != nil {
		return err
	}
	if v.Guide, err = p.Guides.Of(ctx, v.Scope); err != nil {
		return err
	}
	if v.Colors, v.Labels, err = p.colors(ctx, v.Scope); err != nil {
		return err
	}
	if v.All, err = p.Book.Count(ctx, v.Scope, contact.Filter{}); err != nil {
		return err
	}
	if v.place, err = readPlace(r.URL.Query(), v.Desk); err != nil {
		return err
	}
	if v.bulkInvites, err = p.Book.BulkInviteNames(ctx, v.Scope, v.Filter.Values()["bulk_invite"]); err != nil {
		return err
	}
	v.Page, err = p.Book.Find(ctx, v.Scope, contact.Search{Filter: v.Filter, Sort: v.Sort, Limit: perPage, Cursor: v.cursor})
	return err
}

// place is where one is in the list, as its address tells: filter, sort and page.
type place struct {
	base   string
	Filter contact.Filter
	Sort   string
	// Every says that the page is drawn with everything selected.
	Every  bool
	cursor string
	// trail holds the cursors of the pages before, the last of them first; "" is the first page.
	trail []string
	page  int
}

// mostTrail is how many pages one can go back by the address alone. From further on, the
// way back leads to the first page.
const mostTrail = 20

// readPlace reads the address of a list. What is not about the place is the filter.
func readPlace(query url.Values, d visit.Desk) (at place, err error) {
	at = place{base: d.URL("/contacts"), Sort: query.Get("sort"), cursor: query.Get("cursor"), trail: query["back"], Every: query.Get("select") == "all"}
	if at.page, err = strconv.Atoi(query.Get("page")); err != nil || at.page < 1 || at.cursor == "" {
		at.page = 1
	}
	words := url.Values{}
	for name, values := range query {
		if !slices.Contains([]string{"sort", "cursor", "back", "page", "select"}, name) {
			words[name] = values
		}
	}
	// The search field is sent blank, too, which finds everybody.
	words["q"] = slices.DeleteFunc(slices.Clone(words["q"]), func(q string) bool { return strings.TrimSpace(q) == "" })
	at.Filter, err = contact.ParseFilter(words, zone(d))
	return at, err
}

// list is the address of the list with this filter, this sort and more.
func (at place) list(more url.Values) string {
	query := at.Filter.Values()
	if at.Sort != "" {
		more.Set("sort", at.Sort)
	}
	for name, values := range more {
		query[name] = values
	}
	return filterbar.URL(at.base, query)
}

// here is the address of this very page, with everything selected or with nothing.
func (at place) here(every bool) string {
	more := url.Values{}
	if at.cursor != "" {
		more = url.Values{"cursor": {at.cursor}, "back": at.trail, "page": {strconv.Itoa(at.page)}}
	}
	if every {
		more.Set("select", "all")
	}
	return at.list(more)
}

func (at place) next(cursor string) string {
	if cursor == "" {
		return ""
	}
	trail := append([]string{at.cursor}, at.trail...)
	return at.list(url.Values{"cursor": {cursor}, "back": trail[:min(len(trail), mostTrail)], "page": {strconv.Itoa(at.page + 1)}})
}

func (at place) previous() string {
	switch {
	case at.cursor == "":
		return ""
	case len(at.trail) == 0 || at.trail[0] == "":
		return at.list(url.Values{})
	}
	return at.list(url.Values{"cursor": {at.trail[0]}, "back": at.trail[1:], "page": {strconv.Itoa(at.page - 1)}})
}

// pager numbers the rows as far as one can know: contacts may have come and gone meanwhile.
func (v listView) pager() components.Pager {
	from := (v.page - 1) * perPage
	pager := components.Pager{From: from + 1, To: from + len(v.Contacts), Total: v.Total, Previous: v.previous(), Next: v.next(v.Next)}
	if len(v.Contacts) == 0 || pager.To > v.Total {
		pager.From = 0
	}
	return pager
}

func (v listView) selection() components.Selection {
	return components.Selection{Filter: v.Filter.Query(), Total: v.Total, All: v.Every, AllURL: v.here(true), ClearURL: v.here(false)}
}

// count stands beside the title: "1,284 of 5,012".
func (v listView) count() string {
	if v.Filter.Empty() {
		return components.Num(v.Total)
	}
	return components.Num(v.Total) + " of " + components.Num(v.All)
}

// bar is the filter as the page shows it.
func (v listView) bar() filterbar.Bar {
	b := filterbar.Bar{Base: v.base, Filter: v.Filter, Labels: v.Labels, Staff: v.Staff, BulkInvites: v.bulkInvites}
	if v.Sort != "" {
		b.More = url.Values{"sort": {v.Sort}}
	}
	return b
}

// addFilter leads to the list with what the panel asks for.
func (p *Pages) addFilter(w http.ResponseWriter, r *http.Request) {
	if d, ok := visit.Staff(w, r); ok {
		filterbar.Lead(w, r, d.URL("/contacts"), "sort")
	}
}

// columns are the heads of the list; those with a sort turn it around when it is theirs.
func (v listView) columns() []components.Column {
	sorted := func(c components.Column, name string, downFirst bool) components.Column {
		current, to := v.Sort, name
		if current == "" {
			current = "name"
		}
		switch current {
		case name:
			c.Order, to = "ascending", "-"+name
		case "-" + name:
			c.Order = "descending"
		default:
			if downFirst {
				to = "-" + name
			}
		}
		c.Sort = filterbar.URL(v.base, with(v.Filter.Values(), "sort", to))
		return c
	}
	return []components.Column{
		components.PickColumn,
		sorted(components.Column{Name: "Name"}, "name", false),
		sorted(components.Column{Name: "Address"}, "email", false),
		sorted(components.Column{Name: "Company", Class: "wide"}, "company", false),
		{Name: "Labels", Class: "wide"},
		{Name: "Standing"},
		sorted(components.Column{Name: "Last invited", Class: "right wide"}, "last_invited_at", true),
	}
}

// beside is the list's filter and sort but for one word, for a form that asks for that one.
func (v listView) beside(word string) url.Values {
	rest := v.Filter.Values()
	delete(rest, word)
	maps.Copy(rest, v.bar().More)
	return rest
}

func with(values url.Values, name, value string) url.Values {
	values.Set(name, value)
	return values
}

// may tells what the buttons of the page ask for.
func (v listView) mayChange() bool { return v.Scope.May(institution.Contacts) }
func (v listView) mayInvite() bool { return v.Scope.May(institution.Invite) }
func (v listView) mayShare() bool  { return v.Scope.May(institution.ChangeSettings) }
