package insight

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"beckon/internal/contact"
)

// Text is a value of the column as people read it: the name for an id, and "" for blank.
func (c Column) Text(value any) string {
	switch v := value.(type) {
	case string:
		if name, ok := c.Texts[v]; ok {
			return name
		}
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// Leads is the filter of the contacts that a number of the answer counts; false for what
// counts no contacts, such as companies, and for a count of none.
func (a Answer) Leads(row, column int) (contact.Filter, bool) {
	return a.CellDrills[row][column], a.leads(a.Rows[row], column)
}

// TotalLeads is Leads for the totals.
func (a Answer) TotalLeads(column int) (contact.Filter, bool) {
	if a.Totals == nil {
		return contact.Filter{}, false
	}
	return a.TotalDrills[column], a.leads(a.Totals, column)
}

func (a Answer) leads(values []any, column int) bool {
	m := findMeasure(a.Columns[column].Measure)
	return m != nil && m.leads(values[column])
}

// CSV writes the answer with its totals, under the labels of the columns, in UTF-8 with the
// mark without which spreadsheets take it for something else. Ids are written as people
// read them; a text that a spreadsheet would run as a formula begins with an apostrophe.
func (e *Explores) CSV(w io.Writer, a Answer) error {
	out := csv.NewWriter(w)
	cells := make([]string, len(a.Columns))
	for i, c := range a.Columns {
		cells[i] = guard(c.Label)
	}
	if len(cells) > 0 {
		cells[0] = "\ufeff" + cells[0]
	}
	out.Write(cells) //nolint:errcheck // Error answers the first one
	for _, row := range a.Rows {
		for i, c := range a.Columns {
			cells[i] = c.Text(row[i])
			if c.Measure == "" {
				cells[i] = guard(cells[i])
			}
		}
		out.Write(cells) //nolint:errcheck // as above
	}
	if a.Totals != nil {
		for i, c := range a.Columns {
			cells[i] = c.Text(a.Totals[i])
		}
		if a.namesTotals() {
			cells[0] = totalText
		}
		out.Write(cells) //nolint:errcheck // as above
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write an explore as CSV: %w", err)
	}
	return nil
}

const totalText = "Total (each contact once)"

// namesTotals tells whether the first column has room for what the totals are called. A pivot
// of nobody has no columns at all.
func (a Answer) namesTotals() bool { return len(a.Columns) > 0 && a.Columns[0].Measure == "" }

// guard keeps spreadsheets from running a text as a formula.
func guard(s string) string {
	if s != "" {
		switch s[0] {
		case '=', '+', '-', '@', '\t', '\r':
			return "'" + s
		}
	}
	return s
}

// XLSX writes the answer with its totals as a workbook of one sheet, numbers and dates as
// what they are. Memory does not grow with the rows.
func (e *Explores) XLSX(w io.Writer, a Answer) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write an explore as XLSX: %w", err)
		}
	}()
	book := excelize.NewFile()
	defer book.Close()
	styles, err := newStyles(book)
	if err != nil {
		return err
	}
	const sheet = "Contacts"
	if err := book.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	out, err := book.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for i, c := range a.Columns {
		if err := out.SetColWidth(i+1, i+1, width(c)); err != nil {
			return err
		}
	}
	head := make([]any, len(a.Columns))
	for i, c := range a.Columns {
		head[i] = excelize.Cell{Value: c.Label, StyleID: styles.head}
	}
	if err := out.SetRow("A1", head); err != nil {
		return err
	}
	rows := a.Rows
	if a.Totals != nil {
		rows = append(rows[:len(rows):len(rows)], a.Totals)
	}
	for n, row := range rows {
		cells := make([]any, len(row))
		for i, c := range a.Columns {
			cells[i] = styles.cell(c, row[i])
		}
		if n == len(a.Rows) && a.namesTotals() {
			cells[0] = excelize.Cell{Value: totalText, StyleID: styles.head}
		}
		if err := out.SetRow("A"+strconv.Itoa(n+2), cells); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return book.Write(w)
}

// styles are how cells are written.
type styles struct{ head, date, rate, days int }

func newStyles(book *excelize.File) (s styles, err error) {
	iso := "yyyy-mm-dd"
	for _, one := range []struct {
		to    *int
		style excelize.Style
	}{
		{&s.head, excelize.Style{Font: &excelize.Font{Bold: true}}},
		{&s.date, excelize.Style{CustomNumFmt: &iso}},
		{&s.rate, excelize.Style{NumFmt: 10}}, // 0.00%
		{&s.days, excelize.Style{NumFmt: 2}},  // 0.00
	} {
		if *one.to, err = book.NewStyle(&one.style); err != nil {
			return s, err
		}
	}
	return s, nil
}

// cell is a value as a spreadsheet holds it.
func (s styles) cell(c Column, value any) any {
	text, isText := value.(string)
	switch {
	case value == nil:
		return nil
	case isText && c.Type == Date:
		if day, err := time.Parse(time.DateOnly, text); err == nil {
			return excelize.Cell{Value: day, StyleID: s.date}
		}
	case isText:
		return c.Text(value)
	case c.Type == Rate:
		return excelize.Cell{Value: value, StyleID: s.rate}
	case c.Type == Days:
		return excelize.Cell{Value: value, StyleID: s.days}
	}
	return value
}

// width is how wide a column is, in characters.
func width(c Column) float64 {
	least := 12
	if c.Measure == "" && c.Type == Text {
		least = 30
	}
	return float64(min(60, max(least, utf8.RuneCountInString(c.Label)+2)))
}
