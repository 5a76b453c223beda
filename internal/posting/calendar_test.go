package posting_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/mail"
	"beckon/internal/posting"
	ics "github.com/arran4/golang-ical"
)

func sqlite(t *testing.T) *db.DB { return dbtest.SQLite(t) }

// letters writes what waits in the outbox: recipient, subject, text.
func (h *hall) letters() string {
	h.T.Helper()
	var notices []mail.Notice
	h.Write(func(ctx context.Context, tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var n mail.Notice
			var params string
			if err := r.Scan(&n.InstitutionID, &n.Kind, &n.To, &params); err != nil {
				return err
			}
			notices = append(notices, n)
			return json.Unmarshal([]byte(params), &notices[len(notices)-1].Params)
		}, `UPDATE outbox SET state = 'sent' WHERE state = 'queued' AND kind LIKE 'interview%' RETURNING institution_id, kind, recipient, params`)
	})
	var all strings.Builder
	for _, n := range notices {
		subject, l, ok, err := h.interviews.Letters()[n.Kind](ctx, n)
		h.ok(err)
		if ok {
			fmt.Fprintf(&all, "%s: %s\n%s\n", n.To, subject, l.RenderText())
		}
	}
	return all.String()
}

// events reads a published calendar as another program would.
func events(t *testing.T, text string) []*ics.VEvent {
	t.Helper()
	return eventsBy(t, text, "PUBLISH")
}

func eventsBy(t *testing.T, text, method string) []*ics.VEvent {
	t.Helper()
	if !strings.HasSuffix(text, "END:VCALENDAR\r\n") || strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") {
		t.Errorf("lines do not end as RFC 5545 wants them: %q", text)
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 75 {
			t.Errorf("a line of %d octets: %s", len(line), line)
		}
	}
	for _, line := range []string{"PRODID:-//Beckon//Interviews//EN", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "METHOD:" + method} {
		if !strings.Contains(text, "\r\n"+line+"\r\n") {
			t.Errorf("the calendar lacks %s:\n%s", line, text)
		}
	}
	cal, err := ics.ParseCalendar(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return cal.Events()
}

func property(e *ics.VEvent, name ics.ComponentProperty) string {
	if p := e.GetProperty(name); p != nil {
		return p.Value
	}
	return ""
}

func sequence(e *ics.VEvent) int {
	n, err := strconv.Atoi(property(e, ics.ComponentPropertySequence))
	if err != nil {
		panic(err)
	}
	return n
}

func TestCalendars(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		h.job = h.approvedJob(h.amara, "Rocket engineer, R&D; with a title so long that it does not stand in one line: “Größe \\ Weite”", h.elm)
		wren := h.student(h.elm, "Wren Castellanos", "wren@students.example")
		dana := h.User("Dana Whitfield", "dana@elm.example")
		h.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO staff (institution_id, user_id, role, created_at) VALUES ($1, $2, 'viewer', 1)`, h.elm, dana)
			return err
		})
		i := h.held(h.wish())
		h.ok(h.interviews.Take(ctx, wren, i.ID, 2))
		viewer := must(institution.Staff(ctx, h.World.DB, dana, h.elm))
		for name, c := range map[string]struct {
			of              posting.CalendarOf
			uid, start, end string
			says, hides     string
		}{
			"staff":     {posting.OfStaff(viewer), "interview-" + db.FormatID(i.ID), "20261203T080000Z", "20261203T094000Z", "Wren Castellanos", "nobody"},
			"recruiter": {posting.OfRecruiter(h.amara), "interview-" + db.FormatID(i.ID), "20261203T080000Z", "20261203T094000Z", "Wren C.", "Castellanos"},
			"student":   {posting.OfStudent(wren), "interview-" + db.FormatID(i.ID) + "-2", "20261203T082500Z", "20261203T085000Z", "Elm University", "Wren"},
		} {
			if address := must(h.interviews.Feed(ctx, c.of)); address != "" {
				t.Errorf("%s have an address before they ask: %s", name, address)
			}
			address := must(h.interviews.NewFeed(ctx, c.of))
			if again := must(h.interviews.Feed(ctx, c.of)); again != address || !strings.HasPrefix(address, "https://beckon.example/calendar/") {
				t.Errorf("%s: address %s, then %s", name, address, again)
			}
			text := must(h.interviews.Calendar(ctx, token(address)))
			all := events(t, text)
			if len(all) != 1 {
				t.Fatalf("%s: %d events\n%s", name, len(all), text)
			}
			e := all[0]
			for p, want := range map[ics.ComponentProperty]string{
				ics.ComponentPropertyUniqueId: c.uid + "@beckon.example", ics.ComponentPropertyDtStart: c.start, ics.ComponentPropertyDtEnd: c.end,
				ics.ComponentPropertySequence: "1", ics.ComponentPropertyStatus: "CONFIRMED", ics.ComponentPropertyLocation: "Elm Hall, room 12",
			} {
				if got := property(e, p); got != want {
					t.Errorf("%s: %s is %q, want %q", name, p, got, want)
				}
			}
			if got := property(e, ics.ComponentPropertySummary); !strings.Contains(got, "R&D; with a title so long that it does not stand in one line: “Größe \\ Weite”, Northwind") {
				t.Errorf("%s: summary %q", name, got)
			}
			if got := property(e, ics.ComponentPropertyDescription); !strings.Contains(got, c.says) || strings.Contains(got, c.hides) {
				t.Errorf("%s: description %q", name, got)
			}
			if strings.Contains(text, "@students.example") {
				t.Errorf("%s: an address is told\n%s", name, text)
			}
			other := must(h.interviews.NewFeed(ctx, c.of))
			if _, err := h.interviews.Calendar(ctx, token(address)); !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("%s: a replaced address answers %v", name, err)
			}
			must(h.interviews.Calendar(ctx, token(other)))
		}
		h.ok(h.interviews.Cancel(ctx, staff(h.elm), i.ID, "The hall is flooded."))
		for _, of := range []posting.CalendarOf{posting.OfStaff(viewer), posting.OfRecruiter(h.amara), posting.OfStudent(wren)} {
			e := events(t, must(h.interviews.Calendar(ctx, token(must(h.interviews.Feed(ctx, of))))))[0]
			if property(e, ics.ComponentPropertyStatus) != "CANCELLED" || property(e, ics.ComponentPropertySequence) != "2" {
				t.Errorf("cancelled: %+v", e)
			}
		}
		h.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM staff WHERE user_id = $1`, dana)
			return err
		})
		if _, err := h.interviews.Calendar(ctx, token(must(h.interviews.Feed(ctx, posting.OfStaff(viewer))))); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("who has left reads on: %v", err)
		}
		for _, wrong := range []string{"", "x", token(must(h.interviews.Feed(ctx, posting.OfStudent(wren)))) + "A"} {
			if _, err := h.interviews.Calendar(ctx, wrong); !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("the token %q answers %v", wrong, err)
			}
		}
		if _, err := h.interviews.NewFeed(ctx, posting.OfStaff(staff(h.elm))); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("a feed of nobody: %v", err)
		}
	})
}

// token is the secret part of an address.
func token(address string) string {
	return strings.TrimSuffix(address[strings.LastIndex(address, "/")+1:], ".ics")
}

func TestAnAppointmentsFile(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		wren, ola := h.student(h.elm, "Wren Castellanos", "wren@students.example"), h.student(h.elm, "Ola Berg", "ola@students.example")
		i := h.held(h.wish())
		h.ok(h.interviews.Take(ctx, wren, i.ID, 1))
		address := h.appointments(wren)[0].Calendar
		var last *ics.VEvent
		read := func(method, status string) *ics.VEvent {
			t.Helper()
			e := eventsBy(t, must(h.interviews.AppointmentFile(ctx, token(address))), method)[0]
			if got := property(e, ics.ComponentPropertyStatus); got != status {
				t.Errorf("the status is %s, want %s", got, status)
			}
			if last != nil && (property(e, ics.ComponentPropertyUniqueId) != property(last, ics.ComponentPropertyUniqueId) || sequence(e) <= sequence(last)) {
				t.Errorf("%+v does not follow %+v", e, last)
			}
			last = e
			h.now = h.now.Add(10 * time.Second)
			return e
		}
		taken := read("PUBLISH", "CONFIRMED")
		if got := property(taken, ics.ComponentPropertyDtStart); got != "20261203T080000Z" {
			t.Errorf("begins %s", got)
		}
		if got := property(taken, ics.ComponentPropertyOrganizer); got != "mailto:careers@elm.example" {
			t.Errorf("the organizer is %q", got)
		}
		h.ok(h.interviews.GiveBack(ctx, wren, i.ID, 1))
		if got := property(read("CANCEL", "CANCELLED"), ics.ComponentPropertyLocation); got != "" {
			t.Errorf("who has given back reads where it is held: %s", got)
		}
		h.ok(h.interviews.Take(ctx, ola, i.ID, 1))
		read("CANCEL", "CANCELLED")
		h.ok(h.interviews.GiveBack(ctx, ola, i.ID, 1))
		h.ok(h.interviews.Take(ctx, wren, i.ID, 1))
		read("PUBLISH", "CONFIRMED")
		h.ok(h.interviews.Move(ctx, staff(h.elm), i.ID, "Room 4"))
		read("PUBLISH", "CONFIRMED")
		h.ok(h.interviews.Cancel(ctx, staff(h.elm), i.ID, "The hall is flooded."))
		if got := property(read("CANCEL", "CANCELLED"), ics.ComponentPropertyDescription); got != "Cancelled. The hall is flooded." {
			t.Errorf("it says %q", got)
		}
		h.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM students WHERE id = $1`, wren.StudentID())
			return err
		})
		if _, err := h.interviews.AppointmentFile(ctx, token(address)); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("who is a student no more: %v", err)
		}
		file := events(t, h.interviews.ScheduleFile(i, h.interviews.StaffURL(i)))
		if got := property(file[0], ics.ComponentPropertyUrl); got != "https://beckon.example/at/elm/interviews/"+db.FormatID(i.ID) {
			t.Errorf("leads to %s", got)
		}
		h.now = h.now.Add(365 * 24 * time.Hour)
		if n := len(events(t, must(h.interviews.Calendar(ctx, token(must(h.interviews.NewFeed(ctx, posting.OfRecruiter(h.amara)))))))); n != 0 {
			t.Errorf("%d events a year later", n)
		}
	})
}
