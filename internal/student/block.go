package student

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/fold"
	"beckon/internal/gate"
	"beckon/internal/input"
	"beckon/internal/institution"
)

// Blocked is a sender whom a student has blocked: one recruiter, whichever company the
// person moves to, or a whole company.
type Blocked struct {
	CompanyID int64
	Company   string
	// UserID is 0, and Recruiter blank, where the whole company is blocked.
	UserID    int64
	Recruiter string
	At        time.Time
}

// Block shuts the recruiter of one of the student's threads out, or the recruiter's whole
// company: they do not find the student any more, and their threads are closed. Blocking
// again changes nothing. Nobody but the institution's staff is told.
func (st *Students) Block(ctx context.Context, s institution.Scope, threadID int64, company bool) error {
	if err := s.Require(institution.Attend); err != nil {
		return err
	}
	return st.DB.Write(ctx, func(tx *db.Tx) error {
		// A message on its way goes before, or not at all.
		if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
			return err
		}
		t, err := oneThread(ctx, tx, student, ofStudent+` AND t.id = $3`, s.ID(), s.StudentID(), threadID)
		if err != nil {
			return err
		}
		// By id: staff know the names of their contacts alone, and a name here would outlive one.
		userID, detail := t.UserID, map[string]any{"company": t.Company, "user_id": db.FormatID(t.UserID)}
		if company {
			userID, detail = 0, map[string]any{"company": t.Company}
		}
		n, err := tx.Exec(ctx, `INSERT INTO student_blocks (institution_id, student_id, company_id, user_id, created_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (student_id, company_id, user_id) DO NOTHING`, s.ID(), s.StudentID(), t.CompanyID, userID, db.Millis(st.Now()))
		if err != nil {
			return fmt.Errorf("block a sender: %w", err)
		}
		if n == 0 {
			return nil
		}
		return s.Record(ctx, tx, st.Now(), "student.blocked_sender", "student", s.StudentID(), detail)
	})
}

// Unblock takes a block back, as Blocks lists it; fault.ErrNotFound where there is none. The
// sender's threads are open again.
func (st *Students) Unblock(ctx context.Context, s institution.Scope, companyID, userID int64) error {
	if err := s.Require(institution.Attend); err != nil {
		return err
	}
	return st.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM student_blocks WHERE institution_id = $1 AND student_id = $2 AND company_id = $3 AND user_id = $4`,
			s.ID(), s.StudentID(), companyID, userID)
		if err != nil {
			return fmt.Errorf("unblock a sender: %w", err)
		}
		if n == 0 {
			return fault.NotFound("block")
		}
		return s.Record(ctx, tx, st.Now(), "student.unblocked_sender", "student", s.StudentID(), nil)
	})
}

// BlockQuery chooses among the senders whom a student has blocked.
type BlockQuery struct {
	// Q is a part of the recruiter's or the company's name, folded.
	Q string
	// After is where the page before ended, the zero BlockPlace for the beginning.
	After BlockPlace
	Limit int
}

// BlockPlace is a place in the list of blocks, which goes by time, the newest first.
type BlockPlace struct{ At, CompanyID, UserID int64 }

func (b Blocked) place() BlockPlace { return BlockPlace{db.Millis(b.At), b.CompanyID, b.UserID} }

func (p BlockPlace) compare(q BlockPlace) int {
	return cmp.Or(cmp.Compare(q.At, p.At), cmp.Compare(p.CompanyID, q.CompanyID), cmp.Compare(p.UserID, q.UserID))
}

// Blocks is a page of those whom the student has blocked, the newest first, where the next
// page begins (the zero BlockPlace: nowhere), and how many there are in all. A student blocks
// few: they are read whole.
func (st *Students) Blocks(ctx context.Context, s institution.Scope, q BlockQuery) (page []Blocked, next BlockPlace, total int, err error) {
	all, err := st.blocks(ctx, s)
	if err != nil {
		return nil, BlockPlace{}, 0, err
	}
	part := input.Part(q.Q)
	all = slices.DeleteFunc(all, func(b Blocked) bool { return !strings.Contains(fold.Text(b.Recruiter+between+b.Company), part) })
	total = len(all)
	page = slices.DeleteFunc(all, func(b Blocked) bool { return q.After != BlockPlace{} && b.place().compare(q.After) <= 0 })
	if len(page) > q.Limit {
		page = page[:q.Limit]
		next = page[q.Limit-1].place()
	}
	return page, next, total, nil
}

func (st *Students) blocks(ctx context.Context, s institution.Scope) (all []Blocked, err error) {
	if err := s.Require(institution.Attend); err != nil {
		return nil, err
	}
	err = st.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var b Blocked
			var at int64
			err := r.Scan(&b.CompanyID, &b.Company, &b.UserID, &b.Recruiter, &at)
			b.At = db.Time(at)
			all = append(all, b)
			return err
		}, `SELECT b.company_id, c.name, b.user_id, COALESCE(u.first_name || ' ' || u.last_name, ''), b.created_at FROM student_blocks b
			JOIN companies c ON c.id = b.company_id LEFT JOIN users u ON u.id = b.user_id
			WHERE b.institution_id = $1 AND b.student_id = $2 ORDER BY b.created_at DESC, b.company_id, b.user_id`, s.ID(), s.StudentID())
	})
	return all, err
}
