package posting

import (
	"context"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/input"
	"beckon/internal/institution"
)

// Approve lets students take the slots of a request. The place, of at most 300 characters,
// is optional. Where another time was proposed, it is the recruiter's own that is approved.
// fault.Conflict tells that it is over, decided, or that the company or the job is not
// approved.
func (in *Interviews) Approve(ctx context.Context, s institution.Scope, id int64, place string) error {
	var f input.Form
	place = f.Line("place", place, 300)
	return in.byStaff(ctx, s, id, &f, func(tx *db.Tx, i *Interview) error {
		if i.State == Approved && i.Place == place {
			return nil
		}
		if err := i.require(Requested, Proposed); err != nil {
			return err
		}
		i.Place = place
		if err := in.approve(ctx, tx, i, s.UserID()); err != nil {
			return err
		}
		return in.decided(ctx, tx, s, *i)
	})
}

// Decline refuses a request. The reason, of at most 1000 characters, is optional; the
// company reads it.
func (in *Interviews) Decline(ctx context.Context, s institution.Scope, id int64, reason string) error {
	var f input.Form
	reason = f.Lines("reason", reason, 1000)
	return in.byStaff(ctx, s, id, &f, func(tx *db.Tx, i *Interview) error {
		if i.State == Declined {
			return nil
		}
		if err := i.require(Requested, Proposed); err != nil {
			return err
		}
		i.State, i.Place, i.Reason, i.ProposedDate, i.ProposedStartsAt = Declined, "", reason, "", ""
		if err := in.put(ctx, tx, i, s.UserID()); err != nil {
			return err
		}
		return in.decided(ctx, tx, s, *i)
	})
}

// Proposal is another time for a request. Date and StartsAt are required.
type Proposal struct {
	Date     string
	StartsAt string
	Place    string // at most 300 characters
	Note     string // at most 1,000 characters; the company reads it
}

// Propose offers another time, instead of one that was offered before. If the recruiter
// accepts, the request is approved with it.
func (in *Interviews) Propose(ctx context.Context, s institution.Scope, id int64, p Proposal) error {
	var f input.Form
	other := Schedule{Date: p.Date, StartsAt: p.StartsAt, SlotCount: 1, SlotMinutes: minSlotMinutes}
	other.required(&f)
	p.Place, p.Note = f.Line("place", p.Place, 300), f.Lines("note", p.Note, 1000)
	return in.byStaff(ctx, s, id, &f, func(tx *db.Tx, i *Interview) error {
		if err := i.require(Requested, Proposed); err != nil {
			return err
		}
		other.coming(&f, i.Zone, in.Now())
		if other.Date == i.Date && other.StartsAt == i.StartsAt {
			f.Add("starts_at", "is what the company asks for; approve it, or choose another")
		}
		if err := f.Err(); err != nil {
			return err
		}
		i.State, i.ProposedDate, i.ProposedStartsAt, i.Place, i.Reason = Proposed, other.Date, other.StartsAt, p.Place, p.Note
		if err := in.put(ctx, tx, i, s.UserID()); err != nil {
			return err
		}
		return in.decided(ctx, tx, s, *i)
	})
}

// Cancel ends an approved schedule that is still to come. The reason, of at most 1000
// characters, is required; the company is told it, and so are the students who have slots.
func (in *Interviews) Cancel(ctx context.Context, s institution.Scope, id int64, reason string) error {
	var f input.Form
	reason = f.RequiredLines("reason", reason, 1000)
	return in.byStaff(ctx, s, id, &f, func(tx *db.Tx, i *Interview) error {
		if err := in.cancel(ctx, tx, i, s.Actor(), s.UserID(), reason); err != nil {
			return err
		}
		return in.tellRecruiter(ctx, tx, *i, InterviewDecided)
	})
}

// Move tells another place, of at most 300 characters, for an approved schedule that is
// still to come. The company is told, and so are the students who have slots.
func (in *Interviews) Move(ctx context.Context, s institution.Scope, id int64, place string) error {
	var f input.Form
	place = f.Line("place", place, 300)
	return in.byStaff(ctx, s, id, &f, func(tx *db.Tx, i *Interview) error {
		if err := i.require(Approved); err != nil || i.Place == place {
			return err
		}
		if !i.Ends().After(in.Now()) {
			return errOver
		}
		i.Place = place
		if err := in.put(ctx, tx, i, s.UserID()); err != nil {
			return err
		}
		if err := in.record(ctx, tx, s.Actor(), *i, "moved"); err != nil {
			return err
		}
		if err := in.tellStudents(ctx, tx, *i, SlotMoved); err != nil {
			return err
		}
		return in.tellRecruiter(ctx, tx, *i, InterviewMoved)
	})
}

// byStaff changes a request at the scope's institution, if the inputs are right. Who approves
// a request while somebody blocks the company comes before the block, or after it.
func (in *Interviews) byStaff(ctx context.Context, s institution.Scope, id int64, f *input.Form, change func(*db.Tx, *Interview) error) error {
	if err := s.Require(institution.Review); err != nil {
		return err
	}
	if err := f.Err(); err != nil {
		return err
	}
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		if err := gate.Hold(ctx, tx, s.ID()); err != nil {
			return err
		}
		i, err := oneInterview(ctx, tx, in.staff(), `r.institution_id = $1 AND r.id = $2`, s.ID(), id)
		if err != nil {
			return err
		}
		return change(tx, &i)
	})
}

// decided records what staff decided and tells the recruiter.
func (in *Interviews) decided(ctx context.Context, tx *db.Tx, s institution.Scope, i Interview) error {
	if err := in.record(ctx, tx, s.Actor(), i, i.State); err != nil {
		return err
	}
	return in.tellRecruiter(ctx, tx, i, InterviewDecided)
}

// Requested is one request to the scope's institution, in any state; fault.ErrNotFound for
// any other.
func (in *Interviews) Requested(ctx context.Context, s institution.Scope, id int64) (i Interview, err error) {
	if err := s.Require(institution.Read); err != nil {
		return Interview{}, err
	}
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		i, err = oneInterview(ctx, tx, in.staff(), `r.institution_id = $1 AND r.id = $2`, s.ID(), id)
		return err
	})
	return i, err
}

// Waiting is how many requests wait for the institution's staff, flagged schedules
// included. It is cheap enough for every page.
func (in *Interviews) Waiting(ctx context.Context, s institution.Scope) (n int, err error) {
	if err := s.Require(institution.Read); err != nil {
		return 0, err
	}
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `
			SELECT (SELECT COUNT(*) FROM interview_requests r WHERE r.institution_id = $1 AND r.state = 'requested')
				+ (SELECT COUNT(*) FROM interview_requests r WHERE r.institution_id = $1 AND `+flagged("$2")+`)`,
			s.ID(), db.Millis(in.Now())).Scan(&n)
	})
	return n, err
}

// flagged picks the coming schedules r of companies that may not recruit at the institution
// now, which is the parameter's time in Unix milliseconds.
func flagged(now string) string {
	return `r.state = 'approved' AND r.ends_at > ` + now + ` AND NOT EXISTS (
		SELECT 1 FROM connections k WHERE k.institution_id = r.institution_id AND k.company_id = r.company_id AND k.state = 'approved')`
}

// checkState refuses what no request can be in.
func checkState(state string) error {
	for _, known := range append([]string{"", Flagged}, InterviewStates...) {
		if state == known {
			return nil
		}
	}
	return fault.Invalid("state", "choose requested, proposed, approved, declined, withdrawn, cancelled or flagged")
}
