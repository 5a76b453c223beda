package student

import (
	"context"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/input"
)

// FindQuery chooses among the students whom a recruiter may find.
type FindQuery struct {
	// Q is a part of what the student shows, folded: first name and initial, major, year, about.
	Q string
	// After is where the page before ended, the zero Cursor for the beginning.
	After Cursor
	Limit int
}

// reached picks the students of institution $1 whom user $2 of company $3 may find and
// write to: those who allow it, and have blocked neither. A recruiter stays blocked in
// another company, too.
const reached = `s.institution_id = $1 AND s.archived = 0 AND s.allows_at > 0 AND s.id NOT IN (
	SELECT b.student_id FROM student_blocks b WHERE b.institution_id = $1 AND (b.user_id = $2 OR b.user_id = 0 AND b.company_id = $3))`

// shownKey is what found students are sorted by: the beginning of what they show, so that
// not even their order tells a last name.
const shownKey = `SUBSTR(s.shown, 1, 60)`

// Find is a page of the students of an institution whom a recruiter may find, where the next
// page begins (the zero Cursor: nowhere), and how many there are in all. Where the user may
// not recruit it answers the *gate.Refusal.
func (st *Students) Find(ctx context.Context, userID, institutionID int64, q FindQuery) (page []Shown, next Cursor, total int, err error) {
	pass, err := st.check(ctx, userID, institutionID)
	if err != nil {
		return nil, Cursor{}, 0, err
	}
	reach := search{where: reached, args: []any{institutionID, userID, pass.CompanyID}, key: shownKey}
	reach.contains(st.DB.Engine(), `s.shown`, input.Part(q.Q))
	found, next, total, err := st.page(ctx, reach, q.After, q.Limit)
	for _, s := range found {
		page = append(page, s.Shown())
	}
	return page, next, total, err
}

func (st *Students) check(ctx context.Context, userID, institutionID int64) (pass gate.Pass, err error) {
	err = st.DB.Read(ctx, func(tx *db.Tx) error {
		if err := known(ctx, tx, institutionID); err != nil {
			return err
		}
		pass, err = gate.Check(ctx, tx, userID, institutionID)
		return err
	})
	return pass, err
}

// known tells an institution that does not exist from one that refuses.
func known(ctx context.Context, tx *db.Tx, institutionID int64) error {
	var one int
	err := tx.QueryRow(ctx, `SELECT 1 FROM institutions WHERE id = $1`, institutionID).Scan(&one)
	if db.IsNoRows(err) {
		return fault.Invalid("institution", "is not an institution's id; take one from the list of institutions")
	}
	return err
}
