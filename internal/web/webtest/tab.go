// Package webtest lets tests look at pages with a real browser, Chromium, as a person would:
// it clicks what can be seen, waits for what should appear, and fails on anything that the
// browser complains about, which includes every breach of the Content-Security-Policy.
package webtest

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take to show what a test waits for; the machine may be
// busy with other tests.
const patience = 2 * time.Minute

// Tab is one tab of a browser of its own: no cookies, nothing stored. It belongs to one test
// and is closed at its end.
type Tab struct {
	t    testing.TB
	ctx  context.Context
	base string

	mu         sync.Mutex
	complaints []string
	expected   []string
}

// Open starts Chromium on the site at base, for example a httptest.Server's URL. The test
// fails at its end if the browser complained about anything that Expect does not name.
func Open(t testing.TB, base string) *Tab {
	t.Helper()
	options := slices.Clone(chromedp.DefaultExecAllocatorOptions[:])
	if os.Geteuid() == 0 {
		// Chromium's sandbox does not work for root, as whom CI runs.
		options = append(options, chromedp.NoSandbox)
	}
	ctx, closeBrowser := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, closeTab := chromedp.NewContext(ctx)
	tab := &Tab{t: t, ctx: ctx, base: base}
	if err := chromedp.Listen(ctx, tab.listen); err != nil {
		t.Fatalf("Chromium does not start: %v; install it (Debian: apt-get install chromium)", err)
	}
	t.Cleanup(func() {
		closeTab()
		closeBrowser()
		for _, complaint := range tab.unexpected() {
			t.Errorf("the browser complains: %s", complaint)
		}
	})
	tab.Size(1280, 860)
	return tab
}

func (b *Tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.complaints = append(b.complaints, e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		b.complaints = append(b.complaints, text)
	}
}

// Expect names a part of a complaint that the test provokes.
func (b *Tab) Expect(part string) { b.expected = append(b.expected, part) }

func (b *Tab) unexpected() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.complaints), func(complaint string) bool {
		return slices.ContainsFunc(b.expected, func(part string) bool { return strings.Contains(complaint, part) })
	})
}

// do runs steps and ends the test when one fails or takes too long.
func (b *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.lost(what, err)
	}
}

// lost ends the test and tells what the browser shows.
func (b *Tab) lost(what string, err error) {
	b.t.Helper()
	b.t.Fatalf("%s: %v\n%s", what, err, b.seen())
}

// seen is the address of the page and what can be read on it, for messages.
func (b *Tab) seen() string {
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body?.innerText"))
	if err != nil {
		return "the page cannot be read: " + err.Error()
	}
	return text
}

// Visit opens an address of the site, or a whole URL.
func (b *Tab) Visit(address string) {
	b.t.Helper()
	if !strings.Contains(address, "://") {
		address = b.base + address
	}
	b.do("visiting "+address, chromedp.Navigate(address))
}

// Click clicks what the CSS selector finds, once it can be seen, and waits for nothing else.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	b.do("clicking "+selector, press(selector))
}

// press clicks what the selector finds, and finds it again when the page, which may follow
// something long or have got an answer just now, has put another in its place meanwhile.
func press(selector string) chromedp.Action[chromedp.Void] {
	click := chromedp.Click(chromedp.CSS(selector))
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		for {
			done, err := click(ctx, target)
			if err == nil || !replaced(err) || ctx.Err() != nil {
				return done, err
			}
		}
	}
}

// replaced tells whether an element was taken out of the page before anything was done to it.
func replaced(err error) bool {
	return says(err, "Could not find node", "Node is detached", "does not have a layout object", "Could not compute content quads")
}

// Follow clicks something that leads to another page and waits until that is loaded.
func (b *Tab) Follow(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, press(selector)); err != nil {
		b.lost("following "+selector, err)
	}
}

// Keys presses keys with a letter each, into what has the focus. A page that handles a key
// keeps it from being typed, as a real keyboard does and chromedp.KeyEvent does not.
func (b *Tab) Keys(keys string) {
	b.t.Helper()
	for _, r := range keys {
		press := input.DispatchKeyEventParams{Type: "keyDown", Key: string(r), Text: string(r)}
		call(b, input.DispatchKeyEvent, press)
		press.Type, press.Text = "keyUp", ""
		call(b, input.DispatchKeyEvent, press)
	}
}

// Fill replaces the value of a field.
func (b *Tab) Fill(selector, value string) {
	b.t.Helper()
	field := chromedp.CSS(selector)
	b.do("filling "+selector, chromedp.WaitVisible(field))
	// What is selected is replaced by what is typed.
	Eval[chromedp.Void](b, fmt.Sprintf(`document.querySelector(%q).select()`, selector))
	b.do("filling "+selector, chromedp.SendKeys(field, value))
}

// Upload puts a file into a file field.
func (b *Tab) Upload(selector, file string) {
	b.t.Helper()
	b.do("uploading "+file, chromedp.SetUploadFiles(chromedp.CSS(selector), []string{file}))
}

// Wait waits until a JavaScript expression is true, on this page or on one that it leads to. It
// is not true yet where it throws, as it does while what it looks at is not there.
func (b *Tab) Wait(condition string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	patient := "(() => { try { return (" + condition + ") } catch { return false } })()"
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[chromedp.Void](patient, chromedp.WithPollingTimeout(0)))
		if err == nil {
			return
		}
		if !leftPage(err) || ctx.Err() != nil {
			b.lost("waiting for "+condition, err)
		}
	}
}

// leftPage tells whether an expression could not be tried to its end because the browser went
// on to another page.
func leftPage(err error) bool {
	return says(err, "navigated", "Cannot find context", "context was destroyed", "Promise was collected")
}

func says(err error, anyOf ...string) bool {
	return slices.ContainsFunc(anyOf, func(words string) bool { return strings.Contains(err.Error(), words) })
}

// Text is the text of what the selector finds, with single spaces, and "" where it cannot
// be seen.
func (b *Tab) Text(selector string) string {
	b.t.Helper()
	return Eval[string](b, fmt.Sprintf(`(() => {
		const e = document.querySelector(%q)
		return e?.checkVisibility() ? e.innerText.replace(/\s+/g, ' ').trim() : ''
	})()`, selector))
}

// Eval gives the value of a JavaScript expression. The page's policy does not bind it. When the
// page goes on to another one meanwhile, as one that follows something long does at its end, the
// expression is tried there again: it should only read.
func Eval[T any](b *Tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
		if err == nil {
			return value
		}
		if !leftPage(err) || ctx.Err() != nil {
			b.lost("evaluating "+expression, err)
		}
	}
}

// Cookie gives the browser a cookie of the site.
func (b *Tab) Cookie(name, value string) {
	b.t.Helper()
	call(b, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: b.base})
}

// Size makes the window so large, in CSS pixels; below 500 wide it is a phone.
func (b *Tab) Size(width, height int64) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500,
	})
}

// Dark switches the system's theme between dark and light.
func (b *Tab) Dark(on bool) {
	b.t.Helper()
	scheme := "light"
	if on {
		scheme = "dark"
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	// Colours that fade over are neither the old nor the new ones. In a window that nothing is
	// drawn for they may fade for ever, so they are brought to their end.
	Eval[bool](b, `document.getAnimations().filter((a) => a instanceof CSSTransition).every((a) => { a.finish(); return true })`)
}

// WithoutScripts shows pages from now on as to somebody whose browser runs no scripts.
func (b *Tab) WithoutScripts() {
	b.t.Helper()
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// Screenshot writes what the window shows to a PNG file.
func (b *Tab) Screenshot(file string) {
	b.t.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(file, picture, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// Clip is a picture, in WebP, of a part of the page that begins where the selector's element
// does and is so large, in CSS pixels.
func (b *Tab) Clip(selector string, width, height int) []byte {
	b.t.Helper()
	corner := Eval[[2]float64](b, fmt.Sprintf(`(() => {
		const box = document.querySelector(%q).getBoundingClientRect()
		return [box.x + scrollX, box.y + scrollY]
	})()`, selector))
	quality := int64(85)
	shot, err := chromedp.Call(b.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatWebp, Quality: &quality,
		Clip: &page.Viewport{X: corner[0], Y: corner[1], Width: float64(width), Height: float64(height), Scale: 1},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return shot.Data
}

func call[P, R any](b *Tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatal(err)
	}
}
