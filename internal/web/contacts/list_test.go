package contacts_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"beckon/internal/web/visit/visittest"
)

func TestListEscapesWhatPeopleWrote(t *testing.T) {
	h := newHouse(t)
	c := h.add("<script>alert(1)</script>", "O'Hara & Sons", "x@northwind.example", "<b>Fair</b>")
	for _, path := range []string{"/at/elm/contacts", "/at/elm/contacts?q=%3Cscript%3E", page(c, ""), page(c, "/edit")} {
		h.Coordinator.Get(path).Shows(200, "&lt;script&gt;", "O&#39;Hara &amp; Sons").Lacks("<script>alert", "<b>Fair</b>")
	}
}

func TestListCountsAndTellsItsFilter(t *testing.T) {
	h := newHouse(t)
	h.people(3, "Fair 2026")
	h.add("Zoe", "Quist", "zoe@alder.example")
	h.Coordinator.Get("/at/elm/contacts").Shows(200, `<span class="soft num">4</span>`, "Zoe Quist")
	answer := h.Coordinator.Get("/at/elm/contacts?label=Fair+2026&standing=contact&standing=user&sort=email")
	answer.Shows(200, "3 of 4", "<b>Fair 2026</b>", "<b>contact</b>", "<b>user</b>", `aria-sort="ascending"`,
		`href="/at/elm/contacts?sort=email&amp;standing=contact&amp;standing=user" aria-label="Remove filter Label Fair 2026"`).Lacks("Zoe Quist")
	h.Coordinator.Get("/at/elm/contacts?label=nobody").Shows(200, "Nobody matches")
	h.Coordinator.Get("/at/elm/contacts?colour=red").Shows(422, "is not a word of the filter", "All contacts")
	h.Coordinator.Get("/at/elm/contacts?q=").Shows(200, "Zoe Quist")
}

func TestPanelMakesAFilter(t *testing.T) {
	h := newHouse(t)
	h.Coordinator.Get("/at/elm/contacts/filter?kept_label=Board&label_how=label_none&add_label=Fair&company=&domain=x.example&standing=user&none_owner=1&archived=no&invited_after=&sort=email").
		LeadsTo("/at/elm/contacts?domain=x.example&label=Board&label_none=Fair&owner=&sort=email&standing=user")
	h.Coordinator.Get("/at/elm/contacts/filter?label_how=sort&add_label=Fair").LeadsTo("/at/elm/contacts")
}

// link is the address behind a link's text.
func link(t *testing.T, a visittest.Answer, rel string) string {
	t.Helper()
	m := regexp.MustCompile(`rel="` + rel + `" href="([^"]*)"`).FindStringSubmatch(a.Body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

func TestPagingGoesOnAndBack(t *testing.T) {
	h := newHouse(t)
	h.people(120)
	first := h.Coordinator.Get("/at/elm/contacts").Shows(200, "1 to 50 of 120", "L00000", "L00049").Lacks("L00050")
	second := h.Coordinator.Get(link(t, first, "next")).Shows(200, "51 to 100 of 120", "L00050").Lacks("L00049", "L00100")
	third := h.Coordinator.Get(link(t, second, "next")).Shows(200, "101 to 120 of 120", "L00119")
	if next := link(t, third, "next"); next != "" {
		t.Errorf("the last page leads on to %s", next)
	}
	back := h.Coordinator.Get(link(t, third, "prev")).Shows(200, "51 to 100 of 120", "L00050")
	if to := link(t, back, "prev"); to != "/at/elm/contacts" {
		t.Errorf("the second page leads back to %s", to)
	}
	// Select all keeps one on the page.
	if all := h.Coordinator.Get(link(t, first, "next") + "&select=all"); strings.Count(all.Shows(200, "120 selected").Body, " checked") < 50 {
		t.Error("not every row is ticked")
	}
}

func TestViewerSeesNoButtonsThatRefuse(t *testing.T) {
	h := newHouse(t)
	c := h.add("Ada", "Lang", "ada@northwind.example", "Fair 2026")
	id := page(c, "")
	h.Viewer.Get("/at/elm/contacts").Shows(200, "Ada Lang", "Export as CSV").
		Lacks("Add contact", "/imports/new", "Set owner", "/bulk/", "/invites/new", "Save view")
	h.Viewer.Get(id).Shows(200, "Ada Lang").Lacks("/edit", "/delete", "/archive", "/labels\"", "/invites/new")
	h.Viewer.Get(id + "/edit").Shows(403)
	h.Viewer.Get("/at/elm/contacts/new").Shows(403)
	for _, path := range []string{id + "/edit", id + "/labels", id + "/archive", id + "/restore", id + "/delete", id + "/remind", "/at/elm/contacts/new", "/at/elm/views",
		"/at/elm/bulk/delete", "/at/elm/bulk/delete/confirm"} {
		h.Viewer.Post(path, "mode", "filter", "email", "a@b.example", "first_name", "A", "last_name", "B", "add", "x", "name", "Mine").Shows(403)
	}
	if h.count("") != 1 || h.count("label=x") != 0 {
		t.Error("a viewer changed something")
	}
}

func TestOtherInstitutionsSeeNothing(t *testing.T) {
	h := newHouse(t)
	c := h.add("Ada", "Lang", "ada@northwind.example")
	for _, path := range []string{"", "/invites", "/edit"} {
		h.Stranger.Get(page(c, path)).Shows(404).Lacks("Ada")
		h.Stranger.Get(strings.Replace(page(c, path), "elm", "oak", 1)).Shows(404).Lacks("Ada")
	}
	for _, path := range []string{"/edit", "/labels", "/archive", "/restore", "/delete", "/remind"} {
		h.Stranger.Post(strings.Replace(page(c, path), "elm", "oak", 1), "add", "Mine").Shows(404)
	}
	h.Stranger.Get("/at/elm/contacts").Shows(404)
	h.Stranger.Get("/at/elm/acts/1").Shows(404)
	h.Visitor().Get("/at/elm/contacts").LeadsTo("/sign-in?to=%2Fat%2Felm%2Fcontacts")
	if h.count("") != 1 {
		t.Error("a stranger changed something")
	}
}

func TestViewsAreSavedCountedAndDeleted(t *testing.T) {
	h := newHouse(t)
	h.people(3, "Fair 2026")
	h.Coordinator.Post("/at/elm/views", "name", "Fair", "filter", "label=Fair+2026").LeadsTo("/at/elm/contacts?label=Fair+2026")
	h.Coordinator.Get("/at/elm/contacts?label=Fair+2026").Shows(200, `href="/at/elm/contacts?label=Fair+2026" aria-current="page"`, `<span class="badge">3</span>`)
	list := h.Coordinator.Get("/at/elm/views").Shows(200, "Fair", "Label Fair 2026")
	h.Viewer.Get("/at/elm/views").Shows(200, "No views yet")
	h.Coordinator.Post("/at/elm/views", "name", "For all", "filter", "", "shared", "1").Shows(403)
	action := regexp.MustCompile(`action="(/at/elm/views/[^"]*/delete)"`).FindStringSubmatch(list.Body)
	if action == nil {
		t.Fatal("no way to delete the view")
	}
	h.Viewer.Post(action[1]).Shows(403)
	h.Coordinator.Post(action[1]).LeadsTo("/at/elm/views")
	h.Coordinator.Get("/at/elm/views").Shows(200, "No views yet")
}
