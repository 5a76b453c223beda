package student

import (
	"context"
	"fmt"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/input"
	"beckon/internal/institution"
)

// Choice is what a student says about recruiters.
type Choice struct {
	// Allows lets recruiters find and write to the student.
	Allows bool
	// ShowsMajor and ShowsYear let them see major and graduation year.
	ShowsMajor, ShowsYear bool
	// About is a line about the student, of at most 300 characters, which they see.
	About string
}

// Me is the student behind the scope.
func (st *Students) Me(ctx context.Context, s institution.Scope) (me Student, err error) {
	if err := s.Require(institution.Attend); err != nil {
		return Student{}, err
	}
	err = st.DB.Read(ctx, func(tx *db.Tx) error {
		me, err = load(ctx, tx, s.ID(), s.StudentID())
		return err
	})
	return me, err
}

// Allow stores what the student says about recruiters, which holds from that moment on:
// whom it shuts out neither finds the student nor gets another message through.
func (st *Students) Allow(ctx context.Context, s institution.Scope, c Choice) (me Student, err error) {
	if err := s.Require(institution.Attend); err != nil {
		return Student{}, err
	}
	var f input.Form
	c.About = f.Line("about", c.About, 300)
	if err := f.Err(); err != nil {
		return Student{}, err
	}
	err = st.DB.Write(ctx, func(tx *db.Tx) error {
		// An import that changes the student's major meanwhile must see the choice, and this it.
		if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
			return err
		}
		if me, err = load(ctx, tx, s.ID(), s.StudentID()); err != nil {
			return err
		}
		if me.Archived {
			return fault.NotFound("student")
		}
		allowed := me.Allows()
		if me.choose(c); c.Allows && !allowed {
			me.AllowsAt = db.Time(db.Millis(st.Now()))
		}
		_, err := tx.Exec(ctx, `
			UPDATE students SET allows_at = $3, shows_major = $4, shows_year = $5, about = $6, shown = $7, updated_at = $8
			WHERE institution_id = $1 AND id = $2`, s.ID(), me.ID, db.Millis(me.AllowsAt),
			db.Bool(me.ShowsMajor), db.Bool(me.ShowsYear), me.About, me.keys("").shown, db.Millis(st.Now()))
		if err != nil {
			return fmt.Errorf("store a student's choice: %w", err)
		}
		return s.Record(ctx, tx, st.Now(), "student.chose", "student", me.ID, map[string]any{"allows": c.Allows})
	})
	return me, err
}

func (s *Student) choose(c Choice) {
	s.ShowsMajor, s.ShowsYear, s.About = c.ShowsMajor, c.ShowsYear, c.About
	if !c.Allows {
		s.AllowsAt = db.Time(0)
	}
}
