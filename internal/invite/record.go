package invite

import (
	"cmp"
	"context"
	"database/sql"
	"math/rand/v2"
	"slices"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/institution"
	"beckon/internal/mail"
)

// retryAfter is how long a message that was refused for now waits for its next try. After
// the last one it is given up.
var retryAfter = []time.Duration{
	10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour,
}

// record commits what came of a group of messages, in one transaction. A result is written
// only where the lease is still the one it was sent under.
func (in *Invites) record(ctx context.Context, group []*outcome) error {
	byBulk := map[int64][]*outcome{}
	for _, o := range group {
		byBulk[o.job.bulk] = append(byBulk[o.job.bulk], o)
	}
	bulks := make([]int64, 0, len(byBulk))
	for id := range byBulk {
		bulks = append(bulks, id)
	}
	// Institutions are locked in id order, before any row.
	slices.SortFunc(bulks, func(a, b int64) int {
		return cmp.Or(cmp.Compare(byBulk[a][0].job.institution, byBulk[b][0].job.institution), cmp.Compare(a, b))
	})
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		if err := lockForConnects(ctx, tx, group); err != nil {
			return err
		}
		for _, id := range bulks {
			if err := in.recordBulk(ctx, tx, id, byBulk[id]); err != nil {
				return err
			}
		}
		return nil
	})
}

// lockForConnects locks the institutions where a taken message approves a company.
func lockForConnects(ctx context.Context, tx *db.Tx, group []*outcome) error {
	var at []int64
	for _, o := range group {
		if o.connects() {
			at = append(at, o.job.institution)
		}
	}
	return gate.Locks(ctx, tx, at)
}

func (o *outcome) connects() bool {
	return o.result.Class == mail.Accepted && o.job.variant == Connect && o.job.content.ConnectOn == "send"
}

// recordBulk writes the results of one bulk invite. Its counts come last, so that the row
// all processes share is held as briefly as can be.
func (in *Invites) recordBulk(ctx context.Context, tx *db.Tx, bulkID int64, group []*outcome) error {
	now := in.Now()
	var c Counts
	var taken, connects []*outcome
	for _, o := range group {
		if o.result.Class == mail.Accepted {
			taken = append(taken, o)
			if o.connects() {
				connects = append(connects, o)
			}
		} else if err := in.recordOther(ctx, tx, now, o, &c); err != nil {
			return err
		}
	}
	if len(taken) > 0 {
		if err := in.recordTaken(ctx, tx, now, bulkID, taken, &c); err != nil {
			return err
		}
	}
	if len(connects) > 0 {
		if err := in.connectOnSending(ctx, tx, now, connects, &c); err != nil {
			return err
		}
	}
	const over = `state = 'sending' AND queued + $7 = 0 AND sending + $2 = 0 AND deferred + $4 = 0`
	_, err := tx.Exec(ctx, `
		UPDATE bulk_invites SET sending = sending + $2, sent = sent + $3, deferred = deferred + $4, bounced = bounced + $5, failed = failed + $6,
			queued = queued + $7, cancelled = cancelled + $8, approved = approved + $9,
			wait_reason = CASE WHEN CAST($3 AS INTEGER) > 0 THEN '' ELSE wait_reason END,
			finished_at = CASE WHEN `+over+` THEN $10 ELSE finished_at END,
			state = CASE WHEN `+over+` THEN 'sent' ELSE state END
		WHERE id = $1`,
		bulkID, c.Sending, c.Sent, c.Deferred, c.Bounced, c.Failed, c.Queued, c.Cancelled, c.Approved, db.Millis(now))
	return err
}

// recordTaken writes what a mail server took, all in two statements.
func (in *Invites) recordTaken(ctx context.Context, tx *db.Tx, now time.Time, bulkID int64, taken []*outcome, c *Counts) error {
	n := len(taken)
	args := []any{db.Millis(now), bulkID}
	for _, o := range taken {
		args = append(args, o.job.id)
	}
	for _, o := range taken {
		args = append(args, o.job.lease)
	}
	var written, answered []int64
	err := tx.Rows(ctx, func(r *sql.Rows) error {
		var id, acceptedAt int64
		err := r.Scan(&id, &acceptedAt)
		written = append(written, id)
		if acceptedAt > 0 {
			answered = append(answered, id)
		}
		return err
	}, `
		UPDATE invites SET state = 'sent', sent_at = $1, due_at = 0, lease = 0, reply = 'taken by the mail server'
		WHERE bulk_invite_id = $2 AND state = 'sending' AND id IN (`+db.Params(3, n)+`) AND lease IN (`+db.Params(3+n, n)+`)
		RETURNING contact_id, accepted_at`, args...)
	if err != nil {
		return err
	}
	c.Sending -= len(written)
	c.Sent += len(written)
	if len(written) == 0 {
		return nil
	}
	args = append([]any{db.Millis(now), taken[0].job.institution}, args[2:2+n]...)
	_, err = tx.Exec(ctx, `
		UPDATE contact_standing SET last_invited_at = $1, reached = reached | 2, invite = CASE WHEN invite_id IN (`+db.Params(3, n)+`) THEN 2 ELSE invite END
		WHERE institution_id = $2 AND contact_id IN (`+db.Params(3+n, len(written))+`)`, append(args, db.Args(written)...)...)
	if err != nil || len(answered) == 0 {
		return err
	}
	return answeredBefore(ctx, tx, taken[0].job.institution, bulkID, answered)
}

// answeredBefore makes invites accepted whose answer came before the mail server's word did.
func answeredBefore(ctx context.Context, tx *db.Tx, institutionID, bulkID int64, contacts []int64) error {
	_, err := tx.Exec(ctx, `UPDATE invites SET state = 'accepted' WHERE state = 'sent' AND bulk_invite_id = $1 AND contact_id IN (`+db.Params(2, len(contacts))+`)`,
		append([]any{bulkID}, db.Args(contacts)...)...)
	if err != nil {
		return err
	}
	if err := restoreLatest(ctx, tx, institutionID, contacts); err != nil {
		return err
	}
	return reachAgain(ctx, tx, institutionID, contacts...)
}

// fateOf says what becomes of a message that no mail server took.
func fateOf(o *outcome, now time.Time) (state State, due int64, keepLease bool, reason string) {
	switch r := o.result; {
	case r.Withheld && r.Err == errLeaseOver, r.Class == mail.NotSent && !r.Withheld:
		return Queued, db.Millis(now), false, ""
	case r.Class == mail.Unknown:
		// It may have been taken: the repeat must be the same message.
		return Queued, db.Millis(now.Add(time.Second)), true, ""
	case r.Withheld:
		return Failed, 0, false, "message" // it cannot be written
	case r.Class == mail.Permanent && (r.About == mail.AboutRecipient || r.Code != 0):
		return Bounced, 0, false, ""
	case r.Class == mail.Permanent:
		return Failed, 0, false, "refused"
	}
	if o.job.attempt >= len(retryAfter) {
		return Failed, 0, false, "gave_up"
	}
	wait := retryAfter[o.job.attempt]
	wait += time.Duration(rand.Int64N(int64(wait) / 5)) // so that a whole batch does not come back at once
	return Deferred, db.Millis(now.Add(wait)), false, ""
}

// recordOther writes one result that is no acceptance.
func (in *Invites) recordOther(ctx context.Context, tx *db.Tx, now time.Time, o *outcome, c *Counts) error {
	state, due, keep, reason := fateOf(o, now)
	j := o.job
	if state == Queued || state == Deferred {
		var bulk string
		if err := tx.QueryRow(ctx, `SELECT state FROM bulk_invites WHERE id = $1`, j.bulk).Scan(&bulk); err != nil {
			return err
		}
		if bulk == BulkCancelled {
			state, due, keep = Cancelled, 0, false
		}
	}
	lease := int64(0)
	if keep {
		lease = j.lease
	}
	attempt := j.attempt
	if state == Deferred {
		attempt++
	}
	n, err := tx.Exec(ctx, `
		UPDATE invites SET state = $3, due_at = $4, reason = $5, reply = $6, lease = $7, attempt = $8 WHERE id = $1 AND lease = $2 AND state = 'sending'`,
		j.id, j.lease, string(state), due, reason, o.result.String(), lease, attempt)
	if err != nil || n == 0 {
		return err
	}
	c.Sending--
	*c.of(state)++
	switch state {
	case Bounced, Failed:
		return refused(ctx, tx, now, o, state)
	case Cancelled:
		return restoreLatest(ctx, tx, j.institution, []int64{j.contact})
	}
	return nil
}

// refused writes down that a message was refused for good, and does not mail again an address
// that the mail server does not know.
func refused(ctx context.Context, tx *db.Tx, now time.Time, o *outcome, state State) error {
	j := o.job
	if o.result.About == mail.AboutRecipient && o.result.Class == mail.Permanent {
		if err := suppress(ctx, tx, institution.System(j.institution, "bounce"), now, j.emailKey, "bounced", o.result.String()); err != nil {
			return err
		}
	}
	bounced := 0
	if state == Bounced {
		bounced = contact.ReachedBounced
	}
	_, err := tx.Exec(ctx, `
		UPDATE contact_standing SET reached = reached | $4, invite = CASE WHEN invite_id = $3 THEN 3 ELSE invite END
		WHERE institution_id = $1 AND contact_id = $2`, j.institution, j.contact, j.id, bounced)
	return err
}

// of is the count of a state that a message can come to.
func (c *Counts) of(s State) *int {
	switch s {
	case Queued:
		return &c.Queued
	case Deferred:
		return &c.Deferred
	case Bounced:
		return &c.Bounced
	case Cancelled:
		return &c.Cancelled
	}
	return &c.Failed
}

// connectOnSending approves the companies of connect invites that a mail server took: once
// a company, only where the membership still holds, never where it is blocked.
func (in *Invites) connectOnSending(ctx context.Context, tx *db.Tx, now time.Time, connects []*outcome, c *Counts) error {
	inst := connects[0].job.institution
	byContact := map[int64]*outcome{}
	contacts := make([]any, len(connects))
	for i, o := range connects {
		contacts[i], byContact[o.job.contact] = o.job.contact, o
	}
	of := map[int64][]int64{} // company to its invites
	err := tx.Rows(ctx, func(r *sql.Rows) error {
		var contact, company int64
		err := r.Scan(&contact, &company)
		of[company] = append(of[company], byContact[contact].job.id)
		return err
	}, `SELECT contact_id, company_id FROM contact_standing WHERE institution_id = $1 AND company_id > 0 AND contact_id IN (`+db.Params(2, len(contacts))+`)`,
		append([]any{inst}, contacts...)...)
	if err != nil {
		return err
	}
	by := institution.System(inst, "connect invite").Actor()
	for company, invites := range of {
		approved, _, err := in.Recruiting.Connect(ctx, tx, by, inst, company)
		if err != nil {
			return err
		}
		if !approved {
			continue
		}
		// Those whose standing changed just now were marked by the gate; the others stood
		// approved already.
		n, err := tx.Exec(ctx, `UPDATE invites SET approved_at = $1 WHERE approved_at = 0 AND sent_at > 0 AND id IN (`+db.Params(2, len(invites))+`)`,
			append([]any{db.Millis(now)}, db.Args(invites)...)...)
		if err != nil {
			return err
		}
		c.Approved += int(n)
	}
	return nil
}
