package mail

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const link = "https://beckon.elm.example/i/7Q2mXr-Zk_0aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z?a=1&b=%20=2"

func invitation() Message {
	return Message{
		From:            netmail.Address{Name: "Elm University Careers", Address: "careers@elm.example"},
		To:              netmail.Address{Name: "Amara Okafor", Address: "amara@northwind.example"},
		ReplyTo:         netmail.Address{Address: "dana@elm.example"},
		Subject:         "Elm University invites you to recruit its students",
		Text:            "Dear Amara,\n\n" + link + "\n\n.\nZoë says hello\n" + strings.Repeat("wide ", 300),
		HTML:            `<p>Dear Amara</p><a href="` + link + `">Create your account</a>`,
		MessageID:       "i-7q2m.1@elm.example",
		Date:            time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC),
		ListUnsubscribe: "http://127.0.0.1:8080/u/abc",
	}
}

func compose(t interface{ Fatal(...any) }, m Message) []byte {
	raw, err := Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// opened is a message as a mail program reads it.
type opened struct {
	header     netmail.Header
	text, html string
}

func open(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, raw []byte) opened {
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q: %v", kind, err)
	}
	o := opened{header: m.Header}
	for r, kinds := multipart.NewReader(m.Body, params["boundary"]), []string{"text/plain", "text/html"}; ; {
		p, err := r.NextRawPart()
		if err == io.EOF && len(kinds) == 0 {
			return o
		}
		if err != nil || len(kinds) == 0 {
			t.Fatalf("parts still due %v: %v", kinds, err)
		}
		if got, want := p.Header.Get("Content-Type"), kinds[0]+"; charset=utf-8"; got != want {
			t.Fatalf("part is %q, want %q", got, want)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		if kinds = kinds[1:]; len(kinds) == 1 {
			o.text = string(body)
		} else {
			o.html = string(body)
		}
	}
}

func TestComposeKeepsContent(t *testing.T) {
	m := invitation()
	raw := compose(t, m)
	o := open(t, raw)
	if want := strings.ReplaceAll(m.Text, "\n", "\r\n"); o.text != want {
		t.Errorf("text part:\n%q\nwant\n%q", o.text, want)
	}
	if o.html != m.HTML {
		t.Errorf("HTML part:\n%q\nwant\n%q", o.html, m.HTML)
	}
	for name, want := range map[string]string{
		"From":                  `"Elm University Careers" <careers@elm.example>`,
		"To":                    `"Amara Okafor" <amara@northwind.example>`,
		"Reply-To":              "<dana@elm.example>",
		"Subject":               m.Subject,
		"Date":                  "Mon, 23 Nov 2026 09:30:00 +0000",
		"Message-Id":            "<i-7q2m.1@elm.example>",
		"List-Unsubscribe":      "<http://127.0.0.1:8080/u/abc>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Auto-Submitted":        "",
	} {
		if got := o.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for i, line := range strings.Split(string(raw), "\r\n") {
		if len(line) > 76 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line %d: %q", i, line)
		}
	}
	if again := compose(t, m); !bytes.Equal(raw, again) {
		t.Error("the same message gave other bytes")
	}
}

func TestComposeNotice(t *testing.T) {
	m := invitation()
	m.ListUnsubscribe, m.AutoSubmitted = "", true
	m.Headers = []Header{{"Feedback-ID", "7:elm:invite"}}
	h := open(t, compose(t, m)).header
	if h.Get("Auto-Submitted") != "auto-generated" || h.Get("Feedback-ID") != "7:elm:invite" {
		t.Errorf("headers of a notice: %v", h)
	}
	if h.Get("List-Unsubscribe") != "" || h.Get("List-Unsubscribe-Post") != "" {
		t.Errorf("a notice offers to unsubscribe: %v", h)
	}
}

func TestComposeRefusesValuesThatBreakOut(t *testing.T) {
	const inject = "\r\nBcc: everybody@elm.example"
	for name, spoil := range map[string]func(*Message){
		"From":              func(m *Message) { m.From.Address += inject },
		"From quoted":       func(m *Message) { m.From.Address = `"a b"@elm.example` },
		"From wide":         func(m *Message) { m.From.Address = "zoë@elm.example" },
		"To":                func(m *Message) { m.To.Address = "a@x.example>, <b@x.example" },
		"To without domain": func(m *Message) { m.To.Address = "amara@" },
		"Reply-To":          func(m *Message) { m.ReplyTo.Address = "a\n@elm.example" },
		"Message-ID":        func(m *Message) { m.MessageID += inject },
		"Message-ID form":   func(m *Message) { m.MessageID = "elm.example" },
		"Date":              func(m *Message) { m.Date = time.Time{} },
		"List-Unsubscribe":  func(m *Message) { m.ListUnsubscribe += inject },
		"mailto":            func(m *Message) { m.ListUnsubscribe = "mailto:x@elm.example" },
		"long URL":          func(m *Message) { m.ListUnsubscribe = "https://" + strings.Repeat("a", 1000) },
		"header name":       func(m *Message) { m.Headers = []Header{{"X:" + inject, "1"}} },
		"own header":        func(m *Message) { m.Headers = []Header{{"BCC", "x@elm.example"}} },
	} {
		t.Run(name, func(t *testing.T) {
			m := invitation()
			spoil(&m)
			raw, err := Compose(m)
			if err == nil {
				t.Fatalf("composed:\n%s", raw)
			}
			if strings.Contains(err.Error(), "example") {
				t.Errorf("the error tells the value: %v", err)
			}
		})
	}
}

// Whatever text stands in names, subject and values: it comes back as one line of itself, no line
// is too long, and no header appears that was not asked for.
func TestComposeHeadersOfAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~\r\n]{0,200}`), rapid.StringMatching(`(=\?utf-8\?q\?x\?=|[a-zäß漢"\\]| ){0,120}`))
		m := invitation()
		m.From.Name, m.To.Name, m.Subject = texts.Draw(t, "from"), texts.Draw(t, "to"), texts.Draw(t, "subject")
		value := texts.Draw(t, "value")
		m.Headers = []Header{{"X-Note", value}}
		raw := compose(t, m)
		o := open(t, raw)
		if len(o.header) != 11 {
			t.Fatalf("%d header fields: %v", len(o.header), o.header)
		}
		head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		for _, line := range strings.Split(string(head), "\r\n") {
			if len(line) > 100 || strings.TrimSpace(line) == "" {
				t.Fatalf("header line %q", line)
			}
		}
		var words mime.WordDecoder
		for name, want := range map[string]string{"Subject": m.Subject, "X-Note": value} {
			if got, err := words.DecodeHeader(o.header.Get(name)); err != nil || got != oneLine(want) {
				t.Fatalf("%s: %q (%v), want %q", name, got, err, oneLine(want))
			}
		}
		for name, want := range map[string]string{"From": m.From.Name, "To": m.To.Name} {
			list, err := o.header.AddressList(name)
			if err != nil || len(list) != 1 || list[0].Name != oneLine(want) {
				t.Fatalf("%s: %v (%v), want %q", name, list, err, oneLine(want))
			}
		}
	})
}

func TestWireAddress(t *testing.T) {
	for in, want := range map[string]string{
		"amara@northwind.example":         "amara@northwind.example",
		"amara@bücher.example":            "amara@xn--bcher-kva.example",
		"zoë@bücher.example":              "zoë@xn--bcher-kva.example wide",
		"o'neil+jobs@northwind.example":   "o'neil+jobs@northwind.example",
		"a b@northwind.example":           "",
		"amara@north wind.example":        "",
		"amara@[127.0.0.1]":               "",
		"<amara@northwind.example>":       "",
		"@northwind.example":              "",
		"amara\u00a0x@northwind.example":  "",
		strings.Repeat("a", 65) + "@x.ex": "",
		"amara@x.example NOTIFY=NEVER":    "",
		"amara":                           "",
	} {
		got, wide, ok := wireAddress(in)
		if !ok {
			got = ""
		} else if wide {
			got += " wide"
		}
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", in, got, ok, want)
		}
	}
}

func BenchmarkCompose(b *testing.B) {
	m := invitation()
	m.HTML = strings.Repeat("<p style=\"margin:0 0 16px\">Elm University would like Zoë to post jobs, plan interviews</p>\n", 32)
	m.Text = strings.Repeat("Elm University would like Zoë to post jobs, plan interviews\n", 16)
	b.ReportAllocs()
	for b.Loop() {
		compose(b, m)
	}
}
