package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"time"
)

// Relay is the mail server that messages are handed to, and how to reach it. ParseSMTPURL makes one;
// the fields below Hello may be set afterwards.
type Relay struct {
	Host     string
	Port     int
	TLS      TLSMode
	User     string
	password string
	// Hello is the name that this end gives itself in EHLO; '' takes its IP address.
	Hello string
	// Roots are the authorities whose certificates are trusted; nil takes the system's.
	Roots *x509.CertPool
	// Timeouts that are 0 take those of DefaultTimeouts.
	Timeouts Timeouts
}

// Timeouts say how long each phase of a connection may take (RFC 5321, 4.5.3.2).
type Timeouts struct {
	// Connect bounds the TCP connection, Hello all from the greeting to the login.
	Connect, Hello time.Duration
	// Command bounds the answer to each of MAIL, RCPT, DATA and RSET.
	Command time.Duration
	// Body bounds handing over the message.
	Body time.Duration
	// Result bounds the answer to the message. Giving up here leaves unknown whether it was taken.
	Result time.Duration
	// Grace bounds the answer to the message once the context has ended.
	Grace time.Duration
}

// DefaultTimeouts are shorter than RFC 5321 asks of a server on the open network, since a relay is
// near, but for Result: giving up there risks sending a message twice.
var DefaultTimeouts = Timeouts{
	Connect: 30 * time.Second,
	Hello:   2 * time.Minute,
	Command: 2 * time.Minute,
	Body:    3 * time.Minute,
	Result:  10 * time.Minute,
	Grace:   15 * time.Second,
}

func (t Timeouts) orDefault() Timeouts {
	or := func(given *time.Duration, normal time.Duration) {
		if *given == 0 {
			*given = normal
		}
	}
	or(&t.Connect, DefaultTimeouts.Connect)
	or(&t.Hello, DefaultTimeouts.Hello)
	or(&t.Command, DefaultTimeouts.Command)
	or(&t.Body, DefaultTimeouts.Body)
	or(&t.Result, DefaultTimeouts.Result)
	or(&t.Grace, DefaultTimeouts.Grace)
	return t
}

// Conn is a connection to a relay, logged in and ready for messages. One goroutine uses it at a time.
type Conn struct {
	raw      net.Conn
	text     *textproto.Conn
	timeouts Timeouts

	pipelining bool // RFC 2920
	smtpUTF8   bool // RFC 6531

	// dead says that the connection is closed or about to be, and withheld that we closed it to
	// keep a message back.
	dead, withheld bool
	// unclean says that a transaction was begun and not ended: RSET comes before the next.
	unclean bool
	// results counts the messages whose body was answered.
	results int
	// idleSince is kept by the pool.
	idleSince time.Time
}

// Dial connects to a relay, goes over to TLS and logs in, as the relay's settings say. The error
// says what failed and, where settings can mend it, how. Ending ctx ends the attempt; it has no
// bearing on the connection afterwards.
func Dial(ctx context.Context, r Relay) (*Conn, error) {
	c := &Conn{timeouts: r.Timeouts.orDefault()}
	dialer := net.Dialer{Timeout: c.timeouts.Connect}
	raw, err := dialer.DialContext(ctx, "tcp", r.address())
	if err != nil {
		return nil, fmt.Errorf("connect to mail server %s: %w", r.address(), err)
	}
	c.raw = &meteredConn{Conn: raw}
	_ = raw.SetDeadline(time.Now().Add(c.timeouts.Hello))
	release := context.AfterFunc(ctx, func() { _ = raw.Close() })
	err = c.hello(r)
	if !release() {
		err = ctx.Err()
	}
	if err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("mail server %s: %w", r.address(), err)
	}
	return c, nil
}

// hello does all from the greeting to the login.
func (c *Conn) hello(r Relay) error {
	conn := c.raw
	security := &tls.Config{ServerName: r.Host, RootCAs: r.Roots, MinVersion: tls.VersionTLS12}
	if r.TLS == TLSImplicit {
		secure := tls.Client(conn, security)
		if err := secure.Handshake(); err != nil {
			return fmt.Errorf("implicit TLS: %w", err)
		}
		conn = secure
	}
	client, err := smtp.NewClient(conn, r.Host)
	if err != nil {
		return fmt.Errorf("greeting: %w", err)
	}
	if err := client.Hello(r.helloName(conn)); err != nil {
		return fmt.Errorf("EHLO: %w", err)
	}
	if r.TLS == TLSStart {
		if offered, _ := client.Extension("STARTTLS"); !offered {
			return errors.New("it does not offer STARTTLS; ask its operator for another port, or, " +
				"on a network that you trust, set tls=none in BECKON_SMTP_URL")
		}
		if err := client.StartTLS(security); err != nil {
			return fmt.Errorf("STARTTLS: %w", err)
		}
	}
	if r.User != "" {
		auth, err := r.auth(client)
		if err != nil {
			return err
		}
		if err := client.Auth(auth); err != nil {
			return fmt.Errorf("it refuses the user and password of BECKON_SMTP_URL: %w", err)
		}
	}
	c.text = client.Text
	c.pipelining, _ = client.Extension("PIPELINING")
	c.smtpUTF8, _ = client.Extension("SMTPUTF8")
	return nil
}

// helloName is the name in EHLO: without one that others can look up, an address literal (RFC 5321,
// 4.1.4).
func (r Relay) helloName(conn net.Conn) string {
	if r.Hello != "" {
		return r.Hello
	}
	local, ok := conn.LocalAddr().(*net.TCPAddr)
	switch {
	case !ok:
		return "localhost"
	case local.IP.To4() != nil:
		return "[" + local.IP.String() + "]"
	}
	return "[IPv6:" + local.IP.String() + "]"
}

// Close takes leave of the server and closes the connection. It waits at most two seconds.
func (c *Conn) Close() {
	if !c.dead {
		_ = c.raw.SetDeadline(time.Now().Add(min(c.timeouts.Command, 2*time.Second)))
		// An answer or not, the connection ends.
		if c.text.PrintfLine("QUIT") == nil {
			_, _, _ = c.text.ReadResponse(221)
		}
	}
	c.drop()
}

// drop closes the connection without a word. A server that has a body but not yet its end throws it
// away (RFC 5321, 4.1.1.4).
func (c *Conn) drop() {
	c.dead = true
	_ = c.raw.Close()
}

// maxReply bounds what a server may say before we speak again, in octets.
const maxReply = 64 << 10

var errLongReply = errors.New("the server's reply does not end")

// meteredConn bounds what is read between two writes, so that a server cannot fill our memory with a
// reply without end.
type meteredConn struct {
	net.Conn
	read int
}

func (m *meteredConn) Read(p []byte) (int, error) {
	if m.read >= maxReply {
		return 0, errLongReply
	}
	n, err := m.Conn.Read(p)
	m.read += n
	return n, err
}

func (m *meteredConn) Write(p []byte) (int, error) {
	m.read = 0
	return m.Conn.Write(p)
}
