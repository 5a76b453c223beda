package posting

import (
	"database/sql"
	"strings"
	"testing"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

// Lists of one company and of one institution must not read the jobs of all others.
func TestListsBeginWithTheirOwn(t *testing.T) {
	err := dbtest.SQLite(t).Read(t.Context(), func(tx *db.Tx) error {
		for name, condition := range map[string]string{"own": own, "live": live} {
			err := tx.Rows(t.Context(), func(r *sql.Rows) error {
				var id, parent, unused int
				var step string
				err := r.Scan(&id, &parent, &unused, &step)
				if strings.HasPrefix(step, "SCAN j") {
					t.Errorf("%s reads all jobs: %s", name, step)
				}
				return err
			}, `EXPLAIN QUERY PLAN SELECT COUNT(*) FROM jobs j WHERE `+condition, 1)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
