package help

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, path string) (int, string) {
	t.Helper()
	mux := http.NewServeMux()
	Pages{}.Routes(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

var helpLink = regexp.MustCompile(`href="(/help[^"#]*)`)

func TestEveryTopicIsThere(t *testing.T) {
	code, list := get(t, "/help")
	if code != http.StatusOK {
		t.Fatalf("status %d", code)
	}
	for _, topic := range topics {
		if !strings.Contains(list, `href="/help/`+topic.name+`"`) {
			t.Errorf("the list does not lead to %s", topic.name)
		}
		code, page := get(t, "/help/"+topic.name)
		if code != http.StatusOK || !strings.Contains(page, "<h1>"+topic.title+"</h1>") || strings.Contains(page, "style=") {
			t.Errorf("%s: status %d\n%s", topic.name, code, page)
		}
		for _, link := range helpLink.FindAllStringSubmatch(page, -1) {
			if code, _ := get(t, link[1]); code != http.StatusOK {
				t.Errorf("%s leads to %s, which answers %d", topic.name, link[1], code)
			}
		}
	}
}

func TestEveryStandingIsExplained(t *testing.T) {
	_, page := get(t, "/help/contacts-and-users")
	for _, level := range []string{"contact", "user", "member", "approved", "blocked"} {
		if !strings.Contains(page, `id="`+level+`"`) {
			t.Errorf("%s has no place to link to", level)
		}
	}
}

func TestAnUnknownTopicIsNotThere(t *testing.T) {
	if code, _ := get(t, "/help/nothing"); code != http.StatusNotFound {
		t.Errorf("status %d", code)
	}
}
