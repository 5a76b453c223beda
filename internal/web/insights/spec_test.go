package insights

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/internal/contact"
	"beckon/internal/insight"
	"beckon/internal/institution"
	"beckon/internal/web/visit"
)

// drawn is the picture of an address over made-up rows.
func drawn(t *testing.T, query string, rows ...[]any) picture {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	s, err := readState(values, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	v := exploreView{state: s, Desk: visit.Desk{Institution: institution.Institution{Slug: "elm"}}}
	for _, name := range s.Dimensions {
		f, _ := find(dimensions, name)
		v.Answer.Columns = append(v.Answer.Columns, insight.Column{Name: name, Type: f.Type})
	}
	measured := func(pivoted bool, value string) {
		for _, name := range s.measures() {
			f, _ := find(measures, name)
			v.Answer.Columns = append(v.Answer.Columns, insight.Column{Name: name, Type: f.Type, Measure: name, Pivoted: pivoted, PivotValue: value})
		}
	}
	if s.Pivot != "" {
		measured(true, "contact")
		measured(true, "approved")
	}
	measured(false, "")
	for _, row := range rows {
		v.Answer.Rows = append(v.Answer.Rows, row)
		v.Answer.CellDrills = append(v.Answer.CellDrills, make([]contact.Filter, len(row)))
	}
	return draw(v)
}

func n(i int64) any { return i }

func TestFittingPictures(t *testing.T) {
	label := [][]any{{"Fair", n(5)}, {nil, n(2)}}
	for _, c := range []struct {
		query, want, kinds string
		rows               [][]any
	}{
		{"dim=label&measure=contacts", barChart, "bar table", label},
		{"dim=label&measure=contacts&chart=table", noChart, "bar table", label},
		{"dim=label&measure=contacts&chart=line", barChart, "bar table", label},
		{"dim=label&measure=contacts", noChart, "bar table", nil},
		{"dim=label&dim=standing&measure=contacts", stackedChart, "bar stacked table", [][]any{{"Fair", "user", n(5)}}},
		{"dim=label&dim=standing&measure=acceptance_rate", barChart, "bar table", [][]any{{"Fair", "user", .5}}},
		{"dim=label&pivot=standing&measure=contacts", stackedChart, "bar stacked table", [][]any{{"Fair", n(3), n(2), n(5)}}},
		{"dim=created_month&measure=contacts", lineChart, "bar line table", [][]any{{"2026-11-01", n(5)}}},
		{"dim=created_month&measure=contacts&chart=bar", barChart, "bar line table", [][]any{{"2026-11-01", n(5)}}},
		{"measure=sent&measure=opened", funnelChart, "bar funnel table", [][]any{{n(10), n(5)}}},
		{"measure=contacts&measure=domains", barChart, "bar table", [][]any{{n(10), n(5)}}},
		{"measure=contacts", noChart, "table", [][]any{{n(10)}}},
	} {
		p := drawn(t, c.query, c.rows...)
		if p.Kind != c.want || strings.Join(p.Kinds, " ") != c.kinds {
			t.Errorf("%s: %s of %v, want %s of %s", c.query, p.Kind, p.Kinds, c.want, c.kinds)
		}
	}
}

func TestStackedBarsEndInTheWhole(t *testing.T) {
	// The parts are in the order of the steps whatever comes first, and a row is the sum of
	// its parts where nobody can stand in two of them.
	p := drawn(t, "dim=label&dim=standing&measure=contacts", []any{"Fair", "approved", n(2)}, []any{"Fair", "contact", n(3)}, []any{"Board", "member", n(1)})
	if want := []string{"Contact", "Member", "Approved"}; !slices.Equal(p.Parts, want) {
		t.Errorf("parts %q, want %q", p.Parts, want)
	}
	if want := []string{"--line-firm", "--accent", "--good"}; !slices.Equal(p.colors(), want) {
		t.Errorf("colours %q, want %q", p.colors(), want)
	}
	if len(p.Over) != 2 || p.Over[0].N != 5 || p.Over[1].N != 1 {
		t.Errorf("ends %+v", p.Over)
	}
	if p.Says != "2 rows. Most: Fair with 5; least: Board with 1." {
		t.Errorf("it says %q", p.Says)
	}
	// With a pivot the answer itself tells the whole.
	p = drawn(t, "dim=label&pivot=standing&measure=contacts", []any{"Fair", n(3), n(2), n(5)})
	if len(p.Dots) != 2 || len(p.Over) != 1 || p.Over[0].N != 5 {
		t.Errorf("%+v over %+v", p.Dots, p.Over)
	}
	// Where somebody may stand in two parts there is no end, and it says so.
	p = drawn(t, "dim=standing&dim=label&measure=contacts", []any{"user", "Fair", n(3)}, []any{"user", "Board", n(2)})
	if len(p.Over) != 0 || !strings.Contains(p.Note, "several colours") {
		t.Errorf("ends %+v, %q", p.Over, p.Note)
	}
}

func TestLinesHaveEverySpan(t *testing.T) {
	p := drawn(t, "dim=created_month&measure=contacts", []any{"2026-11-01", n(5)}, []any{"2026-08-01", n(2)}, []any{nil, n(7)})
	if want := []string{"Aug 2026", "Sep 2026", "Oct 2026", "Nov 2026"}; !slices.Equal(p.Rows, want) {
		t.Errorf("%q, want %q", p.Rows, want)
	}
	var numbers []float64
	for _, d := range p.Dots {
		numbers = append(numbers, d.N)
	}
	if !slices.Equal(numbers, []float64{2, 0, 0, 5}) || !strings.Contains(p.Note, "without a date") {
		t.Errorf("%v, %q", numbers, p.Note)
	}
	// What only keeps the line on the ground is no point to look at.
	if p.Dots[1].Tip != "" || p.Dots[3].Tip != "Nov 2026 · 5" {
		t.Errorf("%+v", p.Dots)
	}
	// Every part has every span, and parts of several dimensions are named by all of them.
	p = drawn(t, "dim=created_year&dim=company&dim=title&measure=contacts", []any{"2025-01-01", "A", "T", n(1)}, []any{"2026-01-01", "B", "T", n(2)})
	if len(p.Dots) != 4 || !slices.Equal(p.Parts, []string{"B · T", "A · T"}) {
		t.Errorf("%+v of %q", p.Dots, p.Parts)
	}
	// From long ago to now in days would be too much.
	if p := drawn(t, "dim=created_day&measure=contacts", []any{"1970-01-01", n(5)}, []any{"2026-11-01", n(2)}); len(p.Rows) != 2 {
		t.Errorf("%d rows", len(p.Rows))
	}
	// A rate is not 0 where nothing was.
	if p := drawn(t, "dim=created_week&measure=acceptance_rate", []any{"2026-11-02", .5}, []any{"2026-11-16", .25}); len(p.Dots) != 2 || len(p.Rows) != 3 {
		t.Errorf("%+v over %q", p.Dots, p.Rows)
	}
}

func TestFunnelTellsParts(t *testing.T) {
	p := drawn(t, "measure=accepted&measure=sent&measure=acceptance_rate", []any{n(50), n(200), .25})
	if p.Says != "Sent 200; Accepted 50, 25 %." {
		t.Errorf("it says %q", p.Says)
	}
}

// A picture has one kind of number; the title names all, so it says which are elsewhere.
func TestPicturesSayWhatTheyLeaveOut(t *testing.T) {
	for query, row := range map[string][]any{
		"dim=label&measure=contacts&measure=acceptance_rate&measure=sent": {"Fair", n(5), .5, n(3)},
		"measure=contacts&measure=sent&measure=acceptance_rate":           {n(5), n(3), .5},
	} {
		if p := drawn(t, query, row); p.Note != "The table alone has acceptance rate." {
			t.Errorf("%s: %q", query, p.Note)
		}
	}
	p := drawn(t, "dim=label&pivot=standing&measure=contacts&measure=sent", []any{"Fair", n(3), n(1), n(2), n(1), n(5), n(2)})
	if p.Note != "The table alone has sent." {
		t.Errorf("%q", p.Note)
	}
}

func TestLargePicturesAreCut(t *testing.T) {
	many := make([][]any, 0, 12)
	for i := range 12 {
		many = append(many, []any{"Fair", strings.Repeat("x", i+1), n(1)})
	}
	if p := drawn(t, "dim=label&dim=company&measure=contacts", many...); len(p.Parts) != mostParts || p.Over[0].N != 12 || !strings.Contains(p.Note, "10 of 12 colours") {
		t.Errorf("%d parts over %v, %q", len(p.Parts), p.Over, p.Note)
	}
	var rows [][]any
	for i := range 40 {
		rows = append(rows, []any{strings.Repeat("x", i+1), n(int64(100 - i))})
	}
	p := drawn(t, "dim=company&measure=contacts", rows...)
	if len(p.Rows) != mostBars || len(p.Dots) != mostBars || p.Note != "The picture shows the first 15 of 40 rows." {
		t.Errorf("%d rows, %d bars, %q", len(p.Rows), len(p.Dots), p.Note)
	}
}

func TestOnlyTheConfigurationNamesColours(t *testing.T) {
	for _, query := range []string{"dim=label&measure=contacts", "dim=label&dim=standing&measure=contacts&chart=bar", "dim=created_month&measure=contacts"} {
		row := []any{"2026-11-01", n(3)}
		if strings.Contains(query, "standing") {
			row = []any{"Fair", "user", n(3)}
		}
		spec := drawn(t, query, row).spec()
		delete(spec, "config")
		text, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `"--`) {
			t.Errorf("%s: %s", query, text)
		}
	}
}

func TestTextsOfValues(t *testing.T) {
	for _, c := range []struct{ dimension, value, want string }{
		{"label", "", "No label"}, {"last_invited_week", "", "Never"}, {"source", "", "Uploaded"}, {"source", "posted_job", "Posted a job"},
		{"created_week", "2026-11-02", "Week of 2 Nov 2026"}, {"created_quarter", "2026-10-01", "Q4 2026"}, {"created_year", "2026-01-01", "2026"},
		{"created_day", "2026-11-02", "2 Nov 2026"}, {"variant", "create_account", "Create account"}, {"company", "acme", "acme"},
	} {
		if got := valueText(c.dimension, c.value); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.dimension, c.value, got, c.want)
		}
	}
	for _, c := range []struct {
		kind  string
		value any
		want  string
	}{{insight.Number, n(1284), "1,284"}, {insight.Rate, .123, "12 %"}, {insight.Rate, .0123, "1.2 %"}, {insight.Rate, 0., "0 %"}, {insight.Rate, nil, "–"}, {insight.Days, 3.14, "3.1"}} {
		if got := numberText(c.kind, c.value); got != c.want {
			t.Errorf("%v: %q, want %q", c.value, got, c.want)
		}
	}
}
