package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"beckon/internal/account"
	"beckon/internal/api"
	"beckon/internal/demo"
	"beckon/internal/fault"
)

// demoLinkLife is for how long the links of the demo work: somebody may come back tomorrow.
const demoLinkLife = 7 * 24 * time.Hour

type demoCommand struct {
	Data string `placeholder:"DIR" help:"Folder for the data, which stays and is used again; a throw-away one unless given."`
	Now  string `placeholder:"TIME" help:"Let the demo's clock begin at this moment (RFC 3339), to see it as on another day."`
}

// Run fills the folder, prints sign-in links and serves.
func (c demoCommand) Run(ctx context.Context, t terminal, s settings) error {
	dir := c.Data
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "beckon-demo-"); err != nil {
			return fmt.Errorf("no folder for the demo can be made: %w; name one by --data DIR", err)
		}
		defer os.RemoveAll(dir)
	}
	// Whatever is set: a demo touches no real data and sends no mail.
	s.DatabaseURL, s.SecretKeyFile = "sqlite:"+filepath.Join(dir, "beckon.db"), filepath.Join(dir, "secret.key")
	s.SMTPURL = ""
	t.Environ = slices.Concat([]string{"BECKON_MAIL_FROM=careers@elm.example"}, t.Environ, []string{"BECKON_SMTP_URL="})
	if c.Now != "" {
		begin, err := time.Parse(time.RFC3339, c.Now)
		if err != nil {
			return usage("--now is not a time; write it like 2026-11-24T10:00:00Z")
		}
		ahead := time.Until(begin)
		t.Now = func() time.Time { return time.Now().Add(ahead) }
	}
	return with(ctx, t, s, func(b *Beckon) error {
		listener, err := b.listen(ctx)
		if err != nil {
			return err
		}
		defer listener.Close()
		guests, err := b.guests(ctx, t)
		if err != nil {
			return err
		}
		if err := b.welcome(ctx, t, guests); err != nil {
			return err
		}
		return b.serve(ctx, listener, serveCommand{})
	})
}

// guests fills an empty database, or finds the people of one that was filled before.
func (b *Beckon) guests(ctx context.Context, t terminal) (demo.Guests, error) {
	o := demo.Options{DB: b.DB, Key: b.Key, BaseURL: b.Config.BaseURL, MailFrom: b.Config.MailFrom.Address, Now: b.Now()}
	all, err := b.Institutions.List(ctx)
	if err != nil {
		return demo.Guests{}, err
	}
	if len(all) == 0 {
		fmt.Fprintln(t.Err, "Inventing a university with 5,000 contacts and a year of history; this takes some seconds.")
		return demo.Fill(ctx, o)
	}
	g, err := demo.Find(ctx, o)
	if errors.Is(err, fault.ErrNotFound) {
		err = errors.New("the folder holds other data than a demo, or a demo that was not filled to its end; name an empty folder by --data")
	}
	return g, err
}

// welcome prints where to go.
func (b *Beckon) welcome(ctx context.Context, t terminal, g demo.Guests) error {
	var text strings.Builder
	text.WriteString("\nElm University is there. Each link signs in once, within a week:\n\n")
	for _, guest := range []struct {
		who string
		account.User
	}{{"Career centre (owner)", g.Owner}, {"Company's admin", g.Admin}, {"Recruiter", g.Recruiter}, {"Student", g.Student}} {
		link, err := b.Accounts.IssueLink(ctx, guest.ID, demoLinkLife, operator)
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "  %-22s %s\n", guest.who, link)
	}
	fmt.Fprintf(&text, "\n  %-22s %s\n  %-22s %s\n\nNothing is sent to anybody: messages are kept in the mailbox. Ctrl-C ends it.\n\n",
		"Mailbox", b.Config.BaseURL+mailboxPath, "API", b.Config.BaseURL+api.Prefix+"/docs")
	_, err := fmt.Fprint(t.Out, text.String())
	return err
}
