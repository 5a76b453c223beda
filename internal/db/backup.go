package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Backup writes a consistent copy of a SQLite database to a new file, which only its owner may
// read, while everybody goes on reading and writing. It answers an error for a file that is
// there already, and on PostgreSQL. After an error there is no file.
func (d *DB) Backup(ctx context.Context, file string) error {
	if d.engine == Postgres {
		return errors.New("PostgreSQL is copied by its own tools; run: pg_dump --format=custom --file=FILE \"$BECKON_DATABASE_URL\"")
	}
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s is there already; name a new file", file)
	}
	whole, err := copyTo(ctx, d.path, file)
	if err != nil {
		return fmt.Errorf("the backup cannot be written: %w; check the folder and the room on its disk", err)
	}
	if err := os.Rename(whole, file); err != nil {
		return errors.Join(err, os.Remove(whole))
	}
	return syncFolder(file)
}

// copyTo writes what the database at path holds now into a file beside the one named, and
// answers its name. It reads one state, however long that takes and whoever writes meanwhile.
func copyTo(ctx context.Context, path, file string) (whole string, err error) {
	f, err := os.CreateTemp(filepath.Dir(file), ".beckon-copy-*") // readable by its owner alone
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	source, err := sql.Open("sqlite", fileURL(path)+"?mode=rw&_pragma=busy_timeout(20000)")
	if err != nil {
		return "", errors.Join(err, f.Close())
	}
	defer source.Close()
	_, err = source.ExecContext(ctx, `VACUUM INTO $1`, f.Name())
	return f.Name(), errors.Join(err, f.Sync(), f.Close())
}

// syncFolder makes the names in a file's folder last.
func syncFolder(file string) error {
	folder, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// ErrInUse says that a database is open elsewhere.
var ErrInUse = errors.New("a server or a command works on this database; stop it first")

// Restore puts a copy that Backup made in the place of the SQLite database at path. Before
// that its schema is brought up to date, and prepare does what else it needs; if anything
// fails, the present data stays as it is. The present file is kept under the name that is
// answered, "" where there was none. It answers ErrInUse while any process has it open.
func Restore(ctx context.Context, file, path string, now time.Time, prepare func(*DB) error) (kept string, err error) {
	if err := isBackup(ctx, file); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	lock, err := lockWorkers(path)
	if err != nil {
		return "", err
	}
	if lock == nil {
		return "", ErrInUse
	}
	defer lock.Release() //nolint:errcheck // it ends with the process, too
	if err := standAlone(ctx, path); err != nil {
		return "", err
	}
	whole, err := copyTo(ctx, file, path)
	if err != nil {
		return "", fmt.Errorf("the copy cannot be written beside the database: %w", err)
	}
	defer os.Remove(whole)
	if err := prepareCopy(ctx, whole, prepare); err != nil {
		return "", err
	}
	if err := standAlone(ctx, path); err != nil {
		return "", err
	}
	return replace(whole, path, now)
}

// isBackup tells a copy of Beckon's database from other files.
func isBackup(ctx context.Context, file string) error {
	if _, err := os.Stat(file); err != nil {
		return err
	}
	d, err := sql.Open("sqlite", fileURL(file)+"?mode=ro")
	if err != nil {
		return err
	}
	defer d.Close()
	var tables int
	err = d.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ('goose_db_version', 'institutions', 'bulk_invites')`).Scan(&tables)
	if err != nil || tables != 3 {
		return fmt.Errorf("%s is no backup of Beckon; name a file that \"beckon backup\" wrote", file)
	}
	var version int64
	if err := d.QueryRowContext(ctx, `SELECT MAX(version_id) FROM goose_db_version`).Scan(&version); err != nil {
		return err
	}
	newest, err := newestVersion()
	if err == nil && version > newest {
		return fmt.Errorf("%s was made by a newer Beckon; restore it with that version", file)
	}
	return err
}

// prepareCopy brings a copy up to date before anybody sees it.
func prepareCopy(ctx context.Context, whole string, prepare func(*DB) error) error {
	d, err := Open(ctx, "sqlite:"+whole)
	if err != nil {
		return err
	}
	err = d.Migrate(ctx)
	if err == nil {
		err = prepare(d)
	}
	return errors.Join(err, d.Close())
}

// standAlone moves what the write-ahead log of a database holds into its file, which takes
// that nobody else has it open. A file that cannot be read any more is left as it is: its
// owner may be restoring because of that.
func standAlone(ctx context.Context, path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	d, err := sql.Open("sqlite", fileURL(path)+"?mode=rw&_pragma=busy_timeout(1000)")
	if err != nil {
		return err
	}
	defer d.Close()
	var mode string
	err = d.QueryRowContext(ctx, `PRAGMA journal_mode = DELETE`).Scan(&mode)
	if err != nil && strings.Contains(err.Error(), "locked") || err == nil && mode == "wal" {
		return ErrInUse
	}
	return nil
}

// replace puts a whole file in the place of another, which it keeps, with what belongs to it,
// under a name that tells the time. At every moment one of the two stands at path.
func replace(whole, path string, now time.Time) (kept string, err error) {
	if _, err := os.Stat(path); err == nil {
		kept = path + ".before-" + now.UTC().Format("20060102-150405")
		if err := os.Link(path, kept); err != nil {
			return "", fmt.Errorf("the present file cannot be kept: %w", err)
		}
		for _, part := range []string{"-wal", "-shm"} {
			if err := os.Rename(path+part, kept+part); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
		}
	}
	if err := os.Rename(whole, path); err != nil {
		return "", err
	}
	return kept, syncFolder(path)
}
