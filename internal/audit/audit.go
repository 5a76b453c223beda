// Package audit records who did what to what, and when. Every use case that writes calls
// Record in its own transaction, so that an act and its record stand or fall together.
package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"beckon/internal/db"
)

// Kinds of actors.
const (
	Staff = "staff"
	Token = "token"
	User  = "user"
	// Student is a student of the institution; ID is the student's, not the user's.
	Student = "student"
	System  = "system"
)

// Actor is who acts: a person signed in, an API token, or Beckon itself.
type Actor struct {
	Kind string `json:"kind"`
	// ID is the user's id, or the token's; 0 for the system.
	ID int64 `json:"id"`
	// Name is shown in histories; for the system it is the reason for which it acts.
	Name string `json:"name"`
}

// Event is one act.
type Event struct {
	ID            int64
	InstitutionID int64 // 0: outside any institution
	At            time.Time
	Actor         Actor
	// Action is "subject.verb", for example "contact.archived".
	Action      string
	SubjectKind string
	SubjectID   int64
	// Detail is what a history needs to tell the act. It never holds addresses or secrets.
	Detail map[string]any
	// List is the frozen list of contacts of a bulk act, as contact.List writes it.
	List []byte
}

// Record writes the event. Its At must be set.
func Record(ctx context.Context, tx *db.Tx, e Event) error {
	if e.Detail == nil {
		e.Detail = map[string]any{}
	}
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO audit_events (institution_id, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, detail, list)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.InstitutionID, db.Millis(e.At), e.Actor.Kind, e.Actor.ID, e.Actor.Name, e.Action, e.SubjectKind, e.SubjectID, string(detail), e.List)
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	return nil
}

// columns leave out the names of companies' people who are not among the institution's
// contacts, or no longer: to its staff these have none.
const columns = `id, institution_id, at, actor_kind, actor_id,
	CASE WHEN actor_kind <> 'user' OR EXISTS (SELECT 1 FROM contact_standing s
		WHERE s.user_id = actor_id AND s.user_id > 0 AND s.institution_id = audit_events.institution_id) THEN actor_name ELSE '' END,
	action, subject_kind, subject_id, detail`

// Page is part of an institution's events, newest first: up to limit of those older than
// before (0: from the newest), and how many there are in all.
func Page(ctx context.Context, tx *db.Tx, institutionID, before int64, limit int) (events []Event, total int, err error) {
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM audit_events WHERE institution_id = $1`, institutionID).Scan(&total); err != nil {
		return nil, 0, err
	}
	events, err = list(ctx, tx, `
		SELECT `+columns+` FROM audit_events
		WHERE institution_id = $1 AND (id < $2 OR $2 = 0) ORDER BY id DESC LIMIT $3`, institutionID, before, limit)
	return events, total, err
}

// Of is the newest events about one subject, up to limit.
func Of(ctx context.Context, tx *db.Tx, institutionID int64, kind string, id int64, limit int) ([]Event, error) {
	return list(ctx, tx, `
		SELECT `+columns+` FROM audit_events
		WHERE institution_id = $1 AND subject_kind = $2 AND subject_id = $3 ORDER BY id DESC LIMIT $4`, institutionID, kind, id, limit)
}

// Acts is the newest events about one subject whose actions are of one kind, up to limit:
// "connection" gives connection.approved, connection.blocked and so on.
func Acts(ctx context.Context, tx *db.Tx, institutionID int64, kind string, id int64, actions string, limit int) ([]Event, error) {
	return list(ctx, tx, `
		SELECT `+columns+` FROM audit_events
		WHERE institution_id = $1 AND subject_kind = $2 AND subject_id = $3 AND action LIKE $4 || '.%' ORDER BY id DESC LIMIT $5`, institutionID, kind, id, actions, limit)
}

// Bulk is the newest bulk acts of an institution with their lists, up to limit.
func Bulk(ctx context.Context, tx *db.Tx, institutionID int64, limit int) ([]Event, error) {
	var events []Event
	err := tx.Rows(ctx, func(r *sql.Rows) error {
		var e Event
		err := scan(r, &e, &e.List)
		events = append(events, e)
		return err
	}, `SELECT `+columns+`, list FROM audit_events WHERE institution_id = $1 AND list IS NOT NULL ORDER BY id DESC LIMIT $2`, institutionID, limit)
	return events, err
}

func list(ctx context.Context, tx *db.Tx, query string, args ...any) ([]Event, error) {
	var events []Event
	err := tx.Rows(ctx, func(r *sql.Rows) error {
		var e Event
		err := scan(r, &e)
		events = append(events, e)
		return err
	}, query, args...)
	return events, err
}

func scan(r *sql.Rows, e *Event, more ...any) error {
	var at int64
	var detail string
	to := append([]any{&e.ID, &e.InstitutionID, &at, &e.Actor.Kind, &e.Actor.ID, &e.Actor.Name, &e.Action, &e.SubjectKind, &e.SubjectID, &detail}, more...)
	if err := r.Scan(to...); err != nil {
		return err
	}
	e.At = db.Time(at)
	return json.Unmarshal([]byte(detail), &e.Detail)
}
