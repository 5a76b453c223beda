package invite

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"beckon/internal/account"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
	"beckon/internal/mail"
)

var ctx = context.Background()

func each(t *testing.T, f func(t *testing.T, h *house)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, newHouse(t, d)) })
}

func TestPlanNamesEveryVariantAndReasonOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("new@a.example")
		h.contact("user@b.example")
		h.user("user@b.example", 0)
		h.contact("member@c.example")
		h.user("member@c.example", 10)
		h.contact("approved@d.example")
		h.user("approved@d.example", 11)
		h.contact("blocked@e.example")
		h.user("blocked@e.example", 12)
		gone := h.contact("archived@f.example")
		h.contact("stop@g.example")
		h.exec(h.in.DB, `INSERT INTO connections (institution_id, company_id, state) VALUES (1, 11, 'approved'), (1, 12, 'blocked')`)
		for _, company := range []int64{11, 12} {
			h.must(h.in.DB.Write(ctx, func(tx *db.Tx) error { return gate.RecomputeCompany(ctx, tx, 1, company) }))
		}
		h.exec(h.in.DB, `UPDATE contacts SET archived = 1 WHERE id = $1`, gone)
		h.exec(h.in.DB, `INSERT INTO suppressions (institution_id, email_key, reason, created_at) VALUES (1, 'stop@g.example', 'manual', 1)`)

		var filter contact.Filter
		var err error
		filter, err = contact.ParseFilter(map[string][]string{"archived": {"any"}}, time.UTC)
		h.must(err)
		p, err := h.in.Preview(ctx, h.scope, contact.Selection{Filter: filter}, nil)
		h.must(err)
		if p.Total != 7 || p.WillSend != 3 ||
			!same(p.Variants, map[Variant]int{CreateAccount: 1, JoinCompany: 1, Connect: 1}) ||
			!same(p.Skipped, map[Reason]int{Archived: 1, Suppressed: 1, Blocked: 1, AlreadyApproved: 1}) {
			t.Fatalf("%+v", p)
		}
		if p := h.preview(AlreadyApproved); p.Variants[Connect] != 2 || p.Skipped[AlreadyApproved] != 0 {
			t.Fatalf("with already approved ones: %+v", p)
		}
		if _, err := h.in.Preview(ctx, h.scope, everybody(), []Reason{Blocked}); err == nil {
			t.Fatal("a block was set aside")
		}
	})
}

func TestConfirmedInvitesAreSentOnceWithTheButtonThatFits(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("new@a.example")
		h.contact("user@b.example")
		h.user("user@b.example", 0)
		h.contact("one@c.example")
		h.user("one@c.example", 10)
		h.contact("two@c.example")
		h.user("two@c.example", 10)
		total := 4
		b := h.confirm(Order{Selection: everybody(), ExpectedTotal: &total, Label: "invited 2026-11-23", Note: "Good to meet you."})
		h.expand()
		h.send()
		b = h.bulk(b.ID)
		if b.State != BulkSent || b.Counts.Sent != 4 || b.Counts.Approved != 2 || b.Counts.Accepted != 0 || h.server.count() != 4 {
			t.Fatalf("%+v, %d mails", b, h.server.count())
		}
		for to, button := range map[string]string{
			"new@a.example": "Create your account", "user@b.example": "Join your company", "one@c.example": "Connect with Elm University", "two@c.example": "Connect with Elm University",
		} {
			m := h.server.to(to)[0]
			link, unsubscribe := h.tokens(to)
			for _, want := range []string{button, "Good to meet you."} {
				if !strings.Contains(m.message, want) {
					t.Errorf("%s: no %q", to, want)
				}
			}
			if h := m.header("List-Unsubscribe"); !strings.Contains(h, unsubscribe) {
				t.Errorf("%s: List-Unsubscribe %q", to, h)
			}
			if m.header("List-Unsubscribe-Post") == "" || m.header("Message-ID") == "" || m.header("Reply-To") != "<careers@elm.example>" || link == "" {
				t.Errorf("%s: headers missing", to)
			}
		}
		if p := h.preview(); p.Skipped[RecentlyInvited] != 2 || p.Skipped[AlreadyApproved] != 2 || p.WillSend != 0 {
			t.Fatalf("at once again: %+v", p)
		}
		if p := h.preview(RecentlyInvited); p.WillSend != 2 {
			t.Fatalf("quiet days set aside: %+v", p)
		}
		h.pass(14*24*time.Hour + time.Second)
		if p := h.preview(); p.WillSend != 2 {
			t.Fatalf("after the quiet days: %+v", p)
		}
		filter, err := contact.ParseFilter(map[string][]string{"label": {"INVITED 2026-11-23"}}, time.UTC)
		h.must(err)
		if n, err := h.in.Book.Count(ctx, h.scope, filter); err != nil || n != 4 {
			t.Fatalf("%d labelled, %v", n, err)
		}
	})
}

func TestConfirmRefusesWhatWasNotShown(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("a@a.example")
		shown := h.preview()
		other := h.contact("b@a.example")
		var changed Changed
		total := 1
		if _, err := h.in.Confirm(ctx, h.scope, Order{Selection: everybody(), ExpectedTotal: &total}); !errors.As(err, &changed) || changed.Plan.Total != 2 {
			t.Fatalf("another total: %v", err)
		}
		// The same number of other contacts.
		sel := contact.Selection{IDs: []int64{other}}
		if _, err := h.in.Confirm(ctx, h.scope, Order{Selection: sel, ExpectedTotal: &total, Fingerprint: shown.Fingerprint}); !errors.As(err, &changed) {
			t.Fatalf("other contacts: %v", err)
		}
		if _, err := h.in.Confirm(ctx, h.scope, Order{Selection: contact.Selection{IDs: []int64{}}}); !isFields(err) {
			t.Fatalf("nobody: %v", err)
		}
		if n := h.count(`1 = 1`); n != 0 {
			t.Fatalf("%d invites were made", n)
		}
	})
}

func isFields(err error) bool {
	var f fault.Fields
	return errors.As(err, &f)
}

func TestRepeatedConfirmMakesOneBulkInvite(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("a@a.example")
		o := Order{Selection: everybody(), Key: "k1"}
		one, two := h.confirm(o), h.confirm(o)
		if one.ID != two.ID {
			t.Fatal("a repeat made a second one")
		}
		o.Note = "another"
		if _, err := h.in.Confirm(ctx, h.scope, o); !isFields(err) {
			t.Fatalf("the key was taken for another order: %v", err)
		}
		// Two confirms of the same contacts: the second finds them queued.
		if _, err := h.in.Confirm(ctx, h.scope, Order{Selection: everybody(), Key: "k2"}); !isFields(err) {
			t.Fatalf("the same contacts were invited twice: %v", err)
		}
	})
}

// What no text that is kept holds would be an error of the database, or stand in a mail.
func TestConfirmTidiesTheNote(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("a@a.example")
		b := h.confirm(Order{Selection: everybody(), Note: " See\x00you\r\nat the \u202efair "})
		if b.Note != "See you\nat the fair" {
			t.Fatalf("%q", b.Note)
		}
		for _, o := range []Order{{Selection: everybody(), Note: strings.Repeat("x", 2001)}, {Selection: everybody(), Key: "a\x00"}} {
			if _, err := h.in.Confirm(ctx, h.scope, o); !isFields(err) {
				t.Fatalf("%.20q, %q: %v", o.Note, o.Key, err)
			}
		}
	})
}

// A bulk invite longer than what is written at once: contacts that a worker has still to
// write rows for count as invited already.
func TestLongListIsExpandedByAWorker(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n := expandChunk*chunksAtOnce + 7
		var last int64
		for i := range n {
			last = h.contact("p" + db.FormatID(int64(i+1)) + "@a.example")
		}
		b := h.confirm(Order{Selection: everybody(), Label: "long"})
		if b.State != BulkPreparing {
			t.Fatal(b.State)
		}
		if p := h.preview(); p.Skipped[RecentlyInvited] != n {
			t.Fatalf("while preparing: %+v", p)
		}
		h.exec(h.in.DB, `DELETE FROM contacts WHERE id = $1`, last)
		h.expand()
		b = h.bulk(b.ID)
		if b.State != BulkSending || b.Counts.Queued != n-1 || b.Skipped[Erased] != 1 || b.Total != n {
			t.Fatalf("%+v", b)
		}
	})
}

func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("gone@a.example")
		h.contact("later@a.example")
		h.contact("spam@a.example")
		refused := map[string]*mail.Result{
			"gone@a.example":  {Class: mail.Permanent, Code: 550, Enhanced: "5.1.1", About: mail.AboutRecipient, Text: "no such user"},
			"later@a.example": {Class: mail.Temporary, Code: 451, Text: "try again"},
			"spam@a.example":  {Class: mail.Permanent, Code: 554, About: mail.AboutContent, Text: "no"},
		}
		h.server.answer = func(to string) *mail.Result { return refused[to] }
		b := h.confirm(Order{Selection: everybody()})
		h.send()
		b = h.bulk(b.ID)
		if b.Counts.Bounced != 2 || b.Counts.Deferred != 1 || b.State != BulkSending {
			t.Fatalf("%+v", b)
		}
		if p := h.preview(); p.Skipped[Suppressed] != 1 || p.Skipped[RecentlyInvited] != 1 || p.WillSend != 1 {
			t.Fatalf("%+v: a bounce suppresses only where the address is at fault, and bounced ones are not recent", p)
		}
		delete(refused, "later@a.example")
		h.pass(time.Minute)
		h.send()
		if b = h.bulk(b.ID); b.State != BulkSent || b.Counts.Sent != 1 {
			t.Fatalf("after the retry: %+v", b)
		}
	})
}

func TestMessageThatIsRefusedForNowForEverIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("later@a.example")
		h.server.answer = func(string) *mail.Result { return &mail.Result{Class: mail.Temporary, Code: 451} }
		b := h.confirm(Order{Selection: everybody()})
		for range len(retryAfter) + 1 {
			h.send()
			h.pass(24 * time.Hour)
		}
		if b = h.bulk(b.ID); b.State != BulkSent || b.Counts.Failed != 1 {
			t.Fatalf("%+v", b)
		}
	})
}

// The connection broke after the message was handed over: it goes again, and is the same
// message, even if the contact became something else meanwhile.
func TestRepeatIsTheSameMessage(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("new@a.example")
		first := true
		h.server.answer = func(string) *mail.Result {
			if first {
				return &mail.Result{Class: mail.Unknown, Err: errors.New("gone")}
			}
			return nil
		}
		b := h.confirm(Order{Selection: everybody()})
		h.send()
		h.server.mu.Lock()
		first = false
		h.server.mu.Unlock()
		h.user("new@a.example", 0)
		h.pass(2 * time.Second)
		h.send()
		sent := h.server.to("new@a.example")
		if len(sent) != 2 || sent[0].header("Message-ID") != sent[1].header("Message-ID") || !strings.Contains(sent[1].message, "Create your account") {
			t.Fatalf("%d messages, %q and %q", len(sent), sent[0].header("Message-ID"), sent[1].header("Message-ID"))
		}
		if b = h.bulk(b.ID); b.State != BulkSent || b.Counts.Sent != 1 {
			t.Fatalf("%+v", b)
		}
	})
}

// A process that was stopped past its lease writes nothing over what its successor did, and
// sends nothing more.
func TestLeaseThatIsOverCountsNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("a@a.example")
		b := h.confirm(Order{Selection: everybody()})
		jobs, err := h.in.takeBatch(ctx, b.ID, 10, h.now())
		h.must(err)
		h.pass(leaseFor + time.Second)
		h.must(h.in.recoverLeases(ctx, false))
		again, err := h.in.takeBatch(ctx, b.ID, 10, h.now())
		h.must(err)
		if len(jobs) != 1 || len(again) != 1 || !jobs[0].expired(h.now()) || again[0].expired(h.now()) {
			t.Fatal("the lease did not pass on")
		}
		h.must(h.in.record(ctx, []*outcome{{job: jobs[0], result: mail.Result{Class: mail.Permanent, Code: 550, About: mail.AboutRecipient}}}))
		if got := h.bulk(b.ID); got.Counts.Sending != 1 || got.Counts.Bounced != 0 {
			t.Fatalf("%+v", got.Counts)
		}
		h.must(h.in.record(ctx, []*outcome{{job: again[0], result: mail.Result{Class: mail.Accepted}}}))
		if got := h.bulk(b.ID); got.State != BulkSent || got.Counts.Sent != 1 {
			t.Fatalf("%+v", got)
		}
	})
}

func TestHardStopsAreReadAgainWhenTheTurnComes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		archived := h.contact("archived@a.example")
		h.contact("stopped@a.example")
		erased := h.contact("erased@a.example")
		h.contact("joined@a.example")
		b := h.confirm(Order{Selection: everybody()})
		h.exec(h.in.DB, `UPDATE contacts SET archived = 1 WHERE id = $1`, archived)
		h.exec(h.in.DB, `INSERT INTO suppressions (institution_id, email_key, reason, created_at) VALUES (1, 'stopped@a.example', 'manual', 1)`)
		h.exec(h.in.DB, `DELETE FROM contacts WHERE id = $1`, erased)
		h.user("joined@a.example", 0)
		h.send()
		b = h.bulk(b.ID)
		if b.State != BulkSent || b.Counts.Sent != 1 || b.Variants[JoinCompany] != 1 ||
			!same(b.Skipped, map[Reason]int{Archived: 1, Suppressed: 1, Erased: 1}) {
			t.Fatalf("%+v", b)
		}
	})
}

func TestPauseResumeCancel(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("a@a.example")
		h.contact("b@a.example")
		b := h.confirm(Order{Selection: everybody()})
		_, err := h.in.Pause(ctx, h.scope, b.ID)
		h.must(err)
		h.send()
		if h.server.count() != 0 {
			t.Fatal("sent while paused")
		}
		_, err = h.in.Resume(ctx, h.scope, b.ID)
		h.must(err)
		if _, err := h.in.Resume(ctx, h.scope, b.ID); err == nil {
			t.Fatal("resumed twice")
		}
		got, err := h.in.Cancel(ctx, h.scope, b.ID)
		h.must(err)
		if got.State != BulkCancelled || got.Counts.Cancelled != 2 {
			t.Fatalf("%+v", got)
		}
		h.send()
		h.bulk(b.ID)
		if p := h.preview(); p.WillSend != 2 || h.server.count() != 0 {
			t.Fatalf("cancelled invites do not count as recent: %+v, %d mails", p, h.server.count())
		}
	})
}

func TestRolesAndTenants(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("a@a.example")
		b := h.confirm(Order{Selection: everybody()})
		oak := institution.System(2, "test")
		if _, err := h.in.Get(ctx, oak, b.ID); !errors.Is(err, fault.ErrNotFound) {
			t.Fatalf("another institution reads it: %v", err)
		}
		if _, _, err := h.in.List(ctx, oak, b.ID, InviteFilter{}, 0, 10); !errors.Is(err, fault.ErrNotFound) {
			t.Fatalf("another institution lists it: %v", err)
		}
		if _, err := h.in.Cancel(ctx, oak, b.ID); !errors.Is(err, fault.ErrNotFound) {
			t.Fatalf("another institution cancels it: %v", err)
		}
		reader := institution.Token(1, 1, "t", nil)
		var forbidden fault.Forbidden
		if _, err := h.in.Confirm(ctx, reader, Order{Selection: everybody()}); !errors.As(err, &forbidden) {
			t.Fatalf("a reader invites: %v", err)
		}
	})
}

func TestUnsubscribe(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("a@a.example")
		h.confirm(Order{Selection: everybody()})
		h.send()
		_, token := h.tokens("a@a.example")
		sub, err := h.in.LookAtSubscription(ctx, token)
		h.must(err)
		if sub.Stopped || sub.Email != "a@a.example" {
			t.Fatalf("looking changed something: %+v", sub)
		}
		h.pass(5 * 365 * 24 * time.Hour)
		for range 2 {
			if sub, err = h.in.Unsubscribe(ctx, token); err != nil || !sub.Stopped {
				t.Fatal(sub, err)
			}
		}
		if p := h.preview(); p.Skipped[Suppressed] != 1 {
			t.Fatalf("%+v", p)
		}
		link, _ := h.tokens("a@a.example")
		if _, err := h.in.Unsubscribe(ctx, link); !errors.Is(err, fault.ErrNotFound) {
			t.Fatal("the link of the button unsubscribes")
		}
	})
}

func TestLandingOfSomebodyNew(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("new@a.example")
		b := h.confirm(Order{Selection: everybody()})
		h.send()
		token, _ := h.tokens("new@a.example")
		l, err := h.in.Look(ctx, token)
		h.must(err)
		if l.State != LinkOpen || l.Now != CreateAccount || l.Institution.Name != "Elm University" || l.OwnerID != 0 {
			t.Fatalf("%+v", l)
		}
		if got := h.bulk(b.ID); got.Counts.Opened != 0 {
			t.Fatal("looking counted as opened")
		}
		h.must(h.in.Opened(ctx, token))
		h.must(h.in.Opened(ctx, token))
		if got := h.bulk(b.ID); got.Counts.Opened != 1 {
			t.Fatalf("%+v", got.Counts)
		}
		up, err := h.in.CreateAccount(ctx, token, account.Person{FirstName: "Nia", LastName: "New"}, account.Client{})
		h.must(err)
		if u, _, err := h.in.Accounts.SessionUser(ctx, up.Token); err != nil || u.ID != up.User.ID || u.Email != "new@a.example" {
			t.Fatalf("not signed in: %+v %v", u, err)
		}
		got := h.bulk(b.ID)
		if got.Counts.Accepted != 1 || got.Counts.Sent != 1 {
			t.Fatalf("%+v", got.Counts)
		}
		var broken NotWorking
		if _, err := h.in.CreateAccount(ctx, token, account.Person{FirstName: "X", LastName: "Y"}, account.Client{}); !errors.As(err, &broken) || broken.State != LinkUsed {
			t.Fatalf("a used link made an account: %v", err)
		}
		if l, err = h.in.Look(ctx, token); err != nil || l.State != LinkUsed || l.Standing != gate.IsUser {
			t.Fatalf("%+v %v", l, err)
		}
		// Later the company is approved: the invite counts as approved.
		h.join(up.User.ID, 20)
		_, err = h.in.Recruiting.Request(ctx, up.User.ID, 1)
		h.must(err)
		h.must(h.in.Recruiting.Approve(ctx, h.scope, 20))
		if got := h.bulk(b.ID); got.Counts.Approved != 1 {
			t.Fatalf("%+v", got.Counts)
		}
	})
}

func TestForwardedLinkApprovesNobody(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.exec(h.in.DB, `UPDATE institutions SET connect_on = 'accept' WHERE id = 1`)
		h.contact("rita@acme.example")
		rita := h.user("rita@acme.example", 10)
		mallory := h.user("mallory@evil.example", 11)
		b := h.confirm(Order{Selection: everybody()})
		h.send()
		if got := h.bulk(b.ID); got.Counts.Approved != 0 {
			t.Fatal("approved on sending though set to accept")
		}
		token, _ := h.tokens("rita@acme.example")
		if _, err := h.in.Accept(ctx, token, mallory); !errors.Is(err, ErrWrongPerson) {
			t.Fatalf("%v", err)
		}
		if _, err := h.in.CreateAccount(ctx, token, account.Person{FirstName: "M", LastName: "M"}, account.Client{}); !errors.Is(err, ErrWrongPerson) {
			t.Fatalf("%v", err)
		}
		if got := h.bulk(b.ID); got.Counts.Accepted != 0 || got.Counts.Approved != 0 {
			t.Fatalf("%+v", got.Counts)
		}
		l, err := h.in.Accept(ctx, token, rita)
		h.must(err)
		if !l.Approved() {
			t.Fatalf("%+v", l)
		}
		if got := h.bulk(b.ID); got.Counts.Accepted != 1 || got.Counts.Approved != 1 {
			t.Fatalf("%+v", got.Counts)
		}
	})
}

func TestLinksOfOtherDays(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("a@a.example")
		h.confirm(Order{Selection: everybody()})
		h.send()
		old, _ := h.tokens("a@a.example")
		h.pass(LinkLife + time.Second)
		if l, err := h.in.Look(ctx, old); err != nil || l.State != LinkOld {
			t.Fatalf("%+v %v", l, err)
		}
		h.confirm(Order{Selection: everybody()})
		h.send()
		fresh, _ := h.tokens("a@a.example")
		if l, err := h.in.Look(ctx, old); err != nil || l.State != LinkReplaced {
			t.Fatalf("%+v %v", l, err)
		}
		if l, err := h.in.Look(ctx, fresh); err != nil || l.State != LinkOpen {
			t.Fatalf("%+v %v", l, err)
		}
		if _, err := h.in.Look(ctx, fresh+"x"); !errors.Is(err, fault.ErrNotFound) {
			t.Fatal("a forged link was read")
		}
	})
}

func TestAfterSignup(t *testing.T) {
	for setting, want := range map[string]string{"ask": "none", "request": "requested", "approve": "approved"} {
		t.Run(setting, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.exec(h.in.DB, `UPDATE institutions SET after_signup = $1 WHERE id = 1`, setting)
				h.contact("new@a.example")
				h.confirm(Order{Selection: everybody()})
				h.send()
				token, _ := h.tokens("new@a.example")
				up, err := h.in.CreateAccount(ctx, token, account.Person{FirstName: "Nia", LastName: "New"}, account.Client{})
				h.must(err)
				h.join(up.User.ID, 20)
				for range 2 {
					h.must(h.in.FollowUp(ctx))
				}
				l, err := h.in.Look(ctx, token)
				h.must(err)
				if l.Connection != want {
					t.Fatalf("%s", l.Connection)
				}
			})
		})
	}
}

// One person whose request cannot be made holds nobody else's up.
func TestFollowUpGoesOn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.exec(h.in.DB, `UPDATE institutions SET after_signup = 'request' WHERE id = 1`)
		h.contact("first@a.example")
		h.contact("second@a.example")
		h.confirm(Order{Selection: everybody()})
		h.send()
		var users []int64
		for i, address := range []string{"first@a.example", "second@a.example"} {
			token, _ := h.tokens(address)
			up, err := h.in.CreateAccount(ctx, token, account.Person{FirstName: "Nia", LastName: "New"}, account.Client{})
			h.must(err)
			h.join(up.User.ID, int64(20+i))
			users = append(users, up.User.ID)
		}
		h.exec(h.in.DB, `UPDATE user_addresses SET verified_at = 0 WHERE user_id = $1`, users[0])
		if err := h.in.FollowUp(ctx); err == nil {
			t.Error("the one that failed is told to nobody")
		}
		token, _ := h.tokens("second@a.example")
		l, err := h.in.Look(ctx, token)
		h.must(err)
		if l.Connection != "requested" {
			t.Errorf("behind the one that failed stands %s", l.Connection)
		}
	})
}

// A blocked company stays blocked, whatever is sent or pressed.
func TestConnectNeverUnblocks(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contact("rita@acme.example")
		h.user("rita@acme.example", 10)
		b := h.confirm(Order{Selection: everybody()})
		h.must(h.in.Recruiting.Block(ctx, h.scope, 10, "fraud"))
		h.send()
		if got := h.bulk(b.ID); got.Counts.Sent != 0 || got.Skipped[Blocked] != 1 {
			t.Fatalf("%+v", got)
		}
		if err := h.in.DB.Read(ctx, func(tx *db.Tx) error {
			n, err := gate.Drift(ctx, tx)
			if n != 0 {
				t.Errorf("drift %d", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
