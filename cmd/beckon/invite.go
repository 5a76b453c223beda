package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"beckon/internal/address"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/invite"
)

type inviteCommand struct {
	Institution string   `required:"" placeholder:"SLUG" help:"The institution."`
	Filter      string   `placeholder:"QUERY" help:"Which contacts, as in the address of the Contacts page: 'label=Fair&standing=contact'."`
	All         bool     `help:"All contacts that are not archived."`
	Email       []string `arg:"" optional:"" help:"Contacts by their addresses."`
	Label       *string  `placeholder:"NAME" help:"Label for all who are sent to, '' for none; 'invited DATE' of today unless given."`
	Yes         bool     `short:"y" help:"Do not ask."`
	JSON        bool     `name:"json" help:"Print plan and result as JSON."`
}

// Run shows what will happen, asks, sends and follows it.
func (c inviteCommand) Run(ctx context.Context, t terminal, s settings) error {
	if err := c.check(t); err != nil {
		return err
	}
	return with(ctx, t, s, func(b *Beckon) error {
		scope, inst, err := b.scope(ctx, c.Institution)
		if err != nil {
			return err
		}
		selection, err := c.selection(ctx, b, scope, inst)
		if err != nil {
			return err
		}
		plan, err := b.Invites.Preview(ctx, scope, selection, nil)
		if err != nil {
			return err
		}
		if err := c.showPlan(t, plan); err != nil {
			return err
		}
		if plan.WillSend > 0 && !c.Yes && !confirmed(t, plan.WillSend) {
			return errors.New("not confirmed, nothing was sent")
		}
		order := invite.Order{Selection: selection, ExpectedTotal: &plan.Total, Fingerprint: plan.Fingerprint, Label: c.label(b, inst)}
		bulk, err := b.Invites.Confirm(ctx, scope, order)
		if err != nil {
			return err
		}
		if bulk, err = b.followBulk(ctx, t, scope, bulk); err != nil {
			return err
		}
		return c.showResult(t, bulk)
	})
}

// check refuses what cannot be meant, before anything is opened.
func (c inviteCommand) check(t terminal) error {
	ways := 0
	for _, given := range []bool{c.Filter != "", c.All, len(c.Email) > 0} {
		if given {
			ways++
		}
	}
	switch {
	case ways == 0:
		return usage("say whom to invite: --filter QUERY, --all, or addresses")
	case ways > 1:
		return usage("give one of --filter, --all and addresses")
	case !c.Yes && !isTerminal(t.In):
		return usage("nobody can be asked to confirm here; add --yes to invite without asking")
	}
	return nil
}

func (c inviteCommand) label(b *Beckon, inst institution.Institution) string {
	if c.Label == nil {
		return "invited " + b.Now().In(inst.Location()).Format("2006-01-02")
	}
	return *c.Label
}

func (c inviteCommand) selection(ctx context.Context, b *Beckon, scope institution.Scope, inst institution.Institution) (contact.Selection, error) {
	if len(c.Email) == 0 {
		filter, err := parseFilter(c.Filter, inst)
		return contact.Selection{Filter: filter}, err
	}
	ids := []int64{}
	for _, email := range c.Email {
		id, err := b.contactByEmail(ctx, scope, inst, email)
		if err != nil {
			return contact.Selection{}, err
		}
		ids = append(ids, id)
	}
	return contact.Selection{IDs: ids}, nil
}

// contactByEmail finds a contact by its address, archived ones too.
func (b *Beckon) contactByEmail(ctx context.Context, scope institution.Scope, inst institution.Institution, email string) (int64, error) {
	a, err := address.Parse(email)
	if err != nil {
		return 0, usage(fmt.Sprintf("%q %s", email, err))
	}
	filter, err := contact.ParseFilter(map[string][]string{"q": {a.Key}, "archived": {"any"}}, inst.Location())
	if err != nil {
		return 0, err
	}
	for cursor := ""; ; {
		page, err := b.Book.Find(ctx, scope, contact.Search{Filter: filter, Limit: contact.MaxLimit, Cursor: cursor})
		if err != nil {
			return 0, err
		}
		for _, found := range page.Contacts {
			if other, err := address.Parse(found.Email); err == nil && other.Key == a.Key {
				return found.ID, nil
			}
		}
		if cursor = page.Next; cursor == "" {
			return 0, fmt.Errorf("%s is no contact of %s; import or add it first", email, inst.Name)
		}
	}
}

func (c inviteCommand) showPlan(t terminal, p invite.Plan) error {
	if c.JSON {
		return printJSON(t.Out, map[string]any{"total": p.Total, "will_send": p.WillSend, "variants": p.Variants, "skipped": p.Skipped})
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%d selected, %d will be sent to\n", p.Total, p.WillSend)
	for _, v := range invite.Variants {
		if n := p.Variants[v]; n > 0 {
			fmt.Fprintf(&text, "%8d %s\n", n, v)
		}
	}
	for _, r := range invite.Reasons {
		if n := p.Skipped[r]; n > 0 {
			fmt.Fprintf(&text, "%8d skipped: %s\n", n, r)
		}
	}
	_, err := io.WriteString(t.Out, text.String())
	return err
}

// confirmed asks the person at the terminal.
func confirmed(t terminal, n int) bool {
	fmt.Fprintf(t.Err, "Invite %d employer contacts now? [y/N] ", n)
	answer, _ := bufio.NewReader(t.In).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true
	}
	return false
}

// followBulk waits until a bulk invite is over, or waits for somebody, and shows how far it is.
func (b *Beckon) followBulk(ctx context.Context, t terminal, scope institution.Scope, bulk invite.Bulk) (invite.Bulk, error) {
	bar := newProgress(t.Err, "inviting", int64(bulk.WillSend()))
	defer bar.end()
	waits := ""
	err := b.follow(ctx, func() (over bool, err error) {
		if bulk, err = b.Invites.Get(ctx, scope, bulk.ID); err != nil {
			return false, err
		}
		counts := bulk.Counts
		bar.set(int64(counts.Sent+counts.Bounced+counts.Failed), int64(bulk.WillSend()))
		if bulk.WaitReason != waits && bulk.WaitReason != "" {
			fmt.Fprintln(t.Err, "waiting for "+bulk.WaitReason)
		}
		waits = bulk.WaitReason
		return !bulk.Open() || bulk.State == invite.BulkPaused, nil
	})
	return bulk, err
}

func (c inviteCommand) showResult(t terminal, b invite.Bulk) error {
	n := b.Counts
	if c.JSON {
		return printJSON(t.Out, map[string]any{"id": db.FormatID(b.ID), "state": b.State, "sent": n.Sent, "deferred": n.Deferred,
			"bounced": n.Bounced, "failed": n.Failed, "cancelled": n.Cancelled, "approved": n.Approved})
	}
	_, err := fmt.Fprintf(t.Out, "%s: %d sent, %d bounced, %d failed, %d approved\n", b.State, n.Sent, n.Bounced, n.Failed, n.Approved)
	return err
}
