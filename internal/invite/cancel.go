package invite

import (
	"context"
	"encoding/json"

	"beckon/internal/act"
	"beckon/internal/db"
)

// CancelKind is the kind of act that cancels the rows of a bulk invite.
const CancelKind = "cancel_invites"

// OpenCancel makes the worker of CancelKind.
func (in *Invites) OpenCancel(_ context.Context, a act.Act) (act.Worker, error) {
	var p bulkParams
	if err := json.Unmarshal(a.Params, &p); err != nil {
		return nil, err
	}
	return act.StepFunc(func(ctx context.Context, tx *db.Tx, a *act.Act) (bool, error) {
		return in.cancelChunk(ctx, tx, a, p.Bulk)
	}), nil
}

// cancelChunk cancels the next rows that have not gone. The latest invite of their contacts
// is again the one before.
func (in *Invites) cancelChunk(ctx context.Context, tx *db.Tx, a *act.Act, bulkID int64) (over bool, err error) {
	const chunk = 1000
	rows, err := pickRows(ctx, tx, `SELECT id, contact_id, state FROM invites WHERE bulk_invite_id = $1 AND state IN ('queued', 'deferred') ORDER BY id LIMIT $2`+lockRows(tx), bulkID, chunk)
	if err != nil {
		return false, err
	}
	if len(rows) > 0 {
		if err := in.cancelRows(ctx, tx, a.InstitutionID, bulkID, rows); err != nil {
			return false, err
		}
	}
	a.Done += int64(len(rows))
	a.Total = max(a.Total, a.Done)
	if len(rows) < chunk {
		return true, markFinished(ctx, tx, in.Now(), bulkID)
	}
	return false, nil
}

func (in *Invites) cancelRows(ctx context.Context, tx *db.Tx, institutionID, bulkID int64, rows []pickedRow) error {
	ids, contacts := make([]any, len(rows)), make([]int64, len(rows))
	deferred := 0
	for i, r := range rows {
		ids[i], contacts[i] = r.id, r.contact
		if r.state == Deferred {
			deferred++
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE invites SET state = 'cancelled', due_at = 0, lease = 0 WHERE id IN (`+db.Params(1, len(ids))+`)`, ids...); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE bulk_invites SET cancelled = cancelled + $2, deferred = deferred - $3, queued = queued - $4 WHERE id = $1`,
		bulkID, len(rows), deferred, len(rows)-deferred)
	if err != nil {
		return err
	}
	return restoreLatest(ctx, tx, institutionID, contacts)
}
