package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"beckon/internal/account"
	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// printedLinkLife is for how long a sign-in link that a command prints works.
const printedLinkLife = 15 * time.Minute

type staffCommand struct {
	Add staffAdd `cmd:"" help:"Give somebody a role at an institution, and print a sign-in link."`
}

type staffAdd struct {
	Email       string `arg:"" help:"The person's address; an account is made where there is none."`
	Institution string `required:"" placeholder:"SLUG" help:"The institution."`
	Role        string `required:"" enum:"owner,manager,coordinator,reviewer,viewer" help:"owner, manager, coordinator, reviewer or viewer."`
	First       string `help:"First name, guessed from the address unless given."`
	Last        string `help:"Last name, guessed from the address unless given."`
}

// Run adds the person and prints the link.
func (c staffAdd) Run(ctx context.Context, t terminal, s settings) error {
	return with(ctx, t, s, func(b *Beckon) error {
		scope, _, err := b.scope(ctx, c.Institution)
		if err != nil {
			return err
		}
		u, err := b.Accounts.Add(ctx, account.Person{Email: c.Email, FirstName: c.First, LastName: c.Last}, operator)
		if err != nil {
			return err
		}
		if err := b.Institutions.SetStaff(ctx, scope, u.ID, institution.Role(c.Role)); err != nil {
			return err
		}
		return b.printLink(ctx, t, u)
	})
}

// printLink prints a sign-in link alone on stdout.
func (b *Beckon) printLink(ctx context.Context, t terminal, u account.User) error {
	link, err := b.Accounts.IssueLink(ctx, u.ID, printedLinkLife, operator)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.Err, "%s can sign in once within %d minutes by this link:\n", u.Name(), int(printedLinkLife.Minutes()))
	_, err = fmt.Fprintln(t.Out, link)
	return err
}

type userCommand struct {
	Add userAdd `cmd:"" help:"Make an account with a verified address, and print a sign-in link."`
}

type userAdd struct {
	Email   string `arg:"" help:"The person's address, which counts as verified."`
	First   string `required:"" help:"First name."`
	Last    string `required:"" help:"Last name."`
	Company string `placeholder:"NAME" help:"Company to give an approved membership in."`
	Role    string `enum:"admin,recruiter" default:"recruiter" help:"Role at the company: admin or recruiter."`
}

// Run makes the account and prints the link.
func (c userAdd) Run(ctx context.Context, t terminal, s settings) error {
	return with(ctx, t, s, func(b *Beckon) error {
		var at company.Company
		if c.Company != "" {
			var err error
			if at, err = b.Companies.ByName(ctx, c.Company); errors.Is(err, fault.ErrNotFound) {
				err = fmt.Errorf("there is no company %q; make it by: beckon company create NAME", c.Company)
			}
			if err != nil {
				return err
			}
		}
		u, err := b.Accounts.Add(ctx, account.Person{Email: c.Email, FirstName: c.First, LastName: c.Last}, operator)
		if err != nil {
			return err
		}
		if at.ID != 0 {
			if _, err := b.Companies.AddMember(ctx, operator, u.ID, at.ID, c.Role); err != nil {
				return err
			}
		}
		return b.printLink(ctx, t, u)
	})
}

type companyCommand struct {
	Create companyCreate `cmd:"" help:"Add a company without members."`
	List   companyList   `cmd:"" help:"List all companies."`
}

type companyCreate struct {
	Name   string `arg:"" help:"Its name."`
	Domain string `help:"Its mail domain."`
	JSON   bool   `name:"json" help:"Print what was made as JSON."`
}

// companyJSON is a company as programs read it.
type companyJSON struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Domain string `json:"domain"`
}

func showCompany(c company.Company) companyJSON {
	return companyJSON{db.FormatID(c.ID), c.Name, c.Domain}
}

// Run adds the company.
func (c companyCreate) Run(ctx context.Context, t terminal, s settings) error {
	return with(ctx, t, s, func(b *Beckon) error {
		made, err := b.Companies.Add(ctx, operator, c.Name, c.Domain)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(t.Out, showCompany(made))
		}
		_, err = fmt.Fprintln(t.Out, made.Name+" is there")
		return err
	})
}

type companyList struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists all companies by name.
func (c companyList) Run(ctx context.Context, t terminal, s settings) error {
	return with(ctx, t, s, func(b *Beckon) error {
		all := []companyJSON{}
		for after, more := (company.Cursor{}), true; more; {
			page, next, _, err := b.Companies.List(ctx, after, 500)
			if err != nil {
				return err
			}
			for _, co := range page {
				all = append(all, showCompany(co))
			}
			after, more = next, next != company.Cursor{}
		}
		if c.JSON {
			return printJSON(t.Out, all)
		}
		w := tabwriter.NewWriter(t.Out, 0, 0, 2, ' ', 0)
		for _, co := range all {
			fmt.Fprintf(w, "%s\t%s\n", co.Name, co.Domain)
		}
		return w.Flush()
	})
}
