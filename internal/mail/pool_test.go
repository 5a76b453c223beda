package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func pool(t testing.TB, r Relay, o PoolOptions) *Pool {
	t.Helper()
	p := NewPool(r, o)
	t.Cleanup(p.Close)
	return p
}

func get(t testing.TB, p *Pool) *Conn {
	t.Helper()
	c, err := p.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A relay that ends each connection after three messages, by word or without one, costs a
// connection and nothing else: each message arrives, and arrives once.
func TestServerThatClosesAfterThree(t *testing.T) {
	for name, bye := range map[string]string{"421": "421 4.7.0 three are enough", "silently": ""} {
		t.Run(name, func(t *testing.T) {
			const messages, senders = 50, 2
			var mu sync.Mutex
			arrived := map[string]int{}
			r := scripted(t, func(_ int, s *script) {
				s.greet("PIPELINING")
				for range 3 {
					if mail := s.next(); !strings.HasPrefix(mail, "MAIL") {
						return
					}
					to := s.next()
					s.hear("DATA")
					s.say("250 ok", "250 ok", "354 go")
					if _, ended := s.body(); ended {
						mu.Lock()
						arrived[to]++
						mu.Unlock()
						s.say("250 taken")
					}
				}
				if bye != "" && s.next() != "" {
					s.say(bye)
				}
			})
			sender := SMTP{Pool: pool(t, r, PoolOptions{Connections: senders})}
			work := make(chan int)
			var wg sync.WaitGroup
			for range senders {
				wg.Go(func() {
					for n := range work {
						if got := sender.Send(t.Context(), envelope(fmt.Sprintf("c%d@northwind.example", n))); got.Class != Accepted {
							t.Errorf("message %d: %v %v", n, got.Class, got)
						}
					}
				})
			}
			for n := range messages {
				work <- n
			}
			close(work)
			wg.Wait()
			for to, n := range arrived {
				if n != 1 {
					t.Errorf("%s got it %d times", to, n)
				}
			}
			if len(arrived) != messages {
				t.Errorf("%d arrived, want %d", len(arrived), messages)
			}
		})
	}
}

func TestPoolHoldsItsLimit(t *testing.T) {
	var dialed atomic.Int32
	r := scripted(t, func(_ int, s *script) {
		dialed.Add(1)
		s.greet("PIPELINING")
		s.gone()
	})
	p := pool(t, r, PoolOptions{Connections: 2, Idle: time.Hour, Check: time.Hour})
	a, b := get(t, p), get(t, p)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Get(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a third while two are out: %v", err)
	}
	third := make(chan *Conn)
	go func() { c, _ := p.Get(t.Context()); third <- c }()
	p.Put(a)
	if c := <-third; c != a {
		t.Error("what was put back is not what the one who waits gets")
	}
	p.Put(a)
	p.Put(b)
	if c := get(t, p); c != b {
		t.Error("the one used last does not come first")
	} else {
		p.Put(c)
	}
	if n := dialed.Load(); n != 2 {
		t.Errorf("%d connections were made, want 2", n)
	}
}

func TestPoolChecksAnIdleConnection(t *testing.T) {
	r := scripted(t, func(n int, s *script) {
		s.greet("PIPELINING")
		if n == 0 {
			s.accept()
			s.hear("RSET")
			s.say("250 ok")
			s.accept()
			s.hear("RSET")
			s.say("421 idle for too long")
			s.gone()
			return
		}
		s.accept()
		s.gone()
	})
	p := pool(t, r, PoolOptions{Connections: 1, Check: time.Nanosecond})
	first := get(t, p)
	conns := []*Conn{first}
	for range 2 {
		if got := first.Send(t.Context(), envelope("")); got.Class != Accepted {
			t.Fatalf("%v %v", got.Class, got)
		}
		p.Put(first)
		c := get(t, p)
		conns = append(conns, c)
	}
	if conns[1] != first || conns[2] == first {
		t.Error("the good connection was replaced, or the closed one kept")
	}
	if got := conns[2].Send(t.Context(), envelope("")); got.Class != Accepted {
		t.Errorf("%v %v", got.Class, got)
	}
	p.Put(conns[2])
}

func TestPoolClosesWhatIsIdle(t *testing.T) {
	left := make(chan string)
	r := scripted(t, func(_ int, s *script) {
		s.greet("PIPELINING")
		left <- s.next()
	})
	p := pool(t, r, PoolOptions{Connections: 2, Idle: time.Millisecond})
	for range 2 {
		a, b := get(t, p), get(t, p)
		p.Put(a)
		p.Put(b)
		if x, y := <-left, <-left; x != "QUIT" || y != "QUIT" {
			t.Errorf("the server heard %q and %q", x, y)
		}
	}
}

func TestPoolGivesTheServerTime(t *testing.T) {
	r := scripted(t, func(n int, s *script) {
		switch {
		case n < 3:
			s.say("421 too many connections")
		case n == 3:
			s.greet("PIPELINING")
			s.hear("MAIL", "RCPT", "DATA")
		default:
			s.greet("PIPELINING")
			s.accept()
			s.gone()
		}
	})
	const backoff = 8 * time.Millisecond
	sender := SMTP{Pool: pool(t, r, PoolOptions{Connections: 1, Backoff: backoff, MaxBackoff: 3 * backoff})}
	var last time.Time // when the attempt before began, so that it failed later
	for _, wait := range []time.Duration{0, backoff, 2 * backoff} {
		began := time.Now()
		if err := sender.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "too many connections") {
			t.Fatalf("ready: %v", err)
		}
		if err := sender.Pool.Trouble(); err == nil || !strings.Contains(err.Error(), "too many connections") {
			t.Errorf("trouble: %v", err)
		}
		if got := time.Since(last); got < wait {
			t.Errorf("the next attempt came after %v, want %v", got, wait)
		}
		last = began
	}
	// The fourth connection breaks at its first message, which is no better than a refused one.
	if got := sender.Send(t.Context(), envelope("")); got.Class != Accepted {
		t.Errorf("%v %v", got.Class, got)
	}
	if got, want := time.Since(last), 6*backoff; got < want {
		t.Errorf("the last two attempts came after %v, want %v", got, want)
	}
	if err := sender.Pool.Trouble(); err != nil {
		t.Errorf("trouble after a message went: %v", err)
	}
}

func TestPoolWaitsNoLongerThanItsContext(t *testing.T) {
	r := scripted(t, func(_ int, s *script) { s.say("421 no") })
	p := pool(t, r, PoolOptions{Connections: 1, Backoff: time.Hour, MaxBackoff: time.Hour})
	if _, err := p.Get(t.Context()); err == nil {
		t.Fatal("connected")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := p.Get(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("get: %v", err)
	}
	done := make(chan error)
	go func() { _, err := p.Get(t.Context()); done <- err }()
	p.Close()
	if err := <-done; !errors.Is(err, ErrPoolClosed) {
		t.Errorf("get while closing: %v", err)
	}
}

func TestPoolCloses(t *testing.T) {
	left := make(chan string, 2)
	r := scripted(t, func(_ int, s *script) {
		s.greet("PIPELINING")
		left <- s.next()
	})
	p := pool(t, r, PoolOptions{Connections: 2})
	a, b := get(t, p), get(t, p)
	p.Put(a)
	p.Close()
	if got := <-left; got != "QUIT" {
		t.Errorf("the idle one left with %q", got)
	}
	p.Put(b)
	if got := <-left; got != "QUIT" {
		t.Errorf("the one that was out left with %q", got)
	}
	if got := (SMTP{Pool: p}).Send(t.Context(), envelope("")); got.Class != NotSent || got.Retry() {
		t.Errorf("send after close: %#v", got)
	}
	p.Close()
}

func TestSMTPGivesUpAfterSomeConnections(t *testing.T) {
	var dialed atomic.Int32
	r := scripted(t, func(_ int, s *script) {
		dialed.Add(1)
		s.greet("PIPELINING")
		s.hear("MAIL", "RCPT", "DATA")
	})
	sender := SMTP{Pool: pool(t, r, PoolOptions{Backoff: time.Nanosecond, MaxBackoff: time.Nanosecond})}
	if got := sender.Send(t.Context(), envelope("")); !got.Retry() {
		t.Errorf("%v %v", got.Class, got)
	}
	if n := dialed.Load(); n != tries {
		t.Errorf("%d connections, want %d", n, tries)
	}
}

// Keeping a message back is not the server's fault: nobody has to wait after it.
func TestWithheldIsNoTrouble(t *testing.T) {
	sender := SMTP{Pool: pool(t, keepsBack(t), PoolOptions{Backoff: time.Hour, MaxBackoff: time.Hour})}
	e := envelope("")
	e.Body = func() ([]byte, error) { return nil, errors.New("the lease is over") }
	for range 2 {
		if got := sender.Send(t.Context(), e); !got.Withheld {
			t.Errorf("%#v", got)
		}
	}
	if err := sender.Pool.Trouble(); err != nil {
		t.Errorf("trouble: %v", err)
	}
}

func TestMailbox(t *testing.T) {
	var kept []string
	full := errors.New("full")
	box := Mailbox{Keep: func(_ context.Context, from, to string, message []byte) error {
		if len(kept) > 0 {
			return full
		}
		kept = append(kept, from, to, string(message))
		return nil
	}}
	if got := box.Send(t.Context(), envelope("")); got.Class != Accepted {
		t.Errorf("%#v", got)
	}
	if want := []string{"careers@elm.example", "amara@northwind.example", "Subject: hello\r\n\r\nhello\r\n.dot\r\n"}; !slices.Equal(kept, want) {
		t.Errorf("kept %q", kept)
	}
	if got := box.Send(t.Context(), envelope("")); got.Class != NotSent || !errors.Is(got.Err, full) {
		t.Errorf("%#v", got)
	}
	e := envelope("")
	e.Body = func() ([]byte, error) { return nil, errors.New("the lease is over") }
	if got := box.Send(t.Context(), e); !got.Withheld {
		t.Errorf("%#v", got)
	}
}

// BenchmarkSMTP counts messages of about 4 KB from letter to answer, over 20 connections to a server
// in the same process.
func BenchmarkSMTP(b *testing.B) {
	r := scripted(b, func(_ int, s *script) {
		s.greet("PIPELINING")
		for strings.HasPrefix(s.next(), "MAIL") {
			s.hear("RCPT", "DATA")
			s.say("250 ok", "250 ok", "354 go")
			s.body()
			s.say("250 taken")
		}
	})
	p := pool(b, r, PoolOptions{Connections: 20})
	sender := SMTP{Pool: p}
	e := envelope("")
	e.Body = func() ([]byte, error) {
		m, l := invitation(), letter()
		page, err := l.RenderHTML()
		if err != nil {
			return nil, err
		}
		m.Text, m.HTML = l.RenderText(), page
		return Compose(m)
	}
	b.SetParallelism(20)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if got := sender.Send(b.Context(), e); got.Class != Accepted {
				b.Errorf("%v %v", got.Class, got)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
