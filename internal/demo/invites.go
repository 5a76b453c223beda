package demo

import (
	"context"
	"strings"
	"sync"
	"time"

	"beckon/internal/account"
	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/invite"
)

// bulkInvite plans that Elm University invites the contacts of a filter, and what they do.
func (w *world) bulkInvite(daysAgo float64, query, note string) {
	w.plan(w.ago(daysAgo), "invite "+query, func(ctx context.Context) error {
		f, err := w.filter(query)
		if err != nil {
			return err
		}
		label := "invited " + w.now().In(w.elm.Location()).Format("2006-01-02")
		b, err := w.invites.Confirm(ctx, w.elm.staff, invite.Order{Selection: contact.Selection{Filter: f}, Label: label, Note: note})
		if err != nil {
			return err
		}
		if err := w.send(ctx, b.ID); err != nil {
			return err
		}
		return w.planAnswers(ctx, b.ID)
	})
}

// send works until the bulk invite is sent.
func (w *world) send(ctx context.Context, bulk int64) error {
	if err := w.acts.Drain(ctx); err != nil {
		return err
	}
	sending, stop := context.WithCancel(ctx)
	sender := &invite.Sender{Invites: w.invites, Mail: w.mail, Connections: 8, Log: w.log}
	var work sync.WaitGroup
	work.Go(func() { sender.Run(sending) })
	defer work.Wait()
	defer stop()
	for ctx.Err() == nil {
		b, err := w.invites.Get(ctx, w.elm.staff, bulk)
		if err != nil || !b.Open() {
			return err
		}
		time.Sleep(2 * time.Millisecond) // between looks at how far it is
	}
	return ctx.Err()
}

// planAnswers lets some open their link and some of these press the button.
func (w *world) planAnswers(ctx context.Context, bulk int64) error {
	people := map[string]*person{}
	for _, p := range w.people {
		people[p.email] = p
	}
	const page = 500
	for after := int64(0); ; {
		sent, _, err := w.invites.List(ctx, w.elm.staff, bulk, invite.InviteFilter{State: invite.Sent}, after, page)
		if err != nil {
			return err
		}
		for _, i := range sent {
			after = i.ID
			if p := people[i.Email]; p != nil {
				w.planAnswer(p, i)
			}
		}
		if len(sent) < page {
			return nil
		}
	}
}

func (w *world) planAnswer(p *person, i invite.Invite) {
	if !w.perhaps(.48) {
		return
	}
	token := strings.TrimPrefix(w.invites.Link(i.ID, 1), w.BaseURL+"/i/")
	read := w.chance.ExpFloat64() * 1.2
	w.later(read, "open an invite", func(ctx context.Context) error { return w.invites.Opened(ctx, token) })
	switch {
	case w.perhaps(.38):
		w.later(read+w.days(.001, .01), "answer an invite", func(ctx context.Context) error { return w.answer(ctx, p, i.Variant, token) })
	case w.perhaps(.02):
		stop := strings.TrimPrefix(w.invites.UnsubscribeLink(w.elm.ID, i.ID), w.BaseURL+"/u/")
		w.later(read+.01, "unsubscribe", func(ctx context.Context) error {
			_, err := w.invites.Unsubscribe(ctx, stop)
			return err
		})
	}
}

// answer is the press of the button, and the way from there.
func (w *world) answer(ctx context.Context, p *person, v invite.Variant, token string) error {
	var user account.User
	if v == invite.CreateAccount {
		up, err := w.invites.CreateAccount(ctx, token, account.Person{FirstName: p.first, LastName: p.last}, account.Client{UserAgent: "Mozilla/5.0 (demo)"})
		if err != nil {
			return err
		}
		user = up.User
	} else {
		var err error
		if user, err = w.accounts.ByEmail(ctx, p.email); err != nil {
			return err
		}
		if _, err := w.invites.Accept(ctx, token, user); err != nil {
			return err
		}
	}
	if v == invite.Connect || w.perhaps(.12) {
		return nil // connected already, or interrupted by something else
	}
	return w.join(ctx, p.firm, user, w.elm)
}

// join brings a user into a company, made where there is none, and on to an institution.
func (w *world) join(ctx context.Context, f *firm, user account.User, to *campus) error {
	if f.companyID == 0 {
		if err := w.create(ctx, f, user); err != nil {
			return err
		}
		w.planRequest(w.days(.002, .05), user, f, to)
		return nil
	}
	m, err := w.companies.Join(ctx, user.ID, f.companyID)
	if err != nil {
		return err
	}
	wait := w.days(.2, 6)
	if m.State == company.Approved {
		wait = 0
	}
	w.later(wait, "decide about a colleague", func(ctx context.Context) error {
		switch {
		case m.State == company.Approved:
		case w.perhaps(.08):
			return w.companies.Decline(ctx, f.admin.ID, m.ID, "Not one of our recruiters.")
		case w.perhaps(.15):
			return nil // left lying
		default:
			if err := w.companies.Approve(ctx, f.admin.ID, m.ID); err != nil {
				return err
			}
		}
		w.planRequest(w.days(.01, 1), user, f, to)
		return nil
	})
	return nil
}

// ask makes an account for a person, who asks to join a company.
func (w *world) ask(ctx context.Context, f *firm, p *person) error {
	u, err := w.accounts.Add(ctx, account.Person{Email: p.email, FirstName: p.first, LastName: p.last}, operator)
	if err != nil {
		return err
	}
	_, err = w.companies.Join(ctx, u.ID, f.companyID)
	return err
}
