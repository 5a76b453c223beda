package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"beckon/internal/web/assets"
	"beckon/internal/web/webtest"
)

// person is somebody at a browser.
type person struct {
	t *testing.T
	*webtest.Tab
	url string
}

func (s *site) person(t *testing.T) person {
	t.Helper()
	if !assets.Default.Bundled() {
		t.Fatal("the pages are not bundled: run make build")
	}
	return person{t, webtest.Open(t, s.url), s.url}
}

// look checks the page that is open, wide and light, then narrow and dark.
func (p person) look() {
	p.t.Helper()
	p.Fits(1280, 860, false)
	p.Fits(390, 844, true)
	p.Dark(false)
	p.Size(1280, 860)
}

// each looks at pages, wide and narrow, light and dark. The API's docs page, which is very long,
// is looked at twice.
func (p person) each(pages []string) {
	p.t.Helper()
	for _, page := range pages {
		p.Dark(false)
		p.Visit(page)
		p.Shorten()
		if strings.HasPrefix(page, "/api/") {
			p.look()
			continue
		}
		p.FitsEverywhere()
	}
}

func (p person) path() string {
	p.t.Helper()
	return webtest.Eval[string](p.Tab, `location.pathname`)
}

// shows fails the test unless the page holds the words.
func (p person) shows(words string) {
	p.t.Helper()
	p.Wait(fmt.Sprintf(`document.body?.innerText.replace(/\s+/g, ' ').includes(%q)`, words))
}

// settles waits until a page that follows something long shows its end.
func (p person) settles() {
	p.t.Helper()
	p.Wait(`document.querySelector('main') && !document.querySelector('[hx-trigger="every 1s"]')`)
}

const strong = `form .button.strong`

// TestJourney goes the whole way in browsers: a file becomes contacts, an invite a mail, and
// the person who opens it a recruiter whose job is posted.
func TestJourney(t *testing.T) {
	t.Parallel()
	mails := newSink(t)
	s := newSite(t, "", mails)
	s.run("migrate")
	elm := s.institution("Elm University", "elm")
	link := s.run("staff", "add", "eva@elm.example", "--institution", "elm", "--role", "owner", "--first", "Eva", "--last", "Staff")
	s.serve()
	eva, kim := s.person(t), s.person(t)

	eva.Visit(link)
	eva.look()
	eva.Follow(strong)
	importing(eva)
	inviting(eva)

	kim.Visit(mails.one("person7@company7.example").button("Create your account"))
	kim.look()
	joining(kim)
	if got := elm.standing("person7@company7.example"); got != "member" {
		t.Fatalf("after joining a company Kim stands as %s", got)
	}
	asking(kim)
	approving(eva)
	if got := elm.standing("person7@company7.example"); got != "approved" {
		t.Fatalf("after the approval Kim stands as %s", got)
	}
	posting(kim)
	for _, path := range []string{"", "/contacts", "/contacts/new", "/labels", "/views", "/imports", "/invites", "/approvals", "/employers", "/jobs", "/settings"} {
		eva.Visit("/at/elm" + path)
		eva.look()
	}
	for _, path := range []string{"/recruit/institutions", "/recruit/company", "/recruit/jobs", "/account", "/help"} {
		kim.Visit(path)
		kim.look()
	}
}

// importing brings 200 contacts in from a file.
func importing(eva person) {
	eva.t.Helper()
	file := filepath.Join(eva.t.TempDir(), "people.csv")
	if err := os.WriteFile(file, people(200), 0o600); err != nil {
		eva.t.Fatal(err)
	}
	eva.Visit("/at/elm/imports/new")
	eva.look()
	eva.Upload(`input[type=file]`, file)
	eva.Follow(`.drop .button.strong`)
	eva.shows("Import 200 contacts")
	eva.look()
	eva.Follow(`button[formaction$="/run"]`)
	eva.shows("See contacts")
	eva.look()
	eva.settles()
	eva.look()
}

// inviting invites all that a filter finds.
func inviting(eva person) {
	eva.t.Helper()
	eva.Visit("/at/elm/contacts?q=company")
	eva.look()
	eva.Click(`[data-pick-page]`)
	eva.Click(`[data-select-all]`)
	eva.shows("200 selected")
	eva.Click(`[popovertarget=more]`)
	eva.Click(`#more [data-key=i]`)
	eva.Wait(`document.querySelector('#dialog').open`)
	eva.shows("Invite 200 contacts")
	eva.look()
	eva.Follow(`#dialog footer .button.strong`)
	eva.shows("200")
	eva.look()
}

// joining makes an account and a company.
func joining(kim person) {
	kim.t.Helper()
	kim.Follow(strong)
	kim.look()
	kim.Fill(`form.form [name=name]`, "Kim’s Rockets")
	kim.Follow(`form.form .button.strong`)
	kim.look()
}

// asking requests to recruit at the institution that invited.
func asking(kim person) {
	kim.t.Helper()
	kim.Visit("/recruit/institutions")
	kim.look()
	kim.Follow(`form[action$="/request"] .button`)
	kim.shows("Withdraw")
}

// approving decides the request.
func approving(eva person) {
	eva.t.Helper()
	eva.Visit("/at/elm/approvals")
	eva.shows("Kim’s Rockets")
	eva.look()
	eva.Follow(`form[action$="/approve"] .button`)
	eva.look()
}

// posting posts a job to the institution.
func posting(kim person) {
	kim.t.Helper()
	kim.Visit("/recruit/jobs/new")
	kim.look()
	kim.Fill(`[name=title]`, "Rocket engineer")
	kim.Fill(`[name=description]`, "Build rockets.")
	if !webtest.Eval[bool](kim.Tab, `document.querySelector('[name=institution]').checked`) {
		kim.Click(`[name=institution]`)
	}
	kim.Follow(strong)
	kim.shows("Rocket engineer")
	kim.look()
}
