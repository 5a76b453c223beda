package main

import (
	"context"
	"errors"
	"fmt"

	"beckon/internal/fault"
)

type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Make an API token and print it, this once."`
}

type tokenCreate struct {
	Institution string   `xor:"whose" required:"" placeholder:"SLUG" help:"The institution that it is for."`
	User        string   `xor:"whose" required:"" placeholder:"EMAIL" help:"The employer user that it is for."`
	Scopes      []string `placeholder:"SCOPE,..." help:"What it may do: read, contacts, invite, review, settings, people; for a user read, recruit. All unless given."`
	Name        string   `required:"" help:"What it is for, shown in the list of tokens."`
}

// Run prints the token alone on stdout.
func (c tokenCreate) Run(ctx context.Context, t terminal, s settings) error {
	return with(ctx, t, s, func(b *Beckon) error {
		text, err := c.create(ctx, b)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(t.Out, text)
		return err
	})
}

func (c tokenCreate) create(ctx context.Context, b *Beckon) (text string, err error) {
	if c.Institution != "" {
		scope, _, err := b.scope(ctx, c.Institution)
		if err != nil {
			return "", err
		}
		text, _, err = b.Accounts.CreateToken(ctx, scope, c.Name, c.Scopes)
		return text, err
	}
	u, err := b.Accounts.ByEmail(ctx, c.User)
	if errors.Is(err, fault.ErrNotFound) {
		return "", fmt.Errorf("nobody has verified the address %s; make an account by: beckon user add", c.User)
	}
	if err != nil {
		return "", err
	}
	text, _, err = b.Accounts.CreateUserToken(ctx, u, c.Name, c.Scopes, operator)
	return text, err
}
