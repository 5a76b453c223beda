package insight

import (
	"context"
	"slices"
	"strings"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// Run answers a query in one state of the database. What it cannot accept is fault.Fields:
// dimensions, measures, sorts, pivot and limit. Rows and totals count distinct contacts.
func (e *Explores) Run(ctx context.Context, s institution.Scope, q Query) (a Answer, err error) {
	if err := s.Require(institution.Read); err != nil {
		return Answer{}, err
	}
	k, err := check(q)
	if err != nil {
		return Answer{}, err
	}
	asOf := e.Now()
	err = e.DB.Read(ctx, func(tx *db.Tx) error {
		i, err := institution.Load(ctx, tx, s.ID())
		if err != nil {
			return err
		}
		k.zone = i.Location()
		k.contacts, err = e.Book.Query(ctx, tx, s, contact.Selection{Filter: q.Filter})
		if err != nil {
			return err
		}
		t, err := k.ask(ctx, tx)
		if err != nil {
			return err
		}
		r := &result{question: k, tally: t}
		if err := r.readNames(ctx, tx, s.ID()); err != nil {
			return err
		}
		a = r.answer()
		return nil
	})
	a.AsOf = asOf
	return a, err
}

// mostFields is more than there are of any kind: what names more is not looked through.
const mostFields = 100

// check finds the fields that a query names, and what is wrong with it.
func check(q Query) (*question, error) {
	k := &question{filter: q.Filter, limit: q.Limit, wantTotals: q.Totals}
	if max(len(q.Dimensions), len(q.Measures), len(q.Sorts)) > mostFields {
		return nil, fault.Invalid("dimensions", "names too many fields, or measures or sorts do; %d of each are more than there are", mostFields)
	}
	var faults fault.Fields
	wrong := func(path, message string) { faults = append(faults, fault.Field{Path: path, Message: message}) }
	for _, name := range q.Dimensions {
		if d := findDimension(name); d == nil {
			wrong("dimensions", unknown(name, Dimensions()))
		} else {
			k.dims = append(k.dims, d)
		}
	}
	for _, name := range q.Measures {
		if m := findMeasure(name); m == nil {
			wrong("measures", unknown(name, Measures()))
		} else {
			k.measures = append(k.measures, m)
		}
	}
	if name := repeated(q.Dimensions); name != "" {
		wrong("dimensions", quoted(name)+" stands twice; keep one")
	}
	if name := repeated(q.Measures); name != "" {
		wrong("measures", quoted(name)+" stands twice; keep one")
	}
	if len(q.Dimensions)+len(q.Measures) == 0 && q.Pivot == "" {
		wrong("measures", "is missing; choose at least one dimension or measure")
	}
	k.checkPivot(q, wrong)
	k.checkSorts(q, wrong)
	if k.limit == 0 {
		k.limit = DefaultLimit
	}
	if k.limit < 1 || k.limit > MaxLimit {
		wrong("limit", "is out of range; write a number from 1 to 10000")
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return k, nil
}

// checkPivot takes the pivot out of the rows and puts it behind the other dimensions.
func (k *question) checkPivot(q Query, wrong func(path, message string)) {
	k.across = len(k.dims)
	if q.Pivot == "" {
		return
	}
	pivot := findDimension(q.Pivot)
	if pivot == nil {
		wrong("pivot", unknown(q.Pivot, Dimensions()))
		return
	}
	if len(q.Measures) == 0 {
		wrong("measures", "is missing; a pivot needs a measure to show")
	}
	k.dims = append(slices.DeleteFunc(k.dims, func(d *dimension) bool { return d == pivot }), pivot)
	k.pivoted, k.whole, k.across = true, q.Whole, len(k.dims)-1
}

func (k *question) checkSorts(q Query, wrong func(path, message string)) {
	var names []string
	for _, s := range q.Sorts {
		names = append(names, s.Field)
		at := slices.IndexFunc(k.dims, func(d *dimension) bool { return d.Name == s.Field })
		if at >= 0 {
			k.sorts = append(k.sorts, sort{dimension: at, measure: -1, down: s.Desc})
			continue
		}
		at = slices.IndexFunc(k.measures, func(m *measure) bool { return m.Name == s.Field })
		if at < 0 {
			wrong("sorts", quoted(s.Field)+" is no field of this query; sort by one of its dimensions or measures")
		}
		k.sorts = append(k.sorts, sort{dimension: -1, measure: at, down: s.Desc})
	}
	if name := repeated(names); name != "" {
		wrong("sorts", quoted(name)+" stands twice; keep one")
	}
	if len(q.Sorts) == 0 && len(k.measures) > 0 {
		k.sorts = []sort{{dimension: -1, measure: 0, down: true}}
	}
}

func quoted(name string) string { return `"` + strings.ToValidUTF8(name, "\ufffd") + `"` }

func unknown(name string, known []Field) string {
	names := make([]string, len(known))
	for i, f := range known {
		names[i] = f.Name
	}
	return quoted(name) + " is unknown; choose from " + strings.Join(names, ", ")
}

// repeated is the first name that stands twice, "" if none does.
func repeated(names []string) string {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return name
		}
	}
	return ""
}
