package api

import (
	"beckon/internal/contact"
	"beckon/internal/db"
)

// Contact is one entry of the institution's address book.
type Contact struct {
	ID          string `json:"id"`
	Email       string `json:"email" doc:"As it was written."`
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name"`
	Title       string `json:"title"`
	CompanyName string `json:"company_name"`
	Phone       string `json:"phone"`
	Website     string `json:"website"`
	Street      string `json:"street"`
	City        string `json:"city"`
	State       string `json:"state"`
	PostalCode  string `json:"postal_code"`
	Country     string `json:"country"`
	ExternalID  string `json:"external_id"`
	Notes       string `json:"notes"`

	Labels        []string `json:"labels" nullable:"false" doc:"Names of labels."`
	OtherEmails   []string `json:"other_emails" nullable:"false" doc:"Further addresses, kept but never mailed."`
	Standing      string   `json:"standing" enum:"contact,user,member,approved,blocked" doc:"Where the contact stands on the way to recruiting here."`
	Missing       *string  `json:"missing" enum:"verified_address,membership,blocked,connection" doc:"The first thing that keeps it from recruiting here; null for an approved one."`
	Source        string   `json:"source" doc:"How it first came in: added, requested_approval, posted_job, posted_interview or messaged; empty for an upload."`
	Owner         *string  `json:"owner" doc:"The staff member who looks after it."`
	OwnerName     string   `json:"owner_name"`
	Archived      bool     `json:"archived"`
	UserID        *string  `json:"user_id" doc:"The user who has proven the address."`
	CompanyID     *string  `json:"company_id" doc:"The company that has approved that user."`
	CreatedAt     Time     `json:"created_at"`
	LastInvitedAt Time     `json:"last_invited_at"`
}

func contactOf(c contact.Contact) Contact {
	out := Contact{
		ID: db.FormatID(c.ID), Email: c.Email, FirstName: c.FirstName, LastName: c.LastName, Title: c.Title, CompanyName: c.CompanyName,
		Phone: c.Phone, Website: c.Website, Street: c.Street, City: c.City, State: c.State, PostalCode: c.PostalCode, Country: c.Country,
		ExternalID: c.ExternalID, Notes: c.Notes, Labels: some(c.Labels), OtherEmails: some(c.OtherEmails),
		Standing: c.Standing.String(), Source: c.Source, Owner: nullID(c.OwnerID), OwnerName: c.OwnerName, Archived: c.Archived,
		UserID: nullID(c.UserID), CompanyID: nullID(c.CompanyID), CreatedAt: Time{c.CreatedAt}, LastInvitedAt: Time{c.LastInvitedAt},
	}
	if missing := c.Missing(); missing != "" {
		out.Missing = &missing
	}
	return out
}

// NewContact is a contact to add.
type NewContact struct {
	Email       string   `json:"email"`
	FirstName   string   `json:"first_name"`
	LastName    string   `json:"last_name"`
	Title       string   `json:"title,omitempty"`
	CompanyName string   `json:"company_name,omitempty"`
	Phone       string   `json:"phone,omitempty"`
	Website     string   `json:"website,omitempty"`
	Street      string   `json:"street,omitempty"`
	City        string   `json:"city,omitempty"`
	State       string   `json:"state,omitempty"`
	PostalCode  string   `json:"postal_code,omitempty"`
	Country     string   `json:"country,omitempty"`
	ExternalID  string   `json:"external_id,omitempty"`
	Notes       string   `json:"notes,omitempty"`
	Labels      []string `json:"labels,omitempty" nullable:"false" doc:"Names; unknown ones are made."`
}

func (n NewContact) domain() contact.New {
	return contact.New{Source: contact.SourceAdded, Labels: n.Labels, Fields: contact.Fields{
		Email: n.Email, FirstName: n.FirstName, LastName: n.LastName, Title: n.Title, CompanyName: n.CompanyName,
		Phone: n.Phone, Website: n.Website, Street: n.Street, City: n.City, State: n.State, PostalCode: n.PostalCode, Country: n.Country,
		ExternalID: n.ExternalID, Notes: n.Notes,
	}}
}

// ContactChange is what to change about a contact; what is left out stays.
type ContactChange struct {
	Email       *string   `json:"email,omitempty"`
	FirstName   *string   `json:"first_name,omitempty"`
	LastName    *string   `json:"last_name,omitempty"`
	Title       *string   `json:"title,omitempty"`
	CompanyName *string   `json:"company_name,omitempty"`
	Phone       *string   `json:"phone,omitempty"`
	Website     *string   `json:"website,omitempty"`
	Street      *string   `json:"street,omitempty"`
	City        *string   `json:"city,omitempty"`
	State       *string   `json:"state,omitempty"`
	PostalCode  *string   `json:"postal_code,omitempty"`
	Country     *string   `json:"country,omitempty"`
	ExternalID  *string   `json:"external_id,omitempty"`
	Notes       *string   `json:"notes,omitempty"`
	Labels      *[]string `json:"labels,omitempty" nullable:"false" doc:"Become the contact's labels, beside those that Beckon set itself."`
	Owner       *string   `json:"owner,omitempty" doc:"A staff member; empty for none."`
	Archived    *bool     `json:"archived,omitempty"`
}

func (c ContactChange) domain() contact.Change {
	to := contact.Change{Fields: map[string]string{}, Labels: c.Labels, Archived: c.Archived}
	for name, text := range map[string]*string{
		"email": c.Email, "first_name": c.FirstName, "last_name": c.LastName, "title": c.Title, "company_name": c.CompanyName,
		"phone": c.Phone, "website": c.Website, "street": c.Street, "city": c.City, "state": c.State, "postal_code": c.PostalCode,
		"country": c.Country, "external_id": c.ExternalID, "notes": c.Notes,
	} {
		if text != nil {
			to.Fields[name] = *text
		}
	}
	if c.Owner != nil {
		to.OwnerID = new(int64)
		if *c.Owner != "" {
			*to.OwnerID = bodyID(*c.Owner)
		}
	}
	return to
}
