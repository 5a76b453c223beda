package posting_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/posting"
)

func TestTakeAndGiveBack(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		wren, ola := h.student(h.elm, "Wren Castellanos", "wren@students.example"), h.student(h.elm, "Ola Berg", "ola@students.example")
		video := h.wish()
		video.Way, video.VideoURL, video.Needs = posting.Video, "https://meet.example/1", "A screen"
		i := h.held(video)
		h.ok(h.interviews.Take(ctx, wren, i.ID, 2))
		h.ok(h.interviews.Take(ctx, wren, i.ID, 2)) // a double click
		if err := h.interviews.Take(ctx, ola, i.ID, 2); !conflicts(err, "somebody else has taken 09:25") {
			t.Errorf("taken twice: %v", err)
		}
		if err := h.interviews.Take(ctx, wren, i.ID, 3); !conflicts(err, "already") {
			t.Errorf("two of one schedule: %v", err)
		}
		if err := h.interviews.GiveBack(ctx, ola, i.ID, 2); !conflicts(err, "not yours") {
			t.Errorf("another's given back: %v", err)
		}
		mine, theirs := must(h.interviews.Open(ctx, wren, h.job))[0], must(h.interviews.Open(ctx, ola, h.job))[0]
		if !mine.Slots[1].Mine || mine.VideoURL == "" || mine.Needs != "" || mine.Slots[1].Student != "" {
			t.Errorf("who has a slot sees %+v", mine)
		}
		if !theirs.Slots[1].Taken || theirs.Slots[1].Mine || theirs.VideoURL != "" {
			t.Errorf("who has none sees %+v", theirs)
		}
		if got := must(h.interviews.Get(ctx, h.amara, i.ID)); got.Slots[1].Student != "Wren C." || got.Taken() != 1 {
			t.Errorf("the recruiter sees %+v", got.Slots[1])
		}
		h.ok(h.interviews.Take(ctx, h.student(h.elm, "Xu O", "xu@students.example"), i.ID, 4))
		if got := must(h.interviews.Get(ctx, h.amara, i.ID)); got.Slots[3].Student != "Xu" {
			t.Errorf("the recruiter sees all of a last name of one letter: %+v", got.Slots[3])
		}
		if n := h.Int(`SELECT COUNT(*) FROM outbox WHERE kind = 'interview_taken' AND recipient = 'wren@students.example'`); n != 1 {
			t.Errorf("%d confirmations", n)
		}
		h.ok(h.interviews.GiveBack(ctx, wren, i.ID, 2))
		h.ok(h.interviews.Take(ctx, ola, i.ID, 2))
		for _, n := range []int{0, 5, -1} {
			if err := h.interviews.Take(ctx, wren, i.ID, n); !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("slot %d: %v", n, err)
			}
		}
		h.now = i.Slots[1].StartsAt
		if err := h.interviews.GiveBack(ctx, ola, i.ID, 2); !conflicts(err, "until it begins") {
			t.Errorf("given back late: %v", err)
		}
		if err := h.interviews.Take(ctx, wren, i.ID, 1); !conflicts(err, "over") {
			t.Errorf("taken late: %v", err)
		}
		h.ok(h.interviews.Take(ctx, wren, i.ID, 3))
	})
}

func TestAppointmentsDoNotOverlap(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		wren := h.student(h.elm, "Wren Castellanos", "wren@students.example")
		first, req := h.held(h.wish()), h.wish() // 09:00 09:25 09:50 10:15
		req.StartsAt, req.SlotMinutes = "09:20", 30
		second := h.held(req) // 09:20 09:50 10:20 10:50
		h.ok(h.interviews.Take(ctx, wren, first.ID, 2))
		if err := h.interviews.Take(ctx, wren, second.ID, 1); !conflicts(err, "an interview with Northwind at 09:25") {
			t.Errorf("overlapping: %v", err)
		}
		h.ok(h.interviews.Take(ctx, wren, second.ID, 2)) // begins as the other ends
		h.ok(h.interviews.Cancel(ctx, staff(h.elm), first.ID, "Fire"))
		h.ok(h.interviews.GiveBack(ctx, wren, second.ID, 2))
		h.ok(h.interviews.Take(ctx, wren, second.ID, 1))
	})
}

func TestStudentsReachTheirInstitutionAlone(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		oak := h.Institution("Oak College")
		i := h.held(h.wish())
		waiting := must(h.interviews.Request(ctx, h.amara, h.wish())).ID
		wren, ada := h.student(h.elm, "Wren Castellanos", "wren@students.example"), h.student(oak, "Ada Lind", "ada@students.example")
		for name, err := range map[string]error{
			"another's":    h.interviews.Take(ctx, ada, i.ID, 1),
			"not approved": h.interviews.Take(ctx, wren, waiting, 1),
			"given back":   h.interviews.GiveBack(ctx, ada, i.ID, 1),
		} {
			if !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if open := must(h.interviews.Open(ctx, ada, h.job)); len(open) != 0 {
			t.Errorf("another institution's: %+v", open)
		}
		var forbidden fault.Forbidden
		if err := h.interviews.Take(ctx, staff(h.elm), i.ID, 1); !errors.As(err, &forbidden) {
			t.Errorf("staff take: %v", err)
		}
		h.ok(h.Decline(ctx, staff(h.elm), h.job, ""))
		if err := h.interviews.Take(ctx, wren, i.ID, 1); !conflicts(err, "may not interview") {
			t.Errorf("for a job that is hidden: %v", err)
		}
	})
}

func TestStudentsFindJobsWithInterviews(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		wren := h.student(h.elm, "Wren Castellanos", "wren@students.example")
		other := h.approvedJob(h.amara, "Bridge builder", h.elm)
		found := func(q posting.Query) (titles string) {
			t.Helper()
			q.Limit = 10
			page, _, total, err := h.Live(ctx, wren, q)
			if err != nil || total != len(page) {
				t.Errorf("%d of %d: %v", len(page), total, err)
			}
			for _, j := range page {
				titles += j.Title + ";"
			}
			return titles
		}
		must(h.interviews.Request(ctx, h.amara, h.wish())) // asked for, not approved
		if got := found(posting.Query{Interviewing: true}); got != "" {
			t.Errorf("before one is approved: %s", got)
		}
		req := h.wish()
		req.JobID = other
		i := h.held(req)
		if got := found(posting.Query{Interviewing: true}); got != "Bridge builder;" || found(posting.Query{Interviewing: true, Q: "rocket"}) != "" {
			t.Errorf("with one to come: %s", got)
		}
		if got := found(posting.Query{}); strings.Count(got, ";") != 2 {
			t.Errorf("all: %s", got)
		}
		h.Jobs.Now = i.Ends
		if got := found(posting.Query{Interviewing: true}); got != "" {
			t.Errorf("when it is over: %s", got)
		}
	})
}

// students makes many of them, at once where one by one would take long.
func (h *hall) students(n int) []institution.Scope {
	h.T.Helper()
	all := make([]institution.Scope, n)
	users := make([]int64, n)
	h.Write(func(ctx context.Context, tx *db.Tx) error {
		for i := range all {
			email := fmt.Sprintf("s%d@students.example", i)
			err := tx.QueryRow(ctx, `INSERT INTO users (first_name, last_name, created_at, updated_at) VALUES ('Sam', 'Race', 1, 1) RETURNING id`).Scan(&users[i])
			if err != nil {
				return err
			}
			if _, err = tx.Exec(ctx, `INSERT INTO user_addresses (user_id, email, email_key, verified_at, is_primary, created_at) VALUES ($1, $2, $2, 1, 1, 1)`, users[i], email); err != nil {
				return err
			}
			if err := addStudent(ctx, tx, h.elm, "Sam", "Race", email); err != nil {
				return err
			}
		}
		return nil
	})
	for i, user := range users {
		all[i] = must(institution.Student(ctx, h.World.DB, user, h.elm))
	}
	return all
}

func TestAThousandStudentsRaceForTwentySlots(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		req := h.wish()
		req.SlotCount = 20
		i := h.held(req)
		const many = 1000
		errs := make([]error, many)
		var start, done sync.WaitGroup
		start.Add(1)
		for n, s := range h.students(many) {
			done.Go(func() {
				start.Wait()
				errs[n] = h.interviews.Take(ctx, s, i.ID, n%20+1)
			})
		}
		start.Done()
		done.Wait()
		taken, told := 0, 0
		for _, err := range errs {
			switch {
			case err == nil:
				taken++
			case conflicts(err, "taken"):
				told++
			default:
				t.Errorf("somebody was told %v", err)
			}
		}
		if taken != 20 || told != many-20 {
			t.Errorf("%d have a slot and %d were told that it is taken", taken, told)
		}
		if n := h.Int(`SELECT COUNT(DISTINCT student_id) FROM interview_slots WHERE request_id = $1 AND student_id > 0`, i.ID); n != 20 {
			t.Errorf("%d students have slots", n)
		}
		if n := h.Int(`SELECT COUNT(*) FROM outbox WHERE kind = 'interview_taken'`); n != 20 {
			t.Errorf("%d confirmations", n)
		}
	})
}

func TestOneStudentInManyTabsHasOneSlot(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		wren := h.student(h.elm, "Wren Castellanos", "wren@students.example")
		req := h.wish()
		req.SlotCount = 30
		first, second := h.held(req), h.held(req) // at the same times
		var done sync.WaitGroup
		for n := range 30 {
			for _, id := range []int64{first.ID, second.ID} {
				done.Go(func() {
					if err := h.interviews.Take(ctx, wren, id, n+1); err != nil && !conflicts(err, "") {
						t.Errorf("slot %d: %v", n+1, err)
					}
				})
			}
		}
		done.Wait()
		if n := h.Int(`SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM interview_slots WHERE student_id = $1 GROUP BY request_id) AS counts`, wren.StudentID()); n != 1 {
			t.Errorf("%d slots in one schedule", n)
		}
		overlaps := h.Int(`SELECT COUNT(*) FROM interview_slots a JOIN interview_slots b ON a.student_id = b.student_id AND a.request_id < b.request_id
			AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at WHERE a.student_id > 0`)
		if overlaps != 0 {
			t.Error("two appointments at one time")
		}
	})
}

func TestWhoTakesWhileItIsCancelledIsTold(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		req := h.wish()
		req.SlotCount = 40
		i := h.held(req)
		var done sync.WaitGroup
		for n, s := range h.students(40) {
			done.Go(func() {
				if err := h.interviews.Take(ctx, s, i.ID, n+1); err != nil && !conflicts(err, "may not interview") {
					t.Errorf("slot %d: %v", n+1, err)
				}
			})
			if n == 20 {
				done.Go(func() { h.ok(h.interviews.Cancel(ctx, staff(h.elm), i.ID, "Fire")) })
			}
		}
		done.Wait()
		told := h.Int(`SELECT COUNT(*) FROM outbox WHERE kind = 'interview_cancelled'`)
		if taken := h.Int(`SELECT COUNT(*) FROM interview_slots WHERE student_id > 0`); taken != told {
			t.Errorf("%d have slots and %d are told that these are cancelled", taken, told)
		}
	})
}

func TestLettersAboutInterviews(t *testing.T) {
	h := newHall(newWorld(t, sqlite(t)))
	wren := h.student(h.elm, "Wren Castellanos", "wren@students.example")
	i := must(h.interviews.Request(ctx, h.amara, h.wish()))
	said := h.letters()
	h.ok(h.interviews.Propose(ctx, staff(h.elm), i.ID, posting.Proposal{Date: "2027-07-01", StartsAt: "10:00", Note: "Summer is better."}))
	said += h.letters()
	h.ok(h.interviews.AnswerProposal(ctx, h.amara, i.ID, true))
	said += h.letters()
	h.ok(h.interviews.Take(ctx, wren, i.ID, 3))
	said += h.letters()
	h.ok(h.interviews.GiveBack(ctx, wren, i.ID, 3))
	said += h.letters()
	h.ok(h.interviews.Take(ctx, wren, i.ID, 4))
	h.ok(h.interviews.GiveBack(ctx, wren, i.ID, 4))
	h.ok(h.interviews.Take(ctx, wren, i.ID, 4))
	if again := h.letters(); strings.Contains(again, "given back") || strings.Count(again, "Your interview with") == 0 {
		t.Errorf("who takes it again is told %s", again)
	}
	h.ok(h.interviews.Cancel(ctx, staff(h.elm), i.ID, "The hall is flooded."))
	said += h.letters()
	for _, part := range []string{
		"careers@elm.example: Northwind asks for interviews", "Thursday 3 December 2026, 09:00 to 10:40 (Europe/Copenhagen, UTC+1)",
		"https://beckon.example/at/elm/interviews/" + db.FormatID(i.ID),
		"amara@northwind.example: Elm University proposes another time: Rocket engineer", "Thursday 1 July 2027, 10:00 to 11:40 (Europe/Copenhagen, UTC+2)", "Summer is better.",
		"careers@elm.example: Northwind accepts your proposal",
		"wren@students.example: Your interview with Northwind", "Thursday 1 July 2027, 10:50 to 11:15", "https://beckon.example/appointment/",
		"wren@students.example: You have given back your time with Northwind", "Take it out of your calendar",
		"wren@students.example: Your interview with Northwind is cancelled", "The hall is flooded.",
		"amara@northwind.example: Interviews at Elm University are cancelled: Rocket engineer", "The student who had a time is told.",
	} {
		if !strings.Contains(strings.Join(strings.Fields(said), " "), part) {
			t.Errorf("nothing says %q in\n%s", part, said)
		}
	}
	h.now = h.now.Add(time.Hour)
	h.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE outbox SET state = 'queued'`)
		return err
	})
	if late := h.letters(); strings.Contains(late, "proposes") || strings.Contains(late, "accepts") || strings.Contains(late, "asks for") {
		t.Errorf("what is over is told: %s", late)
	}
}
