// Package db opens Beckon's database, SQLite or PostgreSQL, and runs transactions on it.
// SQL itself is written in the package it belongs to, once, in PostgreSQL's style
// ($1, RETURNING, ON CONFLICT) and valid on both engines.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// Engine is the kind of database behind a DB.
type Engine int

// The engines Beckon runs on.
const (
	SQLite Engine = iota
	Postgres
)

func (e Engine) String() string {
	if e == Postgres {
		return "postgres"
	}
	return "sqlite"
}

// DB is an open database. It is safe for concurrent use. On SQLite all writes go through
// one connection, so that they queue in this process instead of failing as busy; reads
// have a pool of their own.
type DB struct {
	engine Engine
	path   string
	writer *pool
	reader *pool
	log    *checkpointer // nil on PostgreSQL
	// waiting is how many calls of Write have not begun yet.
	waiting atomic.Int32

	// Clock tells the time to what happens by itself inside a transaction; see Tx.Now.
	Clock func() time.Time
	// Took, unless nil, is told how long each statement took until its first row was there. It
	// must be set before the database is used, and be quick.
	Took func(ctx context.Context, statement string, took time.Duration)
}

// pool is a set of connections with the statements kept compiled for them.
type pool struct {
	*sql.DB
	kept  *statements
	place *placement
}

func newPool(p *sql.DB) *pool {
	return &pool{DB: p, kept: &statements{ready: map[string]*sql.Stmt{}, seen: map[string]int{}}, place: &placement{known: map[string]placed{}}}
}

// Open opens the database at rawURL: `sqlite:PATH` or `postgres://...`. It makes the
// folder of a SQLite file where it is missing. Errors name the cure.
func Open(ctx context.Context, rawURL string) (*DB, error) {
	switch {
	case strings.HasPrefix(rawURL, "sqlite:"):
		return openSQLite(ctx, strings.TrimPrefix(rawURL, "sqlite:"))
	case strings.HasPrefix(rawURL, "postgres://"), strings.HasPrefix(rawURL, "postgresql://"):
		return openPostgres(ctx, rawURL)
	}
	return nil, errors.New("BECKON_DATABASE_URL must begin with sqlite: or postgres://, for example sqlite:beckon-data/beckon.db")
}

func openSQLite(ctx context.Context, path string) (*DB, error) {
	if path == "" {
		return nil, errors.New("BECKON_DATABASE_URL names no file; write for example sqlite:beckon-data/beckon.db")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("the folder of BECKON_DATABASE_URL cannot be made: %w; choose one that you may write to", err)
	}
	// Other processes on the same file (a command beside the server) are waited for.
	common := "_pragma=busy_timeout(20000)&_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=temp_store(MEMORY)"
	file := fileURL(path)
	// Caches are in kilobytes, and a page of them takes twice its size of memory: the driver's
	// allocator rounds up to a power of two.
	writer, err := sql.Open("sqlite", file+"?_txlock=immediate&_pragma=cache_size(-32000)&_pragma=wal_autocheckpoint("+mostPages+")&"+common)
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	if err := writer.PingContext(ctx); err != nil {
		writer.Close()
		return nil, fmt.Errorf("the database file %s cannot be opened for writing: %w; check that the folder and the file belong to the user Beckon runs as", path, err)
	}
	reader, err := sql.Open("sqlite", file+"?_pragma=query_only(1)&_pragma=cache_size(-4000)&"+common)
	if err != nil {
		writer.Close()
		return nil, err
	}
	reader.SetMaxOpenConns(max(4, runtime.NumCPU()))
	reader.SetMaxIdleConns(max(4, runtime.NumCPU()))
	log, err := sql.Open("sqlite", file+"?"+common)
	if err != nil {
		return nil, errors.Join(err, writer.Close(), reader.Close())
	}
	return &DB{engine: SQLite, path: path, writer: newPool(writer), reader: newPool(reader), log: newCheckpointer(log), Clock: time.Now}, nil
}

// fileURL is a path as SQLite takes it with parameters behind it.
func fileURL(path string) string {
	return (&url.URL{Scheme: "file", Opaque: strings.ReplaceAll(url.PathEscape(path), "%2F", "/")}).String()
}

func openPostgres(ctx context.Context, rawURL string) (*DB, error) {
	cfg, err := pgx.ParseConfig(rawURL)
	if err != nil {
		return nil, errors.New("BECKON_DATABASE_URL is not a PostgreSQL address; write postgres://USER:PASSWORD@HOST:5432/DATABASE")
	}
	// Statement caching by description works behind PgBouncer in transaction mode, where
	// named prepared statements do not. The URL may say default_query_exec_mode=... otherwise.
	if !strings.Contains(rawURL, "default_query_exec_mode=") {
		cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	// A process that is stopped in the middle of a transaction must not hold up the others for
	// longer than its leases last.
	conns := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "SET idle_in_transaction_session_timeout = '10s'")
		return err
	}))
	conns.SetMaxOpenConns(20)
	conns.SetMaxIdleConns(20)
	conns.SetConnMaxIdleTime(5 * time.Minute)
	if err := conns.PingContext(ctx); err != nil {
		conns.Close()
		return nil, fmt.Errorf("PostgreSQL at %s:%d does not answer: %w; check BECKON_DATABASE_URL and that the server runs", cfg.Host, cfg.Port, err)
	}
	both := &pool{DB: conns} // pgx keeps statements itself, in a way that PgBouncer bears
	return &DB{engine: Postgres, writer: both, reader: both, Clock: time.Now}, nil
}

// Engine tells which engine this is.
func (d *DB) Engine() Engine { return d.engine }

// Path is the file of a SQLite database, "" on PostgreSQL.
func (d *DB) Path() string { return d.path }

// SQL is the pool that may write, for migrations and tests.
func (d *DB) SQL() *sql.DB { return d.writer.DB }

// Stats tells how busy the pools of connections are, by name.
func (d *DB) Stats() map[string]sql.DBStats {
	if d.reader == d.writer {
		return map[string]sql.DBStats{"all": d.writer.Stats()}
	}
	return map[string]sql.DBStats{"read": d.reader.Stats(), "write": d.writer.Stats()}
}

// Close waits for running statements and closes the database.
func (d *DB) Close() error {
	var err error
	if d.log != nil {
		err = d.log.close()
	}
	err = errors.Join(err, d.writer.Close())
	if d.reader != d.writer {
		err = errors.Join(err, d.reader.Close())
	}
	return err
}

// Ping tells whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.reader.PingContext(ctx) }

// Write runs f in one transaction that may write, and commits unless f fails. Within f
// nothing may call Write or Read of the same DB: on SQLite it would wait for itself.
func (d *DB) Write(ctx context.Context, f func(*Tx) error) error {
	began := false
	d.waiting.Add(1)
	defer func() {
		if !began {
			d.waiting.Add(-1)
		}
	}()
	return d.run(ctx, d.writer, nil, func(tx *Tx) error {
		began = true
		d.waiting.Add(-1)
		return f(tx)
	})
}

// Contended tells whether somebody in this process waits to write: whoever could write more
// in one transaction than others should wait for looks here first.
func (d *DB) Contended() bool { return d.waiting.Load() > 0 }

// Read runs f in one read-only transaction, which sees one state of the database.
func (d *DB) Read(ctx context.Context, f func(*Tx) error) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if d.engine == Postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	return d.run(ctx, d.reader, opts, f)
}

func (d *DB) run(ctx context.Context, pool *pool, opts *sql.TxOptions, f func(*Tx) error) error {
	if err := pool.kept.prepare(ctx, pool.DB); err != nil {
		return err
	}
	t, err := pool.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer t.Rollback() //nolint:errcheck // a no-op after Commit
	if err := f(&Tx{tx: t, engine: d.engine, kept: pool.kept, place: pool.place, clock: d.Clock, took: d.Took}); err != nil {
		return err
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if d.log != nil && pool == d.writer {
		d.log.written.Store(true)
	}
	return nil
}

// Tx is a running transaction. It belongs to one goroutine.
type Tx struct {
	tx     *sql.Tx
	engine Engine
	kept   *statements
	place  *placement
	clock  func() time.Time
	took   func(context.Context, string, time.Duration)
}

// measure tells how long a statement took that began at a moment.
func (t *Tx) measure(ctx context.Context, statement string, began time.Time) {
	if t.took != nil {
		t.took(ctx, statement, time.Since(began))
	}
}

// Now is the time by the database's Clock.
func (t *Tx) Now() time.Time { return t.clock() }

// Engine tells which engine the transaction runs on.
func (t *Tx) Engine() Engine { return t.engine }

// SkipIDs makes a table give out no id below least any more. The caller writes the table's
// name: it is no input.
func (t *Tx) SkipIDs(ctx context.Context, table string, least int64) error {
	if t.engine == Postgres {
		_, err := t.Exec(ctx, `SELECT setval(s.name, GREATEST(nextval(s.name), $2)) FROM (SELECT pg_get_serial_sequence($1, 'id')::regclass AS name) AS s`, table, least)
		return err
	}
	n, err := t.Exec(ctx, `UPDATE sqlite_sequence SET seq = MAX(seq, $2) WHERE name = $1`, table, least)
	if err == nil && n == 0 {
		_, err = t.Exec(ctx, `INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)`, table, least)
	}
	return err
}

// Exec runs a statement and answers how many rows it changed.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	defer t.measure(ctx, query, time.Now())
	query, args = t.place.place(query, args)
	var r sql.Result
	var err error
	if s := t.kept.find(query); s != nil {
		r, err = t.tx.StmtContext(ctx, s).ExecContext(ctx, args...)
	} else {
		r, err = t.tx.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Query runs a query; the caller closes the rows. All rows must be read or closed before
// the next statement of the same transaction, as PostgreSQL demands.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	defer t.measure(ctx, query, time.Now())
	query, args = t.place.place(query, args)
	if s := t.kept.find(query); s != nil {
		return t.tx.StmtContext(ctx, s).QueryContext(ctx, args...)
	}
	return t.tx.QueryContext(ctx, query, args...)
}

// QueryRow runs a query for one row; its Scan answers sql.ErrNoRows where there is none.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	defer t.measure(ctx, query, time.Now())
	query, args = t.place.place(query, args)
	if s := t.kept.find(query); s != nil {
		return t.tx.StmtContext(ctx, s).QueryRowContext(ctx, args...)
	}
	return t.tx.QueryRowContext(ctx, query, args...)
}

// Rows runs a query and calls scan for each row, closing the rows whatever happens.
func (t *Tx) Rows(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := t.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
