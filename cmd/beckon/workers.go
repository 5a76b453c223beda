package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"beckon/internal/db"
)

const (
	// lockLook is how often a process that waits for the worker lock looks for it.
	lockLook = time.Second
	// followUpEvery is how soon at the latest a membership leads to what institutions have set
	// to follow; pages and the API do not wait for it.
	followUpEvery = 5 * time.Second
	// startEvery is how soon after its time a scheduled bulk invite goes out.
	startEvery = time.Second
	// tidyEvery is how often what is long over is removed.
	tidyEvery = time.Hour
)

// Work does background work until ctx ends; then what is on the wire is finished and leases
// are handed back. On SQLite one process works at a time: the others wait here for their
// turn, which comes when that one ends, however it does.
func (b *Beckon) Work(ctx context.Context) {
	b.work(ctx, func() {
		b.Log.Info("another process does the background work on this database; this one takes over when that one ends")
	})
}

// work is Work, which tells once when another process has the turn.
func (b *Beckon) work(ctx context.Context, waits func()) {
	lock := b.awaitLock(ctx, waits)
	if lock == nil {
		return
	}
	defer func() {
		if err := lock.Release(); err != nil {
			b.Log.Error("release the worker lock", "error", err)
		}
	}()
	if b.DB.Engine() == db.SQLite {
		b.freeLeases(ctx)
	}
	var all sync.WaitGroup
	all.Go(func() { b.Acts.Run(ctx) })
	all.Go(func() { b.Sender.Run(ctx) })
	all.Go(func() { b.Outbox.Run(ctx) })
	all.Go(func() { b.repeat(ctx, "follow up answered invites", followUpEvery, b.Invites.FollowUp) })
	all.Go(func() { b.repeat(ctx, "send what is scheduled", startEvery, b.Invites.StartScheduled) })
	all.Go(func() { b.repeat(ctx, "remove what is over", tidyEvery, b.tidy) })
	all.Wait()
}

// awaitLock waits for the right to work; nil if ctx ends before.
func (b *Beckon) awaitLock(ctx context.Context, waits func()) *db.WorkerLock {
	told := false
	for ctx.Err() == nil {
		lock, err := b.DB.LockWorker()
		switch {
		case err != nil:
			b.Log.Error("worker lock", "error", err)
		case lock != nil:
			return lock
		case !told:
			waits()
		}
		told = true
		wait(ctx, lockLook)
	}
	return nil
}

// freeLeases takes back what a process held that is gone: nobody else works now.
func (b *Beckon) freeLeases(ctx context.Context) {
	for what, free := range map[string]func(context.Context) error{"acts": b.Acts.Free, "invites": b.Sender.Free, "mails": b.Outbox.Free} {
		if err := free(ctx); err != nil && ctx.Err() == nil {
			b.Log.Error("take back leases", "of", what, "error", err) // they run out by themselves
		}
	}
}

// repeat does something now and then again after each pause, until ctx ends. Errors wait for
// the next time.
func (b *Beckon) repeat(ctx context.Context, what string, pause time.Duration, do func(context.Context) error) {
	for ctx.Err() == nil {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			b.Log.Error(what, "error", err)
		}
		wait(ctx, pause)
	}
}

// tidy removes what is long over.
func (b *Beckon) tidy(ctx context.Context) error {
	return errors.Join(b.Accounts.Prune(ctx), b.Imports.Sweep(ctx), b.StudentImports.Sweep(ctx), b.Outbox.Prune(ctx))
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// follow works, or lets the server that holds the lock work, until done answers true, which
// it is asked several times a second. For commands that wait for what they queued: to whom
// they leave it is nothing to tell.
func (b *Beckon) follow(ctx context.Context, done func() (bool, error)) error {
	working, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { b.work(working, func() {}) })
	defer work.Wait()
	defer stop()
	for ctx.Err() == nil {
		if over, err := done(); over || err != nil {
			return err
		}
		wait(ctx, 50*time.Millisecond)
	}
	return ctx.Err()
}
