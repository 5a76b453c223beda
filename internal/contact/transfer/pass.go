package transfer

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
)

// pass is what a run and a dry run do differently with accepted rows. Both remember, in the
// database and not in memory, which addresses of the file were accepted.
type pass interface {
	// merge merges rows that repeat no address among each other; those that repeat one of
	// an earlier chunk are contact.Repeated.
	merge(ctx context.Context, tx *db.Tx, rows []contact.Incoming) ([]contact.Outcome, error)
	// accepted answers which of the addresses earlier chunks have accepted.
	accepted(ctx context.Context, tx *db.Tx, keys []string) (map[string]bool, error)
}

func (m *Imports) newPass(scope institution.Scope, i Import, list []byte) (pass, error) {
	if i.DryRun {
		return &dryRun{book: m.Book, scope: scope, id: i.ID}, nil
	}
	done, err := contact.ReadList(scope.ID(), list)
	return &run{book: m.Book, scope: scope, id: i.ID, done: done}, err
}

// run writes. The contacts that rows came to are the act's list: an address repeats an
// earlier row's if its contact is there. The list also tells the contacts' histories.
type run struct {
	book  *contact.Book
	scope institution.Scope
	id    int64
	done  contact.List
}

func (p *run) merge(ctx context.Context, tx *db.Tx, rows []contact.Incoming) ([]contact.Outcome, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	outcomes, err := p.book.MergeOnce(ctx, tx, p.scope, rows, contact.SourceUpload, p.done)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(outcomes))
	for i, o := range outcomes {
		ids[i] = o.ID
	}
	p.done = p.done.With(ids)
	_, err = tx.Exec(ctx, `UPDATE acts SET list = $2 WHERE id = $1`, p.id, p.done.Bytes())
	return outcomes, err
}

func (p *run) accepted(ctx context.Context, tx *db.Tx, keys []string) (map[string]bool, error) {
	holders, err := p.book.Holders(ctx, tx, p.scope, keys)
	before := map[string]bool{}
	for key, id := range holders {
		if p.done.Contains(id) {
			before[key] = true
		}
	}
	return before, err
}

// dryRun takes the same way and then takes each chunk back: rows depend on those of earlier
// chunks by repeated addresses alone, which are kept in import_seen.
type dryRun struct {
	book  *contact.Book
	scope institution.Scope
	id    int64
}

func (p *dryRun) merge(ctx context.Context, tx *db.Tx, rows []contact.Incoming) ([]contact.Outcome, error) {
	keys := make([]string, len(rows))
	for i, r := range rows {
		keys[i] = r.Address.Key
	}
	before, err := p.accepted(ctx, tx, keys)
	if err != nil {
		return nil, err
	}
	outcomes := make([]contact.Outcome, len(rows))
	var first []contact.Incoming
	var places []int
	var fresh [][1]string
	for i, r := range rows {
		if before[keys[i]] {
			outcomes[i].Merged = contact.Repeated
			continue
		}
		first, places, fresh = append(first, r), append(places, i), append(fresh, [1]string{keys[i]})
	}
	if len(first) == 0 {
		return outcomes, nil
	}
	would, err := p.predict(ctx, tx, first)
	if err != nil {
		return nil, err
	}
	for n, i := range places {
		outcomes[i] = would[n]
	}
	return outcomes, p.remember(ctx, tx, fresh)
}

// predict merges and takes it back.
func (p *dryRun) predict(ctx context.Context, tx *db.Tx, rows []contact.Incoming) ([]contact.Outcome, error) {
	if _, err := tx.Exec(ctx, `SAVEPOINT dry_run`); err != nil {
		return nil, err
	}
	outcomes, err := p.book.Merge(ctx, tx, p.scope, rows, contact.SourceUpload)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `ROLLBACK TO SAVEPOINT dry_run`); err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `RELEASE SAVEPOINT dry_run`)
	return outcomes, err
}

func (p *dryRun) remember(ctx context.Context, tx *db.Tx, keys [][1]string) error {
	values, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO import_seen (import_id, email_key) SELECT $1, `+item(tx, 0)+` FROM `+items(tx, `$2`), p.id, string(values))
	if err != nil {
		return fmt.Errorf("remember the addresses of a file: %w", err)
	}
	return nil
}

func (p *dryRun) accepted(ctx context.Context, tx *db.Tx, keys []string) (map[string]bool, error) {
	list := make([][1]string, len(keys))
	for i, key := range keys {
		list[i][0] = key
	}
	values, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	before := map[string]bool{}
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var key string
		err := r.Scan(&key)
		before[key] = true
		return err
	}, `SELECT email_key FROM import_seen WHERE import_id = $1 AND email_key IN (SELECT `+item(tx, 0)+` FROM `+items(tx, `$2`)+`)`, p.id, string(values))
	return before, err
}
