package invite

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"time"

	"beckon/internal/db"
)

const (
	// leaseFor is how long a row belongs to the process that leased it. A batch is made to
	// last about two seconds; the rest is room for a slow mail server.
	leaseFor = 15 * time.Second
	// leaseMargin is how long before that the process itself stops sending.
	leaseMargin = 3 * time.Second
)

// job is one leased invite on its way to the mail server.
type job struct {
	id, contact int64
	bulk        int64
	institution int64
	variant     Variant
	generation  int
	attempt     int
	email       string
	emailKey    string
	firstName   string
	lastName    string
	lease       int64
	// deadline is where the lease ends for this process, with Go's monotonic clock in it.
	deadline time.Time
	content  *Content
}

// expired tells whether the lease may be over, by the monotonic clock or by the wall clock:
// either may have stood still while this process or machine was asleep.
func (j *job) expired(now time.Time) bool {
	return !now.Before(j.deadline) || !now.Round(0).Before(j.deadline.Round(0))
}

// candidate is a due row with what decides its fate now.
type candidate struct {
	job
	state      State
	was        Variant
	tookBefore bool // a lease died after it was taken: it may have gone out
	gone       bool // the contact was erased
	archived   bool
	suppressed bool
	standing   int
}

// takeBatch leases up to n due rows of a bulk invite, in one transaction that also reads
// the hard stops and the variant again. now is read before that, with the monotonic clock:
// the process stops sending by it.
func (in *Invites) takeBatch(ctx context.Context, bulkID int64, n int, now time.Time) (jobs []*job, err error) {
	err = in.DB.Write(ctx, func(tx *db.Tx) error {
		jobs = nil
		content, err := loadContent(ctx, tx, bulkID, in.fromAddress())
		if db.IsNoRows(err) {
			return nil // paused or over meanwhile
		}
		if err != nil {
			return err
		}
		due, err := dueRows(ctx, tx, content.InstitutionID, bulkID, db.Millis(in.Now()), n)
		if err != nil || len(due) == 0 {
			return err
		}
		lease := rand.Int64N(1<<62) + 1
		var skip []candidate
		for i := range due {
			c := &due[i]
			if c.gone || c.archived || c.suppressed || c.standing == 4 {
				skip = append(skip, *c)
				continue
			}
			if !c.tookBefore {
				c.variant = variantOf(c.standing)
			}
			c.lease, c.deadline, c.content = lease, now.Add(leaseFor-leaseMargin), content
			jobs = append(jobs, &c.job)
		}
		if err := storeLease(ctx, tx, jobs, lease, db.Millis(in.Now().Add(leaseFor))); err != nil {
			return err
		}
		if err := in.skipNow(ctx, tx, content.InstitutionID, bulkID, skip); err != nil {
			return err
		}
		return countLease(ctx, tx, in.Now(), bulkID, due, jobs)
	})
	return jobs, err
}

func variantOf(standing int) Variant {
	switch standing {
	case 0:
		return CreateAccount
	case 1:
		return JoinCompany
	}
	return Connect
}

func loadContent(ctx context.Context, tx *db.Tx, bulkID int64, from string) (*Content, error) {
	c := &Content{}
	err := tx.QueryRow(ctx, `
		SELECT i.id, i.name, i.website, i.reply_to, b.note, b.created_by, b.message_domain, b.connect_on
		FROM bulk_invites b JOIN institutions i ON i.id = b.institution_id WHERE b.id = $1 AND b.state = 'sending'`, bulkID).
		Scan(&c.InstitutionID, &c.InstitutionName, &c.Website, &c.ReplyTo, &c.Note, &c.NoteFrom, &c.MessageDomain, &c.ConnectOn)
	if c.ReplyTo == "" {
		c.ReplyTo = from
	}
	return c, err
}

func dueRows(ctx context.Context, tx *db.Tx, institutionID, bulkID, now int64, n int) (due []candidate, err error) {
	query := `
		SELECT i.id, i.contact_id, i.variant, i.state, i.generation, i.attempt, i.lease,
			COALESCE(c.email, ''), COALESCE(c.email_key, ''), COALESCE(c.first_name, ''), COALESCE(c.last_name, ''), COALESCE(c.archived, 0),
			COALESCE(s.standing, -1),
			CASE WHEN EXISTS (SELECT 1 FROM suppressions p WHERE p.institution_id = $1 AND p.email_key = c.email_key) THEN 1 ELSE 0 END
		FROM invites i
		LEFT JOIN contacts c ON c.institution_id = $1 AND c.id = i.contact_id
		LEFT JOIN contact_standing s ON s.institution_id = $1 AND s.contact_id = i.contact_id
		WHERE i.bulk_invite_id = $2 AND i.state IN ('queued', 'deferred') AND i.due_at <= $3
		ORDER BY i.due_at, i.id LIMIT $4`
	if tx.Engine() == db.Postgres {
		query += ` FOR UPDATE OF i SKIP LOCKED`
	}
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var c candidate
		var lease int64
		err := r.Scan(&c.id, &c.contact, &c.was, &c.state, &c.generation, &c.attempt, &lease,
			&c.email, &c.emailKey, &c.firstName, &c.lastName, &c.archived, &c.standing, &c.suppressed)
		c.variant, c.tookBefore, c.gone = c.was, lease != 0, c.standing < 0
		c.email = reachable(c.email, c.emailKey)
		c.bulk, c.institution = bulkID, institutionID
		due = append(due, c)
		return err
	}, query, institutionID, bulkID, now, n)
	return due, err
}

// reachable is where a message goes: the address as written, but its normalised form where
// letters beyond ASCII are in it. Their look-alikes count as the same address here, and what
// the link proves must be the mailbox that the message went to.
func reachable(written, key string) string {
	for i := range len(written) {
		if written[i] >= 0x80 {
			return key
		}
	}
	return written
}

// storeLease writes the lease, and the variant that each message will have.
func storeLease(ctx context.Context, tx *db.Tx, jobs []*job, lease, until int64) error {
	byVariant := map[Variant][]any{}
	for _, j := range jobs {
		byVariant[j.variant] = append(byVariant[j.variant], j.id)
	}
	for v, ids := range byVariant {
		args := append([]any{string(v), lease, until}, ids...)
		_, err := tx.Exec(ctx, `
			UPDATE invites SET state = 'sending', variant = $1, lease = $2, lease_until = $3, attempt = attempt + 1
			WHERE id IN (`+db.Params(4, len(ids))+`)`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// skipNow skips contacts that were found unfit when their turn came.
func (in *Invites) skipNow(ctx context.Context, tx *db.Tx, institutionID, bulkID int64, unfit []candidate) error {
	if len(unfit) == 0 {
		return nil
	}
	contacts := make([]int64, len(unfit))
	for i, c := range unfit {
		contacts[i] = c.contact
		reason := Suppressed
		switch {
		case c.gone:
			reason = Erased
		case c.archived:
			reason = Archived
		case c.suppressed:
		default:
			reason = Blocked
		}
		if _, err := tx.Exec(ctx, `UPDATE invites SET state = 'skipped', reason = $2, lease = 0 WHERE id = $1`, c.id, string(reason)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE bulk_invites SET `+string(c.was)+` = `+string(c.was)+` - 1, skipped_`+string(reason)+` = skipped_`+string(reason)+` + 1,
			unfit_`+string(reason)+` = unfit_`+string(reason)+` + 1 WHERE id = $1`, bulkID)
		if err != nil {
			return err
		}
	}
	if err := reachAgain(ctx, tx, institutionID, contacts...); err != nil {
		return err
	}
	return restoreLatest(ctx, tx, institutionID, contacts)
}

// countLease moves the counts of the bulk invite along with the rows.
func countLease(ctx context.Context, tx *db.Tx, now time.Time, bulkID int64, due []candidate, jobs []*job) error {
	deferred := 0
	moved := map[Variant]int{}
	for _, c := range due {
		if c.state == Deferred {
			deferred++
		}
	}
	was := map[int64]Variant{}
	for _, c := range due {
		was[c.id] = c.was
	}
	for _, j := range jobs {
		moved[was[j.id]]--
		moved[j.variant]++
	}
	_, err := tx.Exec(ctx, `
		UPDATE bulk_invites SET queued = queued - $2, deferred = deferred - $3, sending = sending + $4,
			create_account = create_account + $5, join_company = join_company + $6, connect = connect + $7 WHERE id = $1`,
		bulkID, len(due)-deferred, deferred, len(jobs), moved[CreateAccount], moved[JoinCompany], moved[Connect])
	if err != nil {
		return err
	}
	return finishIfDone(ctx, tx, now, bulkID)
}

// recoverLeases gives rows back whose lease is over: its process is gone or was asleep.
// With all, every lease counts as over. Such a row keeps its variant, since its message may
// have gone out: a repeat must be the same message.
func (in *Invites) recoverLeases(ctx context.Context, all bool) error {
	until := db.Millis(in.Now())
	if all {
		until = 1<<62 - 1
	}
	var some int
	err := in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM invites WHERE state = 'sending' AND lease_until <= $1 LIMIT 1) AS x`, until).Scan(&some)
	})
	if err != nil || some == 0 {
		return err
	}
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		byBulk := map[int64][]any{}
		err := tx.Rows(ctx, func(r *sql.Rows) error {
			var id, bulk int64
			err := r.Scan(&id, &bulk)
			byBulk[bulk] = append(byBulk[bulk], id)
			return err
		}, `SELECT id, bulk_invite_id FROM invites WHERE state = 'sending' AND lease_until <= $1 ORDER BY id LIMIT 5000`+lockRows(tx), until)
		if err != nil {
			return err
		}
		for bulk, ids := range byBulk {
			if err := giveBack(ctx, tx, bulk, ids); err != nil {
				return err
			}
		}
		return nil
	})
}

// giveBack makes leased rows queued again, or cancelled if the bulk invite was cancelled
// meanwhile. They keep their lease number as the sign that they were taken before.
func giveBack(ctx context.Context, tx *db.Tx, bulkID int64, ids []any) error {
	var state string
	if err := tx.QueryRow(ctx, `SELECT state FROM bulk_invites WHERE id = $1`, bulkID).Scan(&state); err != nil {
		return err
	}
	to := "queued"
	if state == BulkCancelled {
		to = "cancelled"
	}
	args := append([]any{to}, ids...)
	n, err := tx.Exec(ctx, `UPDATE invites SET state = $1, due_at = 0, lease_until = 0 WHERE state = 'sending' AND id IN (`+db.Params(2, len(ids))+`)`, args...)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE bulk_invites SET sending = sending - $2, `+to+` = `+to+` + $2 WHERE id = $1`, bulkID, n)
	return err
}
