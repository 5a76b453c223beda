package main

import (
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/web/webtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"beckon": main})
}

// The scripts run the commands as people do, each in an empty folder.
func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("BECKON_LISTEN", webtest.Address(t))
			e.Setenv("POSTGRES", emptyPostgres(t))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"await": await, "exits": exits, "lines": lines},
	})
}

// patience is how long a server may take to do what a test waits for; the machine may be busy.
const patience = 2 * time.Minute

// emptyPostgres is the address of a PostgreSQL database that nobody has migrated.
func emptyPostgres(t testing.TB) string {
	url := dbtest.PostgresURL(t)
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.SQL().Exec(`DROP SCHEMA public CASCADE; CREATE SCHEMA public`); err != nil {
		t.Fatal(err)
	}
	return url
}

// exits runs a command and checks its exit code: exits CODE COMMAND...
func exits(ts *testscript.TestScript, _ bool, args []string) {
	code := 0
	var exit *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// await waits until a server in the background answers a path with a status: await PATH STATUS
func await(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		r, err := http.Get("http://" + ts.Getenv("BECKON_LISTEN") + args[0])
		if err == nil {
			r.Body.Close()
			if fmt.Sprint(r.StatusCode) == args[1] {
				return
			}
		}
		time.Sleep(20 * time.Millisecond) // between looks
	}
	ts.Fatalf("%s does not answer %s", args[0], args[1])
}

// lines checks how many lines a file or stdout has: lines FILE N
func lines(ts *testscript.TestScript, _ bool, args []string) {
	if n := strings.Count(ts.ReadFile(args[0]), "\n"); fmt.Sprint(n) != args[1] {
		ts.Fatalf("%s has %d lines, want %s", args[0], n, args[1])
	}
}
