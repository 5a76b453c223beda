package contact

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"beckon/internal/address"
	"beckon/internal/db"
	"beckon/internal/gate"
)

// newRow is a contact to insert.
type newRow struct {
	id       int64
	fields   *Fields
	address  address.Address
	source   string
	others   []string
	archived bool
}

// insertContacts writes new contacts with their standing and their entries in the directory.
// Standing is that of nobody's address until RecomputeNew has run.
func insertContacts(ctx context.Context, tx *db.Tx, institutionID, now int64, rows []newRow) error {
	err := insertAll(ctx, tx, insertContact, rows, func(args []any, r newRow) []any {
		args = append(args, institutionID, r.id, r.source, joinEmails(r.others), db.Bool(r.archived), now, now)
		k := r.fields.keys(r.address)
		for _, column := range updatable[:len(updatable)-len(FieldNames)] {
			args = append(args, contactValue(column, r.fields, r.address, k))
		}
		for _, text := range r.fields.all() {
			args = append(args, *text)
		}
		return args
	})
	if err != nil {
		return fmt.Errorf("add contacts: %w", err)
	}
	err = insertAll(ctx, tx, insertStanding, rows, func(args []any, r newRow) []any { return append(args, institutionID, r.id) })
	if err != nil {
		return fmt.Errorf("add standings: %w", err)
	}
	err = insertAll(ctx, tx, insertDirectory, rows, func(args []any, r newRow) []any {
		return append(args, address.Hash(r.address.Key), institutionID)
	})
	if err != nil {
		return fmt.Errorf("add to the directory: %w", err)
	}
	return nil
}

// insert is a statement that inserts several rows.
type insert struct {
	into  string
	width int
	after string
	most  int    // rows in one statement of SQLite
	full  string // the statement of SQLite for so many rows
}

var (
	insertContact = prepare(insert{into: `contacts (institution_id, id, source, other_emails, archived, created_at, updated_at, ` +
		strings.Join(updatable, `, `) + `)`, width: 7 + len(updatable), most: 50})
	insertStanding  = prepare(insert{into: `contact_standing (institution_id, contact_id)`, width: 2, most: 100})
	insertDirectory = prepare(insert{into: `address_directory (address_hash, institution_id)`, width: 2, after: ` ON CONFLICT DO NOTHING`, most: 100})
	insertLabel     = prepare(insert{into: `contact_labels (institution_id, label_id, contact_id)`, width: 3, most: 100})
)

func prepare(i insert) insert {
	i.full = i.statement(i.most)
	return i
}

// statement inserts n rows on SQLite. The parameters have no names: binding by name looks
// through all names for each, which for 50 contacts costs more than inserting them.
func (i insert) statement(n int) string {
	row := `(` + strings.TrimSuffix(strings.Repeat(`?,`, i.width), `,`) + `)`
	return `INSERT INTO ` + i.into + ` VALUES ` + strings.TrimSuffix(strings.Repeat(row+`,`, n), `,`) + i.after
}

// insertAll inserts rows: on SQLite most of them by statements that stay compiled, on
// PostgreSQL all by one.
func insertAll[T any](ctx context.Context, tx *db.Tx, i insert, rows []T, values func(args []any, row T) []any) error {
	if tx.Engine() == db.Postgres {
		return insertColumns(ctx, tx, i, rows, values)
	}
	args := make([]any, 0, i.most*i.width)
	for len(rows) > 0 {
		n := min(i.most, len(rows))
		args = args[:0]
		for _, r := range rows[:n] {
			args = values(args, r)
		}
		rows = rows[n:]
		statement := i.full
		if n < i.most {
			statement = i.statement(n)
		}
		if _, err := tx.Exec(ctx, statement, args...); err != nil {
			return err
		}
	}
	return nil
}

// insertColumns inserts rows by a statement that has one parameter for each column, an array:
// PostgreSQL reads and plans a statement each time, and one with a parameter for each cell
// takes it longer to read than the rows to write.
func insertColumns[T any](ctx context.Context, tx *db.Tx, i insert, rows []T, values func(args []any, row T) []any) error {
	if len(rows) == 0 {
		return nil
	}
	columns, types := make([]any, i.width), make([]string, i.width)
	var args []any
	for _, r := range rows {
		args = values(args[:0], r)
		for n, v := range args {
			switch v := v.(type) {
			case int:
				columns[n], types[n] = grown(columns[n], int64(v)), `bigint[]`
			case int64:
				columns[n], types[n] = grown(columns[n], v), `bigint[]`
			case string:
				columns[n], types[n] = grown(columns[n], v), `text[]`
			case []byte:
				columns[n], types[n] = grown(columns[n], v), `bytea[]`
			default:
				return fmt.Errorf("column %d of %s has a %T", n+1, i.into, v)
			}
		}
	}
	for n, t := range types {
		types[n] = `$` + strconv.Itoa(n+1) + `::` + t
	}
	_, err := tx.Exec(ctx, `INSERT INTO `+i.into+` SELECT * FROM unnest(`+strings.Join(types, `, `)+`)`+i.after, columns...)
	return err
}

// grown is the array of a column with one more value.
func grown[V any](column any, v V) any {
	array, _ := column.([]V)
	return append(array, v)
}

// link stores the standing of new contacts. Nearly all of them are nobody's address, so it
// looks first which are a user's.
func link(ctx context.Context, tx *db.Tx, institutionID int64, rows []newRow) error {
	ids := map[string]int64{}
	keys := make([]string, len(rows))
	for i, r := range rows {
		ids[r.address.Key] = r.id
		keys[i] = r.address.Key
	}
	var known []int64
	err := eachKey(ctx, tx, `SELECT email_key FROM user_addresses WHERE verified_at > 0 AND email_key IN `, nil, keys, func(scan func(...any) error) error {
		var key string
		err := scan(&key)
		known = append(known, ids[key])
		return err
	})
	if err != nil || len(known) == 0 {
		return err
	}
	return gate.RecomputeNew(ctx, tx, institutionID, known)
}
