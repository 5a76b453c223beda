package insight

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// staff is the scope of a new member of elm's staff.
func (h *house) staff(id int64, first string, role institution.Role) institution.Scope {
	h.t.Helper()
	h.user(id, first)
	h.exec(`UPDATE staff SET role = $2 WHERE user_id = $1`, id, string(role))
	s, err := institution.Staff(context.Background(), h.d, id, 1)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// seen are the names of the saved explores that somebody sees, with whose they are.
func (h *house) seen(s institution.Scope) string {
	h.t.Helper()
	all, err := h.explores.Saved(ctx, s)
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, v := range all {
		out = append(out, fmt.Sprintf("%s by %s mine %t shared %t", v.Name, v.By, v.Mine, v.Shared))
	}
	return strings.Join(out, "; ")
}

func TestSavedExplores(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		dana, ezra, finn := h.staff(1, "Dana", institution.Manager), h.staff(2, "Ezra", institution.Coordinator), h.staff(3, "Finn", institution.Viewer)
		own, err := h.explores.Save(ctx, ezra, " By label ", "dim=label", false)
		if err != nil || own.Name != "By label" || !own.Mine {
			t.Fatalf("%+v, %v", own, err)
		}
		shared, err := h.explores.Save(ctx, dana, "By company", "dim=company", true)
		if err != nil {
			t.Fatal(err)
		}
		var forbidden fault.Forbidden
		if _, err := h.explores.Save(ctx, ezra, "For all", "dim=title", true); !errors.As(err, &forbidden) {
			t.Errorf("shared by a coordinator: %v", err)
		}
		if _, err := h.explores.Save(ctx, finn, "Mine", "dim=title", false); !errors.As(err, &forbidden) {
			t.Errorf("saved by a viewer: %v", err)
		}
		if got := h.seen(ezra); got != "By company by Dana Whitfield mine false shared true; By label by Ezra Whitfield mine true shared false" {
			t.Errorf("Ezra sees %s", got)
		}
		if got := h.seen(finn); got != "By company by Dana Whitfield mine false shared true" {
			t.Errorf("Finn sees %s", got)
		}
		if got := h.seen(h.oak); got != "" {
			t.Errorf("oak sees %s", got)
		}
		if again, err := h.explores.Save(ctx, ezra, "By label", "dim=title", false); err != nil || again.ID != own.ID || again.Query != "dim=title" {
			t.Errorf("saved again: %+v, %v", again, err)
		}
		for _, s := range []institution.Scope{ezra, finn, h.oak} {
			if err := h.explores.DeleteSaved(ctx, s, shared.ID); err == nil {
				t.Errorf("%v deletes what is Dana's", s.Actor())
			}
		}
		for _, v := range []Saved{own, shared} {
			who := map[int64]institution.Scope{own.ID: ezra, shared.ID: dana}[v.ID]
			if err := h.explores.DeleteSaved(ctx, who, v.ID); err != nil {
				t.Error(err)
			}
			if err := h.explores.DeleteSaved(ctx, who, v.ID); !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("deleted twice: %v", err)
			}
		}
	})
}

func TestSaveNamesWhatItCannotAccept(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	dana := h.staff(1, "Dana", institution.Manager)
	_, err := h.explores.Save(ctx, dana, "", strings.Repeat("x", maxQuery+1), false)
	var faults fault.Fields
	if !errors.As(err, &faults) || len(faults) != 2 || faults[0].Path != "name" || faults[1].Path != "query" {
		t.Errorf("%v", err)
	}
	for _, query := range []string{"q=a\x00b", "q=\xff", "dim=label\nsort=label"} {
		if _, err := h.explores.Save(ctx, dana, "Label", query, false); !errors.As(err, &faults) || len(faults) != 1 || faults[0].Path != "query" {
			t.Errorf("%q: %v", query, err)
		}
	}
	for i := range maxSaved {
		if _, err := h.explores.Save(ctx, dana, fmt.Sprint("Explore ", i), "dim=label", false); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.explores.Save(ctx, dana, "One more", "dim=label", false); !errors.As(err, &faults) || faults[0].Path != "name" {
		t.Errorf("one too many: %v", err)
	}
}

// Every explore to begin with can be asked.
func TestStartingCanBeAsked(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	for _, s := range Starting(h.at) {
		words, err := url.ParseQuery(s.Query)
		if err != nil {
			t.Fatal(err)
		}
		q := Query{Dimensions: words["dim"], Measures: words["measure"], Pivot: words.Get("pivot")}
		for _, name := range words["sort"] {
			q.Sorts = append(q.Sorts, Sort{Field: name})
		}
		if chart := words.Get("chart"); !slices.Contains([]string{"bar", "stacked", "line", "funnel", "table"}, chart) {
			t.Errorf("%s has the chart %q", s.Name, chart)
		}
		for _, name := range []string{"dim", "measure", "pivot", "sort", "limit", "chart"} {
			delete(words, name)
		}
		if q.Filter, err = contact.ParseFilter(words, time.UTC); err == nil {
			_, err = h.explores.Run(ctx, h.elm, q)
		}
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}
