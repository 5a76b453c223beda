package posting_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/posting"
)

// appointments are those of a student that are to come.
func (h *hall) appointments(s institution.Scope) []posting.Appointment {
	h.T.Helper()
	page, _, _, err := h.interviews.Taken(ctx, s, posting.AppointmentQuery{Limit: 100})
	h.ok(err)
	return page
}

func TestAppointmentsArePaged(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		wren, ola := h.student(h.elm, "Wren Castellanos", "wren@students.example"), h.student(h.elm, "Ola Berg", "ola@students.example")
		other := h.approvedJob(h.amara, "Bridge builder", h.elm)
		for day := range 7 {
			req := h.wish()
			req.Date = fmt.Sprintf("2026-12-%02d", 17-day)
			if day%3 == 0 {
				req.JobID = other
			}
			i := h.held(req)
			h.ok(h.interviews.Take(ctx, wren, i.ID, 2))
			h.ok(h.interviews.Take(ctx, ola, i.ID, 3))
		}
		walk := func(q posting.AppointmentQuery) string {
			t.Helper()
			var days []string
			for q.Limit = 2; ; {
				page, next, total, err := h.interviews.Taken(ctx, wren, q)
				h.ok(err)
				for _, a := range page {
					days = append(days, fmt.Sprint(a.StartsAt.Day()))
				}
				if q.After = next; next == (posting.Sitting{}) {
					if total != len(days) {
						t.Errorf("%+v: %d in all, and %d are there", q, total, len(days))
					}
					return strings.Join(days, " ")
				}
			}
		}
		h.now = time.Date(2026, 12, 13, 12, 0, 0, 0, time.UTC)
		for q, want := range map[posting.AppointmentQuery]string{
			{}: "14 15 16 17", {Past: true}: "13 12 11", {Past: true, Q: "northWind"}: "13 12 11",
			{Q: "BRIDGE"}: "14 17", {Past: true, Q: "bridge"}: "11", {Q: "_"}: "",
		} {
			if got := walk(q); got != want {
				t.Errorf("%+v: %s, want %s", q, got, want)
			}
		}
		if n, err := h.interviews.Coming(ctx, wren); n != 4 || err != nil {
			t.Errorf("%d to come, %v", n, err)
		}
		var forbidden fault.Forbidden
		if _, _, _, err := h.interviews.Taken(ctx, staff(h.elm), posting.AppointmentQuery{}); !errors.As(err, &forbidden) {
			t.Errorf("staff read a student's list: %v", err)
		}
	})
}
