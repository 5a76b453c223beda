package api

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"beckon/internal/contact/transfer"
)

// bodyLimit is how many bytes of JSON a request may bring: a selection of some hundred
// thousand ids fits. A file that is uploaded has its own limit.
const bodyLimit = 8 << 20

// bodyTime is how long a request may take to bring its JSON.
const bodyTime = 30 * time.Second

// router surrounds every operation with what holds for all, and answers problems for what is
// no operation. It is huma's adapter.
type router struct {
	mux    *http.ServeMux
	deps   Deps
	limits *limits
}

func newRouter(d Deps) *router {
	r := &router{mux: http.NewServeMux(), deps: d, limits: newLimits(d.RequestsPerSecond, d.Now)}
	a := &api{Deps: d, huma: newHuma(r)}
	a.registerAll()
	r.serveDocs(a.huma.OpenAPI())
	return r
}

// Handle is called by huma for each operation.
func (rt *router) Handle(op *huma.Operation, handler func(huma.Context)) {
	who := op.Metadata[accessKey].(access)
	h := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler(humago.NewContext(op, r, w))
	}))
	if op.Method != http.MethodGet {
		h = rt.once(h)
	}
	if who.streams {
		h = patient(h)
	} else {
		h = readBody(h)
	}
	h = rt.authenticate(who, rt.limits.guard(h))
	rt.mux.Handle(op.Method+" "+Prefix+op.Path, h)
}

// ServeHTTP answers a request below Prefix.
func (rt *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer recovered(w, r)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if h, pattern := rt.mux.Handler(r); pattern == "" {
		notRouted(w, r, h)
		return
	}
	rt.mux.ServeHTTP(w, r)
}

// notRouted answers what no operation takes. h is what the mux would answer: 405 where the
// path is known with other methods, 404 otherwise.
func notRouted(w http.ResponseWriter, r *http.Request, h http.Handler) {
	answer := &recorder{header: http.Header{}}
	h.ServeHTTP(answer, r)
	if answer.status == http.StatusMethodNotAllowed {
		allow := answer.header.Get("Allow")
		w.Header().Set("Allow", allow)
		writeProblem(w, newProblem(http.StatusMethodNotAllowed, "This path does not take "+r.Method+"; it takes "+allow+"."))
		return
	}
	writeProblem(w, newProblem(http.StatusNotFound, "There is nothing at this path; "+Prefix+"/docs lists what there is."))
}

// recovered turns a panic into a problem, so that one faulty operation does not end the
// connections of others.
func recovered(w http.ResponseWriter, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(cause)
	}
	slog.ErrorContext(r.Context(), "API operation panicked", "method", r.Method, "route", r.Pattern, "cause", cause, "stack", string(debug.Stack()))
	writeProblem(w, brokenProblem(r.Context()))
}

// readBody reads the body of a request before anything is begun, so that a slow client holds
// nothing but its connection.
func readBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		// Connections without deadlines are those of tests.
		_ = control.SetReadDeadline(time.Now().Add(bodyTime))
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
		if err == nil {
			// Otherwise it stays: before the answer goes, the server waits for more of the body.
			_ = control.SetReadDeadline(time.Time{})
		}
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			writeProblem(w, newProblem(http.StatusRequestEntityTooLarge, "The body is larger than 8 MiB; send less at once."))
			return
		case err != nil:
			writeProblem(w, newProblem(http.StatusBadRequest, "The body did not arrive whole; send the request again."))
			return
		case !utf8.Valid(body):
			p := newProblem(http.StatusBadRequest, "The body is not UTF-8, as JSON has to be.")
			p.Errors = []ProblemField{{"body", "holds bytes that are not UTF-8"}}
			writeProblem(w, p)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// patient lets a file take as long as its client needs.
func patient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Connections without deadlines are those of tests.
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		// The use case has the limit; this one only ends a body that it stopped reading.
		r.Body = http.MaxBytesReader(w, r.Body, 2*transfer.DefaultMaxSize)
		next.ServeHTTP(w, r)
	})
}
