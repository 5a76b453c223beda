package invite

import (
	"context"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

// BenchmarkSend is everything about sending but the wire: leases, messages, results.
func BenchmarkSend(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				const n = 20_000
				h := newHouse(b, open(b))
				h.fill(n)
				h.sender.Connections = 20
				bulk := h.confirm(Order{Selection: everybody(), Label: "bench"})
				b.StartTimer()
				started := time.Now()
				h.expand()
				expanded := time.Now()
				ctx, cancel := context.WithCancel(context.Background())
				done := make(chan struct{})
				go func() { h.sender.Run(ctx); close(done) }()
				for {
					got, err := h.in.Get(ctx, h.scope, bulk.ID)
					h.must(err)
					if got.State == BulkSent {
						break
					}
					time.Sleep(5 * time.Millisecond) // between looks
				}
				b.ReportMetric(n/expanded.Sub(started).Seconds(), "expanded/s")
				b.ReportMetric(n/time.Since(expanded).Seconds(), "sent/s")
				cancel()
				<-done
			}
		})
	}
}

// fill adds n contacts by one statement.
func (h *house) fill(n int) {
	const first = 1 << 32
	h.exec(h.in.DB, `
		INSERT INTO contacts (institution_id, id, email, email_key, domain, first_name, last_name, created_at, updated_at, name_key, company_key, title_key, search)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		SELECT 1, CAST($2 AS BIGINT) + i, 'p' || i || '@a.example', 'p' || i || '@a.example', 'a.example', 'P', 'Test', 1, 1, 'p' || i, '', '', 'p' || i FROM n`, n, int64(first))
	h.exec(h.in.DB, `INSERT INTO contact_standing (institution_id, contact_id) SELECT 1, id FROM contacts`)
}
