package telemetry

import (
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"beckon/internal/db"
)

// readFor is how long reading values from the database may take.
const readFor = 2 * time.Second

// Database adds what the database knows: work that waits, what became of invites, and how
// busy its connections are. The numbers are those of all processes on it together.
func (m *Metrics) Database(d *db.DB) {
	m.Gauge("beckon_acts_open", "Long acts that are not over.", prometheus.GaugeValue, []string{"kind", "state"},
		query(d, `SELECT kind, state, COUNT(*) FROM acts WHERE state IN ('queued', 'running') GROUP BY kind, state`, 2))
	m.Gauge("beckon_invites_total", "Invites by what a mail server said.", prometheus.CounterValue, []string{"result"},
		query(d, `SELECT 'sent', COALESCE(SUM(sent), 0) FROM bulk_invites UNION ALL
			SELECT 'bounced', COALESCE(SUM(bounced), 0) FROM bulk_invites UNION ALL
			SELECT 'failed', COALESCE(SUM(failed), 0) FROM bulk_invites`, 1))
	m.Gauge("beckon_invites_waiting", "Invites that are still to be sent.", prometheus.GaugeValue, []string{"state"},
		query(d, `SELECT 'queued', COALESCE(SUM(queued), 0) FROM bulk_invites WHERE state <> 'scheduled' UNION ALL
			SELECT 'scheduled', COALESCE(SUM(queued), 0) FROM bulk_invites WHERE state = 'scheduled' UNION ALL
			SELECT 'sending', COALESCE(SUM(sending), 0) FROM bulk_invites UNION ALL
			SELECT 'deferred', COALESCE(SUM(deferred), 0) FROM bulk_invites`, 1))
	m.Gauge("beckon_outbox_waiting", "Single mails that are still to be sent.", prometheus.GaugeValue, nil,
		query(d, `SELECT COUNT(*) FROM outbox WHERE state = 'queued'`, 0))
	m.Gauge("beckon_database_connections", "Connections to the database.", prometheus.GaugeValue, []string{"pool", "state"}, func() (all []Sample) {
		for name, s := range d.Stats() {
			all = append(all, Sample{[]string{name, "busy"}, float64(s.InUse)}, Sample{[]string{name, "idle"}, float64(s.Idle)})
		}
		return all
	})
	m.Gauge("beckon_database_wait_seconds_total", "How long statements waited for a connection.", prometheus.CounterValue, []string{"pool"}, func() (all []Sample) {
		for name, s := range d.Stats() {
			all = append(all, Sample{[]string{name}, s.WaitDuration.Seconds()})
		}
		return all
	})
}

// WatchStatements counts and logs the slow statements of this process, without what is bound
// in them. It must be called before the database is used.
func (m *Metrics) WatchStatements(d *db.DB) {
	slow := m.Counter("beckon_database_slow_statements_total", "Statements that took a second or more.")
	d.Took = func(ctx context.Context, statement string, took time.Duration) {
		if took >= slowFrom {
			slow.Add(1)
			slog.WarnContext(ctx, "slow statement", "took", took, "statement", strings.Join(strings.Fields(statement), " "))
		}
	}
}

// query reads samples: so many columns of labels, then the value. A database that does not
// answer gives none.
func query(d *db.DB, text string, labels int) func() []Sample {
	return func() (all []Sample) {
		ctx, cancel := context.WithTimeout(context.Background(), readFor)
		defer cancel()
		err := d.Read(ctx, func(tx *db.Tx) error {
			return tx.Rows(ctx, func(r *sql.Rows) error {
				s := Sample{Labels: make([]string, labels)}
				to := make([]any, labels, labels+1)
				for i := range s.Labels {
					to[i] = &s.Labels[i]
				}
				err := r.Scan(append(to, &s.Value)...)
				all = append(all, s)
				return err
			}, text)
		})
		if err != nil {
			return nil
		}
		return all
	}
}
