package insight

import (
	"context"
	"database/sql"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"beckon/internal/contact/field"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// maxSaved is how many explores a person may have saved at one institution.
const maxSaved = 50

// maxQuery is how long the query of a saved explore may be, in bytes.
const maxQuery = 8000

// Saved are the person's own saved explores and those that are shared, by name.
func (e *Explores) Saved(ctx context.Context, s institution.Scope) (all []Saved, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, err
	}
	err = e.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			v, err := scanSaved(r, s)
			all = append(all, v)
			return err
		}, `SELECT `+savedColumns+` WHERE e.institution_id = $1 AND (e.user_id = $2 OR e.shared = 1) ORDER BY e.name, e.id`, s.ID(), s.UserID())
	})
	return all, err
}

const savedColumns = `e.id, e.user_id, e.name, e.query, e.shared, e.created_at, COALESCE(u.first_name || ' ' || u.last_name, '')
	FROM explores e LEFT JOIN users u ON u.id = e.user_id`

func scanSaved(row interface{ Scan(...any) error }, s institution.Scope) (v Saved, err error) {
	var userID, created int64
	err = row.Scan(&v.ID, &userID, &v.Name, &v.Query, &v.Shared, &created, &v.By)
	v.Mine, v.CreatedAt = userID == s.UserID(), db.Time(created)
	return v, err
}

// Save saves an explore under a name as the person's own, in place of one of that name.
// query is that of the page's address. Sharing it with all staff takes the permission to
// change settings; a token, which is nobody's own, can only share.
func (e *Explores) Save(ctx context.Context, s institution.Scope, name, query string, shared bool) (v Saved, err error) {
	need := institution.Contacts
	if shared || s.UserID() == 0 {
		need = institution.ChangeSettings
	}
	if err := s.Require(need); err != nil {
		return v, err
	}
	if v.Name, err = checkSaved(name, query); err != nil {
		return v, err
	}
	err = e.DB.Write(ctx, func(tx *db.Tx) error {
		var id int64
		err := tx.QueryRow(ctx, `
			UPDATE explores SET query = $4, shared = $5 WHERE institution_id = $1 AND user_id = $2 AND name = $3 RETURNING id`,
			s.ID(), s.UserID(), v.Name, query, db.Bool(shared)).Scan(&id)
		if db.IsNoRows(err) {
			id, err = insertSaved(ctx, tx, s, e.Now(), v.Name, query, shared)
		}
		if err != nil {
			return err
		}
		if v, err = scanSaved(tx.QueryRow(ctx, `SELECT `+savedColumns+` WHERE e.institution_id = $1 AND e.id = $2`, s.ID(), id), s); err != nil {
			return err
		}
		return s.Record(ctx, tx, e.Now(), "explore.saved", "explore", id, map[string]any{"name": v.Name, "shared": shared})
	})
	return v, err
}

// checkSaved cleans the name and answers all faults.
func checkSaved(name, query string) (string, error) {
	var faults fault.Fields
	name, wrong := field.Field{Name: "name", Max: 100, Required: true}.Clean(name)
	if wrong != nil {
		faults = append(faults, fault.Field{Path: wrong.Column, Message: wrong.Message})
	}
	switch {
	case len(query) > maxQuery:
		faults = append(faults, fault.Field{Path: "query", Message: "is too long to save; leave out some of the filter"})
	case !utf8.ValidString(query) || strings.ContainsFunc(query, unicode.IsControl):
		faults = append(faults, fault.Field{Path: "query", Message: "is not of an address; copy what stands behind the ? of the page's"})
	}
	if len(faults) > 0 {
		return "", faults
	}
	return name, nil
}

func insertSaved(ctx context.Context, tx *db.Tx, s institution.Scope, now time.Time, name, query string, shared bool) (id int64, err error) {
	var has int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM explores WHERE institution_id = $1 AND user_id = $2`, s.ID(), s.UserID()).Scan(&has); err != nil {
		return 0, err
	}
	if has >= maxSaved {
		return 0, fault.Invalid("name", "is one explore too many; delete one of your %d first", maxSaved)
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO explores (institution_id, user_id, name, query, shared, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		s.ID(), s.UserID(), name, query, db.Bool(shared), db.Millis(now)).Scan(&id)
	return id, err
}

// DeleteSaved removes one of the person's own explores; a shared one may also be removed by
// whoever may share. fault.ErrNotFound for any other.
func (e *Explores) DeleteSaved(ctx context.Context, s institution.Scope, id int64) error {
	if !s.May(institution.Contacts) && !s.May(institution.ChangeSettings) {
		return s.Require(institution.Contacts)
	}
	return e.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `
			DELETE FROM explores WHERE institution_id = $1 AND id = $2 AND (user_id = $3 OR shared = 1 AND $4 = 1)`,
			s.ID(), id, s.UserID(), db.Bool(s.May(institution.ChangeSettings)))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFound("saved explore")
		}
		return s.Record(ctx, tx, e.Now(), "explore.deleted", "explore", id, nil)
	})
}
