package telemetry

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// slowFrom is how long a request or a statement takes that is worth a line in the log.
const slowFrom = time.Second

type requestKey struct{}

// Numbered gives each request a number of its own, under which log lines and error pages
// speak of it and which the answer carries as X-Request-Id.
func Numbered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()[:12]
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, id)))
	})
}

// RequestID is the number of the request that ctx belongs to, "" outside of requests.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// Requests adds the metrics of HTTP requests and answers what surrounds the mux: by method,
// status and the pattern that the mux chose, never by the path, which may hold a token. Slow
// requests are logged too; exports and files that arrive on a slow line are among them.
func (m *Metrics) Requests() func(next http.Handler) http.Handler {
	total := m.Counter("beckon_http_requests_total", "Requests answered.", "method", "route", "status")
	took := m.Durations("beckon_http_request_duration_seconds", "How long requests took.", "route")
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			began := time.Now()
			watched := &statusWriter{ResponseWriter: w, status: http.StatusOK}
			// Deferred, since a handler that aborts its connection panics.
			defer func() {
				route := r.Pattern
				if route == "" {
					route = "none"
				}
				total.Add(1, method(r.Method), route, strconv.Itoa(watched.status))
				lasted := time.Since(began)
				took.Observe(lasted.Seconds(), route)
				if lasted >= slowFrom {
					slog.WarnContext(r.Context(), "slow request", "method", method(r.Method), "route", route, "status", watched.status, "took", lasted)
				}
			}()
			next.ServeHTTP(watched, r)
		})
	}
}

// method keeps made-up methods from becoming series of their own.
func method(m string) string {
	switch m {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return m
	}
	return "other"
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
	wrote  bool
}

func (w *statusWriter) WriteHeader(status int) {
	if !w.wrote && status >= 200 {
		w.status, w.wrote = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what the server can do.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
