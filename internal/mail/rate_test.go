package mail

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestRate(t *testing.T) {
	for _, perMinute := range []int{30, 600, 60_000} {
		synctest.Test(t, func(t *testing.T) {
			r := NewRate(perMinute)
			start := time.Now()
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					for range perMinute / 10 {
						if err := r.Wait(t.Context()); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			if took := time.Since(start); took < 57*time.Second || took > 61*time.Second {
				t.Errorf("%d messages took %v", perMinute, took)
			}
		})
	}
}

func TestRateTakenAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRate(60)
		start := time.Now()
		for range 5 {
			r.Take()
		}
		if time.Since(start) != 0 {
			t.Error("Take waits")
		}
		if err := r.Wait(t.Context()); err != nil || time.Since(start) != 5*time.Second {
			t.Errorf("the sixth came after %v: %v", time.Since(start), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := r.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("no time left: %v", err)
		}
	})
}

func TestNoRate(t *testing.T) {
	r := NewRate(0)
	for range 1000 {
		r.Take()
		if err := r.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %v", err)
	}
}
