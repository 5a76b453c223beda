package invite

import (
	"context"

	"beckon/internal/db"
)

// reachedNow and acceptMsNow are what the invites of a contact say of contact_standing.reached
// and accept_ms; the bits are those of package contact. Sending and recording set single bits
// where they know what changes, everything else reads the invites again. An answer that came
// before the mail server's word did took no time.
const (
	reachedNow = `COALESCE((SELECT MAX(CASE WHEN i.state <> 'skipped' THEN 1 ELSE 0 END) + MAX(CASE WHEN i.sent_at > 0 THEN 2 ELSE 0 END)
			+ MAX(CASE WHEN i.state = 'bounced' THEN 4 ELSE 0 END) + MAX(CASE WHEN i.opened_at > 0 THEN 8 ELSE 0 END)
			+ MAX(CASE WHEN i.accepted_at > 0 OR i.state = 'accepted' THEN 16 ELSE 0 END)
		FROM invites i WHERE i.institution_id = contact_standing.institution_id AND i.contact_id = contact_standing.contact_id), 0)`
	acceptMsNow = `COALESCE((SELECT CASE WHEN i.accepted_at > i.sent_at THEN i.accepted_at - i.sent_at ELSE 0 END FROM invites i
		WHERE i.institution_id = contact_standing.institution_id AND i.contact_id = contact_standing.contact_id AND i.accepted_at > 0 AND i.sent_at > 0
		ORDER BY i.accepted_at, i.id LIMIT 1), -1)`
)

// reachAgain sets anew what contacts' invites have reached, from the invites themselves.
func reachAgain(ctx context.Context, tx *db.Tx, institutionID int64, contacts ...int64) error {
	_, err := tx.Exec(ctx, `UPDATE contact_standing SET reached = `+reachedNow+`, accept_ms = `+acceptMsNow+`
		WHERE institution_id = $1 AND contact_id IN (`+db.Params(2, len(contacts))+`)`,
		append([]any{institutionID}, db.Args(contacts)...)...)
	return err
}

// ReachDrift counts contacts whose stored reached or accept_ms is not what their invites say.
// It is zero unless something is broken.
func ReachDrift(ctx context.Context, tx *db.Tx) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM contact_standing WHERE reached <> `+reachedNow+` OR accept_ms <> `+acceptMsNow+`
		OR (last_invited_at > 0) <> (reached & 2 > 0)`).Scan(&n)
	return n, err
}

// restoreLatest sets anew what contacts' latest invite is, from the invites themselves.
func restoreLatest(ctx context.Context, tx *db.Tx, institutionID int64, contacts []int64) error {
	args := append([]any{institutionID}, db.Args(contacts)...)
	_, err := tx.Exec(ctx, `
		UPDATE contact_standing SET invite_id = COALESCE((SELECT MAX(i.id) FROM invites i
			WHERE i.institution_id = $1 AND i.contact_id = contact_standing.contact_id AND i.state NOT IN ('skipped', 'cancelled')), 0)
		WHERE institution_id = $1 AND contact_id IN (`+db.Params(2, len(contacts))+`)`, args...)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE contact_standing SET invite = COALESCE((SELECT CASE i.state WHEN 'sent' THEN 2 WHEN 'bounced' THEN 3 WHEN 'failed' THEN 3 WHEN 'accepted' THEN 4 ELSE 1 END
			FROM invites i WHERE i.id = contact_standing.invite_id), 0)
		WHERE institution_id = $1 AND contact_id IN (`+db.Params(2, len(contacts))+`)`, args...)
	return err
}
