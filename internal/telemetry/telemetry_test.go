package telemetry_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/telemetry"
)

func scrape(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

func wants(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %s in\n%s", line, text)
		}
	}
}

func TestRequestsAreCountedByPattern(t *testing.T) {
	m := telemetry.NewMetrics()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /i/{token}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	h := m.Requests()(mux)
	for _, r := range []*http.Request{httptest.NewRequest("GET", "/i/secret1", nil), httptest.NewRequest("GET", "/i/secret2", nil), httptest.NewRequest("BREW", "/nowhere", nil)} {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	text := scrape(t, m)
	wants(t, text, `beckon_http_requests_total{method="GET",route="GET /i/{token}",status="418"} 2`,
		`beckon_http_requests_total{method="other",route="none",status="404"} 1`,
		`beckon_http_request_duration_seconds_bucket{route="GET /i/{token}",le="+Inf"} 2`,
		`beckon_http_request_duration_seconds_count{route="GET /i/{token}"} 2`)
	if strings.Contains(text, "secret") {
		t.Error("the metrics hold a token")
	}
}

func TestBucketsHoldAllBelowThem(t *testing.T) {
	m := telemetry.NewMetrics()
	d := m.Durations("x_seconds", "x.")
	for _, seconds := range []float64{.0005, .003, .003, 99} {
		d.Observe(seconds)
	}
	wants(t, scrape(t, m), `x_seconds_bucket{le="0.001"} 1`, `x_seconds_bucket{le="0.005"} 3`, `x_seconds_bucket{le="10"} 3`,
		`x_seconds_bucket{le="+Inf"} 4`, `x_seconds_sum 99.0065`)
}

func TestDatabaseNumbers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec(context.Background(), `INSERT INTO outbox (kind, recipient, state, due_at, created_at) VALUES ('k', 'a@b.example', 'queued', 1, 1)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		m := telemetry.NewMetrics()
		m.Database(d)
		m.Process("v1")
		text := scrape(t, m)
		wants(t, text, `beckon_outbox_waiting 1`, `beckon_invites_total{result="sent"} 0`, `beckon_invites_waiting{state="deferred"} 0`, `beckon_info{version="v1"} 1`)
		if !strings.Contains(text, `beckon_database_connections{pool="`) {
			t.Error("nothing about connections")
		}
	})
}

func TestLogFormats(t *testing.T) {
	var out bytes.Buffer
	telemetry.Log(&out, "json").Info("hello", "n", 1)
	telemetry.Log(&out, "text").Info("hello", "n", 1)
	if s := out.String(); !strings.Contains(s, `"msg":"hello","n":1}`) || !strings.Contains(s, "msg=hello n=1") {
		t.Error(s)
	}
}

// logged is what is logged while f runs.
func logged(t *testing.T, f func()) string {
	t.Helper()
	var out bytes.Buffer
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(telemetry.Log(&out, "text"))
	f()
	return out.String()
}

func TestSlowRequestsAreLoggedByPatternAndNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /i/{token}", func(http.ResponseWriter, *http.Request) { time.Sleep(1500 * time.Millisecond) })
		mux.HandleFunc("GET /u/{token}", func(http.ResponseWriter, *http.Request) { time.Sleep(500 * time.Millisecond) })
		h := telemetry.Numbered(telemetry.NewMetrics().Requests()(mux))
		slow, quick := httptest.NewRecorder(), httptest.NewRecorder()
		text := logged(t, func() {
			h.ServeHTTP(slow, httptest.NewRequest("GET", "/i/secret", nil))
			h.ServeHTTP(quick, httptest.NewRequest("GET", "/u/secret", nil))
		})
		number := slow.Header().Get("X-Request-Id")
		if !strings.Contains(text, `route="GET /i/{token}" status=200 took=1.5s request=`+number+"\n") || number == "" || number == quick.Header().Get("X-Request-Id") {
			t.Errorf("number %s: %s", number, text)
		}
		if strings.Contains(text, "secret") || strings.Contains(text, "/u/") {
			t.Error(text)
		}
	})
}

func TestSlowStatementsAreLoggedWithoutArguments(t *testing.T) {
	d := &db.DB{}
	m := telemetry.NewMetrics()
	m.WatchStatements(d)
	text := logged(t, func() {
		d.Took(t.Context(), "SELECT id\n\t\tFROM contacts WHERE email_key = $1", 1200*time.Millisecond)
		d.Took(t.Context(), "SELECT 1", 900*time.Millisecond)
	})
	if !strings.Contains(text, `took=1.2s statement="SELECT id FROM contacts WHERE email_key = $1"`) || strings.Contains(text, "SELECT 1") {
		t.Error(text)
	}
	wants(t, scrape(t, m), `beckon_database_slow_statements_total 1`)
}
