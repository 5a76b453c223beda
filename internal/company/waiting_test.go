package company_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"beckon/internal/company"
	"beckon/internal/fault"
)

func TestNudge(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		amara := w.User("Amara Okafor", "amara@quarry.example")
		sami := w.User("Sami Brandt", "sami@mail.example")
		if err := w.Nudge(ctx, sami); !isConflict(err) {
			t.Errorf("nothing waits: %v", err)
		}
		co := must(w.Create(ctx, amara, company.New{Name: "Quarry Lane"}))
		m := must(w.Join(ctx, sami, co.ID))
		if got := must(w.Deciders(ctx, sami)); !slices.Equal(got, []string{"Amara Okafor"}) {
			t.Errorf("deciders %v", got)
		}
		var limited fault.Limited
		w.now = w.now.Add(23 * time.Hour)
		if err := w.Nudge(ctx, sami); !errors.As(err, &limited) || limited.After != time.Hour {
			t.Errorf("the day of the request: %v", err)
		}
		w.now = w.now.Add(time.Hour)
		if err := w.Nudge(ctx, sami); err != nil {
			t.Fatal(err)
		}
		if err := w.Nudge(ctx, sami); !errors.As(err, &limited) || limited.After != 24*time.Hour {
			t.Errorf("twice: %v", err)
		}
		if got := w.mails(); !slices.Equal(got, []string{"join_request amara@quarry.example", "join_request amara@quarry.example"}) {
			t.Errorf("mails %v", got)
		}
		if err := w.Approve(ctx, amara, m.ID); err != nil {
			t.Fatal(err)
		}
		if got := must(w.Deciders(ctx, sami)); len(got) != 0 {
			t.Errorf("deciders of nothing %v", got)
		}
	})
}

func TestNobodyCanBeNudgedWithoutAnAdmin(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		co := must(w.Add(ctx, operator, "Quarry Lane", ""))
		sami := w.User("Sami Brandt", "sami@mail.example")
		must(w.Join(ctx, sami, co.ID))
		w.now = w.now.Add(48 * time.Hour)
		if err := w.Nudge(ctx, sami); !isConflict(err) {
			t.Errorf("nudged %v", err)
		}
	})
}
