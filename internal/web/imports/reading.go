package imports

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"beckon/internal/contact/transfer"
	"beckon/internal/fault"
	"beckon/internal/web/components"
)

// reading is how a person says a file is to be read, and which labels its contacts get.
type reading struct {
	transfer.Format
	// Label holds names with semicolons between, as the column labels of a file does.
	Label string
}

// readReading reads the form of a check page.
func readReading(r *http.Request) (reading, error) {
	if err := r.ParseForm(); err != nil {
		return reading{}, err
	}
	return readingOf(r.PostForm)
}

// readingOf reads encoding, separator, header row and columns of a form: what is blank is
// found out. The columns are header and field in turn, each as often as there are columns.
func readingOf(form url.Values) (said reading, err error) {
	said.Encoding, said.Label = transfer.Encoding(form.Get("encoding")), form.Get("label")
	if said.Separator = form.Get("separator"); said.Separator == "tab" {
		said.Separator = "\t"
	}
	if row := strings.TrimSpace(form.Get("header_row")); row != "" {
		if said.HeaderRow, err = strconv.Atoi(row); err != nil || said.HeaderRow < 1 {
			return said, fault.Invalid("header_row", "is no row; write its number, counted from 1")
		}
	}
	headers, fields := form["header"], form["field"]
	for i := range min(len(headers), len(fields)) {
		said.Columns = append(said.Columns, transfer.Column{Header: headers[i], Field: fields[i]})
	}
	return said, nil
}

// labels are the names of the labels.
func (said reading) labels() (names []string) {
	for name := range strings.SplitSeq(said.Label, ";") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// same tells whether the import is read in this way already.
func (said reading) same(i transfer.Import) bool {
	return said.Encoding == i.Format.Encoding && said.Separator == i.Format.Separator && said.HeaderRow == i.Format.HeaderRow &&
		slices.Equal(said.Columns, i.Format.Columns) && slices.Equal(said.labels(), i.Labels)
}

// reading is what the check page shows: what was typed, otherwise how the file is read.
func (v view) reading() reading {
	if v.Typed != nil {
		said := *v.Typed
		said.Sample = v.Format.Sample
		return said
	}
	return reading{Format: v.Format, Label: strings.Join(v.Import.Labels, "; ")}
}

var encodings = []components.Option{
	{Label: "Find out"}, {Value: string(transfer.UTF8), Label: "UTF-8"}, {Value: string(transfer.Windows1252), Label: "Windows-1252"},
	{Value: string(transfer.UTF16LE), Label: "UTF-16, little endian"}, {Value: string(transfer.UTF16BE), Label: "UTF-16, big endian"},
}

var separators = []components.Option{
	{Label: "Find out"}, {Value: ",", Label: "Comma"}, {Value: ";", Label: "Semicolon"}, {Value: "tab", Label: "Tab"},
}

// separator is the value of the field for the separator.
func (said reading) separator() string {
	if said.Separator == "\t" {
		return "tab"
	}
	return said.Separator
}

// headerRow is the value of the field for the header row.
func (said reading) headerRow() string {
	if said.HeaderRow == 0 {
		return ""
	}
	return strconv.Itoa(said.HeaderRow)
}

// summary tells how the file is read: "UTF-8, semicolons, headers in row 1".
func (said reading) summary() string {
	label := func(options []components.Option, value string) string {
		for _, o := range options {
			if o.Value == value {
				return o.Label
			}
		}
		return value
	}
	return label(encodings, string(said.Encoding)) + ", " + strings.ToLower(label(separators, said.separator())) + ", headers in row " + said.headerRow()
}

// first are the first values of a column, for a look.
func (said reading) first(column int) string {
	var values []string
	for _, cells := range said.Sample {
		if column < len(cells) && strings.TrimSpace(cells[column]) != "" && len(values) < 3 {
			values = append(values, strings.TrimSpace(cells[column]))
		}
	}
	return strings.Join(values, ", ")
}
