// Package address reads, compares and judges e-mail addresses. It is pure: no DNS, no
// database, and safe for concurrent use.
package address

import (
	"crypto/sha256"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"beckon/internal/fold"
)

// Address is one mailbox (RFC 5321, section 4.1.2, with RFC 6531 for characters beyond
// ASCII) in the forms that Beckon needs.
type Address struct {
	// Written is the address as somebody wrote it, out of its wrapping.
	Written string
	// Key is what addresses are compared, sorted and searched by: lower-case, composed
	// (NFC), the domain in IDNA ASCII form. Parsing a Key gives the same Key again.
	Key string
	// Domain is the part of Key behind the @.
	Domain string
}

// MaxLength is the limit of a whole address in octets, and MaxLocal that of the part
// before the @ (RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3).
const (
	MaxLength = 254
	MaxLocal  = 64
)

// Error says what keeps a text from being one address, and the cure. It reads on from the
// name of the input: "email" + " " + "has no domain; write name@company.example".
type Error string

func (e Error) Error() string { return string(e) }

const (
	errBlank     Error = "is missing; write an address like name@company.example"
	errUTF8      Error = "is not valid UTF-8; write the address again"
	errAngle     Error = "has a stray < or >; write Name <name@company.example> or the address alone"
	errEscape    Error = "has a broken % sequence after mailto:; write the address without mailto:"
	errSeveral   Error = "holds more than one address; keep one"
	errNoAt      Error = "has no @; write name@company.example"
	errTwoAt     Error = "has more than one @; write name@company.example"
	errSpace     Error = "has a space in it; remove the space"
	errNoLocal   Error = "has nothing before the @; write name@company.example"
	errLocalLong Error = "has more than 64 octets before the @; shorten it"
	errLocalDots Error = "begins or ends with a dot before the @, or has two in a row; remove the dot"
	errQuotes    Error = "has quotation marks before the @; write the address without them"
	errComment   Error = "has a comment in parentheses; remove it"
	errLocalChar Error = "has a character before the @ that no address may have; remove it"
	errNoDomain  Error = "has no domain; write name@company.example"
	errLiteral   Error = "has a number in place of a domain name; write name@company.example"
	errNoDot     Error = "has a domain without a dot; write it in full, like company.example"
	errDots      Error = "has a domain with a dot at an end, or two in a row; remove the dot"
	errDomain    Error = "has a domain that cannot exist; use letters, digits, hyphens and dots"
	errLabelLong Error = "has a domain with a part of more than 63 octets; shorten it"
	errLong      Error = "has more than 254 octets; shorten it"
)

// Parse reads one address as people paste it: blanks around it go, and so do the wrappings
// "mailto:address?query" (RFC 6068, with its percent-encoding) and "Name <address>". What
// is left must be one mailbox with a dotted domain, without quotes and comments. Every
// error is an Error.
func Parse(raw string) (Address, error) {
	if !utf8.ValidString(raw) {
		return Address{}, errUTF8
	}
	written, err := unwrap(raw)
	if err != nil {
		return Address{}, err
	}
	local, domain, err := split(written)
	if err != nil {
		return Address{}, err
	}
	key, err := localKey(local)
	if err != nil {
		return Address{}, err
	}
	ascii, err := asciiDomain(domain)
	if err != nil {
		return Address{}, err
	}
	if key == local && ascii == domain {
		key = written
	} else {
		key += "@" + ascii
	}
	if len(key) > MaxLength || len(written) > MaxLength {
		return Address{}, errLong
	}
	return Address{Written: written, Key: key, Domain: key[len(key)-len(ascii):]}, nil
}

// Hash is the first 16 octets of the SHA-256 of a Key: what the directory of addresses over
// all institutions holds in place of the address.
func Hash(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:16]
}

// split cuts at the @, and tells the usual ways in which there is not exactly one.
func split(s string) (local, domain string, err error) {
	at := strings.LastIndexByte(s, '@')
	switch {
	case s == "":
		return "", "", errBlank
	case at < 0:
		return "", "", errNoAt
	case strings.IndexByte(s, '@') != at && strings.ContainsAny(s, ",; \t\n"):
		return "", "", errSeveral
	case strings.IndexByte(s, '@') != at:
		return "", "", errTwoAt
	case strings.ContainsFunc(s, unicode.IsSpace):
		return "", "", errSpace
	}
	return s[:at], s[at+1:], nil
}

// localKey checks the part before the @ as a Dot-string and gives its form for comparing.
func localKey(s string) (string, error) {
	if s == "" {
		return "", errNoLocal
	}
	plain := true
	for i, r := range s {
		switch {
		case r == '.':
			if i == 0 || i == len(s)-1 || s[i-1] == '.' {
				return "", errLocalDots
			}
		case r == '"':
			return "", errQuotes
		case r == '(' || r == ')':
			return "", errComment
		case !atext(r):
			return "", errLocalChar
		case r >= utf8.RuneSelf || 'A' <= r && r <= 'Z':
			plain = false
		}
	}
	key := s
	if !plain {
		key = norm.NFC.String(strings.ToLower(norm.NFC.String(s)))
	}
	if len(s) > MaxLocal || len(key) > MaxLocal {
		return "", errLocalLong
	}
	return key, nil
}

// atext says whether r may stand in an atom (RFC 5322, section 3.2.3; RFC 6531, section
// 3.3). Beyond ASCII only what can be seen may, so that no address hides a character.
func atext(r rune) bool {
	if r >= utf8.RuneSelf {
		return unicode.IsGraphic(r) && r != utf8.RuneError
	}
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
		strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

// unwrap takes an address out of blanks, "Name <...>" and "mailto:".
func unwrap(s string) (string, error) {
	s = fold.Trim(s)
	if open := strings.LastIndexByte(s, '<'); open >= 0 {
		if s[len(s)-1] != '>' {
			return "", errAngle
		}
		if err := displayName(s[:open]); err != nil {
			return "", err
		}
		s = fold.Trim(s[open+1 : len(s)-1])
	}
	if strings.ContainsAny(s, "<>") {
		return "", errAngle
	}
	const scheme = "mailto:"
	if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
		return fromURL(s[len(scheme):])
	}
	return s, nil
}

// displayName checks what stands before "<": anything people call themselves, commas too,
// but not the end of another address. What is in quotation marks is not looked at.
func displayName(s string) error {
	var bare strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case !quoted:
			bare.WriteByte(c)
		}
	}
	name := bare.String()
	if strings.ContainsAny(name, "<>") || strings.ContainsRune(name, '@') && strings.ContainsAny(name, ",;") {
		return errSeveral
	}
	return nil
}

// fromURL reads what follows "mailto:", up to the query.
func fromURL(s string) (string, error) {
	s, _, _ = strings.Cut(s, "?")
	s, err := percentDecode(s)
	if err != nil {
		return "", err
	}
	return fold.Trim(s), nil
}

func percentDecode(s string) (string, error) {
	if !strings.Contains(s, "%") {
		return s, nil
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			out = append(out, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", errEscape
		}
		high, low := nibble(s[i+1]), nibble(s[i+2])
		if high > 15 || low > 15 {
			return "", errEscape
		}
		out = append(out, high<<4|low)
		i += 2
	}
	if !utf8.Valid(out) {
		return "", errUTF8
	}
	return string(out), nil
}

// nibble is the value of a hexadecimal digit, and 255 for anything else.
func nibble(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}
