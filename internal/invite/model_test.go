package invite

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/gate"
	"beckon/internal/mail"
)

// Whatever happens in whatever order, the numbers of a bulk invite are those of its rows, no
// contact gets two different messages of one bulk invite, and what is stored beside a
// contact is what its invites say.
func TestAnyOrderOfEventsKeepsTheNumbersRight(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		round := 0
		rapid.Check(t, func(t *rapid.T) {
			round++
			m := &model{h: h, round: round, ids: map[int64][]string{}}
			h.t = t
			m.begin(rapid.IntRange(1, 6).Draw(t, "contacts"))
			for range rapid.IntRange(1, 12).Draw(t, "events") {
				m.event(t)
				m.check(t)
			}
		})
	})
}

type model struct {
	h        *house
	round    int
	contacts []int64
	emails   []string
	bulks    []int64
	ids      map[int64][]string
}

// begin leaves nobody of the rounds before to be invited.
func (m *model) begin(n int) {
	m.h.exec(m.h.in.DB, `UPDATE contacts SET archived = 1`)
	m.h.exec(m.h.in.DB, `UPDATE bulk_invites SET state = 'cancelled' WHERE state IN ('scheduled', 'sending', 'paused', 'preparing')`)
	for i := range n {
		email := fmt.Sprintf("r%d-%d@a.example", m.round, i)
		m.emails, m.contacts = append(m.emails, email), append(m.contacts, m.h.contact(email))
	}
}

func (m *model) event(t *rapid.T) {
	h := m.h
	i := rapid.IntRange(0, len(m.contacts)-1).Draw(t, "contact")
	switch what := rapid.SampledFrom([]string{"confirm", "schedule", "start", "move", "now", "send", "send", "pause", "resume", "cancel", "wait", "suppress", "archive", "erase", "join", "member", "open", "accept", "crash"}).Draw(t, "event"); what {
	case "confirm":
		b, err := h.in.Confirm(ctx, h.scope, Order{Selection: everybody(), Include: []Reason{RecentlyInvited}[:rapid.IntRange(0, 1).Draw(t, "override")]})
		if err == nil {
			m.bulks = append(m.bulks, b.ID)
		}
	case "schedule":
		b, err := h.in.Confirm(ctx, h.scope, Order{Selection: everybody(), ScheduledAt: m.later(t)})
		if err == nil {
			m.bulks = append(m.bulks, b.ID)
		}
	case "start":
		h.pass(time.Duration(rapid.IntRange(0, 90).Draw(t, "minutes")) * time.Minute)
		h.must(h.in.StartScheduled(ctx))
	case "move", "now":
		if len(m.bulks) > 0 {
			id := m.bulks[rapid.IntRange(0, len(m.bulks)-1).Draw(t, "bulk")]
			if what == "move" {
				_, _ = h.in.Reschedule(ctx, h.scope, id, m.later(t)) // refused in other states, as below
			} else {
				_, _ = h.in.SendNow(ctx, h.scope, id)
			}
		}
	case "send":
		h.server.answer = func(to string) *mail.Result { return answers[(len(to)+int(to[len(to)-12])+m.round)%len(answers)] }
		h.send()
	case "pause", "resume", "cancel":
		if len(m.bulks) > 0 {
			steer := map[string]step{"pause": pause, "resume": resume, "cancel": cancel}[what]
			id := m.bulks[rapid.IntRange(0, len(m.bulks)-1).Draw(t, "bulk")]
			switch steer.action {
			case pause.action:
				_, _ = h.in.Pause(ctx, h.scope, id) // refused in other states, which is fine here
			case resume.action:
				_, _ = h.in.Resume(ctx, h.scope, id)
			default:
				_, _ = h.in.Cancel(ctx, h.scope, id)
			}
			h.expand()
		}
	case "wait":
		h.pass(time.Duration(rapid.IntRange(1, 40).Draw(t, "days")) * 24 * time.Hour)
	case "suppress":
		h.exec(h.in.DB, `INSERT INTO suppressions (institution_id, email_key, reason, created_at) VALUES (1, $1, 'manual', 1) ON CONFLICT DO NOTHING`, m.emails[i])
	case "archive":
		h.exec(h.in.DB, `UPDATE contacts SET archived = 1 - archived WHERE id = $1`, m.contacts[i])
	case "erase":
		h.exec(h.in.DB, `DELETE FROM contacts WHERE id = $1`, m.contacts[i])
	case "join":
		h.user(m.emails[i], 0)
	case "member":
		if u := h.user(m.emails[i], 0); !m.member(u) {
			h.join(u.ID, int64(1000+m.round*2+i%2))
		}
	case "open", "accept":
		m.visit(i, what == "accept")
	case "crash":
		m.crash()
	}
}

// later is a time to schedule for.
func (m *model) later(t *rapid.T) time.Time {
	return m.h.now().Add(time.Duration(rapid.IntRange(1, 300).Draw(t, "ahead")) * time.Minute)
}

var answers = []*mail.Result{
	nil, nil,
	{Class: mail.Permanent, Code: 550, About: mail.AboutRecipient}, {Class: mail.Temporary, Code: 451},
	{Class: mail.Permanent, Code: 554, About: mail.AboutContent}, {Class: mail.Unknown, Err: fmt.Errorf("gone")},
}

func (m *model) member(u account.User) bool {
	var n int
	m.h.must(m.h.in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM memberships WHERE user_id = $1`, u.ID).Scan(&n)
	}))
	return n > 0
}

func (m *model) visit(i int, press bool) {
	h := m.h
	if h.count(`email = $1`, m.emails[i]) == 0 {
		return
	}
	token, _ := h.tokens(m.emails[i])
	h.must(h.in.Opened(ctx, token))
	if !press {
		return
	}
	l, err := h.in.Look(ctx, token)
	h.must(err)
	if l.OwnerID == 0 {
		_, _ = h.in.CreateAccount(ctx, token, account.Person{FirstName: "N", LastName: "N"}, account.Client{})
		return
	}
	u, err := h.in.Accounts.ByID(ctx, l.OwnerID)
	h.must(err)
	_, _ = h.in.Accept(ctx, token, u)
}

// crash leases what is due, hands some of it to the mail server, and forgets all of it.
func (m *model) crash() {
	for _, id := range m.bulks {
		jobs, err := m.h.in.takeBatch(ctx, id, 3, time.Now())
		m.h.must(err)
		for _, j := range jobs[:len(jobs)/2] {
			raw, err := m.h.in.compose(*j.content, j, m.h.now())
			m.h.must(err)
			m.h.server.mu.Lock()
			m.h.server.mails = append(m.h.server.mails, taken{j.email, string(raw)})
			m.h.server.mu.Unlock()
		}
	}
	m.h.must(m.h.in.recoverLeases(ctx, true))
}

func (m *model) check(t *rapid.T) {
	h := m.h
	for _, id := range m.bulks {
		h.bulk(id)
	}
	h.must(h.in.DB.Read(ctx, func(tx *db.Tx) error {
		var wrong int
		err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM contact_standing s WHERE s.invite_id <> COALESCE((
			SELECT MAX(i.id) FROM invites i WHERE i.institution_id = 1 AND i.contact_id = s.contact_id AND i.state NOT IN ('skipped', 'cancelled')), 0)`).Scan(&wrong)
		if err != nil || wrong != 0 {
			t.Fatalf("%d contacts with another latest invite, %v", wrong, err)
		}
		err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM contact_standing s LEFT JOIN invites i ON i.id = s.invite_id WHERE s.invite <> CASE
			WHEN i.id IS NULL THEN 0 WHEN i.state = 'sent' THEN 2 WHEN i.state IN ('bounced', 'failed') THEN 3 WHEN i.state = 'accepted' THEN 4 ELSE 1 END`).Scan(&wrong)
		if err != nil || wrong != 0 {
			t.Fatalf("%d contacts with another state of the latest invite, %v", wrong, err)
		}
		err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM invites i JOIN bulk_invites b ON b.id = i.bulk_invite_id
			WHERE b.state = 'scheduled' AND (i.state NOT IN ('queued', 'skipped') OR i.lease <> 0 OR i.sent_at > 0)`).Scan(&wrong)
		if err != nil || wrong != 0 {
			t.Fatalf("%d invites were taken before their time, %v", wrong, err)
		}
		drift, err := gate.Drift(ctx, tx)
		if drift != 0 {
			t.Fatalf("drift %d", drift)
		}
		if err != nil {
			return err
		}
		if drift, err = ReachDrift(ctx, tx); drift != 0 {
			t.Fatalf("%d contacts whose invites reached something else than is stored", drift)
		}
		return err
	}))
	byContact := map[string]map[string]bool{}
	h.server.mu.Lock()
	defer h.server.mu.Unlock()
	for _, mail := range h.server.mails {
		if byContact[mail.to] == nil {
			byContact[mail.to] = map[string]bool{}
		}
		byContact[mail.to][mail.header("Message-ID")] = true
	}
	for i, email := range m.emails {
		if got := len(byContact[email]); got > len(m.bulks) {
			t.Fatalf("%d different messages to contact %d of %d bulk invites", got, i, len(m.bulks))
		}
	}
}
