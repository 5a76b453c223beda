package e2e

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Those whom the demo prints sign-in links for.
const (
	owner     = "Career centre (owner)"
	admin     = "Company's admin"
	recruiter = "Recruiter"
	pupil     = "Student"
	nobody    = "nobody"
)

var signInLink = regexp.MustCompile(`(?m)^  (\S.*?) +(http://\S+/sign-in/\S+)$`)

// TestDemo starts the demo and looks around in it: every link leads somewhere, every page is
// fit for everybody, by day and night, at a desk and on a phone, and the pictures of the help
// pages show what is there.
func TestDemo(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	// The pictures show days, so the day is always the same.
	demo := s.launch("demo", "--now=2026-11-24T10:00:00Z")
	until(t, "the demo serves", func() bool {
		answer, err := http.Get(s.url + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return true
	})
	guests := map[string]*visitor{nobody: s.visitor()}
	for _, m := range signInLink.FindAllStringSubmatch(demo.logged(), -1) {
		guests[m[1]] = s.signedIn(m[2])
	}
	if len(guests) < 5 {
		t.Fatalf("the demo prints links for %d people:\n%s", len(guests), demo.logged())
	}
	t.Run("pages", func(t *testing.T) {
		for who, guest := range guests {
			t.Run(who, func(t *testing.T) {
				t.Parallel()
				pages := guest.of(t).follow()
				if who != nobody { // who sees the same of these
					pages = slices.DeleteFunc(pages, func(page string) bool { return strings.HasPrefix(page, "/help/") || strings.HasPrefix(page, "/api/") })
				}
				guest.of(t).person(t).each(pages)
			})
		}
		t.Run("pictures", func(t *testing.T) {
			t.Parallel()
			testPictures(t, guests)
		})
	})
	demo.stop()
}

var href = regexp.MustCompile(`\bhref="([^"]+)"`)

// follow opens the page that somebody comes to and goes on to every page of the site that
// links lead to, of the pages that differ by an id alone to one. Each must be there. It
// answers those that browsers show.
func (v *visitor) follow() (pages []string) {
	v.t.Helper()
	shapes := newShapes(v.t)
	seen, next := map[string]bool{"/": true}, []string{"/"}
	for len(next) > 0 {
		at := next[0]
		next = next[1:]
		status, page := v.do(http.MethodGet, at, nil)
		if status != http.StatusOK {
			v.t.Errorf("a link leads to %s, which answers %d", at, status)
		}
		if strings.Contains(page, "</html>") {
			pages = append(pages, at)
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
			if kind := shapes.of(to); !seen[kind] {
				seen[kind] = true
				next = append(next, to.RequestURI())
			}
		}
	}
	if len(seen) < 5 {
		v.t.Errorf("only %d pages were reached", len(seen))
	}
	return pages
}

// shapes knows the patterns of pages, and so which parts of an address are ids.
type shapes struct{ *http.ServeMux }

func newShapes(t *testing.T) shapes {
	t.Helper()
	s := shapes{http.NewServeMux()}
	for _, r := range routes(t) {
		if r.method == http.MethodGet {
			s.HandleFunc("GET "+r.path, http.NotFound)
		}
	}
	return s
}

// of is what pages that differ by an id, or by the value of a parameter, have in common.
func (s shapes) of(u *url.URL) string {
	_, pattern := s.Handler(&http.Request{Method: http.MethodGet, URL: u})
	parts := strings.Split(u.Path, "/")
	for i, part := range strings.Split(strings.TrimPrefix(pattern, "GET "), "/") {
		if i < len(parts) && (part == "{id}" || part == "{token}" || part == "{file}") {
			parts[i] = part
		}
	}
	kind := strings.Join(parts, "/") + "?"
	for _, name := range []string{"sort", "cursor", "q", "select", "dim"} {
		if u.Query().Has(name) {
			kind += name + " "
		}
	}
	return kind
}
