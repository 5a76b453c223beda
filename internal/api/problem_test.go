package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/gate"
)

func TestProblemsOutsideOfOperations(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	elm.want(404, "GET", "/nothing", nil)
	elm.want(404, "GET", "/contacts/1/nothing", nil)
	if a := elm.want(405, "PUT", "/contacts", nil); !strings.Contains(a.header.Get("Allow"), "POST") {
		t.Errorf("Allow: %q", a.header.Get("Allow"))
	}
	elm.want(413, "POST", "/labels", object{"name": strings.Repeat("x", bodyLimit)})
	elm.want(415, "POST", "/labels", "name", "Content-Type", "text/plain")
	for _, body := range []any{nil, "{", "{\"name\":\"caf\xe9\"}"} {
		if a := elm.want(400, "POST", "/labels", body, "Content-Type", "application/json"); !a.names("body") {
			t.Errorf("%q: %s", body, a.raw)
		}
	}
}

// deadlined is an answer on a connection that has a deadline for reading.
type deadlined struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (d *deadlined) SetReadDeadline(t time.Time) error {
	d.until = t
	return nil
}

func TestSlowBodiesEnd(t *testing.T) {
	h := readBody(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	for status, body := range map[int]io.Reader{200: strings.NewReader("{}"), 400: iotest.ErrReader(os.ErrDeadlineExceeded)} {
		w := &deadlined{ResponseRecorder: httptest.NewRecorder()}
		h.ServeHTTP(w, httptest.NewRequest("POST", "/x", body))
		if w.Code != status || w.until.IsZero() != (status == 200) {
			t.Errorf("%d, and reading ends at %v", w.Code, w.until)
		}
	}
}

func TestProblemsNameTheirFields(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	all := object{"filter": object{}}
	for _, c := range []struct {
		method, path string
		body         any
		location     string
	}{
		{"POST", "/contacts", object{"email": "a@b.example", "first_name": "A"}, "body.last_name"},
		{"POST", "/contacts", object{"email": "a@b.example", "first_name": "A", "last_name": " "}, "body.last_name"},
		{"POST", "/contacts", object{"email": "nobody", "first_name": "A", "last_name": "B"}, "body.email"},
		{"POST", "/contacts", object{"email": "a@b.example", "first_name": 1, "last_name": "B"}, "body.first_name"},
		{"POST", "/contacts", object{"email": "a@b.example", "first_name": "A", "last_name": "B", "nick": "C"}, "body.nick"},
		{"GET", "/contacts?colour=red", nil, "query.colour"},
		{"GET", "/contacts?standing=lost", nil, "query.standing"},
		{"GET", "/contacts?created_after=soon", nil, "query.created_after"},
		{"GET", "/contacts?archived=yes&archived=no", nil, "query.archived"},
		{"GET", "/contacts?sort=shoe", nil, "query.sort"},
		{"GET", "/contacts?limit=501", nil, "query.limit"},
		{"GET", "/contacts?limit=0", nil, "query.limit"},
		{"GET", "/contacts?limit=many", nil, "query.limit"},
		{"GET", "/contacts?cursor=x", nil, "query.cursor"},
		{"GET", "/labels?limit=501", nil, "query.limit"},
		{"GET", "/labels?limit=0", nil, "query.limit"},
		{"GET", "/labels?limit=-1", nil, "query.limit"},
		{"GET", "/labels?limit=x", nil, "query.limit"},
		{"GET", "/labels?cursor=x", nil, "query.cursor"},
		{"GET", "/labels?sort=name", nil, "query.sort"},
		{"GET", "/employers?connection=friend", nil, "query.connection"},
		{"GET", "/jobs?state=lost", nil, "query.state"},
		{"POST", "/bulk-invites/preview", object{}, "body.selection"},
		{"POST", "/bulk-invites/preview", object{"selection": object{}}, "body.selection"},
		{"POST", "/bulk-invites/preview", object{"selection": object{"filter": object{"hue": "red"}}}, "body.selection.filter.hue"},
		{"POST", "/bulk-invites/preview", object{"selection": object{"filter": "standing=lost"}}, "body.selection.filter.standing"},
		{"POST", "/bulk-invites/preview", object{"selection": all, "include": []string{"blocked"}}, "body.include"},
		{"POST", "/bulk-invites", object{"selection": all, "scheduled_at": "tomorrow"}, "body.scheduled_at"},
		{"POST", "/bulk-invites", object{"selection": all}, "body.selection"},
		{"POST", "/bulk-invites", object{"selection": all, "note": strings.Repeat("x", 2001)}, "body.note"},
		{"POST", "/contacts/labels", object{"selection": all}, "body.add"},
		{"POST", "/labels", object{"name": ""}, "body.name"},
		{"POST", "/labels", object{"name": "x", "kind": "system"}, "body.kind"},
	} {
		if a := elm.want(422, c.method, c.path, c.body); !a.names(c.location) {
			t.Errorf("%s %s %v: %s", c.method, c.path, c.body, a.raw)
		}
	}
}

func TestErrorsOfOurOwnTellNothing(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	h.must(h.deps.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `DROP TABLE audit_events`)
		return err
	}))
	if a := elm.want(500, "GET", "/audit-events", nil); strings.Contains(string(a.raw), "audit_events") {
		t.Errorf("%s", a.raw)
	}
}

func TestRefusalsLeadToTheStep(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	id := db.FormatID(elm.id)
	job := object{"title": "Engineer", "description": "Build.", "institutions": []string{id}}
	acme := h.company("Acme")
	rita, lone := h.recruiter("rita@acme.example", acme), h.recruiter("lone@wolf.example", 0)
	refused := func(c caller, missing, step string) {
		t.Helper()
		a := c.want(403, "POST", "/jobs", job)
		if a.json["missing"] != missing || a.json["institution"] != id || a.json["step"] != "https://beckon.example"+step {
			t.Errorf("%s", a.raw)
		}
	}
	refused(lone, gate.Membership, "/recruit/company")
	lone.want(403, "POST", "/institutions/"+id+"/request", nil)
	// The gate is asked before what is optional.
	job["kind"], job["apply_url"] = "slavery", "no url"
	refused(rita, gate.Connection, "/recruit/institutions")
	elm.want(200, "POST", "/employers/"+db.FormatID(acme)+"/approve", nil)
	if a := rita.want(422, "POST", "/jobs", job); !a.names("body.kind") || !a.names("body.apply_url") {
		t.Errorf("%s", a.raw)
	}
	elm.want(200, "POST", "/employers/"+db.FormatID(acme)+"/block", object{"reason": "Fraud"})
	refused(rita, gate.Blocked, "/help/getting-approved#blocked")
	if a := elm.want(409, "POST", "/employers/"+db.FormatID(acme)+"/approve", nil); a.json["detail"] == "" {
		t.Errorf("%s", a.raw)
	}
	if a := elm.want(200, "POST", "/employers/"+db.FormatID(acme)+"/unblock", nil); a.json["connection"] != "none" {
		t.Errorf("%s", a.raw)
	}
	if a := rita.want(422, "POST", "/jobs", object{"title": "E", "description": "B", "institutions": []string{id, "zzzz", "!"}}); !a.names("body.institutions[1]") || !a.names("body.institutions[2]") {
		t.Errorf("%s", a.raw)
	}
}

func TestLimitOfAToken(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.deps.RequestsPerSecond = 0
	h.api = New(h.deps)
	elm := h.institution("Elm")
	other := h.tokenOf(elm.id)
	for i := range defaultRate {
		if a := elm.do("GET", "/labels", nil); a.status != 200 {
			t.Fatalf("request %d: %d", i, a.status)
		}
	}
	if a := elm.want(429, "GET", "/labels", nil); a.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After: %q", a.header.Get("Retry-After"))
	}
	other.want(200, "GET", "/labels", nil)
	h.pass(10 * time.Millisecond)
	elm.want(200, "GET", "/labels", nil)
	elm.want(429, "GET", "/labels", nil)
	// Who is not let in counts for nobody.
	elm.want(403, "GET", "/me", nil)
}

func TestRestedTokensAreForgotten(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimits(1, func() time.Time { return now })
	for token := range int64(1000) {
		l.wait(token)
	}
	now = now.Add(time.Second)
	l.wait(1000)
	if len(l.tokens) != 1 {
		t.Errorf("%d tokens are remembered", len(l.tokens))
	}
}

func TestPanicBecomesAProblem(t *testing.T) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/x", nil)
	func() {
		defer recovered(w, r)
		panic("secret")
	}()
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
