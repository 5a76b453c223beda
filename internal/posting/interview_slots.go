package posting

import (
	"context"
	"fmt"
	"slices"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// Open are the coming schedules of a job in which the student may take a slot, or has one,
// the soonest first. Where a video interview is held is told to those who have a slot.
// There are none while the job or its company is not approved at the institution.
func (in *Interviews) Open(ctx context.Context, s institution.Scope, jobID int64) (all []Interview, err error) {
	if err := s.Require(institution.Attend); err != nil {
		return nil, err
	}
	side := in.attending(s)
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = interviews(ctx, tx, side, `r.institution_id = $1 AND r.job_id = $2 AND r.state = 'approved' AND r.ends_at > $3 ORDER BY r.ends_at, r.id`,
			s.ID(), jobID, db.Millis(side.now))
		return err
	})
	all = slices.DeleteFunc(all, func(i Interview) bool { return !i.Open() })
	for n := range all {
		i := &all[n]
		i.Needs = ""
		if !slices.ContainsFunc(i.Slots, func(s Slot) bool { return s.Mine }) {
			i.VideoURL = ""
		}
	}
	return all, err
}

func (in *Interviews) attending(s institution.Scope) reader {
	return reader{now: in.Now(), student: s.StudentID()}
}

// Take gives a slot to the student, who may have one in each schedule, and none that begins
// before another of the student's has ended. It is possible until the slot begins.
// fault.Conflict says what is in the way: somebody else has it, or the company may not
// recruit at the institution now.
func (in *Interviews) Take(ctx context.Context, s institution.Scope, interviewID int64, n int) error {
	if err := in.late(ctx, s, interviewID, n); err != nil {
		return err
	}
	return in.byStudent(ctx, s, interviewID, n, func(tx *db.Tx, i Interview, slot Slot) error {
		if slot.Mine {
			return nil
		}
		if err := in.takeable(ctx, tx, s, i, slot); err != nil {
			return err
		}
		taken, err := tx.Exec(ctx, `
			UPDATE interview_slots SET student_id = $4, taken_at = $5
			WHERE institution_id = $1 AND request_id = $2 AND n = $3 AND student_id = 0`,
			s.ID(), i.ID, n, s.StudentID(), db.Millis(in.Now()))
		if err != nil {
			return fmt.Errorf("take a slot: %w", err)
		}
		if taken == 0 {
			return isTaken(i, slot)
		}
		if err := s.Record(ctx, tx, in.Now(), "interview.slot_taken", "interview", i.ID, map[string]any{"slot": n}); err != nil {
			return err
		}
		return in.tellStudent(ctx, tx, i, slot.N, s.StudentID(), InterviewTaken)
	})
}

// late tells who comes after another that the slot is taken, without waiting for those who
// are about to take others.
func (in *Interviews) late(ctx context.Context, s institution.Scope, id int64, n int) error {
	if err := s.Require(institution.Attend); err != nil {
		return err
	}
	return in.DB.Read(ctx, func(tx *db.Tx) error {
		i, err := oneInterview(ctx, tx, in.attending(s), `r.institution_id = $1 AND r.id = $2 AND r.ends_at > 0`, s.ID(), id)
		if err != nil || n < 1 || n > len(i.Slots) {
			return err
		}
		if slot := i.Slots[n-1]; i.Open() && slot.Taken && !slot.Mine && slot.StartsAt.After(in.Now()) {
			return isTaken(i, slot)
		}
		return nil
	})
}

// takeable says what keeps a student from taking a slot.
func (in *Interviews) takeable(ctx context.Context, tx *db.Tx, s institution.Scope, i Interview, slot Slot) error {
	switch {
	case !i.Open():
		return fault.Conflict{Message: i.Company + " may not interview students of " + i.Institution + " for this job now"}
	case !slot.StartsAt.After(in.Now()):
		return fault.Conflict{Message: "that time is over; choose a later one"}
	case slot.Taken:
		return isTaken(i, slot)
	case slices.ContainsFunc(i.Slots, func(other Slot) bool { return other.Mine }):
		return fault.Conflict{Message: "you have a time in this schedule already; give it back first"}
	}
	var company string
	var starts int64
	err := tx.QueryRow(ctx, `
		SELECT c.name, s.starts_at FROM interview_slots s JOIN interview_requests r ON r.id = s.request_id JOIN companies c ON c.id = r.company_id
		WHERE s.institution_id = $1 AND s.student_id = $2 AND s.starts_at < $4 AND s.ends_at > $3 AND r.state = 'approved' LIMIT 1`,
		s.ID(), s.StudentID(), db.Millis(slot.StartsAt), db.Millis(slot.EndsAt)).Scan(&company, &starts)
	if db.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for appointments at the same time: %w", err)
	}
	return fault.Conflict{Message: fmt.Sprintf("you have an interview with %s at %s then; choose another time", company, i.clock(db.Time(starts)))}
}

// clock is a moment as the institution's clock shows it.
func (i Interview) clock(t time.Time) string { return t.In(i.Zone).Format("15:04") }

// isTaken is the answer to who was not quick enough.
func isTaken(i Interview, slot Slot) error {
	for _, other := range i.Slots {
		if !other.Taken && other.N != slot.N {
			return fault.Conflict{Message: "somebody else has taken " + i.clock(slot.StartsAt) + "; choose another time"}
		}
	}
	return fault.Conflict{Message: "every time of this schedule is taken"}
}

// GiveBack lets others have a slot of the student's, who gets a mail that takes it out of the
// calendar, too. It is possible until the slot begins,
// whatever the company may do meanwhile; fault.Conflict after, and for another's slot.
func (in *Interviews) GiveBack(ctx context.Context, s institution.Scope, interviewID int64, n int) error {
	return in.byStudent(ctx, s, interviewID, n, func(tx *db.Tx, i Interview, slot Slot) error {
		switch {
		case i.State != Approved:
			return fault.Conflict{Message: "the interviews are cancelled; there is nothing to give back"}
		case !slot.Mine:
			return fault.Conflict{Message: "that time is not yours"}
		case !slot.StartsAt.After(in.Now()):
			return fault.Conflict{Message: "a time can be given back until it begins"}
		}
		_, err := tx.Exec(ctx, `
			UPDATE interview_slots SET student_id = 0, taken_at = 0 WHERE institution_id = $1 AND request_id = $2 AND n = $3 AND student_id = $4`,
			s.ID(), i.ID, n, s.StudentID())
		if err != nil {
			return fmt.Errorf("give a slot back: %w", err)
		}
		if err := s.Record(ctx, tx, in.Now(), "interview.slot_given_back", "interview", i.ID, map[string]any{"slot": n}); err != nil {
			return err
		}
		return in.tellStudent(ctx, tx, i, slot.N, s.StudentID(), InterviewGivenBack)
	})
}

// byStudent changes a slot of a schedule that is or was approved at the scope's institution;
// fault.ErrNotFound for any other. Rows are held in one order, the student's and then the
// schedule's: what a student has, and who has what in a schedule, change one at a time.
func (in *Interviews) byStudent(ctx context.Context, s institution.Scope, id int64, n int, change func(*db.Tx, Interview, Slot) error) error {
	if err := s.Require(institution.Attend); err != nil {
		return err
	}
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		for _, hold := range []struct {
			what, query string
			id          int64
		}{
			{"student", `UPDATE students SET updated_at = updated_at WHERE institution_id = $1 AND id = $2`, s.StudentID()},
			{"interview", `UPDATE interview_requests SET revision = revision WHERE institution_id = $1 AND id = $2 AND ends_at > 0`, id},
		} {
			found, err := tx.Exec(ctx, hold.query, s.ID(), hold.id)
			if err != nil {
				return fmt.Errorf("hold a %s: %w", hold.what, err)
			}
			if found == 0 {
				return fault.NotFound(hold.what)
			}
		}
		i, err := oneInterview(ctx, tx, in.attending(s), `r.institution_id = $1 AND r.id = $2`, s.ID(), id)
		if err != nil {
			return err
		}
		if n < 1 || n > len(i.Slots) {
			return fault.NotFound("time")
		}
		return change(tx, i, i.Slots[n-1])
	})
}
