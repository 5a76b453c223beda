package recruit_test

import (
	"html"
	"strings"
)

// linkTo is the address behind a mark in a page, "" where the mark is missing.
func linkTo(page, mark string) string {
	_, rest, _ := strings.Cut(page, mark)
	address, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(address)
}
