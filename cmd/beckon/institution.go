package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// operator is who acts by a command, for the audit.
var operator = audit.Actor{Kind: audit.System, Name: "command line"}

type institutionCommand struct {
	Create institutionCreate `cmd:"" help:"Add an institution."`
	List   institutionList   `cmd:"" help:"List all institutions."`
}

type institutionCreate struct {
	Name     string `arg:"" help:"Its name, as people write it."`
	Slug     string `required:"" help:"Its short name in addresses and commands: a-z, 0-9 and hyphens."`
	Timezone string `default:"UTC" help:"Its time zone, an IANA name such as Europe/Copenhagen."`
	ReplyTo  string `placeholder:"ADDRESS" help:"Where answers to invites go."`
	JSON     bool   `name:"json" help:"Print what was made as JSON."`
}

// institutionJSON is an institution as programs read it.
type institutionJSON struct {
	ID       string `json:"id"`
	Slug     string `json:"slug"`
	Name     string `json:"name"`
	Timezone string `json:"timezone"`
	ReplyTo  string `json:"reply_to"`
}

func showInstitution(i institution.Institution) institutionJSON {
	return institutionJSON{db.FormatID(i.ID), i.Slug, i.Name, i.Timezone, i.ReplyTo}
}

// Run adds the institution.
func (c institutionCreate) Run(ctx context.Context, t terminal, s settings) error {
	return with(ctx, t, s, func(b *Beckon) error {
		made, err := b.Institutions.Create(ctx, c.Name, c.Slug, c.Timezone, c.ReplyTo, operator)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(t.Out, showInstitution(made))
		}
		_, err = fmt.Fprintf(t.Out, "%s is there; next: beckon staff add EMAIL --institution %s --role owner\n", made.Name, made.Slug)
		return err
	})
}

type institutionList struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists all institutions by name.
func (c institutionList) Run(ctx context.Context, t terminal, s settings) error {
	return with(ctx, t, s, func(b *Beckon) error {
		all, err := b.Institutions.List(ctx)
		if err != nil {
			return err
		}
		shown := make([]institutionJSON, len(all))
		for i := range all {
			shown[i] = showInstitution(all[i])
		}
		if c.JSON {
			return printJSON(t.Out, shown)
		}
		w := tabwriter.NewWriter(t.Out, 0, 0, 2, ' ', 0)
		for _, i := range shown {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", i.Slug, i.Name, i.Timezone, i.ReplyTo)
		}
		return w.Flush()
	})
}

// scope is the operator's right to act at the institution with the slug.
func (b *Beckon) scope(ctx context.Context, slug string) (institution.Scope, institution.Institution, error) {
	i, err := b.Institutions.BySlug(ctx, slug)
	if errors.Is(err, fault.ErrNotFound) {
		err = fmt.Errorf("there is no institution %q; \"beckon institution list\" shows all", slug)
	}
	if err != nil {
		return institution.Scope{}, i, err
	}
	return institution.System(i.ID, operator.Name), i, nil
}
