package db

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"
)

const (
	// checkpointEvery is how often the write-ahead log is looked after while there are writes.
	checkpointEvery = 250 * time.Millisecond
	// mostPages is the length of the log at which the writer looks after it itself.
	mostPages = "32000"
)

// checkpointer moves what stands in SQLite's write-ahead log into the database file, beside
// the writer. That is waiting for the disk, mostly, and whoever wants to write waits for the
// writer: left to the writer it costs a quarter of a large import.
type checkpointer struct {
	conn    *sql.DB
	written atomic.Bool
	stop    context.CancelFunc
	done    chan struct{}
}

func newCheckpointer(conn *sql.DB) *checkpointer {
	conn.SetMaxOpenConns(1)
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpointer{conn: conn, stop: stop, done: make(chan struct{})}
	go c.run(ctx)
	return c
}

func (c *checkpointer) run(ctx context.Context) {
	defer close(c.done)
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if c.written.Swap(false) {
			// What fails here the writer meets in the end, and tells.
			_, _ = c.conn.ExecContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`)
		}
	}
}

func (c *checkpointer) close() error {
	c.stop()
	<-c.done
	return c.conn.Close()
}
