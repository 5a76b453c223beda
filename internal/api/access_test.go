package api

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"testing"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

// operation is one entry of the OpenAPI document.
type operation struct {
	method, path string
	OperationID  string                `json:"operationId"`
	Security     []map[string][]string `json:"security"`
}

// offered is every operation that the OpenAPI document offers.
func (h *house) offered() (all []operation) {
	var doc struct {
		OpenAPI string                                `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage `json:"paths"`
	}
	a := caller{h: h}.want(200, "GET", "/openapi.json", nil)
	h.must(json.Unmarshal(a.raw, &doc))
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		h.t.Fatalf("OpenAPI %q", doc.OpenAPI)
	}
	for path, methods := range doc.Paths {
		for method, raw := range methods {
			op := operation{method: strings.ToUpper(method), path: path}
			h.must(json.Unmarshal(raw, &op))
			all = append(all, op)
		}
	}
	if len(all) < 35 {
		h.t.Fatalf("only %d operations are offered", len(all))
	}
	return all
}

func (o operation) call(c caller, id string) answerTo {
	path := strings.NewReplacer("{id}", id, "{company_id}", id).Replace(o.path)
	var body any
	if o.method == "POST" || o.method == "PATCH" {
		body = object{}
	}
	if needed := needs[o.OperationID]; needed != nil {
		body = needed
	}
	return c.do(o.method, path, body)
}

// sides are the kinds of token that may call it: those of institutions, of employer users, or both.
func (o operation) sides() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, any := range o.Security {
			for side := range any {
				if !yield(side) {
					return
				}
			}
		}
	}
}

// needs are the bodies of operations on one thing that no empty object will do for.
var needs = map[string]object{
	"move-interview-request":    {"place": "Hall"},
	"propose-interview-request": {"date": "2026-12-04", "starts_at": "09:00"},
	"answer-interview-request":  {"accept": true},
	"cancel-interview-request":  {"reason": "Fire"},
	"create-reply":              {"body": "Well?"},
	"resolve-message-report":    {"note": "Spoke with them."},
	"schedule-bulk-invite":      {"scheduled_at": "2026-12-01T09:00:00Z"},
}

// kind is the kind of thing whose id the path takes, "" for none.
func (o operation) kind() string {
	parts := strings.Split(o.path, "/")
	if i := slices.Index(parts, "{id}"); i > 0 {
		if parts[i-1] == "imports" && parts[i-2] == "students" {
			return "student imports"
		}
		return parts[i-1]
	}
	return ""
}

func TestEveryOperationWantsItsToken(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	rita := h.recruiter("rita@acme.example", h.company("Acme"))
	reader := h.tokenOf(elm.id, "read")
	looker := h.recruiter("lena@acme.example", 0, "read")
	for _, op := range h.offered() {
		if a := op.call(caller{h: h}, "1"); a.status != 401 || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s without a token: %d %s", op.method, op.path, a.status, a.raw)
		}
		if a := op.call(caller{h: h, token: "bkn_wrong"}, "1"); a.status != 401 || !strings.Contains(a.header.Get("WWW-Authenticate"), "invalid_token") {
			t.Errorf("%s %s with a wrong token: %d %s", op.method, op.path, a.status, a.raw)
		}
		scopes := map[string]string{}
		for _, any := range op.Security {
			for kind, list := range any {
				scopes[kind] = list[0]
			}
		}
		for kind, callers := range map[string][2]caller{"institution": {elm, reader}, "employer": {rita, looker}} {
			full, reads := op.call(callers[0], "1"), op.call(callers[1], "1")
			if scopes[kind] == "" {
				if full.status != 403 || !strings.Contains(string(full.raw), "This takes an") {
					t.Errorf("%s %s takes a token of the wrong kind: %d %s", op.method, op.path, full.status, full.raw)
				}
				continue
			}
			if full.status == 401 || full.status >= 500 || strings.Contains(string(full.raw), "has not got it") {
				t.Errorf("%s %s with all scopes: %d %s", op.method, op.path, full.status, full.raw)
			}
			if refused := strings.Contains(string(reads.raw), "with the scope "+scopes[kind]); refused != (scopes[kind] != "read") {
				t.Errorf("%s %s with the scope read: %d %s", op.method, op.path, reads.status, reads.raw)
			}
		}
	}
}

func TestRevokedTokenIsRefused(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	elm.want(200, "GET", "/labels", nil, "Authorization", "bearer  "+elm.token)
	elm.want(401, "GET", "/labels", nil, "Authorization", "Basic "+elm.token)
	elm.want(401, "GET", "/labels", nil, "Authorization", "Bearer ")
}

// made is one of each thing that an institution has, by the word in its paths.
func (h *house) made(c caller, recruiter caller) map[string]string {
	h.t.Helper()
	person := c.addContact("ann@acme.example")
	imported := c.want(202, "POST", "/contacts/imports", "email,first_name,last_name\nx@y.example,X,Y\nbad,X,Y\n").id()
	h.works()
	bulk := c.want(202, "POST", "/bulk-invites", object{"selection": object{"ids": []string{person}}}).id()
	recruiter.want(200, "POST", "/institutions/"+db.FormatID(c.id)+"/request", nil)
	employers := c.want(200, "GET", "/employers?connection=requested", nil).data()
	c.want(200, "POST", "/employers/"+employers[0]["company_id"].(string)+"/approve", nil)
	job := recruiter.want(201, "POST", "/jobs", object{"title": "Engineer", "description": "Build.", "institutions": []string{db.FormatID(c.id)}}).id()
	c.want(200, "POST", "/jobs/"+job+"/approve", nil)
	interview := recruiter.want(201, "POST", "/interview-requests", object{"institution": db.FormatID(c.id), "job": job,
		"date": "2026-12-03", "starts_at": "09:00", "slots": 2, "slot_minutes": 30}).id()
	pupil := c.enrol("Ada", "Low", "Law", "2027", findable)
	begun := recruiter.want(201, "POST", "/messages", object{"institution": db.FormatID(c.id), "students": []string{db.FormatID(pupil.StudentID())},
		"subject": "Bridges", "body": "Join us."}).data()[0]["id"].(string)
	thread, _ := db.ParseID(begun)
	h.must(h.deps.Students.ReportAsStudent(context.Background(), pupil, thread, "Rude."))
	return map[string]string{
		"interview-requests": interview,
		"students":           db.FormatID(pupil.StudentID()), "student imports": c.want(200, "GET", "/students/imports", nil).data()[0]["id"].(string),
		"messages": begun, "message-reports": c.want(200, "GET", "/message-reports", nil).data()[0]["id"].(string),
		"contacts": person, "imports": imported, "bulk-invites": bulk, "jobs": job, "acts": imported,
		"labels":   c.want(201, "POST", "/labels", object{"name": "Fair"}).id(),
		"explores": c.want(201, "POST", "/insights/explores", object{"name": "Labels", "query": "dim=label"}).id(),
	}
}

// TestAnothersIDsAreNotThere calls every operation that takes an id with the id of another
// institution's thing.
func TestAnothersIDsAreNotThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm, oak := h.institution("Elm"), h.institution("Oak")
		rita := h.recruiter("rita@acme.example", h.company("Acme"))
		theirs := h.made(elm, rita)
		for _, op := range h.offered() {
			if op.method != "GET" || op.kind() == "" {
				continue
			}
			for side := range op.sides() {
				owner := elm
				if side == "employer" {
					owner = rita
				}
				if a := op.call(owner, theirs[op.kind()]); a.status != 200 {
					t.Errorf("%s with one's own, as %s: %d %s", op.path, side, a.status, a.raw)
				}
			}
		}
		stranger := h.recruiter("sam@wolf.example", h.company("Wolf"))
		walked := 0
		for _, op := range h.offered() {
			if op.kind() == "" {
				continue
			}
			kind := op.kind()
			id := theirs[kind]
			if kind == "institutions" {
				id = "zzzz" // every institution is there for every recruiter
			}
			if id == "" {
				t.Fatalf("%s %s: the test has no %s", op.method, op.path, kind)
			}
			for side := range op.sides() {
				c := oak
				if side == "employer" {
					c = stranger
				}
				for _, x := range []string{id, "!", "zzzzzzzzzzzzzzzzz", strings.ToUpper(id) + "0"} {
					if a := op.call(c, x); a.status != 404 {
						t.Errorf("%s %s with %s: %d %s", op.method, op.path, x, a.status, a.raw)
					}
					walked++
				}
			}
		}
		if walked < 60 {
			t.Errorf("only %d calls were made", walked)
		}
		for path, total := range map[string]float64{"/contacts?archived=any": 0, "/contacts/imports": 0, "/bulk-invites": 0, "/labels": 0, "/jobs": 0, "/interview-requests": 0, "/employers": 0,
			"/students": 0, "/students/imports": 0, "/message-reports": 0} {
			if a := oak.want(200, "GET", path, nil); a.json["total"] != total {
				t.Errorf("GET %s: %s", path, a.raw)
			}
		}
		for _, e := range oak.want(200, "GET", "/audit-events", nil).data() {
			if subject := e["subject"].(object); subject["kind"] != "institution" && subject["kind"] != "token" {
				t.Errorf("another's event: %v", e)
			}
		}
		p := oak.want(200, "POST", "/bulk-invites/preview", object{"selection": object{"ids": []string{theirs["contacts"]}}})
		if p.json["total"] != 0.0 {
			t.Errorf("another's contact is selected: %s", p.raw)
		}
	})
}
