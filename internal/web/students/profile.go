package students

import (
	"net/http"
	"net/url"

	"beckon/internal/student"
	"beckon/internal/web"
	"beckon/internal/web/components"
)

var profileLabels = map[string]string{"about": "A line about you"}

// profile is the page on which a student decides what recruiters see.
type profile struct {
	view
	Me student.Student
}

// choice is what the form says: what was sent, otherwise what is stored.
func (p profile) choice() student.Choice {
	if p.Typed != nil {
		return choiceOf(p.Typed)
	}
	return student.Choice{Allows: p.Me.Allows(), ShowsMajor: p.Me.ShowsMajor, ShowsYear: p.Me.ShowsYear, About: p.Me.About}
}

func choiceOf(form url.Values) student.Choice {
	return student.Choice{Allows: form.Get("allows") != "", ShowsMajor: form.Get("shows_major") != "", ShowsYear: form.Get("shows_year") != "", About: form.Get("about")}
}

// shown is what a recruiter sees of the student under this choice.
func (p profile) shown() student.Shown {
	c, me := p.choice(), p.Me
	me.ShowsMajor, me.ShowsYear, me.About = c.ShowsMajor, c.ShowsYear, c.About
	return me.Shown()
}

func (p *Pages) showProfile(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.enter(w, r); ok {
		p.renderProfile(w, r, http.StatusOK, v)
	}
}

func (p *Pages) renderProfile(w http.ResponseWriter, r *http.Request, status int, v view) {
	me, err := p.Students.Me(r.Context(), v.Scope)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, status, profilePage(profile{v, me}))
}

// saveProfile keeps the choice, or shows what a recruiter would see if it were kept.
func (p *Pages) saveProfile(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	if err := r.ParseForm(); err != nil {
		web.Fail(w, r, err)
		return
	}
	if r.PostForm.Has("preview") {
		v.Typed = r.PostForm
		p.renderProfile(w, r, http.StatusOK, v)
		return
	}
	me, err := p.Students.Allow(r.Context(), v.Scope, choiceOf(r.PostForm))
	if err != nil {
		if v.Explain(w, r, err, profileLabels) {
			p.renderProfile(w, r, v.Status, v)
		}
		return
	}
	text := "Saved. Nobody can find you or write to you."
	if me.Allows() {
		text = "Saved. Recruiters whom " + v.Institution.Name + " has approved can find you now."
	}
	v.done(w, r, "/profile", components.Flash{Kind: "good", Text: text})
}
