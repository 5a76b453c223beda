package mail

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxHeaderLine is the length at which header lines are folded (RFC 5322, 2.1.1; RFC 2047, 2).
const maxHeaderLine = 76

// quotedPair escapes what cannot stand in a quoted string (RFC 5322, 3.2.4).
var quotedPair = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// headerWriter writes header fields, folded and encoded.
type headerWriter struct{ *bytes.Buffer }

// raw writes a field whose value is known to be a safe line of ASCII.
func (w headerWriter) raw(name, value string) {
	w.WriteString(name + ": " + value + "\r\n")
}

// text writes a field of free text. Line breaks and other controls become spaces.
func (w headerWriter) text(name, value string) {
	w.WriteString(name + ": ")
	value = oneLine(value)
	if plain(value) {
		w.fold(len(name)+2, value)
	} else {
		w.encode(len(name)+2, value)
	}
	w.WriteString("\r\n")
}

// address writes a field of one mailbox: a display name, where there is one, and an address that
// wireAddress has passed.
func (w headerWriter) address(name, display, address string) {
	w.WriteString(name + ": ")
	column := len(name) + 2
	display = oneLine(display)
	switch {
	case display == "":
		w.WriteString("<" + address + ">\r\n")
		return
	case plain(display) && len(display) <= 60:
		quoted := `"` + quotedPair.Replace(display) + `"`
		w.WriteString(quoted)
		column += len(quoted)
	default:
		column = w.encode(column, display)
	}
	if column+len(address)+3 > maxHeaderLine {
		w.WriteString("\r\n")
	}
	w.WriteString(" <" + address + ">\r\n")
}

// fold writes plain text that begins at a column, breaking lines at spaces.
func (w headerWriter) fold(column int, value string) {
	for i, word := range strings.Split(value, " ") {
		if i > 0 {
			if column+1+len(word) > maxHeaderLine {
				w.WriteString("\r\n")
				column = 0
			}
			w.WriteByte(' ')
			column++
		}
		w.WriteString(word)
		column += len(word)
	}
}

// encode writes text as encoded-words (RFC 2047) from a column on and returns where it ends. No
// character is split between two words.
func (w headerWriter) encode(column int, value string) int {
	const open, shut = "=?utf-8?b?", "?="
	for first := true; value != ""; first = false {
		if !first {
			w.WriteString("\r\n ")
			column = 1
		}
		room := (maxHeaderLine - column - len(open) - len(shut)) / 4 * 3
		n := min(len(value), room)
		for n < len(value) && !utf8.RuneStart(value[n]) {
			n--
		}
		word := base64.StdEncoding.EncodeToString([]byte(value[:n]))
		w.WriteString(open + word + shut)
		column += len(open) + len(word) + len(shut)
		value = value[n:]
	}
	return column
}

// plain says whether text can stand in a header as it is: printable ASCII that nobody would take
// for an encoded-word, with no word too long to fold around.
func plain(s string) bool {
	run := 0
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
		if run++; s[i] == ' ' {
			run = 0
		}
		if run > 60 {
			return false
		}
	}
	return !strings.Contains(s, "=?")
}

// oneLine makes valid UTF-8 of one line: controls, line separators and runs of white space become
// one space.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// token says whether a value of at most so many octets is printable ASCII without spaces and
// angle brackets, so that it can stand between these.
func token(s string, most int) bool {
	if s == "" || len(s) > most {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || s[i] == '<' || s[i] == '>' {
			return false
		}
	}
	return true
}

func headerName(s string) bool {
	for i := range len(s) {
		if !letterOrDigit(s[i]) && s[i] != '-' {
			return false
		}
	}
	return s != "" && len(s) <= 60
}

// wireAddress returns an address as it goes into a header or an SMTP command: its domain in ASCII
// form. wide tells that the local part is not ASCII, so that the message needs SMTPUTF8. It is not
// ok if the address could mean anything but one mailbox there, or is longer than RFC 5321 allows.
func wireAddress(s string) (address string, wide, ok bool) {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || !utf8.ValidString(s) {
		return "", false, false
	}
	local, domain := s[:at], s[at+1:]
	for _, r := range local {
		switch {
		case r >= utf8.RuneSelf:
			if !unicode.IsGraphic(r) || unicode.IsSpace(r) {
				return "", false, false
			}
			wide = true
		case !letterOrDigit(byte(r)) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", r):
			return "", false, false
		}
	}
	if strings.ContainsFunc(domain, func(r rune) bool { return r >= utf8.RuneSelf }) {
		ascii, err := idna.Lookup.ToASCII(domain)
		if err != nil {
			return "", false, false
		}
		domain = ascii
	}
	return local + "@" + domain, wide, hostName(domain)
}

// hostName says whether s is made of what names in the DNS are made of.
func hostName(s string) bool {
	for i := range len(s) {
		if !letterOrDigit(s[i]) && s[i] != '-' && s[i] != '.' && s[i] != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 253
}

func letterOrDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
