package act

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"beckon/internal/db"
)

// Worker does the chunks of one act. It belongs to one goroutine.
type Worker interface {
	// Prepare reads what the next chunk needs, outside of any transaction.
	Prepare(ctx context.Context) error
	// Step does the next chunk, of at most 50 ms, in the transaction, and moves the act's
	// Cursor, Done and Changed. It answers true with the last chunk.
	Step(ctx context.Context, tx *db.Tx, a *Act) (last bool, err error)
	// Close lets go of what the worker holds.
	Close()
}

// OpenFunc makes the worker that goes on with an act at its cursor.
type OpenFunc func(ctx context.Context, a Act) (Worker, error)

// StepFunc is a worker that needs nothing but its step.
type StepFunc func(ctx context.Context, tx *db.Tx, a *Act) (last bool, err error)

// Prepare does nothing.
func (f StepFunc) Prepare(context.Context) error { return nil }

// Step calls f.
func (f StepFunc) Step(ctx context.Context, tx *db.Tx, a *Act) (bool, error) { return f(ctx, tx, a) }

// Close does nothing.
func (f StepFunc) Close() {}

// Steps is the OpenFunc of a kind whose worker is the function alone.
func Steps(f StepFunc) OpenFunc {
	return func(context.Context, Act) (Worker, error) { return f, nil }
}

const (
	leaseFor = 20 * time.Second
	mostTry  = 5
	// longestWait is the try from which on an act waits no longer for its next: half a minute.
	longestWait = 6
	lookFor     = 300 * time.Millisecond
)

// Runner takes open acts and does them, several at a time. Any number of processes may run
// one on the same database.
type Runner struct {
	DB    *db.DB
	Now   func() time.Time
	Log   *slog.Logger
	Kinds map[string]OpenFunc
	// Promised are the kinds that are never given up, whatever goes wrong: what they finish
	// was answered as done. The others fail after several tries.
	Promised []string
	// AtOnce is how many acts run at a time in this process; 0 means 2.
	AtOnce int

	wake chan struct{}
	once sync.Once
}

// Wake makes the runner look for work now instead of at its next look.
func (r *Runner) Wake() {
	r.init()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *Runner) init() {
	r.once.Do(func() {
		if r.AtOnce == 0 {
			r.AtOnce = 2
		}
		r.wake = make(chan struct{}, r.AtOnce)
	})
}

// Run works until ctx ends; then it ends its chunks, hands back its leases and returns.
func (r *Runner) Run(ctx context.Context) {
	r.init()
	var wg sync.WaitGroup
	for range r.AtOnce {
		wg.Go(func() { r.loop(ctx) })
	}
	wg.Wait()
}

func (r *Runner) loop(ctx context.Context) {
	for ctx.Err() == nil {
		busy, err := r.one(ctx)
		if err != nil && ctx.Err() == nil {
			r.Log.Error("long act", "error", err)
		}
		if busy {
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-time.After(lookFor):
		}
	}
}

// Free takes back all leases. A process that alone may work (SQLite's worker) calls it when
// it starts: whoever held them is gone.
func (r *Runner) Free(ctx context.Context) error {
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE acts SET lease_until = 0 WHERE state IN ('queued', 'running')`)
		return err
	})
}

// Drain works until no act is open, for commands that work without a server.
func (r *Runner) Drain(ctx context.Context) error {
	for {
		busy, err := r.one(ctx)
		if err != nil || !busy {
			return err
		}
	}
}

// one leases an act and works on it until it is over or ctx ends.
func (r *Runner) one(ctx context.Context) (busy bool, err error) {
	a, lease, err := r.take(ctx)
	if err != nil || a.ID == 0 {
		return false, err
	}
	err = r.work(ctx, &a, lease)
	switch {
	case err != nil && ctx.Err() != nil:
		// The chunk was cut off because the process ends: no fault of the act.
		return true, r.handBack(context.WithoutCancel(ctx), a.ID, lease)
	case err != nil:
		return true, r.setBack(context.WithoutCancel(ctx), a, lease, err)
	}
	return true, nil
}

// take leases the act that has waited longest. Looking first keeps idle processes from
// writing.
func (r *Runner) take(ctx context.Context) (a Act, lease int64, err error) {
	now := db.Millis(r.Now())
	var id int64
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT id FROM acts WHERE state IN ('queued', 'running') AND lease_until <= $1 ORDER BY lease_until, id LIMIT 1`, now).Scan(&id)
	})
	if db.IsNoRows(err) {
		return Act{}, 0, nil
	}
	if err != nil {
		return Act{}, 0, err
	}
	lease = rand.Int64()
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		var list []byte
		a, err = scan(tx.QueryRow(ctx, `
			UPDATE acts SET state = 'running', lease = $2, lease_until = $3, tries = tries + 1,
				started_at = CASE WHEN started_at = 0 THEN $4 ELSE started_at END
			WHERE id = $1 AND state IN ('queued', 'running') AND lease_until <= $4
			RETURNING `+columns+`, list`, id, lease, now+leaseFor.Milliseconds(), now), &list)
		a.List = list
		return err
	})
	if isGone(err) {
		return Act{}, 0, nil // another process was quicker
	}
	return a, lease, err
}

func (r *Runner) work(ctx context.Context, a *Act, lease int64) error {
	open := r.Kinds[a.Kind]
	if open == nil {
		return fmt.Errorf("nobody here knows the kind %q", a.Kind)
	}
	w, err := open(ctx, *a)
	if err != nil {
		return err
	}
	defer w.Close()
	for over := false; !over; {
		if ctx.Err() != nil {
			return r.handBack(context.WithoutCancel(ctx), a.ID, lease)
		}
		if err := w.Prepare(ctx); err != nil {
			return err
		}
		if over, err = r.chunk(ctx, w, a, lease); err != nil {
			return err
		}
	}
	return nil
}

// chunk does one step and stores where it got to, if the lease is still held.
func (r *Runner) chunk(ctx context.Context, w Worker, a *Act, lease int64) (over bool, err error) {
	next := *a
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		now := db.Millis(r.Now())
		var stop int
		err := tx.QueryRow(ctx, `
			UPDATE acts SET lease_until = $3 WHERE id = $1 AND lease = $2 AND state = 'running' RETURNING stop`,
			a.ID, lease, now+leaseFor.Milliseconds()).Scan(&stop)
		if db.IsNoRows(err) {
			over = true // another process works on it
			return nil
		}
		if err != nil {
			return err
		}
		if stop == 1 {
			over = true
			_, err := tx.Exec(ctx, `UPDATE acts SET state = 'stopped', finished_at = $2, list = NULL WHERE id = $1`, a.ID, now)
			return err
		}
		last, err := w.Step(ctx, tx, &next)
		if err != nil {
			return err
		}
		over, next.State = last, Running
		finished := int64(0)
		if last {
			next.State, finished = Done, db.Millis(r.Now())
		}
		_, err = tx.Exec(ctx, `
			UPDATE acts SET state = $2, total = $3, done = $4, changed = $5, cursor = $6, params = $7, finished_at = $8, tries = 0
			WHERE id = $1`, a.ID, next.State, next.Total, next.Done, next.Changed, next.Cursor, string(next.Params), finished)
		return err
	})
	if err == nil {
		*a = next
	}
	return over, err
}

func (r *Runner) handBack(ctx context.Context, id, lease int64) error {
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE acts SET lease_until = 0, tries = 0 WHERE id = $1 AND lease = $2 AND state = 'running'`, id, lease)
		return err
	})
}

// setBack puts an act that met an error back, for another try after a while, or ends it as
// failed after several unless it was promised. A fault in the input ends it at once.
func (r *Runner) setBack(ctx context.Context, a Act, lease int64, cause error) error {
	now := r.Now()
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		var tries int
		err := tx.QueryRow(ctx, `SELECT tries FROM acts WHERE id = $1 AND lease = $2 AND state = 'running'`, a.ID, lease).Scan(&tries)
		if db.IsNoRows(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if tries >= mostTry && !slices.Contains(r.Promised, a.Kind) || isInput(cause) {
			_, err = tx.Exec(ctx, `UPDATE acts SET state = 'failed', error = $2, finished_at = $3 WHERE id = $1`, a.ID, cause.Error(), db.Millis(now))
			return err
		}
		r.Log.Warn("long act is tried again", "act", a.ID, "kind", a.Kind, "try", tries, "error", cause)
		wait := time.Duration(1<<min(tries, longestWait)) * time.Second / 2
		_, err = tx.Exec(ctx, `UPDATE acts SET lease_until = $2 WHERE id = $1`, a.ID, db.Millis(now.Add(wait)))
		return err
	})
}
