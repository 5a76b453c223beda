package contact

import (
	"regexp"
	"strings"
	"time"
)

var (
	dateForm = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	timeForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)
)

// parseMoment reads a date of the zone, which stands for its first moment, or a time of RFC
// 3339. It answers Unix milliseconds, rounded up: the database has whole ones, so that both
// "before" (<) and "after" (>=) come out as if it had not been rounded.
func parseMoment(s string, zone *time.Location) (ms int64, ok bool) {
	if dateForm.MatchString(s) {
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return 0, false
		}
		return StartOfDay(day.Year(), day.Month(), day.Day(), zone).UnixMilli(), true
	}
	s = strings.ToUpper(s) // RFC 3339, section 5.6: "t" and "z" may be lower case
	if !timeForm.MatchString(s) {
		return 0, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, false
	}
	ms = t.UnixMilli()
	if t.After(time.UnixMilli(ms)) {
		ms++
	}
	return ms, true
}

// StartOfDay is the first moment of a date in a zone: midnight, the earlier one where clocks
// are set back over it, and the moment of the change where they are set forward over it.
func StartOfDay(year int, month time.Month, day int, zone *time.Location) time.Time {
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	if t.Day() != day {
		_, change := t.ZoneBounds()
		return change
	}
	if start, _ := t.ZoneBounds(); !start.IsZero() {
		_, offset := start.Add(-time.Second).Zone()
		earlier := time.Date(year, month, day, 0, 0, 0, 0, time.FixedZone("", offset)).In(zone)
		if earlier.Before(start) && earlier.Day() == day && earlier.Hour() == 0 {
			return earlier
		}
	}
	return t
}
