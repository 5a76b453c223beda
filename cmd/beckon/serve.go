package main

import (
	"context"
	"errors"
	"fmt"
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
	b, err := Open(ctx, cfg, t.Err)
	if err != nil {
		return err
	}
	defer b.Close()
	if err := b.prepareSchema(ctx); err != nil && !errors.Is(err, db.ErrSchemaOld) {
		return err
	}
	listener, err := b.listen(ctx)
	if err != nil {
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
// drainTime to end, workers finish what is on the wire and hand back the rest.
func (b *Beckon) serve(ctx context.Context, l net.Listener, c serveCommand) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
	}
	ready := &readiness{check: b.ready}
	handler := b.site(ready)
	if c.OnlyWorkers {
		handler = b.probes(ready)
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		// An upload or an export of gigabytes may take its time on a slow line.
		ReadTimeout: time.Hour, WriteTimeout: time.Hour,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
		BaseContext:    func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	var work sync.WaitGroup
	if !c.NoWorkers {
		work.Go(func() {
			if ready.await(ctx) {
				b.Work(ctx)
			}
		})
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	b.Log.Info("serving", "listen", l.Addr().String(), "base_url", b.Config.BaseURL, "version", version)
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		b.Log.Info("stopping; a second signal stops at once")
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		if err := server.Shutdown(patience); err != nil {
			b.Log.Warn("some requests did not end in time and are cut off")
			_ = server.Close()
		}
	}
	work.Wait()
	return err
}

// ready tells whether the database answers and its schema is current.
func (b *Beckon) ready(ctx context.Context) error {
	if err := b.DB.Ping(ctx); err != nil {
		return fmt.Errorf("the database does not answer: %w", err)
	}
	return b.DB.CheckSchema(ctx)
}
