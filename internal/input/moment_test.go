package input

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestMoment(t *testing.T) {
	for _, c := range []struct{ zone, date, clock, want string }{
		{"UTC", "2026-11-23", "09:30", "2026-11-23T09:30:00Z"},
		{"Europe/Berlin", "2026-07-01", "09:30", "2026-07-01T07:30:00Z"},
		{"America/New_York", "2026-12-01", "23:59", "2026-12-02T04:59:00Z"},
		{"Asia/Kathmandu", "2026-12-01", "00:00", "2026-11-30T18:15:00Z"},
		// The clock is set forward, an hour or less.
		{"Europe/Berlin", "2026-03-29", "01:59", "2026-03-29T00:59:00Z"},
		{"Europe/Berlin", "2026-03-29", "02:00", ""},
		{"Europe/Berlin", "2026-03-29", "02:59", ""},
		{"Europe/Berlin", "2026-03-29", "03:00", "2026-03-29T01:00:00Z"},
		{"America/New_York", "2027-03-14", "02:30", ""},
		{"Australia/Lord_Howe", "2026-10-04", "02:15", ""},
		{"Australia/Lord_Howe", "2026-10-04", "02:30", "2026-10-03T15:30:00Z"},
		// It is set back: the first of the two.
		{"Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30:00Z"},
		{"America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30:00Z"},
		{"America/New_York", "2026-11-01", "02:00", "2026-11-01T07:00:00Z"},
		// A day that was left out.
		{"Pacific/Apia", "2011-12-30", "12:00", ""},
		{"UTC", "2026-02-29", "09:30", ""},
		{"UTC", "2026-11-23", "", ""},
		{"UTC", "23.11.2026", "09:30", ""},
		{"UTC", "2026-11-23", "24:00", ""},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		var f Form
		got := f.Moment("at", c.date, c.clock, zone)
		switch {
		case c.want == "" && (f.Err() == nil || !got.IsZero()):
			t.Errorf("%s %s in %s is taken as %s", c.date, c.clock, c.zone, got)
		case c.want != "" && (f.Err() != nil || got.UTC().Format(time.RFC3339) != c.want):
			t.Errorf("%s %s in %s: %s, %v; want %s", c.date, c.clock, c.zone, got.UTC().Format(time.RFC3339), f.Err(), c.want)
		}
	}
}

// Whatever a clock shows at some moment is read as that moment, or as the one before it that
// shows the same.
func TestMomentReadsWhatClocksShow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"UTC", "Europe/London", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"}).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(60*rapid.Int64Range(29_000_000, 31_000_000).Draw(t, "minute"), 0).In(zone)
		var f Form
		got := f.Moment("at", at.Format(time.DateOnly), at.Format("15:04"), zone)
		const shown = "2006-01-02 15:04"
		if f.Err() != nil || got.Format(shown) != at.Format(shown) || got.After(at) || at.Sub(got) > time.Hour {
			t.Fatalf("%s is read as %s, %v", at, got, f.Err())
		}
	})
}
