package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"beckon/internal/db"
)

// readiness knows whether the schema is current. Once it is, it stays so for this process.
type readiness struct {
	check   func(context.Context) error
	current atomic.Bool
}

// look asks anew whether the database answers, and for the schema until that is current.
func (r *readiness) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := r.check(ctx)
	if err == nil {
		r.current.Store(true)
	}
	return err
}

// await waits until the schema is current; false if ctx ends before.
func (r *readiness) await(ctx context.Context) bool {
	for ctx.Err() == nil && r.look(ctx) != nil {
		wait(ctx, time.Second)
	}
	return ctx.Err() == nil
}

// guard answers 503 while the schema is old, since no page would work.
func (r *readiness) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !r.current.Load() {
			if err := r.look(req.Context()); err != nil {
				unready(w, err)
				return
			}
		}
		next.ServeHTTP(w, req)
	})
}

func unready(w http.ResponseWriter, err error) {
	message := "The database does not answer."
	if errors.Is(err, db.ErrSchemaOld) {
		message = db.ErrSchemaOld.Error()
	}
	w.Header().Set("Retry-After", "5")
	http.Error(w, message, http.StatusServiceUnavailable)
}

// probes answers what machines ask about the process.
func (b *Beckon) probes(ready *readiness) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := ready.look(r.Context()); err != nil {
			b.Log.Warn("not ready", "error", err)
			unready(w, err)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.Handle("GET /metrics", b.Metrics.Handler())
	return mux
}
