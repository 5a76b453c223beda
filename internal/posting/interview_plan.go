package posting

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"beckon/internal/input"
)

// Limits of a schedule.
const (
	maxSlots       = 100
	minSlotMinutes = 5
	maxMinutes     = 480 // of a slot, a break or a pause
	mostYears      = 5   // ahead
)

// Schedule is when and how interviews are held, on the institution's clock.
type Schedule struct {
	Date     string // 2026-12-03
	StartsAt string // 09:00
	// SlotCount is how many slots there are, 1 to 100, of SlotMinutes each, 5 to 480.
	SlotCount   int
	SlotMinutes int
	// BreakMinutes lie between slots, and PauseMinutes once more after slot PauseAfter, 0 for
	// no longer pause.
	BreakMinutes int
	PauseAfter   int
	PauseMinutes int
	// Way is OnSite or Video; a blank one becomes OnSite.
	Way string
	// VideoURL is where a video interview is held, by https.
	VideoURL string
	// Needs are what the company asks of the room, at most 1,000 characters.
	Needs string
}

// required checks what every schedule needs and can be checked without knowing the place.
func (s *Schedule) required(f *input.Form) {
	date, err := time.Parse(time.DateOnly, strings.TrimSpace(s.Date))
	if err != nil {
		f.Add("date", "is not a date; write it like 2026-12-03")
	}
	at, err := time.Parse("15:04", strings.TrimSpace(s.StartsAt))
	if err != nil {
		f.Add("starts_at", "is not a time of day; write it like 09:00")
	}
	s.Date, s.StartsAt = date.Format(time.DateOnly), at.Format("15:04")
	within(f, "slots", s.SlotCount, 1, maxSlots)
	within(f, "slot_minutes", s.SlotMinutes, minSlotMinutes, maxMinutes)
}

func within(f *input.Form, path string, n, least, most int) {
	if n < least || n > most {
		f.Add(path, fmt.Sprintf("must be a number from %d to %d", least, most))
	}
}

// optional checks what may be left out.
func (s *Schedule) optional(f *input.Form) {
	within(f, "break_minutes", s.BreakMinutes, 0, maxMinutes)
	within(f, "pause_minutes", s.PauseMinutes, 0, maxMinutes)
	if s.PauseMinutes > 0 || s.PauseAfter != 0 {
		within(f, "pause_after", s.PauseAfter, 1, max(s.SlotCount-1, 1))
	}
	s.Needs = f.Lines("needs", s.Needs, 1000)
	s.VideoURL = f.URL("video_url", s.VideoURL)
	if s.VideoURL != "" && !strings.HasPrefix(s.VideoURL, "https://") {
		f.Add("video_url", "is not an address of https; write it like https://meet.example/room")
	}
	switch s.Way {
	case "":
		s.Way = OnSite
	case OnSite, Video:
	default:
		f.Add("way", "is neither on_site nor video; choose one")
	}
}

// coming checks that the clock of the zone shows the beginning, and that it is to come.
func (s *Schedule) coming(f *input.Form, zone *time.Location, now time.Time) {
	begins, err := moment(s.Date, s.StartsAt, zone)
	switch {
	case err != nil:
		f.Add("starts_at", err.Error())
	case !begins.After(now):
		f.Add("date", "is over; choose a time to come")
	case begins.After(now.AddDate(mostYears, 0, 0)):
		f.Add("date", fmt.Sprintf("is more than %d years ahead; look at the year", mostYears))
	}
}

// plan answers the slots of a schedule as moments. A slot is as long as it says also on a
// day when clocks change: what follows is later or earlier on the clock then.
func (s Schedule) plan(zone *time.Location) ([]Slot, error) {
	at, err := moment(s.Date, s.StartsAt, zone)
	if err != nil {
		return nil, err
	}
	slots := make([]Slot, s.SlotCount)
	for n := 1; n <= s.SlotCount; n++ {
		ends := at.Add(minutes(s.SlotMinutes))
		slots[n-1] = Slot{N: n, StartsAt: at, EndsAt: ends}
		at = ends.Add(minutes(s.BreakMinutes))
		if n == s.PauseAfter {
			at = at.Add(minutes(s.PauseMinutes))
		}
	}
	return slots, nil
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// moment is when the clock of a zone shows a date and time of day; the earlier one where
// clocks go back and show it twice. The error says why it never does.
func moment(date, clock string, zone *time.Location) (time.Time, error) {
	const layout = time.DateOnly + " 15:04"
	wanted := date + " " + clock
	asked, err := time.Parse(layout, wanted)
	if err != nil {
		return time.Time{}, errors.New("is not a time of day; write it like 09:00")
	}
	t := time.Date(asked.Year(), asked.Month(), asked.Day(), asked.Hour(), asked.Minute(), 0, 0, zone)
	since, until := t.ZoneBounds()
	if t.Format(layout) == wanted {
		if earlier := t.Add(offset(t) - offset(since.Add(-1))); !since.IsZero() && earlier.Before(since) {
			t = earlier
		}
		return t.UTC(), nil
	}
	// Go moves a time within the gap to one side of it.
	change := since
	if t.Format(layout) < wanted {
		change = until
	}
	from := change.UTC().Add(offset(change.Add(-1)))
	return time.Time{}, fmt.Errorf("does not exist on %s: clocks go forward from %s to %s then; choose a time outside of that",
		asked.Format("2 January 2006"), from.Format("15:04"), change.Format("15:04"))
}

// offset is how far the clock of the moment's zone is ahead of UTC then.
func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}
