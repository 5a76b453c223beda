package contact

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"beckon/internal/contact/field"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// AddLabelToList gives a label to contacts and answers how many did not have it. Ids that
// the institution has not are left out; a label that was deleted meanwhile goes to nobody.
// The caller holds gate.Lock, and gives at most as many ids as one chunk of its work has.
func (b *Book) AddLabelToList(ctx context.Context, tx *db.Tx, institutionID, labelID int64, ids []int64) (changed int, err error) {
	added, err := addLabel(ctx, tx, institutionID, labelID, ids)
	return len(added), err
}

// addLabel answers the contacts that did not have the label.
func addLabel(ctx context.Context, tx *db.Tx, institutionID, labelID int64, ids []int64) ([]int64, error) {
	return countLabel(ctx, tx, institutionID, labelID, +1, `
		INSERT INTO contact_labels (institution_id, label_id, contact_id)
		SELECT c.institution_id, $2, c.id FROM contacts c WHERE c.institution_id = $1 AND c.id IN `+elements(tx.Engine(), `$3`)+`
			AND EXISTS (SELECT 1 FROM labels l WHERE l.institution_id = $1 AND l.id = $2)
		ON CONFLICT DO NOTHING RETURNING contact_id`, idArray(institutionID, ids))
}

// removeLabel answers the contacts that had the label.
func removeLabel(ctx context.Context, tx *db.Tx, institutionID, labelID int64, ids []int64) ([]int64, error) {
	return countLabel(ctx, tx, institutionID, labelID, -1, `
		DELETE FROM contact_labels WHERE institution_id = $1 AND label_id = $2 AND contact_id IN `+elements(tx.Engine(), `$3`)+`
		RETURNING contact_id`, idArray(institutionID, ids))
}

// countLabel runs a statement that changes who has a label, and keeps the label's count.
func countLabel(ctx context.Context, tx *db.Tx, institutionID, labelID int64, sign int, query, ids string) (changed []int64, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		changed = append(changed, id)
		return err
	}, query, institutionID, labelID, ids)
	if err != nil || len(changed) == 0 {
		return changed, err
	}
	return changed, recount(ctx, tx, institutionID, map[int64]int{labelID: sign * len(changed)})
}

// recount adds to the counts of labels.
func recount(ctx context.Context, tx *db.Tx, institutionID int64, by map[int64]int) error {
	for id, n := range by {
		_, err := tx.Exec(ctx, `UPDATE labels SET contacts = contacts + $3 WHERE institution_id = $1 AND id = $2`, institutionID, id, n)
		if err != nil {
			return fmt.Errorf("count a label: %w", err)
		}
	}
	return nil
}

// label gives labels to contacts and takes others, by name, and answers how many contacts
// changed. The caller holds gate.Lock.
func (b *Book) label(ctx context.Context, tx *db.Tx, s institution.Scope, ids []int64, add, remove []string) (changed int, err error) {
	plus, minus, err := b.labelIDs(ctx, tx, s, add, remove)
	if err != nil {
		return 0, err
	}
	return relabelAll(ctx, tx, s.ID(), ids, plus, minus)
}

// labelIDs finds labels by name. Labels to add are made where they are missing; labels to
// remove that are not there are left out.
func (b *Book) labelIDs(ctx context.Context, tx *db.Tx, s institution.Scope, add, remove []string) (plus, minus []int64, err error) {
	known, err := labelsByName(ctx, tx, s.ID(), remove)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range remove {
		l, ok := known[field.LabelKey(name)]
		if ok && l.Kind == LabelSystem {
			return nil, nil, fault.Invalid("remove", "%q is set by Beckon itself and cannot be taken away", l.Name)
		}
		if ok && !slices.Contains(minus, l.ID) {
			minus = append(minus, l.ID)
		}
	}
	for _, name := range add {
		l, err := b.EnsureLabel(ctx, tx, s, name)
		if err != nil {
			return nil, nil, err
		}
		if slices.Contains(minus, l.ID) {
			return nil, nil, fault.Invalid("remove", "has %q, and so has add; keep one", l.Name)
		}
		if !slices.Contains(plus, l.ID) {
			plus = append(plus, l.ID)
		}
	}
	return plus, minus, nil
}

func relabelAll(ctx context.Context, tx *db.Tx, institutionID int64, ids, add, remove []int64) (changed int, err error) {
	touched := NewList(institutionID, nil)
	for _, labelID := range add {
		got, err := addLabel(ctx, tx, institutionID, labelID, ids)
		if err != nil {
			return 0, fmt.Errorf("add a label: %w", err)
		}
		for _, id := range got {
			touched.add(id)
		}
	}
	for _, labelID := range remove {
		lost, err := removeLabel(ctx, tx, institutionID, labelID, ids)
		if err != nil {
			return 0, fmt.Errorf("remove a label: %w", err)
		}
		for _, id := range lost {
			touched.add(id)
		}
	}
	return touched.Len(), nil
}

// relabel makes names the contact's labels, beside its system labels, and tells whether
// that changed any.
func (b *Book) relabel(ctx context.Context, tx *db.Tx, s institution.Scope, c Contact, names []string) (bool, error) {
	has, err := labelsByName(ctx, tx, s.ID(), c.Labels)
	if err != nil {
		return false, err
	}
	var add, remove []string
	wanted := map[string]bool{}
	for _, name := range names {
		name, _ = field.Clean(labelsFieldPath, name) // a fault comes back below
		key := field.LabelKey(name)
		wanted[key] = true
		if _, ok := has[key]; !ok {
			add = append(add, name)
		}
	}
	for key, l := range has {
		if !wanted[key] && l.Kind != LabelSystem {
			remove = append(remove, l.Name)
		}
	}
	n, err := b.label(ctx, tx, s, []int64{c.ID}, add, remove)
	return n > 0, err
}
