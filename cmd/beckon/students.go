package main

import (
	"context"

	"beckon/internal/contact/transfer"
)

type studentsCommand struct {
	Import studentsImport `cmd:"" help:"Import students from a CSV file."`
}

type studentsImport struct{ importFile }

// Run imports the file and waits for the end.
func (c studentsImport) Run(ctx context.Context, t terminal, s settings) error {
	return c.run(ctx, t, s, func(b *Beckon) *transfer.Imports { return b.StudentImports }, nil)
}
