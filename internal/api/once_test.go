package api

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

const key = "Idempotency-Key"

func TestRepeatGetsTheFirstAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm := h.institution("Elm")
		ann := object{"email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}
		first := elm.want(201, "POST", "/contacts", ann, key, "k1")
		again := elm.want(201, "POST", "/contacts", ann, key, "k1")
		if !bytes.Equal(first.raw, again.raw) || first.header.Get("Content-Type") != again.header.Get("Content-Type") {
			t.Errorf("first %s, then %s", first.raw, again.raw)
		}
		other := elm.want(422, "POST", "/contacts", object{"email": "bob@acme.example", "first_name": "Bob", "last_name": "Lee"}, key, "k1")
		if !other.names("header.Idempotency-Key") {
			t.Errorf("the key is not named: %s", other.raw)
		}
		elm.want(422, "POST", "/labels", ann, key, "k1")
		conflict := elm.want(409, "POST", "/contacts", ann, key, "k2")
		if conflict.id() != first.id() {
			t.Errorf("the existing id is not named: %s", conflict.raw)
		}
		if got := elm.want(409, "POST", "/contacts", ann, key, "k2"); !bytes.Equal(got.raw, conflict.raw) {
			t.Errorf("the refusal changed: %s", got.raw)
		}
		// Keys are the token's own.
		h.tokenOf(elm.id).want(409, "POST", "/contacts", ann, key, "k1")
		// A day later the key is free again.
		h.pass(keptFor)
		elm.want(409, "POST", "/contacts", ann, key, "k1")
	})
}

func TestRepeatOfAnUploadIsComparedAsItArrives(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	const file = "email,first_name,last_name\nx@y.example,X,Y\n"
	first := elm.want(202, "POST", "/contacts/imports", file, key, "k1")
	if again := elm.want(202, "POST", "/contacts/imports", file, key, "k1"); again.id() != first.id() {
		t.Errorf("a second import %s", again.raw)
	}
	elm.want(422, "POST", "/contacts/imports", file+"z@y.example,X,Y\n", key, "k1")
	elm.want(422, "POST", "/contacts/imports?dry_run=true", file, key, "k1")
	if n := elm.want(200, "GET", "/contacts/imports", nil).json["total"]; n != 1.0 {
		t.Errorf("%v imports", n)
	}
}

func TestKeysThatCannotBe(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	for _, k := range []string{" ", "a b", "é", strings.Repeat("k", longestKey+1)} {
		if a := elm.want(422, "POST", "/labels", object{"name": "Fair"}, key, k); !a.names("header.Idempotency-Key") {
			t.Errorf("%q: %s", k, a.raw)
		}
	}
	elm.want(201, "POST", "/labels", object{"name": "Fair"}, key, strings.Repeat("k", longestKey))
}

// TestAtOnceOnlyOneActs sends the same write many times at once.
func TestAtOnceOnlyOneActs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm := h.institution("Elm")
		person := elm.addContact("ann@acme.example")
		body := object{"selection": object{"ids": []string{person}}, "expected_total": 1}
		var wg sync.WaitGroup
		answers := make([]answerTo, 12)
		for i := range answers {
			wg.Go(func() { answers[i] = elm.do("POST", "/bulk-invites", body, key, "k") })
		}
		wg.Wait()
		ids := map[string]bool{}
		for _, a := range answers {
			switch a.status {
			case 202:
				ids[a.id()] = true
			case 409:
				if a.header.Get("Retry-After") == "" {
					t.Errorf("no Retry-After: %s", a.raw)
				}
			default:
				t.Errorf("%d %s", a.status, a.raw)
			}
		}
		if n := elm.want(200, "GET", "/bulk-invites", nil).json["total"]; len(ids) != 1 || n != 1.0 {
			t.Errorf("%d ids, %v bulk invites", len(ids), n)
		}
	})
}

// guarded is a write under a key whose work is next.
func (h *house) guarded(token int64, next http.HandlerFunc) func(body string) *httptest.ResponseRecorder {
	rt := &router{deps: h.deps}
	return func(body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/x", strings.NewReader(body))
		r.Header.Set(key, "k")
		w := httptest.NewRecorder()
		rt.once(next).ServeHTTP(w, r)
		return w
	}
}

func TestWhileTheFirstRuns(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	entered, leave := make(chan struct{}), make(chan struct{})
	send := h.guarded(0, func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-leave
		w.WriteHeader(201)
		fmt.Fprint(w, "made")
	})
	done := make(chan *httptest.ResponseRecorder)
	go func() { done <- send("b") }()
	<-entered
	if w := send("b"); w.Code != 409 {
		t.Errorf("while it runs: %d", w.Code)
	}
	close(leave)
	if w := <-done; w.Code != 201 || w.Body.String() != "made" {
		t.Errorf("the first: %d %s", w.Code, w.Body)
	}
	if w := send("b"); w.Code != 201 || w.Body.String() != "made" {
		t.Errorf("the repeat: %d %s", w.Code, w.Body)
	}
}

// TestFailuresAreTriedAgain lets a request fail for a cause of our own, panic, and be cut off
// with its process.
func TestFailuresAreTriedAgain(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	answers := []int{500, 429, 0, 201}
	n := 0
	send := h.guarded(0, func(w http.ResponseWriter, r *http.Request) {
		status := answers[n]
		n++
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(status)
	})
	for _, want := range answers {
		func() {
			defer func() { _ = recover() }()
			if w := send("b"); w.Code != want {
				t.Errorf("%d, want %d", w.Code, want)
			}
		}()
	}
	if w := send("b"); w.Code != 201 || n != len(answers) {
		t.Errorf("in the end %d after %d tries", w.Code, n)
	}

	crashed := claim{db: h.deps.DB, now: h.now, token: 7, key: "k"}
	for _, c := range []struct {
		pass time.Duration
		mine bool
	}{{0, true}, {claimFor - time.Second, false}, {time.Second, true}} {
		h.pass(c.pass)
		if _, mine, err := crashed.take(t.Context()); err != nil || mine != c.mine {
			t.Errorf("%v later: %v %v", c.pass, mine, err)
		}
	}
}

// TestBodyReachesTheOperationUnchanged guards what hashing might break.
func TestBodyReachesTheOperationUnchanged(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	send := h.guarded(0, func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		if err != nil || string(got) != "whole" {
			t.Errorf("%q %v", got, err)
		}
	})
	if w := send("whole"); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
}
