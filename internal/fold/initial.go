package fold

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Initial is what a last name begins with, as a capital, for those who may not know all of
// it: blank where the name has no second letter.
func Initial(name string) string {
	runes, letters := []rune(norm.NFC.String(name)), 0
	for _, r := range runes {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	if letters < 2 {
		return ""
	}
	return strings.ToUpper(string(runes[0]))
}
