package student

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// mostLooked is among how many students Recipients looks.
const mostLooked = 1000

// Recipients are those of the students with these ids whom a letter of the user would reach
// now, in the order of the ids and each once, and how many students the company may still
// write to at the institution today. It tells before what Write would answer; its
// *gate.Refusal is the same. More than 1,000 ids are fault.Fields.
func (st *Students) Recipients(ctx context.Context, userID, institutionID int64, ids []int64) (to []Shown, left int, err error) {
	if len(ids) > mostLooked {
		return nil, 0, fault.Invalid("students", "name 1 to %d students", MostAtOnce)
	}
	err = st.DB.Read(ctx, func(tx *db.Tx) error {
		if err := known(ctx, tx, institutionID); err != nil {
			return err
		}
		pass, err := gate.Check(ctx, tx, userID, institutionID)
		if err != nil {
			return err
		}
		if left, err = st.leftToday(ctx, tx, institutionID, pass.CompanyID); err != nil || len(ids) == 0 {
			return err
		}
		return tx.Rows(ctx, func(r *sql.Rows) error {
			s, err := scan(r)
			to = append(to, s.Shown())
			return err
		}, `SELECT `+columns+` FROM students s WHERE `+reached+` AND s.id IN (`+db.Params(4, len(ids))+`)`,
			append([]any{institutionID, userID, pass.CompanyID}, db.Args(ids)...)...)
	})
	slices.SortFunc(to, func(a, b Shown) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return to, left, err
}

// leftToday is how many students the company may still write to on this day of the
// institution's clock.
func (st *Students) leftToday(ctx context.Context, tx *db.Tx, institutionID, companyID int64) (int, error) {
	in, err := institution.Load(ctx, tx, institutionID)
	if err != nil {
		return 0, err
	}
	var sent int
	err = tx.QueryRow(ctx, `SELECT sent FROM message_days WHERE institution_id = $1 AND company_id = $2 AND day = $3`,
		institutionID, companyID, st.Now().In(in.Location()).Format(time.DateOnly)).Scan(&sent)
	if db.IsNoRows(err) {
		err = nil
	}
	return MostADay - sent, err
}
