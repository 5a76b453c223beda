package insights_test

import (
	"strings"
	"testing"

	"beckon/internal/web/visit/visittest"
	"beckon/internal/web/webtest"
	"github.com/chromedp/chromedp"
)

// bars waits until the picture has so many bars, points or steps.
func bars(tab *webtest.Tab, count string) {
	tab.Wait(`document.querySelectorAll("[data-picture] svg [class*=mark-rect] > path, [data-picture] svg [class*=mark-symbol].role-mark > path").length === ` + count)
}

func TestExploringInABrowser(t *testing.T) {
	h := newHouse(t)
	h.fair()
	tab := h.Tab(h.dana)
	tab.Visit(explorePath)
	// The list of fields is searched, by descriptions too.
	tab.Fill("#find-field", "spelled")
	tab.Wait(`[...document.querySelectorAll("#field-list li:not([hidden]) input")].map((i) => i.value).join() === "company,title,companies"`)
	tab.Fill("#find-field", "label")
	tab.Click("#field-label")
	tab.Wait(`location.search === "?dim=label" && document.querySelector("tfoot td").textContent === "10"`)
	bars(tab, "3")
	// A tick is a step in the browser's history and keeps the focus where it was.
	if focus := webtest.Eval[string](tab, "document.activeElement.id"); focus != "field-label" {
		t.Errorf("the focus is on %q", focus)
	}
	tab.Wait(`[...document.querySelectorAll("#field-list li:not([hidden]) input")].map((i) => i.value).join() === "label"`)
	tab.Fill("#find-field", " ")
	tab.Click("#field-standing")
	tab.Wait(`location.search === "?dim=label&dim=standing&measure=contacts"`)
	tab.Click("#field-companies")
	tab.Wait(`location.search === "?dim=label&dim=standing&measure=contacts&measure=companies"`)
	webtest.Eval[chromedp.Void](tab, "history.back()")
	tab.Wait(`location.search === "?dim=label&dim=standing&measure=contacts" && !document.querySelector("#field-companies").checked`)
	// A link in the order of the fields, and a number that leads to its contacts.
	tab.Click(`.order [title="Before the one above"]`)
	tab.Wait(`location.search === "?dim=standing&dim=label&measure=contacts"`)
	tab.Click(`.order li:first-child [title="Remove"]`)
	tab.Wait(`location.search === "?dim=label&measure=contacts" && document.querySelectorAll("tbody tr").length === 3`)
	// Having asked is one of the first steps, which ticks itself.
	tab.Wait(`fetch("/at/elm/contacts").then((r) => r.text()).then((page) => /<b>Explore\s*<span[^>]*>✓/.test(page))`)
	tab.Follow("tbody tr:first-child td a")
	tab.Wait(`location.pathname === "/at/elm/contacts" && document.querySelector("h1 + span").textContent === "5 of 10"`)
}

func TestPicturesAreSavedAndFollowTheTheme(t *testing.T) {
	h := newHouse(t)
	h.fair()
	tab := h.Tab(h.dana)
	tab.Visit(explorePath + "?dim=label&pivot=standing&measure=contacts")
	bars(tab, "3")
	fill := func() string {
		return webtest.Eval[string](tab, `document.querySelector("[data-picture] svg .role-mark text").getAttribute("fill")`)
	}
	light := fill()
	tab.Dark(true)
	tab.Wait(`document.querySelector("[data-picture] svg .role-mark text")?.getAttribute("fill") !== "` + light + `"`)
	if dark := fill(); !strings.HasPrefix(light, "rgb(") || !strings.HasPrefix(dark, "rgb(") {
		t.Errorf("colours are %s and %s", light, dark)
	}
	// What would be downloaded is looked at instead.
	webtest.Eval[chromedp.Void](tab, `(() => { HTMLAnchorElement.prototype.click = function () { window.saved = { name: this.download, url: this.href } } })()`)
	for kind, begins := range map[string]string{"png": "data:image/png;base64,", "svg": "blob:"} {
		tab.Click("[popovertarget=download]")
		tab.Click("[data-save-picture=" + kind + "]")
		tab.Wait(`window.saved?.name === "elm-contacts-by-label-and-standing-2026-11-23.` + kind + `" && window.saved.url.startsWith("` + begins + `")`)
	}
	if got := webtest.Eval[int64](tab, `(async () => { const i = new Image(); i.src = `+pngOf+`; await i.decode(); return i.naturalWidth })()`); got < 1000 {
		t.Errorf("the picture is %d wide", got)
	}
	svg := webtest.Eval[string](tab, `(async () => { const blob = await new Promise((done) => { const create = URL.createObjectURL; URL.createObjectURL = (b) => { done(b); return create.call(URL, b) }
		document.querySelector("[data-save-picture=svg]").click() }); return blob.text() })()`)
	for _, part := range []string{"Contacts by label and standing", "Elm University", "Fair 2026", "</svg>"} {
		if !strings.Contains(svg, part) {
			t.Errorf("the drawing lacks %q", part)
		}
	}
	if strings.Contains(svg, "/at/elm") || strings.Contains(svg, "oklch") {
		t.Error("the drawing has links or colours that others cannot read")
	}
}

// pngOf makes the script save the picture and gives its address.
const pngOf = `await new Promise((done) => { HTMLAnchorElement.prototype.click = function () { done(this.href) }; document.querySelector("[data-save-picture=png]").click() })`

func TestEveryPictureIsDrawn(t *testing.T) {
	h := newHouse(t)
	h.fair()
	tab := h.Tab(h.dana)
	for query, count := range map[string]string{
		"dim=label&measure=contacts":                        "3",
		"dim=label&measure=contacts&measure=companies":      "6",
		"dim=company&dim=label&measure=contacts":            "4",
		"dim=created_month&measure=contacts":                "1",
		"dim=created_month&measure=contacts&chart=bar":      "1",
		"dim=created_month&pivot=standing&chart=stacked":    "1",
		"measure=contacts&measure=invited&measure=sent":     "3",
		"dim=label&measure=approval_rate":                   "3",
		"pivot=label&measure=contacts":                      "3",
		"dim=label&dim=company&measure=approval_rate":       "4",
		"dim=created_day&dim=company&measure=contacts":      "3",
		"dim=created_week&measure=contacts&measure=domains": "2",
	} {
		tab.Visit(explorePath + "?" + query)
		bars(tab, count)
	}
}

func TestAccessible(t *testing.T) {
	h := newHouse(t)
	h.fair()
	h.Coordinator.Post("/at/elm/insights/saved", "name", "Labels", "query", "dim=label")
	tab := h.Tab(h.dana)
	tab.Expect("422")
	visittest.Accessible(t, tab, "/at/elm/insights", explorePath, explorePath+"?dim=label&pivot=standing&measure=contacts&measure=acceptance_rate",
		explorePath+"?dim=created_month&measure=contacts", explorePath+"?measure=contacts&measure=sent", explorePath+"?dim=shoe_size&created_after=yesterday")
	for _, look := range []bool{false, true} {
		tab.Size(1280, 860)
		tab.Dark(look)
		tab.Visit(explorePath + "?dim=label&pivot=standing&measure=contacts")
		bars(tab, "3")
		tab.Axe()
		for _, panel := range []string{"download", "share", "save-explore", "add-filter"} {
			tab.Click("[popovertarget=" + panel + "]")
			tab.Wait(`document.querySelector("#` + panel + `").matches(":popover-open")`)
			tab.AxeWithin("#" + panel)
		}
	}
}

// On a phone rows are told apart by their whole names, which take lines rather than dots.
func TestNamesOfRowsAreWholeOnPhones(t *testing.T) {
	h := newHouse(t)
	h.people(2, "Alder", "invited to the autumn fair 2026-11-04")
	h.people(1, "Alder", "invited to the autumn fair 2026-11-23")
	tab := h.Tab(h.dana)
	tab.Size(390, 844)
	tab.Visit(explorePath + "?dim=label&pivot=standing&measure=contacts&measure=acceptance_rate")
	for _, cut := range webtest.Eval[[]string](tab, `[...document.querySelectorAll("tbody th")].filter((h) => h.scrollWidth > h.clientWidth || h.clientWidth < 100).map((h) => h.clientWidth + ": " + h.textContent)`) {
		t.Errorf("a name of %s pixels is cut or squeezed", cut)
	}
}

func TestExploringWithoutScripts(t *testing.T) {
	h := newHouse(t)
	h.fair()
	tab := h.Tab(h.dana)
	tab.WithoutScripts()
	tab.Visit(explorePath)
	tab.Click("#field-label")
	tab.Click("#field-companies")
	tab.Follow("#fields .still-only .button")
	if got := webtest.Eval[string](tab, "location.search"); got != "?dim=label&measure=companies" {
		t.Errorf("it leads to %s", got)
	}
	if tab.Text("[data-picture]") != "" || tab.Text("#picture-says") != "" || tab.Text(".kinds") != "" || tab.Text("[data-save-picture]") != "" || tab.Text("#find-field") != "" {
		t.Error("there are parts that do nothing")
	}
	if got := tab.Text("tfoot"); got != "All, each once 3" {
		t.Errorf("the totals are %q", got)
	}
	tab.Click("[popovertarget=share]")
	if got := webtest.Eval[string](tab, `document.querySelector("#share input").value`); got != h.URL+explorePath+"?dim=label&measure=companies" {
		t.Errorf("the address to share is %s", got)
	}
}
