package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// client calls the API with a token.
type client struct {
	t          *testing.T
	url, token string
}

func (s *site) client(token string) *client { return &client{t: s.t, url: s.url, token: token} }

// body is a JSON object.
type body = map[string]any

// call answers the status and the JSON of one request. The body is []byte of a CSV file, or
// anything that becomes JSON, or nil. Headers are pairs of name and value.
func (c *client) call(method, path string, send any, header ...string) (int, []byte) {
	c.t.Helper()
	kind, content := "application/json", []byte(nil)
	switch b := send.(type) {
	case nil:
	case []byte:
		kind, content = "text/csv", b
	default:
		var err error
		if content, err = json.Marshal(send); err != nil {
			c.t.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+"/api/v1"+path, bytes.NewReader(content))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	if send != nil {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer.StatusCode, text
}

// want is call for one that must be answered with the status; it reads the answer into a T.
func want[T any](c *client, status int, method, path string, send any, header ...string) (v T) {
	c.t.Helper()
	got, text := c.call(method, path, send, header...)
	if got != status {
		c.t.Fatalf("%s %s: %d instead of %d: %s", method, path, got, status, text)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &v); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return v
}

// get reads what a path answers.
func get[T any](c *client, path string) T {
	c.t.Helper()
	return want[T](c, http.StatusOK, "GET", path, nil)
}

// list is a list of the API.
type list[T any] struct {
	Data  []T
	Total int
	Next  *string `json:"next_cursor"`
}

type contact struct {
	ID, Email, Standing string
	Labels              []string
}

type bulkInvite struct {
	ID, State string
	Total     int
	Variants  map[string]int
	Skipped   map[string]int
	Counts    map[string]int
}

type preview struct {
	Total    int
	WillSend int `json:"will_send"`
	Variants map[string]int
	Skipped  map[string]int
}

// contacts is how many contacts a query finds.
func (c *client) contacts(query string) int {
	c.t.Helper()
	return get[list[contact]](c, "/contacts?limit=1&"+query).Total
}

// standing is where the contact with the address stands.
func (c *client) standing(email string) string {
	c.t.Helper()
	found := get[list[contact]](c, "/contacts?q="+email)
	if found.Total != 1 {
		c.t.Fatalf("%d contacts have %s", found.Total, email)
	}
	return found.Data[0].Standing
}

type importState struct {
	ID, State                                   string
	Rows, Created, Updated, Unchanged, Rejected int
}

// load imports a file and waits until that is done.
func (c *client) load(file []byte) importState {
	c.t.Helper()
	return c.loaded(want[importState](c, http.StatusAccepted, "POST", "/contacts/imports", file).ID)
}

// loaded waits until an import is done.
func (c *client) loaded(id string) (i importState) {
	c.t.Helper()
	until(c.t, "the import is done", func() bool {
		i = get[importState](c, "/contacts/imports/"+id)
		return i.State == "done" || i.State == "failed"
	})
	if i.State != "done" {
		c.t.Fatalf("the import is %+v", i)
	}
	return i
}

// everybody selects all contacts.
var everybody = body{"filter": body{}}

// invite confirms a bulk invite.
func (c *client) invite(selection any) bulkInvite {
	c.t.Helper()
	return want[bulkInvite](c, http.StatusAccepted, "POST", "/bulk-invites", body{"selection": selection})
}

// invited invites everybody and answers the bulk invite's id when n mails have gone; the others
// are held, so that all of this happens within the sending.
func (s *sink) invited(c *client, n int) string {
	c.t.Helper()
	s.change(func() { s.most = n })
	id := c.invite(everybody).ID
	s.hold(n)
	return id
}

// sent waits until nothing of a bulk invite is left to send.
func (c *client) sent(id string) (b bulkInvite) {
	c.t.Helper()
	until(c.t, fmt.Sprintf("bulk invite %s is sent", id), func() bool {
		b = get[bulkInvite](c, "/bulk-invites/"+id)
		return b.State == "sent"
	})
	return b
}
