package visittest

import (
	"testing"

	"beckon/internal/web/assets"
	"beckon/internal/web/webtest"
)

// Tab is a real browser on the site, in which the user is signed in; nobody for 0.
func (s *Site) Tab(userID int64) *webtest.Tab {
	s.T.Helper()
	if !assets.Default.Bundled() {
		s.T.Fatal("the pages are not bundled: run make build")
	}
	tab := webtest.Open(s.T, s.URL)
	if userID != 0 {
		tab.Cookie(sessionCookie, s.Token(userID))
	}
	return tab
}

// Accessible fails the test for what axe finds on the pages, on a desk in light and on a
// phone in dark, and for pages wider than the window.
func Accessible(t *testing.T, tab *webtest.Tab, paths ...string) {
	t.Helper()
	for _, path := range paths {
		tab.Visit(path)
		tab.Shorten()
		tab.Fits(1280, 860, false)
		tab.Fits(390, 844, true)
	}
}
