package firststeps

import (
	"net/http"
	"testing"

	"beckon/internal/guide"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/visit"
	"beckon/internal/web/visit/visittest"
	"github.com/a-h/templ"
)

// open is a site with a page that shows the guide as the Contacts page and the settings do.
func open(t *testing.T) (s *visittest.Site, owner, viewer *visittest.Browser) {
	s = visittest.New(t)
	guides := &guide.Guides{DB: s.DB, Now: s.Now}
	(&Pages{Guides: guides}).Routes(s.Mux)
	s.Mux.HandleFunc("GET /at/{slug}/contacts", func(w http.ResponseWriter, r *http.Request) {
		d, ok := visit.Staff(w, r)
		if !ok {
			return
		}
		g, err := guides.Of(r.Context(), d.Scope)
		if err != nil {
			t.Error(err)
		}
		web.Render(w, r, http.StatusOK, templ.Join(Card(d, g), Mark(d, g, guide.Look), Again(d, g)))
	})
	elm := s.Institution("Elm University")
	dana, vera := s.User("Dana Whitfield", "dana@elm.example"), s.User("Vera Lund", "vera@elm.example")
	s.Staff(elm, dana, institution.Owner)
	s.Staff(elm, vera, institution.Viewer)
	return s, s.As(dana), s.As(vera)
}

func TestAStepIsNotedAndLeadsOn(t *testing.T) {
	s, owner, _ := open(t)
	const mark = `hx-post="/at/elm/guide/steps/look"`
	owner.Get("/at/elm/contacts").Shows(200, "First steps", "0 of 5", `href="/at/elm/imports/new"`, `href="/help/`, mark).Lacks("(done)", "style=")
	s.Contact(1, "kim@acme.example")
	owner.Get("/at/elm/contacts").Shows(200, "1 of 5", "(done)").Lacks(`href="/at/elm/imports/new"`)
	owner.Post("/at/elm/guide/steps/look").LeadsTo("/at/elm/contacts?standing=contact")
	owner.Get("/at/elm/contacts").Shows(200, "2 of 5").Lacks(mark)
	owner.Post("/at/elm/guide/steps/explore").LeadsTo("/at/elm/insights/contacts")
	owner.Post("/at/elm/guide/steps/approve").Shows(404)
}

func TestPutAwayUntilBroughtBack(t *testing.T) {
	_, owner, viewer := open(t)
	viewer.Get("/at/elm/contacts").Shows(200, "First steps").Lacks("put-away")
	viewer.Post("/at/elm/guide/put-away").Shows(403)
	owner.Post("/at/elm/guide/put-away").LeadsTo("/at/elm/contacts")
	owner.Get("/at/elm/contacts").Shows(200, "bring-back").Lacks("First steps", "hx-post")
	viewer.Get("/at/elm/contacts").Lacks("First steps", "bring-back")
	viewer.Post("/at/elm/guide/bring-back").Shows(403)
	owner.Post("/at/elm/guide/bring-back").LeadsTo("/at/elm/contacts")
	viewer.Get("/at/elm/contacts").Shows(200, "First steps")
}
