package db_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

var restoredAt = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

func addInstitution(t *testing.T, d *db.DB, slug string) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO institutions (slug, name, name_key, created_at) VALUES ($1, $1, $1, 1)`, slug)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func slugs(t *testing.T, path string) (found []string) {
	t.Helper()
	d, err := db.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	rows, err := d.SQL().Query(`SELECT slug FROM institutions ORDER BY slug`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var slug string
		if err := rows.Scan(&slug); err != nil {
			t.Fatal(err)
		}
		found = append(found, slug)
	}
	return found
}

func TestBackupHoldsWhatWasCommittedAndRestoreBringsItBack(t *testing.T) {
	d := dbtest.SQLite(t)
	addInstitution(t, d, "elm")
	file := filepath.Join(t.TempDir(), "copy's 1.db")
	// Somebody is in the middle of writing.
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `INSERT INTO institutions (slug, name, name_key, created_at) VALUES ('oak', 'Oak', 'oak', 1)`); err != nil {
			return err
		}
		return d.Backup(t.Context(), file)
	})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	if err := d.Backup(t.Context(), file); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("over another file: %v", err)
	}
	restore := func(prepare func(*db.DB) error) (string, error) {
		return db.Restore(t.Context(), file, d.Path(), restoredAt, prepare)
	}
	nothing := func(*db.DB) error { return nil }
	if _, err := restore(nothing); !errors.Is(err, db.ErrInUse) {
		t.Fatalf("while it is open: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	refused := errors.New("refused")
	if _, err := restore(func(*db.DB) error { return refused }); !errors.Is(err, refused) {
		t.Fatalf("%v", err)
	}
	if got := slugs(t, d.Path()); strings.Join(got, " ") != "elm oak" {
		t.Fatalf("after a restore that failed: %v", got)
	}
	kept, err := restore(nothing)
	if err != nil {
		t.Fatal(err)
	}
	if got := slugs(t, d.Path()); strings.Join(got, " ") != "elm" {
		t.Errorf("restored: %v", got)
	}
	if got := slugs(t, kept); strings.Join(got, " ") != "elm oak" || kept != d.Path()+".before-20261123-093000" {
		t.Errorf("kept as %s: %v", kept, got)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(d.Path()), ".beckon-copy-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestRestoreWhereNothingIsOrNothingCanBeRead(t *testing.T) {
	d := dbtest.SQLite(t)
	addInstitution(t, d, "elm")
	file := filepath.Join(t.TempDir(), "copy.db")
	if err := d.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	nothing := func(*db.DB) error { return nil }
	path := filepath.Join(t.TempDir(), "new", "beckon.db")
	if kept, err := db.Restore(t.Context(), file, path, restoredAt, nothing); err != nil || kept != "" {
		t.Fatalf("%q, %v", kept, err)
	}
	for name, content := range map[string]string{"": strings.Repeat("broken ", 1000), "-wal": "broken", "-shm": "broken"} {
		if err := os.WriteFile(path+name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := db.Restore(t.Context(), file, path, restoredAt, nothing)
	if err != nil {
		t.Fatal(err)
	}
	if got := slugs(t, path); strings.Join(got, " ") != "elm" {
		t.Errorf("over a broken file: %v", got)
	}
	if raw, err := os.ReadFile(kept); err != nil || !strings.HasPrefix(string(raw), "broken") {
		t.Errorf("the broken file is not kept: %v", err)
	}
}

func TestRestoreTakesOnlyBackups(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "beckon.db")
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other.db")
	d, err := db.Open(t.Context(), "sqlite:"+other)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.SQL().Exec(`CREATE TABLE institutions (id INTEGER)`); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	newer := dbtest.SQLite(t)
	if _, err := newer.SQL().Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`); err != nil {
		t.Fatal(err)
	}
	for file, says := range map[string]string{text: "no backup", other: "no backup", filepath.Join(dir, "missing.db"): "no such file", newer.Path(): "newer Beckon"} {
		_, err := db.Restore(t.Context(), file, path, restoredAt, func(*db.DB) error { return nil })
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", file, err)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a refused file left a database: %v", err)
	}
}

func TestPostgresIsCopiedByItsOwnTools(t *testing.T) {
	d := dbtest.Postgres(t)
	if err := d.Backup(t.Context(), filepath.Join(t.TempDir(), "copy.db")); err == nil || !strings.Contains(err.Error(), "pg_dump") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

func TestSkippedIDsAreNotGivenOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		skip := func(table string, least int64) {
			t.Helper()
			if err := d.Write(t.Context(), func(tx *db.Tx) error { return tx.SkipIDs(t.Context(), table, least) }); err != nil {
				t.Fatal(err)
			}
		}
		next := func() (id int64) {
			t.Helper()
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				return tx.QueryRow(t.Context(), `INSERT INTO users (first_name, last_name, created_at, updated_at) VALUES ('A', 'B', 1, 1) RETURNING id`).Scan(&id)
			})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		skip("users", 1<<50)
		if id := next(); id <= 1<<50 {
			t.Errorf("%d in an empty table", id)
		}
		skip("users", 7)
		if id := next(); id <= 1<<50 {
			t.Errorf("%d after a smaller number", id)
		}
	})
}
