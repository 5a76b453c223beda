// Package roster holds staff's pages about the students of their institution: the list, and
// one of them.
package roster

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/student"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
	"beckon/internal/web/visit"
)

const pageSize = 50

// section is the entry of the navigation.
const section = "Students"

// Pages are the pages of this package.
type Pages struct {
	Students *student.Students
	Now      func() time.Time
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /at/{slug}/students", p.list)
	mux.HandleFunc("GET /at/{slug}/students/{id}", p.show)
	mux.HandleFunc("POST /at/{slug}/students/{id}", p.change)
}

// desk is the staff member's place, with what both pages need.
type desk struct {
	visit.Desk
	now time.Time
}

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) (desk, bool) {
	d, ok := visit.Staff(w, r)
	return desk{d, p.Now()}, ok
}

func (d desk) studentURL(id int64) string { return d.URL("/students/" + db.FormatID(id)) }

func (d desk) mayChange() bool { return d.Scope.May(institution.Contacts) }

// listView is the list of students.
type listView struct {
	desk
	student.Query
	Rows  []student.Student
	Total int
	Pager components.Pager
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	said := r.URL.Query()
	way := trail.At(r.URL)
	v := listView{desk: d, Query: student.Query{Q: said.Get("q"), Allows: said.Get("allows"), Archived: said.Get("archived"), After: trail.Marked[student.Cursor](way.Place()), Limit: pageSize}}
	rows, next, total, err := p.Students.List(r.Context(), d.Scope, v.Query)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	v.Rows, v.Total, v.Pager = rows, total, way.Pager(pageSize, len(rows), total, trail.Mark(next))
	web.Render(w, r, http.StatusOK, listPage(v))
}

// filtered tells whether the list leaves somebody out.
func (v listView) filtered() bool { return v.Q != "" || v.Allows != "" || v.Archived != "" }

// tabs are the lists of students by what they have said, and the archive.
func (v listView) tabs() (tabs []components.Tab) {
	for _, t := range []struct{ name, allows, archived string }{
		{"All", "", ""}, {"Recruiters may write", "yes", ""}, {"Not yet", "no", ""}, {"Archived", "", "yes"},
	} {
		query := url.Values{}
		for name, value := range map[string]string{"q": v.Q, "allows": t.allows, "archived": t.archived} {
			if value != "" {
				query.Set(name, value)
			}
		}
		to := v.URL("/students")
		if len(query) > 0 {
			to += "?" + query.Encode()
		}
		tabs = append(tabs, components.Tab{Name: t.name, URL: to, Current: t.allows == v.Allows && t.archived == v.Archived})
	}
	return tabs
}

// state is what a student has said, as a mark and words.
func state(s student.Student) (kind, words string) {
	switch {
	case s.Archived:
		return "", "archived"
	case s.Allows():
		return "good", "may be written to"
	case s.UserID == 0:
		return "", "never signed in"
	}
	return "", "not found by recruiters"
}

func year(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// studentView is the page of one student.
type studentView struct {
	desk
	student.Student
	web.Trouble
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) {
	if d, ok := p.desk(w, r); ok {
		p.draw(w, r, http.StatusOK, studentView{desk: d})
	}
}

func (p *Pages) draw(w http.ResponseWriter, r *http.Request, status int, v studentView) {
	id, err := pathID(r)
	if err == nil {
		v.Student, err = p.Students.Get(r.Context(), v.Scope, id)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, status, studentPage(v))
}

func pathID(r *http.Request) (int64, error) {
	id, ok := db.ParseID(r.PathValue("id"))
	if !ok {
		return 0, fault.NotFound("student")
	}
	return id, nil
}

// change archives, restores or erases the student, as the form says.
func (p *Pages) change(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	id, err := pathID(r)
	do, done, to := p.Students.Archive, "The student is archived", d.studentURL(id)
	switch r.FormValue("act") {
	case "restore":
		do, done = p.Students.Restore, "The student is restored"
	case "erase":
		do, done, to = p.Students.Erase, "The student is erased", d.URL("/students")
	}
	if err == nil {
		err = do(r.Context(), d.Scope, id)
	}
	if err == nil {
		web.SetFlash(w, r, components.Flash{Kind: "good", Text: done, Link: components.Link{Name: "Students", URL: d.URL("/students")}})
		web.Redirect(w, r, to)
		return
	}
	t, ok := web.ExplainForm(w, err, nil)
	if !ok || t.Status == http.StatusForbidden {
		web.Fail(w, r, err)
		return
	}
	p.draw(w, r, t.Status, studentView{desk: d, Trouble: t})
}
