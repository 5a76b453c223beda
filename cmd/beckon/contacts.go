package main

import (
	"bufio"
	"context"
	"net/url"
	"strings"

	"beckon/internal/contact"
	"beckon/internal/contact/transfer"
	"beckon/internal/institution"
)

type contactsCommand struct {
	Import contactsImport `cmd:"" help:"Import contacts from a CSV file."`
	Export contactsExport `cmd:"" help:"Write contacts to stdout."`
}

type contactsImport struct {
	importFile
	Label []string `sep:"none" placeholder:"NAME" help:"Label for every contact of the file; may be repeated."`
}

// Run imports the file and waits for the end.
func (c contactsImport) Run(ctx context.Context, t terminal, s settings) error {
	return c.run(ctx, t, s, func(b *Beckon) *transfer.Imports { return b.Imports }, c.Label)
}

type contactsExport struct {
	Institution string `required:"" placeholder:"SLUG" help:"The institution."`
	Filter      string `placeholder:"QUERY" help:"Which contacts, as in the address of the Contacts page: 'label=Fair&standing=contact'. All that are not archived unless given."`
	Format      string `default:"csv" help:"csv or jsonl."`
}

// Run writes the contacts to stdout.
func (c contactsExport) Run(ctx context.Context, t terminal, s settings) error {
	return with(ctx, t, s, func(b *Beckon) error {
		scope, inst, err := b.scope(ctx, c.Institution)
		if err != nil {
			return err
		}
		filter, err := parseFilter(c.Filter, inst)
		if err != nil {
			return err
		}
		out := bufio.NewWriterSize(t.Out, 64<<10)
		if err := transfer.Export(ctx, b.Book, scope, contact.Selection{Filter: filter}, c.Format, out); err != nil {
			return asUsage(err)
		}
		return out.Flush()
	})
}

// parseFilter reads the filter of a command.
func parseFilter(query string, inst institution.Institution) (contact.Filter, error) {
	values, err := url.ParseQuery(strings.TrimPrefix(query, "?"))
	if err != nil {
		return contact.Filter{}, usage("--filter is not a query; write for example 'label=Fair&standing=contact', with spaces as + and & as %26")
	}
	filter, err := contact.ParseFilter(values, inst.Location())
	return filter, asUsage(err)
}
