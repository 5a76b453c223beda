package help

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"

	texts "beckon/docs/help"
	"beckon/internal/institution"
	"beckon/internal/web/visit/visittest"
)

func get(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	mux := http.NewServeMux()
	Pages{}.Routes(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil))
	return w.Result(), w.Body.String()
}

var (
	linked = regexp.MustCompile(`(?:href|src|srcset)="(/help[^"]*)"`)
	id     = regexp.MustCompile(`\bid="([^"]+)"`)
)

// Every text is on a shelf and shown; what it links to, a part of a page and each file of a
// picture included, is there.
func TestEveryPageIsThereAndLeadsSomewhere(t *testing.T) {
	files, err := fs.Glob(texts.Files, "*.md")
	if err != nil || len(files) != len(library.pages) {
		t.Fatalf("%d pages of %d files, %v", len(library.pages), len(files), err)
	}
	_, list := get(t, "/help")
	for _, file := range files {
		name := strings.TrimSuffix(file, ".md")
		if !strings.Contains(list, `href="/help/`+name+`"`) {
			t.Errorf("the list does not lead to %s", name)
		}
		answer, page := get(t, "/help/"+name)
		if answer.StatusCode != http.StatusOK || strings.Contains(page, "style=") || strings.Contains(page, `src=""`) || strings.Contains(page, `srcset=""`) || strings.Contains(page, "raw HTML") || strings.Contains(page, "beckon:") {
			t.Errorf("%s: status %d\n%s", name, answer.StatusCode, page)
		}
		for _, m := range linked.FindAllStringSubmatch(page, -1) {
			to, anchor, _ := strings.Cut(m[1], "#")
			answer, target := get(t, to)
			if answer.StatusCode != http.StatusOK || anchor != "" && !strings.Contains(target, `id="`+anchor+`"`) {
				t.Errorf("%s leads to %s, which answers %d", name, m[1], answer.StatusCode)
			}
		}
		seen := map[string]bool{}
		for _, m := range id.FindAllStringSubmatch(page, -1) {
			if seen[m[1]] {
				t.Errorf("%s has two parts that are %s", name, m[1])
			}
			seen[m[1]] = true
		}
	}
}

// A picture that no page shows is one that was forgotten.
func TestEveryPictureIsShown(t *testing.T) {
	shown := ""
	for _, p := range library.pages {
		shown += p.html
	}
	files, err := fs.ReadDir(texts.Files, "pictures")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if path.Ext(f.Name()) == ".webp" && (info.Size() > 150_000 || !strings.Contains(shown, pictureURL(f.Name()))) {
			t.Errorf("%s has %d bytes, or no page shows it", f.Name(), info.Size())
		}
	}
}

// Components and the API's refusals lead to each standing by its name.
func TestEveryStandingIsExplained(t *testing.T) {
	_, page := get(t, "/help/contacts-and-users")
	for _, level := range []string{"contact", "user", "member", "approved", "blocked"} {
		if !strings.Contains(page, `id="`+level+`"`) {
			t.Errorf("%s has no place to link to", level)
		}
	}
}

func TestAnUnknownPageIsNotThere(t *testing.T) {
	for _, address := range []string{"/help/nothing", "/help/pictures/nothing.webp", "/help/pictures/..%2fhelp.go"} {
		if answer, _ := get(t, address); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", address, answer.StatusCode)
		}
	}
	if answer, _ := get(t, "/help/imports"); answer.Header.Get("Location") != "/help/importing" {
		t.Errorf("the page that moved answers %d", answer.StatusCode)
	}
}

func TestSearchFindsTheBestPartOfEachPage(t *testing.T) {
	for q, want := range map[string]string{
		"Bounced":           "/help/past-bulk-invites#the-funnel",
		"quiet ÉXPLORE":     "",
		"blocked company":   "/help/contacts-and-users#blocked",
		"approved getting":  "/help/getting-approved",
		"preamble nonsense": "",
		"  ":                "",
	} {
		hits := library.search(q)
		if want == "" && len(hits) != 0 {
			t.Errorf("%q finds %s", q, hits[0].URL())
		}
		if want != "" && (len(hits) == 0 || hits[0].URL() != want || hits[0].Excerpt == "") {
			t.Errorf("%q finds %+v, not %s first", q, hits, want)
		}
	}
	_, page := get(t, `/help?q=%3Cscript%3E`)
	if strings.Contains(page, "<script>") || !strings.Contains(page, "No page has all of") {
		t.Error(page)
	}
}

// Links to pages of the reader's own lead to the reader's own, and nowhere for others.
func TestLinksLeadToTheReadersOwnPages(t *testing.T) {
	s := visittest.New(t)
	Pages{}.Routes(s.Mux)
	elm, oak := s.Institution("Elm University"), s.Institution("Oak College")
	eva := s.User("Eva Staff", "eva@elm.example")
	s.Staff(elm, eva, institution.Viewer)
	s.Visitor().Get("/help/inviting").Shows(200, "in the list of contacts:").Lacks("/at/")
	s.As(eva).Get("/help/inviting").Shows(200, `in the list of <a href="/at/elm/contacts">contacts</a>`, `aria-label="Main"`)
	s.Visitor().Get("/help/getting-approved").Shows(200, `href="/recruit/company"`)
	s.Staff(oak, eva, institution.Viewer)
	s.As(eva).Get("/help/inviting").Shows(200, "in the list of contacts:").Lacks("/at/elm/contacts\">contacts")
}
