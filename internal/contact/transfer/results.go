package transfer

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"

	"beckon/internal/db"
	"beckon/internal/institution"
)

// items is the elements of a JSON array that is bound as param, one a row: one parameter for
// any number of values.
func items(tx *db.Tx, param string) string {
	if tx.Engine() == db.Postgres {
		return `jsonb_array_elements(` + param + `::jsonb) AS e(value)`
	}
	return `json_each(` + param + `) AS e`
}

// item is the n-th element, as text, of an element that is an array itself.
func item(tx *db.Tx, n int) string {
	if tx.Engine() == db.Postgres {
		return fmt.Sprintf(`(e.value ->> %d)`, n)
	}
	return fmt.Sprintf(`json_extract(e.value, '$[%d]')`, n)
}

// addRejects keeps rejected rows with their reasons.
func addRejects(ctx context.Context, tx *db.Tx, id int64, rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	list := make([][3]any, len(rows))
	for i, row := range rows {
		cells, err := json.Marshal(row.Raw)
		if err != nil {
			return err
		}
		faults, err := json.Marshal(row.Faults)
		if err != nil {
			return err
		}
		list[i] = [3]any{row.Number, string(cells), string(faults)}
	}
	values, err := json.Marshal(list)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO import_rejects (import_id, row_number, cells, faults)
		SELECT $1, CAST(`+item(tx, 0)+` AS BIGINT), `+item(tx, 1)+`, `+item(tx, 2)+` FROM `+items(tx, `$2`), id, string(values))
	if err != nil {
		return fmt.Errorf("keep rejected rows: %w", err)
	}
	return nil
}

// rejectedRow is a rejected row as it is kept.
type rejectedRow struct {
	row    int
	cells  []string
	faults []Fault
}

// rejects reads up to limit rejected rows behind a row.
func rejects(ctx context.Context, tx *db.Tx, id int64, behind, limit int) (list []rejectedRow, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var x rejectedRow
		var cells, faults []byte
		if err := r.Scan(&x.row, &cells, &faults); err != nil {
			return err
		}
		if err := json.Unmarshal(cells, &x.cells); err != nil {
			return err
		}
		list = append(list, x)
		return json.Unmarshal(faults, &list[len(list)-1].faults)
	}, `SELECT row_number, cells, faults FROM import_rejects WHERE import_id = $1 AND row_number > $2 ORDER BY row_number LIMIT $3`, id, behind, limit)
	return list, err
}

// firstErrors gives the first reasons for which rows were rejected.
func firstErrors(ctx context.Context, tx *db.Tx, id int64) ([]RowError, error) {
	list, err := rejects(ctx, tx, id, 0, maxErrors)
	var out []RowError
	for _, x := range list {
		for _, f := range x.faults {
			if len(out) < maxErrors {
				out = append(out, RowError{Row: x.row, Column: f.Column, Message: f.Message})
			}
		}
	}
	return out, err
}

// WriteRejected writes all rejected rows of an import as Rejected does, as far as it has
// come; fault.ErrNotFound unless the institution has it. Memory does not grow with them.
func (m *Imports) WriteRejected(ctx context.Context, scope institution.Scope, id int64, w io.Writer) error {
	i, err := m.Get(ctx, scope, id)
	if err != nil {
		return err
	}
	out := NewRejected(w, i.Format)
	const page = 200
	for behind := 0; i.Rejected > 0; {
		var list []rejectedRow
		err := m.DB.Read(ctx, func(tx *db.Tx) (err error) {
			list, err = rejects(ctx, tx, id, behind, page)
			return err
		})
		if err != nil {
			return err
		}
		for _, x := range list {
			out.Write(x.cells, x.faults)
			behind = x.row
		}
		if len(list) < page {
			break
		}
	}
	return out.Flush()
}
