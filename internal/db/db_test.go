package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

// Both sets of migrations must end in the same tables with the same columns and indexes.
func TestEnginesHaveTheSameTables(t *testing.T) {
	sqlite := columns(t, dbtest.SQLite(t), `
		SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%'
		UNION SELECT 'index ' || name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND name NOT LIKE 'goose_%'`)
	postgres := columns(t, dbtest.Postgres(t), `
		SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name NOT LIKE 'goose_%'
		UNION SELECT 'index ' || indexname FROM pg_indexes
		WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key' AND indexname NOT LIKE 'goose_%'`)
	for _, c := range sqlite {
		if !slices.Contains(postgres, c) && !onlySQLite[c] {
			t.Errorf("only on SQLite: %s", c)
		}
	}
	for _, c := range postgres {
		if !slices.Contains(sqlite, c) && !onlyPostgres[c] {
			t.Errorf("only on PostgreSQL: %s", c)
		}
	}
	if len(sqlite) < 100 {
		t.Errorf("only %d columns and indexes: the comparison looks at nothing", len(sqlite))
	}
}

// What really differs between the engines, by intent.
var (
	onlySQLite   = map[string]bool{}
	onlyPostgres = map[string]bool{}
)

func columns(t *testing.T, d *db.DB, query string) []string {
	t.Helper()
	var out []string
	err := d.Read(context.Background(), func(tx *db.Tx) error {
		rows, err := tx.Query(context.Background(), query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out = append(out, s)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestMigrateIsRepeatable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := d.CheckSchema(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
}

// Parameters are bound by their number, in any order and more than once.
func TestParametersAreBoundByNumber(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		for range 10 { // some of them with the statement kept compiled
			err := d.Write(ctx, func(tx *db.Tx) error {
				var got string
				if err := tx.QueryRow(ctx, "SELECT CAST($2 AS TEXT) || CAST($1 AS TEXT) || CAST($2 AS TEXT)", "a", "b").Scan(&got); err != nil {
					return err
				}
				if got != "bab" {
					return fmt.Errorf("bound as %q", got)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A $ inside a text is no parameter.
func TestDollarsInsideTextsStay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		err := d.Read(ctx, func(tx *db.Tx) error {
			var got string
			err := tx.QueryRow(ctx, `SELECT CAST($2 AS TEXT) || '$1 it''s $2' || CAST($1 AS TEXT)`, "a", "b").Scan(&got)
			if err == nil && got != "b$1 it's $2a" {
				t.Errorf("got %q", got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestWriteRollsBackOnError(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		_ = d.Write(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, "INSERT INTO companies (name, name_key, created_at, updated_at) VALUES ('A', 'a', 1, 1)"); err != nil {
				t.Fatal(err)
			}
			return context.Canceled
		})
		var n int
		if err := d.SQL().QueryRow("SELECT COUNT(*) FROM companies").Scan(&n); err != nil || n != 0 {
			t.Fatalf("%d companies, %v", n, err)
		}
	})
}

func TestContendedWhileSomebodyWaits(t *testing.T) {
	d, ctx := dbtest.SQLite(t), t.Context()
	nothing := func(*db.Tx) error { return nil }
	second := make(chan error, 1)
	err := d.Write(ctx, func(*db.Tx) error {
		if d.Contended() {
			t.Error("contended by itself")
		}
		go func() { second <- d.Write(ctx, nothing) }()
		for !d.Contended() && ctx.Err() == nil {
			runtime.Gosched()
		}
		return nil
	})
	if err := errors.Join(err, <-second); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := d.Write(gone, nothing); err == nil {
		t.Error("wrote for somebody who is gone")
	}
	if d.Contended() {
		t.Error("contended when nobody waits any more")
	}
}

// What is written reaches the file while the database is open, long before the log is so
// long that the writer must see to it.
func TestWriteAheadLogIsMovedIntoTheFile(t *testing.T) {
	d, ctx := dbtest.SQLite(t), t.Context()
	const size = 1 << 20
	err := d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO outbox (kind, recipient, params, state, due_at, created_at) VALUES ('x', 'x', $1, 'queued', 1, 1)`, strings.Repeat("x", size))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; runtime.Gosched() {
		file, err := os.Stat(d.Path())
		if err != nil {
			t.Fatal(err)
		}
		if file.Size() > size {
			return
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("the file has %d bytes", file.Size())
		}
	}
}

func TestIDsAreOpaqueAndCanonical(t *testing.T) {
	for _, bad := range []string{"", "0", "-1", "01", "A", "zzzzzzzzzzzzzzzzzz", "1 "} {
		if _, ok := db.ParseID(bad); ok {
			t.Errorf("%q is taken for an id", bad)
		}
	}
	if id, ok := db.ParseID(db.FormatID(1<<32 | 7)); !ok || id != 1<<32|7 {
		t.Errorf("an id does not come back: %d %v", id, ok)
	}
}

// Whoever watches is told of every statement, as it is written.
func TestStatementsAreMeasured(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var told []string
		d.Took = func(_ context.Context, statement string, took time.Duration) {
			if took < 0 || took > time.Minute {
				t.Errorf("%s took %v", statement, took)
			}
			told = append(told, statement)
		}
		ctx, one, gone := context.Background(), `SELECT $1 + 1`, `DELETE FROM outbox WHERE id = $1`
		err := d.Write(ctx, func(tx *db.Tx) error {
			var n int
			if err := tx.QueryRow(ctx, one, 1).Scan(&n); err != nil {
				return err
			}
			if err := tx.Rows(ctx, func(r *sql.Rows) error { return r.Scan(&n) }, one, 2); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, gone, 3)
			return err
		})
		if err != nil || !slices.Equal(told, []string{one, one, gone}) {
			t.Errorf("%v, told of %q", err, told)
		}
	})
}
