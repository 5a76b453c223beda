package contacts_test

import (
	"testing"

	"beckon/internal/web/webtest"
)

// open is a tab in which the coordinator is signed in.
func (h *house) open(t *testing.T) *webtest.Tab {
	t.Helper()
	tab := webtest.Open(t, h.URL)
	tab.Expect("404") // the first page is only there to have a place for the cookie
	tab.Visit("/nothing")
	webtest.Eval[string](tab, "document.cookie = 'beckon_session="+h.Token(h.dana)+";path=/'")
	return tab
}

func TestLabellingAllButOneInABrowser(t *testing.T) {
	h := newHouse(t)
	h.people(60)
	tab := h.open(t)
	tab.Visit("/at/elm/contacts")
	tab.Click("[data-pick-page]")
	tab.Click("[data-select-all]")
	tab.Click("tbody .pick input[name=id]")
	tab.Wait(`document.querySelector("[data-selected]").textContent === "59 selected"`)
	tab.Axe()
	tab.Click(".bulk > .button")
	tab.Wait(`document.querySelector("#dialog[open] #dialog-title")?.textContent === "Label 59 contacts?"`)
	tab.Axe()
	tab.Fill("#add", "Fair 2026")
	tab.Follow("#dialog .button.strong")
	tab.Wait(`document.querySelector(".flash")?.textContent.includes("59 contacts labelled")`)
	if n := h.count("label=Fair+2026"); n != 59 {
		t.Errorf("%d have the label, want 59", n)
	}
}

func TestFilterPanelInABrowserOnAPhone(t *testing.T) {
	h := newHouse(t)
	h.people(3, "Fair 2026")
	h.add("Zoe", "Quist", "zoe@alder.example")
	tab := h.open(t)
	tab.Size(390, 844)
	tab.Dark(true)
	tab.Visit("/at/elm/contacts")
	tab.Click("[popovertarget=add-filter]")
	tab.Wait(`document.querySelector("#add-filter .strong").getBoundingClientRect().bottom <= innerHeight`)
	tab.Axe()
	tab.Fill("#add_label", "Fair 2026")
	tab.Follow("#add-filter .button.strong")
	tab.Wait(`document.querySelector("h1 + span").textContent === "3 of 4"`)
	if webtest.Eval[bool](tab, "document.documentElement.scrollWidth > innerWidth") {
		t.Error("the page scrolls sideways")
	}
	tab.Follow(".chip .x")
	tab.Wait(`document.querySelector("h1 + span").textContent === "4"`)
}

func TestContactIsDeletedAfterAQuestion(t *testing.T) {
	h := newHouse(t)
	c := h.add("Ada", "Lang", "ada@northwind.example", "Fair 2026")
	tab := h.open(t)
	tab.Visit(page(c, ""))
	tab.Axe()
	tab.Click("[popovertarget=contact-more]")
	tab.Click("#contact-more .danger")
	tab.Wait(`document.querySelector("#delete-contact").open`)
	tab.Axe()
	tab.Follow("#delete-contact .button.strong")
	tab.Wait(`document.querySelector(".flash")?.textContent.includes("1 contact deleted")`)
}
