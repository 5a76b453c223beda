package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"beckon/internal/act"
	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/institution"
)

// importFile is what the imports of contacts and of students have in common.
type importFile struct {
	File        string `arg:"" help:"The file, or - for stdin."`
	Institution string `required:"" placeholder:"SLUG" help:"The institution."`
	DryRun      bool   `help:"Count what the import would do, and write nothing."`
	JSON        bool   `name:"json" help:"Print the counts as JSON."`
}

// importJSON is the result of an import as the API shows it, but for its errors.
type importJSON struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	Rows      int64  `json:"rows"`
	Created   int64  `json:"created"`
	Updated   int64  `json:"updated"`
	Unchanged int64  `json:"unchanged"`
	Rejected  int64  `json:"rejected"`
}

// run imports the file and waits for the end.
func (c importFile) run(ctx context.Context, t terminal, s settings, into func(*Beckon) *transfer.Imports, labels []string) error {
	file, err := c.open(t)
	if err != nil {
		return err
	}
	defer file.Close()
	return with(ctx, t, s, func(b *Beckon) error {
		scope, _, err := b.scope(ctx, c.Institution)
		if err != nil {
			return err
		}
		imports := into(b)
		i, err := imports.Upload(ctx, scope, filepath.Base(c.File), file, transfer.Options{DryRun: c.DryRun, Labels: labels, Confirm: true})
		if err != nil {
			return c.refused(err)
		}
		if i, err = b.followImport(ctx, t, imports, scope, i); err != nil {
			return err
		}
		return c.finish(ctx, t, imports, scope, i)
	})
}

func (c importFile) open(t terminal) (io.ReadCloser, error) {
	if c.File == "-" {
		return io.NopCloser(t.In), nil
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	return f, nil
}

func (c importFile) refused(err error) error {
	var refusal *transfer.Refusal
	if errors.As(err, &refusal) {
		return fmt.Errorf("%s was refused, nothing was written: %s", c.File, refusal.Message)
	}
	return err
}

// followImport waits until an import is over and shows how far it is.
func (b *Beckon) followImport(ctx context.Context, t terminal, imports *transfer.Imports, scope institution.Scope, i transfer.Import) (transfer.Import, error) {
	bar := newProgress(t.Err, "importing (bytes)", i.Total)
	defer bar.end()
	err := b.follow(ctx, func() (over bool, err error) {
		if i, err = imports.Get(ctx, scope, i.ID); err != nil {
			return false, err
		}
		bar.set(i.Done, i.Total)
		return i.State == act.Done || i.State == act.Failed || i.State == act.Stopped, nil
	})
	return i, err
}

// finish tells the counts and writes the rejected rows beside the file.
func (c importFile) finish(ctx context.Context, t terminal, imports *transfer.Imports, scope institution.Scope, i transfer.Import) error {
	shown := importJSON{db.FormatID(i.ID), i.State, i.Rows, i.Created, i.Updated, i.Unchanged, i.Rejected}
	var err error
	if c.JSON {
		err = printJSON(t.Out, shown)
	} else {
		head := ""
		if c.DryRun {
			head = "dry run, nothing was written: "
		}
		_, err = fmt.Fprintf(t.Out, "%s%d rows: %d created, %d updated, %d unchanged, %d rejected\n", head, i.Rows, i.Created, i.Updated, i.Unchanged, i.Rejected)
	}
	if err == nil && i.Rejected > 0 {
		err = c.writeRejected(ctx, t, imports, scope, i.ID)
	}
	if err == nil && i.State != act.Done {
		err = fmt.Errorf("the import %s: %s", i.State, i.Error)
	}
	return err
}

func (c importFile) writeRejected(ctx context.Context, t terminal, imports *transfer.Imports, scope institution.Scope, id int64) error {
	name := c.File + ".rejected.csv"
	if c.File == "-" {
		name = "stdin.rejected.csv"
	}
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("the rejected rows cannot be written: %w", err)
	}
	if err := errors.Join(imports.WriteRejected(ctx, scope, id, f), f.Close()); err != nil {
		return err
	}
	fmt.Fprintf(t.Err, "rejected rows, with their reasons, are in %s; correct them there and import that file\n", name)
	return nil
}
