// Package help shows the pages that explain Beckon, made from docs/help, to everybody:
// what contacts and users can do, how inviting works, what an invited person may expect.
package help

import (
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"net/http"
	"path"

	texts "beckon/docs/help"
	"beckon/internal/web"
	"beckon/internal/web/visit"
)

// Pages are the pages of this package.
type Pages struct{}

// moved are names that pages had before; mails that went out lead to them.
var moved = map[string]string{"imports": "importing"}

// Routes adds the pages to mux.
func (Pages) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /help", index)
	mux.HandleFunc("GET /help/{page}", show)
	mux.HandleFunc("GET /help/pictures/{name}", picture)
}

// index lists the pages, or those that answer a search.
func index(w http.ResponseWriter, r *http.Request) {
	if reader, ok := visit.Reading(w, r); ok {
		q := r.URL.Query().Get("q")
		web.Render(w, r, http.StatusOK, indexPage(reader.Frame("Help", "Help"), q, library.search(q)))
	}
}

func show(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("page")
	if to, ok := moved[name]; ok {
		http.Redirect(w, r, "/help/"+to, http.StatusMovedPermanently)
		return
	}
	p, ok := library.pages[name]
	if !ok {
		web.NotFound(w, r)
		return
	}
	if reader, ok := visit.Reading(w, r); ok {
		web.Render(w, r, http.StatusOK, topicPage(reader.Frame("Help", p.Title), p, p.body(reader.Places)))
	}
}

// picture serves a picture. Its address changes with its content, so browsers keep it.
func picture(w http.ResponseWriter, r *http.Request) {
	content, err := fs.ReadFile(texts.Files, path.Join("pictures", r.PathValue("name")))
	if err != nil {
		web.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "image/webp")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	// Errors in writing mean that the browser is gone.
	_, _ = w.Write(content)
}

// pictureURL is the address of a picture, "" where there is none of that name.
func pictureURL(name string) string {
	content, err := fs.ReadFile(texts.Files, path.Join("pictures", name))
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(content)
	return "/help/pictures/" + name + "?" + base64.RawURLEncoding.EncodeToString(sum[:6])
}
