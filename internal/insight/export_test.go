package insight

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"beckon/internal/db/dbtest"
)

// A pivot of nobody has no columns; it can be asked and written all the same.
func TestNobodyPivoted(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	a, err := h.explores.Run(ctx, h.elm, Query{Pivot: "label", Measures: []string{"contacts"}, Totals: true})
	if err != nil || len(a.Columns) != 0 || len(a.Rows) != 1 || a.Totals == nil {
		t.Fatalf("%+v, %v", a, err)
	}
	var file bytes.Buffer
	if err := h.explores.CSV(&file, a); err != nil {
		t.Error(err)
	}
	file.Reset()
	if err := h.explores.XLSX(&file, a); err != nil {
		t.Error(err)
	}
}

// Numbers, rates and dates are in a workbook what they are, not texts.
func TestWorkbookHoldsNumbers(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	a := Answer{
		Columns: []Column{{Label: "Label", Type: Text}, {Label: "Added, day", Type: Date}, {Label: "Contacts", Type: Number, Measure: "contacts"}, {Label: "Days", Type: Days, Measure: "median_days_to_accept"}},
		Rows:    [][]any{{"=2+2", "2026-11-23", int64(12), 1.5}, {nil, nil, int64(0), nil}},
	}
	var file bytes.Buffer
	if err := h.explores.XLSX(&file, a); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]string{"A2": "=2+2", "B2": "46349", "C2": "12", "D2": "1.5", "A3": "", "D3": ""} {
		got, err := book.GetCellValue("Contacts", cell, excelize.Options{RawCellValue: true})
		kind, _ := book.GetCellType("Contacts", cell)
		if err != nil || got != want || (cell == "C2" || cell == "B2") && kind == excelize.CellTypeInlineString {
			t.Errorf("%s is %q of type %v, want %q, %v", cell, got, kind, want, err)
		}
	}
	if formula, _ := book.GetCellFormula("Contacts", "A2"); formula != "" {
		t.Errorf("a text became the formula %s", formula)
	}
}
