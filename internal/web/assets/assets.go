// Package assets serves what pages are made of besides HTML: one style sheet, one script
// and another for pictures of numbers, the icon and the fonts. `make build` bundles them from src into dist, each file with its
// content's hash in its name, so that browsers keep it for ever. Without a bundle, pages
// get the style sheet as it is written and no script: plainer, and complete.
package assets

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// Prefix is where Handler expects to be mounted, with a slash at both ends.
const Prefix = "/assets/"

// The placeholder dist/.keep lets a fresh clone compile before anything is bundled.
//
//go:embed all:dist src
var files embed.FS

// Set is a choice of files to serve. The zero Set serves nothing; use Default. It is
// immutable and safe for concurrent use.
type Set struct {
	files fs.FS
	// names maps the name that templates use to the path in files; nil without a bundle.
	names map[string]string
}

// Default holds the files built into the program.
var Default = load(files)

func load(files fs.FS) *Set {
	set := &Set{files: files}
	manifest, err := fs.ReadFile(files, "dist/manifest.json")
	if err != nil {
		return set
	}
	var hashed map[string]string
	if json.Unmarshal(manifest, &hashed) != nil {
		return set
	}
	set.names = make(map[string]string, len(hashed))
	for name, file := range hashed {
		set.names[name] = "dist/" + file
	}
	return set
}

// Bundled reports whether there is a bundle, and with it a script.
func (s *Set) Bundled() bool { return s.names != nil }

// URL gives the address of a file, for example "beckon.css", and "" for one that is not
// there: without a bundle that is every script and font.
func (s *Set) URL(name string) string {
	if file, ok := s.names[name]; ok {
		return Prefix + strings.TrimPrefix(file, "dist/")
	}
	if ext := path.Ext(name); s.Bundled() || ext != ".css" && ext != ".svg" {
		return ""
	}
	if _, err := fs.Stat(s.files, "src/"+name); err != nil {
		return ""
	}
	return Prefix + "src/" + name
}

// ServeHTTP serves the files below Prefix. Bundled ones may be cached for ever and go out
// as Brotli or gzip where the browser takes it; files as they are written are always asked
// for again.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, Prefix)
	if plain, ok := strings.CutPrefix(name, "src/"); ok {
		s.servePlain(w, r, plain)
		return
	}
	content, err := fs.ReadFile(s.files, "dist/"+name)
	if err != nil || !s.published(name) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType(name))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Add("Vary", "Accept-Encoding")
	for _, encoding := range []struct{ token, ext string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), encoding.token) {
			continue
		}
		if packed, err := fs.ReadFile(s.files, "dist/"+name+encoding.ext); err == nil {
			h.Set("Content-Encoding", encoding.token)
			content = packed
			break
		}
	}
	// Errors in writing mean that the browser is gone.
	_, _ = w.Write(content)
}

// published keeps the manifest and the packed copies from being fetched by their own names.
func (s *Set) published(name string) bool {
	for _, file := range s.names {
		if file == "dist/"+name {
			return true
		}
	}
	return false
}

func (s *Set) servePlain(w http.ResponseWriter, r *http.Request, name string) {
	content, err := fs.ReadFile(s.files, "src/"+name)
	if err != nil || s.Bundled() {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", contentType(name))
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(content)
}

// contentType does not ask the system's table, which differs between machines.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	}
	return "application/octet-stream"
}
