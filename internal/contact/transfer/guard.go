package transfer

import "strings"

// A spreadsheet takes a cell that begins with =, +, - or @ for a formula, which in a file
// from strangers can be an attack. So exports put an apostrophe before such a cell, as is
// usual, and the reader takes one away from there: an exported file comes back unchanged,
// though a text of its own may begin with an apostrophe and one of these.

// guard makes a cleaned text safe for a spreadsheet.
func guard(cell string) string {
	if guarded(cell) || formula(cell) {
		return "'" + cell
	}
	return cell
}

// unguard is the reverse of guard.
func unguard(cell string) string {
	if guarded(cell) {
		return cell[1:]
	}
	return cell
}

// guarded tells whether the text is one or more apostrophes before what begins a formula.
func guarded(cell string) bool {
	rest := strings.TrimLeft(cell, "'")
	return len(rest) < len(cell) && rest != "" && strings.IndexByte("=+-@", rest[0]) >= 0
}

// formula tells whether a spreadsheet could compute more than a number from the text: a
// phone number such as +49 (30) 123-45 is harmless, and reads better as it is.
func formula(cell string) bool {
	if cell == "" {
		return false
	}
	switch cell[0] {
	case '=', '@':
		return true
	case '+', '-':
		return strings.Trim(cell[1:], "0123456789 ().-/") != ""
	}
	return false
}
