// Package act runs long acts: an import, labels on a hundred thousand contacts, the
// expansion of a bulk invite. An act is one row that is at once its own queue, its progress
// and its memory: it is leased by a worker, does a chunk at a time, each in one transaction
// with the cursor it reached, and so goes on where it was after a crash.
package act

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
)

// States of an act.
const (
	Waiting = "waiting" // made, but not to be worked on yet: an upload that nobody confirmed
	Queued  = "queued"
	Running = "running"
	Done    = "done"
	Failed  = "failed"
	Stopped = "stopped" // by a person; what was done stays
)

// Act is one long act.
type Act struct {
	ID            int64
	InstitutionID int64
	Kind          string
	State         string
	// Actor is who confirmed it; what it does is recorded in that name.
	Actor audit.Actor
	// Total and Done count what the act is made of (contacts, bytes of a file); Changed
	// counts what it changed. Total is 0 while it is not known.
	Total, Done, Changed int64
	// Cursor is where the next chunk begins; its meaning belongs to the kind.
	Cursor int64
	// Params is JSON that belongs to the kind.
	Params json.RawMessage
	// List is the frozen list of contacts, as contact.List writes it.
	List                []byte
	Error               string
	Created             time.Time
	Started, FinishedAt time.Time
}

// Open tells whether the act is still to be worked on.
func (a Act) Open() bool { return a.State == Queued || a.State == Running }

// Add queues an act in the caller's transaction and answers its id. Done, Changed, Cursor and
// Params may tell that a part is done already.
func Add(ctx context.Context, tx *db.Tx, now time.Time, a Act) (id int64, err error) {
	if a.State == "" {
		a.State = Queued
	}
	if a.Params == nil {
		a.Params = json.RawMessage("{}")
	}
	actor, err := json.Marshal(a.Actor)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO acts (institution_id, kind, state, actor, total, done, changed, cursor, params, list, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`,
		a.InstitutionID, a.Kind, a.State, string(actor), a.Total, a.Done, a.Changed, a.Cursor, string(a.Params), a.List, db.Millis(now)).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("queue the act %s: %w", a.Kind, err)
	}
	return id, nil
}

const columns = `id, institution_id, kind, state, actor, total, done, changed, cursor, params, error, created_at, started_at, finished_at`

func scan(row interface{ Scan(...any) error }, more ...any) (Act, error) {
	var a Act
	var actor, params string
	var created, started, finished int64
	to := append([]any{&a.ID, &a.InstitutionID, &a.Kind, &a.State, &actor, &a.Total, &a.Done, &a.Changed, &a.Cursor, &params, &a.Error, &created, &started, &finished}, more...)
	err := row.Scan(to...)
	if db.IsNoRows(err) {
		return a, fault.NotFound("act")
	}
	if err != nil {
		return a, err
	}
	a.Params = json.RawMessage(params)
	a.Created, a.Started, a.FinishedAt = db.Time(created), db.Time(started), db.Time(finished)
	return a, json.Unmarshal([]byte(actor), &a.Actor)
}

// Get is one act of an institution, without its list.
func Get(ctx context.Context, tx *db.Tx, institutionID, id int64) (Act, error) {
	return scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM acts WHERE institution_id = $1 AND id = $2`, institutionID, id))
}

// Start puts a waiting act into the queue.
func Start(ctx context.Context, tx *db.Tx, institutionID, id int64) error {
	n, err := tx.Exec(ctx, `UPDATE acts SET state = 'queued' WHERE institution_id = $1 AND id = $2 AND state = 'waiting'`, institutionID, id)
	if err == nil && n == 0 {
		err = fault.Conflict{Message: "it has begun already, or is over"}
	}
	return err
}

// Restart puts an act that waits or is over back to its beginning, in the given state:
// Waiting or Queued. One that is being worked on is a fault.Conflict.
func Restart(ctx context.Context, tx *db.Tx, institutionID, id int64, state string) error {
	n, err := tx.Exec(ctx, `
		UPDATE acts SET state = $3, done = 0, changed = 0, cursor = 0, error = '', stop = 0, tries = 0, lease_until = 0, started_at = 0, finished_at = 0
		WHERE institution_id = $1 AND id = $2 AND state IN ('waiting', 'done', 'failed', 'stopped')`, institutionID, id, state)
	if err == nil && n == 0 {
		err = fault.Conflict{Message: "it is being worked on"}
	}
	return err
}

// Stop asks an act to end after its present chunk; one that has not begun ends at once.
func Stop(ctx context.Context, tx *db.Tx, now time.Time, institutionID, id int64) error {
	n, err := tx.Exec(ctx, `
		UPDATE acts SET stop = 1,
			finished_at = CASE WHEN state = 'running' THEN finished_at ELSE $3 END,
			state = CASE WHEN state = 'running' THEN state ELSE 'stopped' END
		WHERE institution_id = $1 AND id = $2 AND state IN ('waiting', 'queued', 'running')`, institutionID, id, db.Millis(now))
	if err == nil && n == 0 {
		err = fault.Conflict{Message: "it is over already"}
	}
	return err
}
