package contact

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

func TestAddCleansAndLinks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.user(5, "ada@acme.example")
		c, err := h.book.Add(h.ctx, h.elm, New{Fields: Fields{Email: " Ada <ADA@Acme.example>", FirstName: " Ada\t", LastName: "Doe", Notes: "one\r\ntwo"}, Labels: []string{"Board", "board", " Alumni "}, Source: SourceAdded})
		if err != nil {
			t.Fatal(err)
		}
		if c.Email != "ADA@Acme.example" || c.FirstName != "Ada" || c.Notes != "one\ntwo" || !slices.Equal(c.Labels, []string{"Alumni", "Board"}) {
			t.Errorf("%+v", c)
		}
		if c.Standing != gate.IsUser || c.UserID != 5 || c.Missing() != gate.Membership || c.Source != SourceAdded || !c.CreatedAt.Equal(h.at) || c.Invite != "never" {
			t.Errorf("%+v", c)
		}
		var conflict fault.Conflict
		if _, err := h.book.Add(h.ctx, h.elm, New{Fields: Fields{Email: "ada@ACME.example", FirstName: "A", LastName: "B"}}); !errors.As(err, &conflict) || conflict.ExistingID != c.ID {
			t.Errorf("the same address again: %v", err)
		}
		if other, err := h.book.Add(h.ctx, h.oak, New{Fields: Fields{Email: "ada@acme.example", FirstName: "A", LastName: "B"}}); err != nil || other.ID>>32 != 2 {
			t.Errorf("the same address at another institution: %v", err)
		}
		_, err = h.book.Add(h.ctx, h.elm, New{Fields: Fields{Email: "ada", LastName: "\u200b"}})
		if !slices.Equal(paths(err), []string{"email", "first_name", "last_name"}) {
			t.Errorf("faults %v", err)
		}
		h.checkCounts()
	})
}

func TestScopesAreKept(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	c := h.add("ada@acme.example")
	reader := institution.Token(1, 1, "reader", nil)
	for what, err := range map[string]error{
		"get elsewhere":    second(h.book.Get(h.ctx, h.oak, c.ID)),
		"change elsewhere": second(h.book.Change(h.ctx, h.oak, c.ID, Change{})),
		"delete elsewhere": h.book.Delete(h.ctx, h.oak, c.ID),
		"history":          second(h.book.History(h.ctx, h.oak, c.ID)),
	} {
		if !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	var forbidden fault.Forbidden
	for what, err := range map[string]error{
		"add":    second(h.book.Add(h.ctx, reader, New{})),
		"change": second(h.book.Change(h.ctx, reader, c.ID, Change{})),
		"delete": h.book.Delete(h.ctx, reader, c.ID),
		"bulk":   second(h.book.Apply(h.ctx, reader, Selection{}, Bulk{Kind: BulkArchive})),
		"label":  second(h.book.CreateLabel(h.ctx, reader, "x", "", 0)),
		"view":   second(h.book.SaveView(h.ctx, reader, "x", Filter{}, false)),
		"find":   second(h.book.Find(h.ctx, institution.Scope{}, Search{Limit: 5})),
	} {
		if !errors.As(err, &forbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.staff(7, "dana@elm.example")
		h.user(5, "new@acme.example")
		taken := h.add("taken@acme.example")
		c := h.add("ada@acme.example", "Board", "Alumni")
		owner, labels := int64(7), []string{"Fair", "board"}
		h.at = h.at.Add(time.Hour)
		c, err := h.book.Change(h.ctx, h.elm, c.ID, Change{Fields: map[string]string{"email": "New@acme.example", "title": " Lead ", "company_name": "Acme"}, OwnerID: &owner, Labels: &labels})
		if err != nil {
			t.Fatal(err)
		}
		if c.Email != "New@acme.example" || c.Title != "Lead" || c.OwnerName != "Dana Whitfield" || !slices.Equal(c.Labels, []string{"Board", "Fair"}) || c.UserID != 5 || !c.UpdatedAt.Equal(h.at) {
			t.Errorf("%+v", c)
		}
		for query, want := range map[string]int{"new@acme": 1, "ada@acme": 0, "lead": 1} {
			if n, err := h.book.Count(h.ctx, h.elm, parse(t, map[string][]string{"q": {query}})); err != nil || n != want {
				t.Errorf("q=%s finds %d, %v", query, n, err)
			}
		}
		stranger := int64(5)
		for what, bad := range map[string]Change{
			"owner":  {OwnerID: &stranger},
			"email":  {Fields: map[string]string{"email": "x"}},
			"colour": {Fields: map[string]string{"colour": "red"}},
			"title":  {Fields: map[string]string{"title": strings.Repeat("x", 301)}},
		} {
			if _, err := h.book.Change(h.ctx, h.elm, c.ID, bad); !slices.Equal(paths(err), []string{what}) {
				t.Errorf("%s: %v", what, err)
			}
		}
		var conflict fault.Conflict
		if _, err := h.book.Change(h.ctx, h.elm, c.ID, Change{Fields: map[string]string{"email": "TAKEN@acme.example"}}); !errors.As(err, &conflict) || conflict.ExistingID != taken.ID {
			t.Errorf("a taken address: %v", err)
		}
		events := h.number(`SELECT COUNT(*) FROM audit_events`)
		if _, err := h.book.Change(h.ctx, h.elm, c.ID, Change{Fields: map[string]string{"title": "Lead"}}); err != nil || h.number(`SELECT COUNT(*) FROM audit_events`) != events {
			t.Errorf("nothing changed, and yet it was recorded: %v", err)
		}
		if c, err = h.book.Archive(h.ctx, h.elm, c.ID); err != nil || !c.Archived {
			t.Errorf("%v %v", c.Archived, err)
		}
		if c, err = h.book.Restore(h.ctx, h.elm, c.ID); err != nil || c.Archived {
			t.Errorf("%v %v", c.Archived, err)
		}
		h.checkCounts()
	})
}

func TestDeleteErases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.add("bo@acme.example", "Board")
		c := h.add("ada@acme.example", "Board")
		h.exec(`INSERT INTO bulk_invites (institution_id, id, state, created_at, created_by, request_hash, selection, message_domain, connect_on, after_signup, total)
			VALUES (1, 1, 'sent', 1, 'Dana', $1, '{}', 'x', 'send', 'ask', 1)`, []byte{1})
		h.exec(`INSERT INTO invites (institution_id, bulk_invite_id, contact_id, email, variant, state) VALUES (1, 1, $1, 'ada@acme.example', 'create_account', 'sent')`, c.ID)
		if err := h.book.Delete(h.ctx, h.elm, c.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.book.Delete(h.ctx, h.elm, c.ID); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("deleted twice: %v", err)
		}
		for _, table := range []string{`contacts WHERE email LIKE '%ada%'`, `invites WHERE email <> ''`, `audit_events WHERE detail LIKE '%ada@%'`, `contact_standing WHERE contact_id = ` + "4294967298"} {
			if n := h.number(`SELECT COUNT(*) FROM ` + table); n != 0 {
				t.Errorf("%d rows are left in %s", n, table)
			}
		}
		h.checkCounts()
	})
}

func TestLabels(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		board, err := h.book.CreateLabel(h.ctx, h.elm, " Board ", "", 3)
		if err != nil || board.Name != "Board" || board.Kind != LabelNormal {
			t.Fatalf("%+v, %v", board, err)
		}
		var conflict fault.Conflict
		if _, err := h.book.CreateLabel(h.ctx, h.elm, "BOARD", LabelPublic, 0); !errors.As(err, &conflict) || conflict.ExistingID != board.ID {
			t.Errorf("the same name again: %v", err)
		}
		cafe, err := h.book.CreateLabel(h.ctx, h.elm, "Café", LabelPublic, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.book.CreateLabel(h.ctx, h.elm, "Cafe", "", 0); err != nil {
			t.Errorf("accents count: %v", err)
		}
		if _, err := h.book.CreateLabel(h.ctx, h.elm, " ", LabelSystem, 99); !slices.Equal(paths(err), []string{"name", "kind", "color"}) {
			t.Errorf("%v", err)
		}
		h.add("ada@acme.example", "board", "Café")
		name, yes := "Cafe", true
		if _, err := h.book.ChangeLabel(h.ctx, h.elm, cafe.ID, LabelChange{Name: &name}); !errors.As(err, &conflict) {
			t.Errorf("a taken name: %v", err)
		}
		name = "BOARD members"
		if board, err = h.book.ChangeLabel(h.ctx, h.elm, board.ID, LabelChange{Name: &name, Archived: &yes}); err != nil || board.Contacts != 1 || !board.Archived {
			t.Errorf("%+v, %v", board, err)
		}
		h.add("bo@acme.example", "board members")
		if board, err = h.book.GetLabel(h.ctx, h.elm, board.ID); err != nil || board.Archived || board.Contacts != 2 {
			t.Errorf("a label that is used comes back: %+v, %v", board, err)
		}
		if err := h.book.DeleteLabel(h.ctx, h.oak, board.ID); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("deleted elsewhere: %v", err)
		}
		if err := h.book.DeleteLabel(h.ctx, h.elm, board.ID); err != nil {
			t.Fatal(err)
		}
		h.exec(`INSERT INTO labels (institution_id, name, name_key, kind, created_at) VALUES (1, 'Bounced', 'bounced', 'system', 1)`)
		if _, err := h.book.Apply(h.ctx, h.elm, Selection{}, Bulk{Kind: BulkLabels, Add: []string{"bounced"}}); len(paths(err)) != 1 {
			t.Errorf("a system label by hand: %v", err)
		}
		all, err := h.book.Labels(h.ctx, h.elm)
		if err != nil || len(all) != 3 || all[0].Name != "Bounced" || all[1].Name != "Cafe" {
			t.Errorf("%+v, %v", all, err)
		}
		h.checkCounts()
	})
}

func TestViews(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.exec(`UPDATE institutions SET timezone = 'Europe/Copenhagen' WHERE id = 1`)
		h.staff(7, "dana@elm.example")
		h.staff(8, "erik@elm.example")
		dana, err := institution.Staff(h.ctx, d, 7, 1)
		if err != nil {
			t.Fatal(err)
		}
		erik, err := institution.Staff(h.ctx, d, 8, 1)
		if err != nil {
			t.Fatal(err)
		}
		h.add("ada@acme.example", "Board")
		h.add("bo@acme.example")
		board := parse(t, map[string][]string{"label": {"Board"}})
		own, err := h.book.SaveView(h.ctx, dana, " Mine ", parse(t, map[string][]string{"created_after": {"2026-11-23"}}), false)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := h.book.SaveView(h.ctx, dana, "Mine", board, false); err != nil || again != own {
			t.Errorf("saved under its name again: %d, not %d, %v", again, own, err)
		}
		shared, err := h.book.SaveView(h.ctx, dana, "Ours", Filter{}, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			who  institution.Scope
			want []int
		}{{dana, []int{1, 2}}, {erik, []int{2}}, {h.oak, nil}} {
			views, err := h.book.Views(h.ctx, c.who)
			var counts []int
			for _, v := range views {
				counts = append(counts, v.Contacts)
			}
			if err != nil || !slices.Equal(counts, c.want) {
				t.Errorf("%v, %v, want %v", counts, err, c.want)
			}
		}
		if err := h.book.DeleteView(h.ctx, erik, own); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("somebody else's: %v", err)
		}
		if err := h.book.DeleteView(h.ctx, erik, shared); err != nil {
			t.Error(err)
		}
	})
}

func TestSuggest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		var rows []Incoming
		for i, company := range []string{"Ácme", "acme", "Acme Rockets", "Bolt", ""} {
			rows = append(rows, incoming(t, Fields{Email: texts("p%d@acme.example", 5)[i], FirstName: "A", LastName: "B", CompanyName: company}))
		}
		h.merge(h.elm, rows, "")
		found, err := h.book.Suggest(h.ctx, h.elm, "company", "AC", 5)
		if err != nil || len(found) != 2 || found[0].Contacts != 2 || found[1] != (Facet{"Acme Rockets", 1}) {
			t.Errorf("%v, %v", found, err)
		}
		if found, err = h.book.Suggest(h.ctx, h.elm, "company", "", 5); err != nil || len(found) != 3 {
			t.Errorf("%v, %v", found, err)
		}
		if found, err = h.book.Suggest(h.ctx, h.elm, "source", "", 5); err != nil || !slices.Equal(found, []Facet{{"", 5}}) {
			t.Errorf("%v, %v", found, err)
		}
		if found, err = h.book.Suggest(h.ctx, h.elm, "domain", "\x00", 5); err != nil || found != nil {
			t.Errorf("%v, %v", found, err)
		}
	})
}
