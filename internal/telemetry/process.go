package telemetry

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Process adds what the process itself uses, under the names that are usual for it.
func (m *Metrics) Process(version string) {
	began := float64(time.Now().UnixMilli()) / 1000
	m.Gauge("beckon_info", "The version that runs.", "gauge", []string{"version"}, constant(1, version))
	m.Gauge("process_start_time_seconds", "When the process began.", "gauge", nil, constant(began))
	m.Gauge("go_goroutines", "Goroutines.", "gauge", nil, func() []Sample { return []Sample{{Value: float64(runtime.NumGoroutine())}} })
	m.Gauge("process_resident_memory_bytes", "Memory in use.", "gauge", nil, func() []Sample {
		if bytes, ok := resident(); ok {
			return []Sample{{Value: bytes}}
		}
		return nil
	})
}

func constant(v float64, labels ...string) func() []Sample {
	return func() []Sample { return []Sample{{labels, v}} }
}

// resident reads the resident memory where the system tells it as Linux does (proc(5), statm).
func resident() (bytes float64, ok bool) {
	raw, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(raw))
	if len(fields) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseFloat(fields[1], 64)
	return pages * float64(os.Getpagesize()), err == nil
}
