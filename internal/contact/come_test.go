package contact

import (
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/gate"
)

// come lets the user do something at elm that makes contacts.
func (h *house) come(userID int64, source string) {
	h.t.Helper()
	err := h.d.Write(h.ctx, func(tx *db.Tx) error { return h.book.Come(h.ctx, tx, 1, userID, source) })
	if err != nil {
		h.t.Fatal(err)
	}
}

// only is the one contact of elm.
func (h *house) only() Contact {
	h.t.Helper()
	any, err := ParseFilter(map[string][]string{"archived": {"any"}}, time.UTC)
	if err != nil {
		h.t.Fatal(err)
	}
	page, err := h.book.Find(h.ctx, h.elm, Search{Filter: any, Limit: 10})
	if err != nil || len(page.Contacts) != 1 {
		h.t.Fatalf("the contacts are %+v, %v", page.Contacts, err)
	}
	return page.Contacts[0]
}

func TestComeMakesAContactOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.user(7, "dana@home.example")
		h.exec(`INSERT INTO user_addresses (user_id, email, email_key, verified_at, is_primary, created_at) VALUES (7, 'Dana@Northwind.example', 'dana@northwind.example', 1, 1, 1)`)
		h.exec(`INSERT INTO companies (id, name, name_key, created_at, updated_at) VALUES (3, 'Northwind', 'northwind', 1, 1)`)
		h.exec(`INSERT INTO memberships (user_id, company_id, state, requested_at) VALUES (7, 3, 'approved', 1)`)
		h.come(7, SourceJob)
		c := h.only()
		if c.Email != "Dana@Northwind.example" || c.Name() != "Dana Whitfield" || c.CompanyName != "Northwind" || c.Source != SourceJob ||
			c.UserID != 7 || c.CompanyID != 3 || c.Standing != gate.IsMember {
			t.Errorf("came as %+v", c)
		}
		history, err := h.book.History(h.ctx, h.elm, c.ID)
		if err != nil || len(history) == 0 || !strings.Contains(told(history), "Came by posting a job here") {
			t.Errorf("the history is %q, %v", told(history), err)
		}
		h.come(7, SourceMessage)
		if again := h.only(); again.Source != SourceJob || again.ID != c.ID {
			t.Errorf("came again as %+v", again)
		}
		if _, err := h.book.Archive(h.ctx, h.elm, c.ID); err != nil {
			t.Fatal(err)
		}
		h.come(7, SourceMessage)
		if !h.only().Archived {
			t.Error("an archived contact was brought back")
		}
		if err := h.book.Delete(h.ctx, h.elm, c.ID); err != nil {
			t.Fatal(err)
		}
		h.come(7, SourceMessage)
		if again := h.only(); again.Source != SourceMessage || again.ID == c.ID || again.Standing != gate.IsMember {
			t.Errorf("after the deletion: %+v", again)
		}
		if n := h.number(`SELECT COUNT(*) FROM contacts WHERE institution_id = 2`); n != 0 {
			t.Errorf("another institution has %d", n)
		}
	})
}

// told is the sentences of a history.
func told(entries []Entry) string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Text())
	}
	return strings.Join(all, "\n")
}

func TestComeKnowsEveryAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.user(7, "dana@northwind.example")
		h.exec(`INSERT INTO user_addresses (user_id, email, email_key, verified_at, created_at) VALUES (7, 'd_w@home.example', 'd_w@home.example', 1, 1)`)
		h.exec(`INSERT INTO user_addresses (user_id, email, email_key, verified_at, created_at) VALUES (7, 'claimed@else.example', 'claimed@else.example', 0, 1)`)
		h.merge(h.elm, []Incoming{incoming(t, Fields{Email: "ada@else.example", FirstName: "Ada", LastName: "Doe"})}, SourceUpload)
		for others, there := range map[string]bool{"claimed@else.example": false, "dxw@home.example": false, "a@x.example\nD_W@HOME.example": true, "dana@northwind.example": true} {
			h.exec(`UPDATE contacts SET other_emails = $1 WHERE email_key = 'ada@else.example'`, others)
			h.come(7, SourceMessage)
			if n := h.number(`SELECT COUNT(*) FROM contacts WHERE source = 'messaged'`); (n == 0) != there {
				t.Errorf("beside a contact with %q as further addresses %d came", others, n)
			}
			h.exec(`DELETE FROM contacts WHERE source = 'messaged'`)
		}
		h.add("d_w@home.example")
		h.exec(`DELETE FROM contacts WHERE email_key = 'ada@else.example'`)
		h.come(7, SourceMessage)
		if c := h.only(); c.Email != "d_w@home.example" || c.Source == SourceMessage {
			t.Errorf("came beside the own entry: %+v", c)
		}
	})
}

// Whoever the book cannot hold does what they do all the same.
func TestComeLeavesOutWhomTheBookCannotHold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.user(7, "dana@northwind.example")
		h.exec(`UPDATE users SET first_name = '' WHERE id = 7`)
		h.user(8, "nobody@nowhere")
		h.come(7, SourceMessage)
		h.come(8, SourceMessage)
		if n := h.number(`SELECT COUNT(*) FROM contacts`); n != 0 {
			t.Errorf("%d came", n)
		}
	})
}

func TestComeAtOnceMakesOneContact(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.user(7, "dana@northwind.example")
		h.exec(`INSERT INTO user_addresses (user_id, email, email_key, verified_at, created_at) VALUES (7, 'd@home.example', 'd@home.example', 1, 1)`)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := d.Write(h.ctx, func(tx *db.Tx) error { return h.book.Come(h.ctx, tx, 1, 7, SourceInterview) }); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if c := h.only(); c.Standing != gate.IsUser || c.UserID != 7 {
			t.Errorf("came as %+v", c)
		}
	})
}
