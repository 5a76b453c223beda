// Package company holds employers' profiles, one for the whole network and owned by no
// institution, and the memberships of the users who recruit for them.
package company

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"beckon/internal/address"
	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/fold"
	"beckon/internal/gate"
	"beckon/internal/input"
)

// Company is an employer's profile.
type Company struct {
	ID   int64
	Name string
	// Domain is the mail domain that somebody of the company has proven by an address at it,
	// or that the operator typed: the part registered by its owner, in IDNA ASCII form. Blank
	// if nobody has.
	Domain      string
	Website     string
	Description string
	// AutoJoin lets who has a proven address at Domain become a recruiter without waiting.
	AutoJoin  bool
	CreatedBy int64 // 0: made at the command line
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Companies is the register of companies and memberships. It is safe for concurrent use.
type Companies struct {
	DB  *db.DB
	Now func() time.Time
}

// Cursor is the place in a list by name behind which the next page begins. The zero Cursor
// is the beginning, and as an answer the end.
type Cursor struct {
	Key string
	ID  int64
}

// change runs f as the only change of companies and memberships at this moment. Such
// changes are rare and short, so one line for all of them keeps what would be hard to reason
// about (two admins who leave at once, a person approved by two companies) simple.
func (c *Companies) change(ctx context.Context, f func(*db.Tx) error) error {
	return c.DB.Write(ctx, func(tx *db.Tx) error {
		if err := gate.LockAddresses(ctx, tx, true); err != nil {
			return err
		}
		return f(tx)
	})
}

// New is what a person says about a company that is not there yet.
type New struct {
	Name    string
	Website string
	// Domain chooses among the domains that the person has proven; another one is left out,
	// because it proves nothing.
	Domain string
}

// Create makes a company and its creator its admin. The domain is the one of the creator's
// verified address; free mail leaves it blank. It answers a *gate.Refusal to who has no
// verified address, fault.Conflict to who belongs to a company already and where a company
// of the same name and domain exists, and fault.Fields.
func (c *Companies) Create(ctx context.Context, userID int64, in New) (co Company, err error) {
	var f input.Form
	co = Company{Name: f.Required("name", in.Name, 200), Website: f.URL("website", in.Website), CreatedBy: userID}
	if err := f.Err(); err != nil {
		return Company{}, err
	}
	err = c.change(ctx, func(tx *db.Tx) error {
		p, err := proven(ctx, tx, userID)
		if err != nil {
			return err
		}
		co.Domain = p.domain(in.Domain)
		if err := c.leaveOthers(ctx, tx, p.actor, userID, 0); err != nil {
			return err
		}
		if err := c.insert(ctx, tx, p.actor, &co); err != nil {
			return err
		}
		return c.put(ctx, tx, p.actor, "membership.approved", &Membership{UserID: userID, CompanyID: co.ID, State: Approved, Role: Admin, RequestedAt: c.Now()})
	})
	return co, err
}

// Add makes a company without members, as the command line does. A domain is optional.
func (c *Companies) Add(ctx context.Context, by audit.Actor, name, domain string) (co Company, err error) {
	var f input.Form
	co = Company{Name: f.Required("name", name, 200)}
	if domain != "" {
		a, err := address.Parse("jobs@" + domain)
		switch {
		case err != nil:
			f.Add("domain", "is not a mail domain; write it like company.example")
		case freeMail(a.Domain):
			f.Add("domain", "belongs to everybody; leave it out")
		}
		co.Domain = address.Organisation(a.Domain)
	}
	if err := f.Err(); err != nil {
		return Company{}, err
	}
	err = c.change(ctx, func(tx *db.Tx) error { return c.insert(ctx, tx, by, &co) })
	return co, err
}

func (c *Companies) insert(ctx context.Context, tx *db.Tx, by audit.Actor, co *Company) error {
	if err := noTwin(ctx, tx, *co); err != nil {
		return err
	}
	co.CreatedAt, co.UpdatedAt = c.Now(), c.Now()
	err := tx.QueryRow(ctx, `
		INSERT INTO companies (name, name_key, domain, website, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id`,
		co.Name, fold.Text(co.Name), co.Domain, co.Website, co.CreatedBy, db.Millis(co.CreatedAt)).Scan(&co.ID)
	if err != nil {
		return fmt.Errorf("create a company: %w", err)
	}
	return audit.Record(ctx, tx, audit.Event{At: c.Now(), Actor: by, Action: "company.created", SubjectKind: "company", SubjectID: co.ID})
}

// noTwin refuses a second company of the same name and domain.
func noTwin(ctx context.Context, tx *db.Tx, co Company) error {
	var id int64
	var name string
	err := tx.QueryRow(ctx, `
		SELECT id, name FROM companies WHERE name_key = $1 AND domain = $2 AND id <> $3 ORDER BY id LIMIT 1`,
		fold.Text(co.Name), co.Domain, co.ID).Scan(&id, &name)
	if db.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return fault.Conflict{Message: name + " exists already: join it instead, or choose a name that tells the two apart", ExistingID: id}
}

// Profile is what a company's admin may change about it.
type Profile struct {
	Name        string
	Website     string
	Description string
	// Domain must be one that the admin has proven, unless it stays as it is.
	Domain   string
	AutoJoin bool
}

// Change stores a company's profile in the name of one of its admins; fault.Forbidden for
// its recruiters, fault.ErrNotFound for anybody else.
func (c *Companies) Change(ctx context.Context, userID, companyID int64, to Profile) error {
	var f input.Form
	to.Name = f.Required("name", to.Name, 200)
	to.Website = f.URL("website", to.Website)
	to.Description = f.Lines("description", to.Description, 5000)
	return c.change(ctx, func(tx *db.Tx) error {
		co, err := load(ctx, tx, companyID)
		if err != nil {
			return err
		}
		if err := requireAdmin(ctx, tx, userID, companyID); err != nil {
			return err
		}
		p, err := proven(ctx, tx, userID)
		if err != nil {
			return err
		}
		if to.Domain != co.Domain && (to.Domain == "" || p.domain(to.Domain) != to.Domain) {
			f.Add("domain", "is not the domain of a verified address of yours; add such an address to your account first")
		}
		if to.AutoJoin && to.Domain == "" {
			f.Add("auto_join", "needs a mail domain; add an address at your company to your account first")
		}
		if err := f.Err(); err != nil {
			return err
		}
		if err := noTwin(ctx, tx, Company{ID: co.ID, Name: to.Name, Domain: to.Domain}); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE companies SET name = $2, name_key = $3, domain = $4, website = $5, description = $6, auto_join = $7, updated_at = $8 WHERE id = $1`,
			companyID, to.Name, fold.Text(to.Name), to.Domain, to.Website, to.Description, db.Bool(to.AutoJoin), db.Millis(c.Now()))
		if err != nil {
			return fmt.Errorf("change a company: %w", err)
		}
		return audit.Record(ctx, tx, audit.Event{At: c.Now(), Actor: p.actor, Action: "company.changed", SubjectKind: "company", SubjectID: companyID,
			Detail: map[string]any{"name": to.Name, "domain": to.Domain, "auto_join": to.AutoJoin}})
	})
}

const columns = `c.id, c.name, c.domain, c.website, c.description, c.auto_join, c.created_by, c.created_at, c.updated_at`

type row interface{ Scan(...any) error }

func scan(r row, more ...any) (co Company, err error) {
	var created, updated int64
	to := append([]any{&co.ID, &co.Name, &co.Domain, &co.Website, &co.Description, &co.AutoJoin, &co.CreatedBy, &created, &updated}, more...)
	err = r.Scan(to...)
	co.CreatedAt, co.UpdatedAt = db.Time(created), db.Time(updated)
	if db.IsNoRows(err) {
		err = fault.NotFound("company")
	}
	return co, err
}

func load(ctx context.Context, tx *db.Tx, id int64) (Company, error) {
	return scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM companies c WHERE c.id = $1`, id))
}

// Get is one company; fault.ErrNotFound where there is none.
func (c *Companies) Get(ctx context.Context, id int64) (co Company, err error) {
	err = c.DB.Read(ctx, func(tx *db.Tx) error {
		co, err = load(ctx, tx, id)
		return err
	})
	return co, err
}

// ByName finds a company by its whole name, folded. Several of one name are fault.Conflict.
func (c *Companies) ByName(ctx context.Context, name string) (co Company, err error) {
	var found []Company
	err = c.DB.Read(ctx, func(tx *db.Tx) error {
		found, err = list(ctx, tx, `SELECT `+columns+` FROM companies c WHERE c.name_key = $1 ORDER BY c.id LIMIT 2`, fold.Text(fold.Trim(name)))
		return err
	})
	switch {
	case err != nil:
		return Company{}, err
	case len(found) == 0:
		return Company{}, fault.NotFound(fmt.Sprintf("company %q", name))
	case len(found) > 1:
		return Company{}, fault.Conflict{Message: fmt.Sprintf("there are several companies named %q", name), ExistingID: found[0].ID}
	}
	return found[0], nil
}

// List is a page of all companies by name, where the next one begins, and how many there
// are in all.
func (c *Companies) List(ctx context.Context, after Cursor, limit int) (page []Company, next Cursor, total int, err error) {
	err = c.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM companies`).Scan(&total); err != nil {
			return err
		}
		page, err = list(ctx, tx, `
			SELECT `+columns+` FROM companies c WHERE (c.name_key, c.id) > ($1, $2)
			ORDER BY c.name_key, c.id LIMIT $3`, after.Key, after.ID, limit+1)
		return err
	})
	if len(page) > limit {
		page = page[:limit]
		last := page[limit-1]
		next = Cursor{Key: fold.Text(last.Name), ID: last.ID}
	}
	return page, next, total, err
}

func list(ctx context.Context, tx *db.Tx, query string, args ...any) (all []Company, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		co, err := scan(r)
		all = append(all, co)
		return err
	}, query, args...)
	return all, err
}
