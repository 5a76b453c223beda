package api

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"regexp"
	"strings"
	"testing"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

func spaced(values ...any) string { return strings.TrimSpace(fmt.Sprintln(values...)) }

var timeForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

func TestContact(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm := h.institution("Elm")
		written := object{"email": "Ann@Acme.Example", "first_name": "Ann", "last_name": "Lee", "title": "Head", "company_name": "Acme", "phone": "1", "website": "acme.example",
			"street": "S", "city": "C", "state": "St", "postal_code": "9", "country": "DK", "external_id": "E1", "notes": "N", "labels": []any{"Board", "Fair"}}
		made := elm.want(201, "POST", "/contacts", written)
		for name, want := range written {
			if fmt.Sprint(made.json[name]) != fmt.Sprint(want) {
				t.Errorf("%s: %v, want %v", name, made.json[name], want)
			}
		}
		for name, want := range (object{"standing": "contact", "missing": "verified_address", "owner": nil, "archived": false, "user_id": nil, "company_id": nil, "last_invited_at": nil}) {
			if got, there := made.json[name]; !there || got != want {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
		}
		if at, _ := made.json["created_at"].(string); !timeForm.MatchString(at) {
			t.Errorf("created_at %q", at)
		}
		if others, ok := made.json["other_emails"].([]any); !ok || len(others) != 0 {
			t.Errorf("other_emails %v", made.json["other_emails"])
		}
		one := elm.want(200, "GET", "/contacts/"+made.id(), nil)
		if listed := elm.want(200, "GET", "/contacts?company=acme&label=board&label=FAIR", nil).data(); len(listed) != 1 || fmt.Sprint(listed[0]) != fmt.Sprint(one.json) {
			t.Errorf("listed %v, alone %s", listed, one.raw)
		}
		if a := elm.want(409, "POST", "/contacts", object{"email": "ann@acme.example", "first_name": "A", "last_name": "B"}); a.id() != made.id() {
			t.Errorf("%s", a.raw)
		}
		changed := elm.want(200, "PATCH", "/contacts/"+made.id(), object{"title": "", "last_name": "Li", "archived": true, "labels": []string{"Board"}})
		if changed.json["title"] != "" || changed.json["last_name"] != "Li" || changed.json["archived"] != true || fmt.Sprint(changed.json["labels"]) != "[Board]" || changed.json["city"] != "C" {
			t.Errorf("%s", changed.raw)
		}
		if a := elm.want(422, "PATCH", "/contacts/"+made.id(), object{"first_name": "", "owner": "zzzz"}); !a.names("body.first_name") {
			t.Errorf("%s", a.raw)
		}
		if a := elm.want(422, "PATCH", "/contacts/"+made.id(), object{"owner": "!"}); !a.names("body.owner") {
			t.Errorf("%s", a.raw)
		}
		elm.want(204, "DELETE", "/contacts/"+made.id(), nil)
		elm.want(404, "GET", "/contacts/"+made.id(), nil)
	})
}

func TestLabelsOnASelection(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	ann, bob := elm.addContact("ann@acme.example"), elm.addContact("bob@acme.example", "Fair")
	do := func(selection, add, remove any) any {
		t.Helper()
		return elm.want(200, "POST", "/contacts/labels", object{"selection": selection, "add": add, "remove": remove}).json["changed"]
	}
	if n := do(object{"ids": []string{ann, bob, "zzzz", "!"}}, []string{"fair", "New"}, []string{}); n != 2.0 {
		t.Errorf("%v changed", n)
	}
	if n := do(object{"filter": object{"label": []string{"New"}}, "except": []string{ann}}, []string{}, []string{"New"}); n != 1.0 {
		t.Errorf("%v changed", n)
	}
	counts := map[string]any{}
	for _, l := range elm.want(200, "GET", "/labels", nil).data() {
		counts[l["name"].(string)] = l["contacts"]
	}
	if fmt.Sprint(counts) != "map[Fair:2 New:1]" {
		t.Errorf("%v", counts)
	}
}

func TestManyAreLabelledByAnAct(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	var file strings.Builder
	file.WriteString("email,first_name,last_name\n")
	for i := range 10_001 {
		fmt.Fprintf(&file, "p%d@x.example,A,B\n", i)
	}
	elm.want(202, "POST", "/contacts/imports", file.String())
	h.works()
	id := elm.want(202, "POST", "/contacts/labels", object{"selection": object{"filter": object{}}, "add": []string{"All"}}).id()
	if a := elm.want(200, "GET", "/acts/"+id, nil); a.json["state"] != "queued" || a.json["total"] != 10_001.0 || a.json["done"] != 0.0 {
		t.Errorf("%s", a.raw)
	}
	h.works()
	if a := elm.want(200, "GET", "/acts/"+id, nil); a.json["state"] != "done" || a.json["done"] != 10_001.0 {
		t.Errorf("%s", a.raw)
	}
	if a := elm.want(200, "GET", "/contacts?label=all&limit=1", nil); a.json["total"] != 10_001.0 {
		t.Errorf("%v are labelled", a.json["total"])
	}
}

func TestLabel(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	made := elm.want(201, "POST", "/labels", object{"name": "Fair", "kind": "public", "color": 3})
	if a := elm.want(409, "POST", "/labels", object{"name": "FAIR"}); a.id() != made.id() {
		t.Errorf("%s", a.raw)
	}
	changed := elm.want(200, "PATCH", "/labels/"+made.id(), object{"name": "Career fair", "archived": true})
	if one := elm.want(200, "GET", "/labels/"+made.id(), nil); string(one.raw) != string(changed.raw) || one.json["kind"] != "public" || one.json["color"] != 3.0 {
		t.Errorf("%s, then %s", changed.raw, one.raw)
	}
	elm.want(204, "DELETE", "/labels/"+made.id(), nil)
	elm.want(404, "DELETE", "/labels/"+made.id(), nil)
}

func TestImport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm := h.institution("Elm")
		const file = "email,first_name,last_name\nann@acme.example,Ann,Lee\nbad,Bob,Lee\n"
		dry := elm.want(202, "POST", "/contacts/imports?dry_run=true", file)
		h.works()
		if a := elm.want(200, "GET", "/contacts/imports/"+dry.id(), nil); a.json["state"] != "done" || a.json["created"] != 1.0 || a.json["dry_run"] != true {
			t.Errorf("%s", a.raw)
		}
		if n := elm.want(200, "GET", "/contacts", nil).json["total"]; n != 0.0 {
			t.Errorf("a dry run made %v contacts", n)
		}
		body, mediaType := form(t, "note", "", "file", file)
		id := elm.want(202, "POST", "/contacts/imports?label=Fair&label=New", body, "Content-Type", mediaType).id()
		h.works()
		one := elm.want(200, "GET", "/contacts/imports/"+id, nil)
		if spaced(one.json["rows"], one.json["created"], one.json["updated"], one.json["unchanged"], one.json["rejected"], one.json["filename"]) != "2 1 0 0 1 people.csv" {
			t.Errorf("%s", one.raw)
		}
		errors := one.json["errors"].([]any)
		if e := errors[0].(object); len(errors) != 1 || e["row"] != 3.0 || e["column"] != "email" || e["message"] == "" {
			t.Errorf("%v", errors)
		}
		if listed := elm.want(200, "GET", "/contacts/imports", nil).data(); fmt.Sprint(listed[0]) != fmt.Sprint(one.json) {
			t.Errorf("listed %v, alone %s", listed[0], one.raw)
		}
		rejected := elm.want(200, "GET", "/contacts/imports/"+id+"/rejected.csv", nil)
		if !strings.Contains(string(rejected.raw), "bad,Bob,Lee,") || !strings.HasPrefix(rejected.header.Get("Content-Type"), "text/csv") {
			t.Errorf("%s", rejected.raw)
		}
		if n := elm.want(200, "GET", "/contacts?label=fair&label=new", nil).json["total"]; n != 1.0 {
			t.Errorf("%v have the labels", n)
		}
	})
}

// form is a form with parts, name and content in turn.
func form(t *testing.T, parts ...string) (body, mediaType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		part, err := w.CreateFormFile(parts[i], "people.csv")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(parts[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

func TestFilesThatAreRefused(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	for _, file := range []string{"", "first_name,last_name\nAnn,Lee\n", "email,email\na@b.example,c@d.example\n", "\x00\x01\x02\x00"} {
		if a := elm.want(422, "POST", "/contacts/imports", file); !a.names("body.file") {
			t.Errorf("%q: %s", file, a.raw)
		}
	}
	body, mediaType := form(t, "other", "email\n")
	if a := elm.want(422, "POST", "/contacts/imports", body, "Content-Type", mediaType); !a.names("body.file") {
		t.Errorf("%s", a.raw)
	}
	cut, mediaType := form(t, "file", "email,first_name,last_name\nann@acme.example,Ann,Lee\n")
	elm.want(400, "POST", "/contacts/imports", cut[:len(cut)-70], "Content-Type", mediaType)
	elm.want(415, "POST", "/contacts/imports", object{"file": "x"})
	if n := elm.want(200, "GET", "/contacts/imports", nil).json["total"]; n != 0.0 {
		t.Errorf("%v imports", n)
	}
}

func TestBulkInvite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm := h.institution("Elm")
		acme := h.company("Acme")
		h.recruiter("rita@acme.example", acme)
		h.recruiter("lone@wolf.example", 0)
		for _, email := range []string{"rita@acme.example", "lone@wolf.example", "new@new.example"} {
			elm.addContact(email, "Fair")
		}
		selection := object{"filter": object{"label": "fair"}}
		p := elm.want(200, "POST", "/bulk-invites/preview", object{"selection": selection})
		if spaced(p.json["total"], p.json["will_send"], p.json["variants"]) != "3 3 map[connect:1 create_account:1 join_company:1]" {
			t.Errorf("%s", p.raw)
		}
		if fmt.Sprint(p.json["skipped"]) != "map[already_approved:0 archived:0 blocked:0 invalid_email:0 recently_invited:0 suppressed:0]" {
			t.Errorf("%s", p.raw)
		}
		stale := elm.want(409, "POST", "/bulk-invites", object{"selection": selection, "expected_total": 2})
		if got := stale.json["preview"]; fmt.Sprint(got) != fmt.Sprint(p.json) {
			t.Errorf("preview %v, want %s", got, p.raw)
		}
		elm.want(409, "POST", "/bulk-invites", object{"selection": selection, "fingerprint": "x"})
		if a := elm.want(422, "POST", "/bulk-invites", object{"selection": selection, "label": strings.Repeat("x", 101)}); !a.names("body.label") {
			t.Errorf("%s", a.raw)
		}
		if a := elm.want(422, "POST", "/bulk-invites", object{"selection": object{"filter": "label=nobody"}}); !a.names("body.selection") || !strings.Contains(string(a.raw), "holds no contact") {
			t.Errorf("%s", a.raw)
		}
		made := elm.want(202, "POST", "/bulk-invites", object{"selection": selection, "expected_total": 3, "fingerprint": p.json["fingerprint"],
			"label": "invited", "note": "Hello", "scheduled_at": nil, "include": []string{"recently_invited"}})
		if spaced(made.json["state"], made.json["label"], made.json["total"], made.json["will_send"], made.json["created_by"]) != "sending invited 3 3 test" {
			t.Errorf("%s", made.raw)
		}
		if fmt.Sprint(made.json["counts"]) != "map[accepted:0 approved:0 bounced:0 cancelled:0 deferred:0 failed:0 opened:0 queued:3 sending:0 sent:0]" {
			t.Errorf("%s", made.raw)
		}
		path := "/bulk-invites/" + made.id()
		if one := elm.want(200, "GET", path, nil); string(one.raw) != string(made.raw) {
			t.Errorf("alone %s", one.raw)
		}
		for _, i := range elm.want(200, "GET", path+"/invites?state=queued", nil).data() {
			for _, name := range []string{"id", "contact_id", "email", "variant", "state", "reason", "sent_at", "opened_at", "accepted_at", "approved_at"} {
				if _, there := i[name]; !there {
					t.Errorf("an invite without %s: %v", name, i)
				}
			}
		}
		elm.want(422, "GET", path+"/invites?state=lost", nil)
		for _, s := range []struct{ step, state string }{{"pause", "paused"}, {"resume", "sending"}, {"cancel", "cancelled"}} {
			if a := elm.want(200, "POST", path+"/"+s.step, nil); a.json["state"] != s.state {
				t.Errorf("%s: %s", s.step, a.raw)
			}
		}
		elm.want(409, "POST", path+"/resume", nil)
		if a := elm.want(200, "GET", path+"/invites?state=cancelled", nil); a.json["total"] != 3.0 {
			t.Errorf("%s", a.raw)
		}
	})
}

func TestEmployerUser(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	acme := h.company("Acme")
	rita, lone := h.recruiter("rita@acme.example", acme), h.recruiter("lone@wolf.example", 0)
	me := rita.want(200, "GET", "/me", nil).json
	if u, m := me["user"].(object), me["membership"].(object); u["email"] != "rita@acme.example" || spaced(m["company_id"], m["company_name"], m["state"], m["role"]) != db.FormatID(acme)+" Acme approved admin" {
		t.Errorf("%v", me)
	}
	if m, there := lone.want(200, "GET", "/me", nil).json["membership"]; !there || m != nil {
		t.Errorf("a membership of nobody: %v", m)
	}
	find := func() object { return rita.want(200, "GET", "/institutions?q=ELM", nil).data()[0] }
	if i := find(); spaced(i["id"], i["name"], i["slug"], i["connection"]) != db.FormatID(elm.id)+" Elm elm none" {
		t.Errorf("%v", i)
	}
	if a := rita.want(200, "POST", "/institutions/"+db.FormatID(elm.id)+"/request", nil); a.json["connection"] != "requested" {
		t.Errorf("%s", a.raw)
	}
	e := elm.want(200, "GET", "/employers?connection=requested", nil).data()[0]
	if spaced(e["id"], e["company_id"], e["name"], e["connection"]) != db.FormatID(acme)+" "+db.FormatID(acme)+" Acme requested" || !timeForm.MatchString(e["requested_at"].(string)) {
		t.Errorf("%v", e)
	}
	if a := elm.want(200, "POST", "/employers/"+db.FormatID(acme)+"/decline", object{"reason": "No fair"}); a.json["connection"] != "declined" || a.json["reason"] != "No fair" {
		t.Errorf("%s", a.raw)
	}
	if i := find(); i["connection"] != "declined" || i["reason"] != "No fair" {
		t.Errorf("%v", i)
	}
}

func TestJobs(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	acme := h.company("Acme")
	rita := h.recruiter("rita@acme.example", acme)
	elm.want(200, "POST", "/employers/"+db.FormatID(acme)+"/approve", nil)
	job := rita.want(201, "POST", "/jobs", object{"title": "Engineer", "description": "Build.", "institutions": []string{db.FormatID(elm.id)}, "kind": "internship"})
	for state, want := range map[string]float64{"pending": 1, "declined": 0} {
		if a := rita.want(200, "GET", "/jobs?state="+state, nil); a.json["total"] != want {
			t.Errorf("%s: %s", state, a.raw)
		}
	}
	if one := rita.want(200, "GET", "/jobs/"+job.id(), nil); string(one.raw) != string(job.raw) {
		t.Errorf("alone %s", one.raw)
	}
	state := func(a answerTo) any { return a.json["postings"].([]any)[0].(object)["state"] }
	if a := elm.want(200, "POST", "/jobs/"+job.id()+"/decline", object{"reason": "Pay"}); state(a) != "declined" {
		t.Errorf("%s", a.raw)
	}
	if a := elm.want(200, "POST", "/jobs/"+job.id()+"/approve", nil); state(a) != "approved" {
		t.Errorf("%s", a.raw)
	}
}

func TestAuditNamesTheToken(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	person := elm.addContact("ann@acme.example")
	e := elm.want(200, "GET", "/audit-events?limit=1", nil).data()[0]
	if actor, subject := e["actor"].(object), e["subject"].(object); e["action"] != "contact.added" || actor["kind"] != "token" || actor["name"] != "test" || subject["id"] != person || !timeForm.MatchString(e["at"].(string)) {
		t.Errorf("%v", e)
	}
}

func TestDocs(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	page := caller{h: h}.want(200, "GET", "/docs", nil)
	for _, op := range h.offered() {
		if !strings.Contains(string(page.raw), `<article id="`+op.OperationID+`">`) || !strings.Contains(string(page.raw), "<code>"+op.path+"</code>") {
			t.Errorf("the docs do not tell %s %s", op.method, op.path)
		}
	}
	if outside := regexp.MustCompile(`(?:src|href)="(?:https?:)?//`).Find(page.raw); outside != nil {
		t.Errorf("the docs load %s", outside)
	}
	if strings.Contains(string(page.raw), " style=") || strings.Contains(string(page.raw), "<script") || !strings.Contains(page.header.Get("Content-Security-Policy"), "style-src 'self'") {
		t.Error("the docs do not keep to a strict policy")
	}
	caller{h: h}.want(200, "GET", "/docs.css", nil)
	if a := (caller{h: h}).want(200, "GET", "/openapi.yaml", nil); !strings.HasPrefix(string(a.raw), "components:") {
		t.Errorf("%.80s", a.raw)
	}
}
