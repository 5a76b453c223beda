package assets

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func bundle() *Set {
	return load(fstest.MapFS{
		"dist/manifest.json":          {Data: []byte(`{"beckon.css":"beckon-AAAA1111.css","inter.woff2":"inter-BBBB2222.woff2"}`)},
		"dist/beckon-AAAA1111.css":    {Data: []byte("body{}")},
		"dist/beckon-AAAA1111.css.br": {Data: []byte("brotli")},
		"dist/beckon-AAAA1111.css.gz": {Data: []byte("gzip")},
		"dist/inter-BBBB2222.woff2":   {Data: []byte("font")},
		"src/beckon.css":              {Data: []byte("body { }")},
	})
}

func get(s *Set, path, encoding string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestBundledFilesAreKeptForEverAndPacked(t *testing.T) {
	s := bundle()
	if got := s.URL("beckon.css"); got != "/assets/beckon-AAAA1111.css" {
		t.Fatalf("URL = %q", got)
	}
	for _, c := range []struct{ accept, encoding, body string }{
		{"gzip, deflate, br", "br", "brotli"},
		{"gzip", "gzip", "gzip"},
		{"", "", "body{}"},
	} {
		w := get(s, s.URL("beckon.css"), c.accept)
		if w.Body.String() != c.body || w.Header().Get("Content-Encoding") != c.encoding {
			t.Errorf("Accept-Encoding %q: body %q, encoding %q", c.accept, w.Body, w.Header().Get("Content-Encoding"))
		}
		if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("Cache-Control = %q", w.Header().Get("Cache-Control"))
		}
		if w.Header().Get("Content-Type") != "text/css; charset=utf-8" {
			t.Errorf("Content-Type = %q", w.Header().Get("Content-Type"))
		}
	}
	if w := get(s, s.URL("inter.woff2"), "br"); w.Body.String() != "font" || w.Header().Get("Content-Encoding") != "" {
		t.Errorf("a file without a packed copy: %q, encoding %q", w.Body, w.Header().Get("Content-Encoding"))
	}
}

func TestOnlyPublishedFilesAreServed(t *testing.T) {
	for _, path := range []string{"manifest.json", "beckon-AAAA1111.css.br", "src/beckon.css", "missing.js", "../assets.go", ""} {
		if w := get(bundle(), Prefix+path, "br"); w.Code != http.StatusNotFound {
			t.Errorf("%q answers %d", path, w.Code)
		}
	}
}

func TestWithoutABundlePagesGetTheStyleSheetAsWritten(t *testing.T) {
	s := load(fstest.MapFS{"dist/.keep": {}, "src/beckon.css": {Data: []byte("body { }")}, "src/beckon.js": {Data: []byte("1")}})
	if s.Bundled() {
		t.Fatal("Bundled without a manifest")
	}
	if got := s.URL("beckon.js"); got != "" {
		t.Errorf("URL of a script that was not bundled = %q", got)
	}
	url := s.URL("beckon.css")
	if url != "/assets/src/beckon.css" {
		t.Fatalf("URL = %q", url)
	}
	w := get(s, url, "br")
	if w.Code != http.StatusOK || w.Body.String() != "body { }" || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestEveryImportOfTheStyleSheetIsThere(t *testing.T) {
	s := load(files)
	s.names = nil
	w := get(s, Prefix+"src/beckon.css", "")
	imports := 0
	for line := range strings.Lines(w.Body.String()) {
		if name, ok := strings.CutPrefix(line, `@import "./`); ok {
			imports++
			name, _, _ = strings.Cut(name, `"`)
			if got := get(s, Prefix+"src/"+name, "").Code; got != http.StatusOK {
				t.Errorf("%s answers %d", name, got)
			}
		}
	}
	if imports == 0 {
		t.Error("beckon.css imports nothing")
	}
}
