package insights

import (
	"strings"
	"unicode/utf8"

	"beckon/internal/insight"
	"beckon/internal/web/components"
)

// m is an object of a specification.
type m = map[string]any

// palette are the colours of parts, by the names of the page's tokens, which the script
// reads in the theme that is on.
var palette = []string{"--accent", "--teal", "--beacon", "--good", "--dot-2", "--dot-8", "--dot-6", "--dot-9", "--dot-10", "--line-firm"}

// standingColors are those that standing has on every page.
var standingColors = map[string]string{"Contact": "--line-firm", "User": "--teal", "Member": "--accent", "Approved": "--good", "Blocked": "--bad"}

// spec is the picture as a specification of Vega-Lite. The script adds width and theme: only
// config names colours, since everything else may hold what people wrote.
func (p picture) spec() m {
	s := m{
		"$schema":  "https://vega.github.io/schema/vega-lite/v6.json",
		"autosize": m{"type": "fit-x", "contains": "padding"},
		"config":   p.config(),
		"data":     m{"values": p.Dots},
	}
	switch {
	case p.Kind == lineChart:
		s["height"] = 220
		s["encoding"] = p.colored(m{"x": p.spans(false), "y": p.numbers()})
		s["layer"] = []m{
			{"mark": m{"type": "line"}},
			{"mark": m{"type": "point", "filled": true, "size": 45}, "encoding": m{"tooltip": m{"field": "tip"}, "href": m{"field": "url"}},
				"transform": []m{{"filter": "datum.tip"}}},
		}
	case p.Upright:
		s["height"] = 220
		s["mark"] = m{"type": "bar", "width": m{"band": .72}}
		y := p.numbers()
		bars := p.colored(m{"x": p.spans(true), "y": y, "order": m{"field": "nth"}, "tooltip": m{"field": "tip"}, "href": m{"field": "url"}})
		if p.Kind == barChart && len(p.Parts) > 0 {
			bars["xOffset"], y["stack"] = m{"field": "part", "sort": p.Parts}, nil
		}
		s["encoding"] = bars
	default:
		p.lying(s)
	}
	return s
}

// lying are bars beside their names, with their numbers at the end.
func (p picture) lying(s m) {
	s["height"], s["padding"] = m{"step": p.step()}, m{"right": p.endWidth()}
	y := m{"field": "row", "type": "nominal", "sort": p.Rows, "title": nil, "axis": m{"domain": false, "ticks": false, "labelPadding": 8}}
	x := m{"field": "n", "type": "quantitative", "axis": nil}
	bar := m{"type": "bar", "height": m{"band": .58}}
	bars := p.colored(m{"x": x, "order": m{"field": "nth"}, "tooltip": m{"field": "tip"}, "href": m{"field": "url"}})
	ends := m{"x": x, "text": m{"field": "says"}}
	written := m{"mark": m{"type": "text", "align": "left", "dx": 7}, "encoding": ends}
	switch {
	case p.Kind == stackedChart:
		written["data"] = m{"values": p.Over}
	case len(p.Parts) > 0:
		// Parts beside each other, not one on the other.
		s["height"] = m{"step": 16}
		x["stack"] = nil
		y["scale"] = m{"paddingInner": .28}
		bar = m{"type": "bar"}
		offset := m{"field": "part", "sort": p.Parts, "scale": m{"paddingInner": .15}}
		bars["yOffset"], ends["yOffset"] = offset, offset
	}
	s["encoding"] = m{"y": y}
	s["layer"] = []m{{"mark": bar, "encoding": bars}, written}
}

// step is how far the names of rows are apart, in pixels; many stand closer.
func (p picture) step() int {
	if len(p.Rows) > 8 {
		return 23
	}
	return 28
}

// endWidth is the room for the longest number at the end of a bar, in pixels.
func (p picture) endWidth() int {
	longest := 0
	for _, ends := range [][]dot{p.Dots, p.Over} {
		for _, d := range ends {
			longest = max(longest, utf8.RuneCountInString(d.Says))
		}
	}
	return 7*longest + 10
}

// spans are the rows along time.
func (p picture) spans(band bool) m {
	x := m{"field": "row", "type": "ordinal", "sort": p.Rows, "scale": m{"domain": p.Rows}, "title": nil,
		"axis": m{"labelAngle": 0, "labelOverlap": true, "grid": false, "labelSeparation": 10, "labelPadding": 6}}
	if !band {
		x["scale"] = m{"domain": p.Rows, "type": "point", "padding": .4}
	}
	return x
}

func (p picture) numbers() m {
	axis := m{"tickCount": 5, "domain": false, "ticks": false, "labelPadding": 6}
	switch p.Type {
	case insight.Rate:
		axis["format"] = ".0%"
	case insight.Number:
		axis["format"], axis["tickMinStep"] = ",d", 1
	}
	return m{"field": "n", "type": "quantitative", "title": nil, "axis": axis}
}

// colored tells the parts apart, where there are any.
func (p picture) colored(encoding m) m {
	if len(p.Parts) > 0 {
		encoding["color"] = m{"field": "part", "type": "nominal", "sort": p.Parts, "scale": m{"domain": p.Parts}, "legend": m{"title": nil, "orient": "top"}}
	}
	return encoding
}

func (p picture) config() m {
	label := m{"labelColor": "--ink", "labelFontSize": 12}
	axis := m{"domainColor": "--line-firm", "tickColor": "--line", "gridColor": "--line"}
	for name, value := range label {
		axis[name] = value
	}
	return m{
		"aria":       false,
		"background": "transparent",
		"view":       m{"stroke": nil},
		"axis":       axis,
		"legend": m{"labelColor": "--ink", "labelFontSize": 12.5, "symbolType": "square", "symbolSize": 110, "symbolStrokeWidth": 0,
			"columnPadding": 14, "offset": 14, "labelLimit": 150},
		"title": m{"color": "--ink", "subtitleColor": "--ink-soft"},
		"bar":   m{"fill": "--accent", "cornerRadius": 2, "stroke": "--surface", "strokeWidth": 1},
		"line":  m{"stroke": "--accent", "strokeWidth": 2, "strokeJoin": "round"},
		"point": m{"fill": "--accent", "stroke": "--surface", "strokeWidth": 1},
		"text":  m{"fill": "--ink", "fontSize": 12},
		"range": m{"category": p.colors()},
	}
}

// colors are those of the parts, in their order.
func (p picture) colors() []string {
	colors := make([]string, 0, len(p.Parts))
	for i, part := range p.Parts {
		c, ok := standingColors[part]
		if !ok {
			c = palette[i%len(palette)]
		}
		colors = append(colors, c)
	}
	return colors
}

// sentence tells what the picture shows to those who cannot see it.
func (p picture) sentence() string {
	if len(p.Dots) == 0 {
		return ""
	}
	if p.Kind == funnelChart {
		var steps []string
		for _, d := range p.Dots {
			steps = append(steps, d.Row+" "+strings.ReplaceAll(d.Says, "  ·  ", ", "))
		}
		return strings.Join(steps, "; ") + "."
	}
	top := p.Dots
	if len(p.Over) > 0 {
		top = p.Over
	}
	most, least := top[0], top[0]
	for _, d := range top {
		if d.N > most.N {
			most = d
		}
		if d.N < least.N {
			least = d
		}
	}
	says := components.Count(len(p.Rows), "row", "rows") + ". Most: " + most.name() + " with " + most.Says
	if least != most {
		says += "; least: " + least.name() + " with " + least.Says
	}
	return says + "."
}

func (d dot) name() string {
	if d.Part == "" {
		return d.Row
	}
	return d.Row + ", " + d.Part
}
