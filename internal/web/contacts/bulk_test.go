package contacts_test

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"beckon/internal/web/visit/visittest"
)

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)

// confirm sends the question of a bulk act back as a browser would, with more fields.
func confirm(h *house, kind string, asked visittest.Answer, more ...string) visittest.Answer {
	h.T.Helper()
	_, form, _ := strings.Cut(asked.Body, `<form class="sheet"`)
	form, _, _ = strings.Cut(form, "</form>")
	for _, m := range hiddenInput.FindAllStringSubmatch(form, -1) {
		more = append(more, m[1], html.UnescapeString(m[2]))
	}
	return h.Coordinator.Post("/at/elm/bulk/"+kind+"/confirm", more...)
}

// selectAll is the form of the first page with everything selected but some rows of it.
func selectAll(filter string, page []string, unticked ...string) (form []string) {
	form = []string{"mode", "filter", "filter", filter}
	for _, id := range page {
		form = append(form, "page_id", id)
		if !slices.Contains(unticked, id) {
			form = append(form, "id", id)
		}
	}
	return form
}

func TestAllThatMatchLessOneUnticked(t *testing.T) {
	h := newHouse(t)
	ids := h.people(60, "Fair 2026")
	h.add("Zoe", "Quist", "zoe@alder.example")
	asked := h.Coordinator.Post("/at/elm/bulk/labels", selectAll("label=Fair+2026", ids[:50], ids[7])...).Shows(200, "Label 59 contacts?")
	confirm(h, "labels", asked, "add", "Spring").LeadsTo("/at/elm/contacts?label=Fair+2026")
	h.Coordinator.Get("/at/elm/contacts").Shows(200, "59 contacts labelled")
	if n := h.count("label=Spring"); n != 59 {
		t.Errorf("%d have the label, want 59", n)
	}
}

func TestActsOnTickedRows(t *testing.T) {
	h := newHouse(t)
	ids := h.people(5)
	foreign := "zzzzz"
	ticked := []string{"mode", "ids", "id", ids[0], "id", ids[1], "id", foreign}
	for _, c := range []struct {
		kind, says string
		more       []string
		filter     string
		want       int
	}{
		{"labels", "Label 2 contacts", []string{"add", "Fair", "remove", ""}, "label=Fair", 2},
		{"labels", "Label 2 contacts", []string{"remove", "Fair"}, "label=Fair", 0},
		{"archive", "Archive 2 contacts", nil, "", 3},
		{"restore", "Restore 2 contacts", nil, "", 5},
		{"delete", "Delete 2 contacts", nil, "archived=any", 3},
	} {
		asked := h.Coordinator.Post("/at/elm/bulk/"+c.kind, ticked...).Shows(200, c.says)
		confirm(h, c.kind, asked, c.more...).LeadsTo("/at/elm/contacts")
		if n := h.count(c.filter); n != c.want {
			t.Errorf("after %s: %d, want %d", c.kind, n, c.want)
		}
	}
	h.Coordinator.Post("/at/elm/bulk/delete", ticked...).Shows(422, "Nobody is selected")
	h.Coordinator.Post("/at/elm/bulk/explode", ticked...).Shows(404)
}

func TestOwnerOfTheSelected(t *testing.T) {
	h := newHouse(t)
	h.people(3)
	asked := h.Coordinator.Post("/at/elm/bulk/owner", "mode", "filter").Shows(200, "Set the owner of 3 contacts?", "Dana Whitfield")
	value := regexp.MustCompile(`<option value="([^"]*)"[^>]*>Dana Whitfield`).FindStringSubmatch(asked.Body)[1]
	confirm(h, "owner", asked, "owner", value).LeadsTo("/at/elm/contacts")
	if n := h.count("owner=" + value); n != 3 {
		t.Errorf("%d have the owner, want 3", n)
	}
	h.Coordinator.Get("/at/elm/contacts?owner="+value).Shows(200, "Owner", "<b>Dana Whitfield</b>")
}

func TestNothingIsDoneToAnotherSelection(t *testing.T) {
	h := newHouse(t)
	h.people(3)
	asked := h.Coordinator.Post("/at/elm/bulk/delete", "mode", "filter", "filter", "").Shows(200, "Delete 3 contacts?")
	h.add("Zoe", "Quist", "zoe@alder.example")
	again := confirm(h, "delete", asked).Shows(409, "Delete 4 contacts?", "another by now")
	if h.count("") != 4 {
		t.Fatal("contacts were deleted without being shown")
	}
	confirm(h, "delete", again).LeadsTo("/at/elm/contacts")
	if h.count("") != 0 {
		t.Error("the contacts are still there")
	}
}

func TestWrongLabelComesBackWithWhatWasTyped(t *testing.T) {
	h := newHouse(t)
	h.people(1)
	asked := h.Coordinator.Post("/at/elm/bulk/labels", "mode", "filter")
	confirm(h, "labels", asked, "add", "", "remove", "").Shows(422, "Write the name of a label")
	confirm(h, "labels", asked, "add", strings.Repeat("x", 400)).Shows(422, strings.Repeat("x", 400))
}

func TestDialogIsAPartOfThePage(t *testing.T) {
	h := newHouse(t)
	h.people(2)
	h.Coordinator.Header.Set("HX-Request", "true")
	asked := h.Coordinator.Post("/at/elm/bulk/archive", "mode", "filter").Shows(200, "Archive 2 contacts?").Lacks("<html", "<nav")
	did := confirm(h, "archive", asked)
	if did.Status != 204 || did.Header.Get("HX-Redirect") != "/at/elm/contacts" {
		t.Errorf("%d, leads to %q", did.Status, did.Header.Get("HX-Redirect"))
	}
}

func TestLongActIsFollowedAndStopped(t *testing.T) {
	h := newHouse(t)
	h.bulkOf(10_001)
	asked := h.Coordinator.Post("/at/elm/bulk/archive", "mode", "filter").Shows(200, "Archive 10,001 contacts?")
	to := confirm(h, "archive", asked).Header.Get("Location")
	if !strings.HasPrefix(to, "/at/elm/acts/") {
		t.Fatalf("leads to %q", to)
	}
	h.Coordinator.Get(to).Shows(200, "0 of 10,001 contacts", "Stop", "Look again")
	h.Viewer.Get(to).Shows(200, "0 of 10,001 contacts").Lacks("/stop")
	stop, _, _ := strings.Cut(to, "?")
	h.Viewer.Post(stop + "/stop").Shows(403)
	h.Stranger.Get(strings.Replace(stop, "elm", "oak", 1)).Shows(404)
	h.Stranger.Post(strings.Replace(stop, "elm", "oak", 1) + "/stop").Shows(404)
	if err := h.Runner.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Coordinator.Get(to).Shows(200, "Done: 10,001 contacts changed").Lacks("hx-get")
	h.Coordinator.Post(stop + "/stop").Shows(409)
}

func TestExportIsOpenToReaders(t *testing.T) {
	h := newHouse(t)
	ids := h.people(3)
	csv := h.Viewer.Post("/at/elm/contacts/export?format=csv", "mode", "filter", "except", ids[0]).Shows(200, "p1@northwind.example").Lacks("p0@northwind.example")
	if got := csv.Header.Get("Content-Disposition"); got != `attachment; filename="elm-contacts-2026-11-23.csv"` {
		t.Error(got)
	}
	h.Viewer.Post("/at/elm/contacts/export?format=jsonl", "mode", "ids", "id", ids[0]).Shows(200, `"email":"p0@northwind.example"`).Lacks("p1@")
	h.Viewer.Post("/at/elm/contacts/export?format=exe", "mode", "filter").Shows(422)
}
