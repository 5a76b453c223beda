package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/internal/account"
	"beckon/internal/act"
	"beckon/internal/audit"
	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/insight"
	"beckon/internal/institution"
	"beckon/internal/invite"
	"beckon/internal/posting"
	"beckon/internal/recruiting"
	"beckon/internal/secret"
	"beckon/internal/student"
)

// house is the API on a database of its own, with a clock that stands still.
type house struct {
	t      *testing.T
	deps   Deps
	api    http.Handler
	runner *act.Runner

	mu sync.Mutex
	at time.Time
}

var tester = audit.Actor{Kind: audit.System, Name: "test"}

func newHouse(t *testing.T, d *db.DB) *house {
	h := &house{t: t, at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	d.Clock = h.now
	key := secret.Fixed("test")
	book := &contact.Book{DB: d, Now: h.now}
	accounts := &account.Accounts{DB: d, Key: key, Now: h.now, BaseURL: "https://beckon.example"}
	recruit := &recruiting.Recruiting{DB: d, Now: h.now, Book: book}
	h.deps = Deps{
		DB: d, Now: h.now, BaseURL: "https://beckon.example", RequestsPerSecond: 100_000,
		Accounts: accounts, Book: book, Recruiting: recruit,
		Institutions: &institution.Institutions{DB: d, Now: h.now},
		Imports:      &transfer.Imports{DB: d, Now: h.now, Book: book},
		Companies:    &company.Companies{DB: d, Now: h.now},
		Explores:     &insight.Explores{DB: d, Now: h.now, Book: book},
		Jobs:         &posting.Jobs{DB: d, Now: h.now, Book: book},
		Students:     &student.Students{DB: d, Now: h.now, Book: book},
		Interviews:   &posting.Interviews{DB: d, Now: h.now, Key: key, BaseURL: "https://beckon.example", Book: book},
		Invites: &invite.Invites{DB: d, Now: h.now, Key: key, Book: book, Accounts: accounts, Recruiting: recruit,
			BaseURL: "https://beckon.example", MailFrom: "careers@elm.example"},
	}
	h.deps.StudentImports = h.deps.Students.Imports()
	h.api = New(h.deps)
	kinds := book.Workers()
	kinds[transfer.Kind], kinds[student.ImportKind] = h.deps.Imports.Open, h.deps.StudentImports.Open
	kinds[invite.ExpandKind], kinds[invite.CancelKind] = h.deps.Invites.OpenExpand, h.deps.Invites.OpenCancel
	h.runner = &act.Runner{DB: d, Now: h.now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Kinds: kinds}
	return h
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// caller is a token that makes requests.
type caller struct {
	h     *house
	token string
	// id is the institution's, or the user's.
	id int64
}

// institution makes an institution, and a token of it with the scopes, or with all.
func (h *house) institution(name string, scopes ...string) caller {
	h.t.Helper()
	ctx := context.Background()
	i, err := h.deps.Institutions.Create(ctx, name, strings.ToLower(name), "", "", tester)
	h.must(err)
	return h.tokenOf(i.ID, scopes...)
}

func (h *house) tokenOf(institutionID int64, scopes ...string) caller {
	h.t.Helper()
	text, _, err := h.deps.Accounts.CreateToken(context.Background(), institution.System(institutionID, "test"), "test", scopes)
	h.must(err)
	return caller{h, text, institutionID}
}

// recruiter makes a user, of the company unless it is 0, and a token of the user.
func (h *house) recruiter(email string, companyID int64, scopes ...string) caller {
	h.t.Helper()
	ctx := context.Background()
	u, err := h.deps.Accounts.Add(ctx, account.Person{Email: email, FirstName: "Rita", LastName: "Member"}, tester)
	h.must(err)
	if companyID != 0 {
		_, err = h.deps.Companies.AddMember(ctx, tester, u.ID, companyID, company.Admin)
		h.must(err)
	}
	text, _, err := h.deps.Accounts.CreateUserToken(ctx, u, "test", scopes, tester)
	h.must(err)
	return caller{h, text, u.ID}
}

func (h *house) company(name string) int64 {
	h.t.Helper()
	co, err := h.deps.Companies.Add(context.Background(), tester, name, "")
	h.must(err)
	return co.ID
}

// works lets the long acts come to their end.
func (h *house) works() {
	h.t.Helper()
	h.must(h.runner.Drain(context.Background()))
}

// answerTo is what came back.
type answerTo struct {
	status int
	header http.Header
	raw    []byte
	json   map[string]any
}

// do makes a request. A body that is no string is sent as JSON; more are headers, name and
// value in turn.
func (c caller) do(method, path string, body any, more ...string) answerTo {
	c.h.t.Helper()
	var reader io.Reader
	mediaType := "application/json"
	switch b := body.(type) {
	case nil:
	case string:
		reader, mediaType = strings.NewReader(b), "text/csv"
	default:
		raw, err := json.Marshal(b)
		c.h.must(err)
		reader = bytes.NewReader(raw)
	}
	r := httptest.NewRequest(method, Prefix+path, reader)
	if reader != nil {
		r.Header.Set("Content-Type", mediaType)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	w := httptest.NewRecorder()
	c.h.api.ServeHTTP(w, r)
	out := answerTo{status: w.Code, header: w.Header(), raw: w.Body.Bytes()}
	// What is no JSON leaves an empty object.
	_ = json.Unmarshal(out.raw, &out.json)
	for _, wrong := range out.fits(method, path) {
		c.h.t.Errorf("%s %s answers %d otherwise than the document says: %s\n%s", method, path, out.status, wrong, out.raw)
	}
	return out
}

// want is do with an answer that must have the status.
func (c caller) want(status int, method, path string, body any, more ...string) answerTo {
	c.h.t.Helper()
	a := c.do(method, path, body, more...)
	if a.status != status {
		c.h.t.Fatalf("%s %s: %d, want %d: %s", method, path, a.status, status, a.raw)
	}
	if status >= 400 {
		if got := a.header.Get("Content-Type"); got != problemType {
			c.h.t.Errorf("%s %s: the problem's type is %q", method, path, got)
		}
		if a.json["status"] != float64(status) || a.json["title"] == "" || a.json["detail"] == nil {
			c.h.t.Errorf("%s %s: no whole problem: %s", method, path, a.raw)
		}
	}
	return a
}

// names tells whether the problem names the place among its errors.
func (a answerTo) names(location string) bool {
	list, _ := a.json["errors"].([]any)
	for _, e := range list {
		if e.(map[string]any)["location"] == location {
			return true
		}
	}
	return false
}

func (a answerTo) data() (list []map[string]any) {
	items, _ := a.json["data"].([]any)
	for _, x := range items {
		list = append(list, x.(map[string]any))
	}
	return list
}

func (a answerTo) id() string { return fmt.Sprint(a.json["id"]) }

type object = map[string]any

func (c caller) addContact(email string, labels ...string) string {
	c.h.t.Helper()
	return c.want(201, "POST", "/contacts", object{"email": email, "first_name": "Ann", "last_name": "Lee", "labels": append([]string{}, labels...)}).id()
}
