package contact

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/gate"
)

// entry is a contact as the model sees it.
type entry struct {
	Fields
	id         int64
	key        string // normalised address
	source     string
	labels     []string
	standing   string
	invite     string
	invites    []map[string]string // one value for each of the words that speak of one
	reached    []string
	invited    time.Time
	created    time.Time
	owner      string
	archived   bool
	suppressed bool
}

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

// matches reads the grammar word by word, as the contract tells it.
func (e entry) matches(f map[string][]string, now time.Time) bool {
	is := func(values []string, same func(string) bool) bool {
		return values == nil || slices.ContainsFunc(values, same)
	}
	has := func(name string) bool {
		return slices.ContainsFunc(e.labels, func(l string) bool { return strings.EqualFold(l, name) })
	}
	moment := func(s string) time.Time {
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return t
		}
		t, err := time.Parse(time.DateOnly, s)
		if err != nil {
			panic(err)
		}
		return t
	}
	archived := "no"
	if f["archived"] != nil {
		archived = f["archived"][0]
	}
	if archived == "no" && e.archived || archived == "yes" && !e.archived {
		return false
	}
	for _, name := range f["label"] {
		if !has(name) {
			return false
		}
	}
	if slices.ContainsFunc(f["label_none"], has) || !is(f["label_any"], func(v string) bool { return has(v) || v == "" && e.labels == nil }) {
		return false
	}
	for _, v := range f["reached"] {
		if !slices.Contains(e.reached, v) && !(v == "not_sent" && e.invited.IsZero()) {
			return false
		}
	}
	invites := e.invites
	if invites == nil {
		invites = []map[string]string{{}} // blank in all
	}
	if !slices.ContainsFunc(invites, func(i map[string]string) bool {
		for _, word := range []string{"bulk_invite", "variant", "invite_state"} {
			if !is(f[word], func(v string) bool { return i[word] == v }) {
				return false
			}
		}
		return is(f["invite_reached"], func(v string) bool { return i[v] != "" && (v != "delivered" || i["invite_state"] != "bounced") })
	}) {
		return false
	}
	if f["suppressed"] != nil && (f["suppressed"][0] == "yes") != e.suppressed {
		return false
	}
	for word, ok := range map[string]func(time.Time) bool{
		"created_before": func(t time.Time) bool { return e.created.Before(t) },
		"created_after":  func(t time.Time) bool { return !e.created.Before(t) },
		"invited_before": func(t time.Time) bool { return !e.invited.IsZero() && e.invited.Before(t) },
		"invited_after":  func(t time.Time) bool { return !e.invited.IsZero() && !e.invited.Before(t) },
	} {
		if f[word] != nil && !ok(moment(f[word][0])) {
			return false
		}
	}
	return is(f["q"], func(v string) bool {
		for _, text := range []string{e.FirstName + " " + e.LastName, e.key, e.CompanyName, e.Title} {
			if strings.Contains(folded(text), folded(v)) {
				return true
			}
		}
		return false
	}) &&
		is(f["company"], func(v string) bool { return folded(e.CompanyName) == folded(v) }) &&
		is(f["title"], func(v string) bool { return folded(e.Title) == folded(v) }) &&
		is(f["domain"], func(v string) bool { return strings.EqualFold(e.key[strings.Index(e.key, "@")+1:], v) }) &&
		is(f["source"], func(v string) bool { return e.source == v }) &&
		is(f["standing"], func(v string) bool { return e.standing == v }) &&
		is(f["owner"], func(v string) bool { return e.owner == v }) &&
		is(f["invite"], func(v string) bool {
			if v == "expired" {
				return e.invite == "sent" && now.Sub(e.invited) > 30*24*time.Hour
			}
			return e.invite == v
		})
}

// sortEntries sorts as the contract tells it.
func sortEntries(all []entry, sort string) {
	name, down := strings.CutPrefix(sort, "-")
	slices.SortFunc(all, func(a, b entry) int {
		var c, blank int
		switch name {
		case "name":
			c = cmp.Or(strings.Compare(folded(a.LastName), folded(b.LastName)), strings.Compare(folded(a.FirstName), folded(b.FirstName)))
		case "email":
			c = strings.Compare(a.key, b.key)
		case "company":
			c, blank = strings.Compare(folded(a.CompanyName), folded(b.CompanyName)), cmp.Compare(db.Bool(a.CompanyName == ""), db.Bool(b.CompanyName == ""))
		case "created_at":
			c = a.created.Compare(b.created)
		case "last_invited_at":
			c, blank = a.invited.Compare(b.invited), cmp.Compare(db.Bool(a.invited.IsZero()), db.Bool(b.invited.IsZero()))
		}
		if blank != 0 {
			return blank
		}
		if c = cmp.Or(c, cmp.Compare(a.id, b.id)); down {
			return -c
		}
		return c
	})
}

var (
	someFirst   = []string{"Ada", "ÁDA", "Zoë", "Bo", "Straße", "Jan", "jan", "李", "ﬁona", "O'Neil"}
	someLast    = []string{"Møller", "Muller", "Müller", "MÜLLER", "de Vries", "Łoś", "Ito", "ito", "İnan"}
	someCompany = []string{"", "Acme", "ACME", "Ácme", "Harbour & Hale", "Quarry_Lane 100%", "Straßenbau", "Blåbær"}
	someTitle   = []string{"", "Recruiter", "recruiter", "Head of Talent", "Chef d’équipe"}
	someDomain  = []string{"acme.example", "Acme.example", "hale.example", "xn--bcher-kva.example"}
	someLabel   = []string{"Board", "Career fair 2026", "Élan", "Elan", "x;y", "Straße"}
	someSource  = []string{"", "", SourceJob, SourceApproval}
	someInvites = []string{"never", "queued", "sent", "bounced", "accepted"}
)

// fill puts n random contacts into elm's book and answers the model of them. Standing,
// invites and dates are written where their owners write them.
func (h *house) fill(r *rand.Rand, n int) []entry {
	h.t.Helper()
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	var all []entry
	for from := 0; from < n; from += 100 {
		source := pick(someSource)
		var rows []Incoming
		for i := from; i < min(n, from+100); i++ {
			f := Fields{FirstName: pick(someFirst), LastName: pick(someLast), CompanyName: pick(someCompany), Title: pick(someTitle),
				Email: fmt.Sprintf("P%d.%s@%s", r.IntN(100_000)*1000+i, pick([]string{"x", "Y", "é"}), pick(someDomain))}
			var labels []string
			for _, l := range someLabel {
				if r.IntN(3) == 0 {
					labels = append(labels, l)
				}
			}
			in := incoming(h.t, f, labels...)
			yes := r.IntN(5) == 0
			in.Archive = &yes
			rows = append(rows, in)
			all = append(all, entry{Fields: in.Fields, key: in.Address.Key, labels: labels, archived: yes, source: source, standing: "contact", invite: "never"})
		}
		for i, o := range h.merge(h.elm, rows, source) {
			all[from+i].id = o.ID
		}
	}
	h.scatter(r, all)
	return all
}

// scatter gives contacts standings, invites, owners and dates.
func (h *house) scatter(r *rand.Rand, all []entry) {
	h.t.Helper()
	for i := range 3 {
		h.bulkInvite(i+1, "")
	}
	err := h.d.Write(h.ctx, func(tx *db.Tx) error {
		for i := range all {
			e := &all[i]
			standing, invite := r.IntN(len(gate.Standings())), r.IntN(len(someInvites))
			e.standing, e.invite = gate.Standings()[standing], someInvites[invite]
			if invite > 1 {
				e.invited = h.at.Add(-time.Duration(r.IntN(90)) * 12 * time.Hour)
			}
			owner := int64(0)
			if r.IntN(3) == 0 {
				owner, e.owner = 7, db.FormatID(7)
			}
			e.created = h.at.Add(-time.Duration(r.IntN(60)) * 24 * time.Hour)
			reached, err := h.inviteSome(tx, r, e)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(h.ctx, `UPDATE contact_standing SET standing = $2, invite = $3, last_invited_at = $4, reached = $5 WHERE contact_id = $1`,
				e.id, standing, invite, db.Millis(e.invited), reached); err != nil {
				return err
			}
			if e.suppressed = r.IntN(4) == 0; e.suppressed {
				if _, err := tx.Exec(h.ctx, `INSERT INTO suppressions (institution_id, email_key, reason, created_at) VALUES (1, $1, 'manual', 1)`, e.key); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(h.ctx, `UPDATE contacts SET owner_id = $2, created_at = $3 WHERE id = $1`, e.id, owner, db.Millis(e.created)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// inviteSome gives a contact up to three invites, some skipped ones among them, and answers
// random bits of what they have reached.
func (h *house) inviteSome(tx *db.Tx, r *rand.Rand, e *entry) (reached int, err error) {
	for bulk := range 3 {
		if r.IntN(3) == 0 {
			continue
		}
		i := map[string]string{"bulk_invite": db.FormatID(int64(bulk) + 1), "variant": variantWords[r.IntN(3)], "invite_state": append(inviteStateWords, "skipped")[r.IntN(9)]}
		if i["invite_state"] != "skipped" {
			reached |= ReachedInvited | r.IntN(32)
			e.invites = append(e.invites, i)
		}
		times := []any{bulk + 1, e.id, i["variant"], i["invite_state"]}
		for _, word := range []string{"sent", "opened", "accepted", "approved"} {
			at := r.Int64N(2)
			if times = append(times, at); at > 0 {
				i[word] = "then"
			}
		}
		i["delivered"] = i["sent"]
		_, err := tx.Exec(h.ctx, `INSERT INTO invites (institution_id, bulk_invite_id, contact_id, email, variant, state, sent_at, opened_at, accepted_at, approved_at)
			VALUES (1, $1, $2, 'x', $3, $4, $5, $6, $7, $8)`, times...)
		if err != nil {
			return 0, err
		}
	}
	for bit, word := range reachedWords[:5] {
		if reached>>bit&1 == 1 {
			e.reached = append(e.reached, word)
		}
	}
	return reached, nil
}

// bulkInvite makes a bulk invite of elm.
func (h *house) bulkInvite(id int, label string) {
	h.exec(`INSERT INTO bulk_invites (institution_id, id, state, created_at, created_by, request_hash, selection, label, message_domain, connect_on, after_signup, total)
		VALUES (1, $1, 'sent', $2, 'Dana', $3, '{}', $4, 'elm.example', 'send', 'ask', 200)`, id, db.Millis(h.at), []byte{}, label)
}

// someFilter draws a filter with values that exist, are blank, or do not exist.
func someFilter(t *rapid.T) map[string][]string {
	texts := map[string][]string{
		"q": {"a", "MU", "muller", "acme", "%", "_", "", "n m", "@hale", "r\x1fa", "ﬁ", "\x00", "e\u0301", "recr"}, "label": someLabel, "label_any": append([]string{"none such", ""}, someLabel...),
		"reached": reachedWords, "bulk_invite": {"", "1", "2", "3", "9", "!"}, "variant": append([]string{""}, variantWords...), "invite_state": append([]string{""}, inviteStateWords...),
		"invite_reached": inviteReachedWords, "suppressed": {"no", "yes"},
		"label_none": append([]string{"none such", "board", "elan"}, someLabel...), "company": append([]string{"nobody", "acmé"}, someCompany...),
		"domain": append([]string{"", "example", "ACME.EXAMPLE"}, someDomain...), "title": append([]string{"RECRUITER", "head of"}, someTitle...),
		"source": append([]string{"other", "\x00"}, someSource...), "standing": gate.Standings(), "invite": inviteWords, "owner": {"", "7", "zzz", "nobody@elm.example"},
		"archived": {"no", "yes", "any"}, "created_before": {"2026-11-01", "2026-10-20T09:00:00Z"}, "created_after": {"2026-10-30", "2026-11-10T09:00:00.0000001Z"},
		"invited_before": {"2026-11-20", "2026-11-01T21:00:00Z"}, "invited_after": {"2026-10-25", "2026-11-10T09:00:00Z", "1969-01-01"},
	}
	f := map[string][]string{}
	for _, w := range grammar {
		if rapid.IntRange(0, 5).Draw(t, "with "+w.name) > 0 {
			continue
		}
		most := 3
		if w.once {
			most = 1
		}
		f[w.name] = rapid.SliceOfN(rapid.SampledFrom(texts[w.name]), 1, most).Draw(t, w.name)
	}
	return f
}

// Random filters find in every sort what a plain reading of the grammar finds, whichever way
// the page is read.
func TestFindIsTheGrammar(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.staff(7, "dana@elm.example")
		all := h.fill(rand.New(rand.NewPCG(1, 2)), 300)
		h.merge(h.oak, []Incoming{incoming(t, Fields{Email: "ada@acme.example", FirstName: "Ada", LastName: "Doe", CompanyName: "Acme"}, "Board")}, "")
		rapid.Check(t, func(t *rapid.T) {
			query := someFilter(t)
			f, err := ParseFilter(query, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			var want []entry
			for _, e := range all {
				if e.matches(query, h.at) {
					want = append(want, e)
				}
			}
			sort := rapid.SampledFrom([]string{"", "-"}).Draw(t, "down") + rapid.SampledFrom(Sorts()).Draw(t, "sort")
			sortEntries(want, sort)
			limit, few := rapid.IntRange(20, 150).Draw(t, "limit"), rapid.SampledFrom([]int{0, 20, few}).Draw(t, "few")
			got := h.pages(t, f, sort, limit, few, len(want))
			for i, e := range want {
				if i >= len(got) || got[i] != e.id {
					t.Fatalf("%s by %s: place %d of %d is not %+v", f.Query(), sort, i, len(want), e)
				}
			}
			if n, err := h.book.Count(h.ctx, h.elm, f); err != nil || n != len(want) || len(got) != n {
				t.Fatalf("%s: %d counted, %d paged, %d expected, %v", f.Query(), n, len(got), len(want), err)
			}
			var l List
			err = d.Read(h.ctx, func(tx *db.Tx) error {
				l, err = h.book.Resolve(h.ctx, tx, h.elm, Selection{Filter: f})
				return err
			})
			if slices.Sort(got); err != nil || !slices.Equal(l.IDs(), got) {
				t.Fatalf("%s: selected %v, listed %v, %v", f.Query(), l.IDs(), got, err)
			}
		})
	})
}

// pages walks through all pages.
func (h *house) pages(t interface{ Fatalf(string, ...any) }, f Filter, sort string, limit, few, total int) (ids []int64) {
	search := Search{Filter: f, Sort: sort, Limit: limit}
	for {
		page, err := h.book.find(h.ctx, h.elm, search, few)
		if err != nil || page.Total != total {
			t.Fatalf("%s by %s: total %d, not %d, %v", f.Query(), sort, page.Total, total, err)
		}
		for _, c := range page.Contacts {
			ids = append(ids, c.ID)
		}
		if page.Next == "" {
			return ids
		}
		search.Cursor = page.Next
	}
}

// While somebody pages, contacts come, go and move; those that do not change appear exactly
// once.
func TestPagingWhileContactsChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ids := h.people(60)
		stay := map[int64]int{}
		for i, id := range ids {
			if i%3 > 0 {
				stay[id] = 0
			}
		}
		for _, sort := range []string{"name", "-company", "last_invited_at", "-created_at"} {
			for _, few := range []int{0, few} {
				clear(stay)
				search, n := Search{Sort: sort, Limit: 7, Filter: parse(t, map[string][]string{"archived": {"any"}, "q": {"@acme.example"}})}, 0
				for {
					page, err := h.book.find(h.ctx, h.elm, search, few)
					if err != nil {
						t.Fatal(err)
					}
					for _, c := range page.Contacts {
						stay[c.ID]++
					}
					if search.Cursor = page.Next; page.Next == "" {
						break
					}
					moving := ids[n*3%60]
					if _, err := h.book.Change(h.ctx, h.elm, moving, Change{Fields: map[string]string{"last_name": fmt.Sprint("Z", n), "company_name": fmt.Sprint("C", n)}}); err != nil {
						t.Fatal(err)
					}
					h.add(fmt.Sprintf("new%d.%s.%d@other.example", n, strings.TrimPrefix(sort, "-"), few))
					n++
				}
				for i, id := range ids {
					if i%3 > 0 && stay[id] != 1 {
						t.Errorf("%s: contact %d appeared %d times", sort, i, stay[id])
					}
				}
			}
		}
	})
}

func TestForeignCursors(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.people(5)
	a := parse(t, map[string][]string{"q": {"p"}})
	page, err := h.book.Find(h.ctx, h.elm, Search{Filter: a, Limit: 2})
	if err != nil || page.Next == "" || page.Total != 5 {
		t.Fatalf("%+v, %v", page, err)
	}
	if more, err := h.book.Find(h.ctx, h.elm, Search{Filter: a, Limit: 500, Cursor: page.Next}); err != nil || len(more.Contacts) != 3 || more.Next != "" {
		t.Errorf("another limit: %+v, %v", more, err)
	}
	for what, search := range map[string]Search{
		"cursor": {Filter: a, Limit: 2, Cursor: page.Next + "A"},
		"sort":   {Filter: a, Limit: 2, Sort: "phone"},
		"limit":  {Filter: a, Limit: 501},
	} {
		if _, err := h.book.Find(h.ctx, h.elm, search); !slices.Equal(paths(err), []string{what}) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, search := range []Search{{Limit: 2}, {Filter: a, Limit: 2, Sort: "-name"}, {Filter: a, Limit: 2, Sort: "email"}} {
		search.Cursor = page.Next
		if _, err := h.book.Find(h.ctx, h.elm, search); !slices.Equal(paths(err), []string{"cursor"}) {
			t.Errorf("%+v: %v", search, err)
		}
	}
	if _, err := h.book.Find(h.ctx, h.oak, Search{Filter: a, Limit: 2, Cursor: page.Next}); !slices.Equal(paths(err), []string{"cursor"}) {
		t.Errorf("another institution: %v", err)
	}
}

// The longest filter that is taken is within the limits of both engines.
func TestManyValues(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.add("ada@acme.example", texts("label %d", 60)...)
		for _, w := range grammar {
			values := texts("label %d", maxValues)
			switch {
			case w.once || w.choices != nil:
				continue
			case w.name == "label":
				values = values[:60]
			case w.name == "owner":
				values = append(texts("%d@elm.example", maxValues-1), "")
			}
			f := parse(t, map[string][]string{w.name: values})
			want := map[string]int{"label": 1, "label_any": 1, "owner": 1}[w.name]
			for _, few := range []int{0, few} {
				page, err := h.book.find(h.ctx, h.elm, Search{Filter: f, Limit: 5}, few)
				if err != nil || page.Total != want || len(page.Contacts) != want {
					t.Errorf("%s: %d, %v, want %d", w.name, page.Total, err, want)
				}
			}
		}
		if _, err := ParseFilter(map[string][]string{"q": texts("%d", maxValues+1)}, time.UTC); !slices.Equal(paths(err), []string{"q"}) {
			t.Errorf("too many values: %v", err)
		}
	})
}
