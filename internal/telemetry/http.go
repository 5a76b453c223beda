package telemetry

import (
	"net/http"
	"strconv"
	"time"
)

// Requests adds the metrics of HTTP requests and answers what surrounds the mux: by method,
// status and the pattern that the mux chose, never by the path, which may hold a token.
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
				took.Observe(time.Since(began).Seconds(), route)
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
