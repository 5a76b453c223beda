package insights

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"beckon/internal/contact"
	"beckon/internal/fault"
	"beckon/internal/insight"
	"beckon/internal/web/components"
)

// state is one explore as the page's address tells it: the words of a filter, and dim, measure
// and sort (each repeatable, in order), pivot, limit and chart.
type state struct {
	insight.Query
	// Chart is the picture that somebody chose, "" for the one that fits.
	Chart string
	// words are the filter as it was written, which Filter may not be able to hold.
	words url.Values
	// limit is the limit as it was written.
	limit string
}

// stateNames are the parameters that are not about the filter.
var stateNames = []string{"dim", "measure", "sort", "pivot", "limit", "chart"}

// readState reads an address. Whatever is wrong with it, the state holds all that was
// written; the error is then fault.Fields, with the parameters as paths.
func readState(query url.Values, zone *time.Location) (s state, err error) {
	var faults fault.Fields
	s.words = url.Values{}
	for name, values := range query {
		if !slices.Contains(stateNames, name) {
			s.words[name] = values
		}
	}
	s.words["q"] = slices.DeleteFunc(slices.Clone(s.words["q"]), func(q string) bool { return strings.TrimSpace(q) == "" })
	if len(s.words["q"]) == 0 {
		delete(s.words, "q")
	}
	f, err := contact.ParseFilter(s.words, zone)
	if err == nil {
		s.Filter, s.words = f, f.Values()
	} else if wrong := (fault.Fields)(nil); asFields(err, &wrong) {
		faults = append(faults, wrong...)
	} else {
		return s, err
	}
	s.Pivot = query.Get("pivot")
	s.Dimensions = slices.DeleteFunc(distinct(query["dim"]), func(name string) bool { return name == s.Pivot })
	s.Measures = distinct(query["measure"])
	for _, name := range query["sort"] {
		if field, desc := strings.CutPrefix(name, "-"); field != "" {
			s.Sorts = append(s.Sorts, insight.Sort{Field: field, Desc: desc})
		}
	}
	if s.limit = query.Get("limit"); s.limit != "" {
		if s.Limit, err = strconv.Atoi(s.limit); err != nil || s.Limit < 1 || s.Limit > insight.MaxLimit {
			s.Limit = 0
			faults = append(faults, fault.Field{Path: "limit", Message: "is not a number from 1 to " + components.Num(insight.MaxLimit)})
		}
	}
	if s.Chart = query.Get("chart"); s.Chart != "" && !slices.Contains(charts, s.Chart) {
		faults = append(faults, fault.Field{Path: "chart", Message: "is not one of " + strings.Join(charts, ", ")})
	}
	if len(faults) > 0 {
		return s, faults
	}
	return s, nil
}

// savedState reads a saved query as far as it can be read.
func savedState(query string, zone *time.Location) state {
	values, err := url.ParseQuery(query)
	if err != nil {
		return state{words: url.Values{}}
	}
	s, _ := readState(values, zone)
	return s
}

func distinct(names []string) (once []string) {
	for _, name := range names {
		if name != "" && !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	return once
}

// picked reads the form in which fields are ticked. The order of those picked before is
// sent along, and new ones come after them; a pivot that is no longer ticked goes.
func picked(form url.Values) url.Values {
	query := url.Values{}
	for name, values := range form {
		if name != "order" && name != "dim" && len(values) > 0 {
			query[name] = values
		}
	}
	if !slices.Contains(form["dim"], form.Get("pivot")) {
		delete(query, "pivot")
	}
	for _, name := range distinct(slices.Concat(form["order"], form["dim"])) {
		if slices.Contains(form["dim"], name) {
			query.Add("dim", name)
		}
	}
	return query
}

// blank tells that no field is picked yet.
func (s state) blank() bool { return len(s.Dimensions)+len(s.Measures) == 0 && s.Pivot == "" }

// query is what the explore is asked: with a measure, since rows without any say nothing,
// and with totals. What begins with time is in its order unless somebody chose another, the
// latest first, so that a limit leaves out what is longest ago.
func (s state) query() insight.Query {
	q := s.Query
	q.Measures = s.measures()
	q.Totals = true
	// Fields that were taken away since do not sort any more.
	q.Sorts = slices.DeleteFunc(slices.Clone(q.Sorts), func(o insight.Sort) bool {
		return known(o.Field) && o.Field != q.Pivot && !slices.Contains(q.Dimensions, o.Field) && !slices.Contains(q.Measures, o.Field)
	})
	if len(q.Sorts) == 0 && len(q.Dimensions) > 0 && isDate(q.Dimensions[0]) {
		q.Sorts = []insight.Sort{{Field: q.Dimensions[0], Desc: true}}
	}
	return q
}

func (s state) measures() []string {
	if len(s.Measures) == 0 {
		return []string{"contacts"}
	}
	return s.Measures
}

// values are the state as an address, in one order whatever order it was asked in; what
// holds anyway is left out.
func (s state) values() url.Values {
	query := url.Values{}
	for name, values := range s.words {
		query[name] = values
	}
	set := func(name string, values ...string) {
		if values = slices.DeleteFunc(values, func(v string) bool { return v == "" }); len(values) > 0 {
			query[name] = values
		}
	}
	set("dim", slices.Clone(s.Dimensions)...)
	set("measure", slices.Clone(s.Measures)...)
	set("pivot", s.Pivot)
	set("chart", s.Chart)
	if s.limit != strconv.Itoa(insight.DefaultLimit) {
		set("limit", s.limit)
	}
	var sorts []string
	for _, o := range s.Sorts {
		sorts = append(sorts, sortName(o.Field, o.Desc))
	}
	set("sort", sorts...)
	return query
}

func sortName(field string, desc bool) string {
	if desc {
		return "-" + field
	}
	return field
}

// beside are the parameters that are not about the filter.
func (s state) beside() url.Values {
	query := s.values()
	for name := range s.words {
		delete(query, name)
	}
	return query
}

// sorted is the state with rows in the order of one field, turned around where it is the
// first already; counts begin with the largest.
func (s state) sorted(name string) state {
	desc := isMeasure(name)
	if by := s.order(); by.Field == name {
		desc = !by.Desc
	}
	s.Sorts = []insight.Sort{{Field: name, Desc: desc}}
	return s
}

// order is what the rows are sorted by first; without a sort that is time or the first measure.
func (s state) order() insight.Sort {
	if sorts := s.query().Sorts; len(sorts) > 0 {
		return sorts[0]
	}
	return insight.Sort{Field: s.measures()[0], Desc: true}
}

// earlier is the state with one dimension moved before the one that precedes it.
func (s state) earlier(name string) state {
	dims := slices.Clone(s.Dimensions)
	if i := slices.Index(dims, name); i > 0 {
		dims[i-1], dims[i] = dims[i], dims[i-1]
	}
	s.Dimensions = dims
	return s
}

// without is the state without a dimension, which may be the pivot.
func (s state) without(name string) state {
	s.Dimensions = slices.DeleteFunc(slices.Clone(s.Dimensions), func(d string) bool { return d == name })
	if s.Pivot == name {
		s.Pivot = ""
	}
	return s
}

// pivoted is the state with the values of a dimension as columns; what was the pivot makes
// rows again.
func (s state) pivoted(name string) state {
	before := s.Pivot
	s = s.without(name)
	if s.Pivot = name; before != "" && before != name {
		s.Dimensions = append(s.Dimensions, before)
	}
	return s
}

// unpivoted is the state with the pivot among the rows, behind the others.
func (s state) unpivoted() state {
	s.Dimensions, s.Pivot = append(slices.Clone(s.Dimensions), s.Pivot), ""
	return s
}

func (s state) drawn(chart string) state {
	s.Chart = chart
	return s
}

// unfiltered is the state of all contacts.
func (s state) unfiltered() state {
	s.Filter, s.words = contact.Filter{}, url.Values{}
	return s
}
