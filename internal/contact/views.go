package contact

import (
	"context"
	"database/sql"
	"net/url"
	"time"

	"beckon/internal/contact/field"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// View is a filter that somebody saved under a name.
type View struct {
	ID     int64
	Name   string
	UserID int64 // whose view it is
	Shared bool  // all staff see it
	Filter Filter
	// Contacts is how many contacts it finds now.
	Contacts  int
	CreatedAt time.Time
}

// maxViews is how many views a person may have at one institution.
const maxViews = 50

// Filter reads the words of a filter with dates in the institution's zone. Errors are those
// of ParseFilter.
func (b *Book) Filter(ctx context.Context, s institution.Scope, values url.Values) (f Filter, err error) {
	zone, err := b.zone(ctx, s)
	if err != nil {
		return Filter{}, err
	}
	return ParseFilter(values, zone)
}

func (b *Book) zone(ctx context.Context, s institution.Scope) (zone *time.Location, err error) {
	err = b.DB.Read(ctx, func(tx *db.Tx) error {
		i, err := institution.Load(ctx, tx, s.ID())
		zone = i.Location()
		return err
	})
	return zone, err
}

// Views are the person's own views and those that are shared, by name, with their counts.
func (b *Book) Views(ctx context.Context, s institution.Scope) (views []View, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, err
	}
	zone, err := b.zone(ctx, s)
	if err != nil {
		return nil, err
	}
	err = b.DB.Read(ctx, func(tx *db.Tx) error {
		err := tx.Rows(ctx, func(r *sql.Rows) error {
			v, err := scanView(r, zone)
			views = append(views, v)
			return err
		}, `SELECT id, user_id, name, query, shared, created_at FROM views
			WHERE institution_id = $1 AND (user_id = $2 OR shared = 1) ORDER BY name, id`, s.ID(), s.UserID())
		if err != nil {
			return err
		}
		for i := range views {
			p, err := b.plan(ctx, tx, s.ID(), Selection{Filter: views[i].Filter})
			if err != nil {
				return err
			}
			if views[i].Contacts, err = p.count(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	return views, err
}

func scanView(r *sql.Rows, zone *time.Location) (v View, err error) {
	var query string
	var created int64
	if err := r.Scan(&v.ID, &v.UserID, &v.Name, &query, &v.Shared, &created); err != nil {
		return v, err
	}
	v.CreatedAt = db.Time(created)
	values, err := url.ParseQuery(query)
	if err != nil {
		return v, err
	}
	v.Filter, err = ParseFilter(values, zone)
	return v, err
}

// SaveView saves a filter under a name as the person's own view, in place of one of that
// name. Sharing it with all staff takes the permission to change settings.
func (b *Book) SaveView(ctx context.Context, s institution.Scope, name string, f Filter, shared bool) (id int64, err error) {
	if err := mayShare(s, shared); err != nil {
		return 0, err
	}
	name, wrong := field.Field{Name: "name", Max: 100, Required: true}.Clean(name)
	if wrong != nil {
		return 0, fault.Invalid(wrong.Column, "%s", wrong.Message)
	}
	err = b.DB.Write(ctx, func(tx *db.Tx) error {
		err := tx.QueryRow(ctx, `
			UPDATE views SET query = $4, shared = $5 WHERE institution_id = $1 AND user_id = $2 AND name = $3 RETURNING id`,
			s.ID(), s.UserID(), name, f.Query(), db.Bool(shared)).Scan(&id)
		if db.IsNoRows(err) {
			id, err = b.insertView(ctx, tx, s, name, f, shared)
		}
		if err != nil {
			return err
		}
		return s.Record(ctx, tx, b.Now(), "view.saved", "view", id, map[string]any{"name": name, "shared": shared})
	})
	return id, err
}

func (b *Book) insertView(ctx context.Context, tx *db.Tx, s institution.Scope, name string, f Filter, shared bool) (id int64, err error) {
	var has int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM views WHERE institution_id = $1 AND user_id = $2`, s.ID(), s.UserID()).Scan(&has); err != nil {
		return 0, err
	}
	if has >= maxViews {
		return 0, fault.Invalid("name", "is one view too many; delete one of your %d first", maxViews)
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO views (institution_id, user_id, name, query, shared, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		s.ID(), s.UserID(), name, f.Query(), db.Bool(shared), db.Millis(b.Now())).Scan(&id)
	return id, err
}

// mayShare asks for what it takes to keep a view for oneself, or for all.
func mayShare(s institution.Scope, shared bool) error {
	if shared {
		return s.Require(institution.ChangeSettings)
	}
	return s.Require(institution.Contacts)
}

// DeleteView removes one of the person's own views; a shared one may also be removed by
// whoever may share.
func (b *Book) DeleteView(ctx context.Context, s institution.Scope, id int64) error {
	if err := s.Require(institution.Contacts); err != nil {
		return err
	}
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `
			DELETE FROM views WHERE institution_id = $1 AND id = $2 AND (user_id = $3 OR shared = 1 AND $4 = 1)`,
			s.ID(), id, s.UserID(), db.Bool(s.May(institution.ChangeSettings)))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFound("view")
		}
		return s.Record(ctx, tx, b.Now(), "view.deleted", "view", id, nil)
	})
}
