package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"
)

// Envelope is one message on its way to one address.
type Envelope struct {
	// From is where a returned message goes, To who gets it: addresses without names. Only To may
	// have letters beyond ASCII before its @.
	From, To string
	// Body returns the message: 7-bit, as Compose makes it, 8-bit only where To needs SMTPUTF8. It
	// is called when the server has agreed to take the message, right before its first byte
	// leaves, and again at each further attempt. Its error holds the message back: this is the
	// place to see whether it is still ours to send.
	Body func() ([]byte, error)
	// Urgent messages do not wait for the rate limit, though they count in it.
	Urgent bool
}

var (
	errDead       = errors.New("the connection to the mail server is closed")
	errOutOfOrder = errors.New("the mail server answers out of order")
)

// Send hands over one message and waits for the server's answer. MAIL, RCPT and DATA go out in one
// write where the server offers PIPELINING.
//
// The Result is exact about what may have happened: Accepted, Temporary and Permanent are the
// server's word; NotSent means that it cannot have taken the message; Unknown that it may have.
// After its 354 a server can only be stopped by closing the connection before the message's end,
// which is what happens when Body refuses or ctx ends before. From then on ctx no longer stops
// anything, since that would only make the result Unknown, but the answer is awaited for
// Timeouts.Grace at most.
func (c *Conn) Send(ctx context.Context, e Envelope) Result {
	if c.dead {
		return Result{Err: errDead}
	}
	commands, refusal := c.commands(e)
	if refusal != nil {
		return *refusal
	}
	release := context.AfterFunc(ctx, func() { _ = c.raw.Close() })
	if r, ready := c.offer(commands); !ready {
		if !release() {
			c.withhold()
		}
		if r.Class == NotSent && ctx.Err() != nil {
			r.Err = ctx.Err()
		}
		return r
	}
	message, err := e.Body()
	if err != nil {
		release()
		c.withhold()
		return Result{Err: err, Withheld: true}
	}
	if !release() {
		c.withhold()
		return Result{Err: ctx.Err()}
	}
	return c.deliver(ctx, message)
}

// command is a line of a transaction, and where in it that is.
type command struct {
	at   stage
	line string
}

// commands are those that come before the body, or the refusal of an envelope that cannot be sent.
func (c *Conn) commands(e Envelope) ([]command, *Result) {
	from, wideFrom, ok := wireAddress(e.From)
	if !ok || wideFrom {
		return nil, &Result{Class: Permanent, About: AboutSender, Text: "the sender's address cannot be used in SMTP"}
	}
	to, wide, ok := wireAddress(e.To)
	if !ok {
		return nil, &Result{Class: Permanent, About: AboutRecipient, Enhanced: "5.1.3", Text: "the address cannot be used in SMTP"}
	}
	parameters := ""
	if wide {
		if !c.smtpUTF8 {
			return nil, &Result{Class: Permanent, About: AboutRecipient, Enhanced: "5.6.7",
				Text: "the address has letters beyond ASCII before its @, and the mail server cannot send to such (it offers no SMTPUTF8)"}
		}
		// A server that offers SMTPUTF8 offers 8BITMIME too (RFC 6531, 3.1).
		parameters = " BODY=8BITMIME SMTPUTF8"
	}
	commands := make([]command, 0, 4)
	if c.unclean {
		commands = append(commands, command{atReset, "RSET"})
	}
	return append(commands, command{atMail, "MAIL FROM:<" + from + ">" + parameters},
		command{atRcpt, "RCPT TO:<" + to + ">"}, command{atData, "DATA"}), nil
}

// offer goes through the commands before the body. It is ready when the server awaits the body;
// otherwise the result stands.
func (c *Conn) offer(commands []command) (r Result, ready bool) {
	c.unclean = true
	replies, err := c.exchange(commands)
	r, decided := c.judge(commands, replies)
	switch {
	case err != nil || slices.ContainsFunc(replies, reply.closing):
		c.drop()
	case decided && !c.dead && replies[len(replies)-1].code == 354:
		c.sendNothing()
	}
	switch {
	case decided:
		return r, false
	case err != nil:
		return Result{Err: fmt.Errorf("the mail server left before the message: %w", err)}, false
	}
	return Result{}, true
}

// judge finds the first reply that is not good, which decides. The replies may end early.
func (c *Conn) judge(commands []command, replies []reply) (r Result, decided bool) {
	for i, answer := range replies {
		at := commands[i].at
		switch {
		case answer.good(at):
			continue
		case answer.closing() && at <= atMail && c.results > 0:
			// The server has had enough of this connection, not of the message.
			return Result{Err: fmt.Errorf("the mail server closed the connection: %s", oneLine(answer.text))}, true
		case !answer.refusal():
			c.drop()
			return Result{Err: errOutOfOrder}, true
		}
		return answer.result(at), true
	}
	return Result{}, false
}

// exchange sends commands and reads their replies: all in one write with PIPELINING (RFC 2920),
// otherwise one by one until one is refused. No reply is awaited after one that ends all or makes no
// sense. With an error, the replies before it are returned.
func (c *Conn) exchange(commands []command) ([]reply, error) {
	if c.text.R.Buffered() > 0 {
		return nil, errOutOfOrder
	}
	replies := make([]reply, 0, len(commands))
	for i, command := range commands {
		c.text.W.WriteString(command.line + "\r\n")
		if c.pipelining && i+1 < len(commands) {
			continue
		}
		_ = c.raw.SetWriteDeadline(time.Now().Add(c.timeouts.Command))
		if err := c.text.W.Flush(); err != nil {
			return replies, err
		}
		for len(replies) <= i {
			answer, err := c.read(c.timeouts.Command)
			if err != nil {
				return replies, err
			}
			replies = append(replies, answer)
			at := commands[len(replies)-1].at
			if answer.closing() || !answer.good(at) && !(c.pipelining && answer.refusal()) {
				return replies, nil
			}
		}
	}
	return replies, nil
}

// sendNothing ends a body that a server awaits though it refused the recipient (RFC 2920, 3.1).
func (c *Conn) sendNothing() {
	if err := c.text.PrintfLine("."); err != nil {
		c.drop()
		return
	}
	if answer, err := c.read(c.timeouts.Command); err != nil || answer.closing() {
		c.drop()
	}
}

// withhold closes the connection to keep back a message that the server awaits.
func (c *Conn) withhold() {
	c.withheld = true
	c.drop()
}

// deliver sends the body and reads the answer that decides.
func (c *Conn) deliver(ctx context.Context, message []byte) Result {
	wire := dotStuffed(message)
	_ = c.raw.SetWriteDeadline(time.Now().Add(c.timeouts.Body))
	n, err := c.text.W.Write(wire)
	if err == nil {
		err = c.text.W.Flush()
	}
	if err != nil {
		c.drop()
		// What did not leave includes the end, without which the server takes nothing.
		if unsent := len(wire) - n + c.text.W.Buffered(); unsent > 0 {
			return Result{Err: fmt.Errorf("the mail server left within the message: %w", err)}
		}
		return Result{Class: Unknown, Err: err}
	}
	answer, err := c.readResult(ctx)
	if err == nil && !answer.good(atEnd) && !answer.refusal() {
		err = errOutOfOrder
	}
	if err != nil {
		c.drop()
		return Result{Class: Unknown, Err: fmt.Errorf("no answer to the message: %w", err)}
	}
	// With its answer the server has forgotten the transaction, whatever the answer was.
	c.unclean = false
	c.results++
	if answer.closing() || c.text.R.Buffered() > 0 {
		c.drop()
	}
	return answer.result(atEnd)
}

// read reads one reply.
func (c *Conn) read(timeout time.Duration) (reply, error) {
	_ = c.raw.SetReadDeadline(time.Now().Add(timeout))
	code, text, err := c.text.ReadResponse(0)
	return reply{code, text}, err
}

// readResult reads the answer to a body, with less patience once ctx has ended.
func (c *Conn) readResult(ctx context.Context) (reply, error) {
	_ = c.raw.SetReadDeadline(time.Now().Add(c.timeouts.Result))
	hurry := context.AfterFunc(ctx, func() {
		_ = c.raw.SetReadDeadline(time.Now().Add(min(c.timeouts.Grace, c.timeouts.Result)))
	})
	defer hurry()
	code, text, err := c.text.ReadResponse(0)
	return reply{code, text}, err
}

// check sees whether an idle connection still serves, and leaves it clean.
func (c *Conn) check(ctx context.Context) error {
	release := context.AfterFunc(ctx, func() { _ = c.raw.Close() })
	replies, err := c.exchange([]command{{atReset, "RSET"}})
	if !release() {
		err = ctx.Err()
	}
	if err == nil && replies[0].code != 250 {
		err = net.ErrClosed
	}
	if err != nil {
		c.drop()
		return err
	}
	c.unclean = false
	return nil
}

// dotStuffed is a message as it follows DATA, its end included (RFC 5321, 4.5.2). Every line ends in
// CRLF and no CR or LF stands elsewhere, so that no server sees an end where none is.
func dotStuffed(message []byte) []byte {
	wire := make([]byte, 0, len(message)+len(message)/50+8)
	for len(message) > 0 {
		line, rest, _ := bytes.Cut(message, []byte{'\n'})
		message = rest
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if bytes.IndexByte(line, '\r') >= 0 {
			line = bytes.ReplaceAll(line, []byte{'\r'}, nil)
		}
		if len(line) > 0 && line[0] == '.' {
			wire = append(wire, '.')
		}
		wire = append(append(wire, line...), '\r', '\n')
	}
	return append(wire, ".\r\n"...)
}
