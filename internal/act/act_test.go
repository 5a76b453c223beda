package act_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"beckon/internal/act"
	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
)

type house struct {
	t  *testing.T
	d  *db.DB
	r  *act.Runner
	at time.Time
}

func newHouse(t *testing.T, d *db.DB) *house {
	h := &house{t: t, d: d, at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	if _, err := d.SQL().Exec(`INSERT INTO institutions (id, slug, name, name_key, created_at) VALUES (1, 'elm', 'Elm', 'elm', 1)`); err != nil {
		t.Fatal(err)
	}
	h.r = &act.Runner{DB: d, Now: func() time.Time { return h.at }, Log: slog.New(slog.DiscardHandler), Kinds: map[string]act.OpenFunc{}}
	return h
}

func (h *house) add() int64 {
	var id int64
	err := h.d.Write(context.Background(), func(tx *db.Tx) (err error) {
		id, err = act.Add(context.Background(), tx, h.at, act.Act{InstitutionID: 1, Kind: "count", Actor: audit.Actor{Kind: audit.Staff, ID: 7, Name: "Dana"}, Total: 10, List: []byte("list")})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

func (h *house) get(id int64) (a act.Act) {
	err := h.d.Read(context.Background(), func(tx *db.Tx) (err error) {
		a, err = act.Get(context.Background(), tx, 1, id)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

func countTo(n int64) act.StepFunc {
	return func(_ context.Context, _ *db.Tx, a *act.Act) (bool, error) {
		a.Cursor++
		a.Done++
		return a.Cursor == n, nil
	}
}

func TestActRunsToItsEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.r.Kinds["count"] = func(_ context.Context, a act.Act) (act.Worker, error) {
			if string(a.List) != "list" {
				t.Errorf("the worker got the list %q", a.List)
			}
			return countTo(10), nil
		}
		id := h.add()
		if err := h.r.Drain(context.Background()); err != nil {
			t.Fatal(err)
		}
		if a := h.get(id); a.State != act.Done || a.Done != 10 || a.Actor.Name != "Dana" || a.FinishedAt.IsZero() {
			t.Fatalf("%+v", a)
		}
	})
}

// What a chunk wrote and the cursor stand or fall together: after an error in the middle
// the act goes on where it was, doing nothing twice.
func TestActGoesOnWhereItWas(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		broken := true
		h.r.Kinds["count"] = act.Steps(func(ctx context.Context, tx *db.Tx, a *act.Act) (bool, error) {
			if _, err := tx.Exec(ctx, `INSERT INTO companies (name, name_key, created_at, updated_at) VALUES ('x', 'x', 1, 1)`); err != nil {
				return false, err
			}
			if a.Cursor == 5 && broken {
				broken = false
				return false, errors.New("power is gone")
			}
			return countTo(10)(ctx, tx, a)
		})
		id := h.add()
		if err := h.r.Drain(context.Background()); err != nil {
			t.Fatal(err)
		}
		if a := h.get(id); a.State != act.Running || a.Done != 5 {
			t.Fatalf("after the error: %+v", a)
		}
		h.at = h.at.Add(time.Minute)
		if err := h.r.Drain(context.Background()); err != nil {
			t.Fatal(err)
		}
		var rows int
		if err := d.SQL().QueryRow(`SELECT COUNT(*) FROM companies`).Scan(&rows); err != nil || rows != 10 {
			t.Fatalf("%d rows, %v", rows, err)
		}
		if a := h.get(id); a.State != act.Done {
			t.Fatalf("%+v", a)
		}
	})
}

func TestFaultyInputFailsAtOnceAndOtherErrorsAfterSeveralTries(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		tries := 0
		var cause error
		h.r.Kinds["count"] = act.Steps(func(context.Context, *db.Tx, *act.Act) (bool, error) { tries++; return false, cause })
		run := func() act.Act {
			id := h.add()
			for range 20 {
				if err := h.r.Drain(context.Background()); err != nil {
					t.Fatal(err)
				}
				h.at = h.at.Add(time.Minute)
			}
			return h.get(id)
		}
		cause = fault.Invalid("file", "no address column")
		if a := run(); a.State != act.Failed || tries != 1 || a.Error == "" {
			t.Fatalf("%d tries: %+v", tries, a)
		}
		tries, cause = 0, errors.New("disk full")
		if a := run(); a.State != act.Failed || tries != 5 {
			t.Fatalf("%d tries: %+v", tries, a)
		}
		tries, h.r.Promised = 0, []string{"count"}
		if a := run(); a.State != act.Running || tries != 20 {
			t.Fatalf("a promised one after %d tries: %+v", tries, a)
		}
	})
}

// A worker whose lease ran out (its process was stopped for a while) writes nothing.
func TestLostLeaseWritesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		other := act.Runner{DB: d, Now: h.r.Now, Log: h.r.Log, Kinds: map[string]act.OpenFunc{"count": act.Steps(countTo(10))}}
		var id int64
		h.r.Kinds["count"] = func(context.Context, act.Act) (act.Worker, error) {
			h.at = h.at.Add(time.Hour) // asleep before the first chunk
			if err := other.Drain(context.Background()); err != nil {
				t.Fatal(err)
			}
			return act.StepFunc(func(context.Context, *db.Tx, *act.Act) (bool, error) {
				t.Error("worked without a lease")
				return true, nil
			}), nil
		}
		id = h.add()
		if err := h.r.Drain(context.Background()); err != nil {
			t.Fatal(err)
		}
		if a := h.get(id); a.State != act.Done || a.Done != 10 {
			t.Fatalf("%+v", a)
		}
	})
}

func TestStopEndsAfterTheChunk(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		var id int64
		ask := func(tx *db.Tx) error { return act.Stop(context.Background(), tx, h.at, 1, id) }
		h.r.Kinds["count"] = act.Steps(func(ctx context.Context, tx *db.Tx, a *act.Act) (bool, error) {
			if a.Cursor == 3 {
				if err := ask(tx); err != nil {
					return false, err
				}
			}
			return countTo(10)(ctx, tx, a)
		})
		id = h.add()
		if err := h.r.Drain(context.Background()); err != nil {
			t.Fatal(err)
		}
		if a := h.get(id); a.State != act.Stopped || a.Done != 4 {
			t.Fatalf("%+v", a)
		}
		if err := d.Write(context.Background(), ask); err == nil {
			t.Fatal("stopped twice")
		}
	})
}

func TestRestartBeginsAnewUnlessItRuns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.r.Kinds["count"] = act.Steps(countTo(10))
		id := h.add()
		restart := func(tx *db.Tx) error { return act.Restart(context.Background(), tx, 1, id, act.Waiting) }
		if err := d.Write(context.Background(), restart); err == nil {
			t.Error("restarted while it was queued")
		}
		if err := h.r.Drain(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := d.Write(context.Background(), restart); err != nil {
			t.Fatal(err)
		}
		if a := h.get(id); a.State != act.Waiting || a.Done != 0 || a.Cursor != 0 || !a.FinishedAt.IsZero() {
			t.Errorf("%+v", a)
		}
	})
}
