package contact

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/gate"
)

// Merging chunk by chunk comes to what the contract says row by row: blanks never erase,
// labels are only added, and a row is an update only if a stored value changed.
func TestMergeIsTheContract(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		known := map[string]*entry{}
		rapid.Check(t, func(t *rapid.T) {
			var rows []Incoming
			for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 30), 1, 12, rapid.ID[int]).Draw(t, "who") {
				email := rapid.SampledFrom([]string{"p", "P"}).Draw(t, "spelling") + strings.Repeat("i", n) + "@acme.example"
				f := Fields{Email: email, FirstName: rapid.SampledFrom([]string{"Ada", "Bo"}).Draw(t, "first"), LastName: "Doe",
					Title: rapid.SampledFrom([]string{"", "Lead", "lead"}).Draw(t, "title"), Notes: rapid.SampledFrom([]string{"", "n"}).Draw(t, "notes")}
				in := incoming(h.t, f, rapid.SliceOfN(rapid.SampledFrom([]string{"Board", "Fair", "fair"}), 0, 2).Draw(t, "labels")...)
				if yes := rapid.Bool().Draw(t, "yes"); rapid.Bool().Draw(t, "archive") {
					in.Archive = &yes
				}
				rows = append(rows, in)
			}
			for i, o := range h.merge(h.elm, rows, SourceUpload) {
				want := expect(known, rows[i])
				if o.Merged != want {
					t.Fatalf("%+v: %d, want %d", rows[i], o.Merged, want)
				}
				e := known[rows[i].Address.Key]
				c, err := h.book.Get(h.ctx, h.elm, o.ID)
				if err != nil || c.Fields != e.Fields || c.Archived != e.archived || len(c.Labels) != len(e.labels) {
					t.Fatalf("%+v, %v, want %+v", c, err, e)
				}
			}
		})
		h.checkCounts()
	})
}

// expect does to the model what the contract says of a row.
func expect(known map[string]*entry, in Incoming) Merged {
	e := known[in.Address.Key]
	merged := Unchanged
	if e == nil {
		e = &entry{Fields: in.Fields}
		known[in.Address.Key] = e
		merged = Created
	}
	touch := func() {
		if merged == Unchanged {
			merged = Updated
		}
	}
	for _, p := range []struct{ to, from *string }{{&e.FirstName, &in.FirstName}, {&e.Title, &in.Title}, {&e.Notes, &in.Notes}} {
		if *p.from != "" && *p.from != *p.to {
			*p.to = *p.from
			touch()
		}
	}
	if in.Archive != nil && *in.Archive != e.archived {
		e.archived = *in.Archive
		touch()
	}
	for _, name := range in.Labels {
		if !slices.ContainsFunc(e.labels, func(l string) bool { return strings.EqualFold(l, name) }) {
			e.labels = append(e.labels, name)
			touch()
		}
	}
	return merged
}

func TestMergeLinks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.user(5, "ada@acme.example")
		in := incoming(t, Fields{Email: "Ada@acme.example", FirstName: "Ada", LastName: "Doe"})
		in.OtherEmails = []string{"a@home.example", "b@home.example"}
		h.merge(h.elm, []Incoming{incoming(t, Fields{Email: "bo@acme.example", FirstName: "Bo", LastName: "Doe"}), in}, SourceJob)
		c, err := h.book.Get(h.ctx, h.elm, id(2))
		if err != nil || c.Standing != gate.IsUser || c.UserID != 5 || c.Source != SourceJob || !slices.Equal(c.OtherEmails, in.OtherEmails) {
			t.Errorf("%+v, %v", c, err)
		}
		in.OtherEmails = []string{"A@home.example"}
		if out := h.merge(h.elm, []Incoming{in}, ""); out[0] != (Outcome{id(2), Unchanged}) {
			t.Errorf("%+v", out)
		}
		in.OtherEmails = []string{"c@home.example"}
		if out := h.merge(h.elm, []Incoming{in}, ""); out[0].Merged != Updated {
			t.Errorf("%+v", out)
		}
		err = d.Read(h.ctx, func(tx *db.Tx) error {
			if n, err := gate.Drift(h.ctx, tx); err != nil || n != 0 {
				t.Errorf("drift of %d, %v", n, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestMergeLeavesSystemLabelsAlone(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.exec(`INSERT INTO labels (institution_id, name, name_key, kind, created_at) VALUES (1, 'Bounced', 'bounced', 'system', 1)`)
	h.merge(h.elm, []Incoming{incoming(t, Fields{Email: "a@acme.example", FirstName: "A", LastName: "B"}, "bounced", "Fair")}, "")
	if c, err := h.book.Get(h.ctx, h.elm, id(1)); err != nil || !slices.Equal(c.Labels, []string{"Fair"}) {
		t.Errorf("%v, %v", c.Labels, err)
	}
}
