package invite

import (
	"testing"

	"beckon/internal/account"
	"beckon/internal/mail"
)

// lists checks that every list of a bulk invite says how many are in it.
func (h *house) lists(b Bulk) {
	h.t.Helper()
	filters := []InviteFilter{{}, {Q: "A@a.example"}, {State: Sent, Time: "opened"}, {Time: "sent", Q: "example"}}
	for _, s := range States {
		filters = append(filters, InviteFilter{State: s})
	}
	for name := range byTime {
		filters = append(filters, InviteFilter{Time: name})
	}
	for _, f := range filters {
		all, total, err := h.in.List(ctx, h.scope, b.ID, f, 0, 10_000)
		h.must(err)
		if total != len(all) {
			h.t.Fatalf("%+v: %d in all, listed %d", f, total, len(all))
		}
		if len(all) > 1 {
			rest, again, err := h.in.List(ctx, h.scope, b.ID, f, all[0].ID, 1)
			h.must(err)
			if again != total || len(rest) != 1 || rest[0].ID != all[1].ID {
				h.t.Fatalf("%+v: behind the first of %d is %+v", f, again, rest)
			}
		}
	}
}

func TestListsTellHowManyAreInThem(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("before@a.example")
		h.confirm(Order{Selection: everybody()})
		h.send()
		refused := map[string]*mail.Result{
			"gone@a.example":  {Class: mail.Permanent, Code: 550, About: mail.AboutRecipient},
			"later@a.example": {Class: mail.Temporary, Code: 451},
		}
		h.server.answer = func(to string) *mail.Result { return refused[to] }
		for _, who := range []string{"silent", "accepts", "looks", "gone", "later", "returned", "wanted"} {
			h.contact(who + "@a.example")
		}
		h.contact("approved@b.example")
		h.user("approved@b.example", 10)
		b := h.confirm(Order{Selection: everybody()})
		h.lists(b)
		h.send()
		accepts, _ := h.tokens("accepts@a.example")
		looks, _ := h.tokens("looks@a.example")
		wanted, _ := h.tokens("gone@a.example")
		h.exec(h.in.DB, `UPDATE invites SET state = 'bounced' WHERE email = 'returned@a.example'`)
		h.exec(h.in.DB, `UPDATE bulk_invites SET bounced = bounced + 1 WHERE id = $1`, b.ID)
		h.must(h.in.Opened(ctx, looks))
		for _, token := range []string{accepts, wanted} {
			_, err := h.in.CreateAccount(ctx, token, account.Person{FirstName: "N", LastName: "N"}, account.Client{})
			h.must(err)
		}
		h.lists(h.bulk(b.ID))
		b, err := h.in.Cancel(ctx, h.scope, b.ID)
		h.must(err)
		h.lists(b)
	})
}
