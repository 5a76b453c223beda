package api

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/institution"
	"beckon/internal/student"
)

// enrol imports a student through the API, signs the student in and lets recruiters find
// the student if choice says so.
func (c caller) enrol(first, last, major, year string, choice student.Choice) institution.Scope {
	c.h.t.Helper()
	ctx := context.Background()
	email := strings.ToLower(first+"."+last) + "@students.example"
	c.imports(fmt.Sprintf("email,first_name,last_name,major,graduation_year,external_id\n%s,%s,%s,%s,%s,X-1\n", email, first, last, major, year), "")
	u, err := c.h.deps.Accounts.Add(ctx, account.Person{Email: email, FirstName: first, LastName: last}, tester)
	c.h.must(err)
	s, err := institution.Student(ctx, c.h.deps.DB, u.ID, c.id)
	c.h.must(err)
	_, err = c.h.deps.Students.Allow(ctx, s, choice)
	c.h.must(err)
	return s
}

// imports imports a file of students and answers the import when it is over.
func (c caller) imports(file, query string) answerTo {
	c.h.t.Helper()
	id := c.want(202, "POST", "/students/imports"+query, file).id()
	c.h.works()
	return c.want(200, "GET", "/students/imports/"+id, nil)
}

var findable = student.Choice{Allows: true, ShowsMajor: true, ShowsYear: true}

func TestStudentImports(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm, oak := h.institution("Elm"), h.institution("Oak")
		file := "email;first name;last name;major;graduation year\nada@elm.example;Ada;Low;Law;2027\nbob@elm.example;Bob;;Law;soon\n"
		dry := elm.imports(file, "?dry_run=true")
		if dry.json["state"] != "done" || dry.json["dry_run"] != true || dry.json["created"] != 1.0 || dry.json["rejected"] != 1.0 {
			t.Errorf("%s", dry.raw)
		}
		if n := len(elm.want(200, "GET", "/students", nil).data()); n != 0 {
			t.Errorf("a dry run made %d students", n)
		}
		done := elm.imports(file, "")
		if got := fmt.Sprint(done.json["errors"]); !strings.Contains(got, "last_name") || !strings.Contains(got, "graduation_year") {
			t.Errorf("%s", done.raw)
		}
		path := "/students/imports/" + done.id()
		if got := string(elm.want(200, "GET", path+"/rejected.csv", nil).raw); !strings.Contains(got, "bob@elm.example,Bob,,Law,soon,") {
			t.Errorf("%q", got)
		}
		if list := elm.want(200, "GET", "/students/imports", nil); list.json["total"] != 2.0 || list.data()[0]["id"] != done.id() {
			t.Errorf("%s", list.raw)
		}
		if list := elm.want(200, "GET", "/contacts/imports", nil); list.json["total"] != 0.0 {
			t.Errorf("%s", list.raw)
		}
		elm.want(404, "GET", "/contacts/imports/"+done.id(), nil)
		oak.want(404, "GET", path, nil)
		oak.want(404, "GET", path+"/rejected.csv", nil)
		elm.want(422, "POST", "/students/imports", "name,major\nAda,Law\n")
		elm.want(422, "POST", "/students/imports?label=Fair", file)
		h.tokenOf(elm.id, "read").want(403, "POST", "/students/imports", file)
	})
}

func TestStudentsOfStaff(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm, oak := h.institution("Elm"), h.institution("Oak")
		elm.enrol("Ada", "Low", "Law", "2027", findable)
		elm.enrol("Bob", "Abel", "", "", student.Choice{})
		list := elm.want(200, "GET", "/students", nil)
		if list.json["total"] != 2.0 || list.data()[0]["first_name"] != "Bob" || list.data()[0]["graduation_year"] != nil {
			t.Errorf("%s", list.raw)
		}
		ada := list.data()[1]
		want := object{"id": ada["id"], "email": "ada.low@students.example", "first_name": "Ada", "last_name": "Low", "major": "Law", "graduation_year": 2027.0,
			"external_id": "X-1", "allows": true, "archived": false, "created_at": "2026-11-23T09:00:00.000Z"}
		if fmt.Sprint(ada) != fmt.Sprint(want) {
			t.Errorf("%v", ada)
		}
		path := "/students/" + ada["id"].(string)
		if one := elm.want(200, "GET", path, nil); fmt.Sprint(one.json) != fmt.Sprint(want) {
			t.Errorf("%s", one.raw)
		}
		first := elm.want(200, "GET", "/students?limit=1", nil)
		if next := elm.want(200, "GET", "/students?limit=1&cursor="+first.json["next_cursor"].(string), nil); next.data()[0]["id"] != ada["id"] || next.json["next_cursor"] != nil {
			t.Errorf("%s", next.raw)
		}
		elm.want(422, "GET", "/students?q=x&cursor="+first.json["next_cursor"].(string), nil)
		for query, want := range map[string]int{"?q=LOW": 1, "?allows=yes": 1, "?allows=no": 1, "?archived=yes": 0, "?institution=" + db.FormatID(elm.id): 2} {
			if n := len(elm.want(200, "GET", "/students"+query, nil).data()); n != want {
				t.Errorf("%s: %d, want %d", query, n, want)
			}
		}
		elm.want(422, "GET", "/students?allows=maybe", nil)
		elm.want(404, "GET", "/students?institution="+db.FormatID(oak.id), nil)
		oak.want(404, "GET", path, nil)
	})
}

func TestStudentsOfRecruiters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm := h.institution("Elm")
		acme := h.company("Acme")
		rita := h.recruiter("rita@acme.example", acme)
		elm.enrol("Ada", "Low", "Law", "2027", findable)
		elm.enrol("Bob", "Abel", "Law", "2027", student.Choice{})
		path := "/students?institution=" + db.FormatID(elm.id)
		if a := rita.want(403, "GET", path, nil); a.json["missing"] != "connection" || a.json["institution"] != db.FormatID(elm.id) {
			t.Errorf("%s", a.raw)
		}
		elm.want(200, "POST", "/employers/"+db.FormatID(acme)+"/approve", nil)
		found := rita.want(200, "GET", path, nil)
		if want := fmt.Sprint(object{"id": found.data()[0]["id"], "first_name": "Ada", "last_initial": "L", "major": "Law", "graduation_year": 2027.0}); found.json["total"] != 1.0 ||
			fmt.Sprint(found.data()[0]) != want {
			t.Errorf("%s", found.raw)
		}
		for query, want := range map[string]int{"&q=ada+l": 1, "&q=low": 0, "&q=students": 0, "&q=law": 1} {
			if n := len(rita.want(200, "GET", path+query, nil).data()); n != want {
				t.Errorf("%s: %d, want %d", query, n, want)
			}
		}
		if a := rita.want(422, "GET", "/students", nil); !a.names("query.institution") {
			t.Errorf("%s", a.raw)
		}
		rita.want(422, "GET", path+"&allows=no", nil)
		rita.want(403, "GET", "/students/"+found.data()[0]["id"].(string), nil)
		rita.want(403, "POST", "/students/imports", "email,first_name,last_name\n")
	})
}

func TestMessages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm, oak := h.institution("Elm"), h.institution("Oak")
		acme := h.company("Acme")
		rita, other := h.recruiter("rita@acme.example", acme), h.recruiter("olga@acme.example", acme)
		ada, bob := elm.enrol("Ada", "Low", "Law", "2027", findable), elm.enrol("Bob", "Abel", "Law", "2027", student.Choice{})
		wish := object{"institution": db.FormatID(elm.id), "students": []string{db.FormatID(ada.StudentID())}, "subject": "Bridges", "body": "Join us."}
		if a := rita.want(403, "POST", "/messages", wish); a.json["missing"] != "connection" || a.json["institution"] != db.FormatID(elm.id) {
			t.Errorf("%s", a.raw)
		}
		elm.want(200, "POST", "/employers/"+db.FormatID(acme)+"/approve", nil)
		wish["students"] = []string{db.FormatID(ada.StudentID()), db.FormatID(bob.StudentID()), "nobody"}
		if a := rita.want(422, "POST", "/messages", wish); a.names("body.students[0]") || !a.names("body.students[1]") || !a.names("body.students[2]") {
			t.Errorf("%s", a.raw)
		}
		wish["students"] = []string{db.FormatID(ada.StudentID())}
		made := rita.want(201, "POST", "/messages", wish, "Idempotency-Key", "1")
		if again := rita.want(201, "POST", "/messages", wish, "Idempotency-Key", "1"); string(again.raw) != string(made.raw) {
			t.Errorf("a repeat made %s", again.raw)
		}
		id := made.data()[0]["id"].(string)
		ctx := context.Background()
		thread, _ := db.ParseID(id)
		_, err := h.deps.Students.ReplyAsStudent(ctx, ada, thread, "Where?")
		h.must(err)
		if a := rita.want(201, "POST", "/messages/"+id+"/replies", object{"body": "Here."}); a.json["open"] != true || len(a.json["messages"].([]any)) != 3 {
			t.Errorf("%s", a.raw)
		}
		list := rita.want(200, "GET", "/messages", nil)
		if list.json["total"] != 1.0 || list.data()[0]["subject"] != "Bridges" || list.data()[0]["messages"].([]any)[1].(object)["from"] != "student" {
			t.Errorf("%s", list.raw)
		}
		for query, want := range map[string]int{"?institution=" + db.FormatID(elm.id): 1, "?institution=" + db.FormatID(oak.id): 0, "?q=bridg": 1, "?q=low": 0} {
			if n := len(rita.want(200, "GET", "/messages"+query, nil).data()); n != want {
				t.Errorf("%s: %d, want %d", query, n, want)
			}
		}
		if n := len(other.want(200, "GET", "/messages", nil).data()); n != 0 {
			t.Errorf("a colleague sees %d", n)
		}
		if one := rita.want(200, "GET", "/messages/"+id, nil); fmt.Sprint(one.json) != fmt.Sprint(list.data()[0]) {
			t.Errorf("%s", one.raw)
		}
		other.want(404, "GET", "/messages/"+id, nil)
		other.want(404, "POST", "/messages/"+id+"/replies", object{"body": "x"})
		elm.want(403, "GET", "/messages", nil)
		for range 4 {
			h.must(d.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE message_days SET sent = 200`)
				return err
			}))
		}
		if a := rita.want(429, "POST", "/messages", wish); a.header.Get("Retry-After") != "54000" {
			t.Errorf("%v", a.header)
		}
		h.must(h.deps.Students.Block(ctx, ada, thread, true))
		rita.want(409, "POST", "/messages/"+id+"/replies", object{"body": "x"})
		elm.want(200, "POST", "/employers/"+db.FormatID(acme)+"/block", nil)
		if a := rita.want(403, "POST", "/messages/"+id+"/replies", object{"body": "x"}); a.json["missing"] != "blocked" {
			t.Errorf("%s", a.raw)
		}
		for _, a := range []answerTo{made, list, rita.want(200, "GET", "/messages", nil)} {
			if text := strings.ToLower(string(a.raw)); strings.Contains(text, "low") || strings.Contains(text, "students.example") {
				t.Errorf("it tells of the student: %s", text)
			}
		}
	})
}

func TestMessageReports(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm, oak := h.institution("Elm"), h.institution("Oak")
		acme := h.company("Acme")
		rita := h.recruiter("rita@acme.example", acme)
		ada := elm.enrol("Ada", "Low", "Law", "2027", findable)
		elm.want(200, "POST", "/employers/"+db.FormatID(acme)+"/approve", nil)
		made := rita.want(201, "POST", "/messages", object{"institution": db.FormatID(elm.id), "students": []string{db.FormatID(ada.StudentID())}, "subject": "Bridges", "body": "Join us."})
		thread, _ := db.ParseID(made.data()[0]["id"].(string))
		if a := elm.want(200, "GET", "/message-counts", nil); a.json["threads"] != 1.0 || a.json["messages_lately"] != 1.0 || a.json["open_reports"] != 0.0 ||
			a.json["companies"].([]any)[0].(object)["company_name"] != "Acme" {
			t.Errorf("%s", a.raw)
		}
		h.must(h.deps.Students.ReportAsStudent(context.Background(), ada, thread, "Rude."))
		list := elm.want(200, "GET", "/message-reports?state=open", nil)
		if list.json["total"] != 1.0 || list.data()[0]["by"] != "student" || list.data()[0]["student"] != "Ada Low" || strings.Contains(string(list.raw), "Join us") {
			t.Errorf("%s", list.raw)
		}
		if a := elm.want(200, "GET", "/audit-events", nil); !strings.Contains(string(a.raw), `"kind":"student"`) {
			t.Errorf("%s", a.raw)
		}
		path := "/message-reports/" + list.data()[0]["id"].(string)
		if one := elm.want(200, "GET", path, nil); fmt.Sprint(one.json) != fmt.Sprint(list.data()[0]) {
			t.Errorf("%s", one.raw)
		}
		if a := elm.want(200, "GET", path+"/thread", nil); a.json["messages"].([]any)[0].(object)["body"] != "Join us." {
			t.Errorf("%s", a.raw)
		}
		for _, sub := range []string{"", "/thread"} {
			oak.want(404, "GET", path+sub, nil)
			h.tokenOf(elm.id, "read").want(403, "GET", path+sub, nil)
			rita.want(403, "GET", path+sub, nil)
		}
		elm.want(422, "POST", path+"/resolve", object{"note": " "})
		if a := elm.want(200, "POST", path+"/resolve", object{"note": "Spoke with them."}); a.json["state"] != "resolved" || a.json["resolved_at"] == nil {
			t.Errorf("%s", a.raw)
		}
		elm.want(409, "POST", path+"/resolve", object{"note": "Again."})
		elm.want(404, "GET", "/message-reports/zz", nil)
		elm.want(422, "GET", "/message-reports?state=odd", nil)
	})
}
