package contact

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"beckon/internal/address"
	"beckon/internal/contact/field"
	"beckon/internal/db"
	"beckon/internal/fold"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// plan is a selection made into SQL: conditions on contacts c and on their standing s. It is
// the only place where queries for contacts are composed; list, selection, preview, export
// and Insights all go through it.
type plan struct {
	engine      db.Engine
	institution int64
	conditions  []string
	args        []any
	needs       bool // the conditions speak of s
	// pool is a subquery for the ids of some contacts, among which all that match are;
	// "" where only a walk through the whole book finds them. poolSize is how many it has,
	// poolSays the condition that it stands for.
	pool     string
	poolSize int
	poolSays string
	indexed  bool // a condition is on a column with an index
	// invite is what the filter says of an invite i: that the contact was not skipped in it,
	// and what the words for one invite name.
	invite string
	nobody bool // no contact can match
}

// plan compiles a selection. It reads the labels and the owners that the filter names.
func (b *Book) plan(ctx context.Context, tx *db.Tx, institutionID int64, sel Selection) (*plan, error) {
	p := &plan{engine: tx.Engine(), institution: institutionID}
	p.arg(institutionID) // $1
	if sel.IDs != nil {
		p.where(`c.id IN ` + elements(p.engine, p.arg(idArray(institutionID, sel.IDs))))
		return p, nil
	}
	if len(sel.Except) > 0 {
		p.where(`c.id NOT IN ` + elements(p.engine, p.arg(idArray(institutionID, sel.Except))))
	}
	f := sel.Filter
	switch f.value("archived") {
	case "":
		p.where(activeOnly)
	case "yes":
		p.where(`c.archived = 1`)
	}
	if err := p.labels(ctx, tx, f); err != nil {
		return nil, err
	}
	p.text(f)
	p.steps(f, db.Millis(b.Now()))
	p.reached(f)
	p.suppressed(f)
	p.moments(f)
	if err := p.invites(ctx, tx, f); err != nil {
		return nil, err
	}
	return p, p.owner(ctx, tx, f)
}

// value is the only value of a word, "" without one.
func (f Filter) value(name string) string {
	if v := f.values[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (p *plan) where(condition string) { p.conditions = append(p.conditions, condition) }

// open tells whether nothing but archived contacts is left out, if they are.
func (p *plan) open() bool {
	return len(p.conditions) == 0 || slices.Equal(p.conditions, []string{activeOnly})
}

// activeOnly is the condition that holds unless the filter says something about archived.
const activeOnly = `c.archived = 0`

// arg binds a value and answers the parameter that stands for it.
func (p *plan) arg(v any) string {
	p.args = append(p.args, v)
	return "$" + strconv.Itoa(len(p.args))
}

// oneOf says that the column has one of the values; no value means that nobody matches.
func oneOf[T any](p *plan, column string, values []T) {
	if len(values) == 0 {
		p.nobody = true
		return
	}
	params := make([]string, len(values))
	for i, v := range values {
		params[i] = p.arg(v)
	}
	p.where(column + ` IN (` + strings.Join(params, `, `) + `)`)
}

// text adds the words that compare what stands in a contact.
func (p *plan) text(f Filter) {
	p.search(f.values["q"])
	folded := func(word, column string) {
		if values := f.values[word]; values != nil {
			var keys []string
			for _, v := range values {
				keys = append(keys, fold.Text(v))
			}
			oneOf(p, column, storable(keys))
			p.indexed = p.indexed || word == "company"
		}
	}
	folded("company", "c.company_key")
	folded("title", "c.title_key")
	if values := f.values["source"]; values != nil {
		oneOf(p, "c.source", storable(values))
	}
	if values := f.values["domain"]; values != nil {
		var domains []string
		for _, v := range values {
			if a, err := address.Parse("x@" + v); err == nil && !strings.Contains(v, "@") {
				domains = append(domains, a.Domain)
			}
		}
		oneOf(p, "c.domain", domains)
	}
}

// search adds q: a substring of one of the texts that keys.search holds. It compares byte by
// byte, which LIKE does not on SQLite.
func (p *plan) search(values []string) {
	if values == nil {
		return
	}
	var any []string
	for _, v := range storable(values) {
		v = fold.Text(v)
		if v == "" {
			return // a part of every text
		}
		if strings.Contains(v, separator) {
			continue
		}
		if p.engine == db.Postgres {
			any = append(any, `strpos(c.search, `+p.arg(v)+`) > 0`)
		} else {
			any = append(any, `instr(c.search, `+p.arg(v)+`) > 0`)
		}
	}
	if any == nil {
		p.nobody = true
		return
	}
	p.where(`(` + strings.Join(any, ` OR `) + `)`)
}

// storable leaves out texts with a NUL, which no stored text has and PostgreSQL refuses.
func storable(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return strings.Contains(v, "\x00") })
}

// steps adds standing and invite.
func (p *plan) steps(f Filter, now int64) {
	if values := f.values["standing"]; values != nil {
		var numbers []int
		for _, v := range values {
			standing, _ := gate.ParseStanding(v)
			numbers = append(numbers, int(standing))
		}
		oneOf(p, "s.standing", numbers)
		p.needs = true
	}
	values := f.values["invite"]
	if values == nil {
		return
	}
	p.needs = true
	var any []string
	for _, v := range values {
		n := slices.Index(inviteWords, v)
		if n != inviteExpired {
			any = append(any, `s.invite = `+strconv.Itoa(n))
			continue
		}
		any = append(any, `s.invite = `+strconv.Itoa(InviteSent)+` AND s.last_invited_at < `+p.arg(now-expiresAfter.Milliseconds()))
	}
	p.where(`(` + strings.Join(any, ` OR `) + `)`)
}

// reached adds what any of the contact's invites has come to: all that is asked for.
func (p *plan) reached(f Filter) {
	bits := 0
	for _, v := range f.values["reached"] {
		p.needs = true
		if v == notSent {
			p.where(`s.last_invited_at = 0`)
		} else {
			bits |= 1 << slices.Index(reachedWords, v)
		}
	}
	if bits != 0 {
		p.where(fmt.Sprintf(`s.reached & %d = %d`, bits, bits))
	}
}

// suppressed adds whether the address must not be mailed.
func (p *plan) suppressed(f Filter) {
	const one = `EXISTS (SELECT 1 FROM suppressions x WHERE x.institution_id = $1 AND x.email_key = c.email_key)`
	switch values := f.values["suppressed"]; {
	case values == nil:
	case values[0] == "yes":
		p.where(one)
	default:
		p.where(`NOT ` + one)
	}
}

// moments adds the date words: before is <, after is >=. Who was never invited matches
// neither.
func (p *plan) moments(f Filter) {
	for _, m := range []struct{ word, condition string }{
		{"created_before", `c.created_at < `},
		{"created_after", `c.created_at >= `},
		{"invited_before", `s.last_invited_at > 0 AND s.last_invited_at < `},
		{"invited_after", `s.last_invited_at > 0 AND s.last_invited_at >= `},
	} {
		if f.values[m.word] == nil {
			continue
		}
		p.where(m.condition + p.arg(f.times[m.word]))
		if strings.HasPrefix(m.condition, "s.") {
			p.needs = true
		} else {
			p.indexed = true
		}
	}
}

// owner adds the owner words: an id, an address of a staff member, or blank for none.
func (p *plan) owner(ctx context.Context, tx *db.Tx, f Filter) error {
	values := f.values["owner"]
	if values == nil {
		return nil
	}
	var ids []int64
	for _, v := range values {
		if v == "" {
			ids = append(ids, 0)
		} else if id, ok := db.ParseID(v); ok {
			ids = append(ids, id)
		} else if id, err := staffByAddress(ctx, tx, p.institution, v); err != nil {
			return err
		} else if id != 0 {
			ids = append(ids, id)
		}
	}
	oneOf(p, "c.owner_id", ids)
	return nil
}

// staffByAddress is the user of the staff member with a proven address, 0 for nobody.
func staffByAddress(ctx context.Context, tx *db.Tx, institutionID int64, email string) (id int64, err error) {
	a, err := address.Parse(email)
	if err != nil {
		return 0, nil // nobody has such an address
	}
	err = tx.QueryRow(ctx, `
		SELECT st.user_id FROM staff st JOIN user_addresses a ON a.user_id = st.user_id
		WHERE st.institution_id = $1 AND a.email_key = $2 AND a.verified_at > 0`, institutionID, a.Key).Scan(&id)
	if db.IsNoRows(err) {
		return 0, nil
	}
	return id, err
}

// labels adds the label words, and makes the smallest set of labelled contacts that holds
// all matches the pool.
func (p *plan) labels(ctx context.Context, tx *db.Tx, f Filter) error {
	all, any, none := f.values["label"], f.values["label_any"], f.values["label_none"]
	if all == nil && any == nil && none == nil {
		return nil
	}
	known, err := labelsByName(ctx, tx, p.institution, slices.Concat(all, any, none))
	if err != nil {
		return err
	}
	find := func(names []string) (found []Label) {
		for _, name := range names {
			if l, ok := known[field.LabelKey(name)]; ok {
				found = append(found, l)
			}
		}
		return found
	}
	for _, name := range all {
		l, ok := known[field.LabelKey(name)]
		if !ok {
			p.nobody = true
			return nil
		}
		p.has(``, []Label{l})
	}
	if slices.Contains(any, ``) {
		p.hasAnyOrNone(find(any))
	} else if any != nil {
		p.has(``, find(any))
	}
	if n := find(none); n != nil {
		p.has(`NOT `, n)
	}
	return nil
}

// hasAnyOrNone says that a contact has one of the labels, or has no label at all.
func (p *plan) hasAnyOrNone(labels []Label) {
	const one = `EXISTS (SELECT 1 FROM contact_labels x WHERE x.institution_id = $1 AND ` + labelled
	any := []string{`NOT ` + one + `)`}
	for _, l := range labels {
		any = append(any, one+` AND x.label_id = `+p.arg(l.ID)+`)`)
	}
	p.where(`(` + strings.Join(any, ` OR `) + `)`)
}

// labelled ties the labels x to the contact.
const labelled = `x.contact_id = c.id`

// mostUnion is how many labels are asked for one by one, from sorted index entries that need
// only be merged; for several at once SQLite would read all labels of all contacts. It takes
// no more than 500 parts of a UNION.
const mostUnion = 50

// has says that a contact has, or has NOT, one of the labels.
func (p *plan) has(not string, labels []Label) {
	if len(labels) == 0 {
		p.nobody = true
		return
	}
	var params, tests, from, each []string
	size := 0
	for _, l := range labels {
		params = append(params, p.arg(l.ID))
		tests = append(tests, `= `+params[len(params)-1])
		size += l.Contacts
	}
	distinct := ``
	if len(tests) > mostUnion {
		tests, distinct = []string{`IN (` + strings.Join(params, `, `) + `)`}, `DISTINCT `
	}
	for _, test := range tests {
		one := ` FROM contact_labels x WHERE x.institution_id = $1 AND x.label_id ` + test
		from = append(from, one)
		each = append(each, `EXISTS (SELECT 1`+one+` AND `+labelled+`)`)
	}
	condition := not + `(` + strings.Join(each, ` OR `) + `)`
	p.where(condition)
	if not == `` && (p.pool == `` || size < p.poolSize) {
		pool := `(SELECT ` + distinct + `x.contact_id` + strings.Join(from, ` UNION SELECT x.contact_id`) + `)`
		p.pool, p.poolSize, p.poolSays = pool, size, condition
	}
}

// from is the FROM and WHERE of a query for the contacts c of the plan, with their standing
// s if it is needed, in no order.
func (p *plan) from(withStanding bool) string {
	tables, where := p.parts(withStanding)
	return tables + where
}

// parts are the two parts of from. SQLite keeps no statistics to choose by, and takes tables
// joined by CROSS JOIN in the order in which they stand: the pool first, then the narrow
// table, then the wide one. PostgreSQL chooses for itself.
func (p *plan) parts(withStanding bool) (tables, where string) {
	standing := p.needs || withStanding
	tables, first := `contacts c`, `c.id`
	conditions := []string{p.mine(standing)}
	if standing {
		tables, first = `contact_standing s CROSS JOIN contacts c`, `s.contact_id`
		conditions = append(conditions, `s.institution_id = $1`, `c.id = s.contact_id`)
	}
	if p.pool == `` {
		return ` FROM ` + tables, ` WHERE ` + strings.Join(append(conditions, p.conditions...), ` AND `)
	}
	conditions = append(conditions, first+` = pool.contact_id`)
	for _, c := range p.conditions {
		if c != p.poolSays { // labels are looked up before the tables are
			conditions = append(conditions, strings.ReplaceAll(c, labelled, `x.contact_id = pool.contact_id`))
		}
	}
	return ` FROM ` + p.pool + ` pool CROSS JOIN ` + tables, ` WHERE ` + strings.Join(conditions, ` AND `)
}

// mine keeps the query within the institution. On SQLite a walk through the rows themselves
// is half the work of a walk through them by an index; the plus keeps it from taking one.
func (p *plan) mine(joined bool) string {
	switch {
	case p.engine == db.Postgres || p.indexed && !joined:
		return `c.institution_id = $1`
	case p.pool == `` && !joined && !p.open():
		return fmt.Sprintf(`c.id BETWEEN %d AND %d AND +c.institution_id = $1`, p.institution<<32, (p.institution+1)<<32-1)
	case p.pool != `` || joined:
		return `+c.institution_id = $1`
	}
	return `c.institution_id = $1`
}

// count is how many contacts match.
func (p *plan) count(ctx context.Context, tx *db.Tx) (n int, err error) {
	if p.nobody {
		return 0, nil
	}
	err = tx.QueryRow(ctx, `SELECT COUNT(*)`+p.from(false), p.args...).Scan(&n)
	return n, err
}

// list is all contacts that match.
func (p *plan) list(ctx context.Context, tx *db.Tx) (List, error) {
	l := NewList(p.institution, nil)
	if p.nobody {
		return l, nil
	}
	err := tx.Rows(ctx, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		l.add(id)
		return err
	}, `SELECT c.id`+p.from(false), p.args...)
	return l, err
}

// Query is a selection made into SQL, for packages that ask more of the selected contacts
// than which they are.
type Query struct {
	// From is " FROM ... WHERE ..." over contacts c joined with contact_standing s, with
	// one row for every selected contact.
	From string
	// Args are bound in From, the institution as $1; parameters of the caller begin behind
	// them.
	Args []any

	tables, where, invite string
}

// Invite is the condition on an invite of such a contact, by its alias, that it is one the
// filter speaks of: not skipped, and named by the words for one invite.
func (q Query) Invite(alias string) string { return strings.ReplaceAll(q.invite, `i.`, alias+`.`) }

// Joined is From with more tables behind those of the contacts: each contact has a row for
// every row that it is joined with.
func (q Query) Joined(tables string) string { return q.tables + tables + q.where }

// Query compiles a selection for the caller's SELECT, which must not name other tables x or
// pool.
func (b *Book) Query(ctx context.Context, tx *db.Tx, s institution.Scope, sel Selection) (Query, error) {
	if err := s.Require(institution.Read); err != nil {
		return Query{}, err
	}
	p, err := b.plan(ctx, tx, s.ID(), sel)
	if err != nil {
		return Query{}, err
	}
	if p.nobody {
		p.where(`1 = 0`)
	}
	tables, where := p.parts(true)
	return Query{From: tables + where, Args: p.args, tables: tables, where: where, invite: cmp.Or(p.invite, notSkipped)}, nil
}
