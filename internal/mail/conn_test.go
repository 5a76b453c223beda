package mail

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

func TestDialWithTLS(t *testing.T) {
	secure, roots := certificate(t)
	starttls := serve(t, &sink{}, listen(t), func(s *smtp.Server) { s.TLSConfig = secure })
	starttls.TLS = TLSStart
	implicit := serve(t, &sink{}, tls.NewListener(listen(t), secure), nil)
	implicit.TLS = TLSImplicit

	for name, r := range map[string]Relay{"starttls": starttls, "implicit": implicit} {
		t.Run(name, func(t *testing.T) {
			if _, err := Dial(t.Context(), r); err == nil || !strings.Contains(err.Error(), "certificate") {
				t.Errorf("a certificate that nobody signed: %v", err)
			}
			r.Roots = roots
			c := dial(t, r)
			for range 2 {
				if got := c.Send(t.Context(), envelope("")); got.Class != Accepted {
					t.Errorf("send: %v %v", got.Class, got)
				}
			}
		})
	}
}

func TestDialRefusesWithoutSTARTTLS(t *testing.T) {
	r := scripted(t, func(_ int, s *script) {
		s.greet("PIPELINING", "AUTH PLAIN")
		s.gone()
	})
	r.TLS, r.User, r.password = TLSStart, "api", "hunter2"
	_, err := Dial(t.Context(), r)
	if err == nil || !strings.Contains(err.Error(), "STARTTLS") || !strings.Contains(err.Error(), "BECKON_SMTP_URL") {
		t.Errorf("error %v names neither fault nor cure", err)
	}
}

func TestDialLogsIn(t *testing.T) {
	r := serve(t, &sink{mechanisms: []string{"PLAIN"}, user: "api", password: "hunter2"}, listen(t),
		func(s *smtp.Server) { s.AllowInsecureAuth = true })
	r.User, r.password = "api", "hunter2"
	if got := dial(t, r).Send(t.Context(), envelope("")); got.Class != Accepted {
		t.Errorf("send after login: %v", got)
	}
	r.password = "hunter3"
	if _, err := Dial(t.Context(), r); err == nil || !strings.Contains(err.Error(), "user and password") || strings.Contains(err.Error(), "hunter") {
		t.Errorf("wrong password: %v", err)
	}
}

func TestDialLogin(t *testing.T) {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, c := range map[string]struct {
		host, offer string
		play        func(*script)
		want        string
	}{
		"LOGIN": {"127.0.0.1", "AUTH XOAUTH2 LOGIN", func(s *script) {
			s.hear("AUTH LOGIN")
			s.say("334 " + b64("Username:"))
			s.hear(b64("api"))
			s.say("334 " + b64("Password:"))
			s.hear(b64("hunter2"))
			s.say("235 2.7.0 welcome")
		}, ""},
		"LOGIN asks on": {"127.0.0.1", "AUTH LOGIN", func(s *script) {
			s.hear("AUTH LOGIN")
			s.say("334 ")
			s.hear(b64("api"))
			s.say("334 ")
			s.hear(b64("hunter2"))
			s.say("334 ")
			s.hear("*")
			s.say("501 well then")
		}, "user and password"},
		// The digest is the HMAC-MD5 of the challenge, as another program makes it (RFC 2195).
		"CRAM-MD5 far away": {"127.0.0.2", "AUTH PLAIN CRAM-MD5", func(s *script) {
			s.hear("AUTH CRAM-MD5")
			s.say("334 " + b64("<1896.697170952@postoffice.example.net>"))
			s.hear(b64("tim 3dbc88f0624776a737b39093f6eb6427"))
			s.say("235 welcome")
		}, ""},
		"PLAIN in the open": {"127.0.0.2", "AUTH PLAIN LOGIN", func(*script) {}, "open connection"},
		"no login":          {"127.0.0.1", "8BITMIME", func(*script) {}, "offers no login"},
		"unknown login":     {"127.0.0.1", "AUTH XOAUTH2", func(*script) {}, "XOAUTH2"},
	} {
		t.Run(name, func(t *testing.T) {
			r := scriptedAt(t, c.host, func(_ int, s *script) {
				s.greet(c.offer)
				c.play(s)
				s.gone()
			})
			r.User, r.password = "api", "hunter2"
			if strings.HasPrefix(name, "CRAM") {
				r.User, r.password = "tim", "tanstaaftanstaaf"
			}
			conn, err := Dial(t.Context(), r)
			switch {
			case err == nil && c.want == "":
				conn.Close()
			case err == nil || c.want == "" || !strings.Contains(err.Error(), c.want):
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestDialFails(t *testing.T) {
	for name, c := range map[string]struct {
		play func(*script)
		want string
	}{
		"greeting 554": {func(s *script) { s.say("554 5.7.1 not for you") }, "not for you"},
		"greeting 421": {func(s *script) { s.say("421 too many connections") }, "too many connections"},
		"drop":         {func(*script) {}, "greeting"},
		"drop at EHLO": {func(s *script) { s.say("220 hello"); s.hear("EHLO") }, "EHLO"},
		"EHLO refused": {func(s *script) {
			s.say("220 hello")
			s.hear("EHLO")
			s.say("502 what")
			s.hear("HELO")
			s.say("550 go away")
		}, "go away"},
		"silence":       {func(s *script) { s.gone() }, "timeout"},
		"endless line":  {func(s *script) { endless(s, "220 hello") }, "does not end"},
		"endless reply": {func(s *script) { endless(s, "220-hello\r\n") }, "does not end"},
	} {
		t.Run(name, func(t *testing.T) {
			r := scripted(t, func(_ int, s *script) { c.play(s) })
			if name == "silence" {
				r.Timeouts.Hello = 10 * time.Millisecond
			}
			_, err := Dial(t.Context(), r)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

// endless says the same until the client has had enough.
func endless(s *script, what string) {
	for {
		if _, err := io.WriteString(s.conn, what); err != nil {
			return
		}
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := scripted(t, func(_ int, s *script) {
		cancel()
		s.gone()
	})
	if _, err := Dial(ctx, r); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

func TestDialNobodyThere(t *testing.T) {
	// Nobody is ever given port 1, as somebody may be that was free a moment ago.
	_, err := Dial(t.Context(), Relay{Host: "127.0.0.1", Port: 1, TLS: TLSNone})
	if err == nil || !strings.Contains(err.Error(), "connect to mail server 127.0.0.1") {
		t.Errorf("error %v", err)
	}
}

func TestCloseTakesLeave(t *testing.T) {
	left := make(chan string, 1)
	r := scripted(t, func(_ int, s *script) {
		s.greet()
		left <- s.next()
		s.say("221 bye")
	})
	dial(t, r).Close()
	if got := <-left; got != "QUIT" {
		t.Errorf("the server heard %q", got)
	}
}
