package transfer

import (
	"fmt"
	"strings"
	"unicode"

	"beckon/internal/contact/field"
	"beckon/internal/fold"
)

// Field is one thing that a column of a file can mean.
type Field = field.Field

// Fault is one reason why a row cannot be accepted.
type Fault = field.Fault

// ContactFields are the fields of a contact that can be imported. Nobody may change the
// table.
var ContactFields = field.Contact

// dictionary finds the field that a header means.
type dictionary struct {
	names    map[string]string
	numbered map[string]string // with every number written as 1
}

func newDictionary(fields []Field) dictionary {
	d := dictionary{names: map[string]string{}, numbered: map[string]string{}}
	for _, f := range fields {
		for _, header := range append([]string{f.Name}, f.Synonyms...) {
			key := headerKey(header)
			d.names[key] = f.Name
			switch f.Name {
			case "email", "phone", "website":
				d.numbered[key] = f.Name
			}
		}
	}
	return d
}

// field is the name of the field that header means, "" for none.
func (d dictionary) field(header string) string {
	key := headerKey(header)
	if name := d.names[key]; name != "" {
		return name
	}
	return d.numbered[numbersToOne(key)]
}

// headerKey is the form in which headers are compared.
func headerKey(header string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || fold.Blank(r) || unicode.Is(unicode.Pd, r) {
			return -1
		}
		return r
	}, fold.Text(header))
}

func numbersToOne(key string) string {
	var b strings.Builder
	digit := false
	for _, r := range key {
		if '0' <= r && r <= '9' {
			if !digit {
				b.WriteByte('1')
			}
			digit = true
			continue
		}
		digit = false
		b.WriteRune(r)
	}
	return b.String()
}

// meanings gives the field of each header, "" for those that mean nothing. Outlook's own
// Title is a form of address: it means nothing where Job Title and Suffix stand beside it.
func meanings(headers []string, field func(string) string) []string {
	keys := map[string]bool{}
	for _, h := range headers {
		keys[headerKey(h)] = true
	}
	formOfAddress := keys["jobtitle"] && keys["suffix"]
	out := make([]string, len(headers))
	for i, h := range headers {
		if formOfAddress && headerKey(h) == "title" {
			continue
		}
		out[i] = field(h)
	}
	return out
}

// labels reads a cell of label names: separated by " ::: " as Google writes them, otherwise
// by semicolons. Google's own groups ("* myContacts") are left out, and so is a name that
// was there already, without regard to case.
func labels(cell string, f Field) ([]string, *Fault) {
	separator := ";"
	if strings.Contains(cell, googleSeparator) {
		separator = googleSeparator
	}
	var names []string
	seen := map[string]bool{}
	for part := range strings.SplitSeq(cell, separator) {
		name, fault := f.Clean(part)
		if fault != nil {
			return nil, fault
		}
		if key := field.LabelKey(name); name != "" && !strings.HasPrefix(name, "* ") && !seen[key] {
			seen[key] = true
			names = append(names, name)
		}
	}
	if len(names) > maxRowLabels {
		return nil, &Fault{Column: f.Name, Message: fmt.Sprintf("has %d labels; a row can have %d", len(names), maxRowLabels)}
	}
	return names, nil
}

// maxRowLabels is how many labels one row can have: more are a column taken for what it is not.
const maxRowLabels = 50

// googleSeparator stands between several values of one thing in Google's exports, with a
// space on either side.
const googleSeparator = ":::"
