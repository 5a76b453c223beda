package recruiting

import (
	"context"
	"database/sql"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/fold"
	"beckon/internal/input"
	"beckon/internal/institution"
)

// Employer is a company as an institution sees it, with the facts that help to decide.
type Employer struct {
	CompanyID   int64
	Name        string
	Domain      string // proven by an address at it, or blank
	Website     string
	Description string
	Since       time.Time // when the company came to Beckon

	State       string
	RequestedAt time.Time
	Requester   Requester
	DecidedAt   time.Time
	DecidedHow  string // ByStaff, ByInvite or blank
	Reason      string

	// Members counts the company's approved memberships.
	Members int
	// Contacts counts those of them who are contacts of this institution. The others stay
	// without name and address.
	Contacts int
	// Jobs counts its postings at this institution, in any state.
	Jobs      int
	Elsewhere Elsewhere
}

// Requester is who asked in a company's name; without ID nobody did.
type Requester struct {
	ID int64
	// Name is blank unless the person is a contact of the institution, ContactID which.
	Name      string
	ContactID int64
	// Domains are the domains of the person's verified addresses, in order.
	Domains []string
	// Matches tells that one of them proves the company's domain.
	Matches bool
}

// Elsewhere is what other institutions decided about a company. Which they are is theirs.
type Elsewhere struct {
	Approved, Declined, Blocked int
	// Reasons are those given with declines, in their own words, the newest first.
	Reasons []Reason
}

// Reason is why another institution declined a company.
type Reason struct {
	Text string
	At   time.Time
}

// Cursor is the place in a list behind which the next page begins: a first sort key where
// there is one, the folded name, and the id. The zero Cursor is the beginning, and as an
// answer the end.
type Cursor struct {
	Rank int64
	Key  string
	ID   int64
}

// Query chooses among an institution's employers.
type Query struct {
	// State is one of the states; blank is any but None.
	State string
	// Q is a part of the company's name or domain, folded.
	Q     string
	After Cursor
	Limit int
}

// employerFrom joins every company with what it is to institution $1.
const employerFrom = ` FROM companies c LEFT JOIN connections k ON k.company_id = c.id AND k.institution_id = $1`

const employerColumns = `c.id, c.name, c.domain, c.website, c.description, c.created_at,
	COALESCE(k.state, 'none'), COALESCE(k.requested_at, 0), COALESCE(k.requested_by, 0), COALESCE(k.decided_at, 0), COALESCE(k.decided_how, ''), COALESCE(k.reason, '')`

// List is a page of the institution's employers, where the next one begins, and how many
// there are in all. Requested ones come in the order in which they asked, others by name.
func (r *Recruiting) List(ctx context.Context, s institution.Scope, q Query) (page []Employer, next Cursor, total int, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, Cursor{}, 0, err
	}
	where, err := q.where()
	if err != nil {
		return nil, Cursor{}, 0, err
	}
	args := []any{s.ID(), q.State, input.Containing(q.Q)}
	order, after := `c.name_key, c.id`, []any{q.After.Key, q.After.ID, q.Limit + 1}
	if q.State == Requested {
		order, after[0] = `k.requested_at, c.id`, q.After.Rank
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT COUNT(*)`+employerFrom+where, args...).Scan(&total); err != nil {
			return err
		}
		page, err = employers(ctx, tx, s.ID(), where+` AND (`+order+`) > ($4, $5) ORDER BY `+order+` LIMIT $6`, append(args, after...)...)
		return err
	})
	if len(page) > q.Limit {
		page = page[:q.Limit]
		last := page[q.Limit-1]
		next = Cursor{Rank: db.Millis(last.RequestedAt), Key: fold.Text(last.Name), ID: last.CompanyID}
	}
	return page, next, total, err
}

// where is the SQL for what the query picks, with institution $1, state $2 and pattern $3.
func (q Query) where() (string, error) {
	const named = ` AND (c.name_key LIKE $3 ESCAPE '\' OR c.domain LIKE $3 ESCAPE '\')`
	switch q.State {
	case "":
		return ` WHERE k.state <> 'none' AND $2 = ''` + named, nil
	case None:
		return ` WHERE COALESCE(k.state, 'none') = $2` + named, nil
	case Requested, Approved, Declined, Blocked:
		return ` WHERE k.state = $2` + named, nil
	}
	return "", fault.Invalid("connection", "choose none, requested, approved, declined or blocked")
}

// Get is one company as the institution sees it, connected or not; fault.ErrNotFound where
// there is none.
func (r *Recruiting) Get(ctx context.Context, s institution.Scope, companyID int64) (e Employer, err error) {
	if err := s.Require(institution.Read); err != nil {
		return Employer{}, err
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		found, err := employers(ctx, tx, s.ID(), ` WHERE c.id = $2`, s.ID(), companyID)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.NotFound("company")
		}
		e = found[0]
		return nil
	})
	return e, err
}

// employers reads the companies that where picks, with all facts.
func employers(ctx context.Context, tx *db.Tx, institutionID int64, where string, args ...any) (page []Employer, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var e Employer
		var since, requested, decided int64
		err := r.Scan(&e.CompanyID, &e.Name, &e.Domain, &e.Website, &e.Description, &since,
			&e.State, &requested, &e.Requester.ID, &decided, &e.DecidedHow, &e.Reason)
		e.Since, e.RequestedAt, e.DecidedAt = db.Time(since), db.Time(requested), db.Time(decided)
		page = append(page, e)
		return err
	}, `SELECT `+employerColumns+employerFrom+where, args...)
	if err != nil || len(page) == 0 {
		return page, err
	}
	return page, addFacts(ctx, tx, institutionID, page)
}
