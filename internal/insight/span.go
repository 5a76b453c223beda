package insight

import "time"

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

// spans are the five dimensions of one time, a column of Unix milliseconds.
func spans(name, label, meaning, group, column, date string) (all []dimension) {
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
			kind:  ofTime, column: column, span: span(s), date: date,
		})
	}
	return all
}

// first is the first day of the span in which a moment lies on the clock of its zone, as
// midnight in UTC: a name for the day.
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

// next is the first day of the span behind the one that begins on a day.
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

// Days since 1970 stand for days where they are compared.
func dayNumber(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

func dayOf(number int64) time.Time { return time.Unix(number*24*60*60, 0).UTC() }
