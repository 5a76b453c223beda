package students

import (
	"net/http"

	"beckon/internal/db"
	"beckon/internal/student"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/conversation"
	"beckon/internal/web/trail"
	"github.com/a-h/templ"
)

// room lets a student talk with recruiters.
func (p *Pages) room(do func(conversation.Room, http.ResponseWriter, *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, ok := p.enter(w, r)
		if !ok {
			return
		}
		do(conversation.Room{
			Side:    conversation.Student{Students: p.Students, Scope: v.Scope},
			Base:    v.URL("/messages"),
			Frame:   func(title string) templ.Component { return components.StudentLayout(v.Page("Messages", title)) },
			Now:     v.now,
			Empty:   "Recruiters whom " + v.Institution.Name + " has approved can write to you once you allow it, under What recruiters see. You answer here; nobody sees your address.",
			Acts:    func(student.Thread) templ.Component { return blockActs(v) },
			Dialogs: func(t student.Thread) templ.Component { return blockDialog(v, t) },
		}, w, r)
	}
}

// block shuts one recruiter out, or the whole company.
func (p *Pages) block(w http.ResponseWriter, r *http.Request) {
	v, id, ok := p.open(w, r, "thread")
	if !ok {
		return
	}
	t, err := p.Students.ThreadForStudent(r.Context(), v.Scope, id)
	company := r.FormValue("whom") == "company"
	if err == nil {
		err = p.Students.Block(r.Context(), v.Scope, id, company)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	whom := t.Recruiter
	if company {
		whom = "Everybody at " + t.Company
	}
	v.done(w, r, "/messages/"+db.FormatID(id), components.Flash{Kind: "good", Text: whom + " is blocked.", Link: components.Link{Name: "Whom you have blocked", URL: v.URL("/blocked")}})
}

// blocks is the list of senders whom a student has blocked.
type blocks struct {
	view
	Q     string
	Rows  []student.Blocked
	Total int
	Pager components.Pager
}

func (p *Pages) listBlocks(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	b, way := blocks{view: v, Q: r.URL.Query().Get("q")}, trail.At(r.URL)
	rows, next, total, err := p.Students.Blocks(r.Context(), v.Scope, student.BlockQuery{Q: b.Q, After: trail.Marked[student.BlockPlace](way.Place()), Limit: pageSize})
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	b.Rows, b.Total, b.Pager = rows, total, way.Pager(pageSize, len(rows), total, trail.Mark(next))
	web.Render(w, r, http.StatusOK, blocksPage(b))
}

func (p *Pages) unblock(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	// No id is 0: that is no company, and as a recruiter the whole company.
	companyID, _ := db.ParseID(r.FormValue("company"))
	userID, _ := db.ParseID(r.FormValue("recruiter"))
	if err := p.Students.Unblock(r.Context(), v.Scope, companyID, userID); err != nil {
		web.Fail(w, r, err)
		return
	}
	v.done(w, r, "/blocked", components.Flash{Kind: "good", Text: "The block is lifted."})
}

// who names what is blocked.
func who(b student.Blocked) string {
	if b.UserID == 0 {
		return "Everybody at " + b.Company
	}
	return b.Recruiter
}

// recruiterOf is the recruiter's id for a form, "" for the whole company.
func recruiterOf(b student.Blocked) string {
	if b.UserID == 0 {
		return ""
	}
	return db.FormatID(b.UserID)
}
