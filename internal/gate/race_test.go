package gate_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/gate"
	"beckon/internal/gate/gatetest"
	"beckon/internal/institution"
	"beckon/internal/recruiting"
)

// A contact is being added and not committed yet while something happens that decides its
// standing. With the locks the second waits for the first, or the first is seen; without
// them the contact's standing stays wrong for ever, which shows that the test would see it.
func TestContactAddedWhileItsStandingChanges(t *testing.T) {
	const email = "sami@quarry.example"
	for _, c := range []struct {
		name string
		// before is what holds beforehand, meanwhile what happens at the same moment.
		before, meanwhile func(w racing, user, co, inst int64) error
	}{
		{"company approved", func(w racing, user, co, _ int64) error {
			return w.verifyAndJoin(user, co, email)
		}, func(w racing, _, co, inst int64) error {
			return w.recruiting.Approve(ctx, institution.System(inst, "test"), co)
		}},
		{"address verified", func(w racing, user, co, inst int64) error { return nil }, func(w racing, user, _, _ int64) error {
			return w.verify(user, email)
		}},
		{"membership approved", func(w racing, user, co, _ int64) error { return w.verify(user, email) }, func(w racing, user, co, _ int64) error {
			_, err := w.companies.AddMember(ctx, operator, user, co, company.Recruiter)
			return err
		}},
	} {
		for _, locked := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, locked %v", c.name, locked), func(t *testing.T) {
				w := newRacing(t)
				inst := w.Institution("Elm University")
				co, err := w.companies.Add(ctx, operator, "Quarry Lane", "")
				if err != nil {
					t.Fatal(err)
				}
				user := w.User("Sami Brandt")
				if err := c.before(w, user, co.ID, inst); err != nil {
					t.Fatal(err)
				}
				err = w.Overlap(func(tx *db.Tx) error {
					if locked {
						_, err := gatetest.AddContact(ctx, tx, inst, email)
						return err
					}
					return gatetest.AddContactUnlocked(ctx, tx, inst, inst<<32|1, email)
				}, func() error { return c.meanwhile(w, user, co.ID, inst) })
				if err != nil {
					t.Fatal(err)
				}
				want := 1
				if locked {
					want = 0
				}
				if got := w.Drift(); got != want {
					t.Errorf("%d standings are wrong, expected %d", got, want)
				}
			})
		}
	}
}

type racing struct {
	gatetest.World
	companies  *company.Companies
	recruiting *recruiting.Recruiting
}

func newRacing(t *testing.T) racing {
	d := dbtest.Postgres(t)
	now := func() time.Time { return gatetest.Now }
	return racing{World: gatetest.World{T: t, DB: d}, companies: &company.Companies{DB: d, Now: now}, recruiting: &recruiting.Recruiting{DB: d, Now: now, Book: &contact.Book{DB: d, Now: now}}}
}

func (w racing) verify(user int64, email string) error {
	return w.DB.Write(ctx, func(tx *db.Tx) error { return gatetest.Verify(ctx, tx, user, email, true) })
}

func (w racing) verifyAndJoin(user, co int64, email string) error {
	if err := w.verify(user, email); err != nil {
		return err
	}
	_, err := w.companies.AddMember(ctx, operator, user, co, company.Recruiter)
	return err
}

// Everything at once on PostgreSQL: no transaction waits for another in a circle, and all
// standings are right in the end.
func TestNothingIsLostWhenAllHappensAtOnce(t *testing.T) {
	w := newRacing(t)
	const many = 12
	var insts, firms, users []int64
	for i := range 3 {
		insts = append(insts, w.Institution(fmt.Sprintf("i%d University", i)))
		co, err := w.companies.Add(ctx, operator, fmt.Sprintf("Company %d", i), "")
		if err != nil {
			t.Fatal(err)
		}
		firms = append(firms, co.ID)
	}
	for range many {
		users = append(users, w.User("Uma User"))
	}
	email := func(i int) string { return fmt.Sprintf("u%d@people.example", i) }
	var wg sync.WaitGroup
	do := func(f func(i int) error) {
		wg.Go(func() {
			for i := range many {
				if err := f(i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for k, inst := range insts {
		do(func(i int) error {
			return w.DB.Write(ctx, func(tx *db.Tx) error {
				_, err := gatetest.AddContact(ctx, tx, inst, email((i+k)%many))
				return err
			})
		})
		do(func(i int) error {
			staff, co := institution.System(inst, "test"), firms[i%len(firms)]
			if i%2 == 0 {
				return w.recruiting.Approve(ctx, staff, co)
			}
			return w.recruiting.Decline(ctx, staff, co, "")
		})
	}
	do(func(i int) error { return w.verify(users[i], email(i)) })
	do(func(i int) error {
		_, err := w.companies.AddMember(ctx, operator, users[i], firms[i%len(firms)], company.Recruiter)
		if err != nil || i%3 > 0 {
			return err
		}
		return w.companies.Leave(ctx, users[i])
	})
	do(func(i int) error { // an import's chunk: several institutions' locks in order
		return w.DB.Write(ctx, func(tx *db.Tx) error {
			if err := gate.LockAddresses(ctx, tx, false); err != nil {
				return err
			}
			return gate.Locks(ctx, tx, []int64{insts[2], insts[0], insts[1]})
		})
	})
	wg.Wait()
	w.NoDrift()
	if n := w.Int(`SELECT COUNT(*) FROM contact_standing WHERE standing = $1`, int(gate.IsContact)); n != 0 {
		t.Errorf("%d contacts are linked with nobody", n)
	}
}
