// Package contact is an institution's address book of employer contacts: what stands in it,
// how contacts are found, picked, labelled and changed, and what happened to them.
package contact

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"beckon/internal/address"
	"beckon/internal/contact/field"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/fold"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// Book is the address books of all institutions; a Scope opens one of them. It is safe for
// concurrent use.
type Book struct {
	DB  *db.DB
	Now func() time.Time
}

// Fields are what people write about a contact, cleaned as field.Clean does. Email is the
// address as it was written.
type Fields struct {
	Email       string
	FirstName   string
	LastName    string
	Title       string
	CompanyName string
	Phone       string
	Website     string
	Street      string
	City        string
	State       string
	PostalCode  string
	Country     string
	ExternalID  string
	Notes       string
}

// FieldNames are the API's names of Fields, in the order of the columns.
var FieldNames = []string{"email", "first_name", "last_name", "title", "company_name", "phone", "website",
	"street", "city", "state", "postal_code", "country", "external_id", "notes"}

// At is the place of a field by its name in the API, nil for a name that is none.
func (f *Fields) At(name string) *string {
	for i, n := range FieldNames {
		if n == name {
			return f.all()[i]
		}
	}
	return nil
}

// all is the places of all fields, in the order of FieldNames.
func (f *Fields) all() [14]*string {
	return [...]*string{&f.Email, &f.FirstName, &f.LastName, &f.Title, &f.CompanyName, &f.Phone, &f.Website,
		&f.Street, &f.City, &f.State, &f.PostalCode, &f.Country, &f.ExternalID, &f.Notes}
}

// Contact is one entry of an address book.
type Contact struct {
	ID int64
	Fields
	// OtherEmails are further addresses, kept but never mailed.
	OtherEmails []string
	// Labels are names, in the order of their keys.
	Labels []string
	// Source tells how the contact first came in, "" for an upload. See the Source
	// constants.
	Source   string
	Standing gate.Standing
	Archived bool
	// OwnerID is the user of the staff member who looks after the contact, 0 for none.
	OwnerID   int64
	OwnerName string
	// UserID is the user who has proven the address, 0 for none; CompanyID the company that
	// has approved that user.
	UserID    int64
	CompanyID int64
	// Invite is where the latest invite stands, one of the filter's words for it but for
	// expired.
	Invite    string
	CreatedAt time.Time
	UpdatedAt time.Time
	// LastInvitedAt is when the latest invite that was sent went out, zero for never.
	LastInvitedAt time.Time
}

// Sources of contacts. An uploaded contact has none.
const (
	SourceUpload      = ""
	SourceAdded       = "added" // by hand, or one by one through the API
	SourceApproval    = "requested_approval"
	SourceJob         = "posted_job"
	SourceInterview   = "posted_interview"
	SourceMessage     = "messaged"
	maxBulkAtOnce     = 10_000
	idsPerStatement   = 500
	labelsFieldPath   = "labels"
	notFoundInTheBook = "contact"
)

// Name is the full name.
func (c Contact) Name() string { return c.FirstName + " " + c.LastName }

// Missing is the first thing that keeps the contact from recruiting here, as the gate names
// it; "" for an approved one.
func (c Contact) Missing() string {
	switch c.Standing {
	case gate.IsContact:
		return gate.VerifiedAddress
	case gate.IsUser:
		return gate.Membership
	case gate.IsMember:
		return gate.Connection
	case gate.IsBlocked:
		return gate.Blocked
	}
	return ""
}

// keys are the folded texts that contacts are found and sorted by.
type keys struct{ name, company, title, search string }

// separator stands between the four texts of keys.search. No cleaned text holds it, so a
// search within the whole is a search within one of them.
const separator = "\x1f"

func (f *Fields) keys(a address.Address) keys {
	first, last := fold.Text(f.FirstName), fold.Text(f.LastName)
	k := keys{name: last + "\x01" + first, company: fold.Text(f.CompanyName), title: fold.Text(f.Title)}
	k.search = strings.Join([]string{first + " " + last, fold.Text(a.Key), k.company, k.title}, separator)
	return k
}

// clean brings the named fields into the form in which they are kept; all without names.
func (f *Fields) clean(names ...string) (faults fault.Fields) {
	if len(names) == 0 {
		names = FieldNames
	}
	for _, name := range names {
		at := f.At(name)
		text, wrong := field.Clean(name, *at)
		if wrong != nil {
			faults = append(faults, fault.Field{Path: wrong.Column, Message: wrong.Message})
		}
		*at = text
	}
	return faults
}

// Get is one contact of the institution.
func (b *Book) Get(ctx context.Context, s institution.Scope, id int64) (c Contact, err error) {
	if err := s.Require(institution.Read); err != nil {
		return Contact{}, err
	}
	err = b.DB.Read(ctx, func(tx *db.Tx) error {
		c, err = load(ctx, tx, s.ID(), id)
		return err
	})
	return c, err
}

// Some is contacts of the institution in the order of ids; those that it has not are left out.
func (b *Book) Some(ctx context.Context, s institution.Scope, ids []int64) (some []Contact, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, err
	}
	err = b.DB.Read(ctx, func(tx *db.Tx) error {
		some, err = loadAll(ctx, tx, s.ID(), ids)
		return err
	})
	return some, err
}

func load(ctx context.Context, tx *db.Tx, institutionID, id int64) (Contact, error) {
	found, err := loadAll(ctx, tx, institutionID, []int64{id})
	if err != nil {
		return Contact{}, err
	}
	if len(found) == 0 {
		return Contact{}, fault.NotFound(notFoundInTheBook)
	}
	return found[0], nil
}

const contactColumns = `c.id, c.email, c.first_name, c.last_name, c.title, c.company_name, c.phone, c.website,
	c.street, c.city, c.state, c.postal_code, c.country, c.external_id, c.notes,
	c.other_emails, c.source, c.archived, c.owner_id, c.created_at, c.updated_at,
	s.standing, s.user_id, s.company_id, s.invite, s.last_invited_at,
	COALESCE((SELECT u.first_name || ' ' || u.last_name FROM users u WHERE u.id = c.owner_id), '')`

// loadAll reads contacts in the order of ids, leaving out those that the institution has not.
func loadAll(ctx context.Context, tx *db.Tx, institutionID int64, ids []int64) ([]Contact, error) {
	at := make(map[int64]*Contact, len(ids))
	err := inParts(ids, func(part []int64) error {
		args := append([]any{institutionID}, db.Args(part)...)
		return tx.Rows(ctx, func(r *sql.Rows) error {
			c, err := scanContact(r)
			at[c.ID] = &c
			return err
		}, `SELECT `+contactColumns+` FROM contacts c
			JOIN contact_standing s ON s.institution_id = c.institution_id AND s.contact_id = c.id
			WHERE c.institution_id = $1 AND c.id IN (`+db.Params(2, len(part))+`)`, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	if err := loadLabels(ctx, tx, institutionID, ids, at); err != nil {
		return nil, err
	}
	found := make([]Contact, 0, len(ids))
	for _, id := range ids {
		if c := at[id]; c != nil {
			found = append(found, *c)
		}
	}
	return found, nil
}

func scanContact(r *sql.Rows) (c Contact, err error) {
	var others string
	var invite int
	var created, updated, invited int64
	to := []any{&c.ID}
	for _, at := range c.all() {
		to = append(to, at)
	}
	to = append(to, &others, &c.Source, &c.Archived, &c.OwnerID, &created, &updated,
		&c.Standing, &c.UserID, &c.CompanyID, &invite, &invited, &c.OwnerName)
	if err := r.Scan(to...); err != nil {
		return c, err
	}
	c.OtherEmails = splitEmails(others)
	c.Invite = inviteWords[invite]
	c.CreatedAt, c.UpdatedAt, c.LastInvitedAt = db.Time(created), db.Time(updated), db.Time(invited)
	return c, nil
}

func loadLabels(ctx context.Context, tx *db.Tx, institutionID int64, ids []int64, at map[int64]*Contact) error {
	err := inParts(ids, func(part []int64) error {
		args := append([]any{institutionID}, db.Args(part)...)
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var id int64
			var name string
			err := r.Scan(&id, &name)
			if c := at[id]; c != nil {
				c.Labels = append(c.Labels, name)
			}
			return err
		}, `SELECT x.contact_id, l.name FROM contact_labels x JOIN labels l ON l.id = x.label_id
			WHERE x.institution_id = $1 AND x.contact_id IN (`+db.Params(2, len(part))+`) ORDER BY l.name_key`, args...)
	})
	if err != nil {
		return fmt.Errorf("read labels of contacts: %w", err)
	}
	return nil
}

// inParts calls f with parts of ids that fit into one statement.
func inParts(ids []int64, f func(part []int64) error) error {
	for len(ids) > 0 {
		n := min(idsPerStatement, len(ids))
		if err := f(ids[:n]); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// joinEmails and splitEmails are how further addresses are kept: one a line.
func joinEmails(emails []string) string { return strings.Join(emails, "\n") }

func splitEmails(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}
