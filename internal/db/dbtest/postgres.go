package dbtest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"beckon/internal/db"
)

// postgres is a PostgreSQL server that tests may make databases on: the one that
// BECKON_TEST_POSTGRES_URL names, or one that this process starts and that ends with it.
type postgres struct {
	base     *url.URL
	admin    *sql.DB
	template string
	// keep is what the server's keeper reads: were it collected, the server would end.
	keep io.Closer
}

var shared struct {
	once   sync.Once
	server *postgres
	err    error
}

// patience is how long the server may take; the machine may be busy with other tests.
const patience = 2 * time.Minute

func server(t testing.TB) *postgres {
	t.Helper()
	shared.once.Do(func() { shared.server, shared.err = start() })
	if shared.err != nil {
		t.Fatalf("tests need PostgreSQL's server programs (Debian: apt-get install postgresql): %v", shared.err)
	}
	return shared.server
}

func start() (*postgres, error) {
	p := &postgres{template: fmt.Sprintf("template_%d", os.Getpid())}
	address := os.Getenv("BECKON_TEST_POSTGRES_URL")
	var err error
	if address == "" {
		if address, p.keep, err = startServer(); err != nil {
			return nil, err
		}
	}
	if p.base, err = url.Parse(address); err != nil {
		return nil, err
	}
	if p.admin, err = sql.Open("pgx", address); err != nil {
		return nil, err
	}
	if err := p.wait(); err != nil {
		return nil, err
	}
	if _, err := p.admin.Exec("CREATE DATABASE " + p.template); err != nil {
		return nil, err
	}
	d, err := db.Open(context.Background(), p.url(p.template))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return p, d.Migrate(context.Background())
}

func (p *postgres) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		err := p.admin.PingContext(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(20 * time.Millisecond) // between looks at whether it answers yet
	}
}

func (p *postgres) url(database string) string {
	u := *p.base
	u.Path = "/" + database
	return u.String()
}

// exec tries again where connections that were closed are not over yet on the server's side,
// which it waits for itself, but for 5 seconds only.
func (p *postgres) exec(t testing.TB, statement string) {
	t.Helper()
	for began := time.Now(); ; {
		_, err := p.admin.Exec(statement)
		if err == nil {
			return
		}
		var said *pgconn.PgError
		if !errors.As(err, &said) || said.Code != inUse || time.Since(began) > patience {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// inUse is PostgreSQL's object_in_use.
const inUse = "55006"

// keeper runs a server in the folder $1 with the programs in $2 until the other end of its
// input is closed, which the end of the tests' process does however it comes, and then removes
// the folder.
const keeper = `"$2/postgres" -D "$1/data" -k "$1" -c listen_addresses= -c max_connections=300 \
	-c fsync=off -c synchronous_commit=off -c full_page_writes=off \
	-c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=256MB &
read -r _
kill -QUIT $!
wait
rm -rf "$1"`

// startServer makes a throw-away cluster without durability and starts it. It listens in its
// folder alone, where no other program can be in its way. As root, which PostgreSQL refuses, it
// runs as the user postgres of Debian's package. What is answered besides its address keeps it
// running until this process ends.
func startServer() (address string, keep io.Closer, err error) {
	bin, err := programs()
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp(quick(), "beckon-test-postgres-")
	if err != nil {
		return "", nil, err
	}
	credential, err := serverUser(dir)
	if err != nil {
		return "", nil, err
	}
	command := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(name, args...)
		// In a session of its own it hears nothing of who interrupts the tests, and can tidy up.
		c.Dir, c.SysProcAttr = "/", &syscall.SysProcAttr{Credential: credential, Setsid: true}
		return c
	}
	initdb := command(bin+"/initdb", "-D", dir+"/data", "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8")
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	server := command("/bin/sh", "-c", keeper, "keeper", dir, bin)
	if keep, err = server.StdinPipe(); err != nil {
		return "", nil, err
	}
	return "postgres://postgres@/postgres?sslmode=disable&host=" + url.QueryEscape(dir), keep, server.Start()
}

// quick is the folder in memory where there is one with room, and "" for the usual temporary
// folder otherwise: a database of each test is hundreds of files, and making one took half a
// second on a disk, a twentieth of that in memory. What is measured stays on the disk.
func quick() string {
	const memory, room = "/dev/shm", 4 << 30
	var free syscall.Statfs_t
	if bench := flag.Lookup("test.bench"); bench != nil && bench.Value.String() != "" {
		return ""
	}
	if syscall.Statfs(memory, &free) != nil || free.Bavail*uint64(free.Bsize) < room {
		return ""
	}
	return memory
}

// programs is the folder of PostgreSQL's programs, which Debian keeps out of the path.
func programs() (string, error) {
	if bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin"); len(bins) > 0 {
		return slices.Max(bins), nil
	}
	initdb, err := exec.LookPath("initdb")
	return filepath.Dir(initdb), err
}

func serverUser(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, uid, gid)
}
