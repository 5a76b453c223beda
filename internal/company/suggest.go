package company

import (
	"context"
	"database/sql"

	"beckon/internal/db"
	"beckon/internal/input"
)

// suggestions is how many companies Suggest answers at most.
const suggestions = 20

// Suggestion is a company that a person may belong to.
type Suggestion struct {
	Company
	// Members counts its approved memberships.
	Members int
	// Matches tells that the person has a verified address at the company's domain.
	Matches bool
	// AtOnce tells that Join approves the person without waiting.
	AtOnce bool
}

// Suggest lists up to 20 companies that a user may mean: those at the domain of a verified
// address first, whatever their name, then those whose name begins with q, then those that
// contain it, all folded. It is shown before a company is made, so that nobody makes a
// second one.
func (c *Companies) Suggest(ctx context.Context, userID int64, q string) (found []Suggestion, err error) {
	err = c.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := loadPerson(ctx, tx, userID)
		if err != nil {
			return err
		}
		args := []any{input.Containing(q), input.Beginning(q), suggestions, ""}
		args = append(args, db.Args(p.domains)...)
		proven := `c.domain <> '' AND c.domain IN (` + db.Params(4, len(args)-3) + `)`
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var s Suggestion
			s.Company, err = scan(r, &s.Members)
			s.Matches = p.isAt(s.Company)
			s.AtOnce = s.Matches && (s.AutoJoin || s.Members == 0)
			found = append(found, s)
			return err
		}, `SELECT `+columns+`, (SELECT COUNT(*) FROM memberships m WHERE m.company_id = c.id AND m.state = 'approved')
			FROM companies c WHERE c.name_key LIKE $1 ESCAPE '\' OR `+proven+`
			ORDER BY CASE WHEN `+proven+` THEN 0 WHEN c.name_key LIKE $2 ESCAPE '\' THEN 1 ELSE 2 END, c.name_key, c.id LIMIT $3`, args...)
	})
	return found, err
}
