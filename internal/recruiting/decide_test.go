package recruiting_test

import (
	"context"
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
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/gate/gatetest"
	"beckon/internal/institution"
	"beckon/internal/recruiting"
)

var (
	ctx      = context.Background()
	operator = audit.Actor{Kind: audit.System, Name: "command line"}
	inviter  = audit.Actor{Kind: audit.System, Name: "invite"}
)

type world struct {
	gatetest.World
	*recruiting.Recruiting
	companies *company.Companies
	now       time.Time
}

func newWorld(t gatetest.T, d *db.DB) *world {
	w := &world{World: gatetest.World{T: t, DB: d}, now: gatetest.Now}
	now := func() time.Time { return w.now }
	w.Recruiting = &recruiting.Recruiting{DB: d, Now: now, Book: &contact.Book{DB: d, Now: now}}
	w.companies = &company.Companies{DB: d, Now: now}
	return w
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		f(t, w)
		w.NoDrift()
	})
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

// recruiter makes a company and its first member.
func (w *world) recruiter(name, email, companyName string) (userID, companyID int64) {
	w.T.Helper()
	userID = w.User(name, email)
	co, err := w.companies.Create(ctx, userID, company.New{Name: companyName})
	if err != nil {
		w.T.Fatalf("%v", err)
	}
	return userID, co.ID
}

func (w *world) connect(institutionID, companyID int64) (approved, changed bool, err error) {
	err = w.Recruiting.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, institutionID, 0); err != nil {
			return err
		}
		approved, changed, err = w.Connect(ctx, tx, inviter, institutionID, companyID)
		return err
	})
	return approved, changed, err
}

// follow is the life of a connection told by hand: where an act leads, and whether it may
// be done at all.
func follow(state, act string) (next string, allowed bool) {
	if state == "blocked" {
		switch act {
		case "unblock":
			return "none", true
		case "block":
			return "blocked", true
		}
		return "blocked", false
	}
	switch act {
	case "block":
		return "blocked", true
	case "approve", "connect":
		return "approved", true
	case "decline":
		return "declined", true
	case "request":
		if state == "approved" {
			return "approved", true
		}
		return "requested", true
	case "withdraw":
		if state == "none" || state == "requested" {
			return "none", true
		}
	}
	return state, false
}

func TestConnectionsLiveAsTold(t *testing.T) {
	standings := map[string]gate.Standing{"none": gate.IsMember, "requested": gate.IsMember, "declined": gate.IsMember,
		"approved": gate.IsApproved, "blocked": gate.IsBlocked}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := 0
		rapid.Check(t, func(t *rapid.T) {
			w := newWorld(t, d)
			n++
			elm := w.Institution(fmt.Sprintf("elm%d University", n))
			email := fmt.Sprintf("amara%d@northwind.example", n)
			contact := w.Contact(elm, email)
			amara, co := w.recruiter("Amara Okafor", email, fmt.Sprintf("Northwind %d", n))
			staff := institution.System(elm, "test")
			state := "none"
			acts := rapid.SliceOfN(rapid.SampledFrom([]string{"request", "withdraw", "approve", "decline", "block", "unblock", "connect"}), 1, 12).Draw(t, "acts")
			for _, act := range acts {
				mails := w.Int(`SELECT COUNT(*) FROM outbox`)
				err := w.do(act, staff, amara, co)
				next, allowed := follow(state, act)
				if (err == nil) != allowed {
					t.Fatalf("%s from %s: %v", act, state, err)
				}
				told := w.Int(`SELECT COUNT(*) FROM outbox`) > mails
				if want := next != state && (act == "approve" || act == "decline"); told != want {
					t.Fatalf("%s from %s: mail queued %v", act, state, told)
				}
				state = next
				if e := must(w.Get(ctx, staff, co)); e.State != state {
					t.Fatalf("%s leads to %s instead of %s", act, e.State, state)
				}
				if got := w.Standing(elm, contact); got != standings[state] {
					t.Fatalf("standing %s at a connection %s", got, state)
				}
			}
			w.NoDrift()
		})
	})
}

func (w *world) do(act string, staff institution.Scope, userID, companyID int64) error {
	switch act {
	case "request":
		_, err := w.Request(ctx, userID, staff.ID())
		return err
	case "withdraw":
		return w.Withdraw(ctx, userID, staff.ID())
	case "approve":
		return w.Approve(ctx, staff, companyID)
	case "decline":
		return w.Decline(ctx, staff, companyID, "not now")
	case "block":
		return w.Block(ctx, staff, companyID, "fraud")
	case "unblock":
		return w.Unblock(ctx, staff, companyID)
	}
	approved, _, err := w.connect(staff.ID(), companyID)
	if err == nil && !approved {
		return errors.New("not approved by the invite")
	}
	return err
}

func TestRequestNamesWhatIsMissing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		missing := func(userID int64) string {
			_, err := w.Request(ctx, userID, elm)
			var r *gate.Refusal
			if !errors.As(err, &r) {
				return fmt.Sprint(err)
			}
			return r.Missing
		}
		if got := missing(w.User("Una Verified")); got != gate.VerifiedAddress {
			t.Errorf("without an address: %s", got)
		}
		user := w.User("Sami Brandt", "sami@quarry.example")
		if got := missing(user); got != gate.Membership {
			t.Errorf("without a company: %s", got)
		}
		amara, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind")
		if state := must(w.Request(ctx, amara, elm)); state != recruiting.Requested {
			t.Errorf("requested: %s", state)
		}
		first := must(w.Get(ctx, institution.System(elm, "test"), co))
		w.now = w.now.Add(time.Hour)
		if state := must(w.Request(ctx, amara, elm)); state != recruiting.Requested {
			t.Errorf("requested again: %s", state)
		}
		if e := must(w.Get(ctx, institution.System(elm, "test"), co)); !e.RequestedAt.Equal(first.RequestedAt) || e.Requester.ID != amara {
			t.Errorf("asking again changed %+v", e)
		}
		if err := w.Block(ctx, institution.System(elm, "test"), co, ""); err != nil {
			t.Fatal(err)
		}
		if got := missing(amara); got != gate.Blocked {
			t.Errorf("while blocked: %s", got)
		}
		if _, err := w.Request(ctx, amara, elm+1000); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("an unknown institution: %v", err)
		}
	})
}

func TestOnlyReviewersDecide(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		_, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind")
		reader := institution.Token(elm, 1, "reads", []institution.Permission{institution.Contacts, institution.Invite})
		reviewer := institution.Token(elm, 2, "reviews", []institution.Permission{institution.Review})
		for _, act := range []string{"approve", "decline", "block", "unblock"} {
			var forbidden fault.Forbidden
			if err := w.do(act, reader, 0, co); !errors.As(err, &forbidden) {
				t.Errorf("%s by who may not: %v", act, err)
			}
			if err := w.do(act, reviewer, 0, co+1000); !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("%s of an unknown company: %v", act, err)
			}
		}
		if err := w.Approve(ctx, reviewer, co); err != nil {
			t.Fatal(err)
		}
		if got := w.Int(`SELECT COUNT(*) FROM audit_events WHERE institution_id = $1 AND action = 'connection.approved' AND subject_id = $2 AND actor_id = 2`, elm, co); got != 1 {
			t.Errorf("%d records of the approval", got)
		}
	})
}

func TestConnectTellsWhatIsNew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		staff := institution.System(elm, "test")
		_, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind")
		for _, want := range []struct{ approved, changed bool }{{true, true}, {true, false}} {
			if approved, changed, err := w.connect(elm, co); err != nil || approved != want.approved || changed != want.changed {
				t.Errorf("connected %v, changed %v, %v; want %+v", approved, changed, err, want)
			}
		}
		if e := must(w.Get(ctx, staff, co)); e.DecidedHow != recruiting.ByInvite {
			t.Errorf("decided by %q", e.DecidedHow)
		}
		if err := w.Block(ctx, staff, co, "fraud"); err != nil {
			t.Fatal(err)
		}
		if approved, changed, err := w.connect(elm, co); err != nil || approved || changed {
			t.Errorf("an invite lifts a block: %v %v %v", approved, changed, err)
		}
	})
}
