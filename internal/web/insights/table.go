package insights

import (
	"slices"
	"strconv"

	"beckon/internal/contact"
	"beckon/internal/insight"
	"beckon/internal/web/components"
)

// table is an answer as the page shows it.
type table struct {
	// Heads are one row of heads, or two with a pivot.
	Heads  [][]head
	Rows   [][]cell
	Totals []cell
}

// head is the head of a column, or of several beside each other (Span), over one or both
// rows of heads (Deep).
type head struct {
	components.Column
	Span, Deep int
}

func (h head) span() string { return strconv.Itoa(h.Span) }

// cell is one value; URL leads to the contacts that a number counts.
type cell struct {
	Text, URL, Class string
}

// inSteps puts the columns of a pivot whose values are steps in the order of the steps,
// between the dimensions and what a row comes to over all of them.
func inSteps(a insight.Answer, pivot string) insight.Answer {
	steps := contact.FilterChoices(pivot)
	order := make([]int, len(a.Columns))
	for i := range order {
		order[i] = i
	}
	place := func(i int) int {
		c := a.Columns[i]
		switch at := slices.Index(steps, c.PivotValue); {
		case c.Measure == "":
			return -1
		case !c.Pivoted:
			return len(steps) + 1
		case at < 0:
			return len(steps)
		default:
			return at
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return place(i) - place(j) })
	a.Columns, a.Totals, a.TotalDrills = ordered(a.Columns, order), ordered(a.Totals, order), ordered(a.TotalDrills, order)
	for r := range a.Rows {
		a.Rows[r], a.CellDrills[r] = ordered(a.Rows[r], order), ordered(a.CellDrills[r], order)
	}
	return a
}

func ordered[T any](all []T, order []int) []T {
	out := make([]T, len(order))
	for i, at := range order {
		out[i] = all[at]
	}
	return out
}

// table puts the answer into rows of cells.
func (v exploreView) table() table {
	a := v.Answer
	t := table{Heads: v.heads()}
	for r, row := range a.Rows {
		cells := make([]cell, 0, len(row)+1)
		if len(v.Dimensions) == 0 {
			cells = append(cells, cell{Text: "All contacts"})
		}
		for c, value := range row {
			one := v.cell(c, value)
			one.URL = v.leads(r, c)
			cells = append(cells, one)
		}
		t.Rows = append(t.Rows, cells)
	}
	if len(v.Dimensions) > 0 && a.Totals != nil {
		t.Totals = v.totals()
	}
	return t
}

// totals is the last row; its first cell says what it is.
func (v exploreView) totals() (cells []cell) {
	for c, value := range v.Answer.Totals {
		one := v.cell(c, value)
		switch f, ok := v.Answer.TotalLeads(c); {
		case c == 0:
			one.Text = "All, each once"
		case v.Answer.Columns[c].Measure == "":
			one.Text = ""
		case ok:
			one.URL = v.contactsURL(f)
		}
		cells = append(cells, one)
	}
	return cells
}

// leads is where the contacts are that a number counts, "" for a number of something else.
func (v exploreView) leads(row, column int) string {
	if f, ok := v.Answer.Leads(row, column); ok {
		return v.contactsURL(f)
	}
	return ""
}

func (v exploreView) cell(c int, value any) cell {
	column := v.Answer.Columns[c]
	if column.Measure == "" {
		return cell{Text: dimensionText(column, value)}
	}
	return cell{Text: numberText(column.Type, value), Class: v.numberClass(column)}
}

// numberClass sets what a row comes to apart from the values of the pivot.
func (v exploreView) numberClass(c insight.Column) string {
	if v.Pivot != "" && !c.Pivoted {
		return "right num all"
	}
	return "right num"
}

// dimensionText is a value of a dimension's column; ids come with their texts.
func dimensionText(c insight.Column, value any) string {
	text, _ := value.(string)
	if shown, ok := c.Texts[text]; ok && text != "" {
		return shown
	}
	return valueText(c.Name, text)
}

// heads are the heads of the columns. With a pivot its values stand above the measures, or
// the measure above the values where there is but one.
func (v exploreView) heads() [][]head {
	deep := 1
	if v.Pivot != "" {
		deep = 2
	}
	var above, below []head
	if len(v.Dimensions) == 0 {
		above = append(above, head{Column: components.Column{Name: "Contacts", Hidden: true}, Span: 1, Deep: deep})
	}
	for i, c := range v.Answer.Columns {
		switch {
		case !c.Pivoted:
			above = append(above, head{Column: v.sortable(c), Span: 1, Deep: deep})
			continue
		case i > 0 && v.sameGroup(v.Answer.Columns[i-1], c):
			above[len(above)-1].Span++
		default:
			above = append(above, head{Column: components.Column{Name: v.groupName(c), Class: "over"}, Span: 1, Deep: 1})
		}
		name := label(c.Measure)
		if len(v.measures()) == 1 {
			name = v.pivotText(c)
		}
		below = append(below, head{Column: components.Column{Name: name, Class: "right"}, Span: 1, Deep: 1})
	}
	if below == nil {
		return [][]head{above}
	}
	return [][]head{above, below}
}

func (v exploreView) sameGroup(a, b insight.Column) bool {
	return a.Pivoted && (len(v.measures()) == 1 || a.PivotValue == b.PivotValue)
}

func (v exploreView) groupName(c insight.Column) string {
	if len(v.measures()) == 1 {
		return label(c.Measure) + ", by " + inText(v.Pivot)
	}
	return v.pivotText(c)
}

// pivotText is the value of the pivot that a column is about.
func (v exploreView) pivotText(c insight.Column) string {
	if shown, ok := c.Texts[c.PivotValue]; ok && c.PivotValue != "" {
		return shown
	}
	return valueText(v.Pivot, c.PivotValue)
}

// sortable is the head of a column that the rows can be sorted by.
func (v exploreView) sortable(c insight.Column) components.Column {
	name, head := c.Name, components.Column{Name: label(c.Name)}
	if c.Measure != "" {
		name, head = c.Measure, components.Column{Name: label(c.Measure), Class: "right"}
		if v.Pivot != "" {
			head.Class = "right all"
		}
	}
	head.Sort = v.address(v.sorted(name))
	if by := v.order(); by.Field == name {
		head.Order = "ascending"
		if by.Desc {
			head.Order = "descending"
		}
	}
	return head
}
