package student

import (
	"context"
	"fmt"

	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/input"
	"beckon/internal/institution"
)

// Query chooses among an institution's students.
type Query struct {
	// Q is a part of "first last", address, major or external id, folded.
	Q string
	// Allows is "yes" or "no": whether recruiters may find the student. Blank is both.
	Allows string
	// Archived is "no", "yes" or "any"; blank is "no".
	Archived string
	// After is where the page before ended, the zero Cursor for the beginning.
	After Cursor
	Limit int
}

// search is the query as SQL.
func (q Query) search(e db.Engine, institutionID int64) (search, error) {
	found := search{where: `s.institution_id = $1`, args: []any{institutionID}, key: `s.name_key`}
	found.contains(e, `s.search`, input.Part(q.Q))
	var f input.Form
	switch q.Allows {
	case "":
	case "yes":
		found.where += ` AND s.allows_at > 0`
	case "no":
		found.where += ` AND s.allows_at = 0`
	default:
		f.Add("allows", "choose yes or no")
	}
	switch q.Archived {
	case "", "no":
		found.where += ` AND s.archived = 0`
	case "yes":
		found.where += ` AND s.archived = 1`
	case "any":
	default:
		f.Add("archived", "choose no, yes or any")
	}
	return found, f.Err()
}

// List is a page of the institution's students by last name, then first, where the next
// page begins (the zero Cursor: nowhere), and how many there are in all.
func (st *Students) List(ctx context.Context, s institution.Scope, q Query) (page []Student, next Cursor, total int, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, Cursor{}, 0, err
	}
	found, err := q.search(st.DB.Engine(), s.ID())
	if err != nil {
		return nil, Cursor{}, 0, err
	}
	return st.page(ctx, found, q.After, q.Limit)
}

// Get is one student of the institution; fault.ErrNotFound for any other.
func (st *Students) Get(ctx context.Context, s institution.Scope, id int64) (found Student, err error) {
	if err := s.Require(institution.Read); err != nil {
		return Student{}, err
	}
	err = st.DB.Read(ctx, func(tx *db.Tx) error {
		found, err = load(ctx, tx, s.ID(), id)
		return err
	})
	return found, err
}

// Archive takes a student from the institution's lists: recruiters do not find the student
// any more, threads are closed, and the student's pages are gone. What was there stays for
// Restore.
func (st *Students) Archive(ctx context.Context, s institution.Scope, id int64) error {
	return st.archive(ctx, s, id, true)
}

// Restore takes Archive back.
func (st *Students) Restore(ctx context.Context, s institution.Scope, id int64) error {
	return st.archive(ctx, s, id, false)
}

func (st *Students) archive(ctx context.Context, s institution.Scope, id int64, archived bool) error {
	if err := s.Require(institution.Contacts); err != nil {
		return err
	}
	action := "student.restored"
	if archived {
		action = "student.archived"
	}
	return st.DB.Write(ctx, func(tx *db.Tx) error {
		// A message on its way goes before, or not at all.
		if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
			return err
		}
		found, err := load(ctx, tx, s.ID(), id)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE students SET archived = $3, updated_at = $4 WHERE institution_id = $1 AND id = $2 AND archived <> $3`,
			s.ID(), id, db.Bool(archived), db.Millis(st.Now()))
		if err != nil {
			return fmt.Errorf("archive a student: %w", err)
		}
		if n == 0 {
			return nil
		}
		return s.Record(ctx, tx, st.Now(), action, "student", id, map[string]any{"name": found.Name()})
	})
}
