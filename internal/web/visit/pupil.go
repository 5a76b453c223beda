package visit

import (
	"context"
	"net/http"

	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
)

// Pupil is a student of an institution, as the pages below /student/{slug} need it.
type Pupil struct {
	Visitor
	Scope       institution.Scope
	Institution institution.Institution
	Shell       components.Shell
}

// Page is the frame of a page with this title, under an entry of the navigation.
func (p Pupil) Page(section, title string) components.Shell {
	return titled(p.Shell, section, title)
}

// URL is the address of a student's page at this institution; path begins with a slash.
func (p Pupil) URL(path string) string { return AsStudent(p.Institution.Slug, path) }

// AsStudent is the address of a student's page at the institution with that slug.
func AsStudent(slug, path string) string { return "/student/" + slug + path }

// Student tells which student of the institution named by {slug} in the address is signed
// in. It answers the request itself and gives false where nobody is signed in (the
// sign-in), and for who is no student there (404, as if there were no such institution).
func Student(w http.ResponseWriter, r *http.Request) (Pupil, bool) {
	visitor, ok := Required(w, r)
	if !ok {
		return Pupil{}, false
	}
	known := r.Context().Value(contextKey{}).(visiting)
	p, err := known.visits.pupil(r.Context(), visitor, r.PathValue("slug"), !web.Partial(r))
	if err != nil {
		web.Fail(w, r, err)
		return Pupil{}, false
	}
	p.Shell.Flash = flash(w, r)
	return p, true
}

// pupil reads what a student's page needs; whole tells that a frame is shown.
func (v *Visits) pupil(ctx context.Context, visitor Visitor, slug string, whole bool) (p Pupil, err error) {
	p.Visitor = visitor
	if p.Institution, err = v.Institutions.BySlug(ctx, slug); err != nil {
		return p, err
	}
	if p.Scope, err = institution.Student(ctx, v.Institutions.DB, visitor.User.ID, p.Institution.ID); err != nil {
		return p, err
	}
	p.Shell = components.Shell{
		Base: AsStudent(slug, ""), Institution: p.Institution.Name, UserName: visitor.User.Name(), Role: "Student",
	}
	if !whole {
		return p, nil
	}
	if p.Shell.Others, err = v.others(ctx, visitor.User, AsStudent(slug, studentHome)); err != nil {
		return p, err
	}
	if v.StudentCounts != nil {
		p.Shell.Counts, err = v.StudentCounts(ctx, p.Scope)
	}
	return p, err
}
