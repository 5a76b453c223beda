package demo

import (
	"context"
	"time"

	"beckon/internal/account"
	"beckon/internal/posting"
)

// schedule is what a recruiter asks for in the story, and what becomes of it.
type schedule struct {
	firm *firm
	// job is which of the firm's approved jobs at Elm it is for.
	job int
	by  func() account.User
	// asked and held are days before and after the end of the story; negative: held before.
	asked, held float64
	posting.Schedule
	then func(context.Context, posting.Interview) error
}

// planInterviews lets the guests' companies ask for schedules, one in every state.
func (w *world) planInterviews() {
	north, second := w.firms[0], w.firms[1]
	half := posting.Schedule{StartsAt: "09:00", SlotCount: 8, SlotMinutes: 30, BreakMinutes: 5, PauseAfter: 4, PauseMinutes: 45, Needs: "A table for three and a socket."}
	short := posting.Schedule{StartsAt: "13:30", SlotCount: 6, SlotMinutes: 20, BreakMinutes: 5}
	video := posting.Schedule{StartsAt: "10:00", SlotCount: 10, SlotMinutes: 25, BreakMinutes: 5, Way: posting.Video, VideoURL: "https://meet.example/" + second.domain}
	admin := func(f *firm) func() account.User { return func() account.User { return f.admin } }
	recruiter := func(f *firm) func() account.User { return func() account.User { return f.recruiter } }
	for _, s := range []schedule{
		{north, 0, admin(north), 30, -9, short, w.approveSlots("Career centre, room 1.04", 5)},
		{north, 1, admin(north), 12, 6, half, w.approveSlots("Career centre, room 2.14", 5)},
		{second, 0, admin(second), 4, 12, short, w.proposeLater},
		{second, 0, recruiter(second), 1.2, 16, video, nil},
		{north, 0, recruiter(north), .4, 21, half, nil},
		{second, 1, recruiter(second), 9, 8, short, func(ctx context.Context, i posting.Interview) error {
			return w.interviews.Decline(ctx, w.elm.reviewer, i.ID, "All rooms are taken by exams that day.")
		}},
	} {
		w.plan(w.ago(s.asked), "ask for interviews", func(ctx context.Context) error { return w.askForInterviews(ctx, s) })
	}
}

func (w *world) askForInterviews(ctx context.Context, s schedule) error {
	jobs := w.approved[s.firm]
	s.Date = w.weekday(s.held).Format(time.DateOnly)
	i, err := w.interviews.Request(ctx, s.by().ID, posting.InterviewInput{InstitutionID: w.elm.ID, JobID: jobs[s.job%len(jobs)], Schedule: s.Schedule})
	if err != nil || s.then == nil {
		return err
	}
	w.later(w.days(.5, 2), "decide about interviews", func(ctx context.Context) error { return s.then(ctx, i) })
	return nil
}

// weekday is the day so many days after the end of the story, or the first one after it that
// is no Saturday or Sunday.
func (w *world) weekday(days float64) time.Time {
	at := w.ago(-days).In(w.elm.Location())
	for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// approveSlots approves with a place and lets so many students take slots.
func (w *world) approveSlots(place string, students int) func(context.Context, posting.Interview) error {
	return func(ctx context.Context, i posting.Interview) error {
		if err := w.interviews.Approve(ctx, w.elm.reviewer, i.ID, place); err != nil {
			return err
		}
		for n, p := range w.pupils[:students] {
			w.later(w.days(.1, 5), "take a slot", func(ctx context.Context) error { return w.interviews.Take(ctx, p.scope, i.ID, n+2) })
		}
		return nil
	}
}

// proposeLater proposes the afternoon of the next day.
func (w *world) proposeLater(ctx context.Context, i posting.Interview) error {
	return w.interviews.Propose(ctx, w.elm.reviewer, i.ID, posting.Proposal{Date: w.weekday(13).Format(time.DateOnly), StartsAt: "14:00",
		Place: "Library, room 3", Note: "The morning is full; this is a quiet room, and students are free then."})
}
