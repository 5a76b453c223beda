package posting

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/fold"
	"beckon/internal/input"
	"beckon/internal/institution"
)

// InterviewQuery chooses among interview requests.
type InterviewQuery struct {
	// State is one of InterviewStates or Flagged; blank is any.
	State string
	// Q is a part of the job's title, folded, or of the name of the other side: the company's
	// for staff, the institution's for recruiters.
	Q string
	// After is the request behind which the page begins, 0 for the beginning.
	After int64
	Limit int
}

// List is a page of the requests to the scope's institution, where the next page begins (0:
// nowhere), and how many there are in all. Those that wait for staff come in the order in
// which they were made, others the newest first.
func (in *Interviews) List(ctx context.Context, s institution.Scope, q InterviewQuery) (page []Interview, next int64, total int, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, 0, 0, err
	}
	return in.list(ctx, in.staff(), `r.institution_id = $1`, s.ID(), q)
}

// Mine is List for a user's own requests, and for an admin those of the whole company.
func (in *Interviews) Mine(ctx context.Context, userID int64, q InterviewQuery) (page []Interview, next int64, total int, err error) {
	return in.list(ctx, in.recruiter(), ours, userID, q)
}

// Get is one request of those that Mine lists; fault.ErrNotFound for any other.
func (in *Interviews) Get(ctx context.Context, userID, id int64) (i Interview, err error) {
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		i, err = oneInterview(ctx, tx, in.recruiter(), ours+` AND r.id = $2`, userID, id)
		return err
	})
	return i, err
}

// ToAnswer is how many proposals wait for a user's answer.
func (in *Interviews) ToAnswer(ctx context.Context, userID int64) (n int, err error) {
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM interview_requests r WHERE r.state = 'proposed' AND `+ours, userID).Scan(&n)
	})
	return n, err
}

// list is a page of the requests that the condition whose picks, of which who is $1.
func (in *Interviews) list(ctx context.Context, side reader, whose string, who int64, q InterviewQuery) (page []Interview, next int64, total int, err error) {
	if err := checkState(q.State); err != nil {
		return nil, 0, 0, err
	}
	other := `EXISTS (SELECT 1 FROM institutions n WHERE n.id = r.institution_id AND n.name_key LIKE $2 ESCAPE '\')`
	if side.staff {
		other = `EXISTS (SELECT 1 FROM companies c WHERE c.id = r.company_id AND c.name_key LIKE $2 ESCAPE '\')`
	}
	from := whose + ` AND (EXISTS (SELECT 1 FROM jobs j WHERE j.id = r.job_id AND j.title_key LIKE $2 ESCAPE '\') OR ` + other + `) AND `
	args := []any{who, input.Containing(q.Q), q.State}
	if q.State == Flagged {
		from, args[2] = from+flagged("$3"), db.Millis(in.Now())
	} else {
		from += `(r.state = $3 OR $3 = '')`
	}
	paged := from + ` AND (r.id < $4 OR $4 = 0) ORDER BY r.id DESC LIMIT $5`
	if q.State == Requested {
		paged = from + ` AND r.id > $4 ORDER BY r.id LIMIT $5`
	}
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM interview_requests r WHERE `+from, args...).Scan(&total); err != nil {
			return err
		}
		page, err = interviews(ctx, tx, side, paged, append(args, q.After, q.Limit+1)...)
		return err
	})
	if len(page) > q.Limit {
		page = page[:q.Limit]
		next = page[q.Limit-1].ID
	}
	return page, next, total, err
}

// Offer is a job that interviews may be requested for at an institution.
type Offer struct {
	JobID         int64
	Job           string
	InstitutionID int64
	Institution   string
	Zone          *time.Location
}

// mostOffers is how many Offers answers.
const mostOffers = 500

// Offers are the jobs of a user's company with the institutions where both are approved,
// the newest job first, 500 at most.
func (in *Interviews) Offers(ctx context.Context, userID int64) (all []Offer, err error) {
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var o Offer
			var zone string
			err := r.Scan(&o.JobID, &o.Job, &o.InstitutionID, &o.Institution, &zone)
			o.Zone = institution.Settings{Timezone: zone}.Location()
			all = append(all, o)
			return err
		}, `SELECT j.id, j.title, i.id, i.name, i.timezone
			FROM memberships m JOIN jobs j ON j.company_id = m.company_id JOIN job_postings p ON p.job_id = j.id AND p.state = 'approved'
			JOIN connections k ON k.institution_id = p.institution_id AND k.company_id = j.company_id AND k.state = 'approved'
			JOIN institutions i ON i.id = p.institution_id
			WHERE m.user_id = $1 AND m.state = 'approved' ORDER BY j.id DESC, i.name_key, i.id LIMIT $2`, userID, mostOffers)
	})
	return all, err
}

// reader is who reads interviews, which decides what is told about students.
type reader struct {
	now     time.Time
	staff   bool
	student int64
}

func (in *Interviews) staff() reader     { return reader{now: in.Now(), staff: true} }
func (in *Interviews) recruiter() reader { return reader{now: in.Now()} }

// oneInterview reads the one request that where picks.
func oneInterview(ctx context.Context, tx *db.Tx, side reader, where string, args ...any) (Interview, error) {
	found, err := interviews(ctx, tx, side, where, args...)
	if err != nil {
		return Interview{}, err
	}
	if len(found) == 0 {
		return Interview{}, fault.NotFound("interview request")
	}
	return found[0], nil
}

// interviews reads the requests r that where picks, with their slots.
func interviews(ctx context.Context, tx *db.Tx, side reader, where string, args ...any) (page []Interview, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		i, err := scanInterview(r)
		i.Flagged = i.State == Approved && !i.CompanyApproved() && i.endsAt > db.Millis(side.now)
		page = append(page, i)
		return err
	}, `SELECT r.id, r.institution_id, n.name, n.slug, n.timezone, n.reply_to, r.company_id, c.name, r.job_id, j.title,
			r.user_id, `+side.requester()+`, r.state, r.date, r.starts_at, r.slots, r.slot_minutes,
			r.break_minutes, r.pause_after, r.pause_minutes, r.way, r.video_url, r.needs, r.place, r.proposed_date, r.proposed_starts_at,
			r.reason, r.ends_at, r.revision, r.requested_at, r.decided_at, COALESCE(k.state, 'none'), COALESCE(p.state, '')
		FROM interview_requests r JOIN institutions n ON n.id = r.institution_id JOIN companies c ON c.id = r.company_id
		JOIN jobs j ON j.id = r.job_id LEFT JOIN users u ON u.id = r.user_id
		LEFT JOIN connections k ON k.institution_id = r.institution_id AND k.company_id = r.company_id
		LEFT JOIN job_postings p ON p.institution_id = r.institution_id AND p.job_id = r.job_id WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	return page, fillSlots(ctx, tx, side, page)
}

func scanInterview(r *sql.Rows) (i Interview, err error) {
	var zone string
	var requested, decided int64
	err = r.Scan(&i.ID, &i.InstitutionID, &i.Institution, &i.Slug, &zone, &i.replyTo, &i.CompanyID, &i.Company, &i.JobID, &i.Job,
		&i.UserID, &i.RequestedBy, &i.State, &i.Date, &i.StartsAt, &i.SlotCount, &i.SlotMinutes,
		&i.BreakMinutes, &i.PauseAfter, &i.PauseMinutes, &i.Way, &i.VideoURL, &i.Needs, &i.Place, &i.ProposedDate, &i.ProposedStartsAt,
		&i.Reason, &i.endsAt, &i.Revision, &requested, &decided, &i.connection, &i.jobState)
	i.Zone = institution.Settings{Timezone: zone}.Location()
	i.RequestedAt, i.DecidedAt = db.Time(requested), db.Time(decided)
	return i, err
}

// requester is the name of who asked, which staff know of their contacts alone.
func (side reader) requester() string {
	name := `COALESCE(u.first_name || ' ' || u.last_name, '')`
	if side.staff {
		return `CASE WHEN EXISTS (SELECT 1 FROM contact_standing s WHERE s.institution_id = r.institution_id AND s.user_id = r.user_id AND s.user_id > 0)
				THEN ` + name + ` ELSE '' END`
	}
	return name
}

// fillSlots reads the slots of those that have been approved, and plans those of others.
func fillSlots(ctx context.Context, tx *db.Tx, side reader, page []Interview) error {
	at := map[int64]*Interview{}
	var ids []int64
	for n := range page {
		i := &page[n]
		if i.endsAt == 0 {
			i.Slots, _ = i.plan(i.Zone) // none for a time that does not exist
			continue
		}
		at[i.ID] = i
		ids = append(ids, i.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	return tx.Rows(ctx, func(r *sql.Rows) error {
		var id, starts, ends, student, taken int64
		var first, last string
		var s Slot
		if err := r.Scan(&id, &s.N, &starts, &ends, &student, &taken, &first, &last); err != nil {
			return err
		}
		i := at[id]
		s.StartsAt, s.EndsAt, s.TakenAt = db.Time(starts), db.Time(ends), db.Time(taken)
		s.Taken, s.Mine = student > 0, student > 0 && student == side.student
		if s.Taken {
			s.Student = side.name(*i, first, last)
		}
		i.Slots = append(i.Slots, s)
		return nil
	}, `SELECT s.request_id, s.n, s.starts_at, s.ends_at, s.student_id, s.taken_at, COALESCE(t.first_name, ''), COALESCE(t.last_name, '')
		FROM interview_slots s LEFT JOIN students t ON t.institution_id = s.institution_id AND t.id = s.student_id
		WHERE s.request_id IN (`+db.Params(1, len(ids))+`) ORDER BY s.request_id, s.n`, db.Args(ids)...)
}

// name is a student's name as the reader may know it.
func (side reader) name(i Interview, first, last string) string {
	switch {
	case side.student != 0:
		return ""
	case side.staff:
		return strings.TrimSpace(first + " " + last)
	case !i.CompanyApproved():
		return ""
	}
	if initial := fold.Initial(last); initial != "" {
		return first + " " + initial + "."
	}
	return first
}
