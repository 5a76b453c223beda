package recruit

import (
	"errors"
	"net/http"
	"net/url"

	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/recruiting"
	"beckon/internal/student"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
)

// found is the list of the students of one institution whom the recruiter may write to.
type found struct {
	view
	places
	// At is the institution, without ID where there is none to look at.
	At    recruiting.Listed
	Q     string
	Rows  []student.Shown
	Total int
	Pager components.Pager
}

func (p *Pages) findStudents(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.enter(w, r); ok {
		p.renderFound(w, r, http.StatusOK, v)
	}
}

func (p *Pages) renderFound(w http.ResponseWriter, r *http.Request, status int, v view) {
	f := found{view: v, Q: r.URL.Query().Get("q")}
	var err error
	if f.places, err = p.places(r.Context(), v); err != nil {
		web.Fail(w, r, err)
		return
	}
	var known bool
	if f.At, known = f.chosen(r.URL.Query().Get("institution")); !known {
		web.NotFound(w, r)
		return
	}
	if f.At.ID == 0 {
		web.Render(w, r, status, studentsPage(f))
		return
	}
	way := trail.At(r.URL)
	rows, next, total, err := p.Students.Find(r.Context(), v.User.ID, f.At.ID, student.FindQuery{Q: f.Q, After: trail.Marked[student.Cursor](way.Place()), Limit: pageSize})
	var refusal *gate.Refusal
	switch {
	case errors.As(err, &refusal):
		f.Explain(w, r, err, nil)
		status = f.Status
	case err != nil:
		web.Fail(w, r, err)
		return
	}
	f.Rows, f.Total, f.Pager = rows, total, way.Pager(pageSize, len(rows), total, trail.Mark(next))
	web.Render(w, r, status, studentsPage(f))
}

// chosen is the institution that the address asks for, or else the first where the company
// may recruit; false where the one asked for does not exist.
func (f found) chosen(id string) (recruiting.Listed, bool) {
	if id == "" {
		if open := f.open(); len(open) > 0 {
			return open[0], true
		}
		return recruiting.Listed{}, true
	}
	for _, l := range f.places {
		if db.FormatID(l.ID) == id {
			return l, true
		}
	}
	return recruiting.Listed{}, false
}

func studentsURL(institutionID int64, q string) string {
	query := url.Values{"institution": {db.FormatID(institutionID)}}
	if q != "" {
		query.Set("q", q)
	}
	return "/recruit/students?" + query.Encode()
}

// selection is what the list tells the script that keeps ticks over pages.
func (f found) selection() components.Selection {
	query := url.Values{"institution": {db.FormatID(f.At.ID)}}
	return components.Selection{Filter: query.Encode(), Total: f.Total, ClearURL: studentsURL(f.At.ID, f.Q)}
}

// choices are the institutions where the company may recruit.
func (f found) choices() (options []components.Option) {
	for _, l := range f.open() {
		options = append(options, components.Option{Value: db.FormatID(l.ID), Label: l.Name})
	}
	return options
}
