package insights

import (
	"cmp"
	"slices"
	"strings"

	"beckon/internal/contact"
	"beckon/internal/insight"
	"beckon/internal/web/components"
)

// dot is the number in a cell of the answer.
func (v exploreView) dot(row, column int) (dot, bool) {
	d := dot{Says: numberText(v.Answer.Columns[column].Type, v.Answer.Rows[row][column])}
	switch n := v.Answer.Rows[row][column].(type) {
	case int64:
		d.N = float64(n)
	case float64:
		d.N = n
	default:
		return d, false
	}
	d.URL = v.leads(row, column)
	return d, true
}

// funnel lays the steps below each other, each with its part of the first.
func (p *picture) funnel(v exploreView) {
	p.Type = insight.Number
	if len(v.Answer.Rows) == 0 {
		return
	}
	for _, m := range v.steps() {
		d, ok := v.dot(0, v.column(m))
		if !ok {
			continue
		}
		d.Row, d.Part = label(m), label(m)
		if len(p.Dots) > 0 && p.Dots[0].N > 0 {
			d.Says += "  ·  " + percent(d.N/p.Dots[0].N)
		}
		d.Tip = d.Row + ": " + d.Says
		p.Rows, p.Dots = append(p.Rows, d.Row), append(p.Dots, d)
	}
	p.leave(v, v.steps())
}

// plan is which of an answer's numbers a picture shows, and where.
type plan struct {
	// columns are those of the numbers; parts are their names, where they tell parts apart.
	columns []int
	parts   []string
	// rowsOf and partsOf are the dimensions whose values, together, name a row and a part.
	rowsOf, partsOf []int
	// along is the dimension of time that the rows go along, "" for none.
	along string
}

// plan says what a picture of this kind shows; without columns it shows nothing.
func (v exploreView) plan(kind string) (l plan) {
	first := slices.IndexFunc(v.Answer.Columns, func(c insight.Column) bool {
		return c.Measure != "" && (kind != stackedChart || c.Type == insight.Number)
	})
	if first < 0 {
		return l
	}
	for i := range v.Dimensions {
		switch {
		case kind == lineChart && i != v.dateAt(), kind == stackedChart && v.Pivot == "" && i == len(v.Dimensions)-1:
			l.partsOf = append(l.partsOf, i)
		default:
			l.rowsOf = append(l.rowsOf, i)
		}
	}
	if len(l.rowsOf) == 1 && isDate(v.Dimensions[l.rowsOf[0]]) {
		l.along = v.Dimensions[l.rowsOf[0]]
	}
	lead := v.Answer.Columns[first]
	for i, c := range v.Answer.Columns {
		switch {
		case v.Pivot != "" && c.Pivoted && c.Measure == lead.Measure:
			l.columns, l.parts = append(l.columns, i), append(l.parts, v.pivotText(c))
		case v.Pivot == "" && l.partsOf == nil && c.Measure != "" && c.Type == lead.Type && len(l.columns) < mostMeasures:
			l.columns, l.parts = append(l.columns, i), append(l.parts, label(c.Measure))
		}
	}
	if l.columns == nil {
		l.columns, l.parts = []int{first}, []string{""}
	}
	return l
}

// lay puts the numbers of the answer into rows and parts.
func (p *picture) lay(v exploreView) {
	l := v.plan(p.Kind)
	if len(l.columns) == 0 {
		return
	}
	measure := v.Answer.Columns[l.columns[0]].Measure
	f, _ := find(measures, measure)
	p.Type, p.Upright = f.Type, l.along != ""
	starts, undated := p.place(v, l)
	p.order(v, l)
	if p.Upright {
		p.stretch(l.along, starts)
	}
	p.trim(undated)
	if p.Kind == stackedChart {
		p.ends(v, measure, l)
	}
	p.single()
	var drawn []string
	for _, c := range l.columns {
		drawn = append(drawn, v.Answer.Columns[c].Measure)
	}
	p.leave(v, drawn)
}

// leave says which measures are not in the picture.
func (p *picture) leave(v exploreView, drawn []string) {
	var left []string
	for _, m := range v.measures() {
		if !slices.Contains(drawn, m) {
			left = append(left, inText(m))
		}
	}
	if left != nil {
		p.notes = append(p.notes, "the table alone has "+enumerate(left))
	}
}

// place makes a dot of every number. Along time it answers which spans there are, and
// whether there is a row without one, which has no place in the picture.
func (p *picture) place(v exploreView, l plan) (starts map[string]bool, undated bool) {
	starts, seen := map[string]bool{}, map[string]bool{}
	p.sums = map[string]float64{}
	for r, row := range v.Answer.Rows {
		if p.Upright {
			start, _ := row[l.rowsOf[0]].(string)
			if start == "" {
				undated = true
				continue
			}
			starts[start] = true
		}
		name, part := v.rowName(r, l.rowsOf), v.joined(r, l.partsOf)
		for i, c := range l.columns {
			if d, ok := v.dot(r, c); ok {
				d.Row, d.Part = name, join(part, l.parts[i])
				d.Tip = join(d.Row, d.Part, d.Says)
				p.Dots = append(p.Dots, d)
				p.sums[name] += d.N
			}
		}
		if !seen[name] {
			seen[name], p.Rows = true, append(p.Rows, name)
		}
	}
	return starts, undated
}

// rowName names a row by the values of some dimensions; without any it is all contacts.
func (v exploreView) rowName(row int, at []int) string {
	if len(at) == 0 {
		return "All contacts"
	}
	return v.joined(row, at)
}

func (v exploreView) joined(row int, at []int) string {
	names := make([]string, len(at))
	for i, d := range at {
		names[i] = dimensionText(v.Answer.Columns[d], v.Answer.Rows[row][d])
	}
	return join(names...)
}

func join(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), " · ")
}

// order numbers the parts, as many as can be told apart: in the order of their columns, for
// a dimension with an order of its own in that, and otherwise the largest first.
func (p *picture) order(v exploreView, l plan) {
	sums := map[string]float64{}
	var parts []string
	for _, d := range p.Dots {
		if _, known := sums[d.Part]; !known {
			parts = append(parts, d.Part)
		}
		sums[d.Part] += d.N
	}
	places := map[string]int{}
	own := l.parts
	if l.partsOf != nil {
		own = v.ownOrder(l)
	}
	for i, part := range own {
		places[part] = i
	}
	slices.SortStableFunc(parts, func(a, b string) int {
		if own != nil {
			return places[a] - places[b]
		}
		return cmp.Compare(sums[b], sums[a])
	})
	if n := len(parts); n > mostParts {
		parts = parts[:mostParts]
		p.notes = append(p.notes, "it shows the first "+components.Num(mostParts)+" of "+components.Num(n)+" colours")
	}
	nth := map[string]int{}
	for i, part := range parts {
		nth[part] = i
	}
	p.Dots = slices.DeleteFunc(p.Dots, func(d dot) bool { _, shown := nth[d.Part]; return !shown })
	for i, d := range p.Dots {
		p.Dots[i].Nth = nth[d.Part]
	}
	p.Parts = parts
}

// ownOrder is the order that the values of the one dimension that makes parts have by
// themselves: that of the steps, or that of time; nil for none.
func (v exploreView) ownOrder(l plan) (texts []string) {
	if len(l.partsOf) != 1 || v.Pivot != "" {
		return nil
	}
	at := l.partsOf[0]
	name := v.Dimensions[at]
	values := contact.FilterChoices(name)
	if isDate(name) {
		for _, row := range v.Answer.Rows {
			if start, ok := row[at].(string); ok {
				values = append(values, start)
			}
		}
		slices.Sort(values)
	}
	for _, value := range slices.Compact(values) {
		texts = append(texts, valueText(name, value))
	}
	if texts != nil {
		texts = append(texts, valueText(name, ""))
	}
	return texts
}
