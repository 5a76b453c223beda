package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"beckon/internal/db"
)

const (
	// drainTime is how long requests may take to end once the server is told to stop.
	drainTime = 10 * time.Second
	// memoryGoal is what Go's memory is kept below where that is possible.
	memoryGoal = 64 << 20
	// collectAt lets garbage grow to twice what is in use: imports and sending make much of it
	// and use little.
	collectAt = 200
)

type serveCommand struct {
	NoWorkers   bool `xor:"workers" help:"Serve web and API alone; another process does the background work."`
	OnlyWorkers bool `xor:"workers" help:"Do the background work alone, with no pages but /healthz, /readyz and /metrics."`
}

// Run serves until it is told to stop.
func (c serveCommand) Run(ctx context.Context, t terminal, s settings) error {
	cfg, err := configure(t, s)
	if err != nil {
		return err
	}
	b, err := Open(ctx, cfg, t.Err, t.Now)
	if err != nil {
		return err
	}
	defer b.Close()
	if err := b.prepareSchema(ctx); err != nil && !errors.Is(err, db.ErrSchemaOld) {
		return err
	}
	listener, err := b.listen(ctx)
	if err != nil && c.OnlyWorkers {
		// The web process may have the same settings; workers need no address.
		b.Log.Warn("no address for /healthz, /readyz and /metrics", "error", err)
	} else if err != nil {
		return err
	}
	return b.serve(ctx, listener, c)
}

// listen takes the address to serve on.
func (b *Beckon) listen(ctx context.Context) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", b.Config.Listen)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use by another program; stop that one, or set BECKON_LISTEN to another port", b.Config.Listen)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s may not be used by this user; set BECKON_LISTEN to a port from 1024 on", b.Config.Listen)
	case err != nil:
		return nil, fmt.Errorf("BECKON_LISTEN %s cannot be served on: %w", b.Config.Listen, err)
	}
	return l, nil
}

// serve answers requests and does background work until ctx ends, then drains: requests get
// drainTime to end, workers finish what is on the wire and hand back the rest. Without a
// listener it answers nothing.
func (b *Beckon) serve(ctx context.Context, l net.Listener, c serveCommand) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	slog.SetDefault(b.Log) // pages and the API log by it
	ready := &readiness{check: b.ready}
	var work sync.WaitGroup
	defer work.Wait()
	working, stop := context.WithCancel(ctx)
	defer stop()
	if !c.NoWorkers {
		work.Go(func() {
			if ready.await(working) {
				b.Work(working)
			}
		})
	}
	if l == nil {
		<-ctx.Done()
		return nil
	}
	handler := http.Handler(b.probes(ready))
	if !c.OnlyWorkers {
		handler = b.site(ready)
	}
	return b.answer(ctx, l, handler)
}

// answer serves HTTP until ctx ends and requests have ended.
func (b *Beckon) answer(ctx context.Context, l net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		// An upload or an export of gigabytes may take its time on a slow line.
		ReadTimeout: time.Hour, WriteTimeout: time.Hour,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       slog.NewLogLogger(b.Log.Handler(), slog.LevelWarn),
		BaseContext:    func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	b.Log.Info("serving", "listen", l.Addr().String(), "base_url", b.Config.BaseURL, "version", version)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	b.Log.Info("stopping; a second signal stops at once")
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		b.Log.Warn("some requests did not end in time and are cut off")
		return server.Close()
	}
	return nil
}

// ready tells whether the database answers and its schema is current.
func (b *Beckon) ready(ctx context.Context) error {
	if err := b.DB.Ping(ctx); err != nil {
		return fmt.Errorf("the database does not answer: %w", err)
	}
	return b.DB.CheckSchema(ctx)
}
