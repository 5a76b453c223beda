package insight

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
)

// span is how long the spans of a dimension of time are.
type span int

const (
	day span = iota
	week
	month
	quarter
	year
)

var spanNames = []string{"day", "week", "month", "quarter", "year"}

// spans are the five dimensions of one time.
func spans(name, label, meaning, group, moment, date string) (all []dimension) {
	for s, unit := range spanNames {
		first := "; named by its first day"
		switch span(s) {
		case day:
			first = ""
		case week:
			first = "; named by its Monday"
		}
		all = append(all, dimension{
			Field: Field{name + "_" + unit, label + ", " + unit, Date, "The " + unit + " in which " + meaning + first + ". In the institution's time zone.", group},
			kind:  ofTime, span: span(s), moment: moment, date: date,
		})
	}
	return all
}

// first is the first day of the span that a day lies in, and next that of the span behind.
func (s span) first(t time.Time) time.Time {
	y, m, d := t.Date()
	switch s {
	case week: // ISO 8601: it begins on Monday
		d -= (int(t.Weekday()) + 6) % 7
	case month:
		d = 1
	case quarter:
		m, d = m-(m-1)%3, 1
	case year:
		m, d = 1, 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func (s span) next(first time.Time) time.Time {
	switch s {
	case day:
		return first.AddDate(0, 0, 1)
	case week:
		return first.AddDate(0, 0, 7)
	case month:
		return first.AddDate(0, 1, 0)
	case quarter:
		return first.AddDate(0, 3, 0)
	}
	return first.AddDate(1, 0, 0)
}

// Days since 1970 are how the database answers a date.
func dayNumber(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

func dayOf(number int64) time.Time { return time.Unix(number*24*60*60, 0).UTC() }

// reach is the earliest and the latest moment of an institution's contacts.
type reach struct{ from, to time.Time }

// readReach finds the reach of a dimension of time, from the ends of an index.
func readReach(ctx context.Context, tx *db.Tx, institutionID int64, d dimension) (r reach, err error) {
	table, column := `contacts`, `created_at`
	if d.date == "invited" {
		table, column = `contact_standing`, `last_invited_at`
	}
	var from, to int64
	one := `(SELECT ` + column + ` FROM ` + table + ` WHERE institution_id = $1 AND ` + column + ` > 0 ORDER BY ` + column
	err = tx.QueryRow(ctx, `SELECT COALESCE(`+one+` LIMIT 1), 0), COALESCE(`+one+` DESC LIMIT 1), 0)`, institutionID).Scan(&from, &to)
	return reach{db.Time(from), db.Time(to)}, err
}

// spanKey is the SQL of the first day of the span that a moment lies in, as days since 1970.
// Neither engine needs to know time zones: the moments at which clocks, or spans, change
// within the reach are written into it.
func (d dimension) spanKey(r reach, zone *time.Location) string {
	never := `CASE WHEN ` + d.moment + ` > 0 THEN `
	if d.span > week {
		var bounds, values []int64
		for first := d.span.first(r.from.In(zone)); ; first = d.span.next(first) {
			start := contact.StartOfDay(first.Year(), first.Month(), first.Day(), zone)
			if len(values) > 0 && start.After(r.to) {
				break
			}
			bounds, values = append(bounds, start.UnixMilli()), append(values, dayNumber(first))
		}
		return never + ladder(d.moment, bounds, values) + ` END`
	}
	var bounds, values []int64
	for t := r.from; ; {
		start, end := t.In(zone).ZoneBounds()
		_, offset := t.In(zone).Zone()
		bounds, values = append(bounds, start.UnixMilli()), append(values, int64(offset)*1000)
		if end.IsZero() || end.After(r.to) {
			break
		}
		t = end
	}
	// A day is added and taken away again, since integers are divided towards zero.
	local := `((` + d.moment + ` + ` + ladder(d.moment, bounds, values) + ` + 86400000) / 86400000 - 1)`
	if d.span == week { // day 0 was a Thursday
		local = `(` + local + ` - (` + local + ` + 3) % 7)`
	}
	return never + local + ` END`
}

// ladder is the SQL of the value whose bound is the last one that is not above a number. The
// first bound holds for all that is below it, too.
func ladder(number string, bounds, values []int64) string {
	if len(values) == 1 {
		return strconv.FormatInt(values[0], 10)
	}
	half := len(values) / 2
	return fmt.Sprintf(`CASE WHEN %s < %d THEN %s ELSE %s END`, number, bounds[half],
		ladder(number, bounds[:half], values[:half]), ladder(number, bounds[half:], values[half:]))
}
