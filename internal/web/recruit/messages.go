package recruit

import (
	"net/http"

	"beckon/internal/web/components"
	"beckon/internal/web/conversation"
	"github.com/a-h/templ"
)

// room lets a recruiter talk with students.
func (p *Pages) room(do func(conversation.Room, http.ResponseWriter, *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, ok := p.enter(w, r)
		if !ok {
			return
		}
		do(conversation.Room{
			Side:  conversation.Recruiter{Students: p.Students, UserID: v.User.ID},
			Base:  "/recruit/messages",
			Frame: func(title string) templ.Component { return components.RecruiterLayout(v.Page("Messages", title)) },
			Now:   v.now,
			Start: components.Link{Name: "Find students", URL: "/recruit/students"},
			Also:  components.Link{Name: "Propose an interview", URL: "/recruit/interviews/new"},
			Empty: "Find students who allow recruiters to write to them, tick some and write. What they answer stands here.",
		}, w, r)
	}
}
