package dbtest

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"beckon/internal/db"
)

// postgres is a PostgreSQL server that tests may make databases on: the one that
// BECKON_TEST_POSTGRES_URL names, or one that this process starts and that ends with it.
type postgres struct {
	base     *url.URL
	admin    *sql.DB
	template string
}

var shared struct {
	once   sync.Once
	server *postgres
	err    error
}

func server(t testing.TB) *postgres {
	t.Helper()
	shared.once.Do(func() { shared.server, shared.err = start() })
	if shared.err != nil {
		t.Fatalf("tests need PostgreSQL's server programs (Debian: apt-get install postgresql): %v", shared.err)
	}
	return shared.server
}

func start() (*postgres, error) {
	address := os.Getenv("BECKON_TEST_POSTGRES_URL")
	if address == "" {
		var err error
		if address, err = startServer(); err != nil {
			return nil, err
		}
	}
	base, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	p := &postgres{base: base, template: fmt.Sprintf("template_%d", os.Getpid())}
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
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
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

func (p *postgres) exec(t testing.TB, statement string) {
	t.Helper()
	if _, err := p.admin.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// startServer makes a throw-away cluster without durability and starts it. As root, which
// PostgreSQL refuses, it runs as the user postgres of Debian's package.
func startServer() (string, error) {
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(bins) == 0 {
		return "", fmt.Errorf("nothing at /usr/lib/postgresql/*/bin")
	}
	bin := slices.Max(bins)
	dir, err := os.MkdirTemp("", "beckon-test-postgres-")
	if err != nil {
		return "", err
	}
	credential, err := serverUser(dir)
	if err != nil {
		return "", err
	}
	initdb := exec.Command(bin+"/initdb", "-D", dir+"/data", "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8")
	initdb.Dir, initdb.SysProcAttr = "/", &syscall.SysProcAttr{Credential: credential}
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	cmd := exec.Command(bin+"/postgres", "-D", dir+"/data", "-p", strconv.Itoa(port), "-k", dir, "-h", "127.0.0.1",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=300")
	// The server is told to stop when this process is gone, however it went.
	cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Credential: credential, Pdeathsig: syscall.SIGQUIT}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // Pdeathsig follows the thread, so the thread must stay
		started <- cmd.Start()
		_ = cmd.Wait()
	}()
	if err := <-started; err != nil {
		return "", err
	}
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port), nil
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

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
