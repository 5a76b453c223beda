package student

import (
	"context"
	"database/sql"
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

// Cursor is a place in a list that goes by names.
type Cursor struct {
	Key string
	ID  int64
}

// where is the query as SQL over students s, with its arguments; $1 is the institution.
func (q Query) where(institutionID int64) (where string, args []any, err error) {
	where, args = `s.institution_id = $1`, []any{institutionID}
	if pattern := input.Containing(q.Q); pattern != input.Containing("") {
		where += ` AND s.search LIKE $2 ESCAPE '\'`
		args = append(args, pattern)
	}
	var f input.Form
	switch q.Allows {
	case "":
	case "yes":
		where += ` AND s.allows_at > 0`
	case "no":
		where += ` AND s.allows_at = 0`
	default:
		f.Add("allows", "choose yes or no")
	}
	switch q.Archived {
	case "", "no":
		where += ` AND s.archived = 0`
	case "yes":
		where += ` AND s.archived = 1`
	case "any":
	default:
		f.Add("archived", "choose no, yes or any")
	}
	return where, args, f.Err()
}

// List is a page of the institution's students by last name, then first, where the next
// page begins (the zero Cursor: nowhere), and how many there are in all.
func (st *Students) List(ctx context.Context, s institution.Scope, q Query) (page []Student, next Cursor, total int, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, Cursor{}, 0, err
	}
	where, args, err := q.where(s.ID())
	if err != nil {
		return nil, Cursor{}, 0, err
	}
	return st.page(ctx, where, `s.name_key`, args, q.After, q.Limit)
}

// page reads a part of the students that where picks, sorted by key and id.
func (st *Students) page(ctx context.Context, where, key string, args []any, after Cursor, limit int) (page []Student, next Cursor, total int, err error) {
	var places []string
	err = st.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM students s WHERE `+where, args...).Scan(&total); err != nil {
			return err
		}
		n := len(args)
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var place string
			s, err := scan(r, &place)
			page, places = append(page, s), append(places, place)
			return err
		}, fmt.Sprintf(`SELECT %s, %[2]s FROM students s WHERE %[3]s AND (%[2]s, s.id) > ($%[4]d, $%[5]d) ORDER BY %[2]s, s.id LIMIT $%[6]d`,
			columns, key, where, n+1, n+2, n+3), append(args[:n:n], after.Key, after.ID, limit+1)...)
	})
	if len(page) > limit {
		page = page[:limit]
		next = Cursor{places[limit-1], page[limit-1].ID}
	}
	return page, next, total, err
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
