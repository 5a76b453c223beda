package components

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Num writes a number with commas between thousands: 1,284.
func Num(n int) string {
	if n < 0 {
		return "−" + Num(-n)
	}
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Count writes a number with its noun: "1 contact", "1,284 contacts".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Num(n) + " " + many
}

// Percent writes a part of a whole without decimals, and "" when the whole is 0.
func Percent(part, whole int) string {
	if whole == 0 {
		return ""
	}
	return strconv.Itoa((100*part+whole/2)/whole) + " %"
}

// WhenText says when something happened as one says it in zone: "today 14:02", "yesterday
// 09:30", "9 Nov", "12 Oct 2025". The zero time is "never".
func WhenText(t time.Time, zone *time.Location, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	t, now = t.In(zone), now.In(zone)
	year, month, day := t.Date()
	switch at := time.Date(year, month, day, 12, 0, 0, 0, zone); {
	case sameDay(at, now):
		return t.Format("today 15:04")
	case sameDay(at.AddDate(0, 0, 1), now):
		return t.Format("yesterday 15:04")
	case sameDay(at.AddDate(0, 0, -1), now):
		return t.Format("tomorrow 15:04")
	case year == now.Year():
		return t.Format("2 Jan")
	}
	return t.Format("2 Jan 2006")
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

// Left says how long the rest of something takes: "about 2 minutes left". It is "" when
// nothing is left or the rate (of items a second) is not known yet.
func Left(rest int, rate float64) string {
	if rest <= 0 || rate <= 0 {
		return ""
	}
	switch seconds := float64(rest) / rate; {
	case seconds < 10:
		return "a few seconds left"
	case seconds < 60:
		return "less than a minute left"
	case seconds < 90*60:
		return "about " + Count(int(seconds/60+.5), "minute", "minutes") + " left"
	default:
		return "about " + Count(int(seconds/3600+.5), "hour", "hours") + " left"
	}
}

// PerSecond writes a rate of items a second: "9.6 a second", "5,210 a second"; "" for none.
func PerSecond(rate float64) string {
	switch {
	case rate <= 0:
		return ""
	case rate < 10:
		return fmt.Sprintf("%.1f a second", rate)
	}
	return Num(int(rate+.5)) + " a second"
}

// Sentence joins what is not empty with commas.
func Sentence(parts ...string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ", ")
}

// ZoneName names the clock that t is told on: "EST (UTC−05:00)", or "UTC+03:00" for zones
// without letters of their own.
func ZoneName(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	offset := "UTC" + strings.Replace(t.Format("-07:00"), "-", "−", 1)
	switch letters := t.Format("MST"); {
	case letters == "UTC":
		return letters
	case strings.ContainsAny(letters, "+-"):
		return offset
	default:
		return letters + " (" + offset + ")"
	}
}
