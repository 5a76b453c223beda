package web

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/web/components"
	"github.com/a-h/templ"
)

// ask sends one request through the chain and gives the answer.
func ask(t *testing.T, h http.HandlerFunc, r *http.Request, o Options) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	Chain(h, o).ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, body io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	ok := func(w http.ResponseWriter, r *http.Request) {}
	plain := ask(t, ok, httptest.NewRequest("GET", "/", nil), Options{BaseURL: "http://localhost:8080"})
	for name, want := range map[string]string{
		"X-Content-Type-Options":     "nosniff",
		"Referrer-Policy":            "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Strict-Transport-Security":  "",
	} {
		if got := plain.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if policy := plain.Header.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("Content-Security-Policy = %q", policy)
	}
	secure := ask(t, ok, httptest.NewRequest("GET", "/", nil), Options{BaseURL: "https://beckon.example"})
	if secure.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security with an https base URL")
	}
}

func TestPostsFromOtherSitesAreRefused(t *testing.T) {
	reached := 0
	h := func(w http.ResponseWriter, r *http.Request) { reached++ }
	o := Options{CrossOrigin: []string{"POST /u/{token}"}}
	for _, c := range []struct {
		path, site string
		status     int
	}{
		{"/contacts", "cross-site", http.StatusForbidden},
		{"/contacts", "same-origin", http.StatusOK},
		{"/contacts", "", http.StatusOK},
		{"/u/abc", "cross-site", http.StatusOK},
	} {
		r := httptest.NewRequest("POST", c.path, nil)
		if c.site != "" {
			r.Header.Set("Sec-Fetch-Site", c.site)
		}
		if got := ask(t, h, r, o).StatusCode; got != c.status {
			t.Errorf("POST %s from %q answers %d, want %d", c.path, c.site, got, c.status)
		}
	}
	if reached != 3 {
		t.Errorf("the handler was reached %d times, want 3", reached)
	}
}

func TestBodiesAreLimitedUnlessAHandlerAllowsMore(t *testing.T) {
	read := func(allow int64) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if allow > 0 {
				AllowBody(w, r, allow)
			}
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				Fail(w, r, fmt.Errorf("reading: %w", err))
			}
		}
	}
	body := strings.Repeat("x", formLimit+1)
	if got := ask(t, read(0), httptest.NewRequest("POST", "/", strings.NewReader(body)), Options{}).StatusCode; got != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body answers %d", got)
	}
	if got := ask(t, read(formLimit+1), httptest.NewRequest("POST", "/", strings.NewReader(body)), Options{}).StatusCode; got != http.StatusOK {
		t.Errorf("an allowed large body answers %d", got)
	}
}

func TestAddressesOfNothingThatCanBeStoredAreNotFound(t *testing.T) {
	reached := func(http.ResponseWriter, *http.Request) { t.Error("the handler is reached") }
	for _, path := range []string{"/at/elm%00/contacts", "/at/%ff/contacts"} {
		if answer := ask(t, reached, httptest.NewRequest("GET", path, nil), Options{}); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d", path, answer.StatusCode)
		}
	}
}

func TestErrorsBecomePagesThatSayWhatToDo(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		says   string
	}{
		{fault.NotFound("contact"), http.StatusNotFound, "Check the address"},
		{fault.Forbidden{Needs: "the role coordinator"}, http.StatusForbidden, "This needs the role coordinator."},
		{&gate.Refusal{Missing: gate.Membership}, http.StatusForbidden, `href="/recruit/company"`},
		{fault.Invalid("email", "the address needs a domain"), http.StatusUnprocessableEntity, "The address needs a domain."},
		{fault.Conflict{Message: "somebody approved it already"}, http.StatusConflict, "Somebody approved it already."},
		{fault.Limited{Message: "wait a minute", After: 1500 * time.Millisecond}, http.StatusTooManyRequests, "Wait a minute."},
		{errors.New("disk of db7 is full"), http.StatusInternalServerError, "Its number is"},
	} {
		h := func(w http.ResponseWriter, r *http.Request) { Fail(w, r, fmt.Errorf("while trying: %w", c.err)) }
		answer := ask(t, h, httptest.NewRequest("GET", "/", nil), Options{})
		page := text(t, answer.Body)
		if answer.StatusCode != c.status || !strings.Contains(page, c.says) || !strings.Contains(page, "<!doctype html>") || !strings.Contains(page, `href="/help`) {
			t.Errorf("%v answers %d:\n%s", c.err, answer.StatusCode, page)
		}
		if strings.Contains(page, "db7") || strings.Contains(page, "while trying") {
			t.Errorf("the page tells the inside: %s", page)
		}
	}
}

// A page, a refusal and a form that comes back lead to the page of help about what they are
// of; where a rule is broken that has a page of its own, to that.
func TestHelpSpeaksOfThePageOneIsOn(t *testing.T) {
	form := func(err error) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			trouble, _ := ExplainForm(w, err, nil)
			Render(w, r, trouble.Status, TroubleNotes(trouble))
		}
	}
	fail := func(err error) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { Fail(w, r, err) }
	}
	head := func(w http.ResponseWriter, r *http.Request) {
		Render(w, r, http.StatusOK, components.PageHead(components.Head{Title: "Page"}))
	}
	conflict := fault.Conflict{Message: "it is paused already"}
	for _, c := range []struct {
		path  string
		page  http.HandlerFunc
		leads string
	}{
		{"/at/elm/invites/7", head, "/help/past-bulk-invites"},
		{"/at/elm/invites/new", head, "/help/inviting"},
		{"/recruit/students", head, "/help/messages#for-recruiters"},
		{"/at/elm/invites/7", form(conflict), "/help/past-bulk-invites"},
		{"/student/elm/interviews/7/take", fail(conflict), "/help/interviews#for-students"},
		{"/at/elm/nowhere", fail(fault.ErrNotFound), "/help"},
		{"/at/elm/employers/7", form(fault.Forbidden{Needs: "the role reviewer"}), "/help/roles"},
		{"/recruit/jobs", fail(&gate.Refusal{Missing: gate.Blocked}), "/help/getting-approved#blocked"},
	} {
		answer := ask(t, c.page, httptest.NewRequest("GET", c.path, nil), Options{})
		if page := text(t, answer.Body); !strings.Contains(page, `href="`+c.leads+`"`) {
			t.Errorf("%s does not lead to %s:\n%s", c.path, c.leads, page)
		}
	}
	answer := ask(t, head, httptest.NewRequest("GET", "/account", nil), Options{})
	if page := text(t, answer.Body); strings.Contains(page, "/help") {
		t.Errorf("a page that no help speaks of leads to some:\n%s", page)
	}
}

func TestAPanicBecomesAnErrorPage(t *testing.T) {
	h := func(w http.ResponseWriter, r *http.Request) { panic("nobody expected this") }
	answer := ask(t, h, httptest.NewRequest("GET", "/", nil), Options{})
	page := text(t, answer.Body)
	if answer.StatusCode != http.StatusInternalServerError || !strings.Contains(page, answer.Header.Get("X-Request-Id")) || strings.Contains(page, "nobody expected") {
		t.Errorf("%d %s", answer.StatusCode, page)
	}
}

func TestHTMXGetsTheMessageInTheCornerAndFollowsRedirects(t *testing.T) {
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("HX-Request", "true")
	answer := ask(t, NotFound, r, Options{})
	if page := text(t, answer.Body); answer.StatusCode != http.StatusNotFound || !strings.Contains(page, `hx-target="#toasts"`) || strings.Contains(page, "<html") {
		t.Errorf("%d %s", answer.StatusCode, page)
	}
	to := func(w http.ResponseWriter, r *http.Request) { Redirect(w, r, "/invites/7") }
	if answer := ask(t, to, r, Options{}); answer.Header.Get("HX-Redirect") != "/invites/7" || answer.StatusCode != http.StatusNoContent {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
	if answer := ask(t, to, httptest.NewRequest("POST", "/", nil), Options{}); answer.Header.Get("Location") != "/invites/7" || answer.StatusCode != http.StatusSeeOther {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
}

func TestRenderPacksPagesAndSendsNoHalfOnes(t *testing.T) {
	long := strings.Repeat("Northwind Robotics ", 200)
	page := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, long)
		return err
	})
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	answer := ask(t, func(w http.ResponseWriter, r *http.Request) { Render(w, r, 200, page) }, r, Options{})
	unpacked, err := gzip.NewReader(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := text(t, unpacked); got != long {
		t.Errorf("unpacked %d bytes, want %d", len(got), len(long))
	}
	if answer.Header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("Cache-Control = %q", answer.Header.Get("Cache-Control"))
	}

	broken := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, "half a page")
		return errors.New("no more")
	})
	answer = ask(t, func(w http.ResponseWriter, r *http.Request) { Render(w, r, 200, broken) }, r, Options{})
	if got := text(t, answer.Body); answer.StatusCode != 500 || strings.Contains(got, "half a page") || strings.Contains(got, "no more") {
		t.Errorf("%d %q", answer.StatusCode, got)
	}
}

func TestAFlashIsShownOnce(t *testing.T) {
	set := ask(t, func(w http.ResponseWriter, r *http.Request) {
		SetFlash(w, r, components.Flash{Kind: "good", Text: "3 contacts labelled «Fair»", Done: true})
	}, httptest.NewRequest("POST", "/", nil), Options{BaseURL: "https://beckon.example"})
	cookie := set.Cookies()[0]
	if !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v", cookie)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(cookie)
	var got *components.Flash
	take := ask(t, func(w http.ResponseWriter, r *http.Request) { got = TakeFlash(w, r) }, r, Options{})
	if got == nil || got.Text != "3 contacts labelled «Fair»" || !got.Done {
		t.Fatalf("flash = %+v", got)
	}
	if gone := take.Cookies()[0]; gone.Name != cookie.Name || gone.MaxAge >= 0 {
		t.Errorf("the cookie stays: %+v", gone)
	}
	r = httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: cookie.Name, Value: "nonsense"})
	ask(t, func(w http.ResponseWriter, r *http.Request) { got = TakeFlash(w, r) }, r, Options{})
	if got != nil {
		t.Errorf("a spoilt cookie gives %+v", got)
	}
}
