package contact

import (
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseFilterRefuses(t *testing.T) {
	for query, want := range map[string][]string{
		"limit=5":                            {"limit"},
		"Label=x&q=a":                        {"Label"},
		"standing=contact&standing=boss":     {"standing"},
		"standing=":                          {"standing"},
		"invite=Sent":                        {"invite"},
		"reached=":                           {"reached"},
		"variant=connect&variant=Connect":    {"variant"},
		"invite_state=skipped&bulk_invite=!": {"invite_state"},
		"archived=maybe":                     {"archived"},
		"archived=no&archived=no":            {"archived"},
		"created_before=2026-02-30":          {"created_before"},
		"created_before=2026-2-3":            {"created_before"},
		"created_after=":                     {"created_after"},
		"invited_after=2026-11-23T10:00:00":  {"invited_after"},
		"invited_after=2026-11-23T25:00:00Z": {"invited_after"},
		"invited_before=2026-01-01&invited_before=2026-01-01": {"invited_before"},
		"colour=red&archived=x&invited_before=yesterday":      {"archived", "colour", "invited_before"},
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseFilter(values, time.UTC); !slices.Equal(paths(err), want) {
			t.Errorf("%s: %v, want faults of %v", query, err, want)
		}
	}
}

func TestQueryIsCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"":             "",
		"archived=no":  "",
		"archived=any": "archived=any",
		"standing=user&standing=contact&standing=user&q=": "q=&standing=contact&standing=user",
		"label=B&company=&label=A":                        "company=&label=A&label=B",
	} {
		values, _ := url.ParseQuery(in)
		f := parse(t, values)
		if got := f.Query(); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
		if f.Empty() != (want == "") {
			t.Errorf("%s: empty is %t", in, f.Empty())
		}
	}
}

func TestParseMoment(t *testing.T) {
	zone := func(name string) *time.Location {
		l, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, c := range []struct{ zone, in, want string }{
		{"UTC", "2026-11-23", "2026-11-23T00:00:00Z"},
		{"Europe/Copenhagen", "2026-11-23", "2026-11-22T23:00:00Z"},
		{"Europe/Copenhagen", "2026-07-01", "2026-06-30T22:00:00Z"},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"}, // clocks went from 0:00 to 1:00
		{"Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00Z"},       // the same
		{"America/Havana", "2025-11-02", "2025-11-02T04:00:00Z"},    // clocks went from 1:00 to 0:00: the first midnight
		{"UTC", "2026-11-23T10:00:00.5+02:00", "2026-11-23T08:00:00.5Z"},
		{"UTC", "2026-11-23t10:00:00z", "2026-11-23T10:00:00Z"},
		{"UTC", "2026-11-23T10:00:00.0000001Z", "2026-11-23T10:00:00.001Z"}, // rounded up
		{"UTC", "2026-11-23T10:00:00.001Z", "2026-11-23T10:00:00.001Z"},
		{"UTC", "1960-01-01T00:00:00.0005Z", "1960-01-01T00:00:00.001Z"},
	} {
		want, err := time.Parse(time.RFC3339Nano, c.want)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := parseMoment(c.in, zone(c.zone)); !ok || got != want.UnixMilli() {
			t.Errorf("%s in %s is %s, want %s", c.in, c.zone, time.UnixMilli(got).UTC().Format(time.RFC3339Nano), c.want)
		}
	}
}

// The first moment of any date in any zone is on that date, and the millisecond before is
// not.
func TestStartOfDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"UTC", "Europe/Copenhagen", "America/Sao_Paulo", "Asia/Beirut", "America/Havana", "Pacific/Chatham", "Africa/Cairo", "Atlantic/Azores"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		day := time.Date(1990, 1, 1+rapid.IntRange(0, 16_000).Draw(t, "day"), 12, 0, 0, 0, time.UTC)
		start := StartOfDay(day.Year(), day.Month(), day.Day(), zone)
		if got := start.In(zone).Format(time.DateOnly); got != day.Format(time.DateOnly) {
			t.Fatalf("%v is on %s, not on %s", start, got, day.Format(time.DateOnly))
		}
		if before := start.Add(-time.Millisecond).In(zone); before.Format(time.DateOnly) == day.Format(time.DateOnly) {
			t.Fatalf("%v is on the date already", before)
		}
	})
}

func TestSentences(t *testing.T) {
	f := parse(t, map[string][]string{"label": {"Fair 2026", "Board"}, "standing": {"member", "contact", "user"}, "company": {"", "Acme"}, "owner": {"7"}, "archived": {"any"},
		"reached": {"sent", "not_sent"}, "bulk_invite": {"2s", ""}, "variant": {"connect", "create_account"}})
	var got []string
	for _, s := range f.Sentences(func(word, value string) string {
		return map[string]string{"owner7": "Dana Whitfield", "bulk_invite2s": "Career fair"}[word+value]
	}) {
		got = append(got, s.Text())
		values, err := url.ParseQuery(s.Without)
		if err != nil {
			t.Fatal(err)
		}
		if rest := parse(t, values); len(rest.Sentences(nil)) != len(f.Sentences(nil))-1 {
			t.Errorf("without %q: %s", s.Text(), s.Without)
		}
	}
	want := []string{"Label Board", "Label Fair 2026", "Company none or Acme", "Standing contact, user or member",
		"So far not sent", "So far sent", "Bulk invite none or Career fair", "Invited to create account or connect", "Owner Dana Whitfield", "Archived any"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestParseSelection(t *testing.T) {
	for in, want := range map[string]string{
		`{"ids":["1z141z5","x!","1z141z5"]}`: `{"ids":["1z141z5","1z141z5"]}`,
		`{"ids":[]}`:                         `{"ids":[]}`,
		`{"filter":{}}`:                      `{"except":[],"filter":{}}`,
		`{"filter":""}`:                      `{"except":[],"filter":{}}`,
		`{"filter":"label=B&label=A","except":["1z141z5"]}`:     `{"except":["1z141z5"],"filter":{"label":["A","B"]}}`,
		`{"filter":{"label":"A","standing":["user","member"]}}`: `{"except":[],"filter":{"label":["A"],"standing":["member","user"]}}`,
	} {
		s, err := ParseSelection([]byte(in), time.UTC)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		got, err := json.Marshal(s)
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v, want %s", in, got, err, want)
		}
		again, err := ParseSelection(got, time.UTC)
		if err != nil || !reflect.DeepEqual(again, s) && (len(again.IDs)+len(s.IDs)+len(again.Except)+len(s.Except) > 0) {
			t.Errorf("%s reads as %+v, %v", got, again, err)
		}
	}
	for in, want := range map[string]string{
		``: "selection", `[]`: "selection", `{}`: "selection", `{"ids":null}`: "selection", `{"filter":null}`: "selection", `{"all":true}`: "selection",
		`{"ids":["a"],"filter":{}}`: "selection", `{"ids":["a"],"except":["b"]}`: "selection", `{"filter":{}} x`: "selection", `{"ids":[1]}`: "selection",
		`{"filter":[]}`: "selection.filter", `{"filter":7}`: "selection.filter", `{"filter":"%zz"}`: "selection.filter",
		`{"filter":{"label":7}}`: "selection.filter.label", `{"filter":{"label":null}}`: "selection.filter.label", `{"filter":{"label":["a",null]}}`: "selection.filter.label",
		`{"filter":{"colour":"red"}}`: "selection.filter.colour", `{"filter":"archived=no&archived=yes"}`: "selection.filter.archived",
	} {
		if _, err := ParseSelection([]byte(in), time.UTC); !slices.Equal(paths(err), []string{want}) {
			t.Errorf("%s: %v, want a fault of %s", in, err, want)
		}
	}
}

// Whatever a filter is asked with, its query reads back as the same filter.
func FuzzParseFilter(f *testing.F) {
	f.Add("q=a&label=B&label=b&archived=any&created_after=2026-11-23")
	f.Add("company=&owner=&standing=contact&invite=expired&invited_before=2026-11-23T10%3A00%3A00.5%2B02%3A00")
	f.Add("q=%ff%00&title=%1f")
	f.Add("reached=sent&reached=not_sent&bulk_invite=2s&bulk_invite=&variant=&variant=connect&invite_state=queued&label_any=")
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		a, err := ParseFilter(values, time.UTC)
		if err != nil {
			if len(paths(err)) == 0 {
				t.Fatalf("%q: %v", query, err)
			}
			return
		}
		values, err = url.ParseQuery(a.Query())
		if err != nil {
			t.Fatal(err)
		}
		b, err := ParseFilter(values, time.UTC)
		if err != nil || b.Query() != a.Query() || !maps.Equal(a.times, b.times) {
			t.Fatalf("%q: %q, then %q, %v", query, a.Query(), b.Query(), err)
		}
		for _, s := range a.Sentences(nil) {
			if strings.Contains(s.Without, s.Word+"=") && !findWord(s.Word).each {
				t.Fatalf("%q: without %s is %q", query, s.Word, s.Without)
			}
		}
	})
}
