package recruit

import (
	"net/http"
	"slices"
	"strings"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/recruiting"
	"beckon/internal/student"
	"beckon/internal/web"
	"beckon/internal/web/components"
)

var letterLabels = map[string]string{"subject": "Subject", "body": "Message", "students": "Students"}

// letter is the page on which a message to students is written.
type letter struct {
	view
	At recruiting.Listed
	// To are those of the chosen who can be written to, Gone how many of the chosen cannot.
	To   []student.Shown
	Gone int
	// Left is how many messages the company may still send there today.
	Left int
}

// enough tells whether the message can go as it stands.
func (l letter) enough() bool { return len(l.To) > 0 && len(l.To) <= min(student.MostAtOnce, l.Left) }

// newLetter asks for the words to those who were ticked.
func (p *Pages) newLetter(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	if err := r.ParseForm(); err != nil {
		web.Fail(w, r, err)
		return
	}
	ids := web.ParseSelection(r.PostForm).IDs
	if only := r.PostForm.Get("only"); only != "" {
		ids = []string{only}
	}
	p.renderLetter(w, r, http.StatusOK, v, ids)
}

// renderLetter shows the page for those of the students with these ids who may be written to.
func (p *Pages) renderLetter(w http.ResponseWriter, r *http.Request, status int, v view, ids []string) {
	l := letter{view: v}
	all, err := p.places(r.Context(), v)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	at := slices.IndexFunc(all, func(place recruiting.Listed) bool { return db.FormatID(place.ID) == r.PostForm.Get("institution") })
	if at < 0 {
		web.NotFound(w, r)
		return
	}
	l.At = all[at]
	chosen := parseIDs(ids)
	if l.To, l.Left, err = p.Students.Recipients(r.Context(), v.User.ID, l.At.ID, chosen); err != nil && l.Status == 0 {
		if !l.Explain(w, r, err, letterLabels) {
			return
		}
		l.Fields = aboutStudents(l.Fields)
	}
	if l.Status != 0 {
		status = l.Status
	}
	l.Gone = len(chosen) - len(l.To)
	web.Render(w, r, status, letterPage(l))
}

// parseIDs reads students' ids; what is no id is 0, whom nobody sees.
func parseIDs(texts []string) (ids []int64) {
	for _, text := range texts {
		id, _ := db.ParseID(text)
		ids = append(ids, id)
	}
	return ids
}

// send lets the message go.
func (p *Pages) send(w http.ResponseWriter, r *http.Request) {
	v, ok := p.enter(w, r)
	if !ok {
		return
	}
	at, _ := db.ParseID(r.FormValue("institution")) // 0, which does not exist, where it is no id
	ids := r.PostForm["id"]
	threads, err := p.Students.Write(r.Context(), v.User.ID, student.Letter{InstitutionID: at, Students: parseIDs(ids), Subject: r.FormValue("subject"), Body: r.FormValue("body")})
	if err != nil {
		if v.Explain(w, r, err, letterLabels) {
			v.Fields = aboutStudents(v.Fields)
			p.renderLetter(w, r, v.Status, v, ids)
		}
		return
	}
	to := "/recruit/messages"
	if len(threads) == 1 {
		to = "/recruit/messages/" + db.FormatID(threads[0].ID)
	}
	done(w, r, to, components.Flash{Kind: "good", Done: true, Text: "Sent to " + components.Count(len(threads), "student", "students") + ". Their answers come here; we mail you that there is one."})
}

// aboutStudents puts what is wrong with single students to the list of them.
func aboutStudents(fields fault.Fields) fault.Fields {
	kept := fault.Fields{}
	gone := 0
	for _, f := range fields {
		if strings.HasPrefix(f.Path, "students[") {
			gone++
		} else {
			kept = append(kept, f)
		}
	}
	if gone > 0 {
		kept = append(kept, fault.Field{Path: "students", Message: components.Count(gone, "student does", "students do") + " not take messages from you any more and is left out now. Send it again to the others."})
	}
	return kept
}

func (l letter) title() string {
	if len(l.To) == 1 {
		return "Write to " + l.To[0].Name()
	}
	return "Write to " + components.Count(len(l.To), "student", "students")
}
