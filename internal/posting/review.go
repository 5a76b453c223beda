package posting

import (
	"context"
	"fmt"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/input"
	"beckon/internal/institution"
	"beckon/internal/mail"
	"beckon/internal/recruiting"
)

// JobDecided is the kind of the mail that tells a job's author what staff decided.
const JobDecided = "job_decided"

// Approve shows a job to the institution's students. A job that the company has withdrawn,
// and one of a company that may not recruit there now, is fault.Conflict.
func (j *Jobs) Approve(ctx context.Context, s institution.Scope, jobID int64) error {
	return j.decide(ctx, s, jobID, Approved, "")
}

// Decline keeps a job from the institution's students, or takes it away from them. The
// reason, of at most 1000 characters, is optional; the company reads it.
func (j *Jobs) Decline(ctx context.Context, s institution.Scope, jobID int64, reason string) error {
	return j.decide(ctx, s, jobID, Declined, reason)
}

func (j *Jobs) decide(ctx context.Context, s institution.Scope, jobID int64, state, reason string) error {
	if err := s.Require(institution.Review); err != nil {
		return err
	}
	var f input.Form
	reason = f.Lines("reason", reason, 1000)
	if err := f.Err(); err != nil {
		return err
	}
	return j.DB.Write(ctx, func(tx *db.Tx) error {
		if err := gate.Hold(ctx, tx, s.ID()); err != nil {
			return err
		}
		job, err := posted(ctx, tx, s, jobID)
		if err != nil {
			return err
		}
		switch p := job.Postings[0]; {
		case p.State == state:
			return nil
		case p.State == Withdrawn:
			return errWithdrawn
		case state == Approved && p.Connection != recruiting.Approved:
			return fault.Conflict{Message: job.Company + " is not approved here; approve it first", ExistingID: job.CompanyID}
		}
		// The state is read again by the statement itself: the company may withdraw meanwhile.
		n, err := tx.Exec(ctx, `
			UPDATE job_postings SET state = $3, reason = $4, decided_at = $5, decided_by = $6
			WHERE institution_id = $1 AND job_id = $2 AND state <> 'withdrawn'`, s.ID(), jobID, state, reason, db.Millis(j.Now()), s.UserID())
		if err != nil {
			return fmt.Errorf("decide about a job: %w", err)
		}
		if n == 0 {
			return errWithdrawn
		}
		if err := j.record(ctx, tx, s.Actor(), s.ID(), jobID, "job."+state, reason); err != nil {
			return err
		}
		return j.tell(ctx, tx, job, s.ID(), state)
	})
}

var errWithdrawn = fault.Conflict{Message: "the company has withdrawn the job"}

// tell queues a mail to the job's author, unless the person has left the company.
func (j *Jobs) tell(ctx context.Context, tx *db.Tx, job Job, institutionID int64, state string) error {
	to, err := company.Address(ctx, tx, job.CompanyID, job.UserID)
	if err != nil || to == "" {
		return err
	}
	return mail.Queue(ctx, tx, j.Now(), mail.Notice{InstitutionID: institutionID, Kind: JobDecided, To: to,
		Params: map[string]string{"job": db.FormatID(job.ID), "state": state}})
}

// Letters are the writers of this package's mails, by kind. baseURL is where Beckon's pages
// are, without a slash at the end. A decision that was changed meanwhile is not told.
func (j *Jobs) Letters(baseURL string) map[string]mail.LetterFunc {
	return map[string]mail.LetterFunc{
		JobDecided: func(ctx context.Context, n mail.Notice) (string, mail.Letter, bool, error) {
			id, _ := db.ParseID(n.Params["job"])
			job, err := j.Posted(ctx, institution.System(n.InstitutionID, "write a notice"), id)
			if isNotFound(err) || err == nil && job.Postings[0].State != n.Params["state"] {
				return "", mail.Letter{}, false, nil
			}
			if err != nil {
				return "", mail.Letter{}, false, err
			}
			subject, l := decidedLetter(job, job.Postings[0], baseURL)
			return subject, l, true, nil
		},
	}
}

func decidedLetter(job Job, p Posting, baseURL string) (subject string, l mail.Letter) {
	l = mail.Letter{
		Institution: p.Institution,
		Button:      mail.Link{Text: "See your jobs", URL: baseURL + "/recruit/jobs"},
		Footer:      []string{fmt.Sprintf("You receive this because you posted a job to %s.", p.Institution)},
	}
	if p.State == Approved {
		subject = fmt.Sprintf("%s shows your job: %s", p.Institution, job.Title)
		l.Paragraphs = []string{fmt.Sprintf("Students of %s can see “%s” from now on.", p.Institution, job.Title)}
	} else {
		subject = fmt.Sprintf("%s has declined your job: %s", p.Institution, job.Title)
		l.Paragraphs = []string{fmt.Sprintf("%s does not show “%s” to its students.", p.Institution, job.Title)}
		if p.Reason != "" {
			l.Note, l.NoteFrom = p.Reason, p.Institution
		}
	}
	l.Heading = subject
	return subject, l
}
