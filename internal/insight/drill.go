package insight

import (
	"time"

	"beckon/internal/contact"
)

// write adds a row to the answer: its values and numbers, the filter of its contacts, and
// those of its numbers.
func (r *result) write(a *Answer, row int, pivot []int) {
	g := r.rows.groups[row]
	drill := r.filter
	cells := make([]any, 0, len(a.Columns)) // a pivot of nobody has none
	for i, v := range g.values {
		cells = append(cells, r.value(i, v))
		drill = r.narrow(drill, i, v)
	}
	leads := make([]contact.Filter, len(cells))
	for _, v := range pivot {
		cells, leads = r.numbers(cells, leads, r.cell(row, v), r.narrow(drill, r.across, v))
	}
	if !r.pivoted || r.whole {
		cells, leads = r.numbers(cells, leads, g, drill)
	}
	a.Rows, a.Drills, a.CellDrills = append(a.Rows, cells), append(a.Drills, drill), append(a.CellDrills, leads)
}

// writeTotals adds the totals to the answer.
func (r *result) writeTotals(a *Answer, pivot []int) {
	a.Totals, a.TotalDrills = make([]any, r.across), make([]contact.Filter, r.across)
	for _, v := range pivot {
		a.Totals, a.TotalDrills = r.numbers(a.Totals, a.TotalDrills, r.byValue.groups[v], r.narrow(r.filter, r.across, v))
	}
	if !r.pivoted || r.whole {
		a.Totals, a.TotalDrills = r.numbers(a.Totals, a.TotalDrills, r.total.groups[0], r.filter)
	}
}

// numbers adds what the measures say of a group, nil for nobody, and the filters of the
// contacts counted, from that of the group.
func (r *result) numbers(cells []any, leads []contact.Filter, g *group, f contact.Filter) ([]any, []contact.Filter) {
	if g == nil {
		g = &group{}
		r.say(g)
	}
	for i, m := range r.measures {
		cells, leads = append(cells, g.said[i]), append(leads, m.lead(f, g.said[i]))
	}
	return cells, leads
}

// leads tells whether a number of the measure counts contacts, and any.
func (m *measure) leads(n any) bool { return m.narrow != nil && number(n) > 0 }

// lead is the filter of the contacts that a number counts, zero for one that counts none.
func (m *measure) lead(f contact.Filter, n any) contact.Filter {
	if !m.leads(n) {
		return contact.Filter{}
	}
	return m.narrow(f)
}

// narrow is the filter of those of a filter's contacts that have a value in a dimension. Since
// they match the filter, the value takes the place of all that its word names.
func (r *result) narrow(f contact.Filter, dimension, value int) contact.Filter {
	d, k := r.dims[dimension], r.values[dimension].all[value]
	name := text(r.value(dimension, value))
	switch {
	case d.kind == ofLabel && k.none:
		return f.With("label_any", "") // who has none of any
	case d.kind == ofLabel:
		return f.And("label", name)
	case d.kind == ofTime && k.none:
		return f.And("reached", "not_sent")
	case d.kind == ofTime:
		first := dayOf(k.number)
		return f.Between(d.date, first.Format(time.DateOnly), d.span.next(first).Format(time.DateOnly), r.zone)
	}
	return f.With(d.Name, name)
}
