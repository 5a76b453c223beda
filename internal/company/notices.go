package company

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/mail"
)

// Kinds of the mails that memberships cause.
const (
	JoinRequest = "join_request" // to a company's admins: somebody asks to join
	JoinDecided = "join_decided" // to the person: an admin decided
)

// remindEvery is how long a company's admins have peace after a reminder of one request.
const remindEvery = 24 * time.Hour

// tellAdmins queues a mail about a pending membership to each of the company's admins; in
// an institution's name if it is its staff who remind them. It answers fault.Conflict to
// staff where there is nobody to remind.
func (c *Companies) tellAdmins(ctx context.Context, tx *db.Tx, m Membership, institutionID int64, reminder string) error {
	to, err := Addresses(ctx, tx, m.CompanyID, 0)
	if err != nil {
		return err
	}
	if len(to) == 0 && institutionID > 0 {
		return fault.Conflict{Message: m.Company + " has no admin who could be reminded"}
	}
	for _, email := range to {
		err := mail.Queue(ctx, tx, c.Now(), mail.Notice{InstitutionID: institutionID, Kind: JoinRequest, To: email,
			Params: map[string]string{"membership": db.FormatID(m.ID), "institution": reminder}})
		if err != nil {
			return err
		}
	}
	return nil
}

// tellPerson queues a mail about a decided membership to the person.
func (c *Companies) tellPerson(ctx context.Context, tx *db.Tx, m Membership) error {
	var to string
	err := tx.QueryRow(ctx, `SELECT `+addressOf("$1", "email"), m.UserID).Scan(&to)
	if err != nil || to == "" {
		return err
	}
	return mail.Queue(ctx, tx, c.Now(), mail.Notice{Kind: JoinDecided, To: to,
		Params: map[string]string{"membership": db.FormatID(m.ID), "state": m.State}})
}

// Admins are a company's admins as an institution sees them: by name where they are its
// contacts, as a number where they are not.
type Admins struct {
	Names  []string
	Others int
}

// AtContact is where the user behind a contact stands with companies, and the admins who
// decide about a pending request. A Membership without ID: no user, or none.
func (c *Companies) AtContact(ctx context.Context, s institution.Scope, contactID int64) (m Membership, admins Admins, err error) {
	if err := s.Require(institution.Read); err != nil {
		return Membership{}, Admins{}, err
	}
	err = c.DB.Read(ctx, func(tx *db.Tx) error {
		if m, err = atContact(ctx, tx, s, contactID); err != nil || m.ID == 0 {
			return err
		}
		admins, err = adminsAt(ctx, tx, s, m.CompanyID)
		return err
	})
	return m, admins, err
}

func adminsAt(ctx context.Context, tx *db.Tx, s institution.Scope, companyID int64) (admins Admins, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var name string
		var entries int
		err := r.Scan(&name, &entries)
		if entries > 0 {
			admins.Names = append(admins.Names, name)
		} else {
			admins.Others++
		}
		return err
	}, `SELECT u.first_name || ' ' || u.last_name,
			(SELECT COUNT(*) FROM contact_standing s WHERE s.institution_id = $2 AND s.user_id = u.id AND s.user_id > 0)
		FROM memberships m JOIN users u ON u.id = m.user_id
		WHERE m.company_id = $1 AND m.state = 'approved' AND m.role = 'admin' ORDER BY m.id`, companyID, s.ID())
	return admins, err
}

func atContact(ctx context.Context, tx *db.Tx, s institution.Scope, contactID int64) (Membership, error) {
	var userID int64
	err := tx.QueryRow(ctx, `
		SELECT user_id FROM contact_standing WHERE institution_id = $1 AND contact_id = $2`, s.ID(), contactID).Scan(&userID)
	if db.IsNoRows(err) {
		return Membership{}, fault.NotFound("contact")
	}
	if err != nil {
		return Membership{}, err
	}
	return current(ctx, tx, userID)
}

// Remind asks a company's admins again to decide about the person behind a contact. It may
// be done once a day for a membership; earlier is fault.Limited. fault.Conflict says that
// nothing waits there, or that nobody could decide.
func (c *Companies) Remind(ctx context.Context, s institution.Scope, contactID int64) error {
	if err := s.Require(institution.Contacts); err != nil {
		return err
	}
	return c.change(ctx, func(tx *db.Tx) error {
		m, err := atContact(ctx, tx, s, contactID)
		if err != nil {
			return err
		}
		if m.State != Pending {
			return fault.Conflict{Message: "no request of this person waits for a company"}
		}
		if wait := remindEvery - c.Now().Sub(m.RemindedAt); wait > 0 {
			return fault.Limited{Message: m.Company + " was reminded less than a day ago", After: wait}
		}
		in, err := institution.Load(ctx, tx, s.ID())
		if err != nil {
			return err
		}
		if err := c.tellAdmins(ctx, tx, m, s.ID(), in.Name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE memberships SET reminded_at = $2 WHERE id = $1`, m.ID, db.Millis(c.Now())); err != nil {
			return fmt.Errorf("remind: %w", err)
		}
		return s.Record(ctx, tx, c.Now(), "membership.reminded", "contact", contactID, map[string]any{"company": m.Company})
	})
}
