package guide_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/gate/gatetest"
	"beckon/internal/guide"
	"beckon/internal/institution"
)

func each(t *testing.T, f func(t *testing.T, w gatetest.World, g *guide.Guides)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f(t, gatetest.World{T: t, DB: d}, &guide.Guides{DB: d, Now: func() time.Time { return gatetest.Now }})
	})
}

func exec(w gatetest.World, statement string, args ...any) {
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, statement, args...)
		return err
	})
}

// steps are those that are done.
func steps(t *testing.T, g *guide.Guides, s institution.Scope) (done []guide.Step) {
	t.Helper()
	of, err := g.Of(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range guide.Steps {
		if of.Done(step) {
			done = append(done, step)
		}
	}
	if of.Count() != len(done) {
		t.Errorf("%d steps are counted, %d done", of.Count(), len(done))
	}
	return done
}

func TestStepsTickThemselves(t *testing.T) {
	each(t, func(t *testing.T, w gatetest.World, g *guide.Guides) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		s := institution.System(elm, "test")
		acts := []func(){
			func() { w.Contact(elm, "kim@acme.example") },
			func() {
				for range 2 { // a second look changes nothing
					if err := g.Take(t.Context(), s, guide.Look); err != nil {
						t.Fatal(err)
					}
				}
			},
			func() {
				exec(w, `INSERT INTO bulk_invites (institution_id, state, created_at, created_by, request_hash, selection, message_domain, connect_on, after_signup, total)
					VALUES ($1, 'sent', 1, '{}', $2, '{}', 'elm.example', 'send', 'ask', 1)`, elm, []byte{})
			},
			func() {
				exec(w, `INSERT INTO companies (id, name, name_key, created_at, updated_at) VALUES (1, 'Acme', 'acme', 1, 1)`)
				exec(w, `INSERT INTO connections (institution_id, company_id, state) VALUES ($1, 1, 'approved')`, elm)
			},
			func() {
				if err := g.Take(t.Context(), s, guide.Explore); err != nil {
					t.Fatal(err)
				}
			},
		}
		for n, act := range acts {
			if got := steps(t, g, s); !slices.Equal(got, guide.Steps[:n]) {
				t.Fatalf("after %d acts: %v", n, got)
			}
			act()
		}
		if of, err := g.Of(t.Context(), s); err != nil || of.Count() != 5 || of.Shown() {
			t.Fatalf("%+v %v", of, err)
		}
		if got := steps(t, g, institution.System(oak, "test")); len(got) != 0 {
			t.Fatalf("another institution has done %v", got)
		}
	})
}

func TestPuttingAwayAndBringingBack(t *testing.T) {
	each(t, func(t *testing.T, w gatetest.World, g *guide.Guides) {
		s := institution.System(w.Institution("Elm University"), "test")
		reader := institution.Token(s.ID(), 1, "t", nil)
		var forbidden fault.Forbidden
		if err := g.PutAway(t.Context(), reader); !errors.As(err, &forbidden) {
			t.Fatalf("put away by who may not: %v", err)
		}
		if err := g.BringBack(t.Context(), reader); !errors.As(err, &forbidden) {
			t.Fatalf("brought back by who may not: %v", err)
		}
		shown := func(want bool) {
			t.Helper()
			if of, err := g.Of(t.Context(), reader); err != nil || of.Shown() != want {
				t.Fatalf("%+v %v", of, err)
			}
		}
		shown(true)
		for range 2 {
			if err := g.PutAway(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			shown(false)
		}
		if err := g.BringBack(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		shown(true)
		if n := w.Int(`SELECT COUNT(*) FROM audit_events WHERE action IN ('guide.put_away', 'guide.brought_back')`); n != 2 {
			t.Errorf("%d events", n)
		}
	})
}

func TestWhatFollowsFromFactsCannotBeTaken(t *testing.T) {
	each(t, func(t *testing.T, w gatetest.World, g *guide.Guides) {
		s := institution.System(w.Institution("Elm University"), "test")
		for _, step := range []guide.Step{guide.Import, guide.Invite, guide.Approve, "put_away", ""} {
			if err := g.Take(t.Context(), s, step); !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("%q: %v", step, err)
			}
		}
		if err := g.Take(t.Context(), institution.Scope{}, guide.Look); err == nil {
			t.Error("nobody took a step")
		}
	})
}
