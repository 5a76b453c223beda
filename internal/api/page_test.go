package api

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

// all reads a list to its end, in parts of n.
func (c caller) all(path string, n int) (ids []string) {
	c.h.t.Helper()
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	next := ""
	for range 100 {
		a := c.want(200, "GET", fmt.Sprintf("%s%slimit=%d%s", path, join, n, next), nil)
		for _, x := range a.data() {
			ids = append(ids, x["id"].(string))
		}
		if a.json["next_cursor"] == nil {
			if a.json["total"] != float64(len(ids)) {
				c.h.t.Errorf("%s: total %v of %d", path, a.json["total"], len(ids))
			}
			return ids
		}
		if len(a.data()) != n {
			c.h.t.Errorf("%s: a part of %d, want %d", path, len(a.data()), n)
		}
		next = "&cursor=" + url.QueryEscape(a.json["next_cursor"].(string))
	}
	c.h.t.Fatalf("%s has no end", path)
	return nil
}

// TestListsAreWholeInParts reads every list in parts of every size.
func TestListsAreWholeInParts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm, oak := h.institution("Elm"), h.institution("Oak")
		h.institution("Ash")
		var rita caller
		for i := range 5 {
			company := h.company(fmt.Sprintf("Company %d", i))
			rita = h.recruiter(fmt.Sprintf("r%d@c%d.example", i, i), company)
			rita.want(200, "POST", "/institutions/"+db.FormatID(elm.id)+"/request", nil)
			if i%2 == 0 {
				elm.want(200, "POST", "/employers/"+db.FormatID(company)+"/approve", nil)
			}
			elm.addContact(fmt.Sprintf("p%d@x.example", i), fmt.Sprintf("Label %d", i))
			elm.want(202, "POST", "/contacts/imports", fmt.Sprintf("email,first_name,last_name\nbad,A,B\nq%d@y.example,A,B\n", i))
		}
		h.works()
		for range 5 {
			rita.want(201, "POST", "/jobs", object{"title": "Engineer", "description": "Build.", "institutions": []string{db.FormatID(elm.id)}})
		}
		for i := range 3 {
			elm.want(202, "POST", "/bulk-invites", object{"selection": object{"filter": object{"q": fmt.Sprintf("p%d@", i)}}})
		}
		bulk := elm.want(202, "POST", "/bulk-invites", object{"selection": object{"filter": "q=y.example"}}).id()
		for _, x := range []struct {
			caller
			path string
			want int
		}{
			{elm, "/contacts", 15}, {elm, "/contacts?sort=-email&domain=y.example", 5}, {elm, "/contacts/imports", 5}, {elm, "/labels", 5},
			{elm, "/bulk-invites", 4}, {elm, "/bulk-invites/" + bulk + "/invites", 5}, {elm, "/bulk-invites/" + bulk + "/invites?state=queued", 5},
			{elm, "/employers", 5}, {elm, "/employers?connection=requested", 2}, {elm, "/employers?connection=approved", 3},
			{elm, "/jobs", 5}, {elm, "/jobs?state=pending", 5}, {elm, "/jobs?state=approved", 0}, {rita, "/jobs", 5}, {rita, "/institutions", 3},
			{oak, "/contacts", 0},
		} {
			whole := x.all(x.path, 500)
			if len(whole) != x.want {
				t.Errorf("%s: %d, want %d", x.path, len(whole), x.want)
			}
			for n := 1; n <= 5; n++ {
				if got := x.all(x.path, n); fmt.Sprint(got) != fmt.Sprint(whole) {
					t.Errorf("%s by %d: %v, want %v", x.path, n, got, whole)
				}
			}
		}
		elm.all("/audit-events", 7)
	})
}

func TestForeignCursors(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	elm, oak := h.institution("Elm"), h.institution("Oak")
	for _, c := range []caller{elm, oak} {
		for i := range 3 {
			c.addContact(fmt.Sprintf("p%d@x.example", i), fmt.Sprintf("Label %d", i))
		}
	}
	cursor := func(path string) string {
		return url.QueryEscape(elm.want(200, "GET", path, nil).json["next_cursor"].(string))
	}
	labels, contacts := cursor("/labels?limit=1"), cursor("/contacts?limit=1&sort=email")
	elm.want(200, "GET", "/labels?limit=2&cursor="+labels, nil)
	elm.want(200, "GET", "/contacts?limit=2&sort=email&cursor="+contacts, nil)
	oak.want(422, "GET", "/labels?cursor="+labels, nil)
	oak.want(422, "GET", "/contacts?sort=email&cursor="+contacts, nil)
	elm.want(422, "GET", "/contacts/imports?cursor="+labels, nil)
	elm.want(422, "GET", "/contacts?sort=-email&cursor="+contacts, nil)
	elm.want(422, "GET", "/contacts?sort=email&q=x&cursor="+contacts, nil)
	elm.want(422, "GET", "/labels?cursor="+labels[:len(labels)-2]+"__", nil)
	elm.want(422, "GET", "/audit-events?cursor="+url.QueryEscape(forged(t, elm, "!", "audit-events")), nil)
	elm.want(422, "GET", "/students?cursor="+url.QueryEscape(forged(t, elm, `{"Key":"\u0000","ID":1}`, "students", "", "", "", "")), nil)
}

// forged is a cursor of the right list for a place that it does not have.
func forged(t *testing.T, c caller, place string, list ...string) string {
	t.Helper()
	token, err := c.h.deps.Accounts.CheckToken(t.Context(), c.token)
	c.h.must(err)
	return *cursor(seal(withCaller(t.Context(), token), list...), place)
}
