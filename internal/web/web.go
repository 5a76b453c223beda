// Package web is what all pages share: the chain that every request goes through, rendering,
// error pages, messages after a redirect and the selection of a list. The pages themselves
// live in one folder for each area.
package web

import (
	"bytes"
	"compress/gzip"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"beckon/internal/web/components"
)

// gzipFrom is the size in bytes from which packing a page is worth its time.
const gzipFrom = 1400

var packers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// Render answers with a page or a part of one. Nothing is sent before all of it is made, so
// that an error while rendering becomes an error page instead of half a page. Answers are
// private to who asked and not kept by anybody, unless Cache-Control is set already.
func Render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	var body bytes.Buffer
	if err := page.Render(components.WithTopic(r.Context(), r.URL.Path), &body); err != nil {
		slog.ErrorContext(r.Context(), "rendering failed", "route", r.Pattern, "error", err)
		http.Error(w, "This page could not be made. Try again; if it stays, tell who runs this server the number "+RequestID(r)+".", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Accept-Encoding, HX-Request")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-store")
	}
	content := &body
	if body.Len() >= gzipFrom && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		content = pack(body.Bytes())
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(content.Len()))
	w.WriteHeader(status)
	// Errors in writing mean that the browser is gone.
	_, _ = content.WriteTo(w)
}

func pack(page []byte) *bytes.Buffer {
	var packed bytes.Buffer
	z := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(&packed)
	// Writing to a buffer does not fail.
	_, _ = z.Write(page)
	_ = z.Close()
	return &packed
}

// Partial reports whether htmx asks for a part of a page: then the answer is that part
// alone, for example what goes into the dialog.
func Partial(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// Redirect sends the browser to another page after a POST (303), also where the request
// came from htmx, which would otherwise put that page into the present one.
func Redirect(w http.ResponseWriter, r *http.Request, url string) {
	if Partial(r) {
		w.Header().Set("HX-Redirect", url)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(w, r, url, http.StatusSeeOther)
}

// PrivateLink marks an answer whose address is itself a secret, such as an invite's or a
// sign-in's link: the address is told to no other site and the page is kept nowhere. The
// last policy that a browser knows counts. It is not no-referrer, under which a form on the
// page is posted with the origin null: over plain http that is all there is to tell it from
// a form of another site.
func PrivateLink(w http.ResponseWriter) {
	w.Header().Set("Referrer-Policy", "no-referrer, same-origin")
	w.Header().Set("Cache-Control", "no-store")
}
