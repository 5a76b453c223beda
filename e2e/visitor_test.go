package e2e

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// visitor is a browser without scripts: it keeps cookies and follows redirects.
type visitor struct {
	t      *testing.T
	url    string
	client http.Client
}

func (s *site) visitor() *visitor {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &visitor{t: s.t, url: s.url, client: http.Client{Jar: jar}}
}

// signedIn is a visitor who used a sign-in link.
func (s *site) signedIn(link string) *visitor {
	s.t.Helper()
	v := s.visitor()
	if status, page := v.do("POST", strings.TrimPrefix(link, s.url), nil); status != http.StatusOK {
		s.t.Fatalf("signing in answers %d: %s", status, page)
	}
	return v
}

// of is the same visitor for another test, which hears of what fails.
func (v *visitor) of(t *testing.T) *visitor {
	other := *v
	other.t = t
	return &other
}

// person is the same visitor with a browser that runs scripts.
func (v *visitor) person(t *testing.T) person {
	t.Helper()
	p := (&site{t: t, url: v.url}).person(t)
	address, err := url.Parse(v.url)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range v.client.Jar.Cookies(address) {
		p.Cookie(c.Name, c.Value)
	}
	return p
}

// do opens a page, or sends a form, and answers the status and the page it ends at.
func (v *visitor) do(method, path string, form url.Values) (int, string) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := v.client.Do(r)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer.StatusCode, string(page)
}
