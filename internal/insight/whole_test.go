package insight

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

// With a pivot, what each row comes to over all its values is what it comes to without one,
// and leads to the same contacts.
func TestWholeIsTheAnswerWithoutThePivot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.fill(rand.New(rand.NewPCG(7, 7)), 60)
		q := Query{Dimensions: []string{"company"}, Measures: []string{"contacts", "accepted", "acceptance_rate"}, Totals: true}
		plain, err := h.explores.Run(ctx, h.elm, q)
		if err != nil {
			t.Fatal(err)
		}
		q.Pivot, q.Whole = "label", true
		a, err := h.explores.Run(ctx, h.elm, q)
		if err != nil {
			t.Fatal(err)
		}
		from := len(a.Columns) - len(q.Measures)
		for i, c := range a.Columns {
			if i > 0 && c.Pivoted != (i < from) {
				t.Errorf("column %d is %+v", i, c)
			}
		}
		if !reflect.DeepEqual(a.Totals[from:], plain.Totals[1:]) || len(a.Rows) != len(plain.Rows) {
			t.Errorf("totals %v, want %v; %d rows, want %d", a.Totals[from:], plain.Totals[1:], len(a.Rows), len(plain.Rows))
		}
		for r, row := range a.Rows {
			if row[0] != plain.Rows[r][0] || !reflect.DeepEqual(row[from:], plain.Rows[r][1:]) {
				t.Errorf("row %v, want %v", row, plain.Rows[r])
			}
			for i := range q.Measures {
				if got, want := a.CellDrills[r][from+i].Query(), plain.CellDrills[r][1+i].Query(); got != want {
					t.Errorf("row %v leads to %s, want %s", row, got, want)
				}
			}
		}
	})
}
