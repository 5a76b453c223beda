package invites

import (
	"sync"
	"time"
)

// rates tells how fast bulk invites go, from what their pages saw when they asked. It is
// safe for concurrent use.
type rates struct {
	mu   sync.Mutex
	seen map[int64][]sighting
}

type sighting struct {
	at   time.Time
	sent int
}

const (
	// rateOver is the time over which a rate is measured.
	rateOver = 10 * time.Second
	// rateKept is for how long one that nobody looks at is remembered.
	rateKept = time.Minute
)

// note takes in how many are sent and answers how many a second go, 0 while that is not
// known yet.
func (r *rates) note(id int64, now time.Time, sent int) float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[int64][]sighting{}
	}
	r.forget(now)
	all := append(r.seen[id], sighting{now, sent})
	for len(all) > 2 && now.Sub(all[0].at) > rateOver {
		all = all[1:]
	}
	r.seen[id] = all
	passed := now.Sub(all[0].at).Seconds()
	if passed < 0.5 {
		return 0
	}
	return float64(sent-all[0].sent) / passed
}

// forget drops what nobody has asked about for a while.
func (r *rates) forget(now time.Time) {
	for id, all := range r.seen {
		if now.Sub(all[len(all)-1].at) > rateKept {
			delete(r.seen, id)
		}
	}
}
