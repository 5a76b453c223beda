package e2e

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var signInLink = regexp.MustCompile(`http://\S+/sign-in/\S+`)

// TestDemo starts the demo, follows its links, and every link on the pages behind them.
func TestDemo(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	demo := s.launch("demo")
	var links []string
	until(t, "the demo serves", func() bool {
		answer, err := http.Get(s.url + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		links = signInLink.FindAllString(demo.logged(), -1)
		return true
	})
	if len(links) < 2 {
		t.Fatalf("the demo prints %d sign-in links:\n%s", len(links), demo.logged())
	}
	for _, link := range links {
		s.signedIn(link).follow()
	}
	demo.stop()
}

var href = regexp.MustCompile(`\bhref="([^"]+)"`)

// follow opens the page that somebody comes to and goes on to every page of the site that
// links lead to, of the pages that differ by an id alone to one. Each must be there.
func (v *visitor) follow() {
	v.t.Helper()
	seen, next := map[string]bool{"/": true}, []string{"/"}
	for len(next) > 0 {
		at := next[0]
		next = next[1:]
		status, page := v.do(http.MethodGet, at, nil)
		if status != http.StatusOK {
			v.t.Errorf("a link leads to %s, which answers %d", at, status)
		}
		for _, m := range href.FindAllStringSubmatch(page, -1) {
			to, err := url.Parse(html.UnescapeString(m[1]))
			if err != nil {
				v.t.Errorf("%s links to %q: %v", at, m[1], err)
				continue
			}
			if to.Host != "" || to.Scheme != "" || !strings.HasPrefix(to.Path, "/") {
				continue
			}
			if kind := shape(to); !seen[kind] {
				seen[kind] = true
				next = append(next, to.RequestURI())
			}
		}
	}
	if len(seen) < 5 {
		v.t.Errorf("only %d pages were reached", len(seen))
	}
}

var number = regexp.MustCompile(`/[^/]*\d[^/]*`)

// shape is what pages that differ by an id, or by the value of a parameter, have in common.
func shape(u *url.URL) string {
	kind := number.ReplaceAllString(u.Path, "/#") + "?"
	for _, name := range []string{"sort", "cursor", "q", "select"} {
		if u.Query().Has(name) {
			kind += name + " "
		}
	}
	return kind
}
