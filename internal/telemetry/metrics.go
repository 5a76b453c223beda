// Package telemetry tells how Beckon is doing: metrics that Prometheus reads, and log lines.
// Neither holds addresses, names or tokens.
package telemetry

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is all series of one process. It is safe for concurrent use.
type Metrics struct{ registry *prometheus.Registry }

// NewMetrics is no series yet.
func NewMetrics() *Metrics { return &Metrics{registry: prometheus.NewRegistry()} }

// Handler answers with the present values. What cannot be read is left out.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// Counter counts what happened since the process began, by the values of its labels.
type Counter struct{ vec *prometheus.CounterVec }

// Counter adds a counter. By convention its name ends with _total.
func (m *Metrics) Counter(name, help string, labels ...string) *Counter {
	c := &Counter{prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)}
	m.registry.MustRegister(c.vec)
	return c
}

// Add counts n more, for one value a label.
func (c *Counter) Add(n float64, values ...string) { c.vec.WithLabelValues(values...).Add(n) }

// Durations counts how long something takes, in seconds, in buckets.
type Durations struct{ vec *prometheus.HistogramVec }

// bounds are the upper limits of the buckets, from what a page should take to what is broken.
var bounds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}

// Durations adds a histogram. By convention its name ends with _seconds.
func (m *Metrics) Durations(name, help string, labels ...string) *Durations {
	d := &Durations{prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: bounds}, labels)}
	m.registry.MustRegister(d.vec)
	return d
}

// Observe counts one duration, for one value a label.
func (d *Durations) Observe(seconds float64, values ...string) {
	d.vec.WithLabelValues(values...).Observe(seconds)
}

// Sample is one present value, with one value for each label of its series.
type Sample struct {
	Labels []string
	Value  float64
}

// Gauge adds values that are read whenever somebody asks. kind is prometheus.GaugeValue, or
// CounterValue for what only grows. read must be quick; what it cannot read it leaves out.
func (m *Metrics) Gauge(name, help string, kind prometheus.ValueType, labels []string, read func() []Sample) {
	m.registry.MustRegister(gauge{prometheus.NewDesc(name, help, labels, nil), kind, read})
}

// gauge is a prometheus.Collector.
type gauge struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func() []Sample
}

func (g gauge) Describe(to chan<- *prometheus.Desc) { to <- g.desc }

func (g gauge) Collect(to chan<- prometheus.Metric) {
	for _, s := range g.read() {
		to <- prometheus.MustNewConstMetric(g.desc, g.kind, s.Value, s.Labels...)
	}
}
