package e2e

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"beckon/internal/web/webtest"
)

// takePictures says that the pictures of the help pages are written instead of compared:
// make pictures.
var takePictures = flag.Bool("take-pictures", false, "take the pictures of the help pages anew")

// picture is one picture of the help pages.
type picture struct {
	name string
	// who looks, by the name under which the demo prints the sign-in link.
	who string
	// open shows the page.
	open func(person)
	// at is where the picture begins on a desk, and how wide the window is there.
	at    string
	width int64
}

// at opens a page by its address and gives the picture of all but the navigation.
func at(name, who, address string) picture {
	return picture{name, who, func(p person) { p.Visit(address) }, "main", 960}
}

// pictures are all pictures of the help pages.
var pictures = []picture{
	at("contacts", owner, "/at/elm/contacts?label=Fair+2026"),
	at("labels", owner, "/at/elm/labels"),
	at("approvals", owner, "/at/elm/approvals"),
	at("getting-approved", admin, "/recruit/institutions"),
	at("messages", pupil, "/student/elm/messages"),
	at("for-students", pupil, "/student/elm/jobs"),
	{"explore", owner, explore("dim=last_invited_month&measure=sent&measure=opened&measure=accepted&measure=approved&reached=sent&sort=last_invited_month&chart=line"), "main", 960},
	{"importing", owner, previewImport, "main", 960},
	{"inviting", owner, openDialog, "#dialog", 776},
	{"past-bulk-invites", owner, openBulkInvite, "main", 960},
	{"interviews", admin, openSchedule, "main", 960},
	{"invited", nobody, openInvite, "main", 776},
}

// explore opens an explore and waits for its chart.
func explore(query string) func(person) {
	return func(p person) {
		p.Visit("/at/elm/insights/contacts?" + query)
		p.Wait(`document.querySelector('main svg.marks')`)
	}
}

func previewImport(p person) {
	file := filepath.Join(p.t.TempDir(), "fair-2026.csv")
	if err := os.WriteFile(file, people(200), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.Visit("/at/elm/imports/new")
	p.Upload(`input[type=file]`, file)
	p.Follow(`.drop .button.strong`)
	p.shows("Import 200 contacts")
}

func openDialog(p person) {
	p.Visit("/at/elm/contacts?label=Internships")
	p.Click(`[data-pick-page]`)
	p.Click(`[data-select-all]`)
	p.Click(`[popovertarget=more]`)
	p.Click(`#more [data-key=i]`)
	p.Wait(`document.querySelector('#dialog').open`)
}

func openBulkInvite(p person) {
	p.Visit("/at/elm/invites")
	p.Follow(`tbody tr:last-child a.name`)
}

func openSchedule(p person) {
	p.Visit("/recruit/interviews?state=approved")
	p.Follow(`tbody tr:first-child a.name`)
}

// openInvite opens the page behind an invite to somebody without an account, always the same.
func openInvite(p person) {
	p.Visit("/dev/mailbox?q=tidewaterfreight")
	for _, message := range webtest.Eval[[]string](p.Tab, `[...document.querySelectorAll('a.name')].filter((a) => a.innerText === 'Recruit at Elm University').map((a) => a.href)`) {
		p.Visit(message + "?part=text")
		p.Follow(`pre a[href*="/i/"]`)
		if strings.Contains(p.Text(`form .button.strong`), "Create") {
			return
		}
	}
	p.t.Fatal("the mailbox holds no invite to somebody without an account")
}

// The pictures' sizes, which internal/web/help tells browsers.
const (
	pictureWidth, pictureHeight = 744, 520
	phoneWidth, phoneHeight     = 390, 560
)

// pictured takes or compares one picture by desk and phone, light and dark, and what can be
// read on its page beside what people have put in.
func (p person) pictured(pic picture) {
	p.t.Helper()
	pic.open(p)
	file := filepath.Join("..", "docs", "help", "pictures", pic.name)
	p.Size(pic.width, pictureHeight+40)
	p.compare(file+".txt", []byte(p.words(pic.at)), func(now, before []byte) bool { return bytes.Equal(now, before) })
	for _, dark := range []bool{false, true} {
		suffix := ""
		if dark {
			suffix = "-dark"
		}
		p.Dark(dark)
		p.Size(pic.width, pictureHeight+40)
		p.compare(file+suffix+".webp", p.Clip(pic.at, pictureWidth, pictureHeight), p.alike)
		p.Size(phoneWidth, 844)
		p.compare(file+"-narrow"+suffix+".webp", p.Clip("body", phoneWidth, phoneHeight), p.alike)
	}
}

// showcased takes or compares the pictures of the README: whole windows, by day.
func (p person) showcased() {
	p.t.Helper()
	p.Dark(false)
	p.Size(1280, 800)
	folder := filepath.Join("..", "docs", "pictures")
	p.Visit("/at/elm/contacts?label=Fair+2026&invite=sent")
	for n := range 3 {
		p.Click(fmt.Sprintf(`tbody tr:nth-child(%d) .pick input`, n+2))
	}
	p.compare(filepath.Join(folder, "contacts.webp"), p.Clip("body", 1280, 800), p.alike)
	explore("label_any=Fair+2025&label_any=Fair+2026&dim=company&measure=sent&measure=opened&measure=accepted&limit=8&chart=bar")(p)
	p.compare(filepath.Join(folder, "explore.webp"), p.Clip("body", 1280, 800), p.alike)
}

// words are what the page itself says within an element: titles, heads of columns, fields
// and buttons. Numbers are left out, since they are of the demo's data.
func (p person) words(selector string) string {
	p.t.Helper()
	return webtest.Eval[string](p.Tab, fmt.Sprintf(`[...new Set([...document.querySelector(%q).querySelectorAll('h1, h2, th, label, legend, summary, dt, button, .button, .tabs a')]
		.filter((e) => e.checkVisibility()).map((e) => e.innerText.replace(/\s+/g, ' ').replace(/\d[\d,]*/g, '#').trim()).filter(Boolean))].join('\n') + '\n'`, selector))
}

// compare keeps what is seen now, or fails the test where it differs from what was kept.
func (p person) compare(file string, now []byte, same func(now, before []byte) bool) {
	p.t.Helper()
	if *takePictures {
		if err := os.WriteFile(file, now, 0o644); err != nil {
			p.t.Fatal(err)
		}
		return
	}
	before, err := os.ReadFile(file)
	if err != nil || !same(now, before) {
		p.t.Errorf("%s shows what is no more: run make pictures, and look at it (%v)", filepath.Base(file), err)
	}
}

// alike tells whether two pictures show the same page, perhaps with other data: seen from so
// far away that no letter can be read, few places differ.
func (p person) alike(now, before []byte) bool {
	p.t.Helper()
	const most = .02
	differing := webtest.Eval[float64](p.Tab, fmt.Sprintf(`(async () => {
		const far = async (data) => {
			const image = new Image()
			image.src = 'data:image/webp;base64,' + data
			await image.decode()
			const canvas = new OffscreenCanvas(Math.round(image.width / 12), Math.round(image.height / 12)).getContext('2d')
			canvas.imageSmoothingQuality = 'high'
			canvas.drawImage(image, 0, 0, canvas.canvas.width, canvas.canvas.height)
			return canvas.getImageData(0, 0, canvas.canvas.width, canvas.canvas.height).data
		}
		const [a, b] = [await far(%q), await far(%q)]
		if (a.length !== b.length) return 1
		let differing = 0
		for (let i = 0; i < a.length; i += 4) if (Math.abs(a[i] - b[i]) + Math.abs(a[i + 1] - b[i + 1]) + Math.abs(a[i + 2] - b[i + 2]) > 72) differing++
		return differing / (a.length / 4)
	})()`, base64.StdEncoding.EncodeToString(now), base64.StdEncoding.EncodeToString(before)))
	if differing > most {
		p.t.Logf("%.1f%% of the picture differ", 100*differing)
	}
	return differing <= most
}

// testPictures compares every picture of the help pages and of the README with what the demo
// shows.
func testPictures(t *testing.T, guests map[string]*visitor) {
	tabs := map[string]person{}
	for _, pic := range pictures {
		if _, open := tabs[pic.who]; !open {
			tabs[pic.who] = guests[pic.who].person(t)
		}
		tabs[pic.who].pictured(pic)
	}
	tabs[owner].showcased()
}
