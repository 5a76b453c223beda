package posting

import (
	"context"
	"database/sql"
	"slices"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/input"
	"beckon/internal/institution"
	"beckon/internal/recruiting"
)

// own picks the jobs that user $1 may work on: the author's while in the company, and all
// of the company for its admins. It begins with the company's own, not with all jobs there
// are.
const own = `j.company_id IN (SELECT m.company_id FROM memberships m WHERE m.user_id = $1 AND m.state = 'approved')
	AND (j.user_id = $1 OR EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = $1 AND m.state = 'approved' AND m.role = 'admin'))`

// Mine is a page of a user's jobs, and an admin's of the whole company, the newest first,
// with what became of them everywhere, where the next page begins (0: nowhere), and how many
// there are in all. A job in a state is in it at one institution at least.
func (j *Jobs) Mine(ctx context.Context, userID int64, q Query) (page []Job, next int64, total int, err error) {
	if err := q.check(); err != nil {
		return nil, 0, 0, err
	}
	const from = own + ` AND ($2 = '' OR EXISTS (SELECT 1 FROM job_postings p WHERE p.job_id = j.id AND p.state = $2))
		AND (j.title_key LIKE $3 ESCAPE '\' OR EXISTS (SELECT 1 FROM job_postings p JOIN institutions i ON i.id = p.institution_id
			WHERE p.job_id = j.id AND i.name_key LIKE $3 ESCAPE '\'))`
	args := []any{userID, q.State, input.Containing(q.Q)}
	err = j.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM jobs j WHERE `+from, args...).Scan(&total); err != nil {
			return err
		}
		page, err = jobs(ctx, tx, everywhere, from+` AND (j.id < $4 OR $4 = 0) ORDER BY j.id DESC LIMIT $5`, append(args, q.After, q.Limit+1)...)
		return err
	})
	page, next = cut(page, q.Limit)
	return page, next, total, err
}

// Get is one job of those that Mine lists; fault.ErrNotFound for any other.
func (j *Jobs) Get(ctx context.Context, userID, jobID int64) (job Job, err error) {
	err = j.DB.Read(ctx, func(tx *db.Tx) error {
		job, err = one(ctx, tx, everywhere, own+` AND j.id = $2`, userID, jobID)
		return err
	})
	return job, err
}

// Query chooses among jobs.
type Query struct {
	// State is one of States; blank is any. Students see approved ones alone.
	State string
	// Q is a part of the title, folded, or of the name of the other side: the institution's for
	// a company's own jobs, the company's for all others.
	Q string
	// Interviewing asks for those alone that have interviews to come; it is for students.
	Interviewing bool
	// After is the job behind which the page begins, 0 for the beginning.
	After int64
	Limit int
}

func (q Query) check() error {
	if q.State != "" && !slices.Contains(States, q.State) {
		return fault.Invalid("state", "choose pending, approved, declined or withdrawn")
	}
	return nil
}

// List is a page of the jobs posted to the scope's institution, each with its posting there
// alone, where the next page begins (0: nowhere), and how many there are in all. Pending
// ones come in the order in which they were posted, others the newest first.
func (j *Jobs) List(ctx context.Context, s institution.Scope, q Query) (page []Job, next int64, total int, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, 0, 0, err
	}
	if err := q.check(); err != nil {
		return nil, 0, 0, err
	}
	const from = `j.id IN (SELECT p.job_id FROM job_postings p WHERE p.institution_id = $1 AND (p.state = $2 OR $2 = ''))
		AND (j.title_key LIKE $3 ESCAPE '\' OR j.company_id IN (SELECT c.id FROM companies c WHERE c.name_key LIKE $3 ESCAPE '\'))`
	args := []any{s.ID(), q.State, input.Containing(q.Q)}
	paged := from + ` AND (j.id < $4 OR $4 = 0) ORDER BY j.id DESC LIMIT $5`
	if q.State == Pending {
		paged = from + ` AND j.id > $4 ORDER BY j.id LIMIT $5`
	}
	err = j.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM jobs j WHERE `+from, args...).Scan(&total); err != nil {
			return err
		}
		page, err = jobs(ctx, tx, s.ID(), paged, append(args, q.After, q.Limit+1)...)
		return err
	})
	page, next = cut(page, q.Limit)
	return page, next, total, err
}

// Waiting is how many jobs wait for the institution's staff. It is cheap enough for every
// page.
func (j *Jobs) Waiting(ctx context.Context, s institution.Scope) (n int, err error) {
	if err := s.Require(institution.Read); err != nil {
		return 0, err
	}
	err = j.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM job_postings WHERE institution_id = $1 AND state = 'pending'`, s.ID()).Scan(&n)
	})
	return n, err
}

// Posted is one job as posted to the scope's institution; fault.ErrNotFound where it is not.
func (j *Jobs) Posted(ctx context.Context, s institution.Scope, jobID int64) (job Job, err error) {
	if err := s.Require(institution.Read); err != nil {
		return Job{}, err
	}
	err = j.DB.Read(ctx, func(tx *db.Tx) error {
		job, err = posted(ctx, tx, s, jobID)
		return err
	})
	return job, err
}

func posted(ctx context.Context, tx *db.Tx, s institution.Scope, jobID int64) (Job, error) {
	return one(ctx, tx, s.ID(), `j.id = $2 AND EXISTS (SELECT 1 FROM job_postings p WHERE p.institution_id = $1 AND p.job_id = j.id)`, s.ID(), jobID)
}

// cut takes the row off that tells whether there is a next page.
func cut(page []Job, limit int) ([]Job, int64) {
	if len(page) <= limit {
		return page, 0
	}
	page = page[:limit]
	return page, page[limit-1].ID
}

// everywhere stands for all institutions where jobs reads postings.
const everywhere = 0

// one reads the one job that where picks.
func one(ctx context.Context, tx *db.Tx, institutionID int64, where string, args ...any) (Job, error) {
	found, err := jobs(ctx, tx, institutionID, where, args...)
	if err != nil {
		return Job{}, err
	}
	if len(found) == 0 {
		return Job{}, fault.NotFound("job")
	}
	return found[0], nil
}

// jobs reads the jobs that where picks, with their postings at one institution or
// everywhere.
func jobs(ctx context.Context, tx *db.Tx, institutionID int64, where string, args ...any) (page []Job, err error) {
	at := map[int64]int{}
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var job Job
		var created int64
		err := r.Scan(&job.ID, &job.CompanyID, &job.Company, &job.UserID, &job.PostedBy,
			&job.Title, &job.Description, &job.Location, &job.Kind, &job.ApplyURL, &created)
		job.CreatedAt = db.Time(created)
		at[job.ID] = len(page)
		page = append(page, job)
		return err
	}, `SELECT j.id, j.company_id, c.name, j.user_id, COALESCE(u.first_name || ' ' || u.last_name, ''),
			j.title, j.description, j.location, j.kind, j.apply_url, j.created_at
		FROM jobs j JOIN companies c ON c.id = j.company_id LEFT JOIN users u ON u.id = j.user_id WHERE `+where, args...)
	if err != nil || len(page) == 0 {
		return page, err
	}
	ids := []any{institutionID}
	for _, job := range page {
		ids = append(ids, job.ID)
	}
	return page, tx.Rows(ctx, func(r *sql.Rows) error {
		var p Posting
		var id, postedAt, decided int64
		var entries int
		err := r.Scan(&id, &p.InstitutionID, &p.Institution, &p.State, &p.Reason, &postedAt, &decided, &p.Connection, &entries)
		p.Live = p.State == Approved && p.Connection == recruiting.Approved
		p.PostedAt, p.DecidedAt = db.Time(postedAt), db.Time(decided)
		job := &page[at[id]]
		if institutionID != everywhere && entries == 0 {
			job.PostedBy = ""
		}
		job.Postings = append(job.Postings, p)
		return err
	}, `SELECT p.job_id, p.institution_id, i.name, p.state, p.reason, p.posted_at, p.decided_at, COALESCE(k.state, 'none'),
			(SELECT COUNT(*) FROM contact_standing s WHERE s.institution_id = p.institution_id AND s.user_id = j.user_id AND s.user_id > 0)
		FROM job_postings p JOIN jobs j ON j.id = p.job_id JOIN institutions i ON i.id = p.institution_id
		LEFT JOIN connections k ON k.institution_id = p.institution_id AND k.company_id = j.company_id
		WHERE (p.institution_id = $1 OR $1 = 0) AND p.job_id IN (`+db.Params(2, len(page))+`)
		ORDER BY p.job_id, i.name_key, i.id`, ids...)
}

func ints(ctx context.Context, tx *db.Tx, query string, args ...any) (all []int64, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var n int64
		err := r.Scan(&n)
		all = append(all, n)
		return err
	}, query, args...)
	return all, err
}
