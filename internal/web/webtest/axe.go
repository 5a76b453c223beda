package webtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// everything is what axe looks for: WCAG 2.2 AA and what is good practice.
const everything = `['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']`

// Axe fails the test for every breach of WCAG 2.2 AA that axe-core finds on the page.
func (b *Tab) Axe() {
	b.t.Helper()
	b.axe("document", everything)
}

// AxeWithin is Axe for what the selector finds, where the rest of the page has been seen to.
func (b *Tab) AxeWithin(selector string) {
	b.t.Helper()
	b.axe(fmt.Sprintf("document.querySelector(%q)", selector), everything)
}

// AxeColours is Axe for what another theme can change, where the page has been seen to in one.
func (b *Tab) AxeColours() {
	b.t.Helper()
	b.axe("document", `{ type: 'rule', values: ['color-contrast', 'link-in-text-block'] }`)
}

func (b *Tab) axe(where, rules string) {
	b.t.Helper()
	// One expression brings axe along and runs it, so that it can be tried again on the next page.
	report := Eval[string](b, `(async () => {
		await new Promise((loaded) => document.readyState === 'complete' ? loaded() : addEventListener('load', loaded))
		if (!('axe' in window)) {
			`+axeSource(b.t)+`
		}
		const report = await axe.run(`+where+`, { resultTypes: ['violations'], runOnly: `+rules+` })
		return JSON.stringify(report.violations.map((v) => v.id + ': ' + v.help + ' ' + v.nodes.map((n) => n.html + ' ' + n.failureSummary).join('; ')))
	})()`)
	var violations []string
	if err := json.Unmarshal([]byte(report), &violations); err != nil {
		b.t.Fatal(err)
	}
	for _, v := range violations {
		b.t.Errorf("axe on %s: %s", Eval[string](b, "location.pathname"), v)
	}
}

// Fits looks at the page that is open in a window of that size and in that theme: by axe, and
// whether anything stands beyond the window's edge.
func (b *Tab) Fits(width, height int64, dark bool) {
	b.t.Helper()
	b.Size(width, height)
	b.Dark(dark)
	b.Axe()
	if wide := Eval[int64](b, `document.documentElement?.scrollWidth ?? 0`); wide > width {
		b.t.Errorf("%s is %d wide in a window of %d", Eval[string](b, "location.pathname"), wide, width)
	}
}

// FitsEverywhere looks at the page that is open on a desk and on a phone, by day and night.
func (b *Tab) FitsEverywhere() {
	b.t.Helper()
	b.Fits(1280, 860, false)
	b.Fits(390, 844, false)
	b.Dark(true)
	b.AxeColours()
	b.Size(1280, 860)
	b.AxeColours()
	b.Dark(false)
}

// Shorten leaves a dozen rows of each list, which are alike and speak for all.
func (b *Tab) Shorten() {
	b.t.Helper()
	Eval[int](b, `[...document.querySelectorAll('tbody > tr:nth-child(n+13)')].map((row) => row.remove()).length`)
}

// axeSource reads axe-core from where npm puts it, at the root of the repository.
func axeSource(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		source, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
		if err == nil {
			return string(source)
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("axe-core is not installed: run make build")
		}
	}
}
