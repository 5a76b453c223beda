package transfer

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// Rejected writes rejected rows as a CSV file that can be corrected and imported again: the
// file's own headers and cells, as they stood, and a column that says why. It is written
// with a byte order mark, without which spreadsheets take UTF-8 for something else.
type Rejected struct {
	csv    *csv.Writer
	reason int // the index of the column of reasons
	rest   int // the index of the first cell beyond the file's headers
	row    []string
}

// reasonHeader heads the column of reasons. A file that has this header as its last was
// written here: its reasons are replaced.
const reasonHeader = "reason"

// NewRejected writes the headers. The errors of w come out of Flush.
func NewRejected(w io.Writer, f Format) *Rejected {
	out := &Rejected{csv: csv.NewWriter(w)}
	taken := map[string]bool{}
	for _, c := range f.Columns {
		out.row = append(out.row, c.Header)
		taken[c.Header] = true
	}
	out.reason, out.rest = len(out.row), len(out.row)
	if out.reason > 0 && out.row[out.reason-1] == reasonHeader {
		out.reason--
	} else {
		name := reasonHeader
		for taken[name] {
			name += "_"
		}
		out.row = append(out.row, name)
	}
	out.row[0] = string(byteOrderMark) + out.row[0]
	out.csv.Write(out.row)
	return out
}

// Write writes one row. Cells beyond the last header stay beyond the reason.
func (out *Rejected) Write(raw []string, faults []Fault) {
	out.row = append(out.row[:0], raw[:min(len(raw), out.reason)]...)
	for len(out.row) < out.reason {
		out.row = append(out.row, "")
	}
	out.row = append(out.row, reasonText(faults))
	if len(raw) > out.rest {
		out.row = append(out.row, raw[out.rest:]...)
	}
	out.csv.Write(out.row)
}

// Flush writes what is buffered and answers the first error there was.
func (out *Rejected) Flush() error {
	out.csv.Flush()
	if err := out.csv.Error(); err != nil {
		return fmt.Errorf("writing rejected rows: %w", err)
	}
	return nil
}

// reasonText puts faults in one line that no spreadsheet takes for a formula.
func reasonText(faults []Fault) string {
	parts := make([]string, len(faults))
	for i, f := range faults {
		parts[i] = f.Column + " " + f.Message
	}
	text := strings.Join(parts, "; ")
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		text = "'" + text
	}
	return text
}
