package field

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"beckon/internal/address"
	"beckon/internal/fold"
)

// Fault is one reason why a row, or an input, cannot be accepted.
type Fault struct {
	// Column is the field's name in the API, or "row" for a fault of the whole row.
	Column string `json:"column"`
	// Message reads on from the column's name and says the cure.
	Message string `json:"message"`
}

// Clean brings the text of a contact's field into the form in which it is kept, the same
// for a cell of a file and an input of a page or of the API. Outer blanks and bidirectional
// overrides go; control characters become one space in fields of one line. An address
// comes back as written, out of its wrapping; text for labels is one label's name.
//
// The fault tells why the text cannot be kept: a required field left blank, a text that is
// too long or that is not an address. A name that Contact has not counts as a field
// of 300 characters.
func Clean(name, s string) (string, *Fault) {
	for _, f := range Contact {
		if f.Name == name {
			return f.Clean(s)
		}
	}
	return Field{Name: name, Max: 300}.Clean(s)
}

// Clean is the function of that name for one field, of contacts or of something else.
func (f Field) Clean(s string) (string, *Fault) {
	s = Text(s, f.Lines)
	switch {
	case f.Name == "email" && (s != "" || f.Required):
		a, err := address.Parse(s)
		if err != nil {
			return "", &Fault{f.Name, err.Error()}
		}
		return a.Written, nil
	case f.Name == "archive":
		if _, fault := Archive(s); fault != nil {
			return "", fault
		}
	case s == "" && f.Required:
		return "", &Fault{f.Name, "is missing; it is required"}
	case len(s) > f.Max && utf8.RuneCountInString(s) > f.Max:
		return "", &Fault{f.Name, fmt.Sprintf("has more than %d characters; shorten it", f.Max)}
	case s != "" && f.Check != nil:
		if message := f.Check(s); message != "" {
			return "", &Fault{f.Name, message}
		}
	}
	return s, nil
}

// Text does the work of Clean but for the limits, for a text of one line or of several. Nearly all cells are plain ASCII without
// anything to clean: they come back without a copy.
func Text(s string, lines bool) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f {
			return cleanAny(s, lines)
		}
	}
	return strings.Trim(s, " ")
}

func cleanAny(s string, lines bool) string {
	s = strings.TrimFunc(strings.ToValidUTF8(s, "\ufffd"), func(r rune) bool {
		return fold.Blank(r) || control(r) || override(r)
	})
	if !strings.ContainsFunc(s, func(r rune) bool { return control(r) || override(r) }) {
		return s
	}
	if lines {
		s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s)
	}
	var b strings.Builder
	inRun := false
	for _, r := range s {
		switch {
		case override(r):
			continue
		case !control(r) || lines && (r == '\n' || r == '\t'):
			b.WriteRune(r)
			inRun = false
		case !inRun:
			b.WriteByte(' ')
			inRun = true
		}
	}
	return b.String()
}

// control counts the line and paragraph separators in: they break a line as a line feed does.
func control(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}

// override says whether r forces a direction on the text behind it (UAX 9): embeddings,
// overrides and isolates, and what ends them. They can make a name read as another.
func override(r rune) bool {
	return '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}

// Archive reads TRUE and FALSE, in any case; a blank cell says nothing.
func Archive(s string) (*bool, *Fault) {
	var yes bool
	switch {
	case s == "":
		return nil, nil
	case strings.EqualFold(s, "TRUE"):
		yes = true
	case !strings.EqualFold(s, "FALSE"):
		return nil, &Fault{"archive", "is neither TRUE nor FALSE; write one of the two, or leave it blank"}
	}
	return &yes, nil
}
