package settings

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
)

// auditView is part of the record of who did what.
type auditView struct {
	desk
	Events []audit.Event
	Total  int
	Pager  components.Pager
}

func (p *Pages) auditLog(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	v := auditView{desk: d}
	way := trail.At(r.URL)
	before, _ := db.ParseID(way.Place())
	err := d.Scope.Require(institution.Read)
	if err == nil {
		err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
			v.Events, v.Total, err = audit.Page(r.Context(), tx, d.Scope.ID(), before, pageSize+1)
			return err
		})
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	next := ""
	if len(v.Events) > pageSize {
		v.Events = v.Events[:pageSize]
		next = db.FormatID(v.Events[pageSize-1].ID)
	}
	v.Pager = way.Pager(pageSize, len(v.Events), v.Total, next)
	web.Render(w, r, http.StatusOK, auditPage(v))
}

// what tells an act in words: "Bulk invite confirmed". What is done to a connection is done
// to a company, for people.
func what(e audit.Event) string {
	words := strings.NewReplacer("connection.requested", "company asked to recruit", "connection.", "company ", ".", " ", "_", " ").Replace(e.Action)
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// who names who acted. People of a company who are not among the contacts have no name here.
func who(e audit.Event) string {
	if e.Actor.Kind == audit.User {
		return cmp.Or(e.Actor.Name, "Somebody of a company")
	}
	return e.Actor.Name
}

// detail tells what an act was about, in the order of the names.
func detail(e audit.Event) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(e.Detail)) {
		if text := fmt.Sprint(e.Detail[name]); text != "" {
			parts = append(parts, strings.ReplaceAll(name, "_", " ")+" "+text)
		}
	}
	return strings.Join(parts, ", ")
}

// subject is where the thing that was acted on can be looked at, "" where nowhere.
func (v auditView) subject(e audit.Event) string {
	paths := map[string]string{"contact": "/contacts/", "bulk_invite": "/invites/", "company": "/employers/", "job": "/jobs/", "interview": "/interviews/", "student": "/students/", "label": "/labels/", "import": "/imports/"}
	path := paths[e.SubjectKind]
	if path == "" || e.SubjectID == 0 {
		return ""
	}
	return v.URL(path + db.FormatID(e.SubjectID))
}
