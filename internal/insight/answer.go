package insight

import (
	"cmp"
	"slices"
	"strings"

	"beckon/internal/db"
	"beckon/internal/fold"
)

const (
	// mostPivot is how many values of a pivot become columns: those with the most contacts.
	mostPivot = 50
	// mostCells bounds rows times columns.
	mostCells = 200_000
)

// sort is one of the orders of a question: by one of its dimensions or measures, the other
// is -1.
type sort struct {
	dimension, measure int
	down               bool
}

// result is a question with what was counted for it.
type result struct {
	*question
	*tally
	names
	// ranks are the places of each dimension's values in their order, by number.
	ranks [][]int
}

// answer puts the rows in order, cuts them off at the limit and writes them out.
func (r *result) answer() Answer {
	var a Answer
	for _, l := range []level{r.rows, r.cells, r.byValue, r.total} {
		for _, g := range l.groups {
			r.say(g)
		}
	}
	for i := range r.dims {
		r.ranks = append(r.ranks, r.rank(i))
	}
	order, sum := make([]int, len(r.rows.groups)), int64(0)
	for i, g := range r.rows.groups {
		order[i] = i
		sum += g.contacts
	}
	slices.SortFunc(order, func(i, j int) int { return r.compare(r.rows.groups[i], r.rows.groups[j]) })
	pivot := r.pivotValues()
	a.Columns = r.columns(pivot)
	most := min(r.limit, max(1, mostCells/max(1, len(a.Columns))))
	a.Overlaps = sum > r.total.groups[0].contacts
	a.Truncated = len(order) > most || r.pivoted && len(pivot) < len(r.byValue.groups)
	for _, i := range order[:min(most, len(order))] {
		r.write(&a, i, pivot)
	}
	if r.wantTotals {
		r.writeTotals(&a, pivot)
	}
	return a
}

// say writes down what the measures say of a group.
func (k *question) say(g *group) {
	g.said = make([]any, len(k.measures))
	for i, m := range k.measures {
		g.said[i] = m.says(g)
	}
}

// compare puts rows in the order asked for. What is blank, a value or a number, comes last in
// both directions; ties go by the dimensions.
func (r *result) compare(a, b *group) int {
	for _, s := range r.sorts {
		c := 0
		if s.measure >= 0 {
			c = compareNumbers(a.said[s.measure], b.said[s.measure], s.down)
		} else if s.dimension < r.across {
			c = r.compareValues(s.dimension, a.values[s.dimension], b.values[s.dimension], s.down)
		}
		if c != 0 {
			return c
		}
	}
	for i := range r.across {
		if c := r.compareValues(i, a.values[i], b.values[i], false); c != 0 {
			return c
		}
	}
	return 0
}

// compareValues compares two values of a dimension, by their numbers.
func (r *result) compareValues(dimension, a, b int, down bool) int {
	all, ranks := r.values[dimension].all, r.ranks[dimension]
	return blankLast(all[a].none, all[b].none, cmp.Compare(ranks[a], ranks[b]), down)
}

func compareNumbers(a, b any, down bool) int {
	return blankLast(a == nil, b == nil, cmp.Compare(float(a), float(b)), down)
}

func float(v any) float64 {
	switch n := v.(type) {
	case int64:
		return float64(n)
	case float64:
		return n
	}
	return 0
}

// blankLast is the order c of two values, with blanks last in both directions.
func blankLast(a, b bool, c int, down bool) int {
	switch {
	case a || b:
		return cmp.Compare(db.Bool(a), db.Bool(b))
	case down:
		return -c
	}
	return c
}

// rank puts the values of a dimension in order: texts folded, by code point; days, and bulk
// invites, as they came.
func (r *result) rank(dimension int) []int {
	d, all := r.dims[dimension], r.values[dimension].all
	texts, order := make([]string, len(all)), make([]int, len(all))
	for i, k := range all {
		order[i] = i
		switch d.kind {
		case ofText, ofInvite:
			texts[i] = k.text
		case ofLabel: // of names that fold alike, by what is written
			texts[i] = fold.Text(r.labels[k.number]) + "\x00" + r.labels[k.number]
		case ofChoice, ofOwner:
			texts[i] = text(r.value(dimension, i))
		}
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(strings.Compare(texts[i], texts[j]), cmp.Compare(all[i].number, all[j].number))
	})
	ranks := make([]int, len(all))
	for rank, i := range order {
		ranks[i] = rank
	}
	return ranks
}

// pivotValues are the values of the pivot that become columns, in their order.
func (r *result) pivotValues() []int {
	if !r.pivoted {
		return nil
	}
	values := make([]int, len(r.byValue.groups))
	for v := range values {
		values[v] = v
	}
	down := slices.ContainsFunc(r.sorts, func(s sort) bool { return s.dimension == r.across && s.down })
	inOrder := func(a, b int) int { return r.compareValues(r.across, a, b, down) }
	slices.SortFunc(values, func(a, b int) int {
		return cmp.Or(cmp.Compare(r.byValue.groups[b].contacts, r.byValue.groups[a].contacts), inOrder(a, b))
	})
	values = values[:min(mostPivot, len(values))]
	slices.SortFunc(values, inOrder)
	return values
}

// columns are the heads of the answer.
func (r *result) columns(pivot []int) (columns []Column) {
	for i, d := range r.dims[:r.across] {
		columns = append(columns, Column{Name: d.Name, Label: d.Label, Type: d.Type, Texts: r.texts(i)})
	}
	of := func(m *measure) Column { return Column{Name: m.Name, Label: m.Label, Type: m.Type, Measure: m.Name} }
	for _, v := range pivot {
		for _, m := range r.measures {
			columns = append(columns, r.pivotColumn(of(m), v))
		}
	}
	if !r.pivoted || r.whole {
		for _, m := range r.measures {
			columns = append(columns, of(m))
		}
	}
	return columns
}

// pivotColumn is the column of a measure for one value of the pivot.
func (r *result) pivotColumn(c Column, value int) Column {
	c.Pivoted, c.PivotValue = true, text(r.value(r.across, value))
	c.Name += ":" + c.PivotValue
	shown := cmp.Or(r.texts(r.across)[c.PivotValue], c.PivotValue, "none")
	if len(r.measures) > 1 {
		shown += ", " + c.Label
	}
	c.Label = shown
	return c
}
