package student

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"beckon/internal/db"
)

// search is a query for students s of one institution, which is $1.
type search struct {
	where string
	args  []any
	// key is what they are sorted by. An index holds it in order, ties by id.
	key string
}

// Cursor is a place in a list that goes by names.
type Cursor struct {
	Key string
	ID  int64
}

func (c Cursor) compare(d Cursor) int {
	return cmp.Or(strings.Compare(c.Key, d.Key), cmp.Compare(c.ID, d.ID))
}

// few is up to how many matches are sorted here. More are read from an index in their order.
const few = 4_000

// contains adds that a folded text of the student has a part in it. The functions compare
// byte by byte, which LIKE does not on SQLite.
func (q *search) contains(e db.Engine, column, part string) {
	if part == "" {
		return
	}
	find := `instr`
	if e == db.Postgres {
		find = `strpos`
	}
	q.args = append(q.args, part)
	q.where += fmt.Sprintf(` AND %s(%s, $%d) > 0`, find, column, len(q.args))
}

// page reads a part of the students that a search finds, where the next page begins (the
// zero Cursor: nowhere), and how many there are in all.
func (st *Students) page(ctx context.Context, q search, after Cursor, limit int) (page []Student, next Cursor, total int, err error) {
	err = st.DB.Read(ctx, func(tx *db.Tx) error {
		places, all, err := q.places(ctx, tx, after, limit+1)
		if err != nil {
			return fmt.Errorf("find students: %w", err)
		}
		total = all
		if len(places) > limit {
			places = places[:limit]
			next = places[limit-1]
		}
		page, err = q.load(ctx, tx, places)
		return err
	})
	return page, next, total, err
}

// places answers up to limit places behind one, and how many match in all. It looks at a few
// matches first: when these are all, they are sorted here, which costs no second search. When
// there are more, matches are so frequent that a walk along the index soon has a page.
func (q search) places(ctx context.Context, tx *db.Tx, after Cursor, limit int) (places []Cursor, total int, err error) {
	places, err = q.read(ctx, tx, fmt.Sprintf(` LIMIT %d`, few+1), q.args...)
	if err != nil {
		return nil, 0, err
	}
	if len(places) <= few {
		return cut(places, after, limit), len(places), nil
	}
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM students s WHERE `+q.where, q.args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	n := len(q.args)
	places, err = q.read(ctx, tx, fmt.Sprintf(` AND (%[1]s, s.id) > ($%[2]d, $%[3]d) ORDER BY %[1]s, s.id LIMIT $%[4]d`, q.key, n+1, n+2, n+3),
		append(q.args[:n:n], after.Key, after.ID, limit)...)
	return places, total, err
}

func (q search) read(ctx context.Context, tx *db.Tx, rest string, args ...any) (places []Cursor, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var c Cursor
		err := r.Scan(&c.Key, &c.ID)
		places = append(places, c)
		return err
	}, `SELECT `+q.key+`, s.id FROM students s WHERE `+q.where+rest, args...)
	return places, err
}

// cut sorts all matches and cuts up to limit behind a place out.
func cut(places []Cursor, after Cursor, limit int) []Cursor {
	slices.SortFunc(places, Cursor.compare)
	from, found := slices.BinarySearchFunc(places, after, Cursor.compare)
	if found {
		from++
	}
	places = places[from:]
	return places[:min(limit, len(places))]
}

// load reads the students at places, in the same order.
func (q search) load(ctx context.Context, tx *db.Tx, places []Cursor) ([]Student, error) {
	if len(places) == 0 {
		return nil, nil
	}
	at, args := map[int64]int{}, []any{q.args[0]}
	for i, c := range places {
		at[c.ID] = i
		args = append(args, c.ID)
	}
	page := make([]Student, len(places))
	return page, tx.Rows(ctx, func(r *sql.Rows) error {
		s, err := scan(r)
		page[at[s.ID]] = s
		return err
	}, `SELECT `+columns+` FROM students s WHERE s.institution_id = $1 AND s.id IN (`+db.Params(2, len(places))+`)`, args...)
}
