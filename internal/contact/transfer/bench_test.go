package transfer

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"beckon/internal/act"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/institution"
)

// generated is a file of rows like those that career centres have, made while it is read.
type generated struct {
	rows, row int
	random    *rand.Rand
	rest      bytes.Buffer
}

func newGenerated(rows int) *generated {
	g := &generated{rows: rows, random: rand.New(rand.NewPCG(1, 2))}
	g.rest.WriteString("email,first_name,last_name,title,company_name,phone,city,country,labels,notes\n")
	return g
}

func (g *generated) Read(p []byte) (int, error) {
	for g.rest.Len() < len(p) && g.row < g.rows {
		g.row++
		r := g.random.IntN(1 << 30)
		fmt.Fprintf(&g.rest, "person%d.%d@firm%d.example,Zoë %d,Person-%d,\"Head, Talent %d\",Firm %d and Sons,+49 30 %d,Town %d,Germany,Career fair %d,\"Met at the fair. Wants juniors, call back after %d.\"\n",
			r, g.row, r%9000, r%400, r%7000, r%90, r%9000, r, r%300, 2020+r%6, r%100)
	}
	if g.rest.Len() == 0 {
		return 0, io.EOF
	}
	return g.rest.Read(p)
}

// BenchmarkImport uploads and imports 100,000 new contacts.
func BenchmarkImport(b *testing.B) {
	const rows = 100_000
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				d := open(b)
				m := Imports{DB: d, Now: time.Now, Book: &contact.Book{DB: d, Now: time.Now}}
				if _, err := d.SQL().Exec(`INSERT INTO institutions (id, slug, name, name_key, created_at) VALUES (1, 'elm', 'Elm', 'elm', 1)`); err != nil {
					b.Fatal(err)
				}
				runtime.GC()
				b.StartTimer()
				importAll(b, d, &m, rows)
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			var mem runtime.MemStats
			runtime.ReadMemStats(&mem)
			b.ReportMetric(float64(mem.Sys)/(1<<20), "MB-of-memory")
		})
	}
}

func importAll(b *testing.B, d *db.DB, m *Imports, rows int) {
	ctx := context.Background()
	scope := institution.Token(1, 1, "bench", []institution.Permission{institution.Contacts})
	i, err := m.Upload(ctx, scope, "bench.csv", newGenerated(rows), Options{Confirm: true})
	if err != nil {
		b.Fatal(err)
	}
	r := act.Runner{DB: d, Now: time.Now, Log: slog.New(slog.DiscardHandler), Kinds: map[string]act.OpenFunc{Kind: m.Open}}
	if err := r.Drain(ctx); err != nil {
		b.Fatal(err)
	}
	if i, err = m.Get(ctx, scope, i.ID); err != nil || i.Created != int64(rows) {
		b.Fatalf("%s, %v", counts(i), err)
	}
}
