package invite

import (
	"context"
	"time"

	"beckon/internal/account"
	"beckon/internal/address"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// LinkState is whether the link of an invite still works.
type LinkState string

// The states of a link.
const (
	LinkOpen     LinkState = "open"
	LinkUsed     LinkState = "used"
	LinkOld      LinkState = "old"      // more than 30 days behind its sending
	LinkReplaced LinkState = "replaced" // by a newer bulk invite's
	LinkRevoked  LinkState = "revoked"  // the contact is erased, or staff took it back
)

// Landing is what the link of an invite leads to: who invites whom, and where the person
// invited stands now.
type Landing struct {
	State       LinkState
	Institution institution.Institution
	// InvitedBy is the name of who confirmed the bulk invite, Note the personal word.
	InvitedBy, Note     string
	FirstName, LastName string
	// Email is the invited address.
	Email string
	// Variant is what the button of the message did; Now is what is to do now.
	Variant, Now Variant
	Standing     gate.Standing
	// OwnerID is the user who owns the address, 0 while nobody does; HasPassword tells how
	// that user can sign in.
	OwnerID     int64
	HasPassword bool
	// CompanyID and Company are the owner's company with an approved membership.
	CompanyID int64
	Company   string
	// Pending is the company whose admin has not decided about the owner yet.
	Pending string
	// Connection is the company's connection with the institution.
	Connection string
	SentAt     time.Time

	id, bulk, contact int64
	emailKey          string
	state             State
	acceptedAt        int64
	openedAt          int64
	connectOn         string
}

// Approved tells whether the person may recruit at the institution now.
func (l Landing) Approved() bool { return l.Standing == gate.IsApproved }

// Look tells what a link leads to and changes nothing, since mail scanners open links.
// fault.ErrNotFound for a link that this server did not make.
func (in *Invites) Look(ctx context.Context, token string) (l Landing, err error) {
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		l, err = in.look(ctx, tx, token)
		return err
	})
	return l, err
}

func (in *Invites) look(ctx context.Context, tx *db.Tx, token string) (l Landing, err error) {
	n, ok := in.Key.Links("invite").Read(token, 2)
	if !ok {
		return l, fault.NotFound("link")
	}
	var inst, sent, revoked, newer int64
	var standing int
	err = tx.QueryRow(ctx, `
		SELECT i.id, i.institution_id, i.bulk_invite_id, i.contact_id, i.email, i.variant, i.state, i.sent_at, i.opened_at, i.accepted_at, i.revoked_at,
			b.created_by, b.note, b.connect_on,
			COALESCE(c.first_name, ''), COALESCE(c.last_name, ''), COALESCE(c.email_key, ''), COALESCE(s.standing, -1), COALESCE(s.company_id, 0), COALESCE(s.user_id, 0),
			(SELECT COUNT(*) FROM invites n WHERE n.institution_id = i.institution_id AND n.contact_id = i.contact_id AND n.id > i.id AND n.sent_at > 0)
		FROM invites i JOIN bulk_invites b ON b.id = i.bulk_invite_id
		LEFT JOIN contacts c ON c.institution_id = i.institution_id AND c.id = i.contact_id
		LEFT JOIN contact_standing s ON s.institution_id = i.institution_id AND s.contact_id = i.contact_id
		WHERE i.id = $1 AND i.generation = $2`, n[0], n[1]).
		Scan(&l.id, &inst, &l.bulk, &l.contact, &l.Email, &l.Variant, &l.state, &sent, &l.openedAt, &l.acceptedAt, &revoked,
			&l.InvitedBy, &l.Note, &l.connectOn, &l.FirstName, &l.LastName, &l.emailKey, &standing, &l.CompanyID, &l.OwnerID, &newer)
	if db.IsNoRows(err) {
		return l, fault.NotFound("link")
	}
	if err != nil {
		return l, err
	}
	if l.Institution, err = institution.Load(ctx, tx, inst); err != nil {
		return l, err
	}
	l.SentAt = db.Time(sent)
	l.State = LinkOpen
	switch moved := l.emailKey != "" && l.emailKey != addressKey(l.Email); {
	case standing < 0 || revoked > 0 || moved:
		l.State = LinkRevoked
		return l, nil
	case l.acceptedAt > 0:
		l.State = LinkUsed
	case newer > 0:
		l.State = LinkReplaced
	case sent > 0 && in.Now().Sub(l.SentAt) > LinkLife:
		l.State = LinkOld
	}
	l.Standing, l.Now = gate.Standing(standing), variantOf(standing)
	return l, in.lookAtOwner(ctx, tx, &l)
}

// lookAtOwner adds what is known about the user who owns the address.
func (in *Invites) lookAtOwner(ctx context.Context, tx *db.Tx, l *Landing) error {
	if l.OwnerID == 0 {
		return nil
	}
	return tx.QueryRow(ctx, `
		SELECT CASE WHEN u.password_hash = '' THEN 0 ELSE 1 END,
			COALESCE((SELECT c.name FROM companies c WHERE c.id = $2), ''),
			COALESCE((SELECT c.name FROM memberships m JOIN companies c ON c.id = m.company_id WHERE m.user_id = u.id AND m.state = 'pending' ORDER BY m.requested_at DESC LIMIT 1), ''),
			COALESCE((SELECT k.state FROM connections k WHERE k.institution_id = $3 AND k.company_id = $2), 'none')
		FROM users u WHERE u.id = $1`, l.OwnerID, l.CompanyID, l.Institution.ID).
		Scan(&l.HasPassword, &l.Company, &l.Pending, &l.Connection)
}

// Opened notes that a person looked at the landing page: it was touched, or seen for a
// while. Only the first time counts. A link that does not work any more notes nothing.
func (in *Invites) Opened(ctx context.Context, token string) error {
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		l, err := in.look(ctx, tx, token)
		if err != nil || l.State == LinkRevoked {
			return err
		}
		return in.opened(ctx, tx, &l)
	})
}

func (in *Invites) opened(ctx context.Context, tx *db.Tx, l *Landing) error {
	n, err := tx.Exec(ctx, `UPDATE invites SET opened_at = $2 WHERE id = $1 AND opened_at = 0`, l.id, db.Millis(in.Now()))
	if err != nil || n == 0 {
		return err
	}
	if _, err = tx.Exec(ctx, `UPDATE bulk_invites SET opened = opened + 1 WHERE id = $1`, l.bulk); err != nil {
		return err
	}
	return reachAgain(ctx, tx, l.Institution.ID, l.contact)
}

// NotWorking says that a link does not work any more; the landing page tells why.
type NotWorking struct{ State LinkState }

func (e NotWorking) Error() string { return "this link is " + string(e.State) }

// ErrWrongPerson says that the one signed in does not own the invited address.
var ErrWrongPerson = fault.Forbidden{Needs: "the account that owns the invited address"}

// SignedUp is a user who came by an invite and is signed in now.
type SignedUp struct {
	User  account.User
	Token string
}

// CreateAccount makes the account of a person invited whose address nobody owns: the link
// has proven it. The person is signed in, and the link is used. Where somebody owns the
// address by now it answers ErrWrongPerson: that account's owner signs in instead.
func (in *Invites) CreateAccount(ctx context.Context, token string, p account.Person, c account.Client) (up SignedUp, err error) {
	err = in.DB.Write(ctx, func(tx *db.Tx) error {
		l, err := in.look(ctx, tx, token)
		if err != nil {
			return err
		}
		if l.State != LinkOpen {
			return NotWorking{l.State}
		}
		p.Email = l.Email
		user, created, err := in.Accounts.Prove(ctx, tx, p)
		if err != nil {
			return err
		}
		if !created {
			return ErrWrongPerson
		}
		if err := in.accepted(ctx, tx, &l, user); err != nil {
			return err
		}
		up.User = user
		up.Token, _, err = in.Accounts.StartSession(ctx, tx, user, account.ByLink, c)
		return err
	})
	return up, err
}

// Accept is the press of somebody signed in on the button of an invite. It counts only for
// the user who owns the invited address: a forwarded link approves nobody. Where connect
// invites approve on acceptance, it approves the company.
func (in *Invites) Accept(ctx context.Context, token string, user account.User) (l Landing, err error) {
	err = in.DB.Write(ctx, func(tx *db.Tx) error {
		if l, err = in.look(ctx, tx, token); err != nil {
			return err
		}
		if l.OwnerID != user.ID {
			return ErrWrongPerson
		}
		if l.State != LinkOpen {
			return NotWorking{l.State}
		}
		if _, err := gate.Lock(ctx, tx, l.Institution.ID, 0); err != nil {
			return err
		}
		if err := in.accepted(ctx, tx, &l, user); err != nil {
			return err
		}
		if l.Standing == gate.IsMember && l.Now == Connect && l.Variant == Connect && l.connectOn == "accept" {
			if _, _, err := in.Recruiting.Connect(ctx, tx, user.Actor(), l.Institution.ID, l.CompanyID); err != nil {
				return err
			}
		}
		l, err = in.look(ctx, tx, token)
		return err
	})
	if err != nil {
		return l, err
	}
	if in.FollowUp(ctx) != nil {
		return l, nil // the worker does it in some seconds
	}
	return in.Look(ctx, token)
}

// accepted marks an invite as answered, and as opened.
func (in *Invites) accepted(ctx context.Context, tx *db.Tx, l *Landing, user account.User) error {
	if err := in.opened(ctx, tx, l); err != nil {
		return err
	}
	now := in.Now()
	// Rows that are not `sent` yet keep the state that sending needs; the time counts.
	n, err := tx.Exec(ctx, `
		UPDATE invites SET accepted_at = $2, state = CASE WHEN state IN ('sent', 'bounced') THEN 'accepted' ELSE state END
		WHERE id = $1 AND accepted_at = 0`, l.id, db.Millis(now))
	if err != nil || n == 0 {
		return err
	}
	bounced := 0
	if l.state == Bounced {
		bounced = 1
	}
	if _, err := tx.Exec(ctx, `UPDATE bulk_invites SET accepted = accepted + 1, bounced = bounced - $2 WHERE id = $1`, l.bulk, bounced); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE contact_standing SET invite = 4 WHERE institution_id = $1 AND contact_id = $2 AND invite_id = $3 AND invite IN (2, 3)`, l.Institution.ID, l.contact, l.id); err != nil {
		return err
	}
	if err := reachAgain(ctx, tx, l.Institution.ID, l.contact); err != nil {
		return err
	}
	s := institution.Resume(l.Institution.ID, user.Actor())
	return s.Record(ctx, tx, now, "invite.accepted", "contact", l.contact, map[string]any{"variant": string(l.Now)})
}

// Domain is the domain of the invited address.
func (l Landing) Domain() string {
	a, err := address.Parse(l.Email)
	if err != nil {
		return ""
	}
	return a.Domain
}
