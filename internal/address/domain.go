package address

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// lookup maps as UTS 46 does for looking names up: case, width and composition go, ß stays.
// Hyphens in the third and fourth place are let through, because registries sold such names.
var lookup = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.CheckHyphens(false))

// asciiDomain gives the lower-case IDNA ASCII form of a dotted domain. A domain that is
// ASCII already, which most are, is not mapped but only checked.
func asciiDomain(s string) (string, error) {
	if s == "" {
		return "", errNoDomain
	}
	if s[0] == '[' {
		return "", errLiteral
	}
	plain := isASCII(s)
	if plain {
		s = strings.ToLower(s)
	}
	if !plain || strings.Contains(s, "xn--") {
		mapped, err := lookup.ToASCII(s)
		if err != nil {
			return "", errDomain
		}
		s = mapped
	}
	return s, checkDomain(s)
}

// checkDomain wants letters, digits and hyphens in two labels or more (RFC 5321, section
// 4.1.2; RFC 1035, section 2.3.4), the last not a number: that would be an IP address.
func checkDomain(s string) error {
	labels, start := 0, 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != '.' {
			if !letterDigit(s[i]) && s[i] != '-' {
				return errDomain
			}
			continue
		}
		switch label := s[start:i]; {
		case label == "":
			return errDots
		case len(label) > 63:
			return errLabelLong
		case label[0] == '-' || label[len(label)-1] == '-':
			return errDomain
		}
		labels++
		start = i + 1
	}
	if labels < 2 {
		return errNoDot
	}
	if last := s[strings.LastIndexByte(s, '.')+1:]; strings.Trim(last, "0123456789") == "" {
		return errLiteral
	}
	return nil
}

func letterDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

//go:embed freemail.txt
var freeMailText string

var freeMail = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for line := range strings.Lines(freeMailText) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			known[line] = true
		}
	}
	return known
})

// FreeMail says whether anybody can get an address at domain (ASCII form), so that it
// proves nobody's employer. The list is freemail.txt; a domain that is not on it may
// still be one.
func FreeMail(domain string) bool { return freeMail()[strings.ToLower(domain)] }

// Organisation is the part of domain (ASCII form) that was registered by its owner, by the
// public suffix list: careers.acme.example gives acme.example. A domain that is itself a
// public suffix comes back as it is.
func Organisation(domain string) string {
	domain = strings.ToLower(domain)
	registered, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return registered
}

// Undeliverable says whether domain can never receive mail, by what its top-level name is
// reserved for: invalid and localhost (RFC 6761, sections 6.3 and 6.4), onion (RFC 7686).
// The names for documentation and testing count as deliverable: demos and tests live there.
func Undeliverable(domain string) bool {
	switch strings.ToLower(domain[strings.LastIndexByte(domain, '.')+1:]) {
	case "invalid", "localhost", "onion":
		return true
	}
	return false
}
