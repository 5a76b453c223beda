package components

import "time"

// Ago says how long ago t was, in the largest unit that fits: "just now", "5 minutes ago",
// "3 days ago". Unlike WhenText it needs no time zone. The zero time is "never".
func Ago(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	switch d := now.Sub(t); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return Count(int(d/time.Minute), "minute", "minutes") + " ago"
	case d < 24*time.Hour:
		return Count(int(d/time.Hour), "hour", "hours") + " ago"
	case d < 60*24*time.Hour:
		return Count(int(d/(24*time.Hour)), "day", "days") + " ago"
	case d < 2*365*24*time.Hour:
		return Count(int(d/(30*24*time.Hour)), "month", "months") + " ago"
	default:
		return Count(int(d/(365*24*time.Hour)), "year", "years") + " ago"
	}
}
