package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"beckon/internal/fault"
	"beckon/internal/telemetry"
)

// formLimit is how many bytes the body of a request may have, unless AllowBody says more. A
// selection of some ten thousand ids by hand fits.
const formLimit = 1 << 20

// contentSecurity forbids everything that pages do not need: no inline styles or scripts, no
// other hosts, no frames around Beckon. The API's own docs page lives with it too.
const contentSecurity = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Options say how Beckon is reached.
type Options struct {
	// BaseURL is the address that people use, for example https://beckon.example.
	BaseURL string
	// CrossOrigin are patterns of net/http.ServeMux that other sites may post to: one-click
	// unsubscribing (RFC 8058) comes from mail services.
	CrossOrigin []string
}

type contextKey struct{}

// request is what the chain knows about a request and handlers may ask for.
type request struct {
	secure bool
	body   io.ReadCloser
}

func of(r *http.Request) request {
	known, _ := r.Context().Value(contextKey{}).(request)
	return known
}

// RequestID is the number under which a request is logged and which error pages show.
func RequestID(r *http.Request) string { return telemetry.RequestID(r.Context()) }

// Secure reports whether people reach Beckon by https; cookies are then marked so.
func Secure(r *http.Request) bool { return of(r).secure }

// Chain surrounds a handler with what every request needs: a number, security headers,
// refusal of posts from other sites, a limit on the body, and an error page for what goes
// badly wrong.
func Chain(next http.Handler, o Options) http.Handler {
	secure := strings.HasPrefix(o.BaseURL, "https://")
	origin := http.NewCrossOriginProtection()
	for _, pattern := range o.CrossOrigin {
		origin.AddInsecureBypassPattern(pattern)
	}
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Fail(w, r, fault.Forbidden{Needs: "to be sent from Beckon itself and came from another site; open Beckon and send it from there"})
	}))
	guarded := origin.Handler(recovered(next))
	return telemetry.Numbered(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		known := request{secure: secure, body: r.Body}
		r = r.WithContext(context.WithValue(r.Context(), contextKey{}, known))
		setHeaders(w.Header(), known)
		r.Body = http.MaxBytesReader(w, r.Body, formLimit)
		if !utf8.ValidString(r.URL.Path) || strings.Contains(r.URL.Path, "\x00") {
			NotFound(w, r) // no text that is stored looks like it, and PostgreSQL would not take it
			return
		}
		guarded.ServeHTTP(w, r)
	}))
}

// AllowBody lets the body of this request have up to limit bytes. It must be called before
// anything of the body is read.
func AllowBody(w http.ResponseWriter, r *http.Request, limit int64) {
	if body := of(r).body; body != nil {
		r.Body = http.MaxBytesReader(w, body, limit)
	}
}

// ParseForm reads the form of a request: fault.Fields for what is none, *http.MaxBytesError
// for more than may come.
func ParseForm(r *http.Request) error {
	err := r.ParseForm()
	var tooLarge *http.MaxBytesError
	if err == nil || errors.As(err, &tooLarge) {
		return err
	}
	return fault.Invalid("form", "what was sent is not encoded as forms are")
}

func setHeaders(h http.Header, known request) {
	h.Set("Content-Security-Policy", contentSecurity)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if known.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// recovered turns a panic into an error page, so that one faulty page does not end
// connections of others.
func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause)
			}
			slog.ErrorContext(r.Context(), "handler panicked", "method", r.Method, "stack", string(debug.Stack()))
			Fail(w, r, fmt.Errorf("panic: %v", cause))
		}()
		next.ServeHTTP(w, r)
	})
}
