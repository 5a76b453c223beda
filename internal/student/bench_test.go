package student

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/gate/gatetest"
	"beckon/internal/institution"
	"beckon/internal/recruiting"
)

// person makes up the n-th student of a large institution: half of all let recruiters find
// them, and 80 majors are shared.
func person(r *rand.Rand, institutionID int64, n int) Student {
	syllables := strings.Fields("an ber co da el fi go ha in jo ka li mo na or pe qui ra sa to ul vi wa xe yo za")
	word := func(r *rand.Rand, parts int) string {
		var b strings.Builder
		for range parts {
			b.WriteString(syllables[r.IntN(len(syllables))])
		}
		w := b.String()
		return strings.ToUpper(w[:1]) + w[1:]
	}
	major := rand.New(rand.NewPCG(7, uint64(r.IntN(80))))
	s := Student{InstitutionID: institutionID, FirstName: word(r, 2), LastName: word(r, 3), Major: word(major, 3) + " " + word(major, 2),
		GraduationYear: 2026 + r.IntN(5), ExternalID: fmt.Sprintf("X-%d", n), ShowsMajor: true, ShowsYear: true}
	s.Email = strings.ToLower(fmt.Sprintf("%s.%s%d@students.elm.example", s.FirstName, s.LastName, n))
	if n%2 == 0 {
		s.AllowsAt, s.About = gatetest.Now, "Looks for a thesis about "+word(r, 4)
	}
	return s
}

// large makes an institution of n students.
func large(t testing.TB, w gatetest.World, name string, n int) (institutionID int64) {
	institutionID = w.Institution(name)
	r := rand.New(rand.NewPCG(1, 2))
	for from := 0; from < n; from += 1000 {
		var values []any
		for i := from; i < from+1000; i++ {
			s := person(r, institutionID, i)
			k := s.keys(s.Email)
			values = append(values, newID(), s.InstitutionID, s.Email, s.Email, s.FirstName, s.LastName, s.Major, s.GraduationYear, s.ExternalID,
				db.Millis(s.AllowsAt), s.About, k.name, k.search, k.shown, 1, 1)
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO students (id, institution_id, email, email_key, first_name, last_name, major, graduation_year, external_id,
				allows_at, about, name_key, search, shown, created_at, updated_at) VALUES `+db.Tuples(1, 1000, 16), values...)
			return err
		})
	}
	return institutionID
}

// BenchmarkSearch asks among 200,000 students, half of whom recruiters may find, what staff
// and recruiters ask. It reports the time within which 95 of 100 pages, each with its exact
// total, came.
func BenchmarkSearch(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			w := gatetest.World{T: b, DB: open(b)}
			elm, ctx := large(b, w, "Elm University", 200_000), context.Background()
			scope := institution.System(elm, "benchmark")
			now := func() time.Time { return gatetest.Now }
			book := &contact.Book{DB: w.DB, Now: now}
			st := &Students{DB: w.DB, Now: now, Book: book}
			user := w.User("Robin Reed", "robin@acme.example")
			co, err := (&company.Companies{DB: w.DB, Now: now}).Create(ctx, user, company.New{Name: "Acme"})
			if err == nil {
				err = (&recruiting.Recruiting{DB: w.DB, Now: now, Book: book}).Approve(ctx, scope, co.ID)
			}
			if err != nil {
				b.Fatal(err)
			}
			for what, q := range map[string]string{"nothing": "", "few": "berano", "many": "an", "nobody": "zzz"} {
				b.Run("staff/"+what, func(b *testing.B) {
					pages(b, func() (err error) { _, _, _, err = st.List(ctx, scope, Query{Q: q, Limit: 50}); return err })
				})
				b.Run("recruiter/"+what, func(b *testing.B) {
					pages(b, func() (err error) { _, _, _, err = st.Find(ctx, user, elm, FindQuery{Q: q, Limit: 50}); return err })
				})
			}
		})
	}
}

// pages measures what reads a page.
func pages(b *testing.B, read func() error) {
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		if err := read(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}
