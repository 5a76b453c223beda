package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/db"
)

const (
	// keptFor is for how long a write answers its repeats.
	keptFor = 24 * time.Hour
	// claimFor is for how long a running write holds its key without a sign of life. After
	// that its process is taken for dead, and the next request begins anew.
	claimFor = time.Minute
	// longestKey is how many characters an Idempotency-Key may have.
	longestKey = 200
)

// once makes a write that carries an Idempotency-Key happen once: its repeats get the first
// answer again, byte for byte. A streamed body is compared when it has passed, so it is
// hashed on its way and never held.
func (rt *router) once(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Idempotency-Key")
		if key == "" {
			next.ServeHTTP(w, r)
			return
		}
		if !plainKey(key) {
			p := newProblem(http.StatusUnprocessableEntity, "The Idempotency-Key cannot be accepted.")
			p.Errors = []ProblemField{{"header.Idempotency-Key", fmt.Sprintf("use 1 to %d visible ASCII characters, for example a UUID", longestKey)}}
			writeProblem(w, p)
			return
		}
		c := claim{db: rt.deps.DB, now: rt.deps.Now, token: callerOf(r.Context()).ID, key: key}
		// What was begun is finished, whether or not the client waits for it.
		ctx := context.WithoutCancel(r.Context())
		before, mine, err := c.take(ctx)
		switch {
		case err != nil:
			writeProblem(w, internalProblem(r.Context(), "take an idempotency key", err))
		case mine:
			c.run(ctx, w, r, next)
		case before.status == 0:
			w.Header().Set("Retry-After", "1")
			writeProblem(w, newProblem(http.StatusConflict, "The first request with this Idempotency-Key still runs; ask again in a moment."))
		default:
			before.repeat(w, r)
		}
	})
}

type keyKey struct{}

// keyOf is the Idempotency-Key that the request of ctx carries, "" without one.
func keyOf(ctx context.Context) string {
	key, _ := ctx.Value(keyKey{}).(string)
	return key
}

// keyParameter tells OpenAPI about the header.
var keyParameter = &huma.Param{
	Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: huma.TypeString},
	Description: "Makes the request happen once: for 24 hours its repeats, with the same body, get the first answer again.",
}

func plainKey(key string) bool {
	for _, c := range []byte(key) {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return len(key) <= longestKey
}

// digest begins the hash of a request that its repeats must have too; the body follows.
func digest(r *http.Request) hash.Hash {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q\n", r.Method, r.URL.Path, r.URL.RawQuery)
	return h
}

// claim is a token's key while a request runs under it.
type claim struct {
	db    *db.DB
	now   func() time.Time
	token int64
	key   string
}

// answer is what is kept of a request that ran.
type answer struct {
	hash        []byte
	status      int // 0: it still runs
	body        []byte
	contentType string
}

// take makes the key this request's, or tells what became of the request that has it.
func (c claim) take(ctx context.Context) (before answer, mine bool, err error) {
	now := c.now()
	err = c.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM idempotency_keys WHERE created_at <= $1 OR (token_id = $2 AND key = $3 AND status = 0 AND created_at <= $4)`,
			db.Millis(now.Add(-keptFor)), c.token, c.key, db.Millis(now.Add(-claimFor)))
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `
			INSERT INTO idempotency_keys (token_id, key, request_hash, response, created_at) VALUES ($1, $2, $3, $3, $4)
			ON CONFLICT (token_id, key) DO NOTHING`, c.token, c.key, []byte{}, db.Millis(now))
		if mine = n == 1; mine || err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT request_hash, status, response, content_type FROM idempotency_keys WHERE token_id = $1 AND key = $2`,
			c.token, c.key).Scan(&before.hash, &before.status, &before.body, &before.contentType)
	})
	return before, mine, err
}

// run lets the request happen and keeps its answer, unless another try may come out better.
func (c claim) run(ctx context.Context, w http.ResponseWriter, r *http.Request, next http.Handler) {
	kept := false
	stop := c.stayAlive(ctx)
	defer func() {
		stop()
		if !kept {
			c.release(ctx)
		}
	}()
	h := digest(r)
	body := r.Body
	r.Body = io.NopCloser(io.TeeReader(body, h))
	out := &recorder{header: w.Header()}
	next.ServeHTTP(out, r.WithContext(context.WithValue(r.Context(), keyKey{}, c.key)))
	out.WriteHeader(http.StatusOK) // unless it has said otherwise
	_, err := io.Copy(h, body)
	if err == nil && final(out.status) {
		kept = c.keep(ctx, answer{h.Sum(nil), out.status, out.body.Bytes(), out.header.Get("Content-Type")})
	}
	w.WriteHeader(out.status)
	_, _ = w.Write(out.body.Bytes())
}

// final tells whether the same request would always be answered so.
func final(status int) bool {
	return status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout
}

// stayAlive shows, until it is stopped, that the request still runs.
func (c claim) stayAlive(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(claimFor / 4)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				// A sign of life that is missed is made up for by the next one.
				_ = c.update(ctx, `UPDATE idempotency_keys SET created_at = $3 WHERE token_id = $1 AND key = $2 AND status = 0`, db.Millis(c.now()))
			}
		}
	}()
	return func() { cancel(); <-over }
}

// keep stores the answer for repeats. If that fails the request has still happened, so the
// client gets its answer; a repeat would begin anew.
func (c claim) keep(ctx context.Context, a answer) bool {
	err := c.update(ctx, `
		UPDATE idempotency_keys SET request_hash = $3, status = $4, response = $5, content_type = $6, created_at = $7
		WHERE token_id = $1 AND key = $2 AND status = 0`, a.hash, a.status, append([]byte{}, a.body...), a.contentType, db.Millis(c.now()))
	return err == nil
}

func (c claim) release(ctx context.Context) {
	// A claim that stays is given up after claimFor.
	_ = c.update(ctx, `DELETE FROM idempotency_keys WHERE token_id = $1 AND key = $2 AND status = 0`)
}

func (c claim) update(ctx context.Context, query string, args ...any) error {
	return c.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, append([]any{c.token, c.key}, args...)...)
		return err
	})
}

// repeat answers a request with what the first one with its key was answered.
func (a answer) repeat(w http.ResponseWriter, r *http.Request) {
	h := digest(r)
	if _, err := io.Copy(h, r.Body); err != nil {
		writeProblem(w, newProblem(http.StatusBadRequest, "The body did not arrive whole; send the request again."))
		return
	}
	if !bytes.Equal(h.Sum(nil), a.hash) {
		p := newProblem(http.StatusUnprocessableEntity, "This Idempotency-Key was used for another request; use a new one.")
		p.Errors = []ProblemField{{"header.Idempotency-Key", "belongs to a request with another body or path"}}
		writeProblem(w, p)
		return
	}
	if a.contentType != "" {
		w.Header().Set("Content-Type", a.contentType)
	}
	w.Header().Set("Idempotent-Replayed", "true")
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// recorder holds an answer back.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}
