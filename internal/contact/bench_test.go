package contact

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

// person makes up the n-th contact of a large book: a third of the people share a company.
func person(t testing.TB, r *rand.Rand, n int, labels []string) Incoming {
	syllables := strings.Fields("an ber co da el fi go ha in jo ka li mo na or pe qui ra sa to ul vi wa xe yo za")
	word := func(parts int) string {
		var b strings.Builder
		for range parts {
			b.WriteString(syllables[r.IntN(len(syllables))])
		}
		w := b.String()
		return strings.ToUpper(w[:1]) + w[1:]
	}
	company := fmt.Sprintf("%s %s %d", word(2), word(2), r.IntN(20))
	f := Fields{FirstName: word(2), LastName: word(3), CompanyName: company, Title: word(3) + " " + word(2), Phone: "+1 555 0142", City: word(3)}
	f.Email = fmt.Sprintf("%s.%s%d@%s.example", f.FirstName, f.LastName, n, strings.ReplaceAll(company, " ", "-"))
	return incoming(t, f, labels...)
}

// large fills elm's book with n contacts, each with two or three of 40 labels, the first
// labels being far more frequent than the last.
func (h *house) large(n int) (labels []string) {
	labels = texts("Label %02d", 40)
	r := rand.New(rand.NewPCG(1, 2))
	for from := 0; from < n; from += 2000 {
		rows := make([]Incoming, 0, 2000)
		for i := from; i < min(n, from+2000); i++ {
			var has []string
			for range 2 + r.IntN(2) {
				has = append(has, labels[min(r.IntN(40), r.IntN(40))])
			}
			slices.Sort(has)
			rows = append(rows, person(h.t, r, i, slices.Compact(has)))
		}
		h.merge(h.elm, rows, "")
	}
	return labels
}

// BenchmarkFind asks a book of 200,000 contacts what people ask: with two labels and three
// letters, with three letters, and with nothing. It reports the time within which 95 of 100
// pages, each with its exact total, came.
func BenchmarkFind(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			h := newHouse(b, open(b))
			labels := h.large(200_000)
			for what, query := range questions(labels) {
				b.Run(what, func(b *testing.B) { h.ask(b, query) })
			}
		})
	}
}

// questions are what people ask of a large book.
func questions(labels []string) map[string]func() map[string][]string {
	r := rand.New(rand.NewPCG(3, 4))
	letters := func() string { return []string{"ber", "ano", "xey", "ada", "lim"}[r.IntN(5)] }
	always := func(q map[string][]string) func() map[string][]string { return func() map[string][]string { return q } }
	return map[string]func() map[string][]string{
		"two labels and letters": func() map[string][]string {
			at := r.Perm(len(labels))
			return map[string][]string{"label": {labels[at[0]], labels[at[1]]}, "q": {letters()}}
		},
		"the two largest labels": func() map[string][]string { return map[string][]string{"label": labels[:2], "q": {letters()}} },
		"letters":                func() map[string][]string { return map[string][]string{"q": {letters()}} },
		"any of three labels":    always(map[string][]string{"label_any": labels[10:13]}),
		"no label":               always(map[string][]string{"label_none": labels[:1]}),
		"standing user":          always(map[string][]string{"standing": {"user"}}),
		"standing contact":       always(map[string][]string{"standing": {"contact"}}),
		"nothing":                always(nil),
	}
}

func (h *house) ask(b *testing.B, query func() map[string][]string) {
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		if _, err := h.book.Find(h.ctx, h.elm, Search{Filter: parse(b, query()), Limit: 50}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}

// BenchmarkMerge brings 100,000 new contacts with one label in, 2,000 a chunk.
func BenchmarkMerge(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			const n, chunk = 100_000, 2_000
			r := rand.New(rand.NewPCG(1, 2))
			var rows []Incoming
			for i := range n {
				rows = append(rows, person(b, r, i, []string{"Career fair 2026"}))
			}
			var longest time.Duration
			for b.Loop() {
				b.StopTimer()
				h := newHouse(b, open(b))
				b.StartTimer()
				for part := range slices.Chunk(rows, chunk) {
					begin := time.Now()
					h.merge(h.elm, part, "")
					longest = max(longest, time.Since(begin))
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(longest.Milliseconds()), "longest-ms")
		})
	}
}
