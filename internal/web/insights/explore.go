package insights

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"beckon/internal/contact"
	"beckon/internal/fault"
	"beckon/internal/guide"
	"beckon/internal/insight"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/filterbar"
	"beckon/internal/web/visit"
)

// exploreView is the Contacts explore.
type exploreView struct {
	visit.Desk
	state
	Staff  []institution.Member
	Labels []string
	// bulkInvites names those that the filter speaks of.
	bulkInvites map[string]string
	// Answer is what the explore comes to, zero where it was not asked: nothing is picked
	// yet, or Wrong says what cannot be asked.
	Answer insight.Answer
	Ran    bool
	Took   time.Duration
	Wrong  web.Trouble
	// unread are the words of the filter that cannot be read.
	unread []string
	// Failed is an error that the page cannot help with.
	Failed  error
	Picture picture
	// Current is the saved explore that this one is, zero for none.
	Current  insight.Saved
	Naming   naming
	Starting []insight.Starter
	Guide    guide.Guide
	now      time.Time
	share    string
}

// naming is the form in which an explore gets its name, as it comes back.
type naming struct {
	web.Trouble
	Name   string
	Shared bool
}

func (v exploreView) base() string { return v.URL(listPath + explorePath) }

func (v exploreView) address(s state) string { return filterbar.URL(v.base(), s.values()) }

func (v exploreView) download(format string) string {
	return filterbar.URL(v.base()+"."+format, v.values())
}

func (v exploreView) contactsURL(f contact.Filter) string {
	return filterbar.URL(v.URL("/contacts"), f.Values())
}

func (v exploreView) bar() filterbar.Bar {
	return filterbar.Bar{Base: v.base(), Filter: v.Filter, More: v.beside(), Labels: v.Labels, Staff: v.Staff, BulkInvites: v.bulkInvites}
}

// chips are the filter as sentences; one that cannot be read is shown as it was written.
func (v exploreView) chips() (chips []components.Chip) {
	chips = v.bar().Chips()
	for _, name := range v.unread {
		rest := v.values()
		delete(rest, name)
		chips = append(chips, components.Chip{Name: strings.ReplaceAll(name, "_", " "), Values: v.words[name], Remove: filterbar.URL(v.base(), rest)})
	}
	return chips
}

func (v exploreView) maySave() bool  { return v.Scope.May(institution.Contacts) }
func (v exploreView) mayShare() bool { return v.Scope.May(institution.ChangeSettings) }

// ticked tells whether a dimension makes rows or columns.
func (v exploreView) ticked(name string) bool {
	return v.Pivot == name || slices.Contains(v.Dimensions, name)
}

// measured tells whether a measure is asked for; contacts are where nothing else is.
func (v exploreView) measured(name string) bool {
	return !v.blank() && slices.Contains(v.measures(), name)
}

func (p *Pages) explore(w http.ResponseWriter, r *http.Request) {
	if d, ok := visit.Staff(w, r); ok {
		p.show(w, r, d, r.URL.Query())
	}
}

// pick answers the form of fields: with the explore that they make, or by leading there.
func (p *Pages) pick(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	query := picked(r.URL.Query())
	s, _ := readState(query, d.Institution.Location())
	to := filterbar.URL(d.URL(listPath+explorePath), s.values())
	if !web.Partial(r) {
		web.Redirect(w, r, to)
		return
	}
	w.Header().Set("HX-Push-Url", to)
	p.show(w, r, d, query)
}

// addFilter leads to the explore with what the panel of the filter asks for.
func (p *Pages) addFilter(w http.ResponseWriter, r *http.Request) {
	if d, ok := visit.Staff(w, r); ok {
		filterbar.Lead(w, r, d.URL(listPath+explorePath), stateNames...)
	}
}

// show answers with the explore that a query asks for.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, d visit.Desk, query map[string][]string) {
	s, err := readState(query, d.Institution.Location())
	v := p.readWith(r, d, s, err)
	status := http.StatusOK
	if v.Wrong.Status != 0 {
		status = v.Wrong.Status
	}
	p.render(w, r, v, status)
}

// read runs the explore of a state that may not be right.
func (p *Pages) read(r *http.Request, d visit.Desk, s state) exploreView {
	s, err := readState(s.values(), d.Institution.Location())
	return p.readWith(r, d, s, err)
}

func (p *Pages) render(w http.ResponseWriter, r *http.Request, v exploreView, status int) {
	if v.Failed != nil {
		web.Fail(w, r, v.Failed)
		return
	}
	if web.Partial(r) {
		web.Render(w, r, status, explore(v))
		return
	}
	v.Shell = v.Page(section, "Contacts explore")
	web.Render(w, r, status, explorePage(v))
}

// readWith reads all that the page shows; err is what was wrong with the address.
func (p *Pages) readWith(r *http.Request, d visit.Desk, s state, err error) exploreView {
	v := exploreView{Desk: d, state: s, now: p.Now()}
	v.share = p.BaseURL + v.address(s)
	if v.Failed = p.surroundings(r, &v); v.Failed != nil {
		return v
	}
	if err == nil && !s.blank() {
		began := time.Now()
		v.Answer, err = p.run(r, d, s)
		v.Took = time.Since(began)
	}
	if faults := (fault.Fields)(nil); asFields(err, &faults) {
		v.mend(faults)
		return v
	}
	if v.Failed = err; err != nil || s.blank() {
		return v
	}
	v.Ran, v.Picture = true, draw(v)
	return v
}

// surroundings reads what the page offers beside the answer.
func (p *Pages) surroundings(r *http.Request, v *exploreView) (err error) {
	ctx := r.Context()
	if v.Staff, err = p.Institutions.Staff(ctx, v.Scope); err != nil {
		return err
	}
	all, err := p.Book.Labels(ctx, v.Scope)
	if err != nil {
		return err
	}
	for _, l := range all {
		if !l.Archived {
			v.Labels = append(v.Labels, l.Name)
		}
	}
	if v.bulkInvites, err = p.Book.BulkInviteNames(ctx, v.Scope, v.Filter.Values()["bulk_invite"]); err != nil {
		return err
	}
	if v.Guide, err = p.Guides.Of(ctx, v.Scope); err != nil {
		return err
	}
	saved, err := p.Explores.Saved(ctx, v.Scope)
	if err != nil {
		return err
	}
	zone := v.Institution.Location()
	for _, one := range saved {
		if savedState(one.Query, zone).values().Encode() == v.values().Encode() {
			v.Current = one
		}
	}
	v.Starting = insight.Starting(v.now.In(zone))
	return nil
}

// run asks the explore.
func (p *Pages) run(r *http.Request, d visit.Desk, s state) (insight.Answer, error) {
	q := s.query()
	q.Whole = true
	a, err := p.Explores.Run(r.Context(), d.Scope, q)
	if err != nil {
		return a, err
	}
	return inSteps(a, s.Pivot), nil
}

// labels name what the address says, for messages that read on from a name.
var labels = map[string]string{"limit": "the number of rows", "chart": "the picture"}

// places are the parts of the page that messages lead to; those about the filter lead to it.
var places = map[string]string{"dimensions": "dimensions", "measures": "measures", "pivot": "order", "sorts": "explore", "limit": "limit", "chart": "explore"}

const filterPlace = "explore-filter"

// mend says what is wrong with the address, and remembers with which words of its filter.
func (v *exploreView) mend(faults fault.Fields) {
	v.Wrong = web.Trouble{Status: http.StatusUnprocessableEntity, Fields: web.Named(faults, labels)}
	for i, f := range v.Wrong.Fields {
		if place := places[f.Path]; place != "" {
			v.Wrong.Fields[i].Path = place
			continue
		}
		v.unread = append(v.unread, f.Path)
		v.Wrong.Fields[i].Path = filterPlace
	}
}
