package main

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"pgregory.net/rapid"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/gate/gatetest"
	"beckon/internal/institution"
	"beckon/internal/posting"
	"beckon/internal/student"
)

// scene is a place in which anything may happen.
type scene struct {
	*place
	t *rapid.T
	// seen counts what the gate said, by what was missing.
	seen map[string]int
}

// newScene draws everybody's state, in which each thing missing is frequent.
func (g *gatehouse) newScene(t *rapid.T, people, campuses int, seen map[string]int) *scene {
	s := &scene{place: g.newPlace(t, people, campuses), t: t, seen: seen}
	for _, r := range s.recruiters {
		if firm := rapid.SampledFrom(append(s.firms, 0)).Draw(t, "member"); firm != 0 {
			s.join(r.id, firm, company.Recruiter)
		}
	}
	for range rapid.IntRange(5, 20).Draw(t, "acts") {
		s.change()
	}
	return s
}

// frequent are the things that may happen, as often as scenes of all kinds need them.
var frequent = []string{"unverify", "verify", "verify", "join", "join", "add", "accept", "accept", "refuse", "leave",
	"request", "approve", "approve", "approve", "approve", "decline", "block", "block", "block", "unblock"}

// change does one thing that may happen, by the use cases; some cannot happen now.
func (s *scene) change() {
	s.t.Helper()
	who := rapid.SampledFrom(s.recruiters).Draw(s.t, "who")
	firm := rapid.SampledFrom(s.firms).Draw(s.t, "firm")
	at := rapid.SampledFrom(s.campuses).Draw(s.t, "at").id
	staff, ctx := institution.System(at, "test"), s.t.Context()
	var err error
	switch rapid.SampledFrom(frequent).Draw(s.t, "act") {
	case "verify":
		if s.Int(`SELECT COUNT(*) FROM user_addresses WHERE user_id = $1`, who.id) == 0 {
			s.Write(func(ctx context.Context, tx *db.Tx) error { return gatetest.Verify(ctx, tx, who.id, who.email, true) })
		}
	case "unverify":
		s.Write(func(ctx context.Context, tx *db.Tx) error { return gatetest.Unverify(ctx, tx, who.id, who.email) })
	case "join":
		_, err = s.Companies.Join(ctx, who.id, firm)
	case "add":
		_, err = s.Companies.AddMember(ctx, operator, who.id, firm, company.Recruiter)
	case "accept":
		err = s.decide(who, s.Companies.Approve)
	case "refuse":
		err = s.decide(who, func(ctx context.Context, admin, membership int64) error {
			return s.Companies.Decline(ctx, admin, membership, "")
		})
	case "leave":
		err = s.Companies.Leave(ctx, who.id)
	case "request":
		_, err = s.Recruiting.Request(ctx, who.id, at)
	case "approve":
		err = s.Recruiting.Approve(ctx, staff, firm)
	case "decline":
		err = s.Recruiting.Decline(ctx, staff, firm, "")
	case "block":
		err = s.Recruiting.Block(ctx, staff, firm, "")
	case "unblock":
		err = s.Recruiting.Unblock(ctx, staff, firm)
	}
	var refusal *gate.Refusal
	var conflict fault.Conflict
	if err != nil && !errors.As(err, &refusal) && !errors.As(err, &conflict) && !errors.Is(err, fault.ErrNotFound) {
		s.t.Fatalf("%v", err)
	}
}

// decide lets a company's admin decide about a pending membership, if there is one.
func (s *place) decide(who recruiter, how func(ctx context.Context, admin, membership int64) error) error {
	m, err := s.Companies.Of(s.t.Context(), who.id)
	if err != nil || m.State != company.Pending {
		return err
	}
	return how(s.t.Context(), s.admins[m.CompanyID], m.ID)
}

// ask lets everybody try everything everywhere, by page and by API.
func (s *scene) ask() {
	s.t.Helper()
	for _, r := range s.recruiters {
		for _, at := range s.campuses {
			s.seen[s.tryAll(r, at)]++
		}
	}
	s.NoDrift()
}

// Function, page and API say the same about all three acts, whoever asks in whatever state,
// and about the same open sessions after more has happened.
func TestTheGateIsOne(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		g, seen := openGatehouse(t, "sqlite:"+t.TempDir()+"/beckon.db"), map[string]int{}
		gates(t, g, 4, 3, seen)
		if fewest(seen) < 100 { // as chance has it once in a long time
			gates(t, g, 4, 3, seen)
		}
		total := 0
		for _, n := range seen {
			total += n
		}
		if total < 2000 || fewest(seen) < 100 {
			t.Errorf("only %d cases: %v", total, seen)
		}
		t.Logf("%d cases: %v", total, seen)
	})
	t.Run("postgres", func(t *testing.T) { gates(t, openGatehouse(t, dbtest.PostgresURL(t)), 2, 1, map[string]int{}) })
}

// fewest is how often came what came least of all that may be missing.
func fewest(seen map[string]int) int {
	least := seen[""]
	for _, missing := range []string{gate.VerifiedAddress, gate.Membership, gate.Blocked, gate.Connection} {
		least = min(least, seen[missing])
	}
	return least
}

// gates draws scenes and counts how often what was missing.
func gates(t *testing.T, g *gatehouse, people, campuses int, seen map[string]int) {
	rapid.Check(t, func(t *rapid.T) {
		s := g.newScene(t, people, campuses, seen)
		s.ask()
		for range rapid.IntRange(1, 4).Draw(t, "more") {
			s.change()
		}
		s.ask()
	})
}

// What staff decide holds for the next press of pages that are open: all three acts are
// refused, conversations are closed on both sides, and interviews to come are flagged.
func TestADecisionTakesEffectAtOnce(t *testing.T) {
	for engine, url := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + t.TempDir() + "/beckon.db" },
		"postgres": func() string { return dbtest.PostgresURL(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			s := openGatehouse(t, url()).newPlace(t, 1, 1)
			rita, elm := s.recruiters[0], s.campuses[0]
			staff := institution.System(elm.id, "test")
			s.join(rita.id, s.firms[0], company.Recruiter)
			s.ok(s.Recruiting.Approve(t.Context(), staff, s.firms[0]))
			s.tries(rita, elm, "")
			stella := s.attending(elm)
			interview := s.scheduled(staff)
			s.ok(s.Interviews.Take(t.Context(), stella, interview, 1))
			s.writable(rita, stella, true)

			s.ok(s.Recruiting.Block(t.Context(), staff, s.firms[0], "spam"))
			s.tries(rita, elm, gate.Blocked)
			s.writable(rita, stella, false)
			if err := s.Interviews.Take(t.Context(), stella, interview, 2); err == nil {
				t.Error("a slot of a blocked company was taken")
			}
			if _, _, n, err := s.Interviews.List(t.Context(), staff, posting.InterviewQuery{State: posting.Flagged, Limit: 10}); err != nil || n != 1 {
				t.Errorf("%d interviews are flagged, %v", n, err)
			}
			if _, _, n, err := s.Jobs.Live(t.Context(), stella, posting.Query{Limit: 10}); err != nil || n != 0 {
				t.Errorf("students see %d jobs, %v", n, err)
			}

			s.ok(s.Recruiting.Unblock(t.Context(), staff, s.firms[0]))
			s.tries(rita, elm, gate.Connection)
			s.ok(s.Recruiting.Approve(t.Context(), staff, s.firms[0]))
			s.tries(rita, elm, "")
			s.writable(rita, stella, true)
		})
	}
}

func (s *place) tries(r recruiter, at *campus, missing string) {
	s.t.Helper()
	if got := s.tryAll(r, at); got != missing {
		s.t.Fatalf("misses %q instead of %q", got, missing)
	}
}

// attending is the student's own scope, by an account with the address.
func (s *place) attending(at *campus) institution.Scope {
	s.t.Helper()
	me, err := s.Students.Get(s.t.Context(), institution.System(at.id, "test"), at.student)
	s.ok(err)
	scope, err := institution.Student(s.t.Context(), s.Beckon.DB, s.User("Stella Student", me.Email), at.id)
	s.ok(err)
	return scope
}

// scheduled is an interview request, which it approves.
func (s *place) scheduled(staff institution.Scope) int64 {
	s.t.Helper()
	all, _, _, err := s.Interviews.List(s.t.Context(), staff, posting.InterviewQuery{State: posting.Requested, Limit: 1})
	s.ok(err)
	s.ok(s.Interviews.Approve(s.t.Context(), staff, all[0].ID, "Room 5"))
	return all[0].ID
}

// writable checks whether both sides of a conversation may write, by pressing as well.
func (s *place) writable(r recruiter, stella institution.Scope, want bool) {
	s.t.Helper()
	threads, _, _, err := s.Students.ThreadsOfStudent(s.t.Context(), stella, student.ThreadQuery{Limit: 10})
	s.ok(err)
	t := threads[0]
	status, _ := s.send("/recruit/messages/"+db.FormatID(t.ID), "application/x-www-form-urlencoded", "body=Hello", http.Header{"Cookie": {"beckon_session=" + r.session}})
	_, err = s.Students.ReplyAsStudent(s.t.Context(), stella, t.ID, "Hello")
	if t.Open != want || (status == http.StatusSeeOther) != want || (err == nil) != want {
		s.t.Fatalf("open to the student: %v, to a press of the recruiter: %d, to one of the student: %v; want %v", t.Open, status, err, want)
	}
}
