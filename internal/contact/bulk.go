package contact

import (
	"context"
	"encoding/json"
	"fmt"

	"beckon/internal/act"
	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// Kinds of bulk acts, which are also the kinds of the long acts that carry them out.
const (
	BulkLabels  = "labels"
	BulkArchive = "archive"
	BulkRestore = "restore"
	BulkDelete  = "delete"
	BulkOwner   = "owner"
)

// Bulk is one act on a selection of contacts.
type Bulk struct {
	Kind string
	// Add and Remove are names of labels, for BulkLabels.
	Add, Remove []string
	// OwnerID is the new owner's user, 0 for none, for BulkOwner.
	OwnerID int64
}

// Done is what became of a Bulk.
type Done struct {
	// Total is how many contacts were selected.
	Total int
	// Changed is how many contacts changed, if it was done at once.
	Changed int
	// ActID is the long act that carries it out, 0 if it was done at once.
	ActID int64
}

// bulkParams are the params of the long act.
type bulkParams struct {
	Add    []int64 `json:"add,omitempty"`
	Remove []int64 `json:"remove,omitempty"`
	Owner  int64   `json:"owner,omitempty"`
}

// bulkActions are the actions in the audit.
var bulkActions = map[string]string{
	BulkLabels: "contacts.labelled", BulkArchive: "contacts.archived", BulkRestore: "contacts.restored",
	BulkDelete: "contacts.deleted", BulkOwner: "contacts.owned",
}

// Apply does a bulk act on the contacts selected now: up to 10,000 at once, more as a long
// act that works on the frozen list. It is one event in the audit.
func (b *Book) Apply(ctx context.Context, s institution.Scope, sel Selection, what Bulk) (done Done, err error) {
	if err := s.Require(institution.Contacts); err != nil {
		return Done{}, err
	}
	action := bulkActions[what.Kind]
	if action == "" {
		return Done{}, fault.Invalid("kind", "is no bulk act")
	}
	if what.Kind == BulkLabels && len(what.Add)+len(what.Remove) == 0 {
		return Done{}, fault.Invalid("add", "names no label; name one to add or to remove")
	}
	err = b.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
			return err
		}
		params, err := b.bulkParams(ctx, tx, s, what)
		if err != nil {
			return err
		}
		l, err := b.Resolve(ctx, tx, s, sel)
		if err != nil {
			return err
		}
		done.Total = l.Len()
		detail := map[string]any{"contacts": done.Total, "add": what.Add, "remove": what.Remove}
		if done.Total > maxBulkAtOnce {
			done.ActID, err = b.later(ctx, tx, s, what.Kind, params, l)
			detail["act"] = done.ActID
		} else {
			done.Changed, err = carryOut(ctx, tx, s.ID(), db.Millis(b.Now()), what.Kind, params, l.IDs())
			detail["changed"] = done.Changed
		}
		if err != nil || done.Total == 0 {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{InstitutionID: s.ID(), At: b.Now(), Actor: s.Actor(), Action: action,
			SubjectKind: "contacts", Detail: detail, List: l.Bytes()})
	})
	return done, err
}

func (b *Book) bulkParams(ctx context.Context, tx *db.Tx, s institution.Scope, what Bulk) (p bulkParams, err error) {
	p.Owner = what.OwnerID
	if what.Kind == BulkOwner && what.OwnerID != 0 {
		return p, worksHere(ctx, tx, s.ID(), what.OwnerID)
	}
	if what.Kind == BulkLabels {
		p.Add, p.Remove, err = b.labelIDs(ctx, tx, s, what.Add, what.Remove)
	}
	return p, err
}

// later queues the act.
func (b *Book) later(ctx context.Context, tx *db.Tx, s institution.Scope, kind string, p bulkParams, l List) (int64, error) {
	params, err := json.Marshal(p)
	if err != nil {
		return 0, err
	}
	return act.Add(ctx, tx, b.Now(), act.Act{InstitutionID: s.ID(), Kind: kind, Actor: s.Actor(), Total: int64(l.Len()), Params: params, List: l.Bytes()})
}

// chunk is how many contacts one step of a long act works on: well below 50 ms on SQLite.
const chunk = 1_000

// Workers are the workers of long acts on contacts, by kind.
func (b *Book) Workers() map[string]act.OpenFunc {
	workers := map[string]act.OpenFunc{}
	for kind := range bulkActions {
		workers[kind] = func(_ context.Context, a act.Act) (act.Worker, error) {
			l, err := ReadList(a.InstitutionID, a.List)
			if err != nil {
				return nil, err
			}
			return act.StepFunc(func(ctx context.Context, tx *db.Tx, a *act.Act) (bool, error) { return b.step(ctx, tx, a, l) }), nil
		}
	}
	return workers
}

// step does the next chunk of a long act; its cursor is the last contact that is done.
func (b *Book) step(ctx context.Context, tx *db.Tx, a *act.Act, l List) (last bool, err error) {
	var p bulkParams
	if err := json.Unmarshal(a.Params, &p); err != nil {
		return false, fmt.Errorf("params of the act: %w", err)
	}
	ids := l.Next(a.Cursor, chunk)
	if len(ids) == 0 {
		return true, nil
	}
	if _, err := gate.Lock(ctx, tx, a.InstitutionID, 0); err != nil {
		return false, err
	}
	changed, err := carryOut(ctx, tx, a.InstitutionID, db.Millis(b.Now()), a.Kind, p, ids)
	if err != nil {
		return false, err
	}
	a.Cursor = ids[len(ids)-1]
	a.Done += int64(len(ids))
	a.Changed += int64(changed)
	return len(ids) < chunk, nil
}

// carryOut does a bulk act on contacts and answers how many changed. Contacts that were
// deleted since are left out, and so is a label.
func carryOut(ctx context.Context, tx *db.Tx, institutionID, now int64, kind string, p bulkParams, ids []int64) (changed int, err error) {
	switch kind {
	case BulkLabels:
		add, err := stillThere(ctx, tx, institutionID, p.Add)
		if err != nil {
			return 0, err
		}
		return relabelAll(ctx, tx, institutionID, ids, add, p.Remove)
	case BulkArchive:
		return updateAll(ctx, tx, institutionID, now, ids, "archived", 1)
	case BulkRestore:
		return updateAll(ctx, tx, institutionID, now, ids, "archived", 0)
	case BulkOwner:
		return updateAll(ctx, tx, institutionID, now, ids, "owner_id", p.Owner)
	case BulkDelete:
		return erase(ctx, tx, institutionID, ids)
	}
	return 0, fmt.Errorf("no bulk act is called %q", kind)
}

// stillThere leaves out labels that were deleted since.
func stillThere(ctx context.Context, tx *db.Tx, institutionID int64, labels []int64) (there []int64, err error) {
	for _, id := range labels {
		var one int
		err := tx.QueryRow(ctx, `SELECT 1 FROM labels WHERE institution_id = $1 AND id = $2`, institutionID, id).Scan(&one)
		if err == nil {
			there = append(there, id)
		} else if !db.IsNoRows(err) {
			return nil, err
		}
	}
	return there, nil
}

func updateAll(ctx context.Context, tx *db.Tx, institutionID, now int64, ids []int64, column string, value any) (int, error) {
	n, err := tx.Exec(ctx, `
		UPDATE contacts SET `+column+` = $2, updated_at = $3
		WHERE institution_id = $1 AND id IN `+elements(tx.Engine(), `$4`)+` AND `+column+` <> $2`,
		institutionID, value, now, idArray(institutionID, ids))
	return int(n), err
}
