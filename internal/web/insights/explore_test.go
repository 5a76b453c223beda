package insights_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEveryNumberLeadsToItsContacts(t *testing.T) {
	h := newHouse(t)
	h.fair()
	page := h.Viewer.Get(explorePath+"?dim=label&measure=contacts&measure=companies").Shows(200, "Contacts and companies by label",
		"All, each once", "A contact with two labels stands in both rows")
	for name, want := range map[string][]string{"Fair 2026": {"5", "2"}, "Board": {"3", "1"}, "No label": {"4", "1"}, "All, each once": {"10", "3"}} {
		texts, links := row(t, page, name)
		if !slices.Equal(texts, want) {
			t.Errorf("%s: %q, want %q", name, texts, want)
			continue
		}
		if links[1] != "" {
			t.Errorf("%s: companies lead to %s, which are contacts", name, links[1])
		}
		shown := regexp.MustCompile(`<span class="soft num">([^<]*)</span>`).FindStringSubmatch(h.Viewer.Get(links[0]).Shows(200).Body)
		if first, _, _ := strings.Cut(shown[1], " "); first != want[0] {
			t.Errorf("%s: %s lists %s contacts, want %s", name, links[0], first, want[0])
		}
	}
}

func TestPivotShowsPartsAndWhole(t *testing.T) {
	h := newHouse(t)
	h.fair()
	page := h.Viewer.Get(explorePath+"?dim=company&pivot=label&measure=contacts&sort=company").Shows(200, `colspan="3"`, "Contacts, by label", "as columns")
	texts, links := row(t, page, "Alder")
	if want := []string{"3", "2", "–", "3"}; len(texts) != 4 || texts[3] != want[3] {
		t.Errorf("Alder: %q, want %q", texts, want)
	}
	if !strings.Contains(links[len(links)-1], "company=") {
		t.Errorf("the whole leads to %s", links[len(links)-1])
	}
}

func TestFieldsArePickedInOrder(t *testing.T) {
	h := newHouse(t)
	h.fair()
	const form = explorePath + "/fields?order=title&order=label&dim=company&dim=label&dim=title&measure=contacts&limit=500&label_none=Board&chart=bar"
	const made = explorePath + "?chart=bar&dim=title&dim=label&dim=company&label_none=Board&measure=contacts"
	h.Viewer.Get(form).LeadsTo(made)
	h.Viewer.Get(explorePath + "/fields?dim=company&pivot=label&limit=50").LeadsTo(explorePath + "?dim=company&limit=50")
	h.Viewer.Get(explorePath + "/filter?kept_label=Board&dim=title&dim=label&measure=contacts&sort=-label&standing=user").
		LeadsTo(explorePath + "?dim=title&dim=label&label=Board&measure=contacts&sort=-label&standing=user")
	quick := h.As(h.dana)
	quick.Header.Set("HX-Request", "true")
	part := quick.Get(form).Shows(200, `id="explore"`).Lacks("<html")
	if got := part.Header.Get("HX-Push-Url"); got != made {
		t.Errorf("the address becomes %q", got)
	}
	// Title before label: it can be moved, made columns of, and taken away.
	h.Viewer.Get(made).Shows(200, `href="/at/elm/insights/contacts?chart=bar&amp;dim=label&amp;dim=title&amp;dim=company&amp;label_none=Board&amp;measure=contacts"`,
		`href="/at/elm/insights/contacts?chart=bar&amp;dim=title&amp;dim=company&amp;label_none=Board&amp;measure=contacts&amp;pivot=label"`,
		`href="/at/elm/insights/contacts?chart=bar&amp;dim=title&amp;dim=company&amp;label_none=Board&amp;measure=contacts"`,
		`aria-label="Remove filter No label Board"`, `href="/at/elm/contacts?label_none=Board"`)
}

func TestHeadsSort(t *testing.T) {
	h := newHouse(t)
	h.fair()
	h.Viewer.Get(explorePath+"?dim=label&measure=contacts").Shows(200, `aria-sort="descending"`,
		`href="/at/elm/insights/contacts?dim=label&amp;measure=contacts&amp;sort=contacts"`, `href="/at/elm/insights/contacts?dim=label&amp;measure=contacts&amp;sort=label"`)
	page := h.Viewer.Get(explorePath+"?dim=label&measure=contacts&sort=label").Shows(200, `aria-sort="ascending"`).Body
	if strings.Index(page, ">Board</th>") > strings.Index(page, ">Fair 2026</th>") {
		t.Error("Board does not come before Fair 2026")
	}
}

// Months are in the order of time, the latest first, until somebody chooses another order.
func TestTimeIsInItsOrder(t *testing.T) {
	h := newHouse(t)
	h.fair()
	if _, err := h.DB.SQL().Exec("UPDATE contacts SET created_at = created_at - 86400000 * 40 WHERE id > (SELECT MIN(id) FROM contacts)"); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string][]string{
		"dim=created_month&measure=contacts":                {"Nov 2026", "Oct 2026"},
		"dim=created_month&measure=contacts&sort=-contacts": {"Oct 2026", "Nov 2026"},
	} {
		page := h.Viewer.Get(explorePath+"?"+query).Shows(200, ">"+want[0]+"</th>", ">"+want[1]+"</th>").Body
		if strings.Index(page, ">"+want[0]+"</th>") > strings.Index(page, ">"+want[1]+"</th>") {
			t.Errorf("%s: %s does not come first", query, want[0])
		}
	}
}

func TestWrongAddressesKeepWhatWasWritten(t *testing.T) {
	h := newHouse(t)
	h.fair()
	h.Viewer.Get(explorePath+"?dim=label&dim=shoe_size&measure=contacts").Shows(422, "One thing to mend", "shoe_size", `checked`)
	h.Viewer.Get(explorePath+"?dim=label&measure=contacts&limit=many&chart=pie").Shows(422, "2 things to mend", "from 1 to 10,000", "is not one of bar", `<option value="many" selected>`)
	h.Viewer.Get(explorePath+"?dim=label&measure=contacts&created_after=yesterday&label=Board").Shows(422, "write a date", "yesterday",
		`href="/at/elm/insights/contacts?dim=label&amp;label=Board&amp;measure=contacts"`)
	h.Viewer.Get(explorePath+"?dim=label&measure=contacts&pivot=mood").Shows(422, "pivot", "mood")
	h.Viewer.Get(explorePath+"?dim=label&measure=contacts&sort=mood").Shows(422, "mood")
	h.Viewer.Get(explorePath + ".csv?dim=shoe_size").Shows(422)
}

func TestNothingPickedTeaches(t *testing.T) {
	h := newHouse(t)
	h.Viewer.Get(explorePath).Shows(200, "Pick what to count", "/help/explore", "What came of inviting").Lacks("data-picture")
	h.Viewer.Get("/at/elm/insights").Shows(200, "Nothing saved yet", "New explore", "Domains that bounce", `aria-current="page">Insights`)
	h.Viewer.Get(explorePath+"?dim=label&measure=contacts&label=nobody").Shows(200, "Nobody is counted")
	h.fair()
	h.Viewer.Get("/at/elm/contacts?label=Board").Shows(200, `href="/at/elm/insights/contacts?dim=standing&amp;label=Board&amp;measure=contacts&amp;measure=invited&amp;measure=accepted"`)
}

func TestEveryStarterOpens(t *testing.T) {
	h := newHouse(t)
	h.fair()
	for _, m := range regexp.MustCompile(`<a class="card" href="([^"]*)"`).FindAllStringSubmatch(h.Viewer.Get("/at/elm/insights").Body, -1) {
		h.Viewer.Get(strings.ReplaceAll(m[1], "&amp;", "&")).Shows(200, "Download")
	}
}

func TestDownloads(t *testing.T) {
	h := newHouse(t)
	h.fair()
	h.Viewer.Get(explorePath+"?dim=label&measure=contacts&label_none=x").Shows(200, `href="/at/elm/insights/contacts.csv?dim=label&amp;label_none=x&amp;measure=contacts"`)
	table := h.Viewer.Get(explorePath+".csv?dim=label&measure=contacts").Shows(200, "Label,Contacts", "Fair 2026,5", "Total (each contact once),10")
	if got := table.Header.Get("Content-Disposition"); got != `attachment; filename="elm-contacts-by-label-2026-11-23.csv"` {
		t.Errorf("it is called %s", got)
	}
	if book := h.Viewer.Get(explorePath + ".xlsx?dim=label&measure=contacts").Shows(http.StatusOK); !strings.HasPrefix(book.Body, "PK") {
		t.Error("the workbook is none")
	}
}

func TestSavedExplores(t *testing.T) {
	h := newHouse(t)
	h.fair()
	const query = "dim=label&label_none=Left&measure=contacts"
	h.Coordinator.Post("/at/elm/insights/saved", "name", "Labels", "query", query).LeadsTo(explorePath + "?" + query)
	list := h.Coordinator.Get("/at/elm/insights").Shows(200, "is saved", ">Labels</a>", "Contacts by label", "No label Left")
	h.Viewer.Get("/at/elm/insights").Shows(200, "Nothing saved yet")
	h.Coordinator.Get(explorePath+"?measure=contacts&label_none=Left&dim=label").Shows(200, "<h1>Labels</h1>", "Delete this saved explore")

	h.Viewer.Post("/at/elm/insights/saved", "name", "Mine", "query", query).Shows(403)
	h.Viewer.Get(explorePath+"?"+query).Shows(200, "Share").Lacks("Save explore")
	h.Coordinator.Post("/at/elm/insights/saved", "name", "All", "query", query, "shared", "1").Shows(403, `value="All"`)
	h.Coordinator.Post("/at/elm/insights/saved", "name", " ", "query", query).Shows(422, "The name", "Contacts by label")
	h.Manager.Post("/at/elm/insights/saved", "name", "Everybody's", "query", "dim=company", "shared", "1").LeadsTo(explorePath + "?dim=company")
	h.Viewer.Get("/at/elm/insights").Shows(200, "Everybody&#39;s", "all staff, by Mia Hart").Lacks("/delete")

	action := regexp.MustCompile(`action="(/at/elm/insights/saved/[^"]*/delete)"`).FindStringSubmatch(list.Body)
	if action == nil {
		t.Fatal("no way to delete it")
	}
	h.Viewer.Post(action[1]).Shows(403)
	h.Stranger.Post(strings.Replace(action[1], "elm", "oak", 1)).Shows(404)
	h.Coordinator.Post(action[1]).LeadsTo("/at/elm/insights")
	h.Coordinator.Get("/at/elm/insights").Shows(200, "is deleted").Lacks(">Labels</a>")
}

func TestOthersSeeNothing(t *testing.T) {
	h := newHouse(t)
	h.fair()
	for _, path := range []string{"", "/contacts", "/contacts?dim=label", "/contacts.csv?dim=label", "/contacts.xlsx?dim=label", "/contacts/fields?dim=label", "/contacts/filter"} {
		h.Stranger.Get("/at/elm/insights" + path).Shows(404)
	}
	h.Stranger.Get("/at/oak/insights/contacts?dim=label&measure=contacts").Shows(200).Lacks("Fair 2026", "Board")
	h.Visitor().Get("/at/elm/insights").LeadsTo("/sign-in?to=%2Fat%2Felm%2Finsights")
}

func TestPageEscapesWhatPeopleWrote(t *testing.T) {
	h := newHouse(t)
	h.people(2, "Northwind", "</script><script>alert(1)</script>", "--accent")
	h.Viewer.Get(explorePath+"?dim=label&measure=contacts").Shows(200, "&lt;script&gt;").Lacks("<script>alert")
}
