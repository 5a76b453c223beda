package transfer

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"beckon/internal/address"
	"beckon/internal/contact/field"
)

// Values are what a row says about a contact, cleaned. A blank cell is "", and never erases.
type Values struct {
	Email       address.Address
	FirstName   string
	LastName    string
	Title       string
	CompanyName string
	Phone       string
	Notes       string
	Website     string
	Street      string
	City        string
	State       string
	PostalCode  string
	Country     string
	ExternalID  string
}

// Row is one record of a file that is not blank.
type Row struct {
	// Number counts records as a spreadsheet does: blank ones, preamble and header included.
	Number int
	// Raw holds the cells as they stand in the file.
	Raw     []string
	Contact Values
	// OtherEmails are the further addresses of the row, as written, each once.
	OtherEmails []string
	// Labels are the names of labels to add, each once without regard to case.
	Labels []string
	// Archive says whether to archive or to restore the contact, nil for neither.
	Archive *bool
	// Extra holds the cells of fields that a contact has not, by field; nil without any.
	Extra map[string]string
	// Faults are all reasons to reject the row, in the order of the fields, those of the
	// whole row last. A row without any may still be rejected for an address seen before.
	Faults []Fault
}

// Reader gives the rows of a file one by one. Memory does not grow with the file. A Reader
// is for one goroutine; what it returned is the caller's to keep.
type Reader struct {
	records *splitter
	format  Format
	plan    []step
}

// step is a field and where in a row it may stand.
type step struct {
	field   Field
	columns []int
}

// NewReader reads the file r, from its first byte, as Sniff said.
func NewReader(r io.Reader, fields []Field, f Format) (*Reader, error) {
	if err := f.check(fields); err != nil {
		return nil, err
	}
	if err := f.refusal(); err != nil {
		return nil, err
	}
	if f.Separator == "" || f.HeaderRow == 0 {
		return nil, errors.New("transfer: incomplete format")
	}
	reader := &Reader{records: newSplitter(plainReader(r, f.Encoding), f.Separator[0]), format: f}
	for _, known := range fields {
		s := step{field: known}
		for i, c := range f.Columns {
			if c.Field == known.Name {
				s.columns = append(s.columns, i)
			}
		}
		if s.columns != nil || known.Required {
			reader.plan = append(reader.plan, s)
		}
	}
	return reader, nil
}

// Skip goes to behind the record of the given number, without reading what is in between:
// an import that was interrupted goes on there.
func (r *Reader) Skip(number int) error {
	for r.records.number < number {
		if _, err := r.records.next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("skipping to row %d: %w", number, err)
		}
	}
	return nil
}

// Next gives the next row that is not blank, and io.EOF behind the last. Any other error is
// one of the stream: what is wrong with a row is in its Faults.
func (r *Reader) Next() (Row, error) {
	if err := r.Skip(r.format.HeaderRow); err != nil {
		return Row{}, err
	}
	for {
		f, err := r.records.next()
		if errors.Is(err, io.EOF) {
			return Row{}, io.EOF
		}
		if err != nil {
			return Row{}, fmt.Errorf("reading behind row %d: %w", r.records.number, err)
		}
		cells := r.records.cells(r.format.Encoding)
		row := Row{Number: r.records.number, Raw: cells}
		switch {
		case f == unclosed:
			row.fault("row", "opens a quotation mark that is never closed; close it, or write it twice if it is text")
		case f == oversize:
			row.fault("row", "is longer than 256 KB; shorten its cells")
		case allBlank(cells):
			continue
		default:
			r.fill(&row)
		}
		return row, nil
	}
}

// fill reads the cells of a well-formed row.
func (r *Reader) fill(row *Row) {
	for i := range r.plan {
		s := &r.plan[i]
		switch s.field.Name {
		case "email":
			row.readAddresses(s)
		case "labels":
			names, f := labels(s.first(row.Raw), s.field)
			row.Labels = names
			row.add(f)
		case "archive":
			yes, f := field.Archive(s.first(row.Raw))
			row.Archive = yes
			row.add(f)
		default:
			text, f := s.field.Clean(s.first(row.Raw))
			row.set(s.field.Name, text)
			row.add(f)
		}
	}
	if n := len(r.format.Columns); len(row.Raw) > n && !allBlank(row.Raw[n:]) {
		row.fault("row", "has a filled cell beyond the last header; remove it, or quote the cell that holds a separator")
	}
}

// first is the first of the step's cells that is not blank, cleaned.
func (s *step) first(cells []string) string {
	for _, i := range s.columns {
		if i < len(cells) {
			if text := field.Text(cells[i], s.field.Lines); text != "" {
				return unguard(text)
			}
		}
	}
	return ""
}

// readAddresses reads the first address of all filled cells into Email, and the others into
// OtherEmails. Google puts several into one cell.
func (row *Row) readAddresses(s *step) {
	var seen map[string]bool
	first := true
	for _, i := range s.columns {
		if i >= len(row.Raw) {
			break
		}
		for part := range strings.SplitSeq(row.Raw[i], googleSeparator) {
			part = unguard(field.Text(part, false))
			switch {
			case part == "":
			case first:
				first = false
				a, err := address.Parse(part)
				row.Contact.Email = a
				row.addError("email", err)
			default:
				if seen == nil {
					seen = map[string]bool{row.Contact.Email.Key: true}
				}
				a, err := address.Parse(part)
				row.addError("other_emails", err)
				if err == nil && !seen[a.Key] {
					seen[a.Key] = true
					row.OtherEmails = append(row.OtherEmails, a.Written)
				}
			}
		}
	}
	if first && s.field.Required {
		_, err := address.Parse("")
		row.addError("email", err)
	}
}

// set keeps the value of a field that is plain text.
func (row *Row) set(field, text string) {
	v := &row.Contact
	switch field {
	case "first_name":
		v.FirstName = text
	case "last_name":
		v.LastName = text
	case "title":
		v.Title = text
	case "company_name":
		v.CompanyName = text
	case "phone":
		v.Phone = text
	case "notes":
		v.Notes = text
	case "website":
		v.Website = text
	case "street":
		v.Street = text
	case "city":
		v.City = text
	case "state":
		v.State = text
	case "postal_code":
		v.PostalCode = text
	case "country":
		v.Country = text
	case "external_id":
		v.ExternalID = text
	default:
		if row.Extra == nil {
			row.Extra = map[string]string{}
		}
		row.Extra[field] = text
	}
}

func (row *Row) fault(column, message string) {
	row.Faults = append(row.Faults, Fault{Column: column, Message: message})
}

func (row *Row) add(f *Fault) {
	if f != nil {
		row.Faults = append(row.Faults, *f)
	}
}

func (row *Row) addError(column string, err error) {
	if err != nil {
		row.fault(column, err.Error())
	}
}

func allBlank(cells []string) bool {
	for _, c := range cells {
		if field.Text(c, false) != "" {
			return false
		}
	}
	return true
}
