package e2e

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"beckon/internal/db"
)

// TestGETChangesNothing opens every page that people can open and compares the database
// before and after.
func TestGETChangesNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	server := w.serve()
	file := filepath.Join(w.dir, "beckon.db")
	before := content(t, file)
	for _, v := range []somebody{{name: "owner"}, {name: "nora"}, {name: "stella"}} {
		c := &crawl{town: w, t: t, v: v, url: w.url, client: &w.visitors[v.name].client}
		for _, r := range routes(t) {
			if r.method == http.MethodGet {
				c.send(r.method, c.filled(r.path, kindOf(t, pageKinds, r.path, "{id}"), own), "", "", "")
			}
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
