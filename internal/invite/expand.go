package invite

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"beckon/internal/act"
	"beckon/internal/db"
	"beckon/internal/gate"
)

// ExpandKind is the kind of act that writes the rows of a bulk invite.
const ExpandKind = "expand_invites"

const (
	expandChunk  = 500
	chunksAtOnce = 4
)

// bulkParams are the parameters of acts on a bulk invite, with the place they are at.
type bulkParams struct {
	Bulk int64 `json:"bulk"`
	At   place `json:"at"`
}

func (p bulkParams) json() json.RawMessage {
	raw, _ := json.Marshal(p) // numbers alone
	return raw
}

// OpenExpand makes the worker of ExpandKind.
func (in *Invites) OpenExpand(_ context.Context, a act.Act) (act.Worker, error) {
	f, err := readFates(a.InstitutionID, a.List)
	if err != nil {
		return nil, err
	}
	return act.StepFunc(func(ctx context.Context, tx *db.Tx, a *act.Act) (bool, error) {
		if _, err := gate.Lock(ctx, tx, a.InstitutionID, 0); err != nil {
			return false, err
		}
		over, err := in.expandChunk(ctx, tx, a, f)
		if over {
			in.wake()
		}
		return over, err
	}), nil
}

// expandChunk writes the next rows and what goes with them: the label, and that the latest
// invite of these contacts is queued. The caller holds gate.Lock.
func (in *Invites) expandChunk(ctx context.Context, tx *db.Tx, a *act.Act, f fates) (over bool, err error) {
	var params bulkParams
	if err := json.Unmarshal(a.Params, &params); err != nil {
		return false, err
	}
	bulkID := params.Bulk
	var state string
	var labelID int64
	err = tx.QueryRow(ctx, `SELECT state, label_id FROM bulk_invites WHERE institution_id = $1 AND id = $2`, a.InstitutionID, bulkID).Scan(&state, &labelID)
	if err != nil {
		return false, err
	}
	p, ids, then := f.next(params.At, expandChunk)
	if len(ids) > 0 {
		if err := in.expandPart(ctx, tx, a.InstitutionID, bulkID, state, p.variant, p.reason, ids); err != nil {
			return false, err
		}
		if p.variant != "" && labelID != 0 {
			if _, err := in.Book.AddLabelToList(ctx, tx, a.InstitutionID, labelID, ids); err != nil {
				return false, err
			}
		}
	}
	params.At = then
	a.Params = params.json()
	a.Done += int64(len(ids))
	if a.Done < a.Total && len(ids) > 0 {
		return false, nil
	}
	if _, err := tx.Exec(ctx, `UPDATE bulk_invites SET state = 'sending' WHERE institution_id = $1 AND id = $2 AND state = 'preparing'`, a.InstitutionID, bulkID); err != nil {
		return false, err
	}
	return true, finishIfDone(ctx, tx, in.Now(), bulkID)
}

// expandPart writes the rows of contacts that share a fate. Of a bulk invite that was
// cancelled meanwhile they are cancelled from the start.
func (in *Invites) expandPart(ctx context.Context, tx *db.Tx, institutionID, bulkID int64, bulkState string, v Variant, reason Reason, ids []int64) error {
	state := Queued
	switch {
	case v == "":
		state = Skipped
	case bulkState == BulkCancelled:
		state = Cancelled
	}
	args := append([]any{institutionID, bulkID, string(v), string(state), string(reason)}, db.Args(ids)...)
	n, err := tx.Exec(ctx, `
		INSERT INTO invites (institution_id, bulk_invite_id, contact_id, email, variant, state, reason)
		SELECT institution_id, $2, id, email, $3, $4, $5 FROM contacts WHERE institution_id = $1 AND id IN (`+db.Params(6, len(ids))+`)`, args...)
	if err != nil {
		return fmt.Errorf("expand: %w", err)
	}
	if err := in.erasedMeanwhile(ctx, tx, institutionID, bulkID, v, reason, ids, int(n)); err != nil {
		return err
	}
	if state == Skipped {
		return nil
	}
	column := "queued"
	if state == Cancelled {
		column = "cancelled"
	}
	if _, err := tx.Exec(ctx, `UPDATE bulk_invites SET `+column+` = `+column+` + $2 WHERE id = $1`, bulkID, n); err != nil {
		return err
	}
	if state == Cancelled {
		return reachAgain(ctx, tx, institutionID, ids...)
	}
	args = append([]any{institutionID, bulkID}, db.Args(ids)...)
	_, err = tx.Exec(ctx, `
		UPDATE contact_standing SET invite = 1, reached = reached | 1,
			invite_id = (SELECT i.id FROM invites i WHERE i.bulk_invite_id = $2 AND i.contact_id = contact_standing.contact_id)
		WHERE institution_id = $1 AND contact_id IN (`+db.Params(3, len(ids))+`)`, args...)
	return err
}

// erasedMeanwhile writes a row for contacts that were deleted between confirm and expansion,
// so that the total holds.
func (in *Invites) erasedMeanwhile(ctx context.Context, tx *db.Tx, institutionID, bulkID int64, v Variant, reason Reason, ids []int64, written int) error {
	if written == len(ids) {
		return nil
	}
	rows := make([]string, len(ids))
	args := []any{institutionID, bulkID}
	for i, id := range ids {
		rows[i] = fmt.Sprintf("(CAST($%d AS BIGINT))", i+3)
		args = append(args, id)
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO invites (institution_id, bulk_invite_id, contact_id, email, variant, state, reason)
		SELECT $1, $2, v.column1, '', '', 'skipped', 'erased' FROM (VALUES `+strings.Join(rows, ",")+`) AS v
		WHERE NOT EXISTS (SELECT 1 FROM invites i WHERE i.bulk_invite_id = $2 AND i.contact_id = v.column1)`, args...)
	if err != nil {
		return fmt.Errorf("expand erased contacts: %w", err)
	}
	from, unfit := string(v), n
	if v == "" {
		from, unfit = "skipped_"+string(reason), 0
	}
	_, err = tx.Exec(ctx, `UPDATE bulk_invites SET `+from+` = `+from+` - $2, skipped_erased = skipped_erased + $2, unfit_erased = unfit_erased + $3 WHERE id = $1`, bulkID, n, unfit)
	return err
}
