package contact

import (
	"maps"
	"slices"
	"time"
)

// With is the filter with these values in place of those that a word had. They must be values
// that ParseFilter takes; the word is none for dates, see Between.
func (f Filter) With(word string, values ...string) Filter {
	f.values = maps.Clone(f.values)
	if f.values == nil {
		f.values = map[string][]string{}
	}
	values = slices.Compact(slices.Sorted(slices.Values(values)))
	f.values[word] = values
	if word == "archived" && slices.Equal(values, []string{"no"}) {
		delete(f.values, word) // what holds without the word too
	}
	return f
}

// And is the filter that asks for one more value of a word of which all values must hold:
// label, label_none, reached.
func (f Filter) And(word, value string) Filter {
	return f.With(word, append(slices.Clone(f.values[word]), value)...)
}

// Between is the filter narrowed to contacts that were created, or last invited, in a span of
// days: from the first day until before the day after the last one, both in the zone, as
// 2026-11-23. What is "created" or "invited".
func (f Filter) Between(what, first, after string, zone *time.Location) Filter {
	f = f.narrowed(what+"_after", first, zone, func(has, to int64) bool { return has >= to })
	return f.narrowed(what+"_before", after, zone, func(has, to int64) bool { return has <= to })
}

// narrowed puts a date in place of the one that a word had, unless that one is tighter.
func (f Filter) narrowed(word, date string, zone *time.Location, tighter func(has, to int64) bool) Filter {
	to, _ := parseMoment(date, zone) // a date that this program wrote
	if has, ok := f.times[word]; ok && tighter(has, to) {
		return f
	}
	f = f.With(word, date)
	f.times = maps.Clone(f.times)
	if f.times == nil {
		f.times = map[string]int64{}
	}
	f.times[word] = to
	return f
}
