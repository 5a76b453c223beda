package web

import (
	"io/fs"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"beckon/internal/web/assets"
	"beckon/internal/web/webtest"
)

// open starts a browser on the sample.
func open(t *testing.T) *webtest.Tab {
	t.Helper()
	if !assets.Default.Bundled() {
		t.Fatal("the pages are not bundled: run make build")
	}
	server := httptest.NewServer(sampleSite())
	t.Cleanup(server.Close)
	return webtest.Open(t, server.URL)
}

// forbidden are style attributes and elements, event attributes and what htmx compiles.
var forbidden = regexp.MustCompile(`\sstyle=|<style|\son[a-z]+=|hx-on|javascript:|"js:|hx-trigger="[^"]*\[`)

// breach gives what a line of a template may not hold, "" for nothing. Scripts must name a
// file.
func breach(line string) string {
	if at := strings.Index(line, "<script"); at >= 0 && !strings.Contains(line[at:], " src=") {
		return "<script"
	}
	return forbidden.FindString(line)
}

const (
	count    = `[data-selected]`
	how      = `[data-how]`
	firstRow = `[data-rows] tr:nth-child(1) .pick input`
	thirdRow = `[data-rows] tr:nth-child(3) .pick input`
	submit   = `.bulk > .button`
	next     = `a[rel=next]`
)

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestSelectedRowsAreKeptWhilePaging(t *testing.T) {
	tab := open(t)
	tab.Visit("/contacts")
	expect(t, "the bar before anything is selected", tab.Text(".bulk"), "")
	tab.Click(firstRow)
	tab.Click(thirdRow)
	tab.Follow(next)
	expect(t, "on the next page", tab.Text(count), "2 selected")
	tab.Click(firstRow)
	tab.Visit("/contacts")
	expect(t, "back on the first page", tab.Text(count), "3 selected")
	tab.Click(thirdRow)
	tab.Follow(submit)
	expect(t, "what is sent", tab.Text("#picked"), "ids [c0 c50] []")
}

func TestAllThatMatchCanBeSelectedLessOne(t *testing.T) {
	tab := open(t)
	tab.Visit("/contacts")
	tab.Click(`[data-pick-page]`)
	expect(t, "the whole page", tab.Text(count), "50 selected")
	expect(t, "the offer", tab.Text(`[data-select-all]`), "Select all 120 that match")
	tab.Click(`[data-select-all]`)
	expect(t, "all", tab.Text(count)+", "+tab.Text(how), "120 selected, all that match")
	tab.Follow(next)
	tab.Click(thirdRow)
	expect(t, "all but one", tab.Text(count)+", "+tab.Text(how), "119 selected, all that match, less 1")
	if !webtest.Eval[bool](tab, `document.querySelector('[data-pick-page]').indeterminate`) {
		t.Error("the box for the page does not show that one of it is left out")
	}
	tab.Follow(`a[rel=prev]`)
	tab.Click(firstRow)
	expect(t, "all but two, of two pages", tab.Text(count), "118 selected")
	tab.Follow(submit)
	expect(t, "what is sent", tab.Text("#picked"), "filter [] label=Fair+2026 [c0 c52]")
}

func TestClearEmptiesTheSelectionForGood(t *testing.T) {
	tab := open(t)
	tab.Visit("/contacts?select=all")
	expect(t, "asked for by its address", tab.Text(count), "120 selected")
	tab.Click(`[data-clear]`)
	expect(t, "the bar", tab.Text(".bulk"), "")
	expect(t, "the address", webtest.Eval[string](tab, `location.search`), "")
	tab.Visit("/contacts")
	expect(t, "after loading again", tab.Text(".bulk"), "")
}

func TestAnActThatUsesUpTheSelectionEmptiesIt(t *testing.T) {
	tab := open(t)
	tab.Visit("/contacts")
	tab.Click(firstRow)
	tab.Click(`[popovertarget=more]`)
	tab.Follow(`button[formaction="/delete"]`)
	expect(t, "the message", tab.Text(".flash span"), "3 contacts deleted")
	expect(t, "the bar", tab.Text(".bulk"), "")
}

func TestSelectingWorksWithoutScripts(t *testing.T) {
	tab := open(t)
	tab.WithoutScripts()
	tab.Visit("/contacts")
	tab.Click(firstRow)
	tab.Follow(submit)
	expect(t, "ticked rows", tab.Text("#picked"), "ids [c0] []")
	tab.Visit("/contacts")
	tab.Follow(`[data-select-all]`)
	tab.Click(thirdRow)
	tab.Follow(submit)
	expect(t, "all but one", tab.Text("#picked"), "filter [] label=Fair+2026 [c2]")
	tab.Visit("/contacts?select=all")
	tab.Click(`[popovertarget=more]`)
	tab.Follow(`button[formaction="/invite"]`)
	expect(t, "the dialog as a page", tab.Text("main h1"), "Invite 1,102 contacts to become users")
}

func TestADialogOpensWithTheSelectionAndGivesTheFocusBack(t *testing.T) {
	tab := open(t)
	tab.Visit("/contacts")
	tab.Click(firstRow)
	tab.Click(thirdRow)
	tab.Click(`[popovertarget=more]`)
	tab.Click(`button[formaction="/invite"]`)
	tab.Wait(`document.querySelector('#dialog:modal')`)
	expect(t, "what the dialog got", tab.Text("#dialog header p"), "ids: 2 ids, 0 exceptions")
	tab.Axe()
	tab.Click(`#dialog [data-close]`)
	tab.Wait(`!document.querySelector('#dialog:modal')`)
	expect(t, "the focus", webtest.Eval[string](tab, `document.activeElement.getAttribute('popovertarget')`), "more")
}

func TestKeysWalkTheListAndCanBeSwitchedOff(t *testing.T) {
	tab := open(t)
	tab.Visit("/contacts")
	tab.Keys("i")
	tab.Keys("jjx")
	expect(t, "ticked by key", tab.Text(count), "1 selected")
	tab.Keys("kx")
	expect(t, "the row before too", tab.Text(count), "2 selected")
	tab.Keys("i")
	tab.Wait(`document.querySelector('#dialog:modal')`)
	expect(t, "invited by key", tab.Text("#dialog header p"), "ids: 2 ids, 0 exceptions")
	tab.Click(`#dialog [data-close]`)
	tab.Keys("/")
	tab.Keys("jx")
	expect(t, "typed in the search", webtest.Eval[string](tab, `document.querySelector('#q').value`), "jx")

	webtest.Eval[any](tab, `document.activeElement.blur()`)
	tab.Keys("?")
	tab.Wait(`document.querySelector('#shortcuts:modal')`)
	tab.Click(`[data-keys-off]`)
	tab.Click(`#shortcuts .button`)
	tab.Keys("jx")
	expect(t, "nothing more happens", tab.Text(count), "2 selected")
}

func TestProgressFollowsByItselfAndStops(t *testing.T) {
	tab := open(t)
	tab.Visit("/form")
	expect(t, "at first", tab.Text("#sending b"), "1 of 3 sent")
	tab.Wait(`document.querySelector('#sending b').textContent === '3 of 3 sent'`)
	if webtest.Eval[bool](tab, `document.querySelector('#sending').hasAttribute('hx-get')`) {
		t.Error("it still asks after the end")
	}
}

func TestADangerousActAsksFirst(t *testing.T) {
	tab := open(t)
	tab.Visit("/form")
	tab.Click(`[commandfor=delete]`)
	expect(t, "the question", tab.Text("#delete h1"), "Delete Amara Haddad?")
	tab.Click(`#delete [command=close]`)
	tab.Wait(`!document.querySelector('#delete').open`)
	tab.Click(`[commandfor=delete]`)
	tab.Follow(`#delete .danger`)
	expect(t, "after the answer", tab.Text("#picked"), "ids [] []")
}

func TestPagesAreAccessibleWideNarrowLightAndDark(t *testing.T) {
	tab := open(t)
	tab.Expect("404")
	for _, page := range []string{"/contacts", "/contacts?select=all", "/form", "/door", "/nowhere"} {
		tab.Visit(page)
		tab.Shorten()
		tab.FitsEverywhere()
	}
}

func TestAMenuOpensOnAPhone(t *testing.T) {
	tab := open(t)
	tab.Size(390, 844)
	tab.Visit("/contacts")
	expect(t, "closed", tab.Text("#nav-list a"), "")
	tab.Click(".menu-button")
	expect(t, "open", tab.Text("#nav-list a"), "Contacts 5,012")
	tab.Axe()
}

// The script that draws charts is left out: Insights alone loads it, after the page.
func TestNoPageWeighsMoreThan100KilobytesOfStyleAndScript(t *testing.T) {
	total := int64(0)
	err := fs.WalkDir(os.DirFS("assets/dist"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || strings.HasPrefix(name, "charts-") || !(strings.HasSuffix(name, ".css.gz") || strings.HasSuffix(name, ".js.gz")) {
			return err
		}
		info, err := d.Info()
		total += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if total == 0 || total > 100_000 {
		t.Errorf("style and script are %d bytes together; at most 100,000, and something", total)
	}
}

// TestTemplatesKeepToThePolicy finds what the Content-Security-Policy would refuse, or what
// would compile code in the page, before a browser does.
func TestTemplatesKeepToThePolicy(t *testing.T) {
	templates := 0
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".templ" {
			return err
		}
		templates++
		source, err := os.ReadFile(name)
		for number, line := range strings.Split(string(source), "\n") {
			if found := breach(line); found != "" && !strings.HasPrefix(strings.TrimSpace(line), "//") {
				t.Errorf("%s:%d: %q is not allowed in a template", name, number+1, found)
			}
		}
		return err
	})
	if err != nil || templates == 0 {
		t.Fatalf("%d templates read: %v", templates, err)
	}
}

func TestBreachFindsWhatItShould(t *testing.T) {
	for line, want := range map[string]bool{
		`<p style="color:red">`:                         true,
		`<p style={ x }>`:                               true,
		`<button onclick="go()">`:                       true,
		`<script>alert(1)</script>`:                     true,
		`<script type="module">`:                        true,
		`<style>p{}</style>`:                            true,
		`<a href="javascript:go()">`:                    true,
		`<div hx-on:click="go()">`:                      true,
		`<div hx-vals="js:{a: 1}">`:                     true,
		`<div hx-trigger="click[ctrlKey]">`:             true,
		`<script type="module" src={ url }></script>`:   false,
		`<link rel="stylesheet" href={ url }/>`:         false,
		`<p class="soft">one = two, style of things.`:   false,
		`<div hx-trigger="every 1s" hx-swap="none">`:    false,
		`templ Note(kind string, description string) {`: false,
	} {
		if got := breach(line) != ""; got != want {
			t.Errorf("%s: %v, want %v", line, got, want)
		}
	}
}
