// Package insight is the Contacts explore: dimensions by measures over a filtered set of
// contacts. One model (model.go) says what each field means and the SQL that it stands on;
// page, API and downloads read it. ask.go reads the contacts, tally.go counts them, answer.go
// puts rows in order, and drill.go turns every number into the filter of the contacts behind
// it.
package insight

import (
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
)

// Types of fields and columns.
const (
	Text   = "text"
	YesNo  = "boolean" // "yes" or "no" in answers and files; the API says true or false
	Date   = "date"    // the first day of a span, as 2026-11-01
	Number = "number"  // a count, whole
	Rate   = "rate"    // from 0 to 1, or null
	Days   = "days"    // with a fraction, or null
)

// Field is a dimension or a measure as people choose it.
type Field struct {
	Name, Label, Type, Description string
	// Group is the heading that it stands under where people choose.
	Group string
}

// Limits of a query.
const (
	DefaultLimit = 500
	MaxLimit     = 10_000
)

// Explores holds the use cases. It is safe for concurrent use.
type Explores struct {
	DB   *db.DB
	Now  func() time.Time
	Book *contact.Book
}

// Sort puts rows in the order of a field of the query.
type Sort struct {
	Field string
	Desc  bool
}

// Query is one question to the explore.
type Query struct {
	// Dimensions and Measures are names of the model, each at most once.
	Dimensions, Measures []string
	Filter               contact.Filter
	// Sorts name fields of the query. Without any: by the first measure, down. Ties, and
	// rows without a measure, go by the dimensions in their order.
	Sorts []Sort
	// Pivot is a dimension whose values become columns, "" for none. It may stand among
	// Dimensions or not.
	Pivot string
	// Whole asks, with a pivot, for what each measure comes to over all its values, too: in
	// columns behind theirs that are not Pivoted.
	Whole bool
	// Limit is how many rows to answer, 1 to MaxLimit; 0 means DefaultLimit.
	Limit int
	// Totals asks for the totals of all rows, those beyond the limit too.
	Totals bool
}

// Column is one column of an answer: dimensions first, then measures; with a pivot, every
// measure for every value of it.
type Column struct {
	Name, Label, Type string
	// Measure is the name of the measure, "" for a dimension.
	Measure string
	// Pivoted says that the column is about one value of the pivot: PivotValue, "" for blank.
	Pivoted    bool
	PivotValue string
	// Texts says how values that are ids are shown to people; nil where a value is shown as
	// it is.
	Texts map[string]string
}

// Answer is what a query comes to.
type Answer struct {
	Columns []Column
	// Rows hold one value a column: string, int64, float64, or nil for blank.
	Rows [][]any
	// Drills are the filters of the contacts of each row.
	Drills []contact.Filter
	// CellDrills are the filters of the contacts that each number counts, aligned with Rows;
	// see Leads for which of them mean something.
	CellDrills [][]contact.Filter
	// Totals has one value a column, nil for dimensions; nil unless asked for. It counts
	// every contact once. TotalDrills is aligned with it.
	Totals      []any
	TotalDrills []contact.Filter
	// Overlaps says that some contact stands in more than one row, so that the rows add up
	// to more than the totals.
	Overlaps bool
	// Truncated says that there are more rows, or more values of the pivot, than shown.
	Truncated bool
	AsOf      time.Time
}

// Saved is an explore that somebody saved.
type Saved struct {
	ID    int64
	Name  string
	Query string // of the page's address
	// Shared says that all staff see it, Mine that the person asking saved it.
	Shared, Mine bool
	// By is who saved it.
	By        string
	CreatedAt time.Time
}

// Starter is an explore to begin with.
type Starter struct {
	Name, Description string
	Query             string // of the page's address
}
