package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"beckon/internal/db/dbtest"
)

// binary is beckon, built once for all tests.
var binary string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "beckon-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "beckon")
	build := exec.Command("go", "build", "-o", binary, "beckon/cmd/beckon")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building beckon: %v\n%s", err, out)
		return 1
	}
	// Tests wait for leases to run out more than they compute.
	if err := flag.Set("test.parallel", "4"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// engines runs a test on SQLite, in a folder of its own, and on PostgreSQL. Tests run beside
// each other, since much of their time is spent waiting for leases to run out.
func engines(t *testing.T, f func(t *testing.T, databaseURL string)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, "")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, dbtest.PostgresURL(t))
	})
}

// patience is how long a test waits for what should come at once; the machine may be busy.
const patience = 5 * time.Minute

// until waits for the condition, which it tries many times a second.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for !condition() {
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatalf("waited %s for this in vain: %s", patience, what)
		}
	}
}
