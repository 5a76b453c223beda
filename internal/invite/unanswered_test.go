package invite

import (
	"slices"
	"testing"

	"beckon/internal/account"
	"beckon/internal/contact"
	"beckon/internal/mail"
)

// emails are the addresses that a filter finds, sorted.
func (h *house) emails(f contact.Filter) (found []string) {
	h.t.Helper()
	page, err := h.in.Book.Find(ctx, h.scope, contact.Search{Filter: f, Limit: contact.MaxLimit})
	h.must(err)
	for _, c := range page.Contacts {
		found = append(found, c.Email)
	}
	slices.Sort(found)
	return found
}

func TestTheUnansweredAndTheStepsAreSelections(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		refused := map[string]*mail.Result{
			"gone@a.example":  {Class: mail.Permanent, Code: 550, About: mail.AboutRecipient},
			"later@a.example": {Class: mail.Temporary, Code: 451},
		}
		h.server.answer = func(to string) *mail.Result { return refused[to] }
		for _, who := range []string{"silent", "joined", "accepts", "stops", "gone", "later", "archived"} {
			h.contact(who + "@a.example")
		}
		h.contact("approved@b.example")
		h.user("approved@b.example", 10)
		b := h.confirm(Order{Selection: everybody()})
		h.send()
		token, _ := h.tokens("accepts@a.example")
		h.contact("other@a.example")
		h.confirm(Order{Selection: everybody()})
		h.send()
		h.user("joined@a.example", 0)
		_, err := h.in.CreateAccount(ctx, token, account.Person{FirstName: "N", LastName: "N"}, account.Client{})
		h.must(err)
		h.exec(h.in.DB, `INSERT INTO suppressions (institution_id, email_key, reason, created_at) VALUES (1, 'stops@a.example', 'unsubscribed', 1)`)
		h.exec(h.in.DB, `UPDATE contacts SET archived = 1 WHERE email_key = 'archived@a.example'`)
		if got := h.emails(Unanswered(b.ID)); !slices.Equal(got, []string{"archived@a.example", "joined@a.example", "silent@a.example"}) {
			t.Errorf("unanswered: %v", got)
		}
		counts := h.bulk(b.ID).Counts
		for what, n := range map[string]int{"sent": counts.Sent, "delivered": counts.Sent, "opened": counts.Opened, "accepted": counts.Accepted, "approved": counts.Approved} {
			if got := h.emails(Reached(b.ID, what)); len(got) != n || n == 0 {
				t.Errorf("%s: %v, counted %d", what, got, n)
			}
		}
		if got := h.emails(InState(b.ID, Bounced)); !slices.Equal(got, []string{"gone@a.example"}) {
			t.Errorf("bounced: %v", got)
		}
		p, err := h.in.Preview(ctx, h.scope, contact.Selection{Filter: Unanswered(b.ID)}, []Reason{RecentlyInvited})
		h.must(err)
		if p.Total != 3 || p.WillSend != 2 || p.Skipped[Archived] != 1 {
			t.Errorf("invited again: %+v", p)
		}
	})
}

// The press on a button can come before the mail server says that it took the message, or
// before that is written: then the invite is accepted, not unanswered.
func TestAnswerBeforeTheMailServersWord(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("quick@a.example")
		b := h.confirm(Order{Selection: everybody()})
		jobs, err := h.in.takeBatch(ctx, b.ID, 1, h.now())
		h.must(err)
		token, _ := h.tokens("quick@a.example")
		_, err = h.in.CreateAccount(ctx, token, account.Person{FirstName: "N", LastName: "N"}, account.Client{})
		h.must(err)
		h.must(h.in.record(ctx, []*outcome{{job: jobs[0], result: mail.Result{Class: mail.Accepted, Code: 250}}}))
		if got := h.bulk(b.ID); got.State != BulkSent || got.Counts.Accepted != 1 {
			t.Fatalf("%+v", got)
		}
		if got := h.emails(Unanswered(b.ID)); len(got) != 0 {
			t.Errorf("unanswered: %v", got)
		}
		if n := h.count(`state = 'accepted'`); n != 1 {
			t.Errorf("%d accepted", n)
		}
	})
}
