package insights

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"beckon/internal/fault"
	"beckon/internal/insight"
	"beckon/internal/web/components"
	"beckon/internal/web/filterbar"
)

var dimensions, measures = insight.Dimensions(), insight.Measures()

func find(fields []insight.Field, name string) (insight.Field, bool) {
	i := slices.IndexFunc(fields, func(f insight.Field) bool { return f.Name == name })
	if i < 0 {
		return insight.Field{Name: name, Label: name}, false
	}
	return fields[i], true
}

func isMeasure(name string) bool { _, ok := find(measures, name); return ok }

func known(name string) bool {
	_, ok := find(dimensions, name)
	return ok || isMeasure(name)
}

// label is a field's name for people; an unknown one is shown as it was written.
func label(name string) string {
	if f, ok := find(dimensions, name); ok {
		return f.Label
	}
	f, _ := find(measures, name)
	return f.Label
}

// group is the fields under one heading.
type group struct {
	Name   string
	Fields []insight.Field
}

// groups keep the order of the model.
func groups(fields []insight.Field) (all []group) {
	for _, f := range fields {
		if n := len(all); n == 0 || all[n-1].Name != f.Group {
			all = append(all, group{Name: f.Group})
		}
		last := &all[len(all)-1]
		last.Fields = append(last.Fields, f)
	}
	return all
}

// title says what an explore shows: "Contacts and invited by label and standing".
func (s state) title() string {
	names := func(fields []string) string {
		var all []string
		for _, name := range fields {
			all = append(all, inText(name))
		}
		return enumerate(all)
	}
	what := names(s.measures())
	what = strings.ToUpper(what[:1]) + what[1:]
	if by := slices.DeleteFunc(append(slices.Clone(s.Dimensions), s.Pivot), func(d string) bool { return d == "" }); len(by) > 0 {
		what += " by " + names(by)
	}
	return what
}

// inText is a field's name within a sentence.
func inText(name string) string { return strings.ReplaceAll(strings.ToLower(label(name)), ",", "") }

// enumerate joins with commas and, before the last, "and".
func enumerate(all []string) string {
	if n := len(all); n > 1 {
		return strings.Join(all[:n-1], ", ") + " and " + all[n-1]
	}
	return strings.Join(all, "")
}

// blanks say what it means that a dimension has no value.
var blanks = map[string]string{
	"label": "No label", "company": "No company", "title": "No title", "owner": "Nobody", "domain": "No domain",
	"bulk_invite": "No invite", "variant": "No invite", "invite_state": "No invite",
}

// valueText is a value of a dimension for people.
func valueText(dimension, value string) string {
	switch {
	case dimension == "source":
		return capital(filterbar.SourceName(value))
	case value == "" && strings.HasPrefix(dimension, "last_invited_"):
		return "Never"
	case value == "":
		if blank := blanks[dimension]; blank != "" {
			return blank
		}
		return "None"
	}
	switch dimension {
	case "standing", "archived", "variant", "invite_state":
		return capital(strings.ReplaceAll(value, "_", " "))
	}
	if f, _ := find(dimensions, dimension); f.Type == insight.Date {
		return spanText(dimension, value)
	}
	return value
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// spanText writes a span of time, which is named by its first day.
func spanText(dimension, value string) string {
	first, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return value
	}
	switch unit(dimension) {
	case "week":
		return first.Format("Week of 2 Jan 2006")
	case "month":
		return first.Format("Jan 2006")
	case "quarter":
		return "Q" + strconv.Itoa(int(first.Month()-1)/3+1) + first.Format(" 2006")
	case "year":
		return first.Format("2006")
	}
	return first.Format("2 Jan 2006")
}

// unit is how long the spans of a dimension of time are.
func unit(dimension string) string {
	return dimension[strings.LastIndexByte(dimension, '_')+1:]
}

// next is the span after the one that begins on this day.
func next(dimension string, first time.Time) time.Time {
	switch unit(dimension) {
	case "week":
		return first.AddDate(0, 0, 7)
	case "month":
		return first.AddDate(0, 1, 0)
	case "quarter":
		return first.AddDate(0, 3, 0)
	case "year":
		return first.AddDate(1, 0, 0)
	}
	return first.AddDate(0, 0, 1)
}

// noNumber stands where there is nothing to count.
const noNumber = "–"

// numberText is a value of a measure for people.
func numberText(kind string, value any) string {
	switch v := value.(type) {
	case int64:
		return components.Num(int(v))
	case float64:
		switch kind {
		case insight.Rate:
			return percent(v)
		case insight.Days:
			return strconv.FormatFloat(v, 'f', 1, 64)
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return noNumber
}

// percent writes a part of one; small parts keep a decimal.
func percent(part float64) string {
	hundred := part * 100
	if hundred > 0 && hundred < 9.95 && hundred != math.Trunc(hundred) {
		return strconv.FormatFloat(hundred, 'f', 1, 64) + " %"
	}
	return strconv.FormatFloat(hundred, 'f', 0, 64) + " %"
}

func asFields(err error, fields *fault.Fields) bool { return errors.As(err, fields) }
