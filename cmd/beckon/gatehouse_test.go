package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"beckon/internal/account"
	"beckon/internal/company"
	"beckon/internal/config"
	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/gate/gatetest"
	"beckon/internal/institution"
	"beckon/internal/posting"
)

// gatehouse is the whole site within the test's own process.
type gatehouse struct {
	*Beckon
	site http.Handler
	n    int // makes names unique
}

func openGatehouse(t *testing.T, databaseURL string) *gatehouse {
	t.Helper()
	cfg, _, err := config.FromEnv([]string{"BECKON_DATABASE_URL=" + databaseURL, "BECKON_SECRET_KEY_FILE=" + t.TempDir() + "/secret.key",
		"BECKON_API_RATE=10000", "BECKON_BASE_URL=https://beckon.example"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(t.Context(), cfg, t.Output(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if err := b.DB.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &gatehouse{Beckon: b, site: b.site(&readiness{check: b.ready})}
}

// attempt is somebody who tries to do something at an institution.
type attempt struct {
	institution, job, student string // ids as the outside writes them
}

// guarded is one of the acts behind the gate, as the page sends it and as clients of the API
// do.
type guarded struct {
	name string
	form func(a attempt) (path string, form url.Values)
	call func(a attempt) (path string, body any)
}

// day is far enough away for interviews.
var day = time.Now().AddDate(0, 1, 0).Format(time.DateOnly)

var guardedActs = []guarded{
	{"post a job",
		func(a attempt) (string, url.Values) {
			return "/recruit/jobs", url.Values{"title": {"Engineer"}, "description": {"Build."}, "institution": {a.institution}}
		},
		func(a attempt) (string, any) {
			return "/jobs", map[string]any{"title": "Engineer", "description": "Build.", "institutions": []string{a.institution}}
		}},
	{"request an interview",
		func(a attempt) (string, url.Values) {
			return "/recruit/interviews", url.Values{"institution": {a.institution}, "job": {a.job + "_" + a.institution}, "date": {day}, "starts_at": {"09:00"}, "slots": {"2"}, "slot_minutes": {"30"}}
		},
		func(a attempt) (string, any) {
			return "/interview-requests", map[string]any{"institution": a.institution, "job": a.job, "date": day, "starts_at": "09:00", "slots": 2, "slot_minutes": 30}
		}},
	{"write to a student",
		func(a attempt) (string, url.Values) {
			return "/recruit/messages", url.Values{"institution": {a.institution}, "id": {a.student}, "subject": {"A talk"}, "body": {"Would you like to?"}}
		},
		func(a attempt) (string, any) {
			return "/messages", map[string]any{"institution": a.institution, "students": []string{a.student}, "subject": "A talk", "body": "Would you like to?"}
		}},
}

// send posts a body, in the name of whom the header tells.
func (g *gatehouse) send(path, kind, body string, header http.Header) (int, string) {
	r := httptest.NewRequest("POST", g.Config.BaseURL+path, strings.NewReader(body))
	r.Header = header
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	g.site.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// recruiter is a user with a browser and a client of the API, both open all the time.
type recruiter struct {
	id             int64
	email          string
	session, token string
}

// byPage tells what the page says is missing, "" if it did the act.
func (g *gatehouse) byPage(r recruiter, act guarded, a attempt, want *gate.Refusal) (string, error) {
	path, form := act.form(a)
	status, page := g.send(path, "application/x-www-form-urlencoded", form.Encode(), http.Header{"Cookie": {"beckon_session=" + r.session}})
	if status == http.StatusSeeOther {
		return "", nil
	}
	if status != http.StatusForbidden {
		return "", fmt.Errorf("the page answers %d: %s", status, page)
	}
	if want == nil {
		return "something", nil
	}
	// The page says it in words: those of the refusal, and the way to the missing step.
	words := html.EscapeString(want.Error()[1:])
	if !strings.Contains(page, words) {
		return "", fmt.Errorf("the page does not say %q: %s", words, page)
	}
	return want.Missing, nil
}

// byAPI tells what the API says is missing, "" if it did the act.
func (g *gatehouse) byAPI(r recruiter, act guarded, a attempt) (string, error) {
	path, body := act.call(a)
	text, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	status, answer := g.send("/api/v1"+path, "application/json", string(text), http.Header{"Authorization": {"Bearer " + r.token}})
	if status == http.StatusCreated {
		return "", nil
	}
	var problem struct{ Missing, Institution string }
	if err := json.Unmarshal([]byte(answer), &problem); err != nil {
		return "", err
	}
	if status != http.StatusForbidden || problem.Missing == "" || problem.Institution != a.institution {
		return "", fmt.Errorf("the API answers %d: %s", status, answer)
	}
	return problem.Missing, nil
}

// campus is an institution with a student who allows messages.
type campus struct {
	id, student int64
	// jobs are approved ones, by their company.
	jobs map[int64]int64
}

// tester is a test or one try of a property.
type tester interface {
	gatetest.T
	Context() context.Context
}

// place is a few people, companies and institutions.
type place struct {
	*gatehouse
	gatetest.World
	t          tester
	campuses   []*campus
	firms      []int64
	admins     map[int64]int64
	recruiters []recruiter
}

// newPlace has two companies, and people who belong to none.
func (g *gatehouse) newPlace(t tester, people, campuses int) *place {
	g.n++
	s := &place{gatehouse: g, World: gatetest.World{T: t, DB: g.DB}, t: t, admins: map[int64]int64{}}
	for i := range campuses {
		id := s.Institution(fmt.Sprintf("i%d-%d University", g.n, i))
		s.campuses = append(s.campuses, &campus{id: id, student: s.student(id, fmt.Sprintf("s%d.%d@students.example", g.n, i)), jobs: map[int64]int64{}})
	}
	for i := range 2 {
		co, err := g.Companies.Add(t.Context(), operator, fmt.Sprintf("Company %d %d", g.n, i), "")
		s.ok(err)
		admin := s.User("Ada Admin", fmt.Sprintf("ada%d.%d@firm.example", g.n, i))
		s.join(admin, co.ID, company.Admin)
		s.firms, s.admins[co.ID] = append(s.firms, co.ID), admin
	}
	for i := range people {
		s.recruiters = append(s.recruiters, s.person(fmt.Sprintf("r%d.%d@firm.example", g.n, i)))
	}
	return s
}

func (s *place) join(userID, firm int64, role string) {
	s.t.Helper()
	_, err := s.Companies.AddMember(s.t.Context(), operator, userID, firm, role)
	s.ok(err)
}

func (s *place) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%v", err)
	}
}

// person is a user with an address, a session, a token, and an entry in the first book.
func (s *place) person(email string) recruiter {
	s.t.Helper()
	r := recruiter{id: s.User("Rita Recruiter", email), email: email}
	s.Write(func(ctx context.Context, tx *db.Tx) error {
		u, err := account.Load(ctx, tx, r.id)
		if err != nil {
			return err
		}
		r.session, _, err = s.Accounts.StartSession(ctx, tx, u, account.ByLink, account.Client{})
		return err
	})
	var err error
	r.token, _, err = s.Accounts.CreateUserToken(s.t.Context(), account.User{ID: r.id}, "test", nil, operator)
	s.ok(err)
	s.Contact(s.campuses[0].id, email)
	return r
}

func (s *place) student(institutionID int64, email string) (id int64) {
	s.Write(func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `
			INSERT INTO students (institution_id, email, email_key, first_name, last_name, allows_at, name_key, search, shown, created_at, updated_at)
			VALUES ($1, $2, $2, 'Stella', 'Student', 1, 'student stella', 'stella student', 'stella s', 1, 1) RETURNING id`, institutionID, email).Scan(&id)
	})
	return id
}

// check asks the gate itself; nil for a pass.
func (s *place) check(userID, institutionID int64) (pass gate.Pass, refusal *gate.Refusal) {
	s.t.Helper()
	err := s.Beckon.DB.Read(s.t.Context(), func(tx *db.Tx) (err error) {
		pass, err = gate.Check(s.t.Context(), tx, userID, institutionID)
		return err
	})
	if err != nil && !errors.As(err, &refusal) {
		s.t.Fatalf("%v", err)
	}
	return pass, refusal
}

// standings are where a contact stands by what its user misses.
var standings = map[string]gate.Standing{"": gate.IsApproved, gate.Blocked: gate.IsBlocked, gate.Connection: gate.IsMember,
	gate.Membership: gate.IsUser, gate.VerifiedAddress: gate.IsContact}

// tryAll lets one person try everything at one institution, and answers what is missing.
func (s *place) tryAll(r recruiter, at *campus) string {
	s.t.Helper()
	pass, refusal := s.check(r.id, at.id)
	want := ""
	if refusal != nil {
		want = refusal.Missing
	}
	s.stands(r, at, want)
	for _, act := range guardedActs {
		s.agree(r, at, act, attempt{institution: db.FormatID(at.id), job: db.FormatID(s.job(r, at, pass)), student: db.FormatID(at.student)}, refusal)
	}
	return want
}

// stands compares the person's entry in the book with what the gate says.
func (s *place) stands(r recruiter, at *campus, want string) {
	s.t.Helper()
	const entry = `SELECT COALESCE(MAX(s.standing), -1) FROM contacts c JOIN contact_standing s ON s.institution_id = c.institution_id AND s.contact_id = c.id
		WHERE c.institution_id = $1 AND c.email_key = $2`
	if got := s.Int(entry, at.id, r.email); got >= 0 && gate.Standing(got) != standings[want] {
		s.t.Fatalf("%s stands at %v, and misses %q", r.email, gate.Standing(got), want)
	}
}

// job is one that the company may request an interview for, or none.
func (s *place) job(r recruiter, at *campus, pass gate.Pass) int64 {
	s.t.Helper()
	if pass.CompanyID == 0 || at.jobs[pass.CompanyID] != 0 {
		return at.jobs[pass.CompanyID]
	}
	j, err := s.Jobs.Post(s.t.Context(), r.id, posting.JobInput{Title: "Builder", Description: "Build.", Institutions: []int64{at.id}})
	s.ok(err)
	s.ok(s.Jobs.Approve(s.t.Context(), institution.System(at.id, "test"), j.ID))
	at.jobs[pass.CompanyID] = j.ID
	return j.ID
}

func (s *place) agree(r recruiter, at *campus, act guarded, a attempt, refusal *gate.Refusal) {
	s.t.Helper()
	want := ""
	if refusal != nil {
		want = refusal.Missing
	}
	const made = `SELECT COUNT(*) FROM contacts WHERE institution_id = $1`
	before := s.Int(made, at.id)
	page, err := s.byPage(r, act, a, refusal)
	if err == nil && page != want {
		err = fmt.Errorf("the page misses %q", page)
	}
	api, failed := s.byAPI(r, act, a)
	if failed == nil && api != want {
		failed = fmt.Errorf("the API misses %q", api)
	}
	if err != nil || failed != nil {
		s.t.Fatalf("to %s misses %q; %v; %v", act.name, want, err, failed)
	}
	if after := s.Int(made, at.id); want != "" && after != before {
		s.t.Fatalf("to %s, which was refused, made %d contacts", act.name, after-before)
	}
	const there = `SELECT COUNT(*) FROM contact_standing WHERE institution_id = $1 AND user_id = $2`
	if n := s.Int(there, at.id, r.id); want == "" && n != 1 {
		s.t.Fatalf("who may %s is %d contacts", act.name, n)
	}
}
