// Package dbtest gives tests an empty, migrated database on each engine.
package dbtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"beckon/internal/db"
)

// Each runs the test f on SQLite and on PostgreSQL, each with a database of its own.
func Each(t *testing.T, f func(t *testing.T, d *db.DB)) {
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
}

// SQLite is an empty, migrated SQLite database, closed and removed with the test.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "beckon.db")
	if err := os.WriteFile(path, template(t), 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, "sqlite:"+path)
}

// Postgres is an empty, migrated PostgreSQL database on a server that the tests of one
// process share.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return open(t, PostgresURL(t))
}

// PostgresURL is the address of such a database, for tests that start the binary.
func PostgresURL(t testing.TB) string {
	t.Helper()
	s := server(t)
	name := fmt.Sprintf("t%d_%d", os.Getpid(), databases.Add(1))
	s.exec(t, "CREATE DATABASE "+name+" TEMPLATE "+s.template)
	t.Cleanup(func() { s.exec(t, "DROP DATABASE "+name+" WITH (FORCE)") })
	return s.url(name)
}

var databases atomic.Int64

func open(t testing.TB, url string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

var migrated struct {
	once sync.Once
	file []byte
	err  error
}

// template is the bytes of a migrated SQLite file: copying it is quicker than migrating.
func template(t testing.TB) []byte {
	migrated.once.Do(func() {
		dir, err := os.MkdirTemp("", "beckon-template-")
		if err != nil {
			migrated.err = err
			return
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "t.db")
		d, err := db.Open(context.Background(), "sqlite:"+path)
		if err != nil {
			migrated.err = err
			return
		}
		if migrated.err = d.Migrate(context.Background()); migrated.err != nil {
			return
		}
		if migrated.err = d.Close(); migrated.err != nil {
			return
		}
		migrated.file, migrated.err = os.ReadFile(path)
	})
	if migrated.err != nil {
		t.Fatal(migrated.err)
	}
	return migrated.file
}
