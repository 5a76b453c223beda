package account

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"beckon/internal/fold"
)

// common holds passwords that many people use, one a line.
//
//go:embed passwords.txt
var common string

var commonOnes = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for line := range strings.Lines(common) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			known[plain(line)] = true
		}
	}
	return known
})

// unleet undoes the usual ways of writing letters as digits and signs.
var unleet = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t")

// plain is the form in which a password is looked up: folded, and letters as letters.
func plain(password string) string { return unleet.Replace(fold.Text(password)) }

// weakness tells why a password would be guessed, and the cure; "" for a good one.
func weakness(password string, p Person) string {
	folded := fold.Text(password)
	switch {
	case repeats(folded):
		return "repeats the same few characters; use a few words instead"
	case walks(folded):
		return "follows rows of keys or the alphabet; use a few words instead"
	case commonOnes()[plain(password)], commonOnes()[plain(strings.TrimRight(password, "!.?*#"))]:
		return "is one that many people use; use a few words of your own"
	case namesPerson(folded, p):
		return "holds your name or your address; use a few other words"
	}
	return ""
}

// namesPerson tells whether the password holds a name of the person, or the address up to
// the @. Names of up to three characters stand in too many words to count.
func namesPerson(folded string, p Person) bool {
	local, _, _ := strings.Cut(p.Email, "@")
	for _, own := range []string{local, p.FirstName, p.LastName} {
		own = fold.Text(strings.TrimSpace(own))
		if utf8.RuneCountInString(own) > 3 && strings.Contains(folded, own) {
			return true
		}
	}
	return false
}

// repeats tells whether a string is a piece of up to four characters over and over.
func repeats(s string) bool {
	runes := []rune(s)
	for period := 1; period <= 4; period++ {
		same := true
		for i := period; i < len(runes) && same; i++ {
			same = runes[i] == runes[i-period]
		}
		if same {
			return true
		}
	}
	return false
}

// rows are what fingers walk along: keyboards of several countries, columns of keys, the
// alphabet. Each is walked backwards too.
var rows = sync.OnceValue(func() []string {
	all := []string{
		"01234567890", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "abcdefghijklmnopqrstuvwxyz",
		"azertyuiop", "qsdfghjklm", "wxcvbn", "qwertzuiop", "yxcvbnm", "!@#$%^&*()", "!\"#$%&/()=",
		"1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "147", "258", "369", "159", "357",
	}
	for _, row := range all {
		back := []rune(row)
		slices.Reverse(back)
		all = append(all, string(back))
	}
	return all
})

// walks tells whether a string is made of pieces of such rows, three characters and more on
// the average.
func walks(s string) bool {
	runes := []rune(s)
	pieces := 0
	for at := 0; at < len(runes); pieces++ {
		end := at + 1
		for end < len(runes) && onRow(string(runes[at:end+1])) {
			end++
		}
		at = end
	}
	return len(runes) >= 3*pieces
}

func onRow(piece string) bool {
	return slices.ContainsFunc(rows(), func(row string) bool { return strings.Contains(row, piece) })
}
