package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Process adds what the process itself uses, under the names that are usual for it, and the
// version that runs.
func (m *Metrics) Process(version string) {
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.Gauge("beckon_info", "The version that runs.", prometheus.GaugeValue, []string{"version"}, func() []Sample {
		return []Sample{{[]string{version}, 1}}
	})
}
