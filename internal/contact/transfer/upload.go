package transfer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/dustin/go-humanize"

	"beckon/internal/act"
	"beckon/internal/contact/field"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// Options are what a person says about an upload.
type Options struct {
	// DryRun counts what the import would do, and writes nothing.
	DryRun bool
	// Labels are the names of labels for every contact of the file; they are made where
	// they are unknown.
	Labels []string
	// Format is how the file is to be read, where that is known; see Sniff.
	Format Format
	// Confirm starts the import at once. Without it the upload waits for Start.
	Confirm bool
}

// Upload keeps a file and makes an import of it. A file that cannot be imported leaves
// nothing behind: the error is a *Refusal, and the Import has the Format as far as it was
// found, so that a person can correct it and upload again. Faulty options and a file beyond
// the greatest size are fault.Fields. The body is read once, in constant memory.
func (m *Imports) Upload(ctx context.Context, scope institution.Scope, filename string, body io.Reader, o Options) (Import, error) {
	if err := scope.Require(institution.Contacts); err != nil {
		return Import{}, err
	}
	labels, err := labelNames(o.Labels)
	if err != nil {
		return Import{}, err
	}
	head, err := io.ReadAll(io.LimitReader(body, pieceSize))
	if err != nil {
		return Import{}, fmt.Errorf("receiving the file: %w", err)
	}
	format, err := Sniff(bytes.NewReader(head), m.fields(), o.Format)
	if err != nil {
		return Import{Format: format}, err
	}
	id, err := m.add(ctx, scope, Import{Filename: filename, DryRun: o.DryRun || !o.Confirm, Format: format, Labels: labels})
	if err != nil {
		return Import{}, err
	}
	err = m.receive(ctx, scope, id, io.MultiReader(bytes.NewReader(head), body), o)
	if err != nil {
		return Import{}, errors.Join(err, m.remove(context.WithoutCancel(ctx), id))
	}
	return m.Get(ctx, scope, id)
}

// add makes the rows of an import whose file is still to come.
func (m *Imports) add(ctx context.Context, scope institution.Scope, i Import) (id int64, err error) {
	err = m.DB.Write(ctx, func(tx *db.Tx) error {
		id, err = act.Add(ctx, tx, m.Now(), act.Act{InstitutionID: scope.ID(), Kind: m.kind(), State: absent, Actor: scope.Actor()})
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO imports (institution_id, id, filename, dry_run) VALUES ($1, $2, $3, $4)`,
			scope.ID(), id, shortened(field.Text(i.Filename, false)), db.Bool(i.DryRun))
		if err != nil {
			return err
		}
		return describe(ctx, tx, id, i.Format, i.Labels)
	})
	return id, err
}

// describe keeps how the file of an import is to be read, and its labels.
func describe(ctx context.Context, tx *db.Tx, id int64, f Format, labels []string) error {
	format, err := json.Marshal(f.preview())
	if err != nil {
		return err
	}
	names, err := json.Marshal(labels)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE imports SET format = $2, labels = $3 WHERE id = $1`, id, string(format), string(names))
	return err
}

// preview is the format with a sample that is short enough to be kept and shown.
func (f Format) preview() Format {
	short := make([][]string, len(f.Sample))
	for i, cells := range f.Sample {
		for _, cell := range cells[:min(len(cells), max(len(f.Columns)+1, 1))] {
			short[i] = append(short[i], shortened(cell))
		}
	}
	f.Sample = short
	return f
}

// shortened cuts a text at 200 characters.
func shortened(s string) string {
	n := 0
	for i := range s {
		if n++; n > 200 {
			return s[:i] + "…"
		}
	}
	return s
}

// receive stores the file and then puts the import where people and workers see it.
func (m *Imports) receive(ctx context.Context, scope institution.Scope, id int64, body io.Reader, o Options) error {
	limit := m.MaxSize
	if limit == 0 {
		limit = DefaultMaxSize
	}
	size, err := storePieces(ctx, m.DB, id, io.LimitReader(body, limit+1))
	if err != nil {
		return err
	}
	if size > limit {
		return fault.Invalid("file", "is larger than %s; split it", humanize.IBytes(uint64(limit)))
	}
	state := act.Waiting
	if o.Confirm {
		state = act.Queued
	}
	return m.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE imports SET size = $2 WHERE id = $1`, id, size); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE acts SET state = $2, total = $3 WHERE id = $1`, id, state, size); err != nil {
			return err
		}
		if !o.Confirm || o.DryRun {
			return nil
		}
		return m.recordStart(ctx, tx, scope, id)
	})
}

// Correct changes how an import that has written nothing yet reads its file, and its labels,
// and answers it with the new columns and sample. What want leaves open is found out anew. It
// waits for Start then. Errors are those of Upload; nothing is changed then.
func (m *Imports) Correct(ctx context.Context, scope institution.Scope, id int64, want Format, labels []string) (Import, error) {
	if err := scope.Require(institution.Contacts); err != nil {
		return Import{}, err
	}
	names, err := labelNames(labels)
	if err != nil {
		return Import{}, err
	}
	if _, err := m.Get(ctx, scope, id); err != nil {
		return Import{}, err
	}
	format, err := Sniff(&pieces{ctx: ctx, db: m.DB, id: id}, m.fields(), want)
	if err != nil {
		return Import{Format: format}, err
	}
	err = m.DB.Write(ctx, func(tx *db.Tx) error {
		if err := m.rewind(ctx, tx, scope, id, act.Waiting); err != nil {
			return err
		}
		return describe(ctx, tx, id, format, names)
	})
	if err != nil {
		return Import{}, err
	}
	return m.Get(ctx, scope, id)
}
