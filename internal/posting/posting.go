// Package posting holds what companies post to institutions behind the gate: jobs, and the
// schedules of interviews for them.
package posting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"beckon/internal/audit"
	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/fold"
	"beckon/internal/gate"
	"beckon/internal/input"
)

// States of a posting: a job at one institution.
const (
	Pending   = "pending" // staff have not decided
	Approved  = "approved"
	Declined  = "declined"
	Withdrawn = "withdrawn" // by the company
)

// States lists the states in their order.
var States = []string{Pending, Approved, Declined, Withdrawn}

// Kinds of jobs; blank is none of them.
var Kinds = []string{"full_time", "part_time", "internship", "temporary"}

// maxInstitutions is to how many institutions one job may be posted at once.
const maxInstitutions = 200

// Jobs is the register of jobs. It is safe for concurrent use.
type Jobs struct {
	DB  *db.DB
	Now func() time.Time
	// Book is where those who post become contacts.
	Book *contact.Book
}

// JobInput is a job as a recruiter writes it. Title, Description and Institutions are
// required.
type JobInput struct {
	Title        string // at most 200 characters
	Description  string // at most 20,000 characters
	Location     string // at most 300 characters
	Kind         string // one of Kinds, or blank
	ApplyURL     string
	Institutions []int64
}

// Job is what a company offers.
type Job struct {
	ID          int64
	CompanyID   int64
	Company     string
	UserID      int64
	PostedBy    string // the user's name; at an institution blank unless the user is its contact
	Title       string
	Description string
	Location    string
	Kind        string
	ApplyURL    string
	CreatedAt   time.Time
	Postings    []Posting
}

// Posting is a job at one institution.
type Posting struct {
	InstitutionID int64
	Institution   string
	State         string
	Reason        string // why it was declined
	PostedAt      time.Time
	DecidedAt     time.Time
	// Connection is the state of the company's connection with the institution.
	Connection string
	// Live tells that students of the institution may see it: it is approved, and so is the
	// company there now.
	Live bool
}

// Post posts a job to institutions, all or none. The gate is asked for each of them, in the
// order given, as soon as the required inputs are there: its *gate.Refusal comes before
// faults of optional ones. An institution that does not exist is fault.Fields. Who posts
// becomes a contact of each.
func (j *Jobs) Post(ctx context.Context, userID int64, in JobInput) (job Job, err error) {
	var f input.Form
	in.Title = f.Required("title", in.Title, 200)
	in.Description = f.RequiredLines("description", in.Description, 20_000)
	if n := len(in.Institutions); n == 0 || n > maxInstitutions {
		f.Add("institutions", fmt.Sprintf("name 1 to %d institutions", maxInstitutions))
	}
	if err := f.Err(); err != nil {
		return Job{}, err
	}
	err = j.DB.Write(ctx, func(tx *db.Tx) error {
		if err := known(ctx, tx, in.Institutions); err != nil {
			return err
		}
		if err := gate.Hold(ctx, tx, in.Institutions...); err != nil {
			return err
		}
		pass, err := checkAll(ctx, tx, userID, in.Institutions)
		if err != nil {
			return err
		}
		if err := in.optional(); err != nil {
			return err
		}
		in.Institutions = slices.Compact(slices.Sorted(slices.Values(in.Institutions)))
		for _, institutionID := range in.Institutions {
			if err := j.Book.Come(ctx, tx, institutionID, userID, contact.SourceJob); err != nil {
				return err
			}
		}
		id, err := j.insert(ctx, tx, userID, pass.CompanyID, in)
		if err != nil {
			return err
		}
		job, err = one(ctx, tx, everywhere, `j.id = $1`, id)
		return err
	})
	return job, err
}

// known names the institutions that do not exist.
func known(ctx context.Context, tx *db.Tx, ids []int64) error {
	exist, err := ints(ctx, tx, `SELECT id FROM institutions WHERE id IN (`+db.Params(1, len(ids))+`)`, db.Args(ids)...)
	if err != nil {
		return err
	}
	var f input.Form
	for i, id := range ids {
		if !slices.Contains(exist, id) {
			f.Add(fmt.Sprintf("institutions[%d]", i), "is not an institution's id; take one from the list of institutions")
		}
	}
	return f.Err()
}

// checkAll asks the gate for every institution and answers the first refusal.
func checkAll(ctx context.Context, tx *db.Tx, userID int64, institutions []int64) (pass gate.Pass, err error) {
	for _, id := range institutions {
		if pass, err = gate.Check(ctx, tx, userID, id); err != nil {
			return gate.Pass{}, err
		}
	}
	return pass, nil
}

// optional checks what may be left out.
func (in *JobInput) optional() error {
	var f input.Form
	in.Location = f.Line("location", in.Location, 300)
	in.ApplyURL = f.URL("apply_url", in.ApplyURL)
	if in.Kind != "" && !slices.Contains(Kinds, in.Kind) {
		f.Add("kind", "is none of "+strings.Join(Kinds, ", ")+"; choose one or leave it out")
	}
	return f.Err()
}

func (j *Jobs) insert(ctx context.Context, tx *db.Tx, userID, companyID int64, in JobInput) (id int64, err error) {
	by, err := company.Actor(ctx, tx, userID)
	if err != nil {
		return 0, err
	}
	now := db.Millis(j.Now())
	err = tx.QueryRow(ctx, `
		INSERT INTO jobs (company_id, user_id, title, title_key, description, location, kind, apply_url, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
		companyID, userID, in.Title, fold.Text(in.Title), in.Description, in.Location, in.Kind, in.ApplyURL, now).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("post a job: %w", err)
	}
	for _, institutionID := range in.Institutions {
		_, err := tx.Exec(ctx, `
			INSERT INTO job_postings (institution_id, job_id, state, posted_at) VALUES ($1, $2, 'pending', $3)`, institutionID, id, now)
		if err != nil {
			return 0, fmt.Errorf("post a job: %w", err)
		}
		if err := j.record(ctx, tx, by, institutionID, id, "job.posted", ""); err != nil {
			return 0, err
		}
	}
	return id, nil
}

func (j *Jobs) record(ctx context.Context, tx *db.Tx, by audit.Actor, institutionID, jobID int64, action, reason string) error {
	detail := map[string]any{}
	if reason != "" {
		detail["reason"] = reason
	}
	return audit.Record(ctx, tx, audit.Event{InstitutionID: institutionID, At: j.Now(), Actor: by, Action: action, SubjectKind: "job", SubjectID: jobID, Detail: detail})
}

// Withdraw takes a job back from the institutions named, or from all without any. Its
// author may, and the company's admins; for anybody else the job is fault.ErrNotFound.
func (j *Jobs) Withdraw(ctx context.Context, userID, jobID int64, institutions ...int64) error {
	return j.DB.Write(ctx, func(tx *db.Tx) error {
		job, err := one(ctx, tx, everywhere, own+` AND j.id = $2`, userID, jobID)
		if err != nil {
			return err
		}
		by, err := company.Actor(ctx, tx, userID)
		if err != nil {
			return err
		}
		for _, p := range job.Postings {
			if p.State == Withdrawn || len(institutions) > 0 && !slices.Contains(institutions, p.InstitutionID) {
				continue
			}
			_, err := tx.Exec(ctx, `
				UPDATE job_postings SET state = 'withdrawn', decided_at = $3, decided_by = $4
				WHERE institution_id = $1 AND job_id = $2`, p.InstitutionID, jobID, db.Millis(j.Now()), userID)
			if err != nil {
				return fmt.Errorf("withdraw a job: %w", err)
			}
			if err := j.record(ctx, tx, by, p.InstitutionID, jobID, "job.withdrawn", ""); err != nil {
				return err
			}
		}
		return nil
	})
}

func isNotFound(err error) bool { return errors.Is(err, fault.ErrNotFound) }
