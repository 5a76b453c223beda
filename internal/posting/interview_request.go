package posting

import (
	"context"
	"fmt"
	"strings"

	"beckon/internal/audit"
	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/input"
	"beckon/internal/institution"
)

// InterviewInput is a schedule as a recruiter asks for it. The institution, the job, and of
// the schedule Date, StartsAt, SlotCount and SlotMinutes are required.
type InterviewInput struct {
	InstitutionID int64
	JobID         int64
	Schedule
}

// Request asks an institution for a schedule of interviews. The gate is asked as soon as
// the required inputs are there: its *gate.Refusal comes before everything that is wrong with
// the others. fault.Fields names `job` for one that is not the company's or not approved at
// that institution, and `date` or `starts_at` for a time that is over or never comes.
func (in *Interviews) Request(ctx context.Context, userID int64, req InterviewInput) (i Interview, err error) {
	var f input.Form
	req.required(&f)
	if err := f.Err(); err != nil {
		return Interview{}, err
	}
	err = in.DB.Write(ctx, func(tx *db.Tx) error {
		at, err := place(ctx, tx, req.InstitutionID)
		if err != nil {
			return err
		}
		if err := gate.Hold(ctx, tx, req.InstitutionID); err != nil {
			return err
		}
		pass, err := gate.Check(ctx, tx, userID, req.InstitutionID)
		if err != nil {
			return err
		}
		if err := req.check(ctx, tx, pass.CompanyID, at, in); err != nil {
			return err
		}
		if err := in.Book.Come(ctx, tx, req.InstitutionID, userID, contact.SourceInterview); err != nil {
			return err
		}
		id, err := in.insert(ctx, tx, userID, pass.CompanyID, req)
		if err != nil {
			return err
		}
		if i, err = oneInterview(ctx, tx, in.recruiter(), `r.institution_id = $1 AND r.id = $2`, req.InstitutionID, id); err != nil {
			return err
		}
		by, err := company.Actor(ctx, tx, userID)
		if err != nil {
			return err
		}
		if err := in.record(ctx, tx, by, i, Requested); err != nil {
			return err
		}
		return in.tellOfRequest(ctx, tx, i)
	})
	return i, err
}

// place is the institution that a request names.
func place(ctx context.Context, tx *db.Tx, institutionID int64) (institution.Institution, error) {
	at, err := institution.Load(ctx, tx, institutionID)
	if isNotFound(err) {
		err = fault.Invalid("institution", "is not an institution's id; take one from the list of institutions")
	}
	return at, err
}

// check finds everything that is wrong with a request that the gate has let through.
func (req *InterviewInput) check(ctx context.Context, tx *db.Tx, companyID int64, at institution.Institution, in *Interviews) error {
	var f input.Form
	var approved int
	err := tx.QueryRow(ctx, `
		SELECT COUNT(*) FROM jobs j JOIN job_postings p ON p.job_id = j.id
		WHERE j.id = $1 AND j.company_id = $2 AND p.institution_id = $3 AND p.state = 'approved'`, req.JobID, companyID, at.ID).Scan(&approved)
	if err != nil {
		return fmt.Errorf("look for the job of an interview: %w", err)
	}
	if approved == 0 {
		f.Add("job", "is not a job of your company that "+at.Name+" has approved; choose one that it shows to students")
	}
	req.coming(&f, at.Location(), in.Now())
	req.optional(&f)
	return f.Err()
}

func (in *Interviews) insert(ctx context.Context, tx *db.Tx, userID, companyID int64, req InterviewInput) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO interview_requests (institution_id, job_id, company_id, user_id, state, date, starts_at, slots, slot_minutes,
			break_minutes, pause_after, pause_minutes, way, video_url, needs, requested_at)
		VALUES ($1, $2, $3, $4, 'requested', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id`,
		req.InstitutionID, req.JobID, companyID, userID, req.Date, req.StartsAt, req.SlotCount, req.SlotMinutes,
		req.BreakMinutes, req.PauseAfter, req.PauseMinutes, req.Way, req.VideoURL, req.Needs, db.Millis(in.Now())).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("request an interview: %w", err)
	}
	return id, nil
}

// Preview answers the slots that a request would have, by the clock of its institution. It
// asks nobody and keeps nothing; fault.Fields as Request, but for the job.
func (in *Interviews) Preview(ctx context.Context, req InterviewInput) (i Interview, err error) {
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		at, err := place(ctx, tx, req.InstitutionID)
		if err != nil {
			return err
		}
		var f input.Form
		req.required(&f)
		if err := f.Err(); err != nil {
			return err
		}
		req.coming(&f, at.Location(), in.Now())
		req.optional(&f)
		if err := f.Err(); err != nil {
			return err
		}
		i = Interview{InstitutionID: at.ID, Institution: at.Name, Slug: at.Slug, Zone: at.Location(), Schedule: req.Schedule}
		i.Slots, err = i.plan(i.Zone)
		return err
	})
	return i, err
}

// AnswerProposal accepts the time that staff propose, which approves the request, or refuses
// it, after which the request stands as before. It takes what requesting took: a
// *gate.Refusal says what is missing meanwhile.
func (in *Interviews) AnswerProposal(ctx context.Context, userID, id int64, accept bool) error {
	return in.byRecruiter(ctx, userID, id, func(tx *db.Tx, by audit.Actor, i *Interview) error {
		if err := gate.Hold(ctx, tx, i.InstitutionID); err != nil {
			return err
		}
		if _, err := gate.Check(ctx, tx, userID, i.InstitutionID); err != nil {
			return err
		}
		if err := i.require(Proposed); err != nil {
			return err
		}
		verb := "refused"
		if accept {
			verb = "accepted"
			i.Date, i.StartsAt = i.ProposedDate, i.ProposedStartsAt
			if err := in.approve(ctx, tx, i, userID); err != nil {
				return err
			}
		} else {
			i.State, i.Place, i.Reason, i.ProposedDate, i.ProposedStartsAt = Requested, "", "", "", ""
			if err := in.put(ctx, tx, i, userID); err != nil {
				return err
			}
		}
		if err := in.record(ctx, tx, by, *i, verb); err != nil {
			return err
		}
		return in.tellStaff(ctx, tx, *i, InterviewAnswered)
	})
}

// Withdraw takes a request back before it is approved; fault.Conflict after. The gate is not
// asked: nobody is kept from taking back.
func (in *Interviews) Withdraw(ctx context.Context, userID, id int64) error {
	return in.byRecruiter(ctx, userID, id, func(tx *db.Tx, by audit.Actor, i *Interview) error {
		if i.State == Withdrawn {
			return nil
		}
		if err := i.require(Requested, Proposed); err != nil {
			return err
		}
		i.State, i.Place, i.Reason, i.ProposedDate, i.ProposedStartsAt = Withdrawn, "", "", "", ""
		if err := in.put(ctx, tx, i, userID); err != nil {
			return err
		}
		return in.record(ctx, tx, by, *i, Withdrawn)
	})
}

// CallOff cancels an approved schedule in the name of the company. The reason, of at most
// 1000 characters, is required; the students who have slots are told it, and so are staff.
func (in *Interviews) CallOff(ctx context.Context, userID, id int64, reason string) error {
	reason, err := reasoned(reason)
	if err != nil {
		return err
	}
	return in.byRecruiter(ctx, userID, id, func(tx *db.Tx, by audit.Actor, i *Interview) error {
		if err := in.cancel(ctx, tx, i, by, userID, reason); err != nil {
			return err
		}
		if userID != i.UserID {
			if err := in.tellRecruiter(ctx, tx, *i, InterviewDecided); err != nil {
				return err
			}
		}
		return in.tellStaff(ctx, tx, *i, InterviewCalledOff)
	})
}

func reasoned(reason string) (string, error) {
	var f input.Form
	reason = f.RequiredLines("reason", reason, 1000)
	return reason, f.Err()
}

// cancel ends an approved schedule that is still to come and tells the students who have
// slots in it. Who had which stays known.
func (in *Interviews) cancel(ctx context.Context, tx *db.Tx, i *Interview, by audit.Actor, userID int64, reason string) error {
	if err := i.require(Approved); err != nil {
		return err
	}
	if !i.Ends().After(in.Now()) {
		return errOver
	}
	i.State, i.Reason = Cancelled, reason
	if err := in.put(ctx, tx, i, userID); err != nil {
		return err
	}
	if err := in.record(ctx, tx, by, *i, Cancelled); err != nil {
		return err
	}
	return in.tellStudents(ctx, tx, *i, InterviewCancelled)
}

var errOver = fault.Conflict{Message: "the interviews are over"}

// ours picks the requests r that user $1 may work on: their own while in the company, and
// all of the company for its admins.
var ours = strings.ReplaceAll(own, "j.", "r.")

// byRecruiter changes a request in the name of one of those who may work on it; for anybody
// else it is fault.ErrNotFound.
func (in *Interviews) byRecruiter(ctx context.Context, userID, id int64, f func(*db.Tx, audit.Actor, *Interview) error) error {
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		i, err := oneInterview(ctx, tx, in.recruiter(), ours+` AND r.id = $2`, userID, id)
		if err != nil {
			return err
		}
		by, err := company.Actor(ctx, tx, userID)
		if err != nil {
			return err
		}
		return f(tx, by, &i)
	})
}
