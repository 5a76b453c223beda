package insight

import (
	"cmp"
	"context"
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

// answer puts the rows in order, cuts them off at the limit and writes them out.
func (r *result) answer(ctx context.Context, tx *db.Tx) (Answer, error) {
	r.sortRows()
	values := r.pivotValues()
	shown := r.rows
	if most := min(r.limit, max(1, mostCells/max(1, r.across+len(values)*len(r.measures)))); len(shown) > most {
		shown, r.truncated = shown[:most], true
	}
	if err := r.spell(ctx, tx, shown, values); err != nil {
		return Answer{}, err
	}
	a := Answer{Columns: r.columns(values), Overlaps: r.overlaps, Truncated: r.truncated}
	cells := r.cellsByRow(values)
	for _, g := range shown {
		a.add(r.row(g, cells[together(g.keys)], values))
	}
	if r.wantTotals {
		total, _, leads := r.row(r.total, r.byValue, values)
		a.Totals, a.TotalDrills = total, leads
	}
	return a, nil
}

// spell finds the spellings of what is shown: rows, and values of the pivot.
func (r *result) spell(ctx context.Context, tx *db.Tx, rows []*group, values []key) error {
	r.spellings = make([]map[string]string, len(r.dims))
	for i, d := range r.dims {
		if d.shown == "" {
			continue
		}
		keys := values
		if i < r.across {
			keys = nil
			for _, g := range rows {
				keys = append(keys, g.keys[i])
			}
		}
		if err := r.readSpellings(ctx, tx, i, keys); err != nil {
			return err
		}
	}
	return nil
}

// sortRows puts rows in the order asked for. What is blank, a value or a number, comes last in
// both directions; ties go by the dimensions.
func (r *result) sortRows() {
	ranks := make([]map[key]int, r.across)
	for i := range ranks {
		ranks[i] = r.ranks(i)
	}
	byDimension := func(a, b *group, i int, down bool) int {
		return blankLast(a.keys[i].none, b.keys[i].none, func() int { return cmp.Compare(ranks[i][a.keys[i]], ranks[i][b.keys[i]]) }, down)
	}
	slices.SortFunc(r.rows, func(a, b *group) int {
		for _, s := range r.sorts {
			c := 0
			switch {
			case s.measure >= 0:
				x, y := a.said[s.measure], b.said[s.measure]
				c = blankLast(x == nil, y == nil, func() int { return cmp.Compare(number(x), number(y)) }, s.down)
			case s.dimension < r.across:
				c = byDimension(a, b, s.dimension, s.down)
			}
			if c != 0 {
				return c
			}
		}
		for i := range ranks {
			if c := byDimension(a, b, i, false); c != 0 {
				return c
			}
		}
		return 0
	})
}

// blankLast compares, with blanks last in both directions.
func blankLast(a, b bool, compare func() int, down bool) int {
	switch {
	case a || b:
		return cmp.Compare(db.Bool(a), db.Bool(b))
	case down:
		return -compare()
	}
	return compare()
}

func number(v any) float64 {
	if n, whole := v.(int64); whole {
		return float64(n)
	}
	return v.(float64)
}

// ranks are the places of a dimension's values in their order: texts folded, by code point;
// days, and bulk invites, as they came.
func (r *result) ranks(dimension int) map[key]int {
	d := r.dims[dimension]
	texts := map[key]string{}
	groups, at := r.groupsOf(dimension)
	for _, g := range groups {
		k := g.keys[at]
		if _, seen := texts[k]; seen {
			continue
		}
		switch d.kind {
		case ofText, ofInvite:
			texts[k] = k.text
		case ofLabel:
			name := r.labels[k.number]
			texts[k] = fold.Text(name) + "\x00" + name // of names that fold alike, by what is written
		case ofTime, ofBulk:
			texts[k] = ""
		default:
			texts[k], _ = r.value(dimension, k).(string)
		}
	}
	order := make([]key, 0, len(texts))
	for k := range texts {
		order = append(order, k)
	}
	slices.SortFunc(order, func(a, b key) int {
		return cmp.Or(strings.Compare(texts[a], texts[b]), cmp.Compare(a.number, b.number))
	})
	ranks := make(map[key]int, len(order))
	for i, k := range order {
		ranks[k] = i
	}
	return ranks
}

// pivotValues are the values of the pivot that become columns, in their order; one that
// stands for all without a pivot.
func (r *result) pivotValues() []key {
	if !r.pivoted {
		return []key{{}}
	}
	at := r.across
	if len(r.byValue) > mostPivot {
		slices.SortStableFunc(r.byValue, func(a, b *group) int { return cmp.Compare(b.counts[0], a.counts[0]) })
		r.truncated = true
	}
	ranks, down := r.ranks(at), slices.ContainsFunc(r.sorts, func(s sort) bool { return s.dimension == at && s.down })
	var values []key
	for _, g := range r.byValue[:min(len(r.byValue), mostPivot)] {
		values = append(values, g.keys[0])
	}
	slices.SortFunc(values, func(a, b key) int {
		return blankLast(a.none, b.none, func() int { return cmp.Compare(ranks[a], ranks[b]) }, down)
	})
	return values
}

// cellsByRow are the groups of the rows split by the pivot, by the keys of their rows.
func (r *result) cellsByRow(values []key) map[string][]*group {
	all := map[string][]*group{}
	for _, g := range r.cells {
		if last := len(g.keys) - 1; slices.Contains(values, g.keys[last]) {
			name := together(g.keys[:last])
			all[name] = append(all[name], g)
		}
	}
	return all
}

// columns are the heads of the answer.
func (r *result) columns(values []key) (columns []Column) {
	for i := range r.across {
		d := r.dims[i]
		columns = append(columns, Column{Name: d.Name, Label: d.Label, Type: d.Type, Texts: r.texts(i)})
	}
	for _, v := range values {
		for _, m := range r.measures {
			c := Column{Name: m.Name, Label: m.Label, Type: m.Type, Measure: m.Name}
			if r.pivoted {
				c = r.pivotColumn(c, v)
			}
			columns = append(columns, c)
		}
	}
	return columns
}

// pivotColumn is the column of a measure for one value of the pivot.
func (r *result) pivotColumn(c Column, v key) Column {
	at := r.across
	c.Pivoted = true
	c.PivotValue, _ = r.value(at, v).(string)
	text := cmp.Or(r.texts(at)[c.PivotValue], c.PivotValue, "none")
	c.Name += ":" + c.PivotValue
	if len(r.measures) > 1 {
		text += ", " + c.Label
	}
	c.Label = text
	return c
}

// texts are how the ids of a dimension are shown.
func (r *result) texts(dimension int) map[string]string {
	switch r.dims[dimension].kind {
	case ofOwner:
		return r.owners
	case ofBulk:
		return r.bulkInvites
	}
	return nil
}
