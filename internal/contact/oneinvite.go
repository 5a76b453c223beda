package contact

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"beckon/internal/db"
	"beckon/internal/institution"
)

// oneInvite are the words that together speak of one invite in which the contact was not
// skipped, with the column that each is about, if it is about one. A blank value of each of
// them is a contact who has no such invite at all.
var oneInvite = []struct{ word, column string }{
	{"bulk_invite", "i.bulk_invite_id"}, {"variant", "i.variant"}, {"invite_state", "i.state"}, {"invite_reached", ""},
}

// inviteReached is what each value of invite_reached says of an invite i.
var inviteReached = map[string]string{
	"sent": `i.sent_at > 0`, "delivered": `(i.sent_at > 0 AND i.state <> 'bounced')`, "opened": `i.opened_at > 0`,
	"accepted": `i.accepted_at > 0`, "approved": `i.approved_at > 0`,
}

// notSkipped is the condition on an invite i that the contact was not skipped in it.
const notSkipped = `i.state <> 'skipped'`

// invites adds the words that speak of one invite.
func (p *plan) invites(ctx context.Context, tx *db.Tx, f Filter) error {
	p.invite = notSkipped
	if !f.speaksOfInvite() {
		return nil
	}
	var any []string
	bound := len(p.args)
	bulks, some := p.nameInvite(f)
	if some {
		any = append(any, `EXISTS (SELECT 1 FROM invites i WHERE i.institution_id = $1 AND i.contact_id = c.id AND `+p.invite+`)`)
	} else {
		p.invite, p.args = `1 = 0`, p.args[:bound]
	}
	if f.orNone() {
		any = append(any, fmt.Sprintf(`s.reached & %d = 0`, ReachedInvited))
		p.needs = true
	}
	if any == nil {
		p.nobody = true
		return nil
	}
	condition := `(` + strings.Join(any, ` OR `) + `)`
	p.where(condition)
	if len(any) > 1 || !some || len(bulks) == 0 {
		return nil
	}
	return p.poolInvites(ctx, tx, bulks, condition)
}

// speaksOfInvite tells whether the filter has one of the words for one invite.
func (f Filter) speaksOfInvite() bool {
	return slices.ContainsFunc(oneInvite, func(w struct{ word, column string }) bool { return f.values[w.word] != nil })
}

// orNone tells whether contacts without any invite match the words for one.
func (f Filter) orNone() bool {
	for _, w := range oneInvite {
		if values := f.values[w.word]; values != nil && !slices.Contains(values, "") {
			return false
		}
	}
	return true
}

// nameInvite writes down in p.invite which invites the words name; some is false where none
// can be. It answers the bulk invites that are named.
func (p *plan) nameInvite(f Filter) (bulks []int64, some bool) {
	for _, w := range oneInvite {
		values := f.values[w.word]
		if values == nil {
			continue
		}
		if w.word == "invite_reached" {
			any := make([]string, len(values))
			for n, v := range values {
				any[n] = inviteReached[v]
			}
			p.invite += ` AND (` + strings.Join(any, ` OR `) + `)`
			continue
		}
		var params []string
		for _, v := range values {
			if w.word != "bulk_invite" {
				if v != "" {
					params = append(params, p.arg(v))
				}
			} else if id, ok := db.ParseID(v); ok {
				params, bulks = append(params, p.arg(id)), append(bulks, id)
			}
		}
		if params == nil {
			return nil, false
		}
		p.invite += ` AND ` + w.column + ` IN (` + strings.Join(params, `, `) + `)`
	}
	return bulks, true
}

// poolInvites makes the contacts of bulk invites the pool, if they are fewer than those of
// the pool so far. The plus keeps SQLite from looking at all invites of the institution.
func (p *plan) poolInvites(ctx context.Context, tx *db.Tx, bulks []int64, condition string) error {
	var size int
	err := tx.QueryRow(ctx, `SELECT COALESCE(SUM(total), 0) FROM bulk_invites WHERE institution_id = $1 AND id IN (`+db.Params(2, len(bulks))+`)`,
		append([]any{p.institution}, db.Args(bulks)...)...).Scan(&size)
	if err != nil || p.pool != `` && p.poolSize <= size {
		return err
	}
	distinct := ``
	if len(bulks) > 1 {
		distinct = `DISTINCT `
	}
	p.pool = `(SELECT ` + distinct + `i.contact_id FROM invites i WHERE +i.institution_id = $1 AND ` + p.invite + `)`
	p.poolSize, p.poolSays = size, condition
	return nil
}

// BulkInviteNames tells people which bulk invites of the institution ids stand for, written
// as the filter writes them: by label and by day in the institution's zone. What the
// institution has not is left out.
func (b *Book) BulkInviteNames(ctx context.Context, s institution.Scope, ids []string) (names map[string]string, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, nil
	}
	zone, err := b.zone(ctx, s)
	if err != nil {
		return nil, err
	}
	err = b.DB.Read(ctx, func(tx *db.Tx) error {
		names, err = NameBulkInvites(ctx, tx, s.ID(), ids, zone)
		return err
	})
	return names, err
}

// NameBulkInvites is BulkInviteNames within a transaction.
func NameBulkInvites(ctx context.Context, tx *db.Tx, institutionID int64, ids []string, zone *time.Location) (map[string]string, error) {
	names := map[string]string{}
	err := inParts(parseIDs(ids), func(part []int64) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var id, created int64
			var label string
			err := r.Scan(&id, &label, &created)
			at := db.Time(created).In(zone)
			names[db.FormatID(id)] = strings.TrimPrefix(label+", "+at.Format("2 Jan 2006 15:04"), ", ")
			return err
		}, `SELECT id, label, created_at FROM bulk_invites WHERE institution_id = $1 AND id IN (`+db.Params(2, len(part))+`)`,
			append([]any{institutionID}, db.Args(part)...)...)
	})
	return names, err
}
