package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/internal/config"
	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/institution"
)

// server is a Beckon that serves within the test's own process.
type server struct {
	*Beckon
	t    *testing.T
	url  string
	logs *lockedBuffer
	stop context.CancelFunc
	over chan error
}

// lockedBuffer is a buffer that many goroutines may use.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func startServer(t *testing.T, environ ...string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	environ = append([]string{"BECKON_DATABASE_URL=sqlite:" + t.TempDir() + "/beckon.db", "BECKON_LISTEN=" + l.Addr().String()}, environ...)
	cfg, _, err := config.FromEnv(environ)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &server{t: t, url: cfg.BaseURL, logs: &lockedBuffer{}, stop: stop, over: make(chan error, 1)}
	if s.Beckon, err = Open(ctx, cfg, s.logs, time.Now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.stop()
		s.Close()
		if t.Failed() {
			t.Logf("log of the server:\n%s", s.logs)
		}
	})
	if err := s.prepareSchema(ctx); err != nil {
		t.Fatal(err)
	}
	go func() { s.over <- s.serve(ctx, l, serveCommand{}) }()
	return s
}

// wait waits for the server to end.
func (s *server) wait() {
	s.t.Helper()
	select {
	case err := <-s.over:
		if err != nil {
			s.t.Error(err)
		}
	case <-time.After(patience):
		s.t.Fatal("the server does not end")
	}
}

func (s *server) elm() institution.Scope {
	s.t.Helper()
	i, err := s.Institutions.Create(context.Background(), "Elm University", "elm", "UTC", "", operator)
	if err != nil {
		s.t.Fatal(err)
	}
	return institution.System(i.ID, "test")
}

// A request that is under way when the server is told to stop gets its answer, and none comes in
// any more.
func TestStoppingLetsRequestsEnd(t *testing.T) {
	s := startServer(t)
	token, _, err := s.Accounts.CreateToken(context.Background(), s.elm(), "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	body, feed := io.Pipe()
	r, err := http.NewRequest("POST", s.url+"/api/v1/contacts/imports", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "text/csv")
	// The client sends the body once the server asks for it: then the request is under way.
	r.Header.Set("Expect", "100-continue")
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: patience}}
	answers := make(chan *http.Response, 1)
	go func() {
		answer, err := client.Do(r)
		if err != nil {
			t.Error(err)
		}
		answers <- answer
	}()
	if _, err := io.WriteString(feed, "email,first_name,last_name\n"); err != nil {
		t.Fatal(err)
	}
	s.stop()
	refused := func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err == nil {
			c.Close()
		}
		return err != nil
	}
	for deadline := time.Now().Add(patience); !refused(); {
		if time.Now().After(deadline) {
			t.Fatal("a stopping server takes new requests")
		}
	}
	if _, err := io.WriteString(feed, "ada@acme.example,Ada,Reyes\n"); err != nil {
		t.Fatal(err)
	}
	feed.Close()
	if answer := <-answers; answer != nil && answer.StatusCode != http.StatusAccepted {
		t.Errorf("the request was answered %d", answer.StatusCode)
	}
	s.wait()
}

// Workers hand back what they hold, so that whoever comes next need not wait for it.
func TestStoppingHandsBackLeases(t *testing.T) {
	s := startServer(t)
	scope := s.elm()
	ctx := context.Background()
	var file strings.Builder
	file.WriteString("email,first_name,last_name\n")
	for i := range 200_000 {
		file.WriteString("p" + db.FormatID(int64(i+1)) + "@acme.example,P,N\n")
	}
	i, err := s.Imports.Upload(ctx, scope, "people.csv", strings.NewReader(file.String()), transfer.Options{Confirm: true})
	if err != nil {
		t.Fatal(err)
	}
	for i.Done == 0 {
		if i, err = s.Imports.Get(ctx, scope, i.ID); err != nil {
			t.Fatal(err)
		}
	}
	s.stop()
	s.wait()
	var state string
	var until int64
	if err := s.DB.SQL().QueryRow(`SELECT state, lease_until FROM acts WHERE id = $1`, i.ID).Scan(&state, &until); err != nil {
		t.Fatal(err)
	}
	if state != "running" || until != 0 {
		t.Errorf("the import is %s and held until %d", state, until)
	}
	lock, err := s.DB.LockWorker()
	if err != nil || lock == nil {
		t.Fatalf("the worker lock is still held: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}
