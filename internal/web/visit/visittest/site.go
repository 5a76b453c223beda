// Package visittest gives tests of pages a small site with people, and browsers that keep
// cookies but run no scripts.
package visittest

import (
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"beckon/internal/account"
	"beckon/internal/address"
	"beckon/internal/audit"
	"beckon/internal/company"
	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/gate/gatetest"
	"beckon/internal/institution"
	"beckon/internal/mail"
	"beckon/internal/secret"
	"beckon/internal/student"
	"beckon/internal/web"
	"beckon/internal/web/assets"
	"beckon/internal/web/visit"
)

const sessionCookie = "beckon_session"

// Site is a site on a SQLite database of its own, with a clock that tests turn.
type Site struct {
	gatetest.World
	T            *testing.T
	Key          *secret.Key
	Accounts     *account.Accounts
	Institutions *institution.Institutions
	Companies    *company.Companies
	Visits       *visit.Visits
	// Mux is where the test adds its pages.
	Mux *http.ServeMux
	URL string

	now time.Time
}

// New starts a site without pages; it ends with the test.
func New(t *testing.T) *Site {
	t.Helper()
	d := dbtest.SQLite(t)
	s := &Site{World: gatetest.World{T: t, DB: d}, T: t, Key: secret.Fixed("test"), Mux: http.NewServeMux(), now: gatetest.Now}
	// The site's handler is known only once its address is.
	server := httptest.NewUnstartedServer(nil)
	s.URL = "http://" + server.Listener.Addr().String()
	s.Accounts = &account.Accounts{DB: d, Key: s.Key, Now: s.Now, BaseURL: s.URL}
	s.Institutions = &institution.Institutions{DB: d, Now: s.Now}
	s.Companies = &company.Companies{DB: d, Now: s.Now}
	s.Visits = &visit.Visits{Accounts: s.Accounts, Institutions: s.Institutions, Companies: s.Companies, Now: s.Now}
	s.Mux.Handle("GET "+assets.Prefix, assets.Default)
	server.Config.Handler = web.Chain(s.Visits.Middleware(s.Mux), web.Options{BaseURL: s.URL})
	server.Start()
	t.Cleanup(server.Close)
	return s
}

// Now is the site's clock.
func (s *Site) Now() time.Time { return s.now }

// Pass turns the clock on.
func (s *Site) Pass(d time.Duration) { s.now = s.now.Add(d) }

// Staff gives a user a role at an institution.
func (s *Site) Staff(institutionID, userID int64, role institution.Role) {
	s.T.Helper()
	scope := institution.System(institutionID, "test")
	if err := s.Institutions.SetStaff(s.T.Context(), scope, userID, role); err != nil {
		s.T.Fatal(err)
	}
}

// Student puts a student into an institution's list as an import does; more are major and
// graduation year. The student allows nothing yet.
func (s *Site) Student(institutionID int64, name, email string, more ...string) (id int64) {
	s.T.Helper()
	row := &transfer.Row{Extra: map[string]string{}}
	row.Contact.FirstName, row.Contact.LastName, _ = strings.Cut(name, " ")
	for i, field := range []string{"major", "graduation_year"}[:len(more)] {
		row.Extra[field] = more[i]
	}
	var err error
	if row.Contact.Email, err = address.Parse(email); err != nil {
		s.T.Fatal(err)
	}
	merge := (&student.Students{DB: s.DB, Now: s.Now}).Imports().Into.Merge
	s.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := merge(ctx, tx, institution.System(institutionID, "test"), []*transfer.Row{row})
		return err
	})
	return s.Int(`SELECT id FROM students WHERE institution_id = $1 AND email_key = $2`, institutionID, row.Contact.Email.Key)
}

// Member makes a company with the user as an approved member.
func (s *Site) Member(userID int64, companyName, role string) (companyID int64) {
	s.T.Helper()
	by := audit.Actor{Kind: audit.System, Name: "test"}
	co, err := s.Companies.Add(s.T.Context(), by, companyName, "")
	if err == nil {
		_, err = s.Companies.AddMember(s.T.Context(), by, userID, co.ID, role)
	}
	if err != nil {
		s.T.Fatal(err)
	}
	return co.ID
}

// Token is the secret of a new session of the user.
func (s *Site) Token(userID int64) (token string) {
	s.T.Helper()
	s.Write(func(ctx context.Context, tx *db.Tx) error {
		u, err := account.Load(ctx, tx, userID)
		if err == nil {
			token, _, err = s.Accounts.StartSession(ctx, tx, u, account.ByLink, account.Client{})
		}
		return err
	})
	return token
}

// Letters writes and removes what waits in the outbox, as the sender does.
func (s *Site) Letters() (all []mail.Letter) {
	s.T.Helper()
	writers := s.Accounts.Letters()
	for kind, write := range s.Companies.Letters(s.URL) {
		writers[kind] = write
	}
	var notices []mail.Notice
	s.Write(func(ctx context.Context, tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var n mail.Notice
			var params string
			if err := r.Scan(&n.Kind, &n.To, &params); err != nil {
				return err
			}
			err := json.Unmarshal([]byte(params), &n.Params)
			notices = append(notices, n)
			return err
		}, `DELETE FROM outbox RETURNING kind, recipient, params`)
	})
	for _, n := range notices {
		write := writers[n.Kind]
		if write == nil {
			s.T.Fatalf("no writer for %s", n.Kind)
		}
		_, l, ok, err := write(context.Background(), n)
		if err != nil {
			s.T.Fatal(err)
		}
		if ok {
			all = append(all, l)
		}
	}
	return all
}

// Browser is somebody's browser, without scripts.
type Browser struct {
	s      *Site
	client *http.Client
	// Header goes with every request.
	Header http.Header
}

// Visitor is a browser in which nobody is signed in.
func (s *Site) Visitor() *Browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.T.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Browser{s, &http.Client{Jar: jar, CheckRedirect: stay}, http.Header{}}
}

// As is a browser in which the user is signed in.
func (s *Site) As(userID int64) *Browser {
	s.T.Helper()
	b := s.Visitor()
	at, err := url.Parse(s.URL)
	if err != nil {
		s.T.Fatal(err)
	}
	b.client.Jar.SetCookies(at, []*http.Cookie{{Name: sessionCookie, Value: s.Token(userID), Path: "/"}})
	return b
}

// Answer is a page that came back.
type Answer struct {
	t      *testing.T
	asked  string
	Status int
	Header http.Header
	Body   string
}

// Get opens an address of the site, or a whole URL; redirects are not followed.
func (b *Browser) Get(path string) Answer {
	b.s.T.Helper()
	return b.do(http.MethodGet, path, "", nil)
}

// Post sends a form of names and values in turn.
func (b *Browser) Post(path string, fields ...string) Answer {
	b.s.T.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.Send(path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// Send posts a body of any type, for example a form with a file.
func (b *Browser) Send(path, contentType string, body io.Reader) Answer {
	b.s.T.Helper()
	return b.do(http.MethodPost, path, contentType, body)
}

func (b *Browser) do(method, path, contentType string, body io.Reader) Answer {
	b.s.T.Helper()
	if !strings.Contains(path, "://") {
		path = b.s.URL + path
	}
	r, err := http.NewRequestWithContext(b.s.T.Context(), method, path, body)
	if err != nil {
		b.s.T.Fatal(err)
	}
	r.Header = b.Header.Clone()
	if body != nil {
		r.Header.Set("Content-Type", contentType)
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.s.T.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.s.T.Fatal(err)
	}
	return Answer{b.s.T, method + " " + path, answer.StatusCode, answer.Header, string(text)}
}

// Shows fails the test unless the page came with the status and holds all the parts of HTML.
func (a Answer) Shows(status int, parts ...string) Answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%s: status %d, want %d\n%s", a.asked, a.Status, status, a.Body)
	}
	for _, part := range parts {
		if !strings.Contains(a.Body, part) {
			a.t.Errorf("%s: the page does not hold %q\n%s", a.asked, part, a.Body)
		}
	}
	return a
}

// Lacks fails the test if the page holds any of the parts.
func (a Answer) Lacks(parts ...string) Answer {
	a.t.Helper()
	for _, part := range parts {
		if strings.Contains(a.Body, part) {
			a.t.Errorf("%s: the page holds %q\n%s", a.asked, part, a.Body)
		}
	}
	return a
}

// LeadsTo fails the test unless the answer is a redirect (303) to the path.
func (a Answer) LeadsTo(path string) {
	a.t.Helper()
	if got := a.Header.Get("Location"); a.Status != http.StatusSeeOther || got != path {
		a.t.Fatalf("%s: status %d to %q, want 303 to %q\n%s", a.asked, a.Status, got, path, a.Body)
	}
}
