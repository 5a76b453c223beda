package db

import (
	"strings"
	"sync"
)

// placed is a statement for SQLite with its parameters written as ?, and for each of them the
// number of the argument it stands for. SQLite looks a parameter with a name up among all
// others, which for a statement of a thousand takes longer than running it; $1 is a name.
type placed struct {
	text  string
	order []int
}

// placement keeps the statements that were rewritten lately.
type placement struct {
	mu    sync.Mutex
	known map[string]placed
}

// placeMost bounds how many are kept before the keeping begins anew.
const placeMost = 1000

// place rewrites a statement and lines its arguments up.
func (p *placement) place(query string, args []any) (string, []any) {
	if p == nil || len(args) == 0 {
		return query, args
	}
	p.mu.Lock()
	s, ok := p.known[query]
	if !ok {
		if len(p.known) >= placeMost {
			clear(p.known)
		}
		s = rewrite(query)
		p.known[query] = s
	}
	p.mu.Unlock()
	if s.text == query {
		return query, args // it has no such parameters
	}
	lined := make([]any, len(s.order))
	for i, n := range s.order {
		if n > len(args) {
			return query, args // the engine says what is wrong
		}
		lined[i] = args[n-1]
	}
	return s.text, lined
}

// rewrite writes $1 as ? wherever it is not inside a text.
func rewrite(query string) placed {
	var b strings.Builder
	var order []int
	inText := false
	for i := 0; i < len(query); i++ {
		c := query[i]
		if c == '\'' {
			inText = !inText
		}
		if c != '$' || inText || i+1 == len(query) || !digit(query[i+1]) {
			b.WriteByte(c)
			continue
		}
		n := 0
		for i+1 < len(query) && digit(query[i+1]) {
			i++
			n = 10*n + int(query[i]-'0')
		}
		b.WriteByte('?')
		order = append(order, n)
	}
	return placed{b.String(), order}
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
