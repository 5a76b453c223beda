package mail

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"beckon/internal/db"
)

// Notice is a single mail that waits to be written and sent.
type Notice struct {
	// InstitutionID is in whose name it goes; 0 for Beckon's own.
	InstitutionID int64
	// Kind names the LetterFunc that writes it.
	Kind string
	// To is the recipient's address.
	To string
	// Params is what the LetterFunc needs to find the facts. It never holds a token: links are
	// derived with the key file when the mail goes.
	Params map[string]string
}

// LetterFunc writes the letter of a notice when its turn has come, from the facts that hold then.
// ok is false when the notice is not wanted any more; it is dropped.
type LetterFunc func(ctx context.Context, n Notice) (subject string, l Letter, ok bool, err error)

// Queue puts a notice into the outbox in the caller's transaction. It goes ahead of bulk invites.
func Queue(ctx context.Context, tx *db.Tx, now time.Time, n Notice) error {
	params, err := json.Marshal(n.Params)
	if err != nil {
		return fmt.Errorf("queue the mail %s: %w", n.Kind, err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO outbox (institution_id, kind, recipient, params, state, due_at, created_at)
		VALUES ($1, $2, $3, $4, 'queued', $5, $5)`, n.InstitutionID, n.Kind, n.To, string(params), db.Millis(now))
	if err != nil {
		return fmt.Errorf("queue the mail %s: %w", n.Kind, err)
	}
	return nil
}
