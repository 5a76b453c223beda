package insight

import (
	"slices"
	"time"

	"beckon/internal/contact"
)

// add adds a row with the filters that lead to its contacts.
func (a *Answer) add(row []any, drill contact.Filter, leads []contact.Filter) {
	a.Rows, a.Drills, a.CellDrills = append(a.Rows, row), append(a.Drills, drill), append(a.CellDrills, leads)
}

// row writes a group out: its values, the filter of its contacts, and those of its numbers.
// With a pivot cells are the group's parts; the total has no values.
func (r *result) row(g *group, cells []*group, values []key) (row []any, drill contact.Filter, leads []contact.Filter) {
	drill = r.filter
	for i := range r.across {
		if len(g.keys) == 0 {
			row = append(row, nil)
			continue
		}
		row = append(row, r.value(i, g.keys[i]))
		drill = r.narrow(drill, i, g.keys[i])
	}
	leads = make([]contact.Filter, len(row))
	for _, v := range values {
		cell, f := g, drill
		if r.pivoted {
			f = r.narrow(drill, r.across, v)
			cell = r.nobody()
			if at := slices.IndexFunc(cells, func(c *group) bool { return c.keys[len(c.keys)-1] == v }); at >= 0 {
				cell = cells[at]
			}
		}
		for i, m := range r.measures {
			row = append(row, cell.said[i])
			leads = append(leads, m.lead(f, cell.said[i]))
		}
	}
	return row, drill, leads
}

// lead is the filter of the contacts that a number counts, zero for one that counts none.
func (m *measure) lead(f contact.Filter, n any) contact.Filter {
	whole, _ := n.(int64)
	switch {
	case whole == 0:
		return contact.Filter{}
	case m.narrow != nil:
		return m.narrow(f)
	}
	return f
}

// nobody is a group of no contacts.
func (r *result) nobody() *group {
	g := &group{counts: make([]int64, len(r.counts))}
	r.say(g)
	return g
}

// say computes what the measures say of a group.
func (k *question) say(g *group) {
	count := func(name string) int64 { return g.counts[slices.Index(k.counts, name)] }
	g.said = make([]any, len(k.measures))
	for i, m := range k.measures {
		switch {
		case m.Name == medianDays:
			g.said[i] = median(g.waits)
		case m.sql != "":
			g.said[i] = count(m.Name)
		case count(m.of[1]) > 0:
			g.said[i] = float64(count(m.of[0])) / float64(count(m.of[1]))
		}
	}
}

// median is the middle of some times in days, between the two middle ones of an even number;
// nil without any.
func median(ms []int64) any {
	n := len(ms)
	if n == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(ms))
	return float64(sorted[(n-1)/2]+sorted[n/2]) / 2 / float64((24 * time.Hour).Milliseconds())
}

// narrow is the filter of those of a filter's contacts that have a value in a dimension. Since
// they match the filter, a value takes the place of all that its word names.
func (r *result) narrow(f contact.Filter, dimension int, k key) contact.Filter {
	d := r.dims[dimension]
	value, _ := r.value(dimension, k).(string)
	switch {
	case d.kind == ofLabel && k.none:
		return f.With("label_any", "") // who has none of any
	case d.kind == ofLabel:
		return f.And("label", value)
	case d.kind == ofTime && k.none:
		return f.And("reached", "not_sent")
	case d.kind == ofTime:
		first := dayOf(k.number)
		return f.Between(d.date, first.Format(time.DateOnly), d.span.next(first).Format(time.DateOnly), r.zone)
	}
	return f.With(d.Name, value)
}
