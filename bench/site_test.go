package bench

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// site is a running server with one institution.
type site struct {
	b       *testing.B
	env     []string
	url     string
	token   string
	process *exec.Cmd
	browser *http.Client
}

// binary is what `make bench` builds first.
const binary = "../bin/beckon"

func serve(b *testing.B, database, smtp string) *site {
	b.Helper()
	address := freeAddress(b)
	s := &site{b: b, url: "http://" + address}
	s.env = append(os.Environ(), "BECKON_DATABASE_URL="+database, "BECKON_LISTEN="+address, "BECKON_BASE_URL="+s.url,
		"BECKON_SECRET_KEY_FILE="+b.TempDir()+"/key", "BECKON_SMTP_CONNECTIONS=20", "BECKON_MAIL_FROM=careers@elm.example")
	if smtp != "" {
		s.env = append(s.env, "BECKON_SMTP_URL=smtp://"+smtp+"?tls=none")
	}
	s.command("migrate")
	s.command("institution", "create", "Elm University", "--slug", "elm")
	s.token = s.command("token", "create", "--institution", "elm", "--name", "bench")
	s.process = exec.Command(binary, "serve")
	s.process.Env = s.env
	s.must(s.process.Start())
	b.Cleanup(func() { _ = s.process.Process.Kill() })
	for deadline := time.Now().Add(20 * time.Second); ; {
		if r, err := http.Get(s.url + "/readyz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return s
			}
		}
		if time.Now().After(deadline) {
			b.Fatal("the server does not become ready")
		}
		time.Sleep(20 * time.Millisecond) // between looks
	}
}

func (s *site) must(err error) {
	s.b.Helper()
	if err != nil {
		s.b.Fatal(err)
	}
}

func (s *site) command(args ...string) string {
	s.b.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = s.env
	out, err := cmd.Output()
	if err != nil {
		s.b.Fatalf("beckon %s: %v (is %s built?)", strings.Join(args, " "), err, binary)
	}
	return strings.TrimSpace(string(out))
}

func (s *site) call(method, path string, body []byte, into any) {
	s.b.Helper()
	r, err := http.NewRequest(method, s.url+"/api/v1"+path, bytes.NewReader(body))
	s.must(err)
	r.Header.Set("Authorization", "Bearer "+s.token)
	r.Header.Set("Content-Type", "application/json")
	if strings.HasSuffix(path, "/imports") {
		r.Header.Set("Content-Type", "text/csv")
	}
	answer, err := http.DefaultClient.Do(r)
	s.must(err)
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	s.must(err)
	if answer.StatusCode >= 300 {
		s.b.Fatalf("%s %s: %s: %s", method, path, answer.Status, raw)
	}
	s.must(decode(raw, into))
}

// load imports a file and waits for its end.
func (s *site) load(file []byte) {
	s.b.Helper()
	var i struct{ ID, State string }
	s.call("POST", "/contacts/imports", file, &i)
	for i.State != "done" {
		time.Sleep(20 * time.Millisecond) // between looks
		s.call("GET", "/contacts/imports/"+i.ID, nil, &i)
		if i.State == "failed" {
			s.b.Fatal("the import failed")
		}
	}
}

// signIn makes a staff member and signs in as a browser does.
func (s *site) signIn() {
	s.b.Helper()
	link := regexp.MustCompile(`http\S+`).FindString(s.command("staff", "add", "dana@elm.example", "--institution", "elm", "--role", "owner"))
	jar, err := cookiejar.New(nil)
	s.must(err)
	s.browser = &http.Client{Jar: jar}
	r, err := s.browser.PostForm(link, url.Values{})
	s.must(err)
	s.must(r.Body.Close())
	if r.StatusCode != http.StatusOK {
		s.b.Fatalf("sign in: %s", r.Status)
	}
}

// peak is the most memory the server has had, in MB.
func (s *site) peak() float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	s.must(err)
	kb, err := strconv.ParseFloat(regexp.MustCompile(`VmHWM:\s+(\d+)`).FindStringSubmatch(string(status))[1], 64)
	s.must(err)
	return kb / 1024
}

func (s *site) stop() {
	s.must(s.process.Process.Signal(syscall.SIGTERM))
	_ = s.process.Wait()
}

func freeAddress(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
