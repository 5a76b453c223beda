package e2e

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"beckon/internal/db"
)

// owned are the kinds of things that belong to an institution, by where their pages are. The
// others that a page of an institution names belong to the network: companies and jobs.
var owned = []string{"contacts", "imports", "invites", "labels", "acts", "views"}

// network is what any institution may name in its own pages.
var network = []string{"employers", "approvals", "jobs", "settings"}

// TestWalls walks every page of an institution: as staff of another one, and with ids of
// another one.
func TestWalls(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", newSink(t))
	s.run("migrate")
	elm, oak := s.institution("Elm University", "elm"), s.institution("Oak College", "oak")
	link := s.run("staff", "add", "olga@oak.example", "--institution", "oak", "--role", "owner")
	s.serve()
	ids := belongings(elm)
	belongings(oak)
	olga := s.signedIn(link)
	walked := 0
	for _, r := range routes(t) {
		rest, ok := strings.CutPrefix(r.path, "/at/{slug}")
		if !ok {
			continue
		}
		walked++
		for kind, id := range ids {
			named := filled(rest, id)
			if status, _ := olga.do(r.method, "/at/elm"+named, nil); status != http.StatusNotFound {
				t.Errorf("%s /at/elm%s answers a stranger %d", r.method, named, status)
			}
			if within(t, rest) != kind {
				continue
			}
			if status, _ := olga.do(r.method, "/at/oak"+named, nil); status != http.StatusNotFound {
				t.Errorf("%s /at/oak%s with an id of Elm answers %d", r.method, named, status)
			}
		}
	}
	if walked == 0 {
		t.Error("no page was found to walk")
	}
}

// within tells what kind of thing of an institution the id in a path names, "" for none.
func within(t *testing.T, path string) string {
	t.Helper()
	kind, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !strings.HasPrefix(rest, "{id}") {
		return ""
	}
	for _, k := range owned {
		if k == kind {
			return kind
		}
	}
	for _, k := range network {
		if k == kind {
			return ""
		}
	}
	t.Errorf("%s: tell this test whether %s belong to an institution", path, kind)
	return ""
}

// filled puts an id, or any word, where a path leaves room.
func filled(path, id string) string {
	path = strings.TrimSuffix(strings.ReplaceAll(path, "{id}", id), "{$}")
	for {
		before, rest, ok := strings.Cut(path, "{")
		if !ok {
			return path
		}
		_, after, _ := strings.Cut(rest, "}")
		path = before + "labels" + after
	}
}

// belongings gives an institution something of each kind and answers the ids. Those of a
// kind that the API does not tell are the smallest, which the first institution has.
func belongings(c *client) map[string]string {
	c.t.Helper()
	ids := map[string]string{"views": db.FormatID(1)}
	ids["imports"] = want[importState](c, http.StatusAccepted, "POST", "/contacts/imports", people(3)).ID
	ids["acts"] = ids["imports"]
	c.loaded(ids["imports"])
	ids["contacts"] = get[list[contact]](c, "/contacts").Data[0].ID
	ids["labels"] = want[struct{ ID string }](c, http.StatusCreated, "POST", "/labels", body{"name": "Fair"}).ID
	ids["invites"] = c.invite(everybody).ID
	c.sent(ids["invites"])
	return ids
}

// TestGETChangesNothing opens every page that staff can open and compares the database
// before and after.
func TestGETChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", newSink(t))
	s.run("migrate")
	elm := s.institution("Elm University", "elm")
	link := s.run("staff", "add", "eva@elm.example", "--institution", "elm", "--role", "owner")
	server := s.serve()
	ids := belongings(elm)
	eva := s.signedIn(link)
	file := filepath.Join(s.dir, "beckon.db")
	before := content(t, file)
	for _, r := range routes(t) {
		if r.method != http.MethodGet {
			continue
		}
		path := strings.Replace(r.path, "{slug}", "elm", 1)
		id := ids[within(t, strings.TrimPrefix(r.path, "/at/{slug}"))]
		status, page := eva.do(r.method, filled(path, id), nil)
		if status >= http.StatusInternalServerError {
			t.Errorf("GET %s answers %d: %s", path, status, page)
		}
	}
	server.stop()
	for table, rows := range content(t, file) {
		if rows != before[table] {
			t.Errorf("opening pages changed %s from\n%s to\n%s", table, before[table], rows)
		}
	}
}

// content is all that a SQLite file holds, by table.
func content(t *testing.T, file string) map[string]string {
	t.Helper()
	d, err := db.Open(t.Context(), "sqlite:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	tables := map[string]string{}
	names, err := d.SQL().Query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
	if err != nil {
		t.Fatal(err)
	}
	for names.Next() {
		var name string
		if err := names.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables[name] = ""
	}
	if err := names.Err(); err != nil {
		t.Fatal(err)
	}
	for name := range tables {
		tables[name] = rowsOf(t, d, name)
	}
	return tables
}

func rowsOf(t *testing.T, d *db.DB, table string) string {
	t.Helper()
	rows, err := d.SQL().Query(`SELECT * FROM "` + table + `"`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for rows.Next() {
		values, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&text, values...)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return text.String()
}
