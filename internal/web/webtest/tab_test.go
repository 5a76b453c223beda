package webtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"beckon/internal/web/webtest"
)

// TestPageThatGoesOn looks at a page that loads itself anew again and again, as one does whose
// progress has come to its end: neither an expression nor axe may fail for that.
func TestPageThatGoesOn(t *testing.T) {
	var loads atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		script := ""
		if loads.Add(1) < 20 {
			script = `<script>setTimeout(() => location.reload(), 5)</script>`
		}
		fmt.Fprintf(w, `<!doctype html><html lang="en"><head><title>Page</title><link rel="icon" href="data:,"></head><body><main><h1>Page</h1>%s</main></body></html>`, script)
	}))
	defer server.Close()
	tab := webtest.Open(t, server.URL)
	tab.Visit("/")
	if got := webtest.Eval[string](tab, `new Promise((late) => setTimeout(() => late('read'), 200))`); got != "read" {
		t.Errorf("the expression gave %q", got)
	}
	loads.Store(1)
	tab.Visit("/")
	tab.Axe()
	if loads.Load() < 3 {
		t.Errorf("axe is through after %d loads: the page did not go on under it", loads.Load())
	}
}

// TestElementsThatAreReplaced clicks what the page replaces all the time, as one that follows
// something long does.
func TestElementsThatAreReplaced(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="en"><head><title>Page</title><link rel="icon" href="data:,"></head><body><main></main><script>
			setInterval(() => {
				const b = document.createElement('button')
				b.textContent = 'Press'
				document.querySelector('main').replaceChildren(b)
			}, 2)</script></body></html>`)
	}))
	defer server.Close()
	tab := webtest.Open(t, server.URL)
	tab.Visit("/")
	for range 8 {
		tab.Click("button")
	}
	webtest.Eval[chromedp.Void](tab, `setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<p id="late">late</p>'), 50)`)
	tab.Wait(`document.querySelector('#late').textContent === 'late'`)
}
