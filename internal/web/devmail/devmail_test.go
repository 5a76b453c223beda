package devmail_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/mail"
	"beckon/internal/secret"
	"beckon/internal/web"
	"beckon/internal/web/assets"
	"beckon/internal/web/devmail"
	"beckon/internal/web/webtest"
)

// box is a mailbox with one message in it, whose button leads to an address.
func box(t *testing.T, button string) http.Handler {
	kept := &mail.Kept{DB: dbtest.SQLite(t), Key: secret.Fixed("k"), Now: time.Now}
	letter := mail.Letter{Institution: "Elm University", Heading: "Hello", Paragraphs: []string{"First."},
		Button: mail.Link{Text: "Create your account", URL: button}}
	html, err := letter.RenderHTML()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := mail.Compose(mail.Message{From: netmail.Address{Name: "Elm University", Address: "careers@elm.example"},
		To: netmail.Address{Address: "ada@acme.example"}, Subject: "Recruit at Elm", Text: letter.RenderText(), HTML: html,
		MessageID: "1@elm.example", Date: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.Keep(context.Background(), "", "ada@acme.example", raw); err != nil {
		t.Fatal(err)
	}
	pages := &devmail.Pages{Kept: kept, Now: time.Now, BaseURL: "https://beckon.example"}
	mux := http.NewServeMux()
	pages.Routes(mux)
	mux.Handle("GET "+assets.Prefix, assets.Default)
	return web.Chain(mux, web.Options{BaseURL: "http://127.0.0.1"})
}

func TestMailboxAnswersThisMachineAlone(t *testing.T) {
	h := box(t, "http://127.0.0.1:8080/i/token")
	for _, c := range []struct {
		remote, host, forwarded string
		want                    int
	}{
		{"127.0.0.1:999", "127.0.0.1:8080", "", 200},
		{"[::1]:999", "localhost:8080", "", 200},
		{"127.0.0.1:999", "beckon.example", "", 200},
		{"192.0.2.7:999", "127.0.0.1:8080", "", 404},
		{"127.0.0.1:999", "rebound.example", "", 404},
		{"127.0.0.1:999", "127.0.0.1:8080", "192.0.2.7", 404},
	} {
		r := httptest.NewRequest("GET", "/dev/mailbox", nil)
		r.RemoteAddr, r.Host = c.remote, c.host
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s for %s forwarded %q: %d, want %d", c.remote, c.host, c.forwarded, w.Code, c.want)
		}
	}
}

func get(t *testing.T, url string) (string, http.Header) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 200 {
		t.Fatalf("%s: %d, %v", url, r.StatusCode, err)
	}
	return string(body), r.Header
}

func TestMessageIsShownInItsParts(t *testing.T) {
	server := httptest.NewServer(box(t, "http://127.0.0.1:8080/i/token"))
	defer server.Close()
	first := server.URL + "/dev/mailbox/" + db.FormatID(1)
	if page, _ := get(t, first+"?part=text"); !strings.Contains(page, `<a href="http://127.0.0.1:8080/i/token">`) || strings.Contains(page, "\n ") {
		t.Errorf("the plain text is not shown as it is: %s", page)
	}
	if page, _ := get(t, first+"?part=header"); !strings.Contains(page, "&lt;1@elm.example&gt;") {
		t.Errorf("the header is not shown: %s", page)
	}
	page, header := get(t, first+"/html")
	if !strings.Contains(page, `<base target="_top">`) {
		t.Errorf("links would open within the frame: %s", page)
	}
	if policy := header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "sandbox ") || strings.Contains(policy, "allow-scripts") {
		t.Errorf("the message may do too much: %s", policy)
	}
}

// A link of a message, followed within its frame, opens in the whole window.
func TestMailboxInABrowser(t *testing.T) {
	var pages http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { pages.ServeHTTP(w, r) }))
	defer server.Close()
	pages = box(t, server.URL+"/dev/mailbox?q=followed")
	tab := webtest.Open(t, server.URL)
	tab.Visit("/dev/mailbox")
	tab.Axe()
	tab.Follow("a.name")
	tab.Axe()
	tab.Wait(`document.querySelector("iframe.frame").focus() ?? true`)
	tab.Keys("\t\r")
	tab.Wait(`location.search === "?q=followed"`)
}
