package filterbar

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"beckon/internal/contact"
	"pgregory.net/rapid"
)

// leads is where the panel's answer leads to.
func leads(form url.Values, more ...string) string {
	w := httptest.NewRecorder()
	Lead(w, httptest.NewRequest(http.MethodGet, "/list/filter?"+form.Encode(), nil), "/list", more...)
	return w.Header().Get("Location")
}

func TestPanelAddsToWhatThereIs(t *testing.T) {
	form := url.Values{"kept_label": {"Board"}, "label_how": {"label_none"}, "add_label": {"Fair"}, "company": {" "}, "domain": {"x.example"},
		"standing": {"user"}, "none_owner": {"1"}, "archived": {"no"}, "invited_after": {""}, "dim": {"title", "label"}, "colour": {"red"}}
	const want = "/list?dim=title&dim=label&domain=x.example&label=Board&label_none=Fair&owner=&standing=user"
	if got := leads(form, "dim", "sort"); got != want {
		t.Errorf("leads to %s, want %s", got, want)
	}
	if got := leads(url.Values{"label_how": {"sort"}, "add_label": {"Fair"}}); got != "/list" {
		t.Errorf("leads to %s", got)
	}
}

// A panel that is sent as it was drawn changes nothing, whatever the filter says.
func TestPanelKeepsTheFilter(t *testing.T) {
	values := map[string][]string{"q": {"a b"}, "label": {"Fair 2026", "Board"}, "label_any": {"Fair", ""}, "reached": {"sent", "opened"}, "variant": {"", "connect"}, "bulk_invite": {"7"}, "company": {"", "Northwind"}, "title": {""}, "owner": {"7", ""},
		"standing": {"user", "member"}, "source": {"uploaded", ""}, "invite": {"sent"}, "created_after": {"2026-11-23T09:30:00Z"}, "archived": {"any"}}
	rapid.Check(t, func(t *rapid.T) {
		asked := url.Values{}
		for word, some := range values {
			if rapid.Bool().Draw(t, word) {
				asked[word] = some
			}
		}
		f, err := contact.ParseFilter(asked, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		b := Bar{Base: "/list", Filter: f}
		form := b.kept()
		for word, some := range f.Values() {
			for _, value := range some {
				switch {
				case value != "" && slices.Contains([]string{"standing", "invite", "reached", "source", "created_after", "archived"}, word):
					form.Add(word, value)
				case value == "" && word != "source" && word != "variant":
					form.Set("none_"+word, "1")
				}
			}
		}
		back, err := url.Parse(leads(form))
		if err != nil {
			t.Fatal(err)
		}
		again, err := contact.ParseFilter(back.Query(), time.UTC)
		if err != nil || again.Query() != f.Query() {
			t.Fatalf("%s became %s, %v", f.Query(), again.Query(), err)
		}
	})
}
