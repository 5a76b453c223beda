package transfer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"beckon/internal/act"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
)

// tidying is the cursor of an act whose rows are all done; before, the cursor is the number
// of the last row that is done.
const tidying = -1

const (
	// chunksAtOnce is how many chunks one transaction merges at most, where nobody waits.
	chunksAtOnce = 4
	// longest is the time after which a transaction begins no other chunk.
	longest = 100 * time.Millisecond
)

// patience is how long Prepare waits for rows before it lets the act's lease be renewed: an
// import that goes on near the end of a large file has to read what is before.
const patience = 5 * time.Second

// worker does one import. In every transaction it merges a chunk of rows, keeps those that
// are rejected, and moves counts and cursor, so that a crash leaves nothing half done.
type worker struct {
	imports *Imports
	scope   institution.Scope
	id      int64
	size    int64
	dryRun  bool
	fresh   bool // what an earlier dry run left is to be removed first
	ahead   *ahead
	chunks  []chunk // read, and still to be merged
	ended   bool    // the last of them is the file's last
	err     error   // why there are no more
	pass    pass
}

// Open makes the worker that goes on with an import; it is the act.OpenFunc of Kind.
func (m *Imports) Open(ctx context.Context, a act.Act) (act.Worker, error) {
	w := &worker{imports: m, scope: institution.Resume(a.InstitutionID, a.Actor), id: a.ID, fresh: a.Cursor == 0}
	var i Import
	err := m.DB.Read(ctx, func(tx *db.Tx) (err error) {
		i, err = m.load(ctx, tx, a.InstitutionID, a.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	w.size, w.dryRun = i.Size, i.DryRun
	if a.Cursor == tidying {
		return w, nil
	}
	if w.pass, err = m.newPass(w.scope, i, a.List); err != nil {
		return nil, err
	}
	file := &pieces{db: m.DB, id: a.ID}
	w.ahead = readAhead(ctx, file, m.fields(), i.Format, int(a.Cursor))
	return w, nil
}

// Prepare takes the rows of the next chunks, which were read meanwhile.
func (w *worker) Prepare(ctx context.Context) error {
	if w.ahead == nil || w.fresh {
		return nil
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	for len(w.chunks) == 0 && !w.ended {
		select {
		case c := <-w.ahead.chunks:
			w.take(c)
		case <-late.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for len(w.chunks) < chunksAtOnce && !w.ended {
		select {
		case c := <-w.ahead.chunks:
			w.take(c)
		default:
			return w.err
		}
	}
	return w.err
}

func (w *worker) take(c chunk) {
	w.chunks = append(w.chunks, c)
	w.ended = c.last || c.err != nil
	w.err = c.err
	if c.last && c.read != w.size {
		w.err = fmt.Errorf("the upload has %d bytes of %d", c.read, w.size)
	}
}

// Step merges a chunk, and more of them in the same transaction while nobody waits for it:
// the database writes every page of an index once a transaction, however many rows of it
// belong there.
func (w *worker) Step(ctx context.Context, tx *db.Tx, a *act.Act) (last bool, err error) {
	switch {
	case a.Cursor == tidying:
		return w.tidy(ctx, tx)
	case w.fresh:
		left, err := removeResults(ctx, tx, w.id)
		w.fresh = left
		return false, err
	}
	begun := w.imports.Now()
	for n := 0; len(w.chunks) > 0; n++ {
		if n > 0 && (w.imports.DB.Contended() || w.imports.Now().Sub(begun) >= longest) {
			break
		}
		c := w.chunks[0]
		w.chunks = w.chunks[1:]
		if err := w.merge(ctx, tx, c.rows); err != nil {
			return false, err
		}
		if rows := len(c.rows); rows > 0 {
			a.Cursor, a.Done = int64(c.rows[rows-1].Number), c.read
		}
		if c.last {
			a.Cursor, a.Done = tidying, a.Total
			return false, w.record(ctx, tx)
		}
	}
	return false, nil
}

// merge brings a chunk of rows to where they belong, or finds out what that would do.
func (w *worker) merge(ctx context.Context, tx *db.Tx, rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	if err := w.markRepeats(ctx, tx, rows); err != nil {
		return err
	}
	var accepted []*Row
	for i := range rows {
		if row := &rows[i]; row.Faults == nil {
			accepted = append(accepted, row)
		}
	}
	became, err := w.pass.merge(ctx, tx, accepted)
	if err != nil {
		return err
	}
	for i, what := range became {
		if what == contact.Repeated {
			accepted[i].repeats()
		}
	}
	rejected := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Faults == nil })
	if err := addRejects(ctx, tx, w.id, rejected); err != nil {
		return err
	}
	return w.count(ctx, tx, became, len(rows), len(rejected))
}

// markRepeats finds the rows that repeat an address of the same chunk. Among those that are
// rejected anyway it also finds what repeats an earlier chunk, so that they have every reason;
// among the others the merging does.
func (w *worker) markRepeats(ctx context.Context, tx *db.Tx, rows []Row) error {
	accepted := map[string]bool{}
	faulty := map[string][]*Row{}
	for i := range rows {
		row := &rows[i]
		key := row.Contact.Email.Key
		switch {
		case key == "":
		case accepted[key]:
			row.repeats()
		case row.Faults == nil:
			accepted[key] = true
		default:
			faulty[key] = append(faulty[key], row)
		}
	}
	if len(faulty) == 0 {
		return nil
	}
	before, err := w.pass.accepted(ctx, tx, slices.Collect(maps.Keys(faulty)))
	if err != nil {
		return err
	}
	for key := range before {
		for _, row := range faulty[key] {
			row.repeats()
		}
	}
	return nil
}

// repeats adds the fault of an address that an accepted row before has.
func (row *Row) repeats() {
	row.Faults = append([]Fault{{Column: "email", Message: "is that of an earlier row already; remove one of the two"}}, row.Faults...)
}

// count adds a chunk to what the import has done.
func (w *worker) count(ctx context.Context, tx *db.Tx, became []contact.Merged, rows, rejected int) error {
	n := map[contact.Merged]int{}
	for _, what := range became {
		n[what]++
	}
	_, err := tx.Exec(ctx, `
		UPDATE imports SET row_count = row_count + $2, created = created + $3, updated = updated + $4, unchanged = unchanged + $5, rejected = rejected + $6
		WHERE id = $1`, w.id, rows, n[contact.Created], n[contact.Updated], n[contact.Unchanged], rejected)
	return err
}

// record writes the audit event of a run that has done all rows.
func (w *worker) record(ctx context.Context, tx *db.Tx) error {
	if w.dryRun {
		return nil
	}
	i, err := w.imports.load(ctx, tx, w.scope.ID(), w.id)
	if err != nil {
		return err
	}
	return w.imports.record(ctx, tx, w.scope, i, false)
}

// tidy removes a part of what only a running import needs; true with the last. The file of
// a dry run stays, for the run.
func (w *worker) tidy(ctx context.Context, tx *db.Tx) (last bool, err error) {
	if left, err := removeSeen(ctx, tx, w.id); left || err != nil || w.dryRun {
		return !left, err
	}
	if left, err := removePieces(ctx, tx, w.id); left || err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `UPDATE acts SET list = NULL WHERE id = $1`, w.id)
	return true, err
}

// Close ends the reading ahead.
func (w *worker) Close() {
	if w.ahead != nil {
		w.ahead.close()
	}
}
