package insights

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"beckon/internal/insight"
	"beckon/internal/web/components"
)

// stretch puts rows along time in the order of time, with the spans in between that nobody
// falls into, unless those are too many. Where nobody is counted a line comes down to 0.
func (p *picture) stretch(dimension string, starts map[string]bool) {
	all := slices.Sorted(maps.Keys(starts))
	if len(all) == 0 {
		return
	}
	at, err := time.Parse(time.DateOnly, all[0])
	if err != nil {
		return
	}
	spans := []string{all[0]}
	for last := all[len(all)-1]; spans[len(spans)-1] < last && len(spans) < mostStretched; {
		at = next(dimension, at)
		spans = append(spans, at.Format(time.DateOnly))
	}
	if len(spans) < mostStretched {
		all = spans
	}
	p.Rows = p.Rows[:0]
	for _, start := range all {
		p.Rows = append(p.Rows, valueText(dimension, start))
	}
	if p.Type == insight.Number && p.Kind == lineChart {
		p.ground()
	}
	places := map[string]int{}
	for i, row := range p.Rows {
		places[row] = i
	}
	slices.SortStableFunc(p.Dots, func(a, b dot) int { return cmp.Compare(places[a.Row], places[b.Row]) })
}

// ground adds a dot of 0 wherever a part has none.
func (p *picture) ground() {
	type place struct{ row, part string }
	has := make(map[place]bool, len(p.Dots))
	for _, d := range p.Dots {
		has[place{d.Row, d.Part}] = true
	}
	for _, row := range p.Rows {
		for i, part := range p.Parts {
			if !has[place{row, part}] {
				p.Dots = append(p.Dots, dot{Row: row, Part: part, Nth: i, Says: "0"})
			}
		}
	}
}

// trim leaves out rows that nobody could read any more, and says so.
func (p *picture) trim(undated bool) {
	bars := mostBars
	if p.Kind == barChart && len(p.Parts) > 1 {
		bars = max(mostBars/3, 2*mostBars/len(p.Parts))
	}
	switch n := len(p.Rows); {
	case p.Upright && n > mostSpans:
		p.Rows = p.Rows[n-mostSpans:]
		p.notes = append(p.notes, "the picture shows the last "+components.Num(mostSpans)+" of "+components.Num(n)+" rows")
	case !p.Upright && n > bars:
		p.Rows = p.Rows[:bars]
		p.notes = append(p.notes, "the picture shows the first "+components.Num(bars)+" of "+components.Num(n)+" rows")
	}
	if undated {
		p.notes = append(p.notes, "the row without a date is in the table alone")
	}
	p.Dots = slices.DeleteFunc(p.Dots, func(d dot) bool { return !slices.Contains(p.Rows, d.Row) })
}

// overlapping are the dimensions in several of whose rows one contact may stand.
var overlapping = []string{"label", "bulk_invite", "variant", "invite_state"}

// ends writes what a row comes to at the end of its bar: as the answer counts it where it
// does, and as the sum of its parts where no contact can stand in two of them.
func (p *picture) ends(v exploreView, measure string, l plan) {
	parted := v.Pivot
	if parted == "" {
		parted = v.Dimensions[l.partsOf[0]]
	}
	if slices.Contains(overlapping, parted) {
		p.notes = append(p.notes, "a contact may stand in several colours of a bar, which is then longer than its contacts are many")
		return
	}
	if at := v.column(measure); v.Pivot != "" && at >= 0 {
		for r := range v.Answer.Rows {
			d, ok := v.dot(r, at)
			if d.Row = v.rowName(r, l.rowsOf); ok && slices.Contains(p.Rows, d.Row) {
				p.Over = append(p.Over, d)
			}
		}
		return
	}
	for _, row := range p.Rows {
		p.Over = append(p.Over, dot{Row: row, N: p.sums[row], Says: components.Num(int(p.sums[row]))})
	}
}

// single takes the name of the only part away: the title says it.
func (p *picture) single() {
	if len(p.Parts) != 1 {
		return
	}
	p.Parts = nil
	for i, d := range p.Dots {
		p.Dots[i].Part = ""
		if d.Tip != "" {
			p.Dots[i].Tip = join(d.Row, d.Says)
		}
	}
}
