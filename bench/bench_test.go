// Package bench measures Beckon as it runs: the real binary, its API, a mail server that
// takes everything. `make bench` runs it; docs/measuring.md tells how to read it.
package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"beckon/internal/db/dbtest"
)

// sizes of the data that is measured with.
const (
	mass   = 100_000 // contacts imported and invited
	book   = 200_000 // contacts of the list
	labels = 40
	daily  = 5_000 // contacts of an ordinary career centre
)

func engines(b *testing.B, f func(b *testing.B, database string)) {
	b.Run("sqlite", func(b *testing.B) { f(b, "sqlite:"+b.TempDir()+"/beckon.db") })
	b.Run("postgres", func(b *testing.B) { f(b, dbtest.PostgresURL(b)) })
}

// BenchmarkImportAndSend imports contacts and invites all of them over 20 connections.
func BenchmarkImportAndSend(b *testing.B) {
	engines(b, func(b *testing.B, database string) {
		for b.Loop() {
			mails := newSink(b)
			s := serve(b, database, mails.address)
			file := people(mass, 3)
			started := time.Now()
			s.load(file)
			b.ReportMetric(mass/time.Since(started).Seconds(), "imported/s")
			started = time.Now()
			var bulk struct{ ID, State string }
			s.call("POST", "/bulk-invites", []byte(`{"selection":{"filter":{}},"label":"bench"}`), &bulk)
			b.ReportMetric(time.Since(started).Seconds(), "confirm-s")
			for bulk.State != "sent" {
				time.Sleep(20 * time.Millisecond) // between looks
				s.call("GET", "/bulk-invites/"+bulk.ID, nil, &bulk)
			}
			b.ReportMetric(mass/time.Since(started).Seconds(), "sent/s")
			b.ReportMetric(s.peak(), "MB")
			if n := mails.taken.Load(); n != mass {
				b.Fatalf("%d messages of %d", n, mass)
			}
			s.stop()
		}
	})
}

// BenchmarkList asks for pages with two labels and a search of three letters among many
// contacts, and for the first page of an ordinary book.
func BenchmarkList(b *testing.B) {
	engines(b, func(b *testing.B, database string) {
		s := serve(b, database, "")
		s.load(people(book, labels))
		for b.Loop() {
			times := s.times(300, func(i int) string {
				q := url.Values{"label": {label(i), label(i*7 + 3)}, "q": {letters[i%len(letters)]}, "sort": {sorts[i%len(sorts)]}}
				return "/contacts?" + q.Encode()
			})
			b.ReportMetric(at(times, 50), "p50-ms")
			b.ReportMetric(at(times, 95), "p95-ms")
		}
		s.stop()
	})
}

// BenchmarkPage asks for the contacts page of a book of ordinary size, as a browser does.
func BenchmarkPage(b *testing.B) {
	engines(b, func(b *testing.B, database string) {
		s := serve(b, database, "")
		s.load(people(daily, 5))
		s.signIn()
		for b.Loop() {
			times := s.pages(200, "/at/elm/contacts")
			b.ReportMetric(at(times, 50), "p50-ms")
			b.ReportMetric(at(times, 95), "p95-ms")
		}
		s.stop()
	})
}

var (
	letters = []string{"ann", "erg", "tid", "rec", "wil", "son", "ber", "lab"}
	sorts   = []string{"name", "-name", "company", "email", "-created_at", "last_invited_at"}
	firsts  = []string{"Anna", "Bergit", "Chiara", "Dmitri", "Esther", "Farid", "Wilma", "Jonas"}
	lasts   = []string{"Wilson", "Haddad", "Bergmann", "Castillo", "Novak", "Johannsen", "Okafor"}
	titles  = []string{"Recruiter", "Campus lead", "Head of talent", "Lab manager", ""}
)

func label(i int) string { return fmt.Sprintf("Label %02d", i%labels) }

// people is a CSV file of n contacts at 900 companies, each with one to three of the labels.
func people(n, labels int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var f bytes.Buffer
	f.WriteString("email,first_name,last_name,title,company_name,labels\n")
	for i := range n {
		company := r.IntN(900)
		fmt.Fprintf(&f, "p%d@n%d.example,%s,%s%d,%s,Tidewater %d,", i, company, firsts[r.IntN(len(firsts))], lasts[r.IntN(len(lasts))], r.IntN(500), titles[r.IntN(len(titles))], company)
		for k := range 1 + r.IntN(3) {
			if k > 0 {
				f.WriteByte(';')
			}
			f.WriteString(label(r.IntN(labels)))
		}
		f.WriteByte('\n')
	}
	return f.Bytes()
}

// at is the time in milliseconds below which so many of a hundred requests were answered.
func at(times []time.Duration, percent int) float64 {
	slices.Sort(times)
	return float64(times[len(times)*percent/100].Microseconds()) / 1000
}

// times asks the API and answers how long each took. It keeps below the API's limit.
func (s *site) times(n int, path func(i int) string) []time.Duration {
	out := make([]time.Duration, n)
	for i := range n {
		started := time.Now()
		var page struct{ Total int }
		s.call("GET", path(i), nil, &page)
		out[i] = time.Since(started)
		time.Sleep(max(0, 15*time.Millisecond-out[i]))
	}
	return out
}

func (s *site) pages(n int, path string) []time.Duration {
	out := make([]time.Duration, n)
	for i := range n {
		started := time.Now()
		r, err := s.browser.Get(s.url + path)
		s.must(err)
		_, err = io.Copy(io.Discard, r.Body)
		s.must(err)
		s.must(r.Body.Close())
		if r.StatusCode != http.StatusOK {
			s.b.Fatalf("%s: %s", path, r.Status)
		}
		out[i] = time.Since(started)
	}
	return out
}

func decode(raw []byte, into any) error {
	if into == nil {
		return nil
	}
	return json.Unmarshal(raw, into)
}
