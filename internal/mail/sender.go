package mail

import "context"

// Sender takes single messages. Its methods may be called by many goroutines; a bulk sender calls
// Send from as many as there are connections.
type Sender interface {
	// Ready waits until a message could go at once. Its error is why none can: work is leased
	// after Ready, so that a server in trouble does not let leases run out.
	Ready(ctx context.Context) error
	// Send hands over one message and says what became of it. It may call Envelope.Body more than
	// once, one after another.
	Send(ctx context.Context, e Envelope) Result
}

// SMTP sends over the connections of a pool, at most as fast as the rate allows.
type SMTP struct {
	Pool *Pool
	// Rate is nil for no limit.
	Rate *Rate
}

// tries is how many connections one Send uses up: the first may have been closed by the server
// while it was idle, and so may a second.
const tries = 3

// Ready waits for a connection. Its error is why the server cannot be reached, that of ctx, or
// ErrPoolClosed.
func (s SMTP) Ready(ctx context.Context) error {
	c, err := s.Pool.Get(ctx)
	if err == nil {
		s.Pool.Put(c)
	}
	return err
}

// Send waits for the rate and for a connection, and sends. A message that was not sent because the
// connection broke goes again at once on another one.
func (s SMTP) Send(ctx context.Context, e Envelope) Result {
	if e.Urgent {
		s.Rate.Take()
	} else if err := s.Rate.Wait(ctx); err != nil {
		return Result{Err: err}
	}
	for try := 1; ; try++ {
		c, err := s.Pool.Get(ctx)
		if err != nil {
			return Result{Err: err}
		}
		r := c.Send(ctx, e)
		s.Pool.Put(c)
		if try == tries || !r.Retry() {
			return r
		}
	}
}

// Mailbox keeps messages instead of sending them, for a server without SMTP.
type Mailbox struct {
	// Keep stores a message; its error leaves the message not sent.
	Keep func(ctx context.Context, from, to string, message []byte) error
}

// Ready is always so.
func (m Mailbox) Ready(ctx context.Context) error { return ctx.Err() }

// Send keeps the message and counts it as accepted.
func (m Mailbox) Send(ctx context.Context, e Envelope) Result {
	message, err := e.Body()
	if err != nil {
		return Result{Err: err, Withheld: true}
	}
	if err := m.Keep(ctx, e.From, e.To, message); err != nil {
		return Result{Err: err}
	}
	return Result{Class: Accepted, Text: "kept in the mailbox"}
}
