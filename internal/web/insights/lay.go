package insights

import (
	"slices"
	"strings"
	"time"

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
}

// split says which columns of the answer are numbers of the picture, with the names of their
// parts, and which dimension's values are parts; -1 for none.
func (v exploreView) split(kind string) (columns []int, parts []string, dimension int) {
	first := slices.IndexFunc(v.Answer.Columns, func(c insight.Column) bool {
		return c.Measure != "" && (kind != stackedChart || c.Type == insight.Number)
	})
	if first < 0 {
		return nil, nil, -1
	}
	lead := v.Answer.Columns[first]
	if v.Pivot != "" {
		for i, c := range v.Answer.Columns {
			if c.Pivoted && c.Measure == lead.Measure {
				columns, parts = append(columns, i), append(parts, v.pivotText(c))
			}
		}
		return columns, parts, -1
	}
	if n := len(v.Dimensions); n > 1 && kind == stackedChart {
		return []int{first}, nil, n - 1
	}
	if n := len(v.Dimensions); n > 1 && kind == lineChart {
		return []int{first}, nil, (v.dateAt() + 1) % n
	}
	for i, c := range v.Answer.Columns {
		if c.Measure != "" && c.Type == lead.Type && len(columns) < mostMeasures {
			columns, parts = append(columns, i), append(parts, label(c.Measure))
		}
	}
	return columns, parts, -1
}

// lay puts rows and parts in place.
func (p *picture) lay(v exploreView) {
	columns, parts, partAt := v.split(p.Kind)
	if len(columns) == 0 {
		return
	}
	measure := v.Answer.Columns[columns[0]].Measure
	f, _ := find(measures, measure)
	p.Type = f.Type
	rowsOf := v.rowsOf(p.Kind, partAt)
	along := ""
	if len(rowsOf) == 1 && isDate(v.Dimensions[rowsOf[0]]) {
		along = v.Dimensions[rowsOf[0]]
		p.Upright = true
	}
	undated, starts := 0, map[string]bool{}
	for r, row := range v.Answer.Rows {
		if along != "" {
			start, _ := row[rowsOf[0]].(string)
			if start == "" {
				undated++
				continue
			}
			starts[start] = true
		}
		name := v.rowName(r, rowsOf)
		for i, c := range columns {
			d, ok := v.dot(r, c)
			if !ok {
				continue
			}
			d.Row = name
			if partAt >= 0 {
				d.Part = dimensionText(v.Answer.Columns[partAt], row[partAt])
			} else {
				d.Part = parts[i]
			}
			d.Tip = strings.Join(slices.DeleteFunc([]string{d.Row, d.Part, d.Says}, func(s string) bool { return s == "" }), " · ")
			p.Dots = append(p.Dots, d)
		}
		if !slices.Contains(p.Rows, name) {
			p.Rows = append(p.Rows, name)
		}
	}
	p.order(v, parts, partAt)
	if along != "" {
		p.stretch(along, starts)
	}
	p.trim(undated)
	if p.Kind == stackedChart {
		p.ends(v, measure, rowsOf, partAt)
	}
	p.single()
}

// single takes the name of the only part away: the title says it.
func (p *picture) single() {
	if len(p.Parts) != 1 {
		return
	}
	p.Parts = nil
	for i, d := range p.Dots {
		p.Dots[i].Part, p.Dots[i].Tip = "", d.Row+" · "+d.Says
	}
}

// rowsOf are the dimensions whose values, together, name a row of the picture.
func (v exploreView) rowsOf(kind string, partAt int) (at []int) {
	if kind == lineChart {
		return []int{v.dateAt()}
	}
	for i := range v.Dimensions {
		if i != partAt {
			at = append(at, i)
		}
	}
	return at
}

func (v exploreView) rowName(row int, at []int) string {
	if len(at) == 0 {
		return "All contacts"
	}
	var names []string
	for _, i := range at {
		names = append(names, dimensionText(v.Answer.Columns[i], v.Answer.Rows[row][i]))
	}
	return strings.Join(names, " · ")
}

// order numbers the parts: in the order of their columns, for a dimension with an order of
// its own in that, and otherwise the largest first.
func (p *picture) order(v exploreView, parts []string, partAt int) {
	sums := map[string]float64{}
	for _, d := range p.Dots {
		sums[d.Part] += d.N
		if !slices.Contains(parts, d.Part) {
			parts = append(parts, d.Part)
		}
	}
	if partAt >= 0 {
		own := v.ownOrder(partAt)
		slices.SortStableFunc(parts, func(a, b string) int {
			if own != nil {
				return slices.Index(own, a) - slices.Index(own, b)
			}
			return compare(sums[b], sums[a])
		})
	}
	p.Parts = parts
	for i := range p.Dots {
		p.Dots[i].Nth = slices.Index(parts, p.Dots[i].Part)
	}
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// ownOrder is the order that the values of a dimension have by themselves: that of the steps,
// or that of time; nil for none.
func (v exploreView) ownOrder(dimension int) (texts []string) {
	name := v.Dimensions[dimension]
	values := contact.FilterChoices(name)
	if isDate(name) {
		for _, row := range v.Answer.Rows {
			if start, ok := row[dimension].(string); ok {
				values = append(values, start)
			}
		}
		slices.Sort(values)
	}
	for _, value := range slices.Compact(values) {
		texts = append(texts, valueText(name, value))
	}
	return texts
}

// stretch puts rows along time in the order of time, with those in between that nobody
// falls into. Of counts there are none then.
func (p *picture) stretch(dimension string, starts map[string]bool) {
	if len(starts) == 0 {
		return
	}
	all := make([]string, 0, len(starts))
	for s := range starts {
		all = append(all, s)
	}
	slices.Sort(all)
	at, err := time.Parse(time.DateOnly, all[0])
	if err != nil {
		return
	}
	var rows []string
	for ; len(rows) < mostStretched; at = next(dimension, at) {
		start := at.Format(time.DateOnly)
		rows = append(rows, valueText(dimension, start))
		if p.Type == insight.Number && p.Kind == lineChart && !starts[start] {
			for i, part := range p.Parts {
				p.Dots = append(p.Dots, dot{Row: rows[len(rows)-1], Part: part, Nth: i, Says: "0", Tip: rows[len(rows)-1] + " · " + part + " · 0"})
			}
		}
		if start >= all[len(all)-1] {
			break
		}
	}
	p.Rows = rows
	slices.SortStableFunc(p.Dots, func(a, b dot) int { return slices.Index(rows, a.Row) - slices.Index(rows, b.Row) })
}

// trim leaves out what nobody could read, and says so.
func (p *picture) trim(undated int) {
	var notes []string
	bars := mostBars
	if p.Kind == barChart && len(p.Parts) > 1 {
		bars = max(mostBars/3, 2*mostBars/len(p.Parts))
	}
	switch n := len(p.Rows); {
	case p.Upright && n > mostSpans:
		p.Rows = p.Rows[n-mostSpans:]
		notes = append(notes, "the picture shows the last "+components.Num(mostSpans)+" of "+components.Num(n)+" rows")
	case !p.Upright && n > bars:
		p.Rows = p.Rows[:bars]
		notes = append(notes, "the picture shows the first "+components.Num(bars)+" of "+components.Num(n)+" rows")
	}
	if n := len(p.Parts); n > mostParts {
		p.Parts = p.Parts[:mostParts]
		notes = append(notes, "it shows the first "+components.Num(mostParts)+" of "+components.Num(n)+" colours")
	}
	if undated > 0 {
		notes = append(notes, "the row without a date is in the table alone")
	}
	p.Dots = slices.DeleteFunc(p.Dots, func(d dot) bool { return !slices.Contains(p.Rows, d.Row) || !slices.Contains(p.Parts, d.Part) })
	if len(notes) > 0 {
		p.Note = capital(enumerate(notes)) + "."
	}
}

// overlapping are the dimensions in several of whose rows one contact may stand.
var overlapping = []string{"label", "bulk_invite", "variant", "invite_state"}

// ends writes what a row comes to at the end of its bar: as the answer counts it where it
// does, and as the sum of its parts where no contact can stand in two of them.
func (p *picture) ends(v exploreView, measure string, rowsOf []int, partAt int) {
	parted := v.Pivot
	if partAt >= 0 {
		parted = v.Dimensions[partAt]
	}
	if slices.Contains(overlapping, parted) {
		p.Note = strings.TrimSpace(p.Note + " A contact may stand in several colours of a bar, which is then longer than its contacts are many.")
		return
	}
	if at := v.column(measure); v.Pivot != "" && at >= 0 {
		for r := range v.Answer.Rows {
			d, ok := v.dot(r, at)
			if d.Row = v.rowName(r, rowsOf); ok && slices.Contains(p.Rows, d.Row) {
				p.Over = append(p.Over, d)
			}
		}
		return
	}
	for _, row := range p.Rows {
		end := dot{Row: row}
		for _, d := range p.Dots {
			if d.Row == row {
				end.N += d.N
			}
		}
		end.Says = components.Num(int(end.N))
		p.Over = append(p.Over, end)
	}
}
