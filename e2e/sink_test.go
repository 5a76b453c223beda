package e2e

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"log"
	"math"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// sink is a mail server that keeps what it takes.
type sink struct {
	t       *testing.T
	address string

	mu    sync.Mutex
	mails []message
	// most is how many mails are taken for now, and sessions how many connections there are;
	// moved is told whenever something of these changes.
	most, sessions int
	moved          *sync.Cond
}

// message is one mail that was taken.
type message struct {
	To         string
	Header     netmail.Header
	Text, HTML string
}

func newSink(t *testing.T) *sink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{t: t, address: l.Addr().String(), most: math.MaxInt}
	s.moved = sync.NewCond(&s.mu)
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		s.change(func() { s.sessions++ })
		return &delivery{sink: s}, nil
	}))
	server.Domain, server.ErrorLog = "sink.example", log.New(io.Discard, "", 0)
	go func() { _ = server.Serve(l) }() // ends with Close
	t.Cleanup(func() {
		s.release()
		_ = server.Close()
	})
	return s
}

func (s *sink) change(what func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	what()
	s.moved.Broadcast()
}

// hold lets the server take n mails in all, and waits until it has: whoever has sent another
// one waits for its answer then, until release or a later hold.
func (s *sink) hold(n int) {
	s.t.Helper()
	s.change(func() { s.most = n })
	until(s.t, fmt.Sprintf("%d mails went", n), func() bool { return s.count() >= n })
}

// release takes all mails again.
func (s *sink) release() { s.change(func() { s.most = math.MaxInt }) }

// hungUp takes what is on the wire, and waits until all connections are over: after their
// client was killed nothing of it comes any more.
func (s *sink) hungUp() {
	s.t.Helper()
	s.release()
	until(s.t, "the connections are over", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.sessions == 0
	})
}

// delivery is one connection.
type delivery struct {
	sink *sink
	to   string
}

func (d *delivery) Mail(string, *smtp.MailOptions) error { return nil }

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.to = to
	return nil
}

// Data takes a message that came to its end; one that was cut off is none.
func (d *delivery) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := read(raw)
	if err != nil {
		d.sink.t.Errorf("a mail to %s cannot be read: %v", d.to, err)
		return err
	}
	m.To = d.to
	d.sink.mu.Lock()
	defer d.sink.mu.Unlock()
	for len(d.sink.mails) >= d.sink.most {
		d.sink.moved.Wait()
	}
	d.sink.mails = append(d.sink.mails, m)
	return nil
}

func (d *delivery) Reset() {}

func (d *delivery) Logout() error {
	d.sink.change(func() { d.sink.sessions-- })
	return nil
}

// read takes a message of two parts apart.
func read(raw []byte) (m message, err error) {
	whole, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return m, err
	}
	m.Header = whole.Header
	_, params, err := mime.ParseMediaType(whole.Header.Get("Content-Type"))
	if err != nil {
		return m, err
	}
	parts := multipart.NewReader(whole.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return m, nil
		}
		if err != nil {
			return m, err
		}
		var content io.Reader = p
		if strings.EqualFold(p.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
			content = quotedprintable.NewReader(p)
		}
		text, err := io.ReadAll(content)
		if err != nil {
			return m, err
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			m.HTML = string(text)
		} else {
			m.Text = string(text)
		}
	}
}

var anchor = regexp.MustCompile(`(?is)<a\b[^>]*?href="([^"]+)"[^>]*>(.*?)</a>`)
var tag = regexp.MustCompile(`<[^>]+>`)

// button is where the link with the words leads, "" where there is none.
func (m message) button(words string) string {
	for _, a := range anchor.FindAllStringSubmatch(m.HTML, -1) {
		label := strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString(a[2], " "))), " ")
		if label == words {
			return html.UnescapeString(a[1])
		}
	}
	return ""
}

// all is what was taken until now.
func (s *sink) all() []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

func (s *sink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.mails)
}

// to is the mails to an address, the latest last.
func (s *sink) to(email string) (found []message) {
	for _, m := range s.all() {
		if strings.EqualFold(m.To, email) {
			found = append(found, m)
		}
	}
	return found
}

// one waits for a mail to an address and answers the latest.
func (s *sink) one(email string) (m message) {
	s.t.Helper()
	until(s.t, "a mail to "+email, func() bool {
		found := s.to(email)
		if len(found) == 0 {
			return false
		}
		m = found[len(found)-1]
		return true
	})
	return m
}

// tally compares what was taken with n people who should each have one invite.
type tally struct {
	lost, repeated int
	// changed counts repeats with another Message-ID or link.
	changed int
}

func (s *sink) tally(n int) (t tally) {
	type mark struct{ id, link string }
	first := map[string]mark{}
	for _, m := range s.all() {
		now := mark{m.Header.Get("Message-ID"), m.button("Create your account")}
		before, again := first[m.To]
		switch {
		case !again:
			first[m.To] = now
		case before != now:
			t.changed++
			fallthrough
		default:
			t.repeated++
		}
	}
	t.lost = n - len(first)
	return t
}
