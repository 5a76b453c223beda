package insight

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

// folded is the contract's folding, written anew.
func folded(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(cases.Fold().String(s)) {
		if !unicode.Is(unicode.M, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plainly answers a query by walking through the contacts that its filter finds.
type plainly struct {
	q    Query
	zone *time.Location
	all  []person
}

// values are the values that a contact has in a dimension, by one of its invites; "" is blank.
func (m plainly) values(p person, i sentInvite, name string) []string {
	date := func(t time.Time, unit string) []string {
		if t.IsZero() {
			return []string{""}
		}
		t = t.In(m.zone)
		first := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		switch unit {
		case "week":
			for first.Weekday() != time.Monday {
				first = first.AddDate(0, 0, -1)
			}
		case "month":
			first = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
		case "quarter":
			first = time.Date(t.Year(), []time.Month{1, 4, 7, 10}[(t.Month()-1)/3], 1, 0, 0, 0, 0, time.UTC)
		case "year":
			first = time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
		}
		return []string{first.Format(time.DateOnly)}
	}
	if unit, ok := strings.CutPrefix(name, "created_"); ok {
		return date(p.CreatedAt, unit)
	}
	if unit, ok := strings.CutPrefix(name, "last_invited_"); ok {
		return date(p.LastInvitedAt, unit)
	}
	owner, bulk := "", ""
	if p.OwnerID != 0 {
		owner = db.FormatID(p.OwnerID)
	}
	if i.bulk != 0 {
		bulk = db.FormatID(i.bulk)
	}
	if name == "label" && len(p.Labels) > 0 {
		return p.Labels
	}
	return []string{map[string]string{"company": p.CompanyName, "domain": p.key[strings.Index(p.key, "@")+1:], "title": p.Title, "source": p.Source,
		"standing": p.Standing.String(), "owner": owner, "archived": map[bool]string{false: "no", true: "yes"}[p.Archived],
		"bulk_invite": bulk, "variant": i.variant, "invite_state": i.state}[name]}
}

// invites are those of a contact that the filter's words for one invite name, or none.
func (m plainly) invites(p person) (some []sentInvite) {
	for _, i := range p.invites {
		named := i.state != "skipped"
		for word, v := range map[string]string{"bulk_invite": db.FormatID(i.bulk), "variant": i.variant, "invite_state": i.state} {
			if values := m.q.Filter.Values()[word]; values != nil && !slices.Contains(values, v) {
				named = false
			}
		}
		if values := m.q.Filter.Values()["invite_reached"]; values != nil && !slices.ContainsFunc(values, func(v string) bool {
			return v == "sent" && !i.sent.IsZero() || v == "opened" && !i.opened.IsZero() || v == "accepted" && !i.accepted.IsZero()
		}) {
			named = false
		}
		if named {
			some = append(some, i)
		}
	}
	if some == nil {
		return []sentInvite{{}}
	}
	return some
}

// groups puts the contacts into the groups of some dimensions, by their values, folded as
// they are compared.
func (m plainly) groups(dimensions []string) map[string][]person {
	groups := map[string][]person{}
	if len(dimensions) == 0 {
		groups[""] = m.all
	}
	for _, p := range m.all {
		in := map[string]bool{}
		for _, i := range m.invites(p) {
			rows := []string{""}
			for _, name := range dimensions {
				var more []string
				for _, row := range rows {
					for _, v := range m.values(p, i, name) {
						if name != "label" {
							v = folded(v)
						}
						more = append(more, row+"\x1f"+v)
					}
				}
				rows = more
			}
			for _, row := range rows {
				in[row] = true
			}
		}
		for row := range in {
			if len(dimensions) > 0 {
				groups[row] = append(groups[row], p)
			}
		}
	}
	return groups
}

// spelling is the most frequent spelling of a value among all contacts asked about.
func (m plainly) spelling(name, value string) any {
	if value == "" {
		return nil
	}
	if name != "company" && name != "title" {
		return value
	}
	counts := map[string]int{}
	for _, p := range m.all {
		if s := m.values(p, sentInvite{}, name)[0]; folded(s) == value {
			counts[s]++
		}
	}
	best := ""
	for s, n := range counts {
		if best == "" || n > counts[best] || n == counts[best] && s < best {
			best = s
		}
	}
	return best
}

// measure is what a measure says of some contacts.
func (m plainly) measure(some []person, name string) any {
	different := func(of func(person) string) int64 {
		seen := map[string]bool{}
		for _, p := range some {
			if v := of(p); v != "" {
				seen[v] = true
			}
		}
		return int64(len(seen))
	}
	count := func(is func(person) bool) (n int64) {
		for _, p := range some {
			if is(p) {
				n++
			}
		}
		return n
	}
	has := func(bit int) int64 {
		return count(func(p person) bool { bits, _ := p.reached(); return bits>>bit&1 == 1 })
	}
	rate := func(part, whole any) any {
		if whole.(int64) == 0 {
			return nil
		}
		return float64(part.(int64)) / float64(whole.(int64))
	}
	switch name {
	case "contacts":
		return int64(len(some))
	case "companies":
		return different(func(p person) string { return folded(p.CompanyName) })
	case "domains":
		return different(func(p person) string { return p.key[strings.Index(p.key, "@")+1:] })
	case "approved":
		return count(func(p person) bool { return p.Standing.String() == "approved" })
	case "acceptance_rate":
		return rate(m.measure(some, "accepted"), m.measure(some, "sent"))
	case "approval_rate":
		return rate(m.measure(some, "approved"), m.measure(some, "contacts"))
	case "median_days_to_accept":
		var days []float64
		for _, p := range some {
			if _, wait := p.reached(); wait >= 0 {
				days = append(days, float64(wait)/86_400_000)
			}
		}
		if slices.Sort(days); len(days) == 0 {
			return nil
		}
		return (days[(len(days)-1)/2] + days[len(days)/2]) / 2
	}
	return has(slices.Index([]string{"invited", "sent", "bounced", "opened", "accepted"}, name))
}

// answer is rows in order, with a pivot the columns' values, and totals.
func (m plainly) answer() (rows [][]any, pivot []string, totals []any) {
	across := slices.DeleteFunc(slices.Clone(m.q.Dimensions), func(d string) bool { return d == m.q.Pivot })
	pivot = []string{""}
	if m.q.Pivot != "" {
		pivot = nil
		for v := range m.groups([]string{m.q.Pivot}) {
			pivot = append(pivot, v)
		}
		down := slices.Contains(m.q.Sorts, Sort{m.q.Pivot, true})
		slices.SortFunc(pivot, func(a, b string) int { return m.compare(m.q.Pivot, a[1:], b[1:], down) })
	}
	write := func(keys []string, some func(value string) []person) (row []any) {
		for i, name := range across {
			if keys == nil {
				row = append(row, nil)
			} else {
				row = append(row, m.spelling(name, keys[i]))
			}
		}
		for _, v := range pivot {
			for _, measure := range m.q.Measures {
				row = append(row, m.measure(some(v), measure))
			}
		}
		return row
	}
	groups, split := m.groups(across), m.groups(append(slices.Clone(across), m.q.Pivot))
	part := func(row string) func(string) []person {
		return func(v string) []person {
			if m.q.Pivot == "" {
				return groups[row]
			}
			return split[row+v]
		}
	}
	var order []string
	for row := range groups {
		order = append(order, row)
	}
	slices.SortFunc(order, func(a, b string) int { return m.compareRows(across, a, b, groups) })
	for _, row := range order {
		rows = append(rows, write(strings.Split(row, "\x1f")[1:], part(row)))
	}
	whole := m.groups([]string{m.q.Pivot})
	return rows, pivot, write(nil, func(v string) []person {
		if m.q.Pivot == "" {
			return m.all
		}
		return whole[v]
	})
}

// compare puts two values of a dimension in order, blanks last.
func (m plainly) compare(name, a, b string, down bool) int {
	if a == "" || b == "" {
		return cmp.Compare(db.Bool(a == ""), db.Bool(b == ""))
	}
	c := cmp.Or(strings.Compare(folded(a), folded(b)), strings.Compare(a, b))
	if down {
		return -c
	}
	return c
}

func (m plainly) compareRows(across []string, a, b string, groups map[string][]person) int {
	x, y := strings.Split(a, "\x1f")[1:], strings.Split(b, "\x1f")[1:]
	sorts := m.q.Sorts
	if len(sorts) == 0 && len(m.q.Measures) > 0 {
		sorts = []Sort{{m.q.Measures[0], true}}
	}
	for _, name := range across {
		sorts = append(sorts[:len(sorts):len(sorts)], Sort{name, false})
	}
	for _, s := range sorts {
		c := 0
		if i := slices.Index(across, s.Field); i >= 0 {
			c = m.compare(s.Field, x[i], y[i], s.Desc)
		} else if slices.Contains(m.q.Measures, s.Field) {
			p, q := m.measure(groups[a], s.Field), m.measure(groups[b], s.Field)
			switch {
			case p == nil || q == nil:
				c = cmp.Compare(db.Bool(p == nil), db.Bool(q == nil))
			case s.Desc:
				c = cmp.Compare(float(q), float(p))
			default:
				c = cmp.Compare(float(p), float(q))
			}
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// someFilter draws a filter with values that exist.
func someFilter(t *rapid.T) map[string][]string {
	texts := map[string][]string{
		"label": someLabel, "label_any": append([]string{""}, someLabel...), "label_none": someLabel, "company": someCompany, "title": someTitle, "domain": {"ACME.example", "xn--bcher-kva.example"},
		"source": someSource, "standing": {"contact", "user", "member", "approved", "blocked"}, "owner": {"", db.FormatID(40)}, "archived": {"yes", "any"},
		"reached": {"invited", "sent", "opened", "not_sent"}, "bulk_invite": {"", "1", "2", "3"}, "variant": append([]string{""}, someVariant...),
		"invite_state": {"", "sent", "accepted", "queued", "bounced"}, "invite_reached": {"sent", "opened", "accepted"}, "q": {"acme", "p1"},
		"created_after": {"2026-03-29", "2026-01-01T00:30:00Z"}, "created_before": {"2026-10-25"}, "invited_after": {"2026-01-01"}, "invited_before": {"2026-11-01", "2026-10-25T01:30:00Z"},
	}
	f := map[string][]string{}
	for _, name := range contact.FilterWords() {
		if texts[name] == nil || rapid.IntRange(0, 9).Draw(t, "with "+name) > 0 {
			continue
		}
		most := 3
		if name == "archived" || strings.HasSuffix(name, "after") || strings.HasSuffix(name, "before") {
			most = 1
		}
		f[name] = rapid.SliceOfN(rapid.SampledFrom(texts[name]), 1, most).Draw(t, name)
	}
	return f
}

func fieldNames(fields []Field) (out []string) {
	for _, f := range fields {
		out = append(out, f.Name)
	}
	return out
}

// someQuery draws a query that can be answered.
func someQuery(t *rapid.T) Query {
	q := Query{
		Dimensions: rapid.SliceOfNDistinct(rapid.SampledFrom(fieldNames(Dimensions())), 0, 3, rapid.ID).Draw(t, "dimensions"),
		Measures:   rapid.SliceOfNDistinct(rapid.SampledFrom(fieldNames(Measures())), 1, 4, rapid.ID).Draw(t, "measures"),
		Limit:      rapid.SampledFrom([]int{0, 3, 10_000}).Draw(t, "limit"), Totals: true,
	}
	if rapid.IntRange(0, 2).Draw(t, "pivoted") == 0 {
		q.Pivot = rapid.SampledFrom([]string{"standing", "label", "variant", "company", "created_quarter", "last_invited_month", "bulk_invite"}).Draw(t, "pivot")
	}
	fields := append(slices.Clone(q.Dimensions), q.Measures...)
	if q.Pivot != "" && !slices.Contains(fields, q.Pivot) {
		fields = append(fields, q.Pivot)
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(fields), 0, 2, rapid.ID).Draw(t, "sorts") {
		q.Sorts = append(q.Sorts, Sort{name, rapid.Bool().Draw(t, "down")})
	}
	return q
}

// Random queries come to what a plain calculation over the contacts comes to, and every
// number leads to exactly as many contacts.
func TestAnswersAreAPlainCalculation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.user(40, "Dana")
		h.user(80, "Ezra")
		people := h.fill(rand.New(rand.NewPCG(3, 4)), 160)
		by := map[int64]person{}
		for _, p := range people {
			by[p.ID] = p
		}
		rapid.Check(t, func(t *rapid.T) {
			place := rapid.SampledFrom([]string{"UTC", "Europe/Copenhagen", "America/New_York", "Pacific/Chatham", "Africa/Cairo"}).Draw(t, "zone")
			zone, err := time.LoadLocation(place)
			if err != nil {
				t.Fatal(err)
			}
			h.exec(`UPDATE institutions SET timezone = $1 WHERE id = 1`, place)
			q := someQuery(t)
			if q.Filter, err = contact.ParseFilter(someFilter(t), zone); err != nil {
				t.Fatal(err)
			}
			a, err := h.explores.Run(ctx, h.elm, q)
			if err != nil {
				t.Fatal(err)
			}
			m := plainly{q: q, zone: zone, all: h.found(t, q.Filter, by)}
			m.compareWith(t, a)
			h.follow(t, a)
		})
	})
}

// found are the contacts that a filter finds.
func (h *house) found(t *rapid.T, f contact.Filter, by map[int64]person) (some []person) {
	err := h.d.Read(ctx, func(tx *db.Tx) error {
		l, err := h.book.Resolve(ctx, tx, h.elm, contact.Selection{Filter: f})
		for _, id := range l.IDs() {
			some = append(some, by[id])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return some
}

func (m plainly) compareWith(t *rapid.T, a Answer) {
	rows, pivot, totals := m.answer()
	limit := cmp.Or(m.q.Limit, DefaultLimit)
	overlaps := 0
	across := slices.DeleteFunc(slices.Clone(m.q.Dimensions), func(d string) bool { return d == m.q.Pivot })
	for _, g := range m.groups(across) {
		overlaps += len(g)
	}
	if a.Truncated != (len(rows) > limit) || a.Overlaps != (overlaps > len(m.all)) {
		t.Fatalf("truncated %t, overlaps %t", a.Truncated, a.Overlaps)
	}
	rows = rows[:min(limit, len(rows))]
	if len(rows) != len(a.Rows) || len(a.Columns) != len(across)+len(pivot)*len(m.q.Measures) {
		t.Fatalf("%d rows of %d columns, want %d; pivot %q", len(a.Rows), len(a.Columns), len(rows), pivot)
	}
	for i, want := range rows {
		if !same(a.Rows[i], want) {
			t.Fatalf("row %d: %s\nwant %s", i, written(a.Rows[i]), written(want))
		}
	}
	if !same(a.Totals, totals) {
		t.Fatalf("totals %s\nwant %s", written(a.Totals), written(totals))
	}
}

// same compares rows; fractions may be computed in another order.
func same(a, b []any) bool {
	return slices.EqualFunc(a, b, func(x, y any) bool {
		p, ok := x.(float64)
		q, both := y.(float64)
		return ok && both && p-q < 1e-9 && q-p < 1e-9 || reflect.DeepEqual(x, y)
	})
}

func written(row []any) string { return fmt.Sprintf("%#v", row) }

// follow counts the contacts behind the rows and numbers of an answer, of large ones some.
func (h *house) follow(t *rapid.T, a Answer) {
	count := func(f contact.Filter, want any, what string) {
		if n, err := h.book.Count(ctx, h.elm, f); err != nil || int64(n) != want {
			t.Fatalf("%s leads to %d contacts, not %v, by %s: %v", what, n, want, f.Query(), err)
		}
	}
	rows := rand.New(rand.NewPCG(1, uint64(len(a.Rows)))).Perm(len(a.Rows))
	for _, i := range rows[:min(6, len(rows))] {
		for j, c := range a.Columns {
			f, ok := a.Leads(i, j)
			if ok {
				count(f, a.Rows[i][j], fmt.Sprintf("row %d, %s", i, c.Name))
			}
			if c.Measure == "contacts" && !c.Pivoted {
				count(a.Drills[i], a.Rows[i][j], fmt.Sprint("row ", i))
			}
		}
	}
	for j, c := range a.Columns {
		if f, ok := a.TotalLeads(j); ok {
			count(f, a.Totals[j], "the total of "+c.Name)
		}
	}
}
