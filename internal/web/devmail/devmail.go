// Package devmail shows the messages that a server without SMTP keeps instead of sending. It
// is for whoever tries Beckon on their own machine, so it answers nobody else.
package devmail

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/mail"
	"beckon/internal/web"
)

// pageSize is how many messages a page lists.
const pageSize = 50

// frameSecurity is the Content-Security-Policy of a message's HTML, which stands in a frame:
// nothing of it runs or loads, and the styles that mail needs work in it alone.
const frameSecurity = "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; " +
	"img-src data:; form-action 'none'; frame-ancestors 'self'"

// Pages is the mailbox as web pages.
type Pages struct {
	Kept *mail.Kept
	Now  func() time.Time
	// BaseURL is the address that people use; besides it the pages answer localhost's names.
	BaseURL string
}

// Routes adds the pages to a site.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /dev/mailbox", p.near(p.list))
	mux.HandleFunc("GET /dev/mailbox/{id}", p.near(p.show))
	mux.HandleFunc("GET /dev/mailbox/{id}/html", p.near(p.frame))
}

// near lets through what comes from this machine, straight and under a name of this machine:
// a site elsewhere whose name was made to lead here must not read the mail.
func (p *Pages) near(next http.HandlerFunc) http.HandlerFunc {
	base, _ := url.Parse(p.BaseURL)
	return func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		passedOn := r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != ""
		if err != nil || !from.Addr().Unmap().IsLoopback() || passedOn || !loopbackName(r.Host) && (base == nil || r.Host != base.Host) {
			web.NotFound(w, r)
			return
		}
		next(w, r)
	}
}

func loopbackName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && address.IsLoopback()
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) {
	q := strings.TrimSpace(r.FormValue("q"))
	before, _ := db.ParseID(r.FormValue("before"))
	// One more than is shown tells whether there is a next page.
	messages, total, err := p.Kept.List(r.Context(), q, before, pageSize+1)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	l := list{Q: q, Total: total, Now: p.Now(), Messages: messages}
	if before > 0 {
		l.Newest = address(q, 0)
	}
	if len(messages) > pageSize {
		l.Messages = messages[:pageSize]
		l.Older = address(q, messages[pageSize-1].ID)
	}
	web.Render(w, r, http.StatusOK, listPage(l))
}

func address(q string, before int64) string {
	v := url.Values{}
	if q != "" {
		v.Set("q", q)
	}
	if before > 0 {
		v.Set("before", db.FormatID(before))
	}
	if len(v) == 0 {
		return "/dev/mailbox"
	}
	return "/dev/mailbox?" + v.Encode()
}

func (p *Pages) message(r *http.Request) (mail.KeptMessage, error) {
	id, ok := db.ParseID(r.PathValue("id"))
	if !ok {
		return mail.KeptMessage{}, fault.NotFound("message")
	}
	return p.Kept.Get(r.Context(), id)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) {
	m, err := p.message(r)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	part := r.FormValue("part")
	if part != "text" && part != "header" {
		part = "html"
	}
	web.Render(w, r, http.StatusOK, messagePage(m, part, p.Now()))
}

// frame answers with the HTML of a message as it is, but for its links, which open in the
// whole window.
func (p *Pages) frame(w http.ResponseWriter, r *http.Request) {
	m, err := p.message(r)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	page := strings.Replace(m.HTML, "<head>", `<head><base target="_top">`, 1)
	h := w.Header()
	h.Set("Content-Security-Policy", frameSecurity)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(page)))
	// An error in writing means that the browser is gone.
	_, _ = w.Write([]byte(page))
}
