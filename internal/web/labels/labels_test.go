package labels_test

import (
	"strings"
	"testing"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/web/labels"
	"beckon/internal/web/visit/visittest"
)

type house struct {
	*visittest.Site
	book      *contact.Book
	elm       institution.Scope
	dana, vic *visittest.Browser
	stranger  *visittest.Browser
}

func newHouse(t *testing.T) house {
	s := visittest.New(t)
	h := house{Site: s, book: &contact.Book{DB: s.DB, Now: s.Now}}
	(&labels.Pages{Book: h.book}).Routes(s.Mux)
	h.elm = institution.System(s.Institution("Elm University"), "test")
	oak := s.Institution("Oak College")
	staff := func(at int64, name, email string, role institution.Role) *visittest.Browser {
		id := s.User(name, email)
		s.Staff(at, id, role)
		return s.As(id)
	}
	h.dana = staff(h.elm.ID(), "Dana Whitfield", "dana@elm.example", institution.Coordinator)
	h.vic = staff(h.elm.ID(), "Vic Lund", "vic@elm.example", institution.Viewer)
	h.stranger = staff(oak, "Olive Banks", "olive@oak.example", institution.Owner)
	return h
}

func (h house) label(name string) (l contact.Label, url string) {
	h.T.Helper()
	l, err := h.book.CreateLabel(h.T.Context(), h.elm, name, contact.LabelNormal, 1)
	if err != nil {
		h.T.Fatal(err)
	}
	return l, "/at/elm/labels/" + db.FormatID(l.ID)
}

func (h house) names() string {
	h.T.Helper()
	all, err := h.book.Labels(h.T.Context(), h.elm)
	if err != nil {
		h.T.Fatal(err)
	}
	var names []string
	for _, l := range all {
		names = append(names, l.Name)
	}
	return strings.Join(names, " ")
}

func TestLabelsAreMadeChangedArchivedAndDeleted(t *testing.T) {
	h := newHouse(t)
	h.dana.Get("/at/elm/labels").Shows(200, "No labels yet")
	h.dana.Post("/at/elm/labels", "name", "<b>Fair</b>", "kind", "public", "color", "3").LeadsTo("/at/elm/labels")
	h.dana.Get("/at/elm/labels").Shows(200, "&lt;b&gt;Fair", "public", "dot-3", "/at/elm/contacts?archived=any&amp;label=%3Cb%3EFair%3C%2Fb%3E").Lacks("<b>Fair")
	h.dana.Post("/at/elm/labels", "name", "<B>fair</b>", "kind", "normal", "color", "0").Shows(409, "&lt;B&gt;fair")
	h.dana.Post("/at/elm/labels", "name", "", "kind", "normal", "color", "99").Shows(422, `href="#name"`, `href="#color"`)

	_, board := h.label("Board")
	h.dana.Post(board, "name", "Advisory board", "kind", "normal", "color", "2").LeadsTo("/at/elm/labels")
	h.dana.Post(board + "/archive").LeadsTo("/at/elm/labels")
	h.dana.Get(board).Shows(200, "Advisory board", "Restore")
	h.dana.Post(board + "/restore").LeadsTo("/at/elm/labels")
	h.dana.Post(board + "/delete").LeadsTo("/at/elm/labels")
	h.dana.Get(board).Shows(404)
	if got := h.names(); got != "<b>Fair</b>" {
		t.Errorf("left: %s", got)
	}
}

func TestLabelsOfOthersAndForViewers(t *testing.T) {
	h := newHouse(t)
	_, board := h.label("Board")
	foreign := strings.Replace(board, "elm", "oak", 1)
	h.vic.Get("/at/elm/labels").Shows(200, "Board").Lacks("New label", ">Edit<")
	h.stranger.Get(foreign).Shows(404)
	for _, act := range []string{"", "/archive", "/restore", "/delete"} {
		h.vic.Post(board+act, "name", "Mine", "kind", "normal", "color", "0").Shows(403)
		h.stranger.Post(foreign+act, "name", "Mine", "kind", "normal", "color", "0").Shows(404)
	}
	h.vic.Post("/at/elm/labels", "name", "Mine", "kind", "normal", "color", "0").Shows(403)
	if got := h.names(); got != "Board" {
		t.Errorf("there are: %s", got)
	}
}
