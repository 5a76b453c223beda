package posting_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/gate/gatetest"
	"beckon/internal/institution"
	"beckon/internal/posting"
	"beckon/internal/secret"
)

// hall is a world in which interviews are held, with a clock that tests turn.
type hall struct {
	*world
	interviews *posting.Interviews
	now        time.Time
	// elm has approved northwind, whose admin amara posted the job; both are approved there.
	elm, northwind, amara, job int64
}

func newHall(w *world) *hall {
	h := &hall{world: w, now: gatetest.Now, elm: w.Institution("Elm University")}
	clock := func() time.Time { return h.now }
	h.interviews = &posting.Interviews{DB: w.World.DB, Now: clock, Key: secret.Fixed("test"), BaseURL: "https://beckon.example",
		Book: &contact.Book{DB: w.World.DB, Now: clock}}
	h.set(h.elm, "timezone", "Europe/Copenhagen")
	h.set(h.elm, "reply_to", "careers@elm.example")
	h.amara, h.northwind = w.approved("Amara Okafor", "amara@northwind.example", "Northwind", h.elm)
	h.job = h.approvedJob(h.amara, "Rocket engineer", h.elm)
	return h
}

func eachHall(t *testing.T, f func(t *testing.T, h *hall)) {
	each(t, func(t *testing.T, w *world) { f(t, newHall(w)) })
}

func (h *hall) set(institutionID int64, column, value string) {
	h.T.Helper()
	h.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE institutions SET `+column+` = $2 WHERE id = $1`, institutionID, value)
		return err
	})
}

func (h *hall) approvedJob(userID int64, title string, institutionID int64) int64 {
	h.T.Helper()
	j := must(h.Post(ctx, userID, job(title, institutionID)))
	h.ok(h.Approve(ctx, staff(institutionID), j.ID))
	return j.ID
}

func (h *hall) ok(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatalf("%v", err)
	}
}

// wish is a schedule of four slots on a Thursday morning.
func (h *hall) wish() posting.InterviewInput {
	return posting.InterviewInput{InstitutionID: h.elm, JobID: h.job,
		Schedule: posting.Schedule{Date: "2026-12-03", StartsAt: "09:00", SlotCount: 4, SlotMinutes: 25}}
}

// held is an approved schedule.
func (h *hall) held(req posting.InterviewInput) posting.Interview {
	h.T.Helper()
	i := must(h.interviews.Request(ctx, h.amara, req))
	h.ok(h.interviews.Approve(ctx, staff(h.elm), i.ID, "Elm Hall, room 12"))
	return h.look(i.ID)
}

func (h *hall) look(id int64) posting.Interview {
	h.T.Helper()
	return must(h.interviews.Requested(ctx, staff(h.elm), id))
}

func conflicts(err error, part string) bool {
	var c fault.Conflict
	return errors.As(err, &c) && strings.Contains(c.Message, part)
}

func TestRequestAnInterview(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		req := h.wish()
		req.Date, req.StartsAt, req.BreakMinutes, req.PauseAfter, req.PauseMinutes = " 2026-12-03 ", "9:00", 5, 2, 60
		req.Way, req.VideoURL, req.Needs = posting.Video, "meet.example/northwind", "A quiet room.\r\nWater."
		i, err := h.interviews.Request(ctx, h.amara, req)
		if err != nil {
			t.Fatal(err)
		}
		if i.State != posting.Requested || i.Date != "2026-12-03" || i.StartsAt != "09:00" || i.VideoURL != "https://meet.example/northwind" ||
			i.Needs != "A quiet room.\nWater." || i.Job != "Rocket engineer" || i.Company != "Northwind" || i.RequestedBy != "Amara Okafor" ||
			i.Institution != "Elm University" || i.Zone.String() != "Europe/Copenhagen" || !i.RequestedAt.Equal(h.now) {
			t.Errorf("requested %+v", i)
		}
		if got := clocks(i.Slots, i.Zone); got != "09:00 09:30 11:00 11:30" || i.Ends().In(i.Zone).Format("15:04") != "11:55" {
			t.Errorf("slots at %s until %s", got, i.Ends())
		}
		if n := h.Int(`SELECT COUNT(*) FROM contacts WHERE institution_id = $1 AND source = 'posted_interview'`, h.elm); n != 0 {
			t.Errorf("%d more contacts of one who is there by posting a job", n)
		}
		if n := h.Int(`SELECT COUNT(*) FROM outbox WHERE kind = 'interview_requested' AND recipient = 'careers@elm.example'`); n != 1 {
			t.Errorf("%d mails to the career centre", n)
		}
		if n := h.Int(`SELECT COUNT(*) FROM audit_events WHERE action = 'interview.requested' AND subject_id = $1 AND institution_id = $2`, i.ID, h.elm); n != 1 {
			t.Errorf("%d records", n)
		}
	})
}

func TestAMailboxIsNotFilledWithRequests(t *testing.T) {
	h := newHall(newWorld(t, sqlite(t)))
	told := func() int64 { return h.Int(`SELECT COUNT(*) FROM outbox WHERE kind = 'interview_requested'`) }
	for range 25 {
		h.ok(h.interviews.Withdraw(ctx, h.amara, must(h.interviews.Request(ctx, h.amara, h.wish())).ID))
	}
	if n := told(); n != 20 {
		t.Errorf("%d mails about 25 requests", n)
	}
	h.now = h.now.Add(25 * time.Hour)
	must(h.interviews.Request(ctx, h.amara, h.wish()))
	if n := told(); n != 21 {
		t.Errorf("%d mails on the day after", n)
	}
}

func clocks(slots []posting.Slot, zone *time.Location) string {
	var all []string
	for _, s := range slots {
		all = append(all, s.StartsAt.In(zone).Format("15:04"))
	}
	return strings.Join(all, " ")
}

func TestWhoRequestsBecomesAContact(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		sami := h.User("Sami Brandt", "sami@northwind.example")
		must(h.companies.AddMember(ctx, operator, sami, h.northwind, "recruiter"))
		must(h.interviews.Request(ctx, sami, h.wish()))
		if n := h.Int(`SELECT COUNT(*) FROM contacts WHERE institution_id = $1 AND email_key = 'sami@northwind.example' AND source = 'posted_interview'`, h.elm); n != 1 {
			t.Errorf("%d contacts", n)
		}
		h.NoDrift()
	})
}

func TestTheGateComesBeforeWhatIsWrongWithARequest(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		oak, larch := h.Institution("Oak College"), h.Institution("Larch Institute")
		h.ok(h.recruiting.Block(ctx, staff(larch), h.northwind, ""))
		wrong := h.wish()
		wrong.JobID, wrong.Date, wrong.BreakMinutes, wrong.Way, wrong.VideoURL = 999, "2020-01-01", -1, "by letter", "http://meet.example"
		for _, c := range []struct {
			user, at int64
			missing  string
		}{
			{h.User("Una Verified"), h.elm, gate.VerifiedAddress},
			{h.User("Sami Brandt", "sami@quarry.example"), h.elm, gate.Membership},
			{h.amara, oak, gate.Connection},
			{h.amara, larch, gate.Blocked},
		} {
			req := wrong
			req.InstitutionID = c.at
			_, err := h.interviews.Request(ctx, c.user, req)
			var r *gate.Refusal
			if !errors.As(err, &r) || r.Missing != c.missing || r.InstitutionID != c.at {
				t.Errorf("%v, want %s", err, c.missing)
			}
		}
		if _, err := h.interviews.Request(ctx, h.amara, wrong); !slices.Equal(paths(err), []string{"job", "date", "break_minutes", "video_url", "way"}) {
			t.Errorf("what is wrong: %v", err)
		}
		if _, err := h.interviews.Request(ctx, h.amara, posting.InterviewInput{InstitutionID: h.elm}); !slices.Equal(paths(err), []string{"date", "starts_at", "slots", "slot_minutes"}) {
			t.Errorf("required inputs: %v", err)
		}
		nowhere := h.wish()
		nowhere.InstitutionID = 999
		if _, err := h.interviews.Request(ctx, h.amara, nowhere); !slices.Equal(paths(err), []string{"institution"}) {
			t.Errorf("unknown institution: %v", err)
		}
		if n := h.Int(`SELECT COUNT(*) FROM interview_requests`); n != 0 {
			t.Errorf("%d requests were made", n)
		}
	})
}

func TestTheJobMustBeTheCompanysAndApprovedThere(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		oak := h.Institution("Oak College")
		keiko, _ := h.approved("Keiko Ito", "keiko@alder.example", "Alder", h.elm, oak)
		h.ok(h.recruiting.Approve(ctx, staff(oak), h.northwind))
		waits := must(h.Post(ctx, h.amara, job("Waits", h.elm))).ID
		for name, id := range map[string]int64{"another company's": h.approvedJob(keiko, "Nurse", h.elm), "a waiting one": waits,
			"one approved elsewhere": h.approvedJob(h.amara, "Elsewhere", oak), "none": -1} {
			req := h.wish()
			req.JobID = id
			if _, err := h.interviews.Request(ctx, h.amara, req); !slices.Equal(paths(err), []string{"job"}) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestTimesOnDaysWhenClocksChange(t *testing.T) {
	h := newHall(newWorld(t, sqlite(t)))
	for _, c := range []struct{ zone, date, at, want string }{
		{"Europe/Copenhagen", "2027-03-28", "01:00", "01:00 01:30 03:00 03:30 | 00:00Z"},
		{"Europe/Copenhagen", "2027-03-28", "03:00", "03:00 03:30 04:00 04:30 | 01:00Z"},
		{"Europe/Copenhagen", "2027-03-28", "02:30", "does not exist on 28 March 2027: clocks go forward from 02:00 to 03:00"},
		{"Europe/Copenhagen", "2027-10-31", "02:30", "02:30 02:00 02:30 03:00 | 00:30Z"},
		{"America/New_York", "2027-03-14", "02:00", "does not exist on 14 March 2027: clocks go forward from 02:00 to 03:00"},
		{"America/New_York", "2027-11-07", "01:00", "01:00 01:30 01:00 01:30 | 05:00Z"},
		{"America/Santiago", "2027-09-05", "00:30", "does not exist on 5 September 2027: clocks go forward from 00:00 to 01:00"},
		{"Australia/Lord_Howe", "2027-10-03", "02:15", "does not exist on 3 October 2027: clocks go forward from 02:00 to 02:30"},
		{"UTC", "2027-03-28", "02:30", "02:30 03:00 03:30 04:00 | 02:30Z"},
	} {
		h.set(h.elm, "timezone", c.zone)
		req := h.wish()
		req.Date, req.StartsAt, req.SlotMinutes = c.date, c.at, 30
		i, err := h.interviews.Preview(ctx, req)
		got := fmt.Sprint(err)
		if err == nil {
			got = clocks(i.Slots, i.Zone) + " | " + i.Begins().Format("15:04Z")
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s %s %s: %s, want %s", c.zone, c.date, c.at, got, c.want)
		}
		if _, err2 := h.interviews.Request(ctx, h.amara, req); fmt.Sprint(err2) != fmt.Sprint(err) {
			t.Errorf("requested: %v, previewed: %v", err2, err)
		}
	}
	h.set(h.elm, "timezone", "Europe/Copenhagen")
	req := h.wish()
	req.Date, req.StartsAt = "2026-11-23", "10:00" // it is 09:00 in UTC
	if _, err := h.interviews.Request(ctx, h.amara, req); !slices.Equal(paths(err), []string{"date"}) {
		t.Errorf("the present moment: %v", err)
	}
	req.StartsAt = "10:01"
	if _, err := h.interviews.Request(ctx, h.amara, req); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func TestAProposalIsAnswered(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		id := must(h.interviews.Request(ctx, h.amara, h.wish())).ID
		propose := func(date, at string) error {
			return h.interviews.Propose(ctx, staff(h.elm), id, posting.Proposal{Date: date, StartsAt: at, Place: "Room 3", Note: "The hall is taken."})
		}
		for _, c := range []struct{ date, at, want string }{
			{"2020-01-01", "09:00", "[date]"}, {"2206-12-03", "09:00", "[date]"}, {"soon", "noon", "[date starts_at]"}, {"2026-12-03", "09:00", "[starts_at]"},
		} {
			if err := propose(c.date, c.at); fmt.Sprint(paths(err)) != c.want {
				t.Errorf("%s %s: %v, want %s", c.date, c.at, err, c.want)
			}
		}
		h.ok(propose("2026-12-04", "13:00"))
		i := must(h.interviews.Get(ctx, h.amara, id))
		if i.State != posting.Proposed || i.ProposedDate != "2026-12-04" || i.ProposedStartsAt != "13:00" || i.Reason != "The hall is taken." || i.Date != "2026-12-03" {
			t.Errorf("proposed %+v", i)
		}
		if n := must(h.interviews.ToAnswer(ctx, h.amara)); n != 1 {
			t.Errorf("%d to answer", n)
		}
		h.ok(h.interviews.AnswerProposal(ctx, h.amara, id, false))
		if i := h.look(id); i.State != posting.Requested || i.ProposedDate != "" || i.Place != "" || i.Date != "2026-12-03" {
			t.Errorf("refused %+v", i)
		}
		if err := h.interviews.AnswerProposal(ctx, h.amara, id, true); !conflicts(err, "not decided") {
			t.Errorf("nothing to answer: %v", err)
		}
		h.ok(propose("2026-12-05", "08:00"))
		h.ok(h.interviews.AnswerProposal(ctx, h.amara, id, true))
		i = h.look(id)
		if i.State != posting.Approved || i.Date != "2026-12-05" || i.StartsAt != "08:00" || i.Place != "Room 3" || i.Begins().Format(time.RFC3339) != "2026-12-05T07:00:00Z" {
			t.Errorf("accepted %+v", i)
		}
		if n := h.Int(`SELECT COUNT(*) FROM outbox WHERE kind = 'interview_answered'`); n != 2 {
			t.Errorf("%d mails about answers", n)
		}
		if n := h.Int(`SELECT COUNT(*) FROM outbox WHERE kind = 'interview_decided' AND recipient = 'amara@northwind.example'`); n != 2 {
			t.Errorf("%d mails about proposals", n)
		}
	})
}

func TestWhoMayDecide(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		oak := h.Institution("Oak College")
		stranger, _ := h.approved("Keiko Ito", "keiko@alder.example", "Alder", h.elm)
		sami := h.User("Sami Brandt", "sami@northwind.example")
		must(h.companies.AddMember(ctx, operator, sami, h.northwind, "recruiter"))
		id := must(h.interviews.Request(ctx, h.amara, h.wish())).ID
		reads := institution.Token(h.elm, 1, "reads", nil)
		proposal := posting.Proposal{Date: "2026-12-04", StartsAt: "09:00"}
		for name, act := range map[string]func(s institution.Scope) error{
			"approve": func(s institution.Scope) error { return h.interviews.Approve(ctx, s, id, "") },
			"decline": func(s institution.Scope) error { return h.interviews.Decline(ctx, s, id, "") },
			"propose": func(s institution.Scope) error { return h.interviews.Propose(ctx, s, id, proposal) },
			"cancel":  func(s institution.Scope) error { return h.interviews.Cancel(ctx, s, id, "Fire") },
		} {
			var forbidden fault.Forbidden
			if err := act(reads); !errors.As(err, &forbidden) {
				t.Errorf("a reader may %s: %v", name, err)
			}
			if err := act(staff(oak)); !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("another institution may %s: %v", name, err)
			}
		}
		for _, user := range []int64{stranger, sami} {
			for name, err := range map[string]error{
				"answer":   h.interviews.AnswerProposal(ctx, user, id, true),
				"withdraw": h.interviews.Withdraw(ctx, user, id),
				"call off": h.interviews.CallOff(ctx, user, id, "Ill"),
			} {
				if !errors.Is(err, fault.ErrNotFound) {
					t.Errorf("somebody else may %s: %v", name, err)
				}
			}
		}
		must(h.companies.AddMember(ctx, operator, sami, h.northwind, "admin"))
		h.ok(h.interviews.Withdraw(ctx, sami, id))
		if err := h.interviews.Approve(ctx, staff(h.elm), id, ""); !conflicts(err, "withdrawn") {
			t.Errorf("a withdrawn request is approved: %v", err)
		}
		for name, err := range map[string]error{
			"call off": h.interviews.CallOff(ctx, h.amara, id, ""), "cancel": h.interviews.Cancel(ctx, staff(h.elm), id, " ")} {
			if !slices.Equal(paths(err), []string{"reason"}) {
				t.Errorf("%s without a reason: %v", name, err)
			}
		}
	})
}

func TestADecisionAboutTheCompanyIsFeltAtOnce(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		wren := h.student(h.elm, "Wren Castellanos", "wren@students.example")
		i := h.held(h.wish())
		h.ok(h.interviews.Take(ctx, wren, i.ID, 1))
		other := must(h.interviews.Request(ctx, h.amara, h.wish())).ID
		h.ok(h.interviews.Propose(ctx, staff(h.elm), other, posting.Proposal{Date: "2026-12-07", StartsAt: "09:00"}))
		if n := must(h.interviews.Waiting(ctx, staff(h.elm))); n != 0 {
			t.Errorf("%d wait", n)
		}
		h.ok(h.recruiting.Block(ctx, staff(h.elm), h.northwind, ""))
		var r *gate.Refusal
		if _, err := h.interviews.Request(ctx, h.amara, h.wish()); !errors.As(err, &r) || r.Missing != gate.Blocked {
			t.Errorf("requested: %v", err)
		}
		if err := h.interviews.AnswerProposal(ctx, h.amara, other, true); !errors.As(err, &r) {
			t.Errorf("answered: %v", err)
		}
		if err := h.interviews.Take(ctx, h.student(h.elm, "Ola Berg", "ola@students.example"), i.ID, 2); !conflicts(err, "may not interview") {
			t.Errorf("taken: %v", err)
		}
		if err := h.interviews.Approve(ctx, staff(h.elm), other, ""); !conflicts(err, "Northwind is not approved here") {
			t.Errorf("approved: %v", err)
		}
		if open := must(h.interviews.Open(ctx, wren, h.job)); len(open) != 0 {
			t.Errorf("open: %+v", open)
		}
		if got := h.look(i.ID); !got.Flagged || got.Slots[0].Student != "Wren Castellanos" {
			t.Errorf("not flagged: %+v", got)
		}
		if got := must(h.interviews.Get(ctx, h.amara, i.ID)); got.Slots[0].Student != "" || !got.Slots[0].Taken {
			t.Errorf("a blocked company reads names: %+v", got.Slots)
		}
		page, _, total, err := h.interviews.List(ctx, staff(h.elm), posting.InterviewQuery{State: posting.Flagged, Limit: 10})
		if err != nil || total != 1 || len(page) != 1 || page[0].ID != i.ID {
			t.Errorf("flagged: %+v %d %v", page, total, err)
		}
		if n := must(h.interviews.Waiting(ctx, staff(h.elm))); n != 1 {
			t.Errorf("%d wait, want the flagged one", n)
		}
		if got := h.appointments(wren); len(got) != 1 || !got[0].Flagged {
			t.Errorf("appointments %+v", got)
		}
		h.now = i.Ends()
		if n := must(h.interviews.Waiting(ctx, staff(h.elm))); n != 0 {
			t.Errorf("%d wait after it is over", n)
		}
	})
}

func TestCancellingTellsEverybody(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		wren, ola := h.student(h.elm, "Wren Castellanos", "wren@students.example"), h.student(h.elm, "Ola Berg", "ola@students.example")
		i, j := h.held(h.wish()), h.wish()
		j.Date = "2026-12-10"
		second := h.held(j)
		h.ok(h.interviews.Take(ctx, wren, i.ID, 1))
		h.ok(h.interviews.Take(ctx, ola, i.ID, 4))
		h.ok(h.interviews.Take(ctx, ola, second.ID, 1))
		h.ok(h.interviews.Cancel(ctx, staff(h.elm), i.ID, "The hall is flooded."))
		h.ok(h.interviews.CallOff(ctx, h.amara, second.ID, "Nobody can travel."))
		for kind, want := range map[string]int64{"interview_cancelled": 3, "interview_called_off": 1} {
			if n := h.Int(`SELECT COUNT(*) FROM outbox WHERE kind = $1`, kind); n != want {
				t.Errorf("%d mails of %s, want %d", n, kind, want)
			}
		}
		if n := h.Int(`SELECT COUNT(*) FROM outbox WHERE kind = 'interview_decided' AND params LIKE '%cancelled%'`); n != 1 {
			t.Errorf("%d mails to the recruiter", n)
		}
		if got := h.appointments(ola); len(got) != 2 || !got[0].Cancelled || got[0].Reason != "The hall is flooded." {
			t.Errorf("appointments %+v", got)
		}
		if err := h.interviews.GiveBack(ctx, ola, i.ID, 4); !conflicts(err, "cancelled") {
			t.Errorf("given back: %v", err)
		}
		if err := h.interviews.Cancel(ctx, staff(h.elm), i.ID, "Again"); !conflicts(err, "cancelled") {
			t.Errorf("cancelled twice: %v", err)
		}
	})
}

func TestMovingTellsEverybody(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		wren := h.student(h.elm, "Wren Castellanos", "wren@students.example")
		i := h.held(h.wish())
		h.ok(h.interviews.Take(ctx, wren, i.ID, 1))
		h.ok(h.interviews.Move(ctx, staff(h.elm), i.ID, "Room 4"))
		h.ok(h.interviews.Move(ctx, staff(h.elm), i.ID, "Room 4"))
		for kind, want := range map[string]int64{"interview_moved": 1, "interview_slot_moved": 1} {
			if n := h.Int(`SELECT COUNT(*) FROM outbox WHERE kind = $1`, kind); n != want {
				t.Errorf("%d mails of %s, want %d", n, kind, want)
			}
		}
		if got := h.appointments(wren); len(got) != 1 || got[0].Place != "Room 4" {
			t.Errorf("appointments %+v", got)
		}
		if now := must(h.interviews.Requested(ctx, staff(h.elm), i.ID)); now.Revision != i.Revision+1 {
			t.Errorf("revision %d after %d: calendars would not follow", now.Revision, i.Revision)
		}
		h.ok(h.interviews.Cancel(ctx, staff(h.elm), i.ID, "Flooded"))
		if err := h.interviews.Move(ctx, staff(h.elm), i.ID, "Room 5"); !conflicts(err, "cancelled") {
			t.Errorf("moved after it was cancelled: %v", err)
		}
	})
}

// After a restore, ids of interviews are as large as the time in microseconds.
func TestListsGoOnBehindLargeIDs(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		i := must(h.interviews.Request(ctx, h.amara, h.wish()))
		const after = 1 << 50
		for _, q := range []posting.InterviewQuery{{After: after, Limit: 3}, {State: posting.Flagged, After: after, Limit: 3}} {
			staffs, _, _, err := h.interviews.List(ctx, staff(h.elm), q)
			mine, _, _, also := h.interviews.Mine(ctx, h.amara, q)
			if err != nil || also != nil || len(staffs) != len(mine) || q.State == "" && (len(mine) != 1 || mine[0].ID != i.ID) {
				t.Errorf("%q: %d %v, %d %v", q.State, len(staffs), err, len(mine), also)
			}
		}
		if jobs, _, _, err := h.List(ctx, staff(h.elm), posting.Query{After: after, Limit: 3}); err != nil || len(jobs) != 1 {
			t.Errorf("%d jobs for staff: %v", len(jobs), err)
		}
		if jobs, _, _, err := h.Mine(ctx, h.amara, posting.Query{After: after, Limit: 3}); err != nil || len(jobs) != 1 {
			t.Errorf("%d jobs of the company: %v", len(jobs), err)
		}
		if jobs, _, _, err := h.Live(ctx, h.student(h.elm, "Ada Low", "ada@students.example"), posting.Query{After: after, Limit: 3}); err != nil || len(jobs) != 1 {
			t.Errorf("%d live jobs: %v", len(jobs), err)
		}
	})
}

func TestStaffListOfInterviews(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		keiko, _ := h.approved("Keiko Ito", "keiko@alder.example", "Älder", h.elm)
		nurse := h.approvedJob(keiko, "Nurse", h.elm)
		var ids []int64
		for n := range 5 {
			req := h.wish()
			user := h.amara
			if n%2 == 1 {
				user, req.JobID = keiko, nurse
			}
			ids = append(ids, must(h.interviews.Request(ctx, user, req)).ID)
		}
		h.ok(h.interviews.Approve(ctx, staff(h.elm), ids[0], ""))
		h.ok(h.interviews.Decline(ctx, staff(h.elm), ids[1], "No room"))
		all := func(q posting.InterviewQuery, list func(posting.InterviewQuery) ([]posting.Interview, int64, int, error)) (found []int) {
			for q.Limit = 2; ; {
				page, next, total, err := list(q)
				if err != nil {
					t.Fatal(err)
				}
				for _, i := range page {
					found = append(found, slices.Index(ids, i.ID))
				}
				if q.After = next; next == 0 {
					if total != len(found) {
						t.Errorf("total %d of %v", total, found)
					}
					return found
				}
			}
		}
		byStaff := func(q posting.InterviewQuery) ([]posting.Interview, int64, int, error) {
			return h.interviews.List(ctx, staff(h.elm), q)
		}
		for q, want := range map[posting.InterviewQuery]string{
			{}:                         "[4 3 2 1 0]",
			{State: posting.Requested}: "[2 3 4]",
			{State: posting.Approved}:  "[0]",
			{State: posting.Flagged}:   "[]",
			{Q: "rocket"}:              "[4 2 0]",
			{Q: "alder"}:               "[3 1]",
		} {
			if got := fmt.Sprint(all(q, byStaff)); got != want {
				t.Errorf("%+v: %s, want %s", q, got, want)
			}
		}
		mine := func(q posting.InterviewQuery) ([]posting.Interview, int64, int, error) {
			return h.interviews.Mine(ctx, keiko, q)
		}
		if got := fmt.Sprint(all(posting.InterviewQuery{}, mine)); got != "[3 1]" {
			t.Errorf("a company's: %s", got)
		}
		if _, _, _, err := byStaff(posting.InterviewQuery{State: "odd", Limit: 1}); !slices.Equal(paths(err), []string{"state"}) {
			t.Errorf("an unknown state: %v", err)
		}
		offers := must(h.interviews.Offers(ctx, keiko))
		if len(offers) != 1 || offers[0].JobID != nurse || offers[0].InstitutionID != h.elm {
			t.Errorf("offers %+v", offers)
		}
	})
}
