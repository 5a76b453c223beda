package mail

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The PostgreSQL server that tests share runs as long as the process.
		goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"),
		goleak.IgnoreAnyFunction("os/exec.(*Cmd).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/jackc/pgx/v5/pgconn/internal/bgreader.(*BGReader).bgRead"))
}

// script is the server's side of one connection, played by a test.
type script struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

func (s *script) say(lines ...string) {
	// What the client no longer reads is no fault of the server.
	_, _ = io.WriteString(s.conn, strings.Join(lines, "\r\n")+"\r\n")
}

// next reads a line, "" at the end of the connection.
func (s *script) next() string {
	line, _ := s.r.ReadString('\n')
	return strings.TrimRight(line, "\r\n")
}

// hear reads one line for each prefix.
func (s *script) hear(prefixes ...string) {
	s.t.Helper()
	for _, prefix := range prefixes {
		if line := s.next(); !strings.HasPrefix(line, prefix) {
			s.t.Errorf("the server heard %q, want %q", line, prefix)
		}
	}
}

// greet goes as far as EHLO and offers extensions.
func (s *script) greet(extensions ...string) {
	s.t.Helper()
	s.say("220 relay.example ESMTP")
	s.hear("EHLO ")
	s.say("250-relay.example")
	for _, x := range extensions {
		s.say("250-" + x)
	}
	s.say("250 HELP")
}

// body reads a message without undoing its dots, false if it does not come to its end.
func (s *script) body() (string, bool) {
	var b strings.Builder
	for {
		line, err := s.r.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return b.String(), err == nil
		}
		b.WriteString(line)
	}
}

// accept takes one message of a client that pipelines.
func (s *script) accept() {
	s.t.Helper()
	s.hear("MAIL", "RCPT", "DATA")
	s.say("250 ok", "250 ok", "354 go")
	if _, ok := s.body(); !ok {
		s.t.Error("the body has no end")
	}
	s.say("250 2.0.0 taken")
}

// gone waits until the client has left, politely or not.
func (s *script) gone() {
	s.t.Helper()
	if line := s.next(); line != "" && line != "QUIT" {
		s.t.Errorf("the server heard %q, want the end", line)
	}
}

// scripted starts a server that plays a script for each connection, numbered from 0. The test ends
// when all have been played.
func scripted(t testing.TB, play func(n int, s *script)) Relay {
	t.Helper()
	return scriptedAt(t, "127.0.0.1", play)
}

// scriptedAt does so at an address of the loopback.
func scriptedAt(t testing.TB, host string, play func(n int, s *script)) Relay {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 0; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer conn.Close()
				play(n, &script{t, conn, bufio.NewReader(conn)})
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		wg.Wait()
	})
	return Relay{Host: host, Port: port(l), TLS: TLSNone}
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func port(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

func dial(t testing.TB, r Relay) *Conn {
	t.Helper()
	c, err := Dial(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// envelope is a message to one address, "" for the usual one.
func envelope(to string) Envelope {
	if to == "" {
		to = "amara@northwind.example"
	}
	return Envelope{From: "careers@elm.example", To: to, Body: func() ([]byte, error) {
		return []byte("Subject: hello\r\n\r\nhello\r\n.dot\r\n"), nil
	}}
}

// sink is a real server that keeps what it is sent.
type sink struct {
	mechanisms     []string
	user, password string

	mu       sync.Mutex
	received []string // "recipient: message"
}

func (s *sink) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{sink: s}, nil }

type session struct {
	sink *sink
	to   string
}

func (s *session) Reset()                                    {}
func (s *session) Logout() error                             { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error      { return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.received = append(s.sink.received, s.to+": "+string(raw))
	return err
}
func (s *session) AuthMechanisms() []string { return s.sink.mechanisms }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.sink.user || password != s.sink.password {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

// serve starts a sink; change may alter the server before.
func serve(t testing.TB, s *sink, l net.Listener, change func(*smtp.Server)) Relay {
	t.Helper()
	server := smtp.NewServer(s)
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.Domain = "relay.example"
	server.EnableSMTPUTF8 = true
	if change != nil {
		change(server)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		// It ends with the error of a closed listener.
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		server.Close()
		<-done
	})
	return Relay{Host: "127.0.0.1", Port: port(l), TLS: TLSNone}
}

// certificate is one that nobody but its own pool trusts, for 127.0.0.1.
func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pool
}
