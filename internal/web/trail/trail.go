// Package trail lets people walk through a list that pages by key, both ways: the address of
// a page carries where the pages before it began.
package trail

import (
	"net/url"
	"strings"

	"beckon/internal/web/components"
)

const (
	parameter = "page"
	between   = "~"
	// longest is how many pages back one can go; an address has its limits.
	longest = 100
)

// Trail is where somebody is in a list. Places are texts of the list's own making without a
// tilde, safe in addresses.
type Trail struct {
	path   string
	query  url.Values
	places []string
}

// At is where the page at this address is.
func At(u *url.URL) Trail {
	t := Trail{path: u.Path, query: u.Query()}
	if p := t.query.Get(parameter); p != "" {
		t.places = strings.Split(p, between)
	}
	return t
}

// Place is where this page begins, "" for the beginning of the list.
func (t Trail) Place() string {
	if len(t.places) == 0 {
		return ""
	}
	return t.places[len(t.places)-1]
}

// Pager leads on from a page that shows so many of total; full pages show size. The next
// page begins at next, "" where there is none.
func (t Trail) Pager(size, shown, total int, next string) components.Pager {
	p := components.Pager{Total: total}
	if shown > 0 && len(t.places) < longest {
		p.From = len(t.places)*size + 1
		p.To = p.From + shown - 1
	}
	if n := len(t.places); n > 0 {
		p.Previous = t.address(t.places[:n-1])
	}
	if next != "" {
		all := append(t.places[:len(t.places):len(t.places)], next)
		p.Next = t.address(all[max(len(all)-longest, 0):])
	}
	return p
}

func (t Trail) address(places []string) string {
	query := url.Values{}
	for name, values := range t.query {
		query[name] = values
	}
	query.Del(parameter)
	if len(places) > 0 {
		query.Set(parameter, strings.Join(places, between))
	}
	if len(query) == 0 {
		return t.path
	}
	return t.path + "?" + query.Encode()
}
