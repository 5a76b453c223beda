package invite

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"beckon/internal/db"
)

// pace measures how fast messages go, so that a lease covers about two seconds of sending.
type pace struct{ perSecond float64 }

const (
	leaseSeconds = 2
	mostLeased   = 10_000
)

// batch is how many rows to lease next.
func (p *pace) batch(connections int) int {
	n := int(p.perSecond * leaseSeconds)
	return min(max(n, 4*connections), mostLeased)
}

// note takes in that n messages went out in the time.
func (p *pace) note(n int, in time.Duration) {
	rate := float64(n) / max(in.Seconds(), 0.001)
	if p.perSecond == 0 {
		p.perSecond = rate
	}
	p.perSecond += (rate - p.perSecond) / 2
}

// openBulk is a bulk invite that is being sent.
type openBulk struct{ id, institution int64 }

// openBulks is all that are being sent, the oldest first. The second condition says nothing
// new: it lets the partial index serve.
func (in *Invites) openBulks(ctx context.Context) (open []openBulk, err error) {
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var b openBulk
			err := r.Scan(&b.id, &b.institution)
			open = append(open, b)
			return err
		}, `SELECT id, institution_id FROM bulk_invites WHERE state = 'sending' AND state IN ('preparing', 'sending') ORDER BY id`)
	})
	return open, err
}

// turn shares the sender between institutions: the one served longest ago comes first.
type turn struct {
	last  map[int64]int
	count int
}

func (t *turn) served(institution int64) {
	if t.last == nil {
		t.last = map[int64]int{}
	}
	t.count++
	t.last[institution] = t.count
}

func (t *turn) order(open []openBulk) []openBulk {
	slices.SortStableFunc(open, func(a, b openBulk) int { return t.last[a.institution] - t.last[b.institution] })
	return open
}

// waitFor writes down what bulk invites wait for, so that their page can tell.
func (in *Invites) waitFor(ctx context.Context, open []openBulk, reason string) error {
	ids := make([]any, len(open))
	for i, b := range open {
		ids[i] = b.id
	}
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE bulk_invites SET wait_reason = $1 WHERE wait_reason <> $1 AND id IN (`+db.Params(2, len(ids))+`)`, append([]any{reason}, ids...)...)
		return err
	})
}

// release hands leased rows back that were never on the wire: as if they had not been taken.
func (in *Invites) release(ctx context.Context, jobs []*job) error {
	byBulk := map[int64][]any{}
	for _, j := range jobs {
		byBulk[j.bulk] = append(byBulk[j.bulk], j.id)
	}
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		for bulk, ids := range byBulk {
			if err := giveBack(ctx, tx, bulk, ids); err != nil {
				return err
			}
		}
		return nil
	})
}
