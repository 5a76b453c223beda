package mail

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// Rate limits how many messages a minute this process sends, evenly spread, over all connections
// together. nil is no limit. Its methods may be called by many goroutines.
type Rate struct{ limiter *rate.Limiter }

// NewRate makes a limit of so many messages a minute; 0 or less is none.
func NewRate(perMinute int) *Rate {
	if perMinute <= 0 {
		return nil
	}
	// What may go at once is a tenth of a second's worth, so that timers need not be exact.
	return &Rate{rate.NewLimiter(rate.Limit(perMinute)/60, max(1, perMinute/600))}
}

// Wait waits until the next message may go. The error is that of ctx, at once if it would end before.
func (r *Rate) Wait(ctx context.Context) error {
	if r == nil {
		return ctx.Err()
	}
	if err := r.limiter.Wait(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return context.DeadlineExceeded
	}
	return nil
}

// Take counts a message that does not wait. Those that do wait longer for it.
func (r *Rate) Take() {
	if r != nil {
		r.limiter.ReserveN(time.Now(), 1)
	}
}
