package invite

import (
	"context"
	"fmt"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// Link is the address that the button of an invite leads to. It is derived from the invite
// and its generation with the key file: a repeat carries the same, and the database alone
// makes none.
func (in *Invites) Link(id int64, generation int) string {
	return in.BaseURL + "/i/" + in.Key.Links("invite").Token(id, int64(generation))
}

// UnsubscribeLink is the address that stops invites of the institution to the address that
// this invite went to. It never expires.
func (in *Invites) UnsubscribeLink(institutionID, id int64) string {
	return in.BaseURL + "/u/" + in.Key.Links("unsubscribe").Token(institutionID, id)
}

// messageID is the Message-ID of an invite, without angle brackets: the same at a repeat.
func (in *Invites) messageID(id int64, generation int, domain string) string {
	return fmt.Sprintf("invite.%s@%s", in.Key.Links("message").Token(id, int64(generation)), domain)
}

// Subscription is what an unsubscribe link stands for.
type Subscription struct {
	Institution institution.Institution
	// Email is where the invite went; "" when the contact was erased since.
	Email string
	// Stopped tells whether the address is suppressed at the institution.
	Stopped bool

	emailKey string
}

// LookAtSubscription tells what an unsubscribe link stands for, and changes nothing.
// fault.ErrNotFound for a link that this server did not make.
func (in *Invites) LookAtSubscription(ctx context.Context, token string) (sub Subscription, err error) {
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		sub, err = in.subscription(ctx, tx, token)
		return err
	})
	return sub, err
}

func (in *Invites) subscription(ctx context.Context, tx *db.Tx, token string) (sub Subscription, err error) {
	n, ok := in.Key.Links("unsubscribe").Read(token, 2)
	if !ok {
		return sub, fault.NotFound("link")
	}
	if sub.Institution, err = institution.Load(ctx, tx, n[0]); err != nil {
		return sub, err
	}
	err = tx.QueryRow(ctx, `SELECT email FROM invites WHERE institution_id = $1 AND id = $2`, n[0], n[1]).Scan(&sub.Email)
	if db.IsNoRows(err) {
		return sub, fault.NotFound("link")
	}
	if err != nil || sub.Email == "" {
		return sub, err
	}
	sub.emailKey = addressKey(sub.Email)
	var found int
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM suppressions WHERE institution_id = $1 AND email_key = $2`, n[0], sub.emailKey).Scan(&found)
	sub.Stopped = found > 0
	return sub, err
}

// Unsubscribe suppresses the address of an invite at its institution. Doing it again changes
// nothing.
func (in *Invites) Unsubscribe(ctx context.Context, token string) (sub Subscription, err error) {
	err = in.DB.Write(ctx, func(tx *db.Tx) error {
		if sub, err = in.subscription(ctx, tx, token); err != nil || sub.Stopped || sub.Email == "" {
			return err
		}
		sub.Stopped = true
		s := institution.System(sub.Institution.ID, "unsubscribe link")
		if err := suppress(ctx, tx, s, in.Now(), sub.emailKey, "unsubscribed", ""); err != nil {
			return err
		}
		return s.Record(ctx, tx, in.Now(), "contact.unsubscribed", "contact", contactOf(ctx, tx, s.ID(), sub.emailKey), nil)
	})
	return sub, err
}
