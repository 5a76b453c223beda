// Package fold brings text into the form in which Beckon compares, searches, groups and
// sorts it, and knows what counts as blank. It has no state that a caller could see:
// everything here is safe for concurrent use.
package fold

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Text folds s: Unicode full case folding (CaseFolding.txt, C and F), then NFKD, then the
// combining marks (general category M) dropped, in exactly this order. "Gödel" and "GODEL"
// both give "godel", "Straße" gives "strasse".
//
// It is not idempotent: NFKD may bring a capital back ("ℌ" gives "H"). Fold what people
// wrote, once, on both sides of a comparison. Bytes that are not UTF-8 become U+FFFD, one
// for a run of them.
// Plain ASCII without capitals is returned without a copy.
func Text(s string) string {
	i := 0
	for i < len(s) && s[i] < utf8.RuneSelf && (s[i] < 'A' || s[i] > 'Z') {
		i++
	}
	if i == len(s) {
		return s
	}
	out := make([]byte, i, len(s)+8)
	copy(out, s)
	for i < len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			out = append(out, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r < tabled {
			out = append(out, table()[r]...)
			i += size
			continue
		}
		end := i + size
		for end < len(s) && s[end] >= utf8.RuneSelf {
			end++
		}
		out = append(out, slow(s[i:end])...)
		i = end
	}
	return string(out)
}

// tabled is the first rune without a place in the table, which covers Latin, Greek,
// Cyrillic and Armenian. A table of single runes is exact, because nothing in the three
// steps looks beyond one rune but the reordering of marks, and all marks are dropped.
const tabled = 0x0590

var table = sync.OnceValue(func() *[tabled]string {
	t := new([tabled]string)
	for r := range t {
		t[r] = slow(string(rune(r)))
	}
	return t
})

var caser = cases.Fold() // stateless, and documented as safe to share

// slow is the definition of Text, word by word.
func slow(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.M, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(caser.String(strings.ToValidUTF8(s, "\ufffd"))))
}

// Blank says whether r shows nothing: white space of any kind, no-break and zero-width
// characters and the direction marks, which are zero-width too.
func Blank(r rune) bool {
	switch r {
	case '\u180e', '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u2060', '\ufeff':
		return true
	}
	return unicode.IsSpace(r)
}

// Trim cuts what is Blank from both ends of s.
func Trim(s string) string { return strings.TrimFunc(s, Blank) }
