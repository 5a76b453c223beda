package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// somebody is one kind of visitor, by pages or by the API.
type somebody struct {
	name string
	// works and studies are the institution's slug, "" for none.
	works, studies string
	// may are permissions where they work, or scopes of the token.
	may []string
	// recruits is where the person's company may recruit; nobody's may at both.
	recruits whose
	// stranger has no account.
	stranger bool
	// knows are the private words that the person may read.
	knows []string
}

// private are words that stand in few people's pages: addresses, names of students, and
// somebody of a company who is no contact.
var private = []string{stella, "Quillfeather", sam, "Underhill", olivia, "Thornbury", nora, silent, "Tacita", "Unlisted", oakling}

// elms are the words that all staff of Elm may read: of its students and its contacts.
var elms = []string{stella, "Quillfeather", sam, "Underhill", nora}

var oaks = []string{olivia, "Thornbury", oakling}

// visitors are those of pages.
var visitors = []somebody{
	{name: "nobody", stranger: true},
	{name: "owner", works: "elm", may: scopes, knows: elms},
	{name: "manager", works: "elm", may: []string{"read", "contacts", "invite", "review", "settings"}, knows: elms},
	{name: "coordinator", works: "elm", may: []string{"read", "contacts", "invite"}, knows: elms},
	{name: "reviewer", works: "elm", may: []string{"read", "review"}, knows: elms},
	{name: "viewer", works: "elm", may: []string{"read"}, knows: elms},
	{name: "oak owner", works: "oak", may: scopes},
	{name: "stella", studies: "elm", knows: []string{stella, "Quillfeather"}},
	{name: "olivia", studies: "oak", knows: []string{olivia, "Thornbury"}},
	{name: "nora", recruits: own, knows: []string{nora, silent, "Tacita", "Unlisted"}},
	{name: "alder"},
	{name: "bo"},
	{name: "una"},
	{name: "otto", recruits: foreign, knows: []string{oakling}},
}

// verdict is how a visit ends.
type verdict string

const (
	open      verdict = "open"
	asked     verdict = "asked to sign in"
	forbidden verdict = "forbidden"
	hidden    verdict = "hidden"
)

// whose says to whom the thing belongs that a path names.
type whose string

const (
	nones    whose = "" // it names none, or one of the network
	own      whose = "Elm's"
	foreign  whose = "Oak's"
	personal whose = "one person's at Elm"
)

// expects are the ways in which a visit to a page may rightly end.
func (v somebody) expects(need string, of whose) []verdict {
	switch need {
	case byAnybody:
		return []verdict{open, asked}
	case byLink:
		return []verdict{open, asked, hidden}
	case byNobody:
		return []verdict{hidden}
	}
	if v.stranger {
		return []verdict{asked}
	}
	switch need {
	case bySignedIn:
		if of == foreign {
			return []verdict{hidden}
		}
		return []verdict{open, forbidden, hidden} // what the form names, or a company, may be missing
	case byEmployer:
		if of == nones || of == v.recruits {
			return []verdict{open}
		}
		return []verdict{hidden, forbidden}
	case byGate:
		if v.recruits == own {
			return []verdict{open}
		}
		return []verdict{forbidden}
	case byStudent:
		if v.studies != "elm" || of == foreign {
			return []verdict{hidden}
		}
		return []verdict{open}
	}
	return v.atDesk(need, of)
}

// atDesk are those of a page of Elm's staff.
func (v somebody) atDesk(need string, of whose) []verdict {
	switch {
	case v.works != "elm":
		return []verdict{hidden}
	case !slices.Contains(v.may, need) && of == nones:
		return []verdict{forbidden}
	case !slices.Contains(v.may, need), of == personal && v.name != "owner":
		return []verdict{forbidden, hidden}
	case of == foreign:
		return []verdict{hidden}
	}
	return []verdict{open}
}

// TestEveryPageForEverybody visits every page and sends every form as people of all kinds,
// each in a town of their own, and compares with the rules.
func TestEveryPageForEverybody(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	all := ordered(routes(t))
	for _, v := range visitors {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			c := &crawl{town: w, t: t, v: v, url: w.copy(t).url, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
			if !v.stranger {
				c.client.Jar = w.visitors[v.name].client.Jar
			}
			for _, r := range all {
				c.page(r)
			}
			c.ends()
		})
	}
}

// ordered has what only looks before what acts, and what ends things at last.
func ordered(all []route) []route {
	ending := func(r route) int {
		switch {
		case r.method == http.MethodGet:
			return 0
		case r.method == http.MethodDelete, strings.HasSuffix(r.path, "/lift"):
			return 3
		case r.path == "/sign-out", r.path == "/recruit/company/leave":
			return 4
		}
		for _, end := range []string{"/delete", "/remove", "/revoke", "/end-others", "/end", "/cancel", "/withdraw", "/block", "/decline"} {
			if strings.HasSuffix(r.path, end) {
				return 2
			}
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b route) int {
		if d := ending(a) - ending(b); d != 0 {
			return d
		}
		return strings.Compare(a.path, b.path)
	})
	return all
}

// crawl is one visitor's way through a town.
type crawl struct {
	*town
	t      *testing.T
	v      somebody
	url    string
	client *http.Client
	// read are the private words that came.
	read []string
	// schemas are those of the API's description.
	schemas map[string]schema
}

// page visits one page of Elm, or sends its form, for things of all owners.
func (c *crawl) page(r route) {
	c.t.Helper()
	need, kind := needOf(c.t, r), kindOf(c.t, pageKinds, r.path, "{id}")
	for _, of := range c.owners(kind) {
		path := c.filled(r.path, kind, of)
		got, text := c.send(r.method, path, "application/x-www-form-urlencoded", c.form(r).Encode(), "")
		c.judge(r.method, path, got, text, c.v.expects(need, of))
	}
}

// owners are whose things a path is tried with; foreign ones come first, since nothing
// happens to them.
func (c *crawl) owners(kind string) []whose {
	switch {
	case kind == "" || kind == "mail" || slices.Contains(sharedKinds, kind):
		return []whose{nones}
	case slices.Contains(personalKinds, kind):
		return []whose{foreign, personal}
	case slices.Contains(othersKinds, kind):
		return []whose{foreign}
	}
	return []whose{foreign, own}
}

// filled puts ids and words where a path leaves room.
func (c *crawl) filled(path, kind string, of whose) string {
	thing := c.own[kind]
	if of == foreign {
		thing = c.foreign[kind]
	}
	if kind == "mail" {
		thing = "1"
	}
	path = strings.TrimSuffix(path, "{$}")
	for name, text := range map[string]string{"slug": "elm", "id": thing, "company_id": thing, "kind": "labels", "act": "approve", "page": "approvals",
		"step": "look", "name": "nothing", "token": "nothing", "file": "nothing"} {
		path = strings.ReplaceAll(path, "{"+name+"}", text)
	}
	if strings.Contains(path, "{") {
		c.t.Errorf("%s: tell this test what to put there", path)
	}
	return path
}

// day is far enough ahead for interviews.
func day() string { return time.Now().AddDate(0, 1, 0).Format(time.DateOnly) }

// form is what is sent with a page's form: nothing, but where the gate is to be asked, which
// comes after what is required.
func (c *crawl) form(r route) url.Values {
	elm := c.own["institution"]
	switch r.method + " " + r.path {
	case "POST /recruit/jobs":
		return url.Values{"title": {"Engineer"}, "description": {"Build."}, "institution": {elm}}
	case "POST /recruit/interviews":
		return url.Values{"job": {c.own["job"] + "_" + elm}, "date": {day()}, "starts_at": {"15:00"}, "slots": {"2"}, "slot_minutes": {"30"}}
	case "POST /recruit/messages", "POST /recruit/messages/new":
		return url.Values{"institution": {elm}, "id": {c.own["student"]}, "subject": {"A talk"}, "body": {"Would you like to?"}}
	case "POST /at/{slug}/settings/suppressed", "POST /at/{slug}/settings/suppressed/lift":
		return url.Values{"email": {"gone@firm.example"}}
	case "POST /student/{slug}/messages/{id}/block":
		return url.Values{"whom": {"company"}}
	case "POST /student/{slug}/blocked/lift":
		return url.Values{"company": {c.own["company"]}}
	case "POST /student/{slug}/interviews/{id}/take", "POST /student/{slug}/interviews/{id}/give-back":
		return url.Values{"slot": {"1"}}
	}
	return url.Values{}
}

// send makes one request and answers how it ended, and all that came back.
func (c *crawl) send(method, path, kind, body, token string) (verdict, string) {
	c.t.Helper()
	if method == http.MethodGet {
		body = ""
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if body != "" || method == http.MethodPost {
		r.Header.Set("Content-Type", kind)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, text, err := fetch(c.client, r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	to, _, _ := strings.Cut(answer.Header.Get("Location"), "?")
	switch {
	case answer.StatusCode >= http.StatusInternalServerError, answer.StatusCode == http.StatusMethodNotAllowed:
		c.t.Errorf("%s: %s %s answers %d: %s", c.v.name, method, path, answer.StatusCode, text)
	case answer.StatusCode == http.StatusNotFound:
		return hidden, text
	case answer.StatusCode == http.StatusForbidden:
		return forbidden, text
	case answer.StatusCode == http.StatusUnauthorized, to == "/sign-in":
		return asked, text
	}
	return open, fmt.Sprint(answer.StatusCode, answer.Header, text)
}

// judge compares with what is right, and looks for what the visitor must not read.
func (c *crawl) judge(method, path string, got verdict, text string, want []verdict) {
	c.t.Helper()
	if !slices.Contains(want, got) {
		c.t.Errorf("%s: %s %s is %s instead of %v: %.300s", c.v.name, method, path, got, want, text)
	}
	for _, word := range private {
		if !strings.Contains(text, word) {
			continue
		}
		c.read = append(c.read, word)
		if !slices.Contains(c.v.knows, word) {
			c.t.Errorf("%s: %s %s shows %s", c.v.name, method, path, word)
		}
	}
}

// ends checks that the visitor has read what is theirs to read, so that the words are right.
func (c *crawl) ends() {
	c.t.Helper()
	for _, word := range c.v.knows {
		if !slices.Contains(c.read, word) {
			c.t.Errorf("%s has read %s nowhere", c.v.name, word)
		}
	}
}

// callers are the visitors of the API, by their tokens. A token may what it has a scope for.
func callers() []somebody {
	all := []somebody{
		{name: "no token", stranger: true}, {name: "wrong token", stranger: true},
		{name: "elm", works: "elm", may: scopes, knows: elms}, {name: "oak", works: "oak", may: scopes, knows: oaks},
		{name: "nora", recruits: own, may: []string{"read", "recruit"}, knows: []string{nora}},
		{name: "nora read", recruits: own, may: []string{"read"}, knows: []string{nora}},
		{name: "otto", recruits: foreign, may: []string{"read", "recruit"}, knows: []string{oakling}},
		{name: "alder", may: []string{"read", "recruit"}},
		{name: "bo", may: []string{"read", "recruit"}},
		{name: "una", may: []string{"read", "recruit"}},
	}
	for _, scope := range scopes {
		all = append(all, somebody{name: "elm " + scope, works: "elm", may: []string{scope}, knows: elms})
	}
	return all
}

// TestEveryOperationForEverybody calls every operation of the API's own description with
// tokens of all kinds.
func TestEveryOperationForEverybody(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, v := range callers() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			c := &crawl{town: w, t: t, v: v, url: w.copy(t).url, client: http.DefaultClient}
			described := c.described()
			for _, r := range ordered(described.routes()) {
				c.operation(r, described.Paths[r.path][strings.ToLower(r.method)])
			}
			c.ends()
		})
	}
}

// operation calls one operation for things of all owners.
func (c *crawl) operation(r route, o operation) {
	c.t.Helper()
	i := longest(len(apiRules), func(i int) string { return apiRules[i].prefix }, r.method+" "+r.path)
	if i < 0 {
		c.t.Errorf("%s %s: tell this test which tokens may", r.method, r.path)
		return
	}
	kind := kindOf(c.t, apiKinds, r.path, "{")
	for _, of := range c.owners(kind) {
		path := "/api/v1" + c.filled(r.path, kind, of)
		if r.method == http.MethodGet && r.path == "/students" && c.v.works == "" {
			path += "?institution=" + c.own["institution"]
		}
		if slices.Contains(personalKinds, kind) {
			of = personal
		}
		content, text := c.body(r, o)
		got, text := c.send(r.method, path, content, text, c.token())
		c.judge(r.method, path, got, text, c.v.expectsOperation(r, apiRules[i].staff, apiRules[i].employer, of))
	}
}

func (c *crawl) token() string {
	if c.v.name == "wrong token" {
		return "bkn_" + strings.Repeat("x", 43)
	}
	return c.tokens[c.v.name]
}

// asksTheGate are the operations that employers' users get past the gate alone.
var asksTheGate = []string{"POST /jobs", "POST /interview-requests", "POST /messages", "GET /students"}

// expectsOperation are the ways in which a call may rightly end.
func (v somebody) expectsOperation(r route, staff, employer string, of whose) []verdict {
	need := staff
	if v.works == "" {
		need = employer
	}
	mine := v.recruits
	if v.works != "" {
		mine = map[string]whose{"elm": own, "oak": foreign}[v.works]
	}
	switch {
	case v.stranger:
		return []verdict{asked}
	case need == "" || need != "read" && !slices.Contains(v.may, need):
		return []verdict{forbidden}
	case of == personal, of != nones && of != mine: // a token is no person
		return []verdict{hidden}
	case v.works == "" && slices.Contains(asksTheGate, r.method+" "+r.path) && v.recruits != own,
		r.path == "/institutions/{id}/request" && (v.name == "bo" || v.name == "una"):
		return []verdict{forbidden}
	}
	return []verdict{open}
}

// description is what the test reads of the API's OpenAPI document.
type description struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]schema }
}

type operation struct {
	RequestBody struct {
		Content map[string]struct{ Schema schema }
	}
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Enum       []any
	Properties map[string]schema
	Required   []string
}

func (c *crawl) described() (d description) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), "GET", c.url+"/api/v1/openapi.json", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	_, text, err := fetch(c.client, r)
	if err == nil {
		err = json.Unmarshal([]byte(text), &d)
	}
	if err != nil || len(d.Paths) == 0 {
		c.t.Fatalf("%d paths are described, %v", len(d.Paths), err)
	}
	c.schemas = d.Components.Schemas
	return d
}

func (d description) routes() (all []route) {
	for path, methods := range d.Paths {
		for method := range methods {
			all = append(all, route{strings.ToUpper(method), path})
		}
	}
	return all
}

// body is what is required of an operation's body, made after its description; where the
// gate is asked, with things that exist.
func (c *crawl) body(r route, o operation) (kind, text string) {
	c.t.Helper()
	elm := c.own["institution"]
	var content any
	switch r.method + " " + r.path {
	case "POST /jobs":
		content = body{"title": "Engineer", "description": "Build.", "institutions": []string{elm}}
	case "POST /interview-requests":
		content = body{"institution": elm, "job": c.own["job"], "date": day(), "starts_at": "15:00", "slots": 2, "slot_minutes": 30}
	case "POST /messages":
		content = body{"institution": elm, "students": []string{c.own["student"]}, "subject": "A talk", "body": "Would you like to?"}
	default:
		described, ok := o.RequestBody.Content["application/json"]
		if !ok {
			return "text/csv", "email,first_name,last_name\n"
		}
		content = c.sample(described.Schema)
	}
	raw, err := json.Marshal(content)
	if err != nil {
		c.t.Fatal(err)
	}
	return "application/json", string(raw)
}

// sample is something that a schema allows.
func (c *crawl) sample(s schema) any {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return c.sample(c.schemas[name])
	}
	kind, ok := s.Type.(string)
	if kinds, several := s.Type.([]any); several && len(kinds) > 0 {
		kind, ok = kinds[0].(string)
	}
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case kind == "object" || !ok:
		made := body{}
		for _, name := range s.Required {
			if made[name] = c.sample(s.Properties[name]); moments[name] != "" {
				made[name] = moments[name]
			}
		}
		return made
	case kind == "array":
		return []any{}
	case kind == "boolean":
		return true
	case kind == "integer", kind == "number":
		return 1
	}
	return "x"
}

// moments are what fields for times may hold.
var moments = map[string]string{"date": day(), "starts_at": "15:00", "scheduled_at": time.Now().AddDate(0, 1, 0).Format(time.RFC3339)}
