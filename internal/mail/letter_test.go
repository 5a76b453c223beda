package mail

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func letter() Letter {
	return Letter{
		Institution: "Elm University Careers",
		Preheader:   "It takes about two minutes.",
		Heading:     "Recruit at Elm University",
		Greeting:    "Dear Amara,",
		Note:        "It was good to meet you at the autumn fair.\r\nYour robots <3 were a success.\r\n\r\n\r\nDo come again!",
		NoteFrom:    "Dana Whitfield",
		Paragraphs: []string{
			"Elm University would like Northwind Robotics to post jobs, plan interviews and meet its students.",
			"It takes about two minutes.",
		},
		Button: Link{"Create your account", link},
		After:  []string{"The link works for you alone, for 30 days."},
		Footer: []string{"Dana Whitfield, Elm University Careers, 1 College Road.", "Not you, or no longer at Northwind? Tell us."},
		Links:  []Link{{"Tell us", "https://beckon.elm.example/i/x/wrong"}, {"No more invites from Elm University", "https://beckon.elm.example/u/x"}},
	}
}

func renderHTML(t interface{ Fatal(...any) }, l Letter) string {
	page, err := l.RenderHTML()
	if err != nil {
		t.Fatal(err)
	}
	return page
}

var anchor = regexp.MustCompile(`(?s)<a\b[^>]*?href="([^"]+)"[^>]*>(.*?)</a>`)

// anchors are the links of a page as a mail program reads them, without trimming.
func anchors(page string) []Link {
	var out []Link
	for _, m := range anchor.FindAllStringSubmatch(page, -1) {
		out = append(out, Link{Text: html.UnescapeString(m[2]), URL: html.UnescapeString(m[1])})
	}
	return out
}

func TestRenderHTML(t *testing.T) {
	l := letter()
	page := renderHTML(t, l)
	want := append([]Link{l.Button}, l.Links...)
	got := anchors(page)
	if len(got) != len(want) {
		t.Fatalf("links %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("link %d: %v, want %v", i, got[i], want[i])
		}
	}
	for _, part := range []string{
		`<meta name="color-scheme" content="light dark">`, "prefers-color-scheme: dark", `<html lang="en">`,
		"It was good to meet you at the autumn fair.<br> Your robots &lt;3 were a success.</p>",
		"> Do come again!</p>", ">Dana Whitfield</p>", ">Dear Amara,</p>",
		`<span style="word-break:break-all">` + html.EscapeString(link) + "</span>",
	} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	for _, part := range []string{"<img", "url(", "<script", "<link"} {
		if strings.Contains(page, part) {
			t.Errorf("the page loads something: %s", part)
		}
	}
}

func TestRenderText(t *testing.T) {
	const want = `Elm University Careers

Recruit at Elm University

Dear Amara,

  It was good to meet you at the autumn fair.
  Your robots <3 were a success.

  Do come again!

  Dana Whitfield

Elm University would like Northwind Robotics to post jobs, plan interviews
and meet its students.

It takes about two minutes.

Create your account:
` + link + `

The link works for you alone, for 30 days.

------------------------

Dana Whitfield, Elm University Careers, 1 College Road.
Not you, or no longer at Northwind? Tell us.

Tell us:
https://beckon.elm.example/i/x/wrong

No more invites from Elm University:
https://beckon.elm.example/u/x
`
	if got := letter().RenderText(); got != want {
		t.Errorf("got:\n%s", got)
	}
}

func TestRenderLeavesOutWhatIsBlank(t *testing.T) {
	l := Letter{Institution: "Beckon", Heading: "Sign in"}
	if got := l.RenderText(); got != "Beckon\n\nSign in\n" {
		t.Errorf("text: %q", got)
	}
	page := renderHTML(t, l)
	if len(anchors(page)) > 0 || strings.Contains(page, "button does not open") || strings.Contains(page, `class="note"`) {
		t.Errorf("page: %s", page)
	}
}

// Whatever the words are, they make no markup, the addresses of the letter stand whole through
// composing, and plain text stays within its width.
func TestLetterOfAnyWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringMatching(`(<a href="https://evil\.example">|</p>|[a-z"'&<>]{1,12}|Zoë|漢字|\n| ){0,60}`)
		l := letter()
		l.Note, l.NoteFrom, l.Greeting = words.Draw(t, "note"), words.Draw(t, "from"), words.Draw(t, "greeting")
		l.Paragraphs = rapid.SliceOfN(words, 0, 4).Draw(t, "paragraphs")
		l.Button.URL = "https://beckon.elm.example/i/" + rapid.StringMatching(`[A-Za-z0-9_=&?%+.~-]{1,300}`).Draw(t, "token")

		m := invitation()
		m.Text, m.HTML = l.RenderText(), renderHTML(t, l)
		o := open(t, compose(t, m))
		if got := anchors(o.html); len(got) != 3 || got[0] != l.Button {
			t.Fatalf("links %v, want first of three %v", got, l.Button)
		}
		alone := false
		for _, line := range strings.Split(o.text, "\r\n") {
			alone = alone || line == l.Button.URL
			if utf8.RuneCountInString(line) > textWidth && strings.Contains(strings.TrimSpace(line), " ") {
				t.Fatalf("line is too wide: %q", line)
			}
		}
		if !alone {
			t.Fatalf("the address does not stand alone:\n%s", o.text)
		}
	})
}

func BenchmarkRenderHTML(b *testing.B) {
	l := letter()
	b.ReportAllocs()
	for b.Loop() {
		renderHTML(b, l)
	}
}

func BenchmarkRenderText(b *testing.B) {
	l := letter()
	b.ReportAllocs()
	for b.Loop() {
		l.RenderText()
	}
}
