package landing_test

import (
	"context"
	"strings"
	"testing"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/invite"
	"beckon/internal/recruiting"
	"beckon/internal/web"
	"beckon/internal/web/landing"
	"beckon/internal/web/signin"
	"beckon/internal/web/visit/visittest"
)

// site is one institution, Elm University, that invites people.
type site struct {
	*visittest.Site
	invites *invite.Invites
	elm     int64
}

func newSite(t *testing.T) *site {
	s := &site{Site: visittest.New(t)}
	s.elm = s.Institution("Elm University")
	s.invites = &invite.Invites{DB: s.DB, Now: s.Now, Key: s.Key, Book: &contact.Book{DB: s.DB, Now: s.Now}, Accounts: s.Accounts,
		Recruiting: &recruiting.Recruiting{DB: s.DB, Now: s.Now, Book: &contact.Book{DB: s.DB, Now: s.Now}}, BaseURL: s.URL, MailFrom: "careers@elm.example"}
	(&landing.Pages{Accounts: s.Accounts, Invites: s.invites, Visits: s.Visits}).Routes(s.Mux)
	(&signin.Pages{Accounts: s.Accounts, Visits: s.Visits}).Routes(s.Mux)
	s.Mux.HandleFunc("/", web.NotFound)
	return s
}

// contact adds a contact with a name.
func (s *site) contact(email, first, last string) int64 {
	s.T.Helper()
	id := s.Contact(s.elm, email)
	s.exec(`UPDATE contacts SET first_name = $2, last_name = $3 WHERE id = $1`, id, first, last)
	return id
}

// invited is the id of an invite that a mail server took, in a bulk invite of its own.
func (s *site) invited(contactID int64, variant, connectOn, note string) (id int64) {
	s.T.Helper()
	now := db.Millis(s.Now())
	s.Write(func(ctx context.Context, tx *db.Tx) error {
		var bulk int64
		err := tx.QueryRow(ctx, `
			INSERT INTO bulk_invites (institution_id, state, created_at, created_by, request_hash, selection, note, message_domain, connect_on, after_signup, total, sent)
			VALUES ($1, 'sent', $2, 'Dana Whitfield', $3, '{}', $4, 'elm.example', $5, 'ask', 1, 1) RETURNING id`, s.elm, now, []byte{1}, note, connectOn).Scan(&bulk)
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `
			INSERT INTO invites (institution_id, bulk_invite_id, contact_id, email, variant, state, sent_at)
			SELECT institution_id, $2, id, email, $3, 'sent', $4 FROM contacts WHERE id = $1 RETURNING id`, contactID, bulk, variant, now).Scan(&id)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE contact_standing SET invite = 2, invite_id = $2 WHERE contact_id = $1`, contactID, id)
		return err
	})
	return id
}

// link is the path of an invite's page.
func (s *site) link(inviteID int64) string {
	return strings.TrimPrefix(s.invites.Link(inviteID, 1), s.URL)
}

func (s *site) exec(query string, args ...any) {
	s.T.Helper()
	s.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
}

// untouched fails the test if anybody has opened or accepted the invite, or signed up.
func (s *site) untouched(inviteID int64) {
	s.T.Helper()
	if n := s.Int(`SELECT opened_at + accepted_at FROM invites WHERE id = $1`, inviteID); n != 0 {
		s.T.Error("the invite was touched")
	}
}
