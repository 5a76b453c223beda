package insights

import (
	"slices"

	"beckon/internal/insight"
)

// Pictures of an explore; noChart shows the table alone.
const (
	barChart     = "bar"
	stackedChart = "stacked"
	lineChart    = "line"
	funnelChart  = "funnel"
	noChart      = "table"
)

var charts = []string{barChart, stackedChart, lineChart, funnelChart, noChart}

// funnelSteps are the measures that narrow one after the other.
var funnelSteps = []string{"contacts", "invited", "sent", "opened", "accepted", "approved"}

// Limits of what a picture can show and be read.
const (
	mostBars     = 15
	mostSpans    = 120
	mostParts    = 10
	mostMeasures = 4
	// mostStretched keeps one contact of long ago from making a row for every day since.
	mostStretched = 2000
)

// dot is one number of a picture.
type dot struct {
	Row  string  `json:"row"`
	Part string  `json:"part"`
	Nth  int     `json:"nth"` // of the parts
	N    float64 `json:"n"`
	Says string  `json:"says"` // the number as people read it
	// Tip is what it says when pointed at, "" for one that only keeps a line on the ground.
	Tip string `json:"tip"`
	URL string `json:"url,omitempty"`
}

// picture is an explore drawn.
type picture struct {
	// Kind is which picture it is, noChart for none.
	Kind string
	// Kinds are those that this explore can be drawn as.
	Kinds []string
	Title string
	// Says tells in a sentence what the picture shows, Note what it leaves out.
	Says, Note string
	// Type is that of the numbers.
	Type string
	Rows []string
	// Parts tell colours apart; one alone needs no legend.
	Parts []string
	Dots  []dot
	// Over is what stands at the end of stacked bars, by row.
	Over []dot
	// sums are those of the rows, with parts that are not shown; notes make Note.
	sums  map[string]float64
	notes []string
	// Upright says that the bars stand, as they do along time.
	Upright bool
}

// draw chooses the picture and puts the answer's numbers into it.
func draw(v exploreView) picture {
	p := picture{Kinds: v.kinds(), Title: v.title()}
	p.Kind = v.Chart
	if !slices.Contains(p.Kinds, p.Kind) {
		p.Kind = v.fitting(p.Kinds)
	}
	if p.Kind == noChart {
		return p
	}
	if p.Kind == funnelChart {
		p.funnel(v)
	} else {
		p.lay(v)
	}
	if len(p.notes) > 0 {
		p.Note = capital(enumerate(p.notes)) + "."
	}
	if len(p.Dots) == 0 {
		p.Kind = noChart
	}
	p.Says = p.sentence()
	return p
}

// kinds are the pictures that make sense of the fields.
func (v exploreView) kinds() (kinds []string) {
	counted := slices.ContainsFunc(v.measures(), func(m string) bool { f, _ := find(measures, m); return f.Type == insight.Number })
	rows := len(v.Dimensions)
	split := v.Pivot != "" || rows > 1
	if rows > 0 || split || len(v.measures()) > 1 {
		kinds = append(kinds, barChart)
	}
	if split && rows > 0 && counted {
		kinds = append(kinds, stackedChart)
	}
	if v.dateAt() >= 0 {
		kinds = append(kinds, lineChart)
	}
	if len(v.steps()) > 1 && rows == 0 && v.Pivot == "" {
		kinds = append(kinds, funnelChart)
	}
	return append(kinds, noChart)
}

// fitting is the picture that shows most of the explore.
func (v exploreView) fitting(kinds []string) string {
	for _, kind := range []string{lineChart, stackedChart, funnelChart, barChart} {
		if slices.Contains(kinds, kind) {
			return kind
		}
	}
	return noChart
}

// dateAt is the first dimension of time among the rows, -1 for none.
func (v exploreView) dateAt() int {
	return slices.IndexFunc(v.Dimensions, isDate)
}

func isDate(name string) bool { f, _ := find(dimensions, name); return f.Type == insight.Date }

func (v exploreView) steps() (steps []string) {
	for _, m := range funnelSteps {
		if slices.Contains(v.measures(), m) {
			steps = append(steps, m)
		}
	}
	return steps
}

// column finds the column of a measure over all values of the pivot.
func (v exploreView) column(measure string) int {
	return slices.IndexFunc(v.Answer.Columns, func(c insight.Column) bool { return c.Measure == measure && !c.Pivoted })
}
