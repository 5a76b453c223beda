package gate_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"beckon/internal/audit"
	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/gate"
	"beckon/internal/gate/gatetest"
	"beckon/internal/institution"
	"beckon/internal/recruiting"
)

var operator = audit.Actor{Kind: audit.System, Name: "command line"}

// at is a pair of ids, or of an id and an address's number.
type at struct{ a, b int64 }

// model is the rule of the gate on plain maps, beside a world in which the same is done by
// the use cases.
type model struct {
	gatetest.World
	companies  *company.Companies
	recruiting *recruiting.Recruiting

	users, institutions, firms []int64
	admins                     map[int64]int64 // of each company
	addresses                  []string

	owner    map[int64]int64 // address -> user
	approved map[int64]int64 // user -> company
	pending  map[int64]int64 // user -> company
	asked    map[at]int64    // user, company -> membership
	state    map[at]string   // institution, company -> connection
	contacts map[at]int64    // institution, address -> contact
}

func newModel(t gatetest.T, d *db.DB, n int) *model {
	now := func() time.Time { return gatetest.Now }
	m := &model{World: gatetest.World{T: t, DB: d}, companies: &company.Companies{DB: d, Now: now}, recruiting: &recruiting.Recruiting{DB: d, Now: now, Book: &contact.Book{DB: d, Now: now}},
		admins: map[int64]int64{}, owner: map[int64]int64{}, approved: map[int64]int64{}, pending: map[int64]int64{},
		asked: map[at]int64{}, state: map[at]string{}, contacts: map[at]int64{}}
	for i := range 2 {
		m.institutions = append(m.institutions, m.Institution(fmt.Sprintf("i%d-%d University", i, n)))
		co, err := m.companies.Add(ctx, operator, fmt.Sprintf("Company %d %d", i, n), "")
		m.ok(err)
		admin := m.User("Ada Admin", fmt.Sprintf("admin%d.%d@company.example", i, n))
		_, err = m.companies.AddMember(ctx, operator, admin, co.ID, company.Admin)
		m.ok(err)
		m.firms, m.admins[co.ID] = append(m.firms, co.ID), admin
	}
	for range 3 {
		m.users = append(m.users, m.User("Uma User"))
	}
	for i := range 4 {
		m.addresses = append(m.addresses, fmt.Sprintf("a%d.%d@people.example", i, n))
	}
	return m
}

// people is where every sequence begins, since few random ones would come that far: two of
// the users are contacts of both institutions and recruiters of the first company.
func (m *model) people() {
	for i, user := range m.users[:2] {
		for _, inst := range m.institutions {
			acts["contact"](m, user, inst, 0, int64(i))
		}
		acts["verify"](m, user, 0, 0, int64(i))
		acts["add"](m, user, 0, m.firms[0], 0)
	}
}

func (m *model) ok(err error) {
	m.T.Helper()
	if err != nil {
		m.T.Fatalf("%v", err)
	}
}

// same fails the test unless err is there exactly when the model refuses.
func (m *model) same(err error, allowed bool) {
	m.T.Helper()
	if (err == nil) != allowed {
		m.T.Fatalf("allowed by the model: %v, answered: %v", allowed, err)
	}
}

// acts are what may happen, each with a user, an institution, a company and an address.
var acts = map[string]func(m *model, user, inst, firm, addr int64){
	"verify": func(m *model, user, _, _, addr int64) {
		if m.owner[addr] != 0 {
			return
		}
		m.ok(m.DB.Write(ctx, func(tx *db.Tx) error { return gatetest.Verify(ctx, tx, user, m.addresses[addr], false) }))
		m.owner[addr] = user
	},
	"unverify": func(m *model, _, _, _, addr int64) {
		if user := m.owner[addr]; user != 0 {
			m.ok(m.DB.Write(ctx, func(tx *db.Tx) error { return gatetest.Unverify(ctx, tx, user, m.addresses[addr]) }))
			delete(m.owner, addr)
		}
	},
	"contact": func(m *model, _, inst, _, addr int64) {
		if m.contacts[at{inst, addr}] == 0 {
			m.contacts[at{inst, addr}] = m.Contact(inst, m.addresses[addr])
		}
	},
	"join": func(m *model, user, _, firm, _ int64) {
		got, err := m.companies.Join(ctx, user, firm)
		elsewhere := m.approved[user] != 0 && m.approved[user] != firm
		m.same(err, m.verified(user) && !elsewhere)
		if err == nil && m.approved[user] == 0 {
			m.pending[user], m.asked[at{user, firm}] = firm, got.ID
		}
	},
	"accept": func(m *model, user, _, _, _ int64) {
		if firm := m.pending[user]; firm != 0 {
			m.ok(m.companies.Approve(ctx, m.admins[firm], m.asked[at{user, firm}]))
			m.approved[user] = firm
			delete(m.pending, user)
		}
	},
	"refuse": func(m *model, user, _, _, _ int64) {
		if firm := m.pending[user]; firm != 0 {
			m.ok(m.companies.Decline(ctx, m.admins[firm], m.asked[at{user, firm}], ""))
			delete(m.pending, user)
		}
	},
	"add": func(m *model, user, _, firm, _ int64) {
		_, err := m.companies.AddMember(ctx, operator, user, firm, company.Recruiter)
		m.same(err, m.approved[user] == 0 || m.approved[user] == firm)
		if err == nil {
			m.approved[user] = firm
			delete(m.pending, user)
		}
	},
	"leave": func(m *model, user, _, _, _ int64) {
		m.same(m.companies.Leave(ctx, user), m.approved[user] != 0 || m.pending[user] != 0)
		delete(m.approved, user)
		delete(m.pending, user)
	},
	"request": func(m *model, user, inst, _, _ int64) {
		k := at{inst, m.approved[user]}
		_, err := m.recruiting.Request(ctx, user, inst)
		m.same(err, m.verified(user) && k.b != 0 && m.state[k] != "blocked")
		if err == nil && m.state[k] != "approved" {
			m.state[k] = "requested"
		}
		if err == nil {
			m.came(user, inst)
		}
	},
	"approve": func(m *model, _, inst, firm, _ int64) {
		m.decide(at{inst, firm}, "approved", m.recruiting.Approve(ctx, institution.System(inst, "test"), firm))
	},
	"decline": func(m *model, _, inst, firm, _ int64) {
		m.decide(at{inst, firm}, "declined", m.recruiting.Decline(ctx, institution.System(inst, "test"), firm, ""))
	},
	"block": func(m *model, _, inst, firm, _ int64) {
		m.ok(m.recruiting.Block(ctx, institution.System(inst, "test"), firm, ""))
		m.state[at{inst, firm}] = "blocked"
	},
	"unblock": func(m *model, _, inst, firm, _ int64) {
		m.same(m.recruiting.Unblock(ctx, institution.System(inst, "test"), firm), m.state[at{inst, firm}] == "blocked")
		if m.state[at{inst, firm}] == "blocked" {
			m.state[at{inst, firm}] = "none"
		}
	},
}

// came notes that a user who asked became a contact by the first address, unless there by any.
func (m *model) came(user, inst int64) {
	first := int64(-1)
	for addr := range m.addresses {
		k := at{inst, int64(addr)}
		switch {
		case m.owner[k.b] != user:
		case m.contacts[k] != 0:
			return
		case first < 0:
			first = k.b
		}
	}
	m.contacts[at{inst, first}] = m.Int(`SELECT id FROM contacts WHERE institution_id = $1 AND email_key = $2`, inst, m.addresses[first])
}

func (m *model) decide(k at, to string, err error) {
	m.T.Helper()
	m.same(err, m.state[k] != "blocked")
	if err == nil {
		m.state[k] = to
	}
}

func (m *model) verified(user int64) bool {
	for _, owner := range m.owner {
		if owner == user {
			return true
		}
	}
	return false
}

// missing is the rule, once more, in the words of the contract.
func (m *model) missing(user, inst int64) string {
	state := m.state[at{inst, m.approved[user]}]
	switch {
	case !m.verified(user):
		return gate.VerifiedAddress
	case m.approved[user] == 0:
		return gate.Membership
	case state == "blocked":
		return gate.Blocked
	case state != "approved":
		return gate.Connection
	}
	return ""
}

func (m *model) standing(inst, addr int64) gate.Standing {
	user := m.owner[addr]
	switch {
	case user == 0:
		return gate.IsContact
	case m.approved[user] == 0:
		return gate.IsUser
	case m.state[at{inst, m.approved[user]}] == "approved":
		return gate.IsApproved
	case m.state[at{inst, m.approved[user]}] == "blocked":
		return gate.IsBlocked
	}
	return gate.IsMember
}

// compare holds the model against the gate and against every stored standing.
func (m *model) compare() {
	m.T.Helper()
	m.ok(m.DB.Read(ctx, func(tx *db.Tx) error {
		for _, user := range m.users {
			for _, inst := range m.institutions {
				_, err := gate.Check(ctx, tx, user, inst)
				got := ""
				if r := (*gate.Refusal)(nil); errors.As(err, &r) {
					got = r.Missing
				} else if err != nil {
					return err
				}
				if want := m.missing(user, inst); got != want {
					return fmt.Errorf("the gate misses %q, the model %q", got, want)
				}
			}
		}
		for k, contact := range m.contacts {
			var got gate.Standing
			err := tx.QueryRow(ctx, `SELECT standing FROM contact_standing WHERE institution_id = $1 AND contact_id = $2`, k.a, contact).Scan(&got)
			if err != nil {
				return err
			}
			if want := m.standing(k.a, k.b); got != want {
				return fmt.Errorf("stored standing %s, by the model %s", got, want)
			}
		}
		return nil
	}))
}

func TestGateAndStandingAgreeWithThePlainRule(t *testing.T) {
	names := []string{"verify", "unverify", "contact", "join", "accept", "refuse", "add", "leave", "request", "approve", "decline", "block", "unblock"}
	if len(names) != len(acts) {
		t.Fatal("an act is never drawn")
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := 0
		rapid.Check(t, func(t *rapid.T) {
			n++
			m := newModel(t, d, n)
			m.people()
			for range rapid.IntRange(1, 25).Draw(t, "length") {
				act := rapid.SampledFrom(names).Draw(t, "act")
				acts[act](m, rapid.SampledFrom(m.users).Draw(t, "user"), rapid.SampledFrom(m.institutions).Draw(t, "institution"),
					rapid.SampledFrom(m.firms).Draw(t, "company"), rapid.Int64Range(0, 3).Draw(t, "address"))
				m.compare()
			}
			m.NoDrift()
		})
	})
}
