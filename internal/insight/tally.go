package insight

import "slices"

// tally counts contacts, one after the other, in the groups of every level of an answer at
// once: rows, rows split by a pivot, the pivot's values, and all.
type tally struct {
	width  int // how many dimensions make rows; one behind them is the pivot
	values []*values
	// paths lead to the group of a row: from that of its first values, by the next value.
	paths []numbers[[2]int]
	rows  level
	// cells are rows split by the pivot, byCell their places by row and value; byValue are the
	// values of the pivot alone.
	cells, byValue level
	byCell         numbers[[2]int]
	total          level
	// companies and domains are numbered so that pairs with them are small.
	companies, domains numbers[string]
}

// numbers give values dense numbers from 0, in the order in which they come.
type numbers[K comparable] map[K]int

func (n numbers[K]) of(v K) int {
	i, known := n[v]
	if !known {
		i = len(n)
		n[v] = i
	}
	return i
}

// values are those of one dimension, by their numbers.
type values struct {
	numbers numbers[key]
	all     []key
	// spellings are how often each was spelled how, for those that are grouped folded.
	spellings []spelling
}

// key is one value of a dimension: a text, a number, or none.
type key struct {
	text   string
	number int64
	none   bool
}

func (v *values) of(k key) int {
	i := v.numbers.of(k)
	if i == len(v.all) {
		v.all, v.spellings = append(v.all, k), append(v.spellings, spelling{})
	}
	return i
}

// spelling is how often a folded text was spelled how. Nearly all are spelled in one way.
type spelling struct {
	first string
	times int
	more  map[string]int
}

func (s *spelling) add(text string) {
	switch {
	case s.times == 0 || s.first == text:
		s.first = text
		s.times++
	case s.more == nil:
		s.more = map[string]int{text: 1}
	default:
		s.more[text]++
	}
}

// best is the most frequent spelling; of equally frequent ones the first by code point.
func (s spelling) best() string {
	best, times := s.first, s.times
	for text, n := range s.more {
		if n > times || n == times && text < best {
			best, times = text, n
		}
	}
	return best
}

// level is groups of one kind.
type level struct {
	groups []*group
	// counted are contacts with their groups; nil where none is told twice for one.
	counted map[[2]int64]bool
	// companies and domains are those of each group.
	companies, domains map[[2]int]bool
}

// group is the contacts that share a value in each of some dimensions.
type group struct {
	values                                 []int // of a row, by their numbers
	contacts, companies, domains, approved int64
	reached                                [reachedBits]int64
	// waits are how long the first answers took, in milliseconds.
	waits []int64
	// said is what the measures of the question say of it.
	said []any
}

// facts are what is told of a contact.
type facts struct {
	contact, reached int64
	approved         bool
	wait             int64 // -1 without an answer
	company, domain  int   // numbers, -1 for none or where nobody asks
}

// newTally counts by some dimensions, of which the first ones make rows. A contact that may
// stand in several rows is told for each set of its values; repeated says that one set may be
// told twice.
func newTally(dims, width int, several, repeated bool) *tally {
	t := &tally{width: width, companies: numbers[string]{}, domains: numbers[string]{}, byCell: numbers[[2]int]{}}
	for range dims {
		t.values = append(t.values, &values{numbers: numbers[key]{}})
		t.paths = append(t.paths, numbers[[2]int]{})
	}
	finest := &t.rows
	if width < dims {
		finest = &t.cells
	}
	for _, l := range []*level{&t.rows, &t.cells, &t.byValue, &t.total} {
		l.companies, l.domains = map[[2]int]bool{}, map[[2]int]bool{}
		if several && (repeated || l != finest) {
			l.counted = map[[2]int64]bool{}
		}
	}
	t.total.group(0)
	if width == 0 {
		t.rows.group(0)
	}
	return t
}

// add counts a contact with the numbers of its values, and tells whether it is told for the
// first time.
func (t *tally) add(f facts, values []int) (first bool) {
	row := 0
	for i, v := range values[:t.width] {
		row = t.paths[i].of([2]int{row, v})
	}
	if g := t.rows.count(row, f); g.values == nil {
		g.values = slices.Clone(values[:t.width])
	}
	if t.width < len(values) {
		v := values[t.width]
		t.cells.count(t.byCell.of([2]int{row, v}), f)
		t.byValue.count(v, f)
	}
	before := t.total.group(0).contacts
	return t.total.count(0, f).contacts > before
}

// cell is the part of a row that has a value of the pivot, nil for nobody.
func (t *tally) cell(row, value int) *group {
	if i, ok := t.byCell[[2]int{row, value}]; ok {
		return t.cells.groups[i]
	}
	return nil
}

// group is the group of a number, which is at most the next new one.
func (l *level) group(n int) *group {
	if n == len(l.groups) {
		l.groups = append(l.groups, &group{})
	}
	return l.groups[n]
}

// count counts a contact in a group, once.
func (l *level) count(n int, f facts) *group {
	g := l.group(n)
	if l.counted != nil {
		here := [2]int64{f.contact, int64(n)}
		if l.counted[here] {
			return g
		}
		l.counted[here] = true
	}
	g.contacts++
	for bit := range g.reached {
		g.reached[bit] += f.reached >> bit & 1
	}
	if f.approved {
		g.approved++
	}
	if f.wait >= 0 {
		g.waits = append(g.waits, f.wait)
	}
	g.companies += isNew(l.companies, n, f.company)
	g.domains += isNew(l.domains, n, f.domain)
	return g
}

// isNew is 1 where a group meets a number for the first time, which is then known.
func isNew(known map[[2]int]bool, group, number int) int64 {
	if pair := [2]int{group, number}; number >= 0 && !known[pair] {
		known[pair] = true
		return 1
	}
	return 0
}
