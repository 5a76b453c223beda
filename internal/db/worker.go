package db

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// WorkerLock is the right to do background work on a SQLite database, which one process has
// at a time. It ends with Release or with the process, however that ends.
type WorkerLock struct{ file *os.File }

// LockWorker takes the right if no other process has it; nil if one has. On PostgreSQL any
// number of processes may work, and each gets it.
func (d *DB) LockWorker() (*WorkerLock, error) {
	if d.engine == Postgres {
		return &WorkerLock{}, nil
	}
	return lockWorkers(d.path)
}

// lockWorkers is LockWorker for the SQLite file at a path.
func lockWorkers(path string) (*WorkerLock, error) {
	f, err := os.OpenFile(path+".worker", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the lock file beside the database cannot be made: %w; check that the folder belongs to the user Beckon runs as", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, f.Close()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
	}
	return &WorkerLock{file: f}, nil
}

// Release gives the right back.
func (l *WorkerLock) Release() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
