// Package telemetry tells how Beckon is doing: metrics in the text format that Prometheus
// reads (version 0.0.4), and log lines. Neither holds addresses, names or tokens.
package telemetry

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Metrics is all series of one process. It is safe for concurrent use.
type Metrics struct {
	mu       sync.Mutex
	families []family
}

// family is the series of one name.
type family interface{ write(w io.Writer) }

// Handler answers with the present values.
func (m *Metrics) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		m.mu.Lock()
		families := slices.Clone(m.families)
		m.mu.Unlock()
		var text strings.Builder
		for _, f := range families {
			f.write(&text)
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		// An error in writing means that whoever asked is gone.
		_, _ = io.WriteString(w, text.String())
	})
}

func (m *Metrics) add(f family) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.families = append(m.families, f)
}

func head(w io.Writer, name, help, kind string) {
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

var labelEscape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// labels writes names and values as {a="x",b="y"}, "" for none.
func labels(names, values []string) string {
	if len(names) == 0 {
		return ""
	}
	pairs := make([]string, len(names))
	for i, name := range names {
		pairs[i] = name + `="` + labelEscape.Replace(values[i]) + `"`
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// Counter counts what happened since the process began, by the values of its labels.
type Counter struct {
	name, help string
	labels     []string

	mu     sync.Mutex
	values map[string]float64 // by the labels as they are written
}

// Counter adds a counter. By convention its name ends with _total.
func (m *Metrics) Counter(name, help string, labels ...string) *Counter {
	c := &Counter{name: name, help: help, labels: labels, values: map[string]float64{}}
	m.add(c)
	return c
}

// Add counts n more, for one value a label.
func (c *Counter) Add(n float64, values ...string) {
	key := labels(c.labels, values)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values[key] += n
}

func (c *Counter) write(w io.Writer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	head(w, c.name, c.help, "counter")
	for _, key := range sortedKeys(c.values) {
		fmt.Fprintf(w, "%s%s %s\n", c.name, key, number(c.values[key]))
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Sample is one present value, with one value for each label of its Gauge.
type Sample struct {
	Labels []string
	Value  float64
}

// Gauge adds values that are read whenever somebody asks. kind is "gauge", or "counter" for
// what only grows. read must be quick; what it cannot read it leaves out.
func (m *Metrics) Gauge(name, help, kind string, labels []string, read func() []Sample) {
	m.add(gauge{name, help, kind, labels, read})
}

type gauge struct {
	name, help, kind string
	labels           []string
	read             func() []Sample
}

func (g gauge) write(w io.Writer) {
	head(w, g.name, g.help, g.kind)
	for _, s := range g.read() {
		fmt.Fprintf(w, "%s%s %s\n", g.name, labels(g.labels, s.Labels), number(s.Value))
	}
}

// Durations counts how long something takes, in seconds, in buckets.
type Durations struct {
	name, help string
	labels     []string

	mu     sync.Mutex
	series map[string]*durations
}

type durations struct {
	values  []string // of the labels
	buckets []uint64 // of bounds, each without those below it
	sum     float64
	count   uint64
}

// bounds are the upper limits of the buckets, from what a page should take to what is broken.
var bounds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}

// Durations adds a histogram. By convention its name ends with _seconds.
func (m *Metrics) Durations(name, help string, labels ...string) *Durations {
	d := &Durations{name: name, help: help, labels: labels, series: map[string]*durations{}}
	m.add(d)
	return d
}

// Observe counts one duration, for one value a label.
func (d *Durations) Observe(seconds float64, values ...string) {
	key := labels(d.labels, values)
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.series[key]
	if s == nil {
		s = &durations{values: slices.Clone(values), buckets: make([]uint64, len(bounds))}
		d.series[key] = s
	}
	s.sum += seconds
	s.count++
	if i, _ := slices.BinarySearch(bounds, seconds); i < len(bounds) {
		s.buckets[i]++
	}
}

func (d *Durations) write(w io.Writer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	head(w, d.name, d.help, "histogram")
	names := append(slices.Clone(d.labels), "le")
	for _, key := range sortedKeys(d.series) {
		s := d.series[key]
		below := uint64(0)
		for i, bound := range bounds {
			below += s.buckets[i]
			fmt.Fprintf(w, "%s_bucket%s %d\n", d.name, labels(names, append(slices.Clone(s.values), number(bound))), below)
		}
		fmt.Fprintf(w, "%s_bucket%s %d\n", d.name, labels(names, append(slices.Clone(s.values), "+Inf")), s.count)
		fmt.Fprintf(w, "%s_sum%s %s\n%s_count%s %d\n", d.name, key, number(s.sum), d.name, key, s.count)
	}
}
