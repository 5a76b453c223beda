package e2e

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"beckon/internal/web/webtest"
)

// site is one installation of Beckon: its settings and its data. Any number of processes
// may run on it.
type site struct {
	t           *testing.T
	url         string
	databaseURL string
	env         []string
	dir         string
}

// newSite prepares an installation whose mail goes to the sink. databaseURL "" is a SQLite
// file. More settings are NAME=VALUE.
func newSite(t *testing.T, databaseURL string, mails *sink, settings ...string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), url: "http://" + webtest.Address(t)}
	if databaseURL == "" {
		databaseURL = "sqlite:" + filepath.Join(s.dir, "beckon.db")
	}
	s.databaseURL = databaseURL
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "BECKON_") {
			s.env = append(s.env, line)
		}
	}
	s.env = append(s.env,
		"BECKON_DATABASE_URL="+databaseURL,
		"BECKON_LISTEN="+strings.TrimPrefix(s.url, "http://"),
		"BECKON_BASE_URL="+s.url,
		"BECKON_SECRET_KEY_FILE="+filepath.Join(s.dir, "secret.key"),
		"BECKON_MAIL_FROM=careers@elm.example",
		"BECKON_API_RATE=10000",
		"TMPDIR="+s.dir)
	if mails != nil {
		s.env = append(s.env, "BECKON_SMTP_URL=smtp://"+mails.address+"?tls=none")
	}
	s.env = append(s.env, settings...)
	return s
}

func (s *site) command(args ...string) *exec.Cmd {
	c := exec.Command(binary, args...)
	c.Env, c.Dir = s.env, s.dir
	return c
}

// run runs a command, which must succeed, and answers what it printed.
func (s *site) run(args ...string) string {
	s.t.Helper()
	c := s.command(args...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		s.t.Fatalf("beckon %s: %v: %s", strings.Join(args, " "), err, errs.String())
	}
	return strings.TrimSpace(out.String())
}

// institution makes one and answers a client with a token of its staff.
func (s *site) institution(name, slug string) *client {
	s.t.Helper()
	s.run("institution", "create", name, "--slug", slug)
	return s.client(s.run("token", "create", "--institution", slug, "--name", "test"))
}

// recruiter makes a user, in a company unless that is "", and answers a client with a token.
func (s *site) recruiter(email, first, last, company string) *client {
	s.t.Helper()
	args := []string{"user", "add", email, "--first", first, "--last", last}
	if company != "" {
		args = append(args, "--company", company, "--role", "admin")
	}
	s.run(args...)
	return s.client(s.run("token", "create", "--user", email, "--name", "test"))
}

// process is a running server.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	log    string
	exited chan struct{}
}

// serve starts a server and waits until it is ready.
func (s *site) serve(args ...string) *process {
	s.t.Helper()
	return s.serveAt(s.url, args...)
}

// serveAt starts a server at an address of its own.
func (s *site) serveAt(url string, args ...string) *process {
	s.t.Helper()
	p := s.launch(append([]string{"serve", "--listen", strings.TrimPrefix(url, "http://")}, args...)...)
	until(s.t, "the server is ready", func() bool {
		select {
		case <-p.exited:
			s.t.Fatal("the server ended before it was ready")
		default:
		}
		answer, err := http.Get(url + "/readyz")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return p
}

// answers tells whether somebody takes new connections there.
func answers(url string) bool {
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err == nil {
		c.Close()
	}
	return err == nil
}

// launch starts the binary. It ends with the test, whose failure shows its log.
func (s *site) launch(args ...string) *process {
	s.t.Helper()
	logs, err := os.CreateTemp(s.dir, "log-")
	if err != nil {
		s.t.Fatal(err)
	}
	defer logs.Close()
	p := &process{t: s.t, cmd: s.command(args...), log: logs.Name(), exited: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = logs, logs
	// It ends with this process, too, which may run out of time: with the thread, in truth.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		started <- p.cmd.Start()
		_ = p.cmd.Wait() // how it ended stands in ProcessState
		close(p.exited)
	}()
	if err := <-started; err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		p.kill()
		if s.t.Failed() {
			all := p.logged()
			s.t.Logf("log of beckon %s:\n%s", strings.Join(args, " "), all[max(0, len(all)-10_000):])
		}
	})
	return p
}

// logged is all that the process wrote.
func (p *process) logged() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// kill ends the process as a loss of power would, and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may be gone already
	<-p.exited
}

// stop asks the process to end and waits until it did.
func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	p.ends()
}

// ends waits until the process, which was asked to end, did so, which must go well.
func (p *process) ends() {
	p.t.Helper()
	until(p.t, "the server ends", func() bool {
		select {
		case <-p.exited:
			return true
		default:
			return false
		}
	})
	if !p.cmd.ProcessState.Success() {
		p.t.Fatalf("the server ended with %v", p.cmd.ProcessState)
	}
}

// people is a file of n contacts, person0 and so on.
func people(n int) []byte {
	var b bytes.Buffer
	b.WriteString("email_address,first_name,last_name,employer_name\n")
	for i := range n {
		fmt.Fprintf(&b, "person%d@company%d.example,Pat,Person%d,Company %d\n", i, i%90, i, i%90)
	}
	return b.Bytes()
}
