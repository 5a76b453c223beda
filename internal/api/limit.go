package api

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// defaultRate is how many requests a second a token may make unless it is set otherwise.
const defaultRate = 100

// limits counts the requests of each token, in this process.
type limits struct {
	perSecond int
	now       func() time.Time

	mu     sync.Mutex
	tokens map[int64]*rate.Limiter
}

func newLimits(perSecond int, now func() time.Time) *limits {
	if perSecond == 0 {
		perSecond = defaultRate
	}
	return &limits{perSecond: perSecond, now: now, tokens: map[int64]*rate.Limiter{}}
}

// wait is how long the token has to wait before its next request; 0 lets this one through.
// A token that rested may make the requests of one second at once.
func (l *limits) wait(token int64) time.Duration {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter := l.tokens[token]
	if limiter == nil {
		l.forgetRested(now)
		limiter = rate.NewLimiter(rate.Limit(l.perSecond), l.perSecond)
		l.tokens[token] = limiter
	}
	if limiter.AllowN(now, 1) {
		return 0
	}
	missing := 1 - limiter.TokensAt(now)
	return time.Duration(missing / float64(l.perSecond) * float64(time.Second))
}

// forgetRested keeps the map from growing with every token that there ever was.
func (l *limits) forgetRested(now time.Time) {
	const many = 1000
	if len(l.tokens) < many {
		return
	}
	for token, limiter := range l.tokens {
		if limiter.TokensAt(now) >= float64(l.perSecond) {
			delete(l.tokens, token)
		}
	}
}

// guard answers 429 to a token that asks too often (RFC 6585, section 4).
func (l *limits) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait := l.wait(callerOf(r.Context()).ID); wait > 0 {
			w.Header().Set("Retry-After", retryAfter(wait))
			writeProblem(w, newProblem(http.StatusTooManyRequests, "A token may make "+strconv.Itoa(l.perSecond)+" requests a second; wait and send this one again."))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// retryAfter is a time as the header wants it: whole seconds, at least one.
func retryAfter(d time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(d.Seconds()))))
}
