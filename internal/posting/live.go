package posting

import (
	"context"

	"beckon/internal/db"
	"beckon/internal/input"
	"beckon/internal/institution"
)

// live picks the jobs that students of institution $1 may see: approved there, of a company
// that is approved there now. It begins with the institution's own, not with all jobs there
// are.
const live = `j.id IN (SELECT p.job_id FROM job_postings p WHERE p.institution_id = $1 AND p.state = 'approved')
	AND EXISTS (SELECT 1 FROM connections k WHERE k.institution_id = $1 AND k.company_id = j.company_id AND k.state = 'approved')`

// Live is a page of the jobs that students of the scope's institution may see, the newest
// first, where the next page begins (0: nowhere), and how many there are in all. The query's
// State is not looked at.
func (j *Jobs) Live(ctx context.Context, s institution.Scope, q Query) (page []Job, next int64, total int, err error) {
	if err := s.Require(institution.Attend); err != nil {
		return nil, 0, 0, err
	}
	const from = live + `
		AND (j.title_key LIKE $2 ESCAPE '\' OR j.company_id IN (SELECT c.id FROM companies c WHERE c.name_key LIKE $2 ESCAPE '\'))
		AND (j.id IN (SELECT r.job_id FROM interview_requests r WHERE r.institution_id = $1 AND r.state = 'approved' AND r.ends_at > $3) OR $3 = 0)`
	interviewsAfter := int64(0)
	if q.Interviewing {
		interviewsAfter = db.Millis(j.Now())
	}
	args := []any{s.ID(), input.Containing(q.Q), interviewsAfter}
	err = j.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM jobs j WHERE `+from, args...).Scan(&total); err != nil {
			return err
		}
		page, err = jobs(ctx, tx, s.ID(), from+` AND (j.id < $4 OR $4 = 0) ORDER BY j.id DESC LIMIT $5`, append(args, q.After, q.Limit+1)...)
		return err
	})
	page, next = cut(page, q.Limit)
	return page, next, total, err
}

// LiveOne is one of the jobs that Live lists; fault.ErrNotFound for any other.
func (j *Jobs) LiveOne(ctx context.Context, s institution.Scope, jobID int64) (job Job, err error) {
	if err := s.Require(institution.Attend); err != nil {
		return Job{}, err
	}
	err = j.DB.Read(ctx, func(tx *db.Tx) error {
		job, err = one(ctx, tx, s.ID(), live+` AND j.id = $2`, s.ID(), jobID)
		return err
	})
	return job, err
}
