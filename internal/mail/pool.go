package mail

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrPoolClosed is returned by Get after Close.
var ErrPoolClosed = errors.New("the pool of mail connections is closed")

var errBrokeAtOnce = errors.New("the mail server accepts connections but closes them before a message is answered")

// PoolOptions are the limits of a Pool. What is 0 takes the value named.
type PoolOptions struct {
	// Connections is how many may be open at once (10).
	Connections int
	// Idle is after how long without a message a connection is closed (30 s), and Check after how
	// long it is tried before it carries one (5 s).
	Idle, Check time.Duration
	// Backoff is how long to wait after a first failed connection (1 s), doubled by each further
	// one up to MaxBackoff (30 s).
	Backoff, MaxBackoff time.Duration
}

func (o PoolOptions) orDefault() PoolOptions {
	or := func(given *time.Duration, normal time.Duration) {
		if *given == 0 {
			*given = normal
		}
	}
	if o.Connections < 1 {
		o.Connections = 10
	}
	or(&o.Idle, 30*time.Second)
	or(&o.Check, 5*time.Second)
	or(&o.Backoff, time.Second)
	or(&o.MaxBackoff, 30*time.Second)
	return o
}

// Pool keeps connections to one relay. They are made when needed, used by one goroutine at a time,
// and replaced when the server closes them. All methods may be called by many goroutines.
type Pool struct {
	relay   Relay
	options PoolOptions
	// slots holds one value for each connection that is out.
	slots chan struct{}
	// probe is held by the one goroutine that tries a server in trouble.
	probe  chan struct{}
	closed chan struct{}

	mu sync.Mutex
	// idle are the connections that wait, the longest idle first.
	idle   []*Conn
	reaper *time.Timer
	// failures counts failed connections since the last that carried a message; trouble is the last
	// failure and retryAt the time before which none is tried.
	failures int
	trouble  error
	retryAt  time.Time
}

// NewPool makes a pool without opening a connection.
func NewPool(r Relay, o PoolOptions) *Pool {
	o = o.orDefault()
	return &Pool{
		relay:   r,
		options: o,
		slots:   make(chan struct{}, o.Connections),
		probe:   make(chan struct{}, 1),
		closed:  make(chan struct{}),
	}
}

// Get returns a connection that is ready for messages, for one goroutine until Put. It waits while
// all are out and while the server is given time to recover, and then tries to connect once: an
// error is why that failed, and calling again soon does no harm. After Close it is ErrPoolClosed.
func (p *Pool) Get(ctx context.Context) (*Conn, error) {
	if err := p.await(ctx, p.slots); err != nil {
		return nil, err
	}
	for c := p.takeIdle(); c != nil; c = p.takeIdle() {
		if time.Since(c.idleSince) < p.options.Check || c.check(ctx) == nil {
			return c, nil
		}
	}
	c, err := p.connect(ctx)
	if err != nil {
		<-p.slots
	}
	return c, err
}

// Put takes back a connection that came from Get, whatever state it is in.
func (p *Pool) Put(c *Conn) {
	c.idleSince = time.Now()
	p.mu.Lock()
	keep := !c.dead && !p.isClosed()
	switch {
	case c.results > 0:
		p.failures, p.trouble = 0, nil
	case c.dead && !c.withheld:
		p.failed(errBrokeAtOnce)
	}
	if keep {
		p.idle = append(p.idle, c)
		if p.reaper == nil {
			p.reaper = time.AfterFunc(p.options.Idle, p.reap)
		}
	}
	p.mu.Unlock()
	if !keep {
		c.Close()
	}
	<-p.slots
}

// Trouble is why the last connections failed, or nil while the server serves: it is what waiting
// messages wait for.
func (p *Pool) Trouble() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.trouble
}

// Close takes leave of the server on every idle connection. Those that are out close when they are
// put back.
func (p *Pool) Close() {
	p.mu.Lock()
	if p.isClosed() {
		p.mu.Unlock()
		return
	}
	close(p.closed)
	idle := p.idle
	p.idle = nil
	if p.reaper != nil {
		p.reaper.Stop()
	}
	p.mu.Unlock()
	closeAll(idle)
}

// connect opens a connection. While the server is in trouble one goroutine at a time tries, and not
// before its time.
func (p *Pool) connect(ctx context.Context) (*Conn, error) {
	p.mu.Lock()
	inTrouble := p.failures > 0
	p.mu.Unlock()
	if inTrouble {
		if err := p.await(ctx, p.probe); err != nil {
			return nil, err
		}
		defer func() { <-p.probe }()
		if err := p.awaitRetry(ctx); err != nil {
			return nil, err
		}
	}
	c, err := Dial(ctx, p.relay)
	if err != nil && ctx.Err() == nil {
		p.mu.Lock()
		p.failed(err)
		p.mu.Unlock()
	}
	return c, err
}

// failed notes a failure. The caller holds mu.
func (p *Pool) failed(err error) {
	wait := p.options.MaxBackoff
	if p.failures < 16 {
		wait = min(wait, p.options.Backoff<<p.failures)
	}
	p.failures++
	p.trouble = err
	p.retryAt = time.Now().Add(wait)
}

// await puts a value into a channel that bounds something.
func (p *Pool) await(ctx context.Context, bound chan struct{}) error {
	if p.isClosed() {
		return ErrPoolClosed
	}
	select {
	case bound <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.closed:
		return ErrPoolClosed
	}
}

func (p *Pool) awaitRetry(ctx context.Context) error {
	p.mu.Lock()
	wait := time.Until(p.retryAt)
	p.mu.Unlock()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.closed:
		return ErrPoolClosed
	}
}

// takeIdle takes the connection that was used last, so that those not needed grow old.
func (p *Pool) takeIdle() *Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == 0 {
		return nil
	}
	c := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	return c
}

// reap closes what has been idle too long and comes again when the next will have been.
func (p *Pool) reap() {
	p.mu.Lock()
	var old []*Conn
	for len(p.idle) > 0 && time.Since(p.idle[0].idleSince) >= p.options.Idle {
		old = append(old, p.idle[0])
		p.idle = p.idle[1:]
	}
	switch {
	case p.isClosed():
	case len(p.idle) > 0:
		p.reaper.Reset(p.options.Idle - time.Since(p.idle[0].idleSince))
	default:
		p.reaper = nil
	}
	p.mu.Unlock()
	closeAll(old)
}

func (p *Pool) isClosed() bool {
	select {
	case <-p.closed:
		return true
	default:
		return false
	}
}

func closeAll(conns []*Conn) {
	var wg sync.WaitGroup
	for _, c := range conns {
		wg.Go(c.Close)
	}
	wg.Wait()
}
