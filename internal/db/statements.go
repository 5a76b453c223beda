package db

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

const (
	// keepFrom is how often a statement must have run before it is kept compiled.
	keepFrom = 3
	// keepMost bounds how many are kept: those whose text is built from input would be
	// without end.
	keepMost = 250
	// seenMost bounds how many are counted before the counting begins anew.
	seenMost = 1000
)

// statements are kept compiled for a pool of SQLite connections: compiling takes longer than
// running most of them. One is compiled before a transaction begins, not when it is asked
// for, since the only connection that writes is taken then. nil keeps nothing.
type statements struct {
	mu     sync.Mutex
	ready  map[string]*sql.Stmt
	seen   map[string]int
	wanted []string
}

func (k *statements) find(query string) *sql.Stmt {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if s := k.ready[query]; s != nil || len(k.ready) >= keepMost {
		return s
	}
	if len(k.seen) >= seenMost {
		clear(k.seen)
	}
	if k.seen[query]++; k.seen[query] == keepFrom {
		k.wanted = append(k.wanted, query)
	}
	return nil
}

// prepare compiles what has been asked for often, outside of any transaction.
func (k *statements) prepare(ctx context.Context, pool *sql.DB) error {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	wanted := k.wanted
	k.wanted = nil
	k.mu.Unlock()
	for _, query := range wanted {
		s, err := pool.PrepareContext(ctx, query)
		if err != nil {
			return fmt.Errorf("prepare %q: %w", query, err)
		}
		k.mu.Lock()
		k.ready[query] = s
		k.mu.Unlock()
	}
	return nil
}
