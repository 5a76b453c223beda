package transfer

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"beckon/internal/contact"
	"beckon/internal/contact/field"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// ExportFormats are the formats that contacts can be exported in: CSV, which can be imported
// again unchanged, and one JSON object a line, as the API shows a contact.
var ExportFormats = []string{"csv", "jsonl"}

// Export writes the contacts of a selection, as they are found now, in the order in which
// they came in. Memory does not grow with their number but for the list of their ids. An
// unknown format is fault.Fields, with nothing written. Exporting is recorded: whoever may
// read may export, but it is known who has.
func Export(ctx context.Context, book *contact.Book, scope institution.Scope, sel contact.Selection, format string, w io.Writer) error {
	var out exporter
	switch format {
	case "csv":
		out = newCSVExporter(w)
	case "jsonl":
		out = &jsonExporter{json.NewEncoder(w)}
	default:
		return fault.Invalid("format", "is unknown; choose one of %s", strings.Join(ExportFormats, ", "))
	}
	list, err := frozen(ctx, book, scope, sel)
	if err != nil {
		return err
	}
	const page = 500
	for ids := list.Next(0, page); len(ids) > 0; ids = list.Next(ids[len(ids)-1], page) {
		contacts, err := book.Some(ctx, scope, ids)
		if err != nil {
			return err
		}
		for i := range contacts {
			if err := out.write(&contacts[i]); err != nil {
				return fmt.Errorf("writing contacts: %w", err)
			}
		}
	}
	if err := out.flush(); err != nil {
		return fmt.Errorf("writing contacts: %w", err)
	}
	return nil
}

// frozen finds what is to be exported, and records it.
func frozen(ctx context.Context, book *contact.Book, scope institution.Scope, sel contact.Selection) (list contact.List, err error) {
	err = book.DB.Read(ctx, func(tx *db.Tx) error {
		list, err = book.Resolve(ctx, tx, scope, sel)
		return err
	})
	if err != nil {
		return contact.List{}, err
	}
	return list, book.DB.Write(ctx, func(tx *db.Tx) error {
		return scope.Record(ctx, tx, book.Now(), "contact.exported", "institution", scope.ID(), map[string]any{"contacts": list.Len()})
	})
}

// exporter writes contacts in one format.
type exporter interface {
	write(c *contact.Contact) error
	flush() error
}

// csvExporter writes what can be imported, under the API's names, and then what cannot.
type csvExporter struct {
	csv *csv.Writer
	row []string
}

// shown are the columns that an import leaves alone.
var shown = []string{"id", "standing", "source", "owner", "created_at", "last_invited_at"}

func newCSVExporter(w io.Writer) *csvExporter {
	out := &csvExporter{csv: csv.NewWriter(w)}
	var headers []string
	for _, f := range field.Contact {
		headers = append(headers, f.Name)
	}
	headers = append(append(headers, "other_emails"), shown...)
	headers[0] = string(byteOrderMark) + headers[0] // without it spreadsheets take UTF-8 for something else
	out.csv.Write(headers)                          //nolint:errcheck // flush answers the first error
	return out
}

func (out *csvExporter) write(c *contact.Contact) error {
	out.row = out.row[:0]
	for _, f := range field.Contact {
		switch f.Name {
		case "labels":
			out.row = append(out.row, guard(joinLabels(c.Labels)))
		case "archive":
			out.row = append(out.row, archiveCell(c.Archived))
		default:
			out.row = append(out.row, guard(*c.At(f.Name)))
		}
	}
	out.row = append(out.row, guard(strings.Join(c.OtherEmails, " "+googleSeparator+" ")),
		db.FormatID(c.ID), c.Standing.String(), c.Source, guard(c.OwnerName), stamp(c.CreatedAt), stamp(c.LastInvitedAt))
	return out.csv.Write(out.row)
}

func (out *csvExporter) flush() error {
	out.csv.Flush()
	return out.csv.Error()
}

// joinLabels writes the names of labels into one cell, from which the reader takes them.
func joinLabels(names []string) string {
	for _, name := range names {
		if strings.Contains(name, ";") {
			return strings.Join(append(names[:len(names):len(names)], ""), " "+googleSeparator+" ")
		}
	}
	return strings.Join(names, ";")
}

// archiveCell is blank for an active contact: whoever archives it later and then imports an
// older file again would restore it otherwise.
func archiveCell(archived bool) string {
	if archived {
		return "TRUE"
	}
	return ""
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// jsonExporter writes one object a line.
type jsonExporter struct{ json *json.Encoder }

func (out *jsonExporter) write(c *contact.Contact) error { return out.json.Encode(newExported(c)) }

func (out *jsonExporter) flush() error { return nil }

// exported is a contact under the API's names.
type exported struct {
	ID          string   `json:"id"`
	Email       string   `json:"email"`
	FirstName   string   `json:"first_name"`
	LastName    string   `json:"last_name"`
	Title       string   `json:"title"`
	CompanyName string   `json:"company_name"`
	Phone       string   `json:"phone"`
	Website     string   `json:"website"`
	Street      string   `json:"street"`
	City        string   `json:"city"`
	State       string   `json:"state"`
	PostalCode  string   `json:"postal_code"`
	Country     string   `json:"country"`
	ExternalID  string   `json:"external_id"`
	Notes       string   `json:"notes"`
	Labels      []string `json:"labels"`
	OtherEmails []string `json:"other_emails"`
	Archived    bool     `json:"archived"`
	Standing    string   `json:"standing"`
	Source      string   `json:"source"`
	Owner       *string  `json:"owner"`
	CreatedAt   string   `json:"created_at"`
	LastInvited *string  `json:"last_invited_at"`
}

func newExported(c *contact.Contact) exported {
	return exported{ID: db.FormatID(c.ID), Email: c.Email, FirstName: c.FirstName, LastName: c.LastName, Title: c.Title, CompanyName: c.CompanyName,
		Phone: c.Phone, Website: c.Website, Street: c.Street, City: c.City, State: c.State, PostalCode: c.PostalCode, Country: c.Country,
		ExternalID: c.ExternalID, Notes: c.Notes, Labels: append([]string{}, c.Labels...), OtherEmails: append([]string{}, c.OtherEmails...),
		Archived: c.Archived, Standing: c.Standing.String(), Source: c.Source, Owner: orNull(c.OwnerName),
		CreatedAt: stamp(c.CreatedAt), LastInvited: orNull(stamp(c.LastInvitedAt))}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
