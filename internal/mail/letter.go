package mail

import (
	"context"
	"strings"
	"unicode/utf8"
)

// Letter is what a message says, apart from its headers. It is shown as HTML and as plain text with
// the same content. Every string is plain text in one line, but for Note; ” leaves its part out.
type Letter struct {
	// Institution is in whose name it is written; it stands on top.
	Institution string
	// Preheader is the line that a list of messages shows beside the subject.
	Preheader string
	Heading   string
	Greeting  string
	// Note is a person's own words, shown set off after the greeting. Blank lines separate
	// paragraphs, and single line breaks are kept.
	Note string
	// NoteFrom is who wrote the note.
	NoteFrom   string
	Paragraphs []string
	// Button is the one thing to do; without a URL there is none.
	Button Link
	// After are small paragraphs that follow the button.
	After []string
	// Footer tells who writes, one line each, and Links what else can be done.
	Footer []string
	Links  []Link
}

// Link is words that lead to a web address.
type Link struct{ Text, URL string }

// textWidth is where lines of plain text are wrapped, in characters.
const textWidth = 76

// RenderHTML returns the letter as a whole HTML page. The button is the one <a> whose text is
// Button.Text, and its address stands beneath once more as text.
func (l Letter) RenderHTML() (string, error) {
	var b strings.Builder
	b.Grow(6 << 10)
	err := layout(l).Render(context.Background(), &b)
	return b.String(), err
}

// RenderText returns the letter as plain text, wrapped at 76 characters. Every address stands whole
// on a line of its own, however long it is.
func (l Letter) RenderText() string {
	var t textWriter
	t.Grow(2 << 10)
	t.paragraph("", l.Institution)
	t.paragraph("", l.Heading)
	t.paragraph("", l.Greeting)
	for _, lines := range l.note() {
		t.paragraph("  ", lines...)
	}
	t.paragraph("  ", l.NoteFrom)
	for _, p := range l.Paragraphs {
		t.paragraph("", p)
	}
	t.link(l.Button)
	for _, p := range l.After {
		t.paragraph("", p)
	}
	if len(l.Footer)+len(l.Links) > 0 {
		t.paragraph("", strings.Repeat("-", 24))
	}
	t.paragraph("", l.Footer...)
	for _, link := range l.Links {
		t.link(link)
	}
	return t.String()
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// note splits the note into paragraphs and these into lines.
func (l Letter) note() [][]string {
	var paragraphs [][]string
	var lines []string
	for line := range strings.Lines(lineEnds.Replace(l.Note) + "\n\n") {
		if line = oneLine(line); line != "" {
			lines = append(lines, line)
		} else if len(lines) > 0 {
			paragraphs, lines = append(paragraphs, lines), nil
		}
	}
	return paragraphs
}

// textWriter writes paragraphs of plain text with blank lines between them.
type textWriter struct{ strings.Builder }

// paragraph writes lines, each wrapped on its own and indented. Nothing is written for blank lines.
func (t *textWriter) paragraph(indent string, lines ...string) {
	if strings.Join(lines, "") == "" {
		return
	}
	if t.Len() > 0 {
		t.WriteByte('\n')
	}
	for _, line := range lines {
		column := 0
		for word := range strings.FieldsSeq(line) {
			width := utf8.RuneCountInString(word)
			switch {
			case column == 0:
				t.WriteString(indent)
				column = len(indent)
			case column+1+width > textWidth:
				t.WriteString("\n" + indent)
				column = len(indent)
			default:
				t.WriteByte(' ')
				column++
			}
			t.WriteString(word)
			column += width
		}
		t.WriteByte('\n')
	}
}

// link writes the words of a link and its address beneath.
func (t *textWriter) link(l Link) {
	if l.URL != "" {
		t.paragraph("", l.Text+":", l.URL)
	}
}
