package insight

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
)

// question is a query whose fields were found, on its way to the database.
type question struct {
	filter contact.Filter
	// dims are the dimensions of the rows, and behind them the pivot if there is one.
	dims    []*dimension
	across  int // how many of dims make rows
	pivoted bool

	measures   []*measure
	sorts      []sort
	limit      int
	wantTotals bool

	zone     *time.Location
	contacts contact.Query
	keys     []string // the SQL of each of dims
	counts   []string // the names of the measures that the database computes
}

// key is one value of a dimension: a text, a number, or none.
type key struct {
	text   string
	number int64
	none   bool
}

// group is the contacts that share a value in each of some dimensions.
type group struct {
	keys []key
	// counts are aligned with question.counts; the first is that of contacts.
	counts []int64
	// waits are what accept_ms is of those who answered.
	waits []int64
	// least and most are the first and the last spelling by code point, for each dimension
	// with spellings.
	least, most []string
	// said is what the measures of the question say of it, each int64, float64 or nil.
	said []any
}

// result is what the database said.
type result struct {
	*question
	rows []*group
	// cells are the rows split by the pivot, byValue the values of the pivot alone; nil
	// without one.
	cells, byValue []*group
	total          *group
	overlaps       bool
	truncated      bool
	// labels and bulkInvites are names by ids, spellings those of keys, by dimension.
	labels      map[int64]string
	bulkInvites map[string]string
	owners      map[string]string
	spellings   []map[string]string
}

// ask asks for the groups of all levels: rows, rows by pivot, pivot, total. Where nobody
// stands in two rows and all measures add up, the finest level is enough.
func (k *question) ask(ctx context.Context, tx *db.Tx, institutionID int64) (*result, error) {
	if err := k.compile(ctx, tx, institutionID); err != nil {
		return nil, err
	}
	all := make([]int, len(k.dims))
	for i := range all {
		all[i] = i
	}
	finest, err := k.groups(ctx, tx, all)
	if err != nil {
		return nil, err
	}
	level := func(of ...int) ([]*group, error) {
		switch {
		case len(of) == len(all):
			return finest, nil
		case k.addsUp():
			return k.rollUp(finest, of), nil
		}
		return k.groups(ctx, tx, of)
	}
	r := &result{question: k}
	if r.rows, err = level(all[:k.across]...); err != nil {
		return nil, err
	}
	if k.pivoted {
		r.cells = finest
		if r.byValue, err = level(all[k.across:]...); err != nil {
			return nil, err
		}
	}
	totals, err := level()
	if err != nil {
		return nil, err
	}
	r.total = totals[0]
	sum := int64(0)
	for _, g := range r.rows {
		sum += g.counts[0]
	}
	r.overlaps = sum > r.total.counts[0]
	for _, g := range slices.Concat(r.rows, r.cells, r.byValue, totals) {
		r.say(g)
	}
	return r, r.readNames(ctx, tx, institutionID)
}

// compile writes the SQL of the keys, and lists what is to be counted: contacts, what the
// measures are, and what they are computed from.
func (k *question) compile(ctx context.Context, tx *db.Tx, institutionID int64) error {
	for _, d := range k.dims {
		sql := d.key
		if d.kind == ofTime {
			r, err := readReach(ctx, tx, institutionID, *d)
			if err != nil {
				return err
			}
			sql = d.spanKey(r, k.zone)
		}
		k.keys = append(k.keys, sql)
	}
	k.counts = []string{"contacts"}
	for _, m := range k.measures {
		for _, name := range append(m.of[:], m.Name) {
			if name != "" && findMeasure(name).sql != "" && !slices.Contains(k.counts, name) {
				k.counts = append(k.counts, name)
			}
		}
	}
	return nil
}

// addsUp tells whether rows that are put together give what asking for all of them would.
func (k *question) addsUp() bool {
	return !slices.ContainsFunc(k.dims, func(d *dimension) bool { return d.kind.several() }) &&
		!slices.ContainsFunc(k.measures, func(m *measure) bool { return m.distinct })
}

// groups asks for the groups of some of the dimensions; without any, for one group of all.
func (k *question) groups(ctx context.Context, tx *db.Tx, of []int) ([]*group, error) {
	columns := k.keyColumns(of)
	groupBy := ``
	for i := range of {
		groupBy += `, ` + strconv.Itoa(i+1)
	}
	for _, name := range k.counts {
		columns = append(columns, findMeasure(name).sql)
	}
	for _, i := range of {
		if shown := k.dims[i].shown; shown != "" {
			columns = append(columns, `MIN(`+shown+`)`, `MAX(`+shown+`)`)
		}
	}
	from := k.contacts.Joined(k.joins(tx.Engine(), of))
	query := `SELECT ` + strings.Join(columns, `, `) + from
	if groupBy != `` {
		query += ` GROUP BY ` + groupBy[2:]
	}
	var all []*group
	err := tx.Rows(ctx, func(r *sql.Rows) error {
		g, err := k.scan(r, of)
		all = append(all, g)
		return err
	}, query, k.contacts.Args...)
	if err != nil {
		return nil, fmt.Errorf("ask for the groups of an explore: %w", err)
	}
	if slices.ContainsFunc(k.measures, func(m *measure) bool { return m.Name == medianDays }) {
		err = k.addWaits(ctx, tx, of, from, all)
	}
	return all, err
}

func (k *question) keyColumns(of []int) []string {
	columns := make([]string, len(of))
	for n, i := range of {
		columns[n] = k.keys[i]
	}
	return columns
}

// joins are the tables with what a contact may have several of. All dimensions of invites
// speak of the same one. Of several that are alike in all that is asked for, the first counts.
func (k *question) joins(engine db.Engine, of []int) string {
	joins, label, bulk := ``, false, false
	var alike []string
	for _, i := range of {
		d := k.dims[i]
		label, bulk = label || d.kind == ofLabel, bulk || d.kind == ofBulk
		if d.kind == ofInvite {
			alike = append(alike, d.key+` = `+strings.Replace(d.key, `i.`, `j.`, 1))
		}
	}
	if label {
		joins = ` LEFT JOIN contact_labels l ON l.institution_id = $1 AND l.contact_id = c.id`
	}
	if bulk || alike != nil {
		joins += ` LEFT JOIN invites i ON i.institution_id = $1 AND i.contact_id = c.id AND ` + k.contacts.Invite(`i`)
	}
	if !bulk && alike != nil {
		joins += ` AND NOT EXISTS (SELECT 1 FROM invites j WHERE j.institution_id = $1 AND j.contact_id = i.contact_id AND j.id < i.id AND ` +
			k.contacts.Invite(`j`) + ` AND ` + strings.Join(alike, ` AND `) + `)`
	}
	return joins
}

// scan reads the row of a group.
func (k *question) scan(r *sql.Rows, of []int) (*group, error) {
	g := &group{keys: make([]key, len(of)), counts: make([]int64, len(k.counts)), least: make([]string, len(of)), most: make([]string, len(of))}
	to, done := k.keysTo(of, g.keys)
	for i := range g.counts {
		to = append(to, &g.counts[i])
	}
	for n, i := range of {
		if k.dims[i].shown != "" {
			to = append(to, &g.least[n], &g.most[n])
		}
	}
	if err := r.Scan(to...); err != nil {
		return nil, err
	}
	done()
	return g, nil
}

// keysTo is where a row's keys are scanned to; done brings them into keys.
func (k *question) keysTo(of []int, keys []key) (to []any, done func()) {
	texts, numbers := make([]sql.NullString, len(of)), make([]sql.NullInt64, len(of))
	for n, i := range of {
		if k.dims[i].kind.isText() {
			to = append(to, &texts[n])
		} else {
			to = append(to, &numbers[n])
		}
	}
	return to, func() {
		for n, i := range of {
			v := key{text: texts[n].String, number: numbers[n].Int64}
			switch k.dims[i].kind {
			case ofText, ofInvite:
				v.none = v.text == ""
			case ofOwner:
				v.none = v.number == 0
			default:
				v.none = !numbers[n].Valid
			}
			keys[n] = v
		}
	}
}

// addWaits adds to groups how long those took who answered.
func (k *question) addWaits(ctx context.Context, tx *db.Tx, of []int, from string, all []*group) error {
	at := make(map[string]*group, len(all))
	for _, g := range all {
		at[together(g.keys)] = g
	}
	keys := make([]key, len(of))
	err := tx.Rows(ctx, func(r *sql.Rows) error {
		var wait int64
		to, done := k.keysTo(of, keys)
		if err := r.Scan(append(to, &wait)...); err != nil {
			return err
		}
		done()
		g := at[together(keys)]
		g.waits = append(g.waits, wait)
		return nil
	}, `SELECT `+strings.Join(append(k.keyColumns(of), `s.accept_ms`), `, `)+from+` AND s.accept_ms >= 0`, k.contacts.Args...)
	if err != nil {
		return fmt.Errorf("ask how long contacts took to answer: %w", err)
	}
	return nil
}

// together is keys as one text, for maps.
func together(keys []key) string {
	var b []byte
	for _, k := range keys {
		b = strconv.AppendInt(b, k.number, 36)
		b = strconv.AppendQuote(b, k.text)
		b = strconv.AppendBool(b, k.none)
	}
	return string(b)
}

// rollUp puts groups together that share the values of some dimensions. Without any there is
// one group, even of nobody.
func (k *question) rollUp(finest []*group, of []int) []*group {
	var all []*group
	if len(of) == 0 {
		finest = append(finest, &group{keys: make([]key, len(k.dims)), counts: make([]int64, len(k.counts))})
	}
	at := map[string]*group{}
	for _, f := range finest {
		keys := pick(f.keys, of)
		name := together(keys)
		g := at[name]
		if g == nil {
			g = &group{keys: keys, counts: make([]int64, len(k.counts)), least: pick(f.least, of), most: pick(f.most, of)}
			at[name], all = g, append(all, g)
		}
		for i, n := range f.counts {
			g.counts[i] += n
		}
		for n, i := range of {
			g.least[n], g.most[n] = min(g.least[n], f.least[i]), max(g.most[n], f.most[i])
		}
		g.waits = append(g.waits, f.waits...)
	}
	return all
}

func pick[T any](from []T, of []int) []T {
	out := make([]T, len(of))
	for n, i := range of {
		out[n] = from[i]
	}
	return out
}
