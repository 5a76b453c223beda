package api

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

// A label added a moment ago is in the next query, and every drill lists what it says.
func TestExploreThroughTheAPI(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm, oak := h.institution("Elm"), h.institution("Oak")
		elm.addContact("ann@acme.example", "Fair")
		bob := elm.addContact("bob@hale.example")
		oak.addContact("cem@acme.example", "Theirs")
		elm.want(200, "POST", "/contacts/labels", object{"selection": object{"ids": []string{bob}}, "add": []string{"Fair", "New"}})
		a := elm.want(200, "POST", "/insights/contacts/query", object{"dimensions": []string{"label"}, "measures": []string{"contacts", "domains"}, "totals": true})
		if got := fmt.Sprint(a.json["rows"], a.json["totals"], a.json["overlaps"], a.json["truncated"]); got != "[[Fair 2 2] [New 1 1]] [<nil> 2 2] true false" {
			t.Errorf("%s", a.raw)
		}
		for i, drill := range a.json["drills"].([]any) {
			listed := elm.want(200, "GET", "/contacts?"+drill.(string), nil)
			if row := a.json["rows"].([]any)[i].([]any); listed.json["total"] != row[1] {
				t.Errorf("%v, but %v are listed", row, listed.json["total"])
			}
		}
		if cells := fmt.Sprint(a.json["columns"].([]any)[0], a.json["cell_drills"].([]any)[0]); !strings.Contains(cells, "label:Label") || !strings.Contains(cells, "[<nil> label=Fair <nil>]") {
			t.Errorf("%s", cells)
		}
		elm.want(200, "PATCH", "/contacts/"+bob, object{"archived": true})
		archived := object{"dimensions": []string{"archived"}, "measures": []string{"contacts"}, "filter": object{"archived": "any"}}
		if a := elm.want(200, "POST", "/insights/contacts/query", archived); fmt.Sprint(a.json["rows"], a.json["drills"]) != "[[false 1] [true 1]] [ archived=yes]" {
			t.Errorf("%s", a.raw)
		}
		elm.want(200, "PATCH", "/contacts/"+bob, object{"archived": false})
		for _, filter := range []any{"label=new", object{"label": "new"}, object{"label": []string{"new"}, "standing": []string{"contact", "user"}}} {
			if a := elm.want(200, "POST", "/insights/contacts/query", object{"measures": []string{"contacts"}, "filter": filter}); fmt.Sprint(a.json["rows"]) != "[[1]]" {
				t.Errorf("%v: %s", filter, a.raw)
			}
		}
	})
}

func TestExploreNamesWhatItCannotAccept(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	for want, query := range map[string]object{
		"body.dimensions":     {"dimensions": []string{"colour"}},
		"body.dimensions ":    {"dimensions": []string{"label", "label"}},
		"body.measures":       {"measures": []string{"contacts", "contacts"}},
		"body.measures ":      {"dimensions": []string{}},
		"body.measures  ":     {"dimensions": []string{"label"}, "measures": []string{"label"}},
		"body.sorts":          {"measures": []string{"contacts"}, "sorts": []object{{"field": "label"}}},
		"body.pivot":          {"measures": []string{"contacts"}, "pivot": "contacts"},
		"body.limit":          {"measures": []string{"contacts"}, "limit": 0},
		"body.limit ":         {"measures": []string{"contacts"}, "limit": 10001},
		"body.format":         {"measures": []string{"contacts"}, "format": "pdf"},
		"body.filter.colour":  {"measures": []string{"contacts"}, "filter": object{"colour": "red"}},
		"body.filter":         {"measures": []string{"contacts"}, "filter": 7},
		"body.filter.limit":   {"measures": []string{"contacts"}, "filter": "limit=4"},
		"body.filter.reached": {"measures": []string{"contacts"}, "filter": object{"reached": ""}},
	} {
		a := elm.want(422, "POST", "/insights/contacts/query", query)
		var at []string
		for _, e := range a.json["errors"].([]any) {
			at = append(at, e.(map[string]any)["location"].(string))
		}
		if !slices.Equal(at, []string{strings.TrimSpace(want)}) {
			t.Errorf("%v: %v", query, at)
		}
	}
}

// Rows are lists, without columns too.
func TestExplorePivotOfNobody(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	a := h.institution("Elm").want(200, "POST", "/insights/contacts/query", object{"measures": []string{"contacts"}, "pivot": "label", "totals": true})
	if !bytes.Contains(a.raw, []byte(`"columns":[],"rows":[[]],"drills":[""],"cell_drills":[[]],"totals":[],`)) {
		t.Errorf("%s", a.raw)
	}
}

func TestExploreModel(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	a := h.institution("Elm").want(200, "GET", "/insights/contacts", nil)
	dimensions, measures := a.json["dimensions"].([]any), a.json["measures"].([]any)
	if len(dimensions) != 21 || len(measures) != 12 {
		t.Errorf("%d dimensions, %d measures", len(dimensions), len(measures))
	}
	for _, f := range slices.Concat(dimensions, measures) {
		for _, name := range []string{"name", "label", "type", "description", "group"} {
			if f.(map[string]any)[name] == "" {
				t.Errorf("%v has no %s", f, name)
			}
		}
	}
}

func TestExploreAsFile(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	elm.addContact("ann@acme.example", "=1+1")
	elm.addContact("bob@acme.example")
	query := object{"dimensions": []string{"label", "created_month"}, "measures": []string{"contacts", "approval_rate"}, "totals": true, "format": "csv"}
	a := elm.want(200, "POST", "/insights/contacts/query", query)
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(a.raw, []byte("\ufeff")))).ReadAll()
	if err != nil || fmt.Sprint(rows) != "[[Label Added, month Contacts Approval rate] ['=1+1 2026-11-01 1 0] [ 2026-11-01 1 0] [Total (each contact once)  2 0]]" {
		t.Errorf("%q, %v", rows, err)
	}
	query["format"] = "xlsx"
	a = elm.want(200, "POST", "/insights/contacts/query", query)
	book, err := excelize.OpenReader(bytes.NewReader(a.raw))
	if err != nil {
		t.Fatal(err)
	}
	rows, err = book.GetRows("Contacts")
	if err != nil || fmt.Sprint(rows) != "[[Label Added, month Contacts Approval rate] [=1+1 2026-11-01 1 0.00%] [ 2026-11-01 1 0.00%] [Total (each contact once)  2 0.00%]]" {
		t.Errorf("%q, %v", rows, err)
	}
	if a.header.Get("Content-Disposition") != `attachment; filename="contacts-explore.xlsx"` {
		t.Errorf("%v", a.header)
	}
}

func TestSavedExploresThroughTheAPI(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm := h.institution("Elm")
	id := elm.want(201, "POST", "/insights/explores", object{"name": "By label", "query": "dim=label"}).id()
	again := elm.want(201, "POST", "/insights/explores", object{"name": "By label", "query": "dim=company"})
	if again.id() != id || again.json["shared"] != true {
		t.Errorf("%s", again.raw)
	}
	if all := elm.want(200, "GET", "/insights/explores", nil).data(); len(all) != 1 || all[0]["query"] != "dim=company" {
		t.Errorf("%v", all)
	}
	elm.want(422, "POST", "/insights/explores", object{"name": " ", "query": "dim=label"})
	elm.want(204, "DELETE", "/insights/explores/"+id, nil)
	elm.want(404, "DELETE", "/insights/explores/"+id, nil)
}
