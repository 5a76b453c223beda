package insight

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"beckon/internal/address"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/institution"
	"beckon/internal/invite"
)

var ctx = context.Background()

// house is an address book for tests, with a clock of its own, at institution 1 of two.
type house struct {
	t        testing.TB
	d        *db.DB
	at       time.Time
	book     *contact.Book
	explores *Explores
	elm, oak institution.Scope
}

func newHouse(t testing.TB, d *db.DB) *house {
	h := &house{t: t, d: d, at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
		elm: institution.System(1, "test"), oak: institution.System(2, "test")}
	now := func() time.Time { return h.at }
	h.book = &contact.Book{DB: d, Now: now}
	h.explores = &Explores{DB: d, Now: now, Book: h.book}
	h.exec(`INSERT INTO institutions (id, slug, name, name_key, created_at) VALUES (1, 'elm', 'Elm', 'elm', 1), (2, 'oak', 'Oak', 'oak', 1)`)
	return h
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	err := h.d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// user makes a user, who works at elm.
func (h *house) user(id int64, first string) {
	h.exec(`INSERT INTO users (id, first_name, last_name, created_at, updated_at) VALUES ($1, $2, 'Whitfield', 1, 1)`, id, first)
	h.exec(`INSERT INTO staff (institution_id, user_id, role, created_at) VALUES (1, $1, 'owner', 1)`, id)
}

// person is a contact as the model sees it.
type person struct {
	contact.Contact
	key     string // normalised address
	invites []sentInvite
}

// sentInvite is an invite as the model sees it.
type sentInvite struct {
	bulk                   int64
	variant, state         string
	sent, opened, accepted time.Time
}

var (
	someCompany = []string{"", "Acme", "ACME", "Ácme", "acme", "Harbour & Hale", "Straßenbau", "STRASSENBAU", "李", "zeta"}
	someTitle   = []string{"", "Recruiter", "recruiter", "Head of Talent", "Chef d’équipe"}
	someDomain  = []string{"acme.example", "Acme.example", "hale.example", "bücher.example"}
	someLabel   = []string{"Board", "Career fair 2026", "Élan", "Elan", "x;y", "Straße"}
	someSource  = []string{"", contact.SourceJob, contact.SourceApproval}
	someVariant = []string{"create_account", "join_company", "connect"}
	someState   = []string{"queued", "sending", "sent", "deferred", "bounced", "failed", "cancelled", "accepted", "skipped"}
)

// fill puts n random contacts with random invites into elm's book and answers the model of
// them. What is kept beside the contacts is written as the migration does.
func (h *house) fill(r *rand.Rand, n int) []person {
	h.t.Helper()
	all := h.merge(r, n)
	for i := range 3 {
		h.exec(`INSERT INTO bulk_invites (institution_id, id, state, created_at, created_by, request_hash, selection, label, message_domain, connect_on, after_signup, total)
			VALUES (1, $1, 'sent', $2, 'Dana', $3, '{}', $4, 'elm.example', 'send', 'ask', $5)`, i+1, db.Millis(h.at), []byte{}, []string{"", "Fair", "Fair"}[i], n)
	}
	err := h.d.Write(ctx, func(tx *db.Tx) error {
		for i := range all {
			if err := h.scatter(tx, r, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	err = h.d.Read(ctx, func(tx *db.Tx) error {
		drift, err := invite.ReachDrift(ctx, tx)
		if drift != 0 {
			h.t.Fatalf("%d contacts have reached something else", drift)
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

func (h *house) merge(r *rand.Rand, n int) (all []person) {
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	for from := 0; from < n; from += 50 {
		var rows []contact.Incoming
		source := pick(someSource)
		for i := from; i < min(n, from+50); i++ {
			a, err := address.Parse(fmt.Sprintf("P%d@%s", i, pick(someDomain)))
			if err != nil {
				h.t.Fatal(err)
			}
			in := contact.Incoming{Address: a, Fields: contact.Fields{Email: a.Written, FirstName: "Ada", LastName: "Doe", CompanyName: pick(someCompany), Title: pick(someTitle)}}
			for _, l := range someLabel {
				if r.IntN(4) == 0 {
					in.Labels = append(in.Labels, l)
				}
			}
			archive := r.IntN(5) == 0
			in.Archive = &archive
			rows = append(rows, in)
			all = append(all, person{Contact: contact.Contact{Fields: in.Fields, Labels: in.Labels, Archived: archive, Source: source}, key: a.Key})
		}
		err := h.d.Write(ctx, func(tx *db.Tx) error {
			out, err := h.book.Merge(ctx, tx, h.elm, rows, source)
			for i, o := range out {
				all[from+i].ID = o.ID
			}
			return err
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
	return all
}

// someMoment is a moment of the last year and a half, often near a change of clocks or the
// turn of a year.
func (h *house) someMoment(r *rand.Rand) time.Time {
	near := []time.Time{h.at, time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 5, 0, 0, 0, time.UTC),
		time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 12, 29, 0, 0, 0, 0, time.UTC)}
	if r.IntN(2) == 0 {
		return near[r.IntN(len(near))].Add(time.Duration(r.IntN(96)-48) * 30 * time.Minute)
	}
	return h.at.Add(-time.Duration(r.IntN(540*24)) * time.Hour)
}

// scatter gives a contact a standing, an owner, a date and up to three invites.
func (h *house) scatter(tx *db.Tx, r *rand.Rand, p *person) error {
	p.CreatedAt = h.someMoment(r)
	p.OwnerID = int64(r.IntN(3)) * 40
	p.Standing = gate.Standing(r.IntN(5))
	if _, err := tx.Exec(ctx, `UPDATE contacts SET owner_id = $2, created_at = $3 WHERE id = $1`, p.ID, p.OwnerID, db.Millis(p.CreatedAt)); err != nil {
		return err
	}
	for bulk := range 3 {
		if r.IntN(2) == 0 {
			continue
		}
		i := sentInvite{bulk: int64(bulk) + 1, variant: someVariant[r.IntN(3)], state: someState[r.IntN(9)]}
		if i.state == "sent" || i.state == "accepted" || i.state == "bounced" && r.IntN(2) == 0 {
			i.sent = h.someMoment(r)
			if i.sent.After(p.LastInvitedAt) {
				p.LastInvitedAt = i.sent
			}
		}
		if i.state == "accepted" || r.IntN(3) == 0 {
			i.opened = h.at
		}
		if i.state == "accepted" || r.IntN(8) == 0 {
			i.accepted = h.at.Add(-time.Duration(r.IntN(400)) * time.Hour)
		}
		p.invites = append(p.invites, i)
		_, err := tx.Exec(ctx, `
			INSERT INTO invites (institution_id, bulk_invite_id, contact_id, email, variant, state, sent_at, opened_at, accepted_at) VALUES (1, $1, $2, 'x', $3, $4, $5, $6, $7)`,
			i.bulk, p.ID, i.variant, i.state, db.Millis(i.sent), db.Millis(i.opened), db.Millis(i.accepted))
		if err != nil {
			return err
		}
	}
	bits, wait := p.reached()
	_, err := tx.Exec(ctx, `UPDATE contact_standing SET standing = $2, last_invited_at = $3, reached = $4, accept_ms = $5 WHERE contact_id = $1`,
		p.ID, p.Standing, db.Millis(p.LastInvitedAt), bits, wait)
	return err
}

// reached is what is kept beside a contact of its invites.
func (p person) reached() (bits int, wait int64) {
	wait = -1
	var first time.Time
	for _, i := range p.invites {
		for bit, yes := range []bool{i.state != "skipped", !i.sent.IsZero(), i.state == "bounced", !i.opened.IsZero(), !i.accepted.IsZero()} {
			if yes {
				bits |= 1 << bit
			}
		}
		if !i.accepted.IsZero() && !i.sent.IsZero() && (first.IsZero() || i.accepted.Before(first)) {
			first, wait = i.accepted, max(0, i.accepted.Sub(i.sent).Milliseconds())
		}
	}
	return bits, wait
}
