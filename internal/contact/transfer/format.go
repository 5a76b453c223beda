// Package transfer brings contacts in from files and out to them.
//
// Reading takes two passes over a file's bytes, in constant memory: Sniff looks at the
// beginning and says how the file is to be read, which a person may correct; a Reader then
// gives its rows. Both know nothing of the database.
//
// Imports keeps an uploaded file and merges its rows into the address book, as a long act
// that goes on where it was after a crash. Export writes contacts so that Imports can read
// them again.
package transfer

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"beckon/internal/contact/field"
	"beckon/internal/fault"
)

// Format says how a file is to be read. It can be kept as JSON between Sniff and NewReader.
type Format struct {
	Encoding Encoding `json:"encoding"`
	// Separator is one of Separators.
	Separator string `json:"separator"`
	// HeaderRow is the number of the record that holds the headers, from 1, counted as a
	// spreadsheet does: blank records count, and line feeds in quoted cells do not.
	HeaderRow int `json:"header_row"`
	// Columns are the headers up to the last that is not blank.
	Columns []Column `json:"columns"`
	// Sample holds the first records behind the header, as they are, for a preview.
	Sample [][]string `json:"sample,omitempty"`
}

// Column is one column of a file.
type Column struct {
	// Header is the text in the header row, "" where there is none.
	Header string `json:"header"`
	// Field is the name of the field that the column fills, "" for a column that is ignored.
	Field string `json:"field"`
}

// Separators are what may stand between the cells of a file.
var Separators = []string{",", ";", "\t"}

// Reason is why a file is refused whole.
type Reason string

// The reasons for which nothing of a file is written.
const (
	NoText          Reason = "no_text"
	NoAddressColumn Reason = "no_address_column"
	SameHeader      Reason = "same_header"
	Empty           Reason = "empty"
)

// Refusal is the error of a file that is refused whole.
type Refusal struct {
	Reason Reason
	// Message is a sentence for people that names the cure.
	Message string
}

func (r *Refusal) Error() string { return r.Message }

const (
	sniffSize   = maxRecord // how many bytes of a file Sniff looks at
	maxPreamble = 20        // how many records may stand before the header
	sampleSize  = 10        // how many records a preview shows
)

// Sniff finds out from the beginning of a file, of which it reads at most 256 KB, how the
// file is to be read. Every part of want that is set is taken as given: a person may have
// corrected it. Columns given are found by their headers; the others are recognised as ever.
//
// A file that cannot be imported is a *Refusal; for NoAddressColumn and SameHeader the
// Format is there too, so that a person can correct it. A want that makes no sense is
// fault.Fields. Anything else is an error of r.
func Sniff(r io.Reader, fields []Field, want Format) (Format, error) {
	if err := want.check(fields); err != nil {
		return Format{}, err
	}
	head, err := io.ReadAll(io.LimitReader(r, sniffSize))
	if err != nil {
		return Format{}, fmt.Errorf("reading the beginning of the file: %w", err)
	}
	f := want
	if f.Encoding == "" {
		f.Encoding = detectEncoding(head)
	}
	text, err := io.ReadAll(plainReader(bytes.NewReader(head), f.Encoding))
	if err != nil {
		return Format{}, fmt.Errorf("decoding the beginning of the file: %w", err)
	}
	if !isText(text) {
		return Format{}, &Refusal{NoText, "This is not a text file. Save the table as CSV and import that."}
	}
	if end := bytes.LastIndexAny(text, "\r\n"); len(head) == sniffSize && end >= 0 {
		text = text[:end+1] // without the record that is cut off
	}
	if !bytes.ContainsFunc(text, func(r rune) bool { return field.Text(string(r), false) != "" && !strings.ContainsRune(`,;"`, r) }) {
		return Format{}, &Refusal{Empty, "The file is empty. Choose a file with a row of headers and a row for each person."}
	}
	h := findHeader(text, f, recogniser(fields, want.Columns))
	f.Separator, f.HeaderRow, f.Columns, f.Sample = h.separator, h.row, h.columns, h.sample
	return f, f.refusal()
}

// check refuses what no file could be read by.
func (f Format) check(fields []Field) error {
	var faults fault.Fields
	if f.Encoding != "" && !slices.Contains(Encodings, f.Encoding) {
		faults = append(faults, fault.Field{Path: "encoding", Message: "is unknown; use utf-8, utf-16le, utf-16be or windows-1252"})
	}
	if f.Separator != "" && !slices.Contains(Separators, f.Separator) {
		faults = append(faults, fault.Field{Path: "separator", Message: "is unknown; use a comma, a semicolon or a tab"})
	}
	if f.HeaderRow < 0 {
		faults = append(faults, fault.Field{Path: "header_row", Message: "is negative; rows count from 1"})
	}
	for _, c := range f.Columns {
		known := func(x Field) bool { return x.Name == c.Field }
		if c.Field != "" && !slices.ContainsFunc(fields, known) {
			faults = append(faults, fault.Field{Path: "columns", Message: fmt.Sprintf("has the unknown field %q for %q", c.Field, c.Header)})
		}
	}
	if faults != nil {
		return faults
	}
	return nil
}

// recogniser answers which field a header means, by what a person said about it or else by
// the fields' names and synonyms.
func recogniser(fields []Field, said []Column) func(string) string {
	words := newDictionary(fields)
	return func(header string) string {
		for _, c := range said {
			if c.Header == header {
				return c.Field
			}
		}
		return words.field(header)
	}
}

// header is a record that may be the header row.
type header struct {
	separator string
	row       int
	columns   []Column
	score     int
	sample    [][]string
}

// findHeader looks at every record that may be the header row, cut by every separator that
// may be the file's, and takes the one in which the most fields are recognised, the address
// before all. Its row is 0 if there is none.
func findHeader(text []byte, f Format, field func(string) string) header {
	var best header
	for _, separator := range Separators {
		if f.Separator != "" && f.Separator != separator {
			continue
		}
		rows := firstRecords(text, f, separator)
		for i, cells := range rows {
			if f.HeaderRow != 0 && f.HeaderRow != i+1 || f.HeaderRow == 0 && i > maxPreamble || allBlank(cells) {
				continue
			}
			h := newHeader(cells, field)
			if h.score > best.score {
				h.separator, h.row = separator, i+1
				h.sample = sample(rows[i+1:])
				best = h
			}
		}
	}
	return best
}

// firstRecords reads as many records as the header and a preview can need.
func firstRecords(text []byte, f Format, separator string) [][]string {
	s := newSplitter(bytes.NewReader(text), separator[0])
	var rows [][]string
	for len(rows) < max(f.HeaderRow, maxPreamble+1)+2*sampleSize {
		if _, err := s.next(); err != nil {
			break // the end: bytes in memory have no other error
		}
		rows = append(rows, s.cells(f.Encoding))
	}
	return rows
}

func newHeader(cells []string, meaning func(string) string) header {
	var names []string
	last := 0
	for i, c := range cells {
		names = append(names, field.Text(c, false))
		if names[i] != "" {
			last = i + 1
		}
	}
	names = names[:last]
	h := header{score: min(last, 99)}
	seen := map[string]bool{}
	for i, f := range meanings(names, meaning) {
		h.columns = append(h.columns, Column{Header: names[i], Field: f})
		if f != "" && !seen[f] {
			seen[f] = true
			h.score += 100
		}
	}
	if seen["email"] {
		h.score += 100_000
	}
	return h
}

// sample takes the first records that are not blank.
func sample(rows [][]string) [][]string {
	var out [][]string
	for _, cells := range rows {
		if len(out) < sampleSize && !allBlank(cells) {
			out = append(out, cells)
		}
	}
	return out
}

// refusal says why no row of a file of this format may be read, nil if there is no reason.
func (f Format) refusal() error {
	seen := map[string]bool{}
	hasAddress := false
	for _, c := range f.Columns {
		if c.Header != "" && seen[c.Header] {
			return &Refusal{SameHeader, fmt.Sprintf("Two columns have the header %q. Rename one of them, or remove it.", c.Header)}
		}
		seen[c.Header] = true
		hasAddress = hasAddress || c.Field == "email"
	}
	if !hasAddress {
		return &Refusal{NoAddressColumn, fmt.Sprintf("No column holds e-mail addresses. Name one of them email, in one of the first %d rows, "+
			"or say which column it is.", maxPreamble+1)}
	}
	return nil
}
