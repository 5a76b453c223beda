package invite

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// Overridable are the reasons that whoever invites may set aside.
var Overridable = []Reason{AlreadyApproved, RecentlyInvited}

// Plan is what inviting a selection would do now, in exact numbers:
// Total = WillSend + all Skipped, WillSend = sum of the Variants.
type Plan struct {
	Total    int
	WillSend int
	Variants map[Variant]int
	Skipped  map[Reason]int
	// Fingerprint stands for the exact set of contacts selected.
	Fingerprint string
}

// fates is what will happen to whom: for each variant and reason the contacts it holds for.
type fates struct {
	selected contact.List
	variants map[Variant]contact.List
	skipped  map[Reason]contact.List
}

func (f fates) plan() Plan {
	p := Plan{Total: f.selected.Len(), Variants: map[Variant]int{}, Skipped: map[Reason]int{}, Fingerprint: f.selected.Fingerprint()}
	for _, v := range Variants {
		p.Variants[v] = f.variants[v].Len()
		p.WillSend += p.Variants[v]
	}
	for _, r := range Reasons {
		p.Skipped[r] = f.skipped[r].Len()
	}
	return p
}

// Preview tells what inviting the selection would do now. It changes nothing.
func (in *Invites) Preview(ctx context.Context, s institution.Scope, sel contact.Selection, include []Reason) (Plan, error) {
	if err := s.Require(institution.Invite); err != nil {
		return Plan{}, err
	}
	if err := checkInclude(include); err != nil {
		return Plan{}, err
	}
	var f fates
	err := in.DB.Read(ctx, func(tx *db.Tx) (err error) {
		f, err = in.decide(ctx, tx, s, sel, include)
		return err
	})
	return f.plan(), err
}

func checkInclude(include []Reason) error {
	for _, r := range include {
		if !slices.Contains(Overridable, r) {
			return fault.Invalid("include", "%q cannot be set aside; only already_approved and recently_invited can", r)
		}
	}
	return nil
}

// fate is the one place that says what becomes of a contact c with standing s: the first
// reason to skip it that holds, or the variant. Its parameters, which begin behind the number
// n, are whether already_approved and recently_invited are set aside (1) or not (0), and since
// when an invite is recent.
func fate(n int) string {
	approvedToo, recentToo, since := db.Params(n+1, 1), db.Params(n+2, 1), db.Params(n+3, 1)
	return `
	CASE
	WHEN c.archived = 1 THEN 'archived'
	WHEN c.mailable = 0 THEN 'invalid_email'
	WHEN EXISTS (SELECT 1 FROM suppressions p WHERE p.institution_id = c.institution_id AND p.email_key = c.email_key) THEN 'suppressed'
	WHEN s.standing = 4 THEN 'blocked'
	WHEN s.standing = 3 AND CAST(` + approvedToo + ` AS INTEGER) = 0 THEN 'already_approved'
	WHEN s.invite_id > 0 AND CAST(` + recentToo + ` AS INTEGER) = 0 AND EXISTS (
		SELECT 1 FROM invites i WHERE i.institution_id = c.institution_id AND i.contact_id = c.id
		AND (i.state IN ('queued', 'sending', 'deferred') OR i.state IN ('sent', 'accepted') AND i.sent_at > CAST(` + since + ` AS BIGINT))) THEN 'recently_invited'
	WHEN s.standing = 0 THEN 'create_account'
	WHEN s.standing = 1 THEN 'join_company'
	ELSE 'connect' END`
}

// decide finds what will happen to each contact of the selection. Contacts of a bulk invite
// whose list is still being made count as recently invited: their rows are not all there yet.
func (in *Invites) decide(ctx context.Context, tx *db.Tx, s institution.Scope, sel contact.Selection, include []Reason) (fates, error) {
	approvedToo, recentToo := slices.Contains(include, AlreadyApproved), slices.Contains(include, RecentlyInvited)
	f := fates{variants: map[Variant]contact.List{}, skipped: map[Reason]contact.List{}}
	var quiet int
	if err := tx.QueryRow(ctx, `SELECT quiet_days FROM institutions WHERE id = $1`, s.ID()).Scan(&quiet); err != nil {
		return f, err
	}
	preparing, err := beingPrepared(ctx, tx, s.ID())
	if err != nil {
		return f, err
	}
	since := in.Now().Add(-time.Duration(quiet) * 24 * time.Hour)
	var all []int64
	sorted := map[string][]int64{}
	q, err := in.Book.Query(ctx, tx, s, sel)
	if err != nil {
		return f, err
	}
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var id int64
		var what string
		err := r.Scan(&id, &what)
		if !recentToo && isVariant(what) && preparing.Contains(id) {
			what = string(RecentlyInvited)
		}
		all, sorted[what] = append(all, id), append(sorted[what], id)
		return err
	}, `SELECT c.id, `+fate(len(q.Args))+q.From, append(q.Args, db.Bool(approvedToo), db.Bool(recentToo), db.Millis(since))...)
	if err != nil {
		return f, err
	}
	f.selected = contact.NewList(s.ID(), all)
	for _, v := range Variants {
		f.variants[v] = contact.NewList(s.ID(), sorted[string(v)])
	}
	for _, r := range Reasons {
		f.skipped[r] = contact.NewList(s.ID(), sorted[string(r)])
	}
	return f, nil
}

func isVariant(what string) bool { return slices.Contains(Variants, Variant(what)) }

// beingPrepared is everybody whom a bulk invite of the institution will be sent to whose
// rows are still being written.
func beingPrepared(ctx context.Context, tx *db.Tx, institutionID int64) (contact.List, error) {
	var ids []int64
	err := tx.Rows(ctx, func(r *sql.Rows) error {
		var raw []byte
		if err := r.Scan(&raw); err != nil {
			return err
		}
		l, err := readFates(institutionID, raw)
		if err != nil {
			return err
		}
		for _, v := range Variants {
			ids = append(ids, l.variants[v].IDs()...)
		}
		return nil
	}, `SELECT a.list FROM bulk_invites b JOIN acts a ON a.id = b.act_id
		WHERE b.institution_id = $1 AND b.state IN ('scheduled', 'preparing', 'paused') AND a.state IN ('queued', 'running')`, institutionID)
	return contact.NewList(institutionID, ids), err
}
