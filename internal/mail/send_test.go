package mail

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestSendPipelines(t *testing.T) {
	asked := make(chan struct{})
	r := scripted(t, func(_ int, s *script) {
		s.greet("PIPELINING", "8BITMIME", "SMTPUTF8")
		s.hear("MAIL FROM:<careers@elm.example>", "RCPT TO:<amara@northwind.example>", "DATA")
		select {
		case <-asked:
			t.Error("the body was asked for before the server agreed")
		default:
		}
		s.say("250 2.1.0 ok", "250 2.1.5 ok", "354 go")
		if got, _ := s.body(); got != "Subject: hello\r\n\r\nhello\r\n..dot\r\n" {
			t.Errorf("body %q", got)
		}
		<-asked
		s.say("250-2.0.0 taken as", "250 2.0.0 4711")
		s.gone()
	})
	e := envelope("")
	body := e.Body
	e.Body = func() ([]byte, error) { close(asked); return body() }
	got := dial(t, r).Send(t.Context(), e)
	if want := (Result{Class: Accepted, Code: 250, Enhanced: "2.0.0", Text: "taken as 4711"}); got != want {
		t.Errorf("result %#v, want %#v", got, want)
	}
}

func TestSendOneByOne(t *testing.T) {
	r := scripted(t, func(_ int, s *script) {
		s.greet("8BITMIME")
		for _, x := range [][2]string{{"MAIL FROM:<careers@elm.example>", "250 ok"}, {"RCPT", "250 ok"}, {"DATA", "354 go"}} {
			if line := s.next(); !strings.HasPrefix(line, x[0]) || s.r.Buffered() > 0 {
				t.Errorf("heard %q, and %d octets more, want %s alone", line, s.r.Buffered(), x[0])
			}
			s.say(x[1])
		}
		s.body()
		s.say("250 taken")
		s.hear("MAIL")
		s.say("250 ok")
		s.hear("RCPT")
		s.say("550 no")
		s.hear("RSET")
		s.say("250 ok")
		s.hear("MAIL")
		s.say("450 later")
		s.gone()
	})
	c := dial(t, r)
	for i, want := range []Class{Accepted, Permanent, Temporary} {
		if got := c.Send(t.Context(), envelope("")); got.Class != want {
			t.Errorf("message %d: %v %v, want %v", i, got.Class, got, want)
		}
	}
}

// Whatever is refused, and wherever, the next message on the same connection is not touched by it.
func TestSendRefused(t *testing.T) {
	for name, c := range map[string]struct {
		replies string // to MAIL, RCPT, DATA, the end
		want    Result
	}{
		"no mailbox":     {"250 ok|550 5.1.1 nobody here|503 no recipient", Result{Class: Permanent, Code: 550, Enhanced: "5.1.1", Text: "nobody here", About: AboutRecipient}},
		"bare 550":       {"250 ok|550 nobody here|503 no recipient", Result{Class: Permanent, Code: 550, Text: "nobody here", About: AboutRecipient}},
		"mailbox full":   {"250 ok|552 5.2.2 full|503 no recipient", Result{Class: Permanent, Code: 552, Enhanced: "5.2.2", Text: "full"}},
		"greylisted":     {"250 ok|451 4.7.1 later|503 no recipient", Result{Class: Temporary, Code: 451, Enhanced: "4.7.1", Text: "later", About: AboutSender}},
		"relay denied":   {"250 ok|554 5.7.1 relaying denied|503 no recipient", Result{Class: Permanent, Code: 554, Enhanced: "5.7.1", Text: "relaying denied", About: AboutSender}},
		"Exchange":       {"250 ok|550 5.4.1 access denied|503 no recipient", Result{Class: Permanent, Code: 550, Enhanced: "5.4.1", Text: "access denied", About: AboutRecipient}},
		"sender":         {"553 5.1.0 not yours|503 no sender|503 no sender", Result{Class: Permanent, Code: 553, Enhanced: "5.1.0", Text: "not yours", About: AboutSender}},
		"bare sender":    {"550 not yours|503 no sender|503 no sender", Result{Class: Permanent, Code: 550, Text: "not yours", About: AboutSender}},
		"login needed":   {"530 5.7.0 log in|503 no sender|503 no sender", Result{Class: Temporary, Code: 530, Enhanced: "5.7.0", Text: "log in", About: AboutSender}},
		"data":           {"250 ok|250 ok|451 disk", Result{Class: Temporary, Code: 451, Text: "disk"}},
		"354 to nobody":  {"250 ok|550 5.1.1 nobody|354 go on|554 no recipients", Result{Class: Permanent, Code: 550, Enhanced: "5.1.1", Text: "nobody", About: AboutRecipient}},
		"spam":           {"250 ok|250 ok|354 go|550 5.7.1 spam", Result{Class: Permanent, Code: 550, Enhanced: "5.7.1", Text: "spam", About: AboutContent}},
		"bare spam":      {"250 ok|250 ok|354 go|554 spam", Result{Class: Permanent, Code: 554, Text: "spam", About: AboutContent}},
		"late recipient": {"250 ok|250 ok|354 go|550 5.1.1 nobody", Result{Class: Permanent, Code: 550, Enhanced: "5.1.1", Text: "nobody", About: AboutRecipient}},
		"later":          {"250 ok|250 ok|354 go|452 4.3.1 disk full", Result{Class: Temporary, Code: 452, Enhanced: "4.3.1", Text: "disk full"}},
		"many lines":     {"250 ok|550-5.1.1 no\x07body\r\n550 5.1.1 here|503 no", Result{Class: Permanent, Code: 550, Enhanced: "5.1.1", Text: "no body here", About: AboutRecipient}},
	} {
		t.Run(name, func(t *testing.T) {
			replies := strings.Split(c.replies, "|")
			r := scripted(t, func(_ int, s *script) {
				s.greet("PIPELINING")
				s.hear("MAIL", "RCPT", "DATA")
				s.say(replies[:3]...)
				if len(replies) == 4 {
					body, _ := s.body()
					if (body == "") != strings.HasPrefix(replies[1], "5") {
						t.Errorf("body %q", body)
					}
					s.say(replies[3])
				}
				if !strings.HasPrefix(replies[2], "354") || replies[1] != "250 ok" {
					s.hear("RSET")
					s.say("500 what is that")
				}
				s.accept()
				s.gone()
			})
			conn := dial(t, r)
			if got := conn.Send(t.Context(), envelope("")); got != c.want {
				t.Errorf("result %#v, want %#v", got, c.want)
			}
			if got := conn.Send(t.Context(), envelope("")); got.Class != Accepted {
				t.Errorf("the next message: %v %v", got.Class, got)
			}
		})
	}
}

// A connection that breaks tells exactly whether the server may have the message, and is not used again.
func TestSendBroken(t *testing.T) {
	for name, c := range map[string]struct {
		play  func(*script)
		want  Class
		retry bool
	}{
		"at MAIL":       {func(*script) {}, NotSent, true},
		"after MAIL":    {func(s *script) { s.say("250 ok") }, NotSent, true},
		"after RCPT":    {func(s *script) { s.say("250 ok", "250 ok") }, NotSent, true},
		"after refusal": {func(s *script) { s.say("250 ok", "550 nobody") }, Permanent, false},
		"within a reply": {func(s *script) {
			s.say("250 ok", "250-ok")
		}, NotSent, true},
		"nonsense": {func(s *script) { s.say("hello?") }, NotSent, true},
		"wrong order": {func(s *script) {
			s.say("354 go")
			s.gone()
		}, NotSent, true},
		"after the body": {func(s *script) {
			s.say("250 ok", "250 ok", "354 go")
			s.body()
		}, Unknown, false},
		"nonsense after the body": {func(s *script) {
			s.say("250 ok", "250 ok", "354 go")
			s.body()
			s.say("354 more")
			s.gone()
		}, Unknown, false},
		"421 at once":  {func(s *script) { s.say("421 4.3.2 closing"); s.gone() }, Temporary, false},
		"421 at RCPT":  {func(s *script) { s.say("250 ok", "421 4.3.2 closing"); s.gone() }, Temporary, false},
		"421 at DATA":  {func(s *script) { s.say("250 ok", "250 ok", "421 4.3.2 closing"); s.gone() }, Temporary, false},
		"421 too late": {func(s *script) { s.say("250 ok", "550 nobody", "421 closing"); s.gone() }, Permanent, false},
		"421 at the end": {func(s *script) {
			s.say("250 ok", "250 ok", "354 go")
			s.body()
			s.say("421 4.3.2 closing")
			s.gone()
		}, Temporary, false},
		"one reply too many": {func(s *script) {
			s.say("250 ok", "250 ok", "354 go")
			s.body()
			s.say("250 taken", "250 and more")
			s.gone()
		}, Accepted, false},
		"silence": {func(s *script) { s.say("250 ok"); s.gone() }, NotSent, true},
		"silence after the body": {func(s *script) {
			s.say("250 ok", "250 ok", "354 go")
			s.body()
			s.gone()
		}, Unknown, false},
		"endless": {func(s *script) { s.say("250 ok"); endless(s, "250-ok\r\n") }, NotSent, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := scripted(t, func(_ int, s *script) {
				s.greet("PIPELINING")
				s.hear("MAIL", "RCPT", "DATA")
				c.play(s)
			})
			switch name { // one time alone is short, since the server takes as long as the machine is busy
			case "silence":
				r.Timeouts.Command = 10 * time.Millisecond
			case "silence after the body":
				r.Timeouts.Result = 10 * time.Millisecond
			}
			conn := dial(t, r)
			got := conn.Send(t.Context(), envelope(""))
			if got.Class != c.want || got.Retry() != c.retry {
				t.Errorf("%v (%v), again at once %v; want %v, %v", got.Class, got, got.Retry(), c.want, c.retry)
			}
			if next := conn.Send(t.Context(), envelope("")); next.Class != NotSent || !next.Retry() {
				t.Errorf("the connection is not dead: %v %v", next.Class, next)
			}
		})
	}
}

func TestSend421OnAUsedConnection(t *testing.T) {
	r := scripted(t, func(_ int, s *script) {
		s.greet("PIPELINING")
		s.accept()
		s.hear("MAIL", "RCPT", "DATA")
		s.say("421 4.7.0 enough of this connection")
		s.gone()
	})
	c := dial(t, r)
	c.Send(t.Context(), envelope(""))
	if got := c.Send(t.Context(), envelope("")); !got.Retry() || !strings.Contains(got.String(), "enough") {
		t.Errorf("%v %v, want to retry at once", got.Class, got)
	}
}

func TestSendBreaksWithinTheBody(t *testing.T) {
	r := scripted(t, func(_ int, s *script) {
		s.greet("PIPELINING")
		s.hear("MAIL", "RCPT", "DATA")
		s.say("250 ok", "250 ok", "354 go")
		s.next() // and the rest stays unread
	})
	e := envelope("")
	e.Body = func() ([]byte, error) { return bytes.Repeat([]byte(strings.Repeat("x", 998)+"\r\n"), 16<<10), nil }
	if got := dial(t, r).Send(t.Context(), e); !got.Retry() || !strings.Contains(got.String(), "within the message") {
		t.Errorf("%v %v", got.Class, got)
	}
}

// keepsBack plays a server that must not get to see the end of the message.
func keepsBack(t *testing.T) Relay {
	return scripted(t, func(_ int, s *script) {
		s.greet("PIPELINING")
		s.hear("MAIL", "RCPT", "DATA")
		s.say("250 ok", "250 ok", "354 go")
		if body, ended := s.body(); body != "" || ended {
			t.Errorf("the server got %q, ended %v", body, ended)
		}
	})
}

func TestSendWithheld(t *testing.T) {
	lease := errors.New("the lease is over")
	c := dial(t, keepsBack(t))
	e := envelope("")
	e.Body = func() ([]byte, error) { return nil, lease }
	got := c.Send(t.Context(), e)
	if got.Class != NotSent || got.Retry() || !got.Withheld || !errors.Is(got.Err, lease) {
		t.Errorf("%#v", got)
	}
}

func TestSendEndsWithItsContextBeforeTheBody(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := dial(t, keepsBack(t))
	e := envelope("")
	e.Body = func() ([]byte, error) { cancel(); return []byte("hello\r\n"), nil }
	if got := c.Send(ctx, e); got.Class != NotSent || got.Retry() || !errors.Is(got.Err, context.Canceled) {
		t.Errorf("%#v", got)
	}
}

func TestSendEndsWithItsContextAtACommand(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := scripted(t, func(_ int, s *script) {
		s.greet("PIPELINING")
		s.hear("MAIL", "RCPT", "DATA")
		cancel()
		s.gone()
	})
	if got := dial(t, r).Send(ctx, envelope("")); got.Class != NotSent || got.Retry() || !errors.Is(got.Err, context.Canceled) {
		t.Errorf("%#v", got)
	}
}

// Once the body is out, the end of the context must not make the result unknown.
func TestSendAwaitsTheResultAfterItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := scripted(t, func(_ int, s *script) {
		s.greet("PIPELINING")
		s.hear("MAIL", "RCPT", "DATA")
		s.say("250 ok", "250 ok", "354 go")
		s.body()
		cancel()
		s.say("250 taken")
		s.gone()
	})
	if got := dial(t, r).Send(ctx, envelope("")); got.Class != Accepted {
		t.Errorf("%v %v", got.Class, got)
	}
}

func TestSendAwaitsTheResultForItsGraceOnly(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := scripted(t, func(_ int, s *script) {
		s.greet("PIPELINING")
		s.hear("MAIL", "RCPT", "DATA")
		s.say("250 ok", "250 ok", "354 go")
		s.body()
		cancel()
		s.gone()
	})
	r.Timeouts.Grace = time.Millisecond
	if got := dial(t, r).Send(ctx, envelope("")); got.Class != Unknown {
		t.Errorf("%v %v", got.Class, got)
	}
}

func TestSendBeyondASCII(t *testing.T) {
	for name, c := range map[string]struct {
		to     string
		offers []string
		mail   string // what MAIL says besides the address
		rcpt   string
	}{
		"domain":              {"amara@bücher.example", nil, "", "amara@xn--bcher-kva.example"},
		"domain and SMTPUTF8": {"amara@bücher.example", []string{"8BITMIME", "SMTPUTF8"}, "", "amara@xn--bcher-kva.example"},
		"local part":          {"zoë@northwind.example", []string{"8BITMIME", "SMTPUTF8"}, " BODY=8BITMIME SMTPUTF8", "zoë@northwind.example"},
		"nothing":             {"amara@northwind.example", []string{"8BITMIME", "SMTPUTF8"}, "", "amara@northwind.example"},
	} {
		t.Run(name, func(t *testing.T) {
			r := scripted(t, func(_ int, s *script) {
				s.greet(append(c.offers, "PIPELINING")...)
				if got, want := s.next(), "MAIL FROM:<careers@elm.example>"+c.mail; got != want {
					t.Errorf("heard %q, want %q", got, want)
				}
				if got, want := s.next(), "RCPT TO:<"+c.rcpt+">"; got != want {
					t.Errorf("heard %q, want %q", got, want)
				}
				s.hear("DATA")
				s.say("250 ok", "250 ok", "354 go")
				s.body()
				s.say("250 taken")
				s.gone()
			})
			if got := dial(t, r).Send(t.Context(), envelope(c.to)); got.Class != Accepted {
				t.Errorf("%v %v", got.Class, got)
			}
		})
	}
}

func TestSendRefusesWhatCannotGo(t *testing.T) {
	r := scripted(t, func(_ int, s *script) {
		s.greet("PIPELINING")
		s.accept()
		s.gone()
	})
	c := dial(t, r)
	for to, enhanced := range map[string]string{
		"zoë@northwind.example": "5.6.7",
		"a> SIZE=1\r\nRSET":     "5.1.3",
		"amara northwind":       "5.1.3",
		"":                      "5.1.3",
	} {
		e := envelope("")
		e.To = to
		if got := c.Send(t.Context(), e); got.Class != Permanent || got.About != AboutRecipient || got.Enhanced != enhanced {
			t.Errorf("%q: %#v", to, got)
		}
	}
	for _, from := range []string{"careers\r\n@elm.example", "zoë@elm.example"} {
		e := envelope("")
		e.From = from
		if got := c.Send(t.Context(), e); got.Class != Permanent || got.About != AboutSender {
			t.Errorf("sender %q: %#v", from, got)
		}
	}
	if got := c.Send(t.Context(), envelope("")); got.Class != Accepted {
		t.Errorf("the connection was touched: %v", got)
	}
}

func TestDotStuffed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		message := rapid.StringMatching(`(\r\n|\n|\r|\.|a|\.\r\n){0,40}`).Draw(t, "message")
		wire := dotStuffed([]byte(message))
		if n := bytes.Count(wire, []byte("\r\n.\r\n")); n > 1 || n == 0 && string(wire) != ".\r\n" {
			t.Fatalf("%q has %d ends", wire, n)
		}
		if bytes.Count(wire, []byte("\r")) != bytes.Count(wire, []byte("\r\n")) || bytes.Count(wire, []byte("\n")) != bytes.Count(wire, []byte("\r\n")) {
			t.Fatalf("%q has bare CR or LF", wire)
		}
		got, err := io.ReadAll(textproto.NewReader(bufio.NewReader(bytes.NewReader(wire))).DotReader())
		if err != nil {
			t.Fatal(err)
		}
		want := message
		if want != "" && !strings.HasSuffix(want, "\n") {
			want += "\n"
		}
		if want = strings.ReplaceAll(want, "\r", ""); string(got) != want {
			t.Fatalf("%q arrives as %q, want %q", message, got, want)
		}
	})
}

// A server that says anything at all gets no panic, no accepted message without its word, and no
// message that it could not have taken called unknown.
func FuzzSend(f *testing.F) {
	f.Add("250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n", true)
	f.Add("250 ok\r\n550 5.1.1 no\r\n354 go\r\n554 5.5.1 no\r\n", true)
	f.Add("250-ok\r\n250 ok\r\n421 bye\r\n", false)
	f.Add("999 \r\n\r\n", true)
	f.Fuzz(func(t *testing.T, says string, pipelining bool) {
		r := scripted(t, func(_ int, s *script) {
			offers := []string{"8BITMIME"}
			if pipelining {
				offers = append(offers, "PIPELINING")
			}
			s.greet(offers...)
			_, _ = io.WriteString(s.conn, says)
			_ = s.conn.(interface{ CloseWrite() error }).CloseWrite()
			_, _ = io.Copy(io.Discard, s.r)
		})
		c, err := Dial(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		bodies := 0
		e := envelope("")
		e.Body = func() ([]byte, error) { bodies++; return []byte("hello\r\n"), nil }
		got := c.Send(t.Context(), e)
		if got.Class == Accepted && (bodies != 1 || got.Code/100 != 2) || got.Class == Unknown && bodies != 1 {
			t.Errorf("%q: %#v after %d bodies", says, got, bodies)
		}
		if slices.Contains([]Class{Temporary, Permanent}, got.Class) && got.Code < 400 {
			t.Errorf("%q: %#v", says, got)
		}
	})
}
