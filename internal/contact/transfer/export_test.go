package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
)

func (h *house) export(sel contact.Selection, format string) string {
	h.Helper()
	var out bytes.Buffer
	if err := Export(h.ctx, h.imports.Book, h.scope, sel, format, &out); err != nil {
		h.Fatal(err)
	}
	return out.String()
}

func everybody(t *testing.T) contact.Selection {
	f, err := contact.ParseFilter(map[string][]string{"archived": {"any"}}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return contact.Selection{Filter: f}
}

// strange is a file of contacts that are hard to bring through a file and back.
const strange = "email,first_name,last_name,title,notes,phone,labels,archive,email 2,email 3\n" +
	"ada@one.example,=1+1,@SUM(A1),\"a, \"\"b\"\"\",\"two\nlines\",+49 30 1,Fair; 2026 ::: A,TRUE,ada@home.example,ada@two.example\n" +
	"+tag@one.example,''=x,O'Hara,'=y,'-z,-1,;A;b,,,\n" +
	"zoe@one.example,Zo\xc3\xab,\xe6\xa3\xae\xe6\x9c\xac,,,,,,,\n"

// An exported file can be imported again: nothing changes at home, and elsewhere it makes
// the same address book.
func TestExportComesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.want(h.run(h.scope, strange, Options{}), "done: 3 rows, 3 created, 0 updated, 0 unchanged, 0 rejected")
		h.run(h.scope, file(1500), Options{})
		text := h.export(everybody(t), "csv")
		h.want(h.run(h.scope, text, Options{}), "done: 1203 rows, 0 created, 0 updated, 1203 unchanged, 0 rejected")
		h.want(h.run(h.other, text, Options{}), "done: 1203 rows, 1203 created, 0 updated, 0 unchanged, 0 rejected")
		if here, there := h.people(h.scope), h.people(h.other); here != there {
			t.Errorf("%.500s\n%.500s", here, there)
		}
		labels := `SELECT COUNT(*) FROM contact_labels x JOIN labels l ON l.id = x.label_id WHERE x.institution_id = $1 AND l.name IN ('Fair; 2026', 'A', 'b')`
		if here, there := h.count(labels, 1), h.count(labels, 2); here != 4 || there != 4 {
			t.Errorf("%d labels here, %d there", here, there)
		}
		if n := h.count(`SELECT COUNT(*) FROM audit_events WHERE action = 'contact.exported'`); n != 1 {
			t.Errorf("%d audit events", n)
		}
	})
}

// No cell of an export begins a formula.
func TestExportHasNoFormulas(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.run(h.scope, strange, Options{})
		text := h.export(everybody(t), "csv")
		for _, cell := range []string{",'=1+1,", ",'@SUM(A1),", "\n'+tag@one.example,", ",+49 30 1,", ",-1,"} {
			if !strings.Contains(text, cell) {
				t.Errorf("no %q in %s", cell, text)
			}
		}
	})
}

func TestExportAsLinesOfJSON(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.run(h.scope, strange, Options{})
		lines := strings.Split(strings.TrimSpace(h.export(contact.Selection{}, "jsonl")), "\n")
		if len(lines) != 2 {
			t.Fatalf("%d lines: archived contacts are not asked for", len(lines))
		}
		var c map[string]any
		if err := json.Unmarshal([]byte(lines[0]), &c); err != nil {
			t.Fatal(err)
		}
		if c["email"] != "+tag@one.example" || c["first_name"] != "'=x" || c["standing"] != "contact" || len(c["labels"].([]any)) != 2 || c["owner"] != nil {
			t.Error(c)
		}
	})
}

func TestExportIsOfOneInstitution(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.run(h.other, file(5), Options{})
		h.run(h.scope, "email,first_name,last_name\na@one.example,A,One\n", Options{})
		sel := contact.Selection{IDs: []int64{1<<32 | 1, 2<<32 | 1, 2<<32 | 2}}
		if text := h.export(sel, "jsonl"); strings.Count(text, "\n") != 1 || !strings.Contains(text, "a@one.example") {
			t.Error(text)
		}
		var fields fault.Fields
		err := Export(h.ctx, h.imports.Book, h.scope, sel, "pdf", new(bytes.Buffer))
		if !errors.As(err, &fields) || fields[0].Path != "format" {
			t.Error(err)
		}
	})
}
