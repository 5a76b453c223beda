package contact

import (
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

func TestNarrow(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		t.Fatal(err)
	}
	f, err := ParseFilter(map[string][]string{"label": {"B"}, "archived": {"any"}, "created_after": {"2026-10-25T10:00:00Z"}, "created_before": {"2027-01-01"}}, zone)
	if err != nil {
		t.Fatal(err)
	}
	before := f.Query()
	for want, got := range map[string]Filter{
		"archived=any&created_after=2026-10-25T10%3A00%3A00Z&created_before=2027-01-01&label=A&label=B": f.And("label", "A").And("label", "B"),
		"created_after=2026-10-25T10%3A00%3A00Z&created_before=2027-01-01&label=":                       f.With("archived", "no").With("label", ""),
		"archived=any&created_after=2026-10-25T10%3A00%3A00Z&created_before=2026-10-26&label=B":         f.Between("created", "2026-10-25", "2026-10-26", zone),
		"archived=any&created_after=2026-12-01&created_before=2027-01-01&label=B":                       f.Between("created", "2026-12-01", "2027-01-01", zone),
		"archived=yes": Filter{}.With("archived", "yes"),
		"invited_after=2026-11-23&invited_before=2026-11-24": Filter{}.Between("invited", "2026-11-23", "2026-11-24", zone),
	} {
		if got.Query() != want {
			t.Errorf("%s, want %s", got.Query(), want)
		}
		again := parse(t, got.Values())
		if again.Query() != got.Query() {
			t.Errorf("%s reads back as %s", got.Query(), again.Query())
		}
	}
	if f.Query() != before {
		t.Errorf("the filter changed from %s to %s", before, f.Query())
	}
}

func TestBulkInviteNames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.exec(`UPDATE institutions SET timezone = 'America/New_York'`)
		h.bulkInvite(1, "Career fair")
		h.bulkInvite(2, "")
		names, err := h.book.BulkInviteNames(h.ctx, h.elm, []string{"1", "2", "3", "", "!"})
		if err != nil || len(names) != 2 || names["1"] != "Career fair, 23 Nov 2026 04:00" || names["2"] != "23 Nov 2026 04:00" {
			t.Errorf("%q, %v", names, err)
		}
		if names, err := h.book.BulkInviteNames(h.ctx, h.oak, []string{"1"}); err != nil || len(names) != 0 {
			t.Errorf("oak reads %q, %v", names, err)
		}
	})
}
