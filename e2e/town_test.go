package e2e

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"beckon/internal/db"
)

// ids are things by their kinds, one of each, as the outside names them.
type ids map[string]string

// town is two institutions with everything that Beckon holds, and people of all kinds who
// have signed in. Elm's are own, Oak's are foreign to everybody but Oak's.
type town struct {
	*site
	own, foreign ids
	// visitors are people's browsers, tokens those of the API.
	visitors map[string]*visitor
	tokens   map[string]string
}

// The people whom only some may know of.
const (
	stella  = "stella.quillfeather@pupils.example" // of Elm
	sam     = "sam.underhill@pupils.example"       // of Elm
	olivia  = "olivia.thornbury@pupils.example"    // of Oak
	nora    = "nora@northwind.example"             // a contact of Elm, whose company may recruit there
	silent  = "tacita@northwind.example"           // of the same company, and no contact
	oakling = "otto@oakworks.example"              // recruits at Oak
)

// newTown builds the town, and stops its server, so that its folder may be copied.
func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{site: newSite(t, "", newSink(t)), own: ids{}, foreign: ids{}, visitors: map[string]*visitor{}, tokens: map[string]string{}}
	w.run("migrate")
	elm, oak := w.institution("Elm University", "elm"), w.institution("Oak College", "oak")
	w.tokens["elm"], w.tokens["oak"] = elm.token, oak.token
	links := w.people()
	server := w.serve()
	for who, link := range links {
		w.visitors[who] = w.signedIn(link)
	}
	for _, scope := range scopes {
		w.tokens["elm "+scope] = w.run("token", "create", "--institution", "elm", "--scopes", scope, "--name", scope)
	}
	w.things(elm, "elm", "owner", "nora", "stella", "sam")
	w.things(oak, "oak", "oak owner", "otto", "olivia")
	w.press("una", "/recruit/company/join", url.Values{"company": {w.companyID("Northwind")}}) // and waits from then on
	w.requested(elm, "bo", "elm")
	w.must(elm, http.StatusOK, "POST", "/employers/"+w.companyID("Birch")+"/block", nil)
	w.mailed()
	server.stop()
	w.find()
	return w
}

// mailed waits until all mails have gone, so that none goes later.
func (w *town) mailed() {
	w.t.Helper()
	d := w.open()
	defer d.Close()
	until(w.t, "all mails went", func() bool {
		var left int
		err := d.SQL().QueryRow(`SELECT COUNT(*) FROM outbox WHERE state = 'queued'`).Scan(&left)
		if err != nil {
			w.t.Fatal(err)
		}
		return left == 0
	})
}

// scopes are those of an institution's tokens.
var scopes = []string{"read", "contacts", "invite", "review", "settings", "people"}

// people makes accounts, and answers their sign-in links.
func (w *town) people() map[string]string {
	links := map[string]string{}
	for _, role := range []string{"owner", "manager", "coordinator", "reviewer", "viewer"} {
		links[role] = w.run("staff", "add", role+"@elm.example", "--institution", "elm", "--role", role)
	}
	for _, name := range []string{"Northwind", "Oakworks", "Alder", "Birch"} {
		w.run("company", "create", name)
	}
	links["oak owner"] = w.run("staff", "add", "owner@oak.example", "--institution", "oak", "--role", "owner")
	for _, p := range []struct{ who, email, first, last, company, role string }{
		{"nora", nora, "Nora", "Northwind", "Northwind", "admin"},
		{"silent", silent, "Tacita", "Unlisted", "Northwind", "recruiter"},
		{"otto", oakling, "Otto", "Oakworks", "Oakworks", "admin"},
		{"alder", "ada@alder.example", "Ada", "Alder", "Alder", "admin"},
		{"bo", "bo@birch.example", "Bo", "Birch", "Birch", "admin"},
		{"una", "una@una.example", "Una", "Unknown", "", ""},
		{"stella", stella, "Stella", "Quillfeather", "", ""},
		{"sam", sam, "Sam", "Underhill", "", ""},
		{"olivia", olivia, "Olivia", "Thornbury", "", ""},
	} {
		args := []string{"user", "add", p.email, "--first", p.first, "--last", p.last}
		if p.company != "" {
			args = append(args, "--company", p.company, "--role", p.role)
		}
		links[p.who] = w.run(args...)
		if p.company != "" {
			w.tokens[p.who] = w.employerToken(p.email, "")
		}
	}
	w.tokens["nora read"] = w.employerToken(nora, "read")
	w.tokens["una"] = w.employerToken("una@una.example", "")
	return links
}

func (w *town) employerToken(email, scope string) string {
	args := []string{"token", "create", "--user", email, "--name", "test"}
	if scope != "" {
		args = append(args, "--scopes", scope)
	}
	return w.run(args...)
}

// must is want without the answer.
func (w *town) must(c *client, status int, method, path string, send any) {
	w.t.Helper()
	want[any](c, status, method, path, send)
}

// want303 sends a form that must be taken.
func (w *town) press(who, path string, form url.Values) {
	w.t.Helper()
	if status, page := w.visitors[who].do("POST", path, form); status != http.StatusOK {
		w.t.Fatalf("%s posts %s: %d: %s", who, path, status, page)
	}
}

func (w *town) companyID(name string) string {
	w.t.Helper()
	type company struct {
		ID   string
		Name string
	}
	for _, connection := range []string{"none", "approved", "requested"} {
		for _, c := range get[list[company]](w.client(w.tokens["elm"]), "/employers?connection="+connection+"&q="+name).Data {
			if c.Name == name {
				return c.ID
			}
		}
	}
	w.t.Fatalf("there is no company %s", name)
	return ""
}

// requested lets a recruiter ask to recruit at an institution, and answers a client.
func (w *town) requested(c *client, recruiter, slug string) *client {
	w.t.Helper()
	r := w.client(w.tokens[recruiter])
	want[any](r, http.StatusOK, "POST", "/institutions/"+w.institutionID(r, slug)+"/request", nil)
	return r
}

func (w *town) institutionID(r *client, slug string) string {
	w.t.Helper()
	for _, i := range get[list[struct{ ID, Slug string }]](r, "/institutions").Data {
		if i.Slug == slug {
			return i.ID
		}
	}
	w.t.Fatalf("there is no institution %s", slug)
	return ""
}

// made is anything with an id.
type made struct{ ID string }

// things fills an institution: its staff's things, what a recruiter does there, and what
// students do.
func (w *town) things(c *client, slug, owner, recruiter string, students ...string) {
	w.t.Helper()
	c.load(people(3))
	want[made](c, http.StatusCreated, "POST", "/labels", body{"name": "Fair"})
	c.sent(c.invite(everybody).ID)
	at := "/at/" + slug
	w.press(owner, at+"/views", url.Values{"name": {"Fair"}, "filter": {"label=Fair"}})
	w.press(owner, at+"/insights/saved", url.Values{"name": {"By company"}, "query": {"dim=company&measure=contacts"}})
	file := "email,first_name,last_name,major,graduation_year\n"
	for _, name := range students {
		email := map[string]string{"stella": stella, "sam": sam, "olivia": olivia}[name]
		first, rest, _ := strings.Cut(email, ".")
		last, _, _ := strings.Cut(rest, "@")
		file += email + "," + strings.ToUpper(first[:1]) + first[1:] + "," + strings.ToUpper(last[:1]) + last[1:] + ",Physics,2027\n"
	}
	until(w.t, "the students are there", func() bool { return w.imported(c, file) })
	for _, name := range students {
		w.press(name, "/student/"+slug+"/profile", url.Values{"allows": {"1"}, "shows_major": {"1"}})
	}
	w.recruits(c, slug, recruiter, students)
}

// imported brings a file of students in, and tells whether it is.
func (w *town) imported(c *client, file string) bool {
	w.t.Helper()
	if get[list[made]](c, "/students").Total > 0 {
		return true
	}
	if get[list[made]](c, "/students/imports").Total == 0 {
		want[made](c, http.StatusAccepted, "POST", "/students/imports", []byte(file))
	}
	return false
}

// recruits lets a recruiter do everything at an institution that students answer.
func (w *town) recruits(c *client, slug, recruiter string, students []string) {
	w.t.Helper()
	r := w.requested(c, recruiter, slug)
	type employer struct {
		CompanyID string `json:"company_id"`
	}
	company := get[list[employer]](c, "/employers?connection=requested").Data[0].CompanyID
	w.must(c, http.StatusOK, "POST", "/employers/"+company+"/approve", nil)
	here := w.institutionID(r, slug)
	job := want[made](r, http.StatusCreated, "POST", "/jobs", body{"title": "Engineer", "description": "Build.", "institutions": []string{here}}).ID
	w.must(c, http.StatusOK, "POST", "/jobs/"+job+"/approve", nil)
	day := time.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	interview := want[made](r, http.StatusCreated, "POST", "/interview-requests",
		body{"institution": here, "job": job, "date": day, "starts_at": "09:00", "slots": 5, "slot_minutes": 30}).ID
	w.must(c, http.StatusOK, "POST", "/interview-requests/"+interview+"/approve", nil)
	var to []string
	for _, s := range get[list[made]](r, "/students?institution="+here).Data {
		to = append(to, s.ID)
	}
	if len(to) != len(students) {
		w.t.Fatalf("%d students are found", len(to))
	}
	w.must(r, http.StatusCreated, "POST", "/messages", body{"institution": here, "students": to, "subject": "A talk", "body": "Would you like to?"})
	for i, name := range students {
		w.press(name, "/student/"+slug+"/interviews/"+interview+"/take", url.Values{"slot": {string(rune('1' + i))}})
	}
	w.reports(r, slug, students[0])
}

// reports lets a student report the own conversation, which is one of the recruiter's.
func (w *town) reports(r *client, slug, student string) {
	w.t.Helper()
	for _, thread := range get[list[made]](r, "/messages").Data {
		status, _ := w.visitors[student].do("POST", "/student/"+slug+"/messages/"+thread.ID+"/report", url.Values{"reason": {"Odd"}})
		if status == http.StatusOK {
			return
		}
	}
	w.t.Fatalf("%s has no conversation to report", student)
}

// find notes the ids of things, which the outside does not always tell.
func (w *town) find() {
	w.t.Helper()
	d, err := db.Open(w.t.Context(), "sqlite:"+filepath.Join(w.dir, "beckon.db"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer d.Close()
	for slug, found := range map[string]ids{"elm": w.own, "oak": w.foreign} {
		// A long act, which takes more contacts than a test should make.
		_, err := d.SQL().Exec(`INSERT INTO acts (institution_id, kind, state, actor, created_at, finished_at)
			SELECT id, 'labels', 'done', '{}', 1, 1 FROM institutions WHERE slug = $1`, slug)
		if err != nil {
			w.t.Fatal(err)
		}
		for kind, query := range finders {
			var id int64
			if err := d.SQL().QueryRow(strings.ReplaceAll(query, "THIS", `(SELECT id FROM institutions WHERE slug = '`+slug+`')`)).Scan(&id); err != nil {
				w.t.Fatalf("%s of %s: %v", kind, slug, err)
			}
			found[kind] = db.FormatID(id)
		}
	}
}

// finders ask for one thing of each kind. Students' own things are those of the one who reports.
var finders = map[string]string{
	"institution":    `SELECT id FROM institutions WHERE id = THIS`,
	"contact":        `SELECT MIN(id) FROM contacts WHERE institution_id = THIS`,
	"import":         `SELECT MIN(id) FROM acts WHERE institution_id = THIS AND kind = 'import'`,
	"student import": `SELECT MIN(id) FROM acts WHERE institution_id = THIS AND kind = 'student_import'`,
	"act":            `SELECT MIN(id) FROM acts WHERE institution_id = THIS AND kind = 'labels'`,
	"bulk invite":    `SELECT MIN(id) FROM bulk_invites WHERE institution_id = THIS`,
	"label":          `SELECT MIN(id) FROM labels WHERE institution_id = THIS AND kind <> 'system'`,
	"view":           `SELECT MIN(id) FROM views WHERE institution_id = THIS`,
	"explore":        `SELECT MIN(id) FROM explores WHERE institution_id = THIS`,
	"student":        `SELECT t.student_id FROM threads t JOIN message_reports r ON r.thread_id = t.id WHERE t.institution_id = THIS`,
	"interview":      `SELECT MIN(id) FROM interview_requests WHERE institution_id = THIS`,
	"report":         `SELECT MIN(id) FROM message_reports WHERE institution_id = THIS`,
	"staff":          `SELECT MAX(user_id) FROM staff WHERE institution_id = THIS`,
	"token":          `SELECT MIN(id) FROM api_tokens WHERE institution_id = THIS`,
	"job":            `SELECT MIN(job_id) FROM job_postings WHERE institution_id = THIS`,
	"company":        `SELECT MIN(company_id) FROM interview_requests WHERE institution_id = THIS`,
	"membership":     `SELECT MAX(m.id) FROM memberships m JOIN interview_requests r ON r.company_id = m.company_id WHERE r.institution_id = THIS`,
	"thread":         `SELECT thread_id FROM message_reports WHERE institution_id = THIS`,
	"session":        `SELECT MIN(x.id) FROM sessions x JOIN users u ON u.id = x.user_id WHERE u.first_name = 'Sam'`,
	"user token":     `SELECT MIN(x.id) FROM api_tokens x JOIN users u ON u.id = x.user_id WHERE u.first_name = 'Tacita'`,
}

// fetch makes a request and reads the answer.
func fetch(c *http.Client, r *http.Request) (*http.Response, string, error) {
	answer, err := c.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer, string(text), err
}

// copy is the town in a folder of its own, served by a process of its own, which ends with
// the test: what is done there happens nowhere else.
func (w *town) copy(t *testing.T) *site {
	t.Helper()
	s := newSite(t, "", newSink(t))
	for _, name := range []string{"beckon.db", "secret.key"} {
		from, err := os.Open(filepath.Join(w.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer from.Close()
		to, err := os.OpenFile(filepath.Join(s.dir, name), os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(to, from); err != nil {
			t.Fatal(err)
		}
		if err := to.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s.serve()
	return s
}
