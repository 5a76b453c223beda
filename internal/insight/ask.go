package insight

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/gate"
)

// question is a query whose fields were found, on its way to the database.
type question struct {
	filter contact.Filter
	// dims are the dimensions of the rows, and behind them the pivot if there is one.
	dims    []*dimension
	across  int // how many of dims make rows
	pivoted bool
	whole   bool // beside the values of the pivot

	measures   []*measure
	sorts      []sort
	limit      int
	wantTotals bool

	zone     *time.Location
	contacts contact.Query
}

// reading is one walk through the contacts of a question, and where each column stands.
type reading struct {
	columns           []string
	id, reached       int
	standing, wait    int
	company, domain   int
	values, spellings []int // by dimension
	row               []any
}

// column is where a column stands, which is added if it is new; "" stands nowhere.
func (r *reading) column(sql string) int {
	if sql == "" {
		return -1
	}
	i := slices.Index(r.columns, sql)
	if i < 0 {
		i = len(r.columns)
		r.columns = append(r.columns, sql)
	}
	return i
}

func (k *question) reading() *reading {
	r := &reading{wait: -1, company: -1, domain: -1}
	r.id, r.reached, r.standing = r.column(`c.id`), r.column(`s.reached`), r.column(`s.standing`)
	for _, d := range k.dims {
		r.values, r.spellings = append(r.values, r.column(d.column)), append(r.spellings, r.column(d.spelling))
	}
	for _, m := range k.measures {
		switch at := r.column(m.column); m.column {
		case waitColumn:
			r.wait = at
		case companyColumn:
			r.company = at
		case domainColumn:
			r.domain = at
		}
	}
	r.row = make([]any, len(r.columns))
	return r
}

// ask reads the contacts once, with what the fields stand on, and counts them in all groups.
// On both engines that takes no longer than to have them counted there, level by level.
func (k *question) ask(ctx context.Context, tx *db.Tx) (*tally, error) {
	r := k.reading()
	joins, several, repeated := k.joins()
	t := newTally(len(k.dims), k.across, several, repeated)
	to, values := make([]any, len(r.row)), make([]int, len(k.dims))
	for i := range to {
		to[i] = &r.row[i]
	}
	if err := alone(ctx, tx); err != nil {
		return nil, err
	}
	err := tx.Rows(ctx, func(rows *sql.Rows) error {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		for i, d := range k.dims {
			values[i] = t.values[i].of(d.key(r.row[r.values[i]], k.zone))
		}
		if t.add(r.facts(t), values) {
			for i, at := range r.spellings {
				if at >= 0 {
					t.values[i].spellings[values[i]].add(text(r.row[at]))
				}
			}
		}
		return nil
	}, `SELECT `+strings.Join(r.columns, `, `)+k.contacts.Joined(joins), k.contacts.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the contacts of an explore: %w", err)
	}
	return t, nil
}

// alone keeps PostgreSQL from spreading the transaction's queries over processors: people who
// look at lists meanwhile need them more.
func alone(ctx context.Context, tx *db.Tx) error {
	if tx.Engine() != db.Postgres {
		return nil
	}
	_, err := tx.Exec(ctx, `SET LOCAL max_parallel_workers_per_gather = 0`)
	return err
}

// joins are the tables with what a contact may have several of, each with a row of its own.
// All dimensions of invites speak of the same one; invites that are alike in them are
// repeated.
func (k *question) joins() (joins string, several, repeated bool) {
	has := map[kind]bool{}
	for _, d := range k.dims {
		has[d.kind] = true
	}
	if has[ofLabel] {
		joins = ` LEFT JOIN contact_labels l ON l.institution_id = $1 AND l.contact_id = c.id`
	}
	if has[ofBulk] || has[ofInvite] {
		joins += ` LEFT JOIN invites i ON i.institution_id = $1 AND i.contact_id = c.id AND ` + k.contacts.Invite(`i`)
	}
	return joins, joins != ``, has[ofInvite] && !has[ofBulk]
}

// facts are what the row says of the contact.
func (r *reading) facts(t *tally) facts {
	f := facts{contact: number(r.row[r.id]), reached: number(r.row[r.reached]), approved: number(r.row[r.standing]) == int64(gate.IsApproved), wait: -1, company: -1, domain: -1}
	if r.wait >= 0 {
		f.wait = number(r.row[r.wait])
	}
	if r.company >= 0 {
		if name := text(r.row[r.company]); name != "" {
			f.company = t.companies.of(name)
		}
	}
	if r.domain >= 0 {
		f.domain = t.domains.of(text(r.row[r.domain]))
	}
	return f
}

// key is the value of a dimension that a column holds.
func (d *dimension) key(v any, zone *time.Location) key {
	k := key{}
	switch d.kind {
	case ofText, ofInvite:
		k.text = text(v)
		k.none = k.text == ""
	case ofTime:
		k.number = number(v)
		if k.none = k.number == 0; !k.none {
			k.number = dayNumber(d.span.first(time.UnixMilli(k.number).In(zone)))
		}
	case ofChoice:
		k.number = number(v)
	default: // an id
		k.number = number(v)
		k.none = k.number == 0
	}
	return k
}

// number and text are a column as the engines answer it; 0 and "" for NULL.
func number(v any) int64 {
	n, _ := v.(int64)
	return n
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
