package insight

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/internal/address"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

var benchContacts = flag.Int("contacts", 200_000, "how many contacts BenchmarkRun asks about")

// large fills elm's book with n contacts, each with two or three of 40 labels, the first far
// more frequent than the last, and with two invites of 20 bulk invites.
func (h *house) large(n int) (labels []string) {
	for i := range 40 {
		labels = append(labels, fmt.Sprintf("Label %02d", i))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for from := 0; from < n; from += 2000 {
		var rows []contact.Incoming
		for i := from; i < min(n, from+2000); i++ {
			rows = append(rows, h.benchPerson(r, i, labels))
		}
		err := h.d.Write(ctx, func(tx *db.Tx) error {
			_, err := h.book.Merge(ctx, tx, h.elm, rows, "")
			return err
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
	for i := range 20 {
		h.exec(`INSERT INTO bulk_invites (institution_id, id, state, created_at, created_by, request_hash, selection, label, message_domain, connect_on, after_signup, total)
			VALUES (1, $1, 'sent', $2, 'Dana', $3, '{}', '', 'elm.example', 'send', 'ask', $4)`, i+1, db.Millis(h.at), []byte{}, n/10)
	}
	for _, shift := range []int{0, 7} {
		h.exec(`INSERT INTO invites (institution_id, bulk_invite_id, contact_id, email, variant, state, sent_at)
			SELECT 1, 1 + (id + $1) % 20, id, email, CASE (id + $1) % 3 WHEN 0 THEN 'create_account' WHEN 1 THEN 'join_company' ELSE 'connect' END,
				CASE WHEN id % 10 < 7 THEN 'sent' WHEN id % 10 < 9 THEN 'accepted' ELSE 'bounced' END, $2 - (id % 700) * 86400000 FROM contacts ORDER BY id`, shift, db.Millis(h.at))
	}
	h.exec(`UPDATE contacts SET created_at = $1 - (id % 900) * 86400000, owner_id = id % 8, title = 'Title ' || (id % 500), title_key = 'title ' || (id % 500)`, db.Millis(h.at))
	h.exec(`UPDATE contact_standing SET standing = contact_id % 5, reached = 3 + 8 * (contact_id % 2) + 16 * (contact_id % 6 / 5), invite = 2,
		last_invited_at = $1 - (contact_id % 700) * 86400000, accept_ms = CASE WHEN contact_id % 6 = 5 THEN contact_id % 999 * 1000000 ELSE -1 END`, db.Millis(h.at))
	if h.d.Engine() == db.Postgres {
		if _, err := h.d.SQL().Exec(`VACUUM ANALYZE`); err != nil {
			h.t.Fatal(err)
		}
	}
	return labels
}

// benchPerson makes up a contact: a third of the people share a company.
func (h *house) benchPerson(r *rand.Rand, n int, labels []string) contact.Incoming {
	company := fmt.Sprintf("Company %d", r.IntN(60_000))
	a, err := address.Parse(fmt.Sprintf("p%d@%s.example", n, strings.ReplaceAll(strings.ToLower(company), " ", "-")))
	if err != nil {
		h.t.Fatal(err)
	}
	in := contact.Incoming{Address: a, Fields: contact.Fields{Email: a.Written, FirstName: "Ada", LastName: fmt.Sprint("Doe ", r.IntN(n+1)), CompanyName: company, Phone: "+1 555 0142", City: "Elmtown"}}
	for range 2 + r.IntN(2) {
		if l := labels[min(r.IntN(40), r.IntN(40))]; !slices.Contains(in.Labels, l) {
			in.Labels = append(in.Labels, l)
		}
	}
	return in
}

// BenchmarkRun asks for one dimension and three measures, of who has a label and of all. It
// reports the time within which 95 of 100 answers came.
func BenchmarkRun(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			h := newHouse(b, open(b))
			labels := h.large(*benchContacts)
			for _, dimension := range []string{"label", "company", "domain", "title", "standing", "owner", "created_month", "created_day", "last_invited_week", "bulk_invite", "variant", "invite_state"} {
				for _, measures := range []string{"contacts sent accepted", "contacts companies median_days_to_accept"} {
					q := Query{Dimensions: []string{dimension}, Measures: strings.Fields(measures), Totals: true}
					b.Run("label/"+dimension+"/"+q.Measures[1], func(b *testing.B) { h.ask(b, q, labels) })
					b.Run("all/"+dimension+"/"+q.Measures[1], func(b *testing.B) { h.ask(b, q, nil) })
				}
			}
		})
	}
}

func (h *house) ask(b *testing.B, q Query, labels []string) {
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		if labels != nil {
			q.Filter = contact.Filter{}.With("label", labels[i*7%len(labels)])
		}
		begin := time.Now()
		if _, err := h.explores.Run(ctx, h.elm, q); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
}
