package invite

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"beckon/internal/act"
	"beckon/internal/audit"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/input"
	"beckon/internal/institution"
)

// Order is what whoever invites confirms.
type Order struct {
	Selection contact.Selection
	// ExpectedTotal and Fingerprint are what was shown; nil and "" are not compared.
	ExpectedTotal *int
	Fingerprint   string
	// Label goes to all who will be sent to; "" for none.
	Label string
	// Note is a personal word in every message, at most 2,000 characters.
	Note    string
	Include []Reason
	// ScheduledAt is when it goes out, at most a year ahead; zero for at once.
	ScheduledAt time.Time
	// Key makes a repeat of the same order answer the first bulk invite; "" for none.
	Key string
}

// Changed says that the selection is another than the one that was shown. Nothing was sent.
type Changed struct{ Plan Plan }

func (e Changed) Error() string {
	return fmt.Sprintf("the selection has changed: it holds %d contacts now; look at the new numbers and confirm again", e.Plan.Total)
}

// keyLife is for how long a repeated key answers the first bulk invite.
const keyLife = 24 * time.Hour

// Confirm fixes the selection and queues the bulk invite, or schedules it. It answers Changed
// if the selection is not the one that was shown, and fault.Fields with nobody to send to or a
// time that cannot be. The first rows are written at once; a long list is expanded by a worker.
func (in *Invites) Confirm(ctx context.Context, s institution.Scope, o Order) (Bulk, error) {
	if err := s.Require(institution.Invite); err != nil {
		return Bulk{}, err
	}
	if err := o.check(); err != nil {
		return Bulk{}, err
	}
	var id int64
	err := in.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
			return err
		}
		if id, err = in.repeated(ctx, tx, s, o); err != nil || id != 0 {
			return err
		}
		if err := in.checkTime(o.ScheduledAt); err != nil {
			return err
		}
		f, err := in.decide(ctx, tx, s, o.Selection, o.Include)
		if err != nil {
			return err
		}
		if err := o.compare(f.plan()); err != nil {
			return err
		}
		id, err = in.fix(ctx, tx, s, o, f)
		return err
	})
	if err != nil {
		return Bulk{}, err
	}
	in.wake()
	return in.Get(ctx, s, id)
}

// check brings what was typed into the form in which it is kept, and answers what is wrong.
func (o *Order) check() error {
	var form input.Form
	o.Note = form.Lines("note", o.Note, 2000)
	if o.Key != form.Line("idempotency_key", o.Key, 200) {
		form.Add("idempotency_key", "holds characters that cannot be seen")
	}
	if err := form.Err(); err != nil {
		return err
	}
	return checkInclude(o.Include)
}

func (o Order) compare(p Plan) error {
	if o.ExpectedTotal != nil && *o.ExpectedTotal != p.Total || o.Fingerprint != "" && o.Fingerprint != p.Fingerprint {
		return Changed{Plan: p}
	}
	switch {
	case p.Total == 0:
		return fault.Invalid("selection", "holds no contact that is there; look at its filter or ids")
	case p.WillSend == 0:
		return fault.Invalid("selection", "there is nobody to send to: all %d selected contacts are skipped; the preview says why", p.Total)
	}
	return nil
}

// hash tells orders apart that came with the same key.
func (o Order) hash() []byte {
	o.Key, o.ScheduledAt = "", o.ScheduledAt.UTC()
	raw, _ := json.Marshal(struct {
		Order
		Selection string
	}{o, selectionText(o.Selection)})
	h := sha256.Sum256(raw)
	return h[:]
}

// repeated answers the bulk invite that the same key made before.
func (in *Invites) repeated(ctx context.Context, tx *db.Tx, s institution.Scope, o Order) (id int64, err error) {
	if o.Key == "" {
		return 0, nil
	}
	var hash []byte
	var created int64
	err = tx.QueryRow(ctx, `
		SELECT id, request_hash, created_at FROM bulk_invites
		WHERE institution_id = $1 AND created_by_id = $2 AND confirm_key = $3`, s.ID(), s.Actor().ID, o.Key).Scan(&id, &hash, &created)
	switch {
	case db.IsNoRows(err):
		return 0, nil
	case err != nil:
		return 0, err
	case in.Now().Sub(db.Time(created)) > keyLife:
		_, err = tx.Exec(ctx, `UPDATE bulk_invites SET confirm_key = '' WHERE institution_id = $1 AND id = $2`, s.ID(), id)
		return 0, err
	case string(hash) != string(o.hash()):
		return 0, fault.Invalid("idempotency_key", "was used for another bulk invite; use a new one")
	}
	return id, nil
}

// fix writes the bulk invite with its frozen list.
func (in *Invites) fix(ctx context.Context, tx *db.Tx, s institution.Scope, o Order, f fates) (int64, error) {
	now, p := in.Now(), f.plan()
	inst, err := institution.Load(ctx, tx, s.ID())
	if err != nil {
		return 0, err
	}
	label, err := in.label(ctx, tx, s, o.Label)
	if err != nil {
		return 0, err
	}
	include := make([]string, len(o.Include))
	for i, r := range o.Include {
		include[i] = string(r)
	}
	state := BulkPreparing
	if !o.ScheduledAt.IsZero() {
		state = BulkScheduled
	}
	var id int64
	err = tx.QueryRow(ctx, `
		INSERT INTO bulk_invites (institution_id, state, scheduled_at, created_at, created_by, created_by_id, confirm_key, request_hash, selection, include,
			label_id, label, note, message_domain, connect_on, after_signup, total, create_account, join_company, connect,
			skipped_archived, skipped_suppressed, skipped_invalid_email, skipped_already_approved, skipped_blocked, skipped_recently_invited)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)
		RETURNING id`,
		s.ID(), state, db.Millis(o.ScheduledAt), db.Millis(now), s.Actor().Name, s.Actor().ID, o.Key, o.hash(), selectionText(o.Selection), strings.Join(include, ","),
		label.ID, label.Name, o.Note, in.messageDomain(), inst.ConnectOn, inst.AfterSignup,
		p.Total, p.Variants[CreateAccount], p.Variants[JoinCompany], p.Variants[Connect],
		p.Skipped[Archived], p.Skipped[Suppressed], p.Skipped[InvalidEmail], p.Skipped[AlreadyApproved], p.Skipped[Blocked], p.Skipped[RecentlyInvited]).Scan(&id)
	if err != nil {
		return 0, err
	}
	if err := in.begin(ctx, tx, s, id, f); err != nil {
		return 0, err
	}
	return id, audit.Record(ctx, tx, audit.Event{InstitutionID: s.ID(), At: now, Actor: s.Actor(), Action: "bulk_invite.confirmed",
		SubjectKind: "bulk_invite", SubjectID: id, List: f.selected.Bytes(),
		Detail: scheduled(map[string]any{"total": p.Total, "will_send": p.WillSend, "label": label.Name}, o.ScheduledAt)})
}

// label is the label of that name, made if unknown; none for a blank one. Its faults are of
// the order's field.
func (in *Invites) label(ctx context.Context, tx *db.Tx, s institution.Scope, name string) (contact.Label, error) {
	if strings.TrimSpace(name) == "" {
		return contact.Label{}, nil
	}
	l, err := in.Book.EnsureLabel(ctx, tx, s, name)
	var faults fault.Fields
	if errors.As(err, &faults) {
		return l, fault.Fields{{Path: "label", Message: faults[0].Message}}
	}
	return l, err
}

// begin writes the first rows, and queues an act for the rest of a long list.
func (in *Invites) begin(ctx context.Context, tx *db.Tx, s institution.Scope, id int64, f fates) error {
	a := act.Act{InstitutionID: s.ID(), Kind: ExpandKind, Actor: s.Actor(), Total: int64(f.selected.Len()), List: f.bytes(), Params: bulkParams{Bulk: id}.json()}
	for range chunksAtOnce {
		over, err := in.expandChunk(ctx, tx, &a, f)
		if err != nil || over {
			return err
		}
	}
	actID, err := act.Add(ctx, tx, in.Now(), a)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE bulk_invites SET act_id = $3 WHERE institution_id = $1 AND id = $2`, s.ID(), id, actID)
	return err
}

func (in *Invites) messageDomain() string {
	_, domain, _ := strings.Cut(in.MailFrom, "@")
	return strings.TrimSuffix(domain, ">")
}

// selectionText is a selection as it is stored: JSON.
func selectionText(sel contact.Selection) string {
	raw, _ := json.Marshal(sel) // ids and texts alone
	return string(raw)
}
