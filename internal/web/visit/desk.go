package visit

import (
	"context"
	"net/http"
	"strings"

	"beckon/internal/account"
	"beckon/internal/company"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"github.com/a-h/templ"
)

// Desk is a staff member at an institution, as the pages below /at/{slug} need it.
type Desk struct {
	Visitor
	Scope       institution.Scope
	Institution institution.Institution
	Shell       components.Shell
}

// Page is the frame of a page with this title, under an entry of the navigation.
func (d Desk) Page(section, title string) components.Shell {
	return titled(d.Shell, section, title)
}

// URL is the address of a page of this institution; path begins with a slash.
func (d Desk) URL(path string) string { return At(d.Institution.Slug, path) }

// At is the address of a page of the institution with that slug.
func At(slug, path string) string { return "/at/" + slug + path }

// Staff tells who works at the institution named by {slug} in the address. It answers the
// request itself and gives false where nobody is signed in (the sign-in), and for who has
// no role there (404, as if there were no such institution).
func Staff(w http.ResponseWriter, r *http.Request) (Desk, bool) {
	visitor, ok := Required(w, r)
	if !ok {
		return Desk{}, false
	}
	known := r.Context().Value(contextKey{}).(visiting)
	d, err := known.visits.desk(r.Context(), visitor, r.PathValue("slug"), !web.Partial(r))
	if err != nil {
		web.Fail(w, r, err)
		return Desk{}, false
	}
	d.Shell.Flash = flash(w, r)
	return d, true
}

// desk reads what a page of an institution needs; whole tells that a frame is shown.
func (v *Visits) desk(ctx context.Context, visitor Visitor, slug string, whole bool) (d Desk, err error) {
	d.Visitor = visitor
	if d.Institution, err = v.Institutions.BySlug(ctx, slug); err != nil {
		return d, err
	}
	if d.Scope, err = institution.Staff(ctx, v.Institutions.DB, visitor.User.ID, d.Institution.ID); err != nil {
		return d, err
	}
	role := string(d.Scope.Role())
	d.Shell = components.Shell{
		Base: At(slug, ""), Institution: d.Institution.Name, UserName: visitor.User.Name(),
		Role: strings.ToUpper(role[:1]) + role[1:], Reviews: d.Scope.May(institution.Review),
	}
	if !whole {
		return d, nil
	}
	if d.Shell.Others, err = v.others(ctx, visitor.User, At(slug, "/contacts")); err != nil {
		return d, err
	}
	if v.StaffCounts != nil {
		if d.Shell.Counts, err = v.StaffCounts(ctx, d.Scope); err != nil {
			return d, err
		}
	}
	if v.StaffViews != nil {
		d.Shell.Views, err = v.StaffViews(ctx, d.Scope)
	}
	return d, err
}

// Seat is a company's recruiter, or somebody who may become one, as the pages below
// /recruit need it.
type Seat struct {
	Visitor
	// Membership is where the person stands with companies; see company.Companies.Of.
	Membership company.Membership
	Shell      components.Shell
}

// Page is the frame of a page with this title, under an entry of the navigation.
func (s Seat) Page(section, title string) components.Shell {
	return titled(s.Shell, section, title)
}

// Belongs tells whether a company has approved the person.
func (s Seat) Belongs() bool { return s.Membership.State == company.Approved }

// Employer tells who is signed in and where with companies. It answers the request itself
// and gives false where nobody is signed in.
func Employer(w http.ResponseWriter, r *http.Request) (Seat, bool) {
	visitor, ok := Required(w, r)
	if !ok {
		return Seat{}, false
	}
	known := r.Context().Value(contextKey{}).(visiting)
	s, err := known.visits.seat(r.Context(), visitor, !web.Partial(r))
	if err != nil {
		web.Fail(w, r, err)
		return Seat{}, false
	}
	s.Shell.Flash = flash(w, r)
	return s, true
}

func (v *Visits) seat(ctx context.Context, visitor Visitor, whole bool) (s Seat, err error) {
	s.Visitor = visitor
	if s.Membership, err = v.Companies.Of(ctx, visitor.User.ID); err != nil {
		return s, err
	}
	s.Shell = components.Shell{Base: "/recruit", UserName: visitor.User.Name()}
	if s.Belongs() {
		s.Shell.Institution = s.Membership.Company
		s.Shell.Role = strings.ToUpper(s.Membership.Role[:1]) + s.Membership.Role[1:]
	}
	if !whole {
		return s, nil
	}
	if s.Shell.Others, err = v.others(ctx, visitor.User, recruitHome); err != nil || !s.Belongs() {
		return s, err
	}
	if v.RecruiterCounts != nil {
		if s.Shell.Counts, err = v.RecruiterCounts(ctx, visitor.User.ID); err != nil {
			return s, err
		}
	}
	if s.Membership.Role == company.Admin {
		_, _, s.Shell.Counts.Approvals, err = v.Companies.People(ctx, visitor.User.ID, s.Membership.CompanyID, company.Pending, 0, 1)
	}
	return s, err
}

// Own is a person at the pages that are about nobody but that person.
type Own struct {
	Visitor
	Shell components.Shell
	// layout is the frame of the place where the person belongs.
	layout func(components.Shell) templ.Component
}

// Frame is what surrounds such a page: that of the place where the person works, recruits
// or studies, the first of these.
func (o Own) Frame(title string) templ.Component {
	return o.layout(titled(o.Shell, "Account", title))
}

// Account tells who is signed in, for pages about that person alone. It answers the request
// itself and gives false where nobody is signed in.
func Account(w http.ResponseWriter, r *http.Request) (Own, bool) {
	visitor, ok := Required(w, r)
	if !ok {
		return Own{}, false
	}
	v := r.Context().Value(contextKey{}).(visiting).visits
	o, err := v.own(r.Context(), visitor, !web.Partial(r))
	if err != nil {
		web.Fail(w, r, err)
		return Own{}, false
	}
	o.Shell.Flash = flash(w, r)
	return o, true
}

func (v *Visits) own(ctx context.Context, visitor Visitor, whole bool) (o Own, err error) {
	o.Visitor = visitor
	works, err := v.Institutions.OfStaff(ctx, visitor.User.ID)
	if err != nil {
		return o, err
	}
	if len(works) > 0 {
		d, err := v.desk(ctx, visitor, works[0].Slug, whole)
		o.Shell, o.layout = d.Shell, components.Layout
		return o, err
	}
	s, err := v.seat(ctx, visitor, whole)
	o.Shell, o.layout = s.Shell, components.RecruiterLayout
	if err != nil || s.Membership.ID != 0 {
		return o, err
	}
	studies, err := v.Institutions.OfStudent(ctx, visitor.User.ID)
	if err != nil || len(studies) == 0 {
		return o, err
	}
	p, err := v.pupil(ctx, visitor, studies[0].Slug, whole)
	o.Shell, o.layout = p.Shell, components.StudentLayout
	return o, err
}

// The first pages of the recruiter's side, and of a student's below the institution.
const (
	recruitHome = "/recruit/institutions"
	studentHome = "/jobs"
)

// Places are where the user may go after signing in: the institutions where they work and
// those where they are students, and the recruiter's side for who has to do with a company,
// or is neither.
func (v *Visits) Places(ctx context.Context, u account.User) (places []components.Link, err error) {
	works, err := v.Institutions.OfStaff(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	for _, i := range works {
		places = append(places, components.Link{Name: i.Name, URL: At(i.Slug, "/contacts")})
	}
	studies, err := v.Institutions.OfStudent(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	for _, i := range studies {
		places = append(places, components.Link{Name: i.Name + " as a student", URL: AsStudent(i.Slug, studentHome)})
	}
	m, err := v.Companies.Of(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	switch {
	case m.State == company.Approved:
		places = append(places, components.Link{Name: m.Company, URL: recruitHome})
	case m.ID != 0 || len(places) == 0:
		places = append(places, components.Link{Name: "Recruiting", URL: recruitHome})
	}
	return places, nil
}

// others are the places of a user but the one at url.
func (v *Visits) others(ctx context.Context, u account.User, url string) (others []components.Link, err error) {
	places, err := v.Places(ctx, u)
	for _, p := range places {
		if p.URL != url {
			others = append(others, p)
		}
	}
	return others, err
}

func titled(shell components.Shell, section, title string) components.Shell {
	shell.Section, shell.Title = section, title
	return shell
}

// flash is the message for the page that is shown next; a part of a page is none.
func flash(w http.ResponseWriter, r *http.Request) *components.Flash {
	if r.Method != http.MethodGet || web.Partial(r) {
		return nil
	}
	return web.TakeFlash(w, r)
}
