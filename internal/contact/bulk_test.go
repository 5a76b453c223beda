package contact

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"beckon/internal/act"
	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/gate"
)

// people puts n contacts into elm's book.
func (h *house) people(n int) (ids []int64) {
	h.t.Helper()
	var rows []Incoming
	for i := range n {
		rows = append(rows, incoming(h.t, Fields{Email: fmt.Sprintf("p%d@acme.example", i), FirstName: "Pat", LastName: "Doe"}))
	}
	for part := range slices.Chunk(rows, 2000) {
		for _, o := range h.merge(h.elm, part, "") {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

func (h *house) apply(sel Selection, what Bulk) Done {
	h.t.Helper()
	done, err := h.book.Apply(h.ctx, h.elm, sel, what)
	if err != nil {
		h.t.Fatal(err)
	}
	return done
}

func TestApplyAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.staff(7, "dana@elm.example")
		ids := h.people(6)
		foreign := h.merge(h.oak, []Incoming{incoming(t, Fields{Email: "x@acme.example", FirstName: "X", LastName: "Y"})}, "")[0].ID
		some := Selection{IDs: append([]int64{foreign, 99, id(99)}, ids[:4]...)}
		all := Selection{Except: ids[:1]}
		for _, c := range []struct {
			sel            Selection
			what           Bulk
			total, changed int
		}{
			{some, Bulk{Kind: BulkLabels, Add: []string{"Board", "Fair"}}, 4, 4},
			{all, Bulk{Kind: BulkLabels, Add: []string{"board"}}, 5, 2},
			{all, Bulk{Kind: BulkLabels, Remove: []string{"Board", "none such"}, Add: []string{"Fair"}}, 5, 5},
			{some, Bulk{Kind: BulkArchive}, 4, 4},
			{all, Bulk{Kind: BulkOwner, OwnerID: 7}, 2, 2},
			{some, Bulk{Kind: BulkRestore}, 4, 4},
			{all, Bulk{Kind: BulkOwner, OwnerID: 7}, 5, 3},
			{Selection{IDs: ids[:2]}, Bulk{Kind: BulkDelete}, 2, 2},
			{some, Bulk{Kind: BulkDelete}, 2, 2},
			{Selection{IDs: []int64{}}, Bulk{Kind: BulkDelete}, 0, 0},
		} {
			if done := h.apply(c.sel, c.what); done.Total != c.total || done.Changed != c.changed || done.ActID != 0 {
				t.Errorf("%+v: %+v, want %d of %d", c.what, done, c.changed, c.total)
			}
			h.checkCounts()
		}
		if n := h.number(`SELECT COUNT(*) FROM audit_events WHERE action LIKE 'contacts.%' AND list IS NOT NULL`); n != 9 {
			t.Errorf("%d events for 9 bulk acts on somebody", n)
		}
		if n := h.number(`SELECT contacts FROM labels WHERE name = 'Fair'`); n != 2 {
			t.Errorf("Fair is on %d contacts", n)
		}
		for want, bad := range map[string]Bulk{"kind": {Kind: "invite"}, "add": {Kind: BulkLabels}, "owner": {Kind: BulkOwner, OwnerID: 5}, "remove": {Kind: BulkLabels, Add: []string{"a"}, Remove: []string{"A", "a"}}} {
			h.apply(all, Bulk{Kind: BulkLabels, Add: []string{"a"}})
			if _, err := h.book.Apply(h.ctx, h.elm, all, bad); !slices.Equal(paths(err), []string{want}) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	})
}

// A long act works on the list as it was confirmed, whatever the filter finds meanwhile.
func TestLongActs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ids := h.people(2500)
		runner := act.Runner{DB: d, Now: h.book.Now, Log: slog.New(slog.DiscardHandler), Kinds: h.book.Workers()}
		later := func(kind string, p bulkParams) (id int64) {
			err := d.Write(h.ctx, func(tx *db.Tx) (err error) {
				if _, err := gate.Lock(h.ctx, tx, 1, 0); err != nil {
					return err
				}
				id, err = h.book.later(h.ctx, tx, h.elm, kind, p, NewList(1, ids[:2200]))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		fair, err := h.book.CreateLabel(h.ctx, h.elm, "Fair", "", 0)
		if err != nil {
			t.Fatal(err)
		}
		acts := []int64{
			later(BulkLabels, bulkParams{Add: []int64{fair.ID, 12345}}),
			later(BulkArchive, bulkParams{}),
			later(BulkDelete, bulkParams{}),
		}
		h.apply(Selection{IDs: ids[:10]}, Bulk{Kind: BulkDelete})
		if err := runner.Drain(h.ctx); err != nil {
			t.Fatal(err)
		}
		for i, id := range acts {
			var a act.Act
			err := d.Read(h.ctx, func(tx *db.Tx) (err error) { a, err = act.Get(h.ctx, tx, 1, id); return err })
			if err != nil || a.State != act.Done || a.Done != 2200 || a.Changed != 2190 {
				t.Errorf("act %d: %+v, %v", i, a, err)
			}
		}
		if n, err := h.book.Count(h.ctx, h.elm, Filter{}); err != nil || n != 300 {
			t.Errorf("%d are left, %v", n, err)
		}
		h.checkCounts()
	})
}

func TestMoreThanTenThousandIsALongAct(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	ids := h.people(maxBulkAtOnce + 1)
	if done := h.apply(Selection{Except: ids[:1]}, Bulk{Kind: BulkLabels, Add: []string{"Fair"}}); done.Changed != maxBulkAtOnce || done.ActID != 0 {
		t.Errorf("%+v", done)
	}
	if done := h.apply(Selection{}, Bulk{Kind: BulkArchive}); done.Total != maxBulkAtOnce+1 || done.ActID == 0 {
		t.Errorf("%+v", done)
	}
	h.checkCounts()
}

func TestHistory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		c := h.add("ada@acme.example")
		h.user(5, "eve@acme.example")
		h.exec(`INSERT INTO companies (id, name, name_key, created_at, updated_at) VALUES (3, 'Harbour', 'harbour', 1, 1)`)
		h.exec(`INSERT INTO memberships (user_id, company_id, state, requested_at, decided_at) VALUES (5, 3, 'approved', 2, 3)`)
		h.apply(Selection{}, Bulk{Kind: BulkLabels, Add: []string{"Fair"}})
		other := h.add("bo@acme.example")
		h.apply(Selection{IDs: []int64{other.ID}}, Bulk{Kind: BulkArchive})
		h.at = h.at.AddDate(0, 0, 1)
		if _, err := h.book.Change(h.ctx, h.elm, c.ID, Change{Fields: map[string]string{"title": "Lead", "email": "eve@acme.example"}}); err != nil {
			t.Fatal(err)
		}
		h.exec(`INSERT INTO bulk_invites (institution_id, id, state, created_at, created_by, request_hash, selection, message_domain, connect_on, after_signup, total, label)
			VALUES (1, 1, 'sent', $1, 'Dana', $2, '{}', 'x', 'send', 'ask', 1, 'invited today')`, db.Millis(h.at)+1, []byte{1})
		h.exec(`INSERT INTO invites (institution_id, bulk_invite_id, contact_id, email, variant, state, sent_at, opened_at) VALUES (1, 1, $1, 'x', 'connect', 'bounced', $2, $3)`,
			c.ID, db.Millis(h.at)+2, db.Millis(h.at)+3)
		entries, err := h.book.History(h.ctx, h.elm, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range entries {
			got = append(got, e.Text())
		}
		want := []string{"Opened the invite", "Invite bounced", "Invite taken by the mail server", "Invited by Dana in invited today", "Changed by test: email, title none → Lead",
			"Added by test", "Labels changed by test", "Joined Harbour", "Asked to join Harbour", "Made an account"}
		if !slices.Equal(got, want) {
			t.Errorf("%q\nwant %q", got, want)
		}
		if e := entries[3]; e.SubjectKind != "bulk_invite" || e.SubjectID != 1 || e.Actor != (audit.Actor{Name: "Dana"}) {
			t.Errorf("%+v", e)
		}
	})
}
