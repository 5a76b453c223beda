// Package institution holds the tenants: universities and colleges, who works there, how
// they want Beckon to behave, and the Scope that everything of theirs is reached through.
package institution

import (
	"context"
	"database/sql"
	"net/url"
	"regexp"
	"strings"
	"time"

	"beckon/internal/address"
	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/fold"
)

// Institution is a university or college; the tenant.
type Institution struct {
	ID        int64
	Slug      string
	Name      string
	CreatedAt time.Time
	Settings
}

// Settings are what an institution may change about how Beckon behaves for it.
type Settings struct {
	// Timezone is an IANA name; dates of this institution are dates in it.
	Timezone string
	// ReplyTo receives the answers to invites; "" until set.
	ReplyTo string
	Website string
	// QuietDays is for how long after an invite a contact is not invited again; 0 to 365.
	QuietDays int
	// ConnectOn says when a connect invite approves the company: "send" or "accept".
	ConnectOn string
	// AfterSignup says what an invited person's request leads to: "ask" (staff decide),
	// "request" (it is made for the person) or "approve" (it is approved at once).
	AfterSignup string
}

// Location is the institution's time zone, UTC where the name is unknown here.
func (s Settings) Location() *time.Location {
	loc, err := time.LoadLocation(s.Timezone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Institutions is the register of all institutions. It is safe for concurrent use.
type Institutions struct {
	DB  *db.DB
	Now func() time.Time
}

var slugForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)

// Create adds an institution. Only the command line does so; by is who runs it.
func (in *Institutions) Create(ctx context.Context, name, slug, timezone, replyTo string, by audit.Actor) (Institution, error) {
	i := Institution{Slug: slug, Name: strings.TrimSpace(name), CreatedAt: in.Now(),
		Settings: Settings{Timezone: timezone, ReplyTo: replyTo, QuietDays: 14, ConnectOn: "send", AfterSignup: "ask"}}
	if i.Timezone == "" {
		i.Timezone = "UTC"
	}
	faults := i.check()
	if !slugForm.MatchString(slug) {
		faults = append(faults, fault.Field{Path: "slug", Message: "use 1 to 63 of a-z, 0-9 and hyphens inside, for example elm"})
	}
	if len(faults) > 0 {
		return Institution{}, faults
	}
	err := in.DB.Write(ctx, func(tx *db.Tx) error {
		err := tx.QueryRow(ctx, `
			INSERT INTO institutions (slug, name, name_key, timezone, reply_to, created_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (slug) DO NOTHING RETURNING id`,
			i.Slug, i.Name, fold.Text(i.Name), i.Timezone, i.ReplyTo, db.Millis(i.CreatedAt)).Scan(&i.ID)
		if db.IsNoRows(err) {
			return fault.Invalid("slug", "%q is taken; choose another", slug)
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{InstitutionID: i.ID, At: i.CreatedAt, Actor: by, Action: "institution.created", SubjectKind: "institution", SubjectID: i.ID})
	})
	return i, err
}

func (i Institution) check() (faults fault.Fields) {
	add := func(path, message string) { faults = append(faults, fault.Field{Path: path, Message: message}) }
	if i.Name == "" || len([]rune(i.Name)) > 200 {
		add("name", "write a name of 1 to 200 characters")
	}
	if _, err := time.LoadLocation(i.Timezone); err != nil || i.Timezone == "Local" {
		add("timezone", "write a name of the time zone database, for example Europe/Copenhagen")
	}
	if i.ReplyTo != "" {
		if _, err := address.Parse(i.ReplyTo); err != nil {
			add("reply_to", err.Error())
		}
	}
	if i.Website != "" {
		u, err := url.Parse(i.Website)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || len(i.Website) > 300 {
			add("website", "write a web address of at most 300 characters, like https://elm.example")
		}
	}
	if i.QuietDays < 0 || i.QuietDays > 365 {
		add("quiet_days", "write a number of days from 0 to 365")
	}
	if i.ConnectOn != "send" && i.ConnectOn != "accept" {
		add("connect_on", "choose send or accept")
	}
	if i.AfterSignup != "ask" && i.AfterSignup != "request" && i.AfterSignup != "approve" {
		add("after_signup", "choose ask, request or approve")
	}
	return faults
}

const columns = `id, slug, name, timezone, reply_to, website, quiet_days, connect_on, after_signup, created_at`

type row interface{ Scan(...any) error }

func scan(r row) (i Institution, err error) {
	var created int64
	err = r.Scan(&i.ID, &i.Slug, &i.Name, &i.Timezone, &i.ReplyTo, &i.Website, &i.QuietDays, &i.ConnectOn, &i.AfterSignup, &created)
	i.CreatedAt = db.Time(created)
	if db.IsNoRows(err) {
		err = fault.NotFound("institution")
	}
	return i, err
}

// Get is the institution of a scope.
func (in *Institutions) Get(ctx context.Context, s Scope) (i Institution, err error) {
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		i, err = Load(ctx, tx, s.id)
		return err
	})
	return i, err
}

// Load reads an institution inside a transaction.
func Load(ctx context.Context, tx *db.Tx, id int64) (Institution, error) {
	return scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM institutions WHERE id = $1`, id))
}

// BySlug finds an institution by the short name that commands use.
func (in *Institutions) BySlug(ctx context.Context, slug string) (i Institution, err error) {
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		i, err = scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM institutions WHERE slug = $1`, slug))
		return err
	})
	return i, err
}

// List is all institutions by name.
func (in *Institutions) List(ctx context.Context) ([]Institution, error) {
	return in.list(ctx, `SELECT `+columns+` FROM institutions ORDER BY name_key, id`)
}

// OfStaff is the institutions where the user works, by name.
func (in *Institutions) OfStaff(ctx context.Context, userID int64) ([]Institution, error) {
	return in.list(ctx, `SELECT `+columns+` FROM institutions
		WHERE id IN (SELECT institution_id FROM staff WHERE user_id = $1) ORDER BY name_key, id`, userID)
}

// OfStudent is the institutions where the user is a student, by name; see Student.
func (in *Institutions) OfStudent(ctx context.Context, userID int64) ([]Institution, error) {
	return in.list(ctx, `SELECT `+columns+` FROM institutions
		WHERE id IN (SELECT s.institution_id FROM students s JOIN user_addresses a ON a.email_key = s.email_key AND a.verified_at > 0
			WHERE a.user_id = $1 AND s.archived = 0) ORDER BY name_key, id`, userID)
}

func (in *Institutions) list(ctx context.Context, query string, args ...any) (all []Institution, err error) {
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			i, err := scan(r)
			all = append(all, i)
			return err
		}, query, args...)
	})
	return all, err
}

// Change stores new settings and, if name is not blank, a new name.
func (in *Institutions) Change(ctx context.Context, s Scope, name string, to Settings) error {
	if err := s.Require(ChangeSettings); err != nil {
		return err
	}
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		i, err := Load(ctx, tx, s.id)
		if err != nil {
			return err
		}
		i.Settings = to
		if name = strings.TrimSpace(name); name != "" {
			i.Name = name
		}
		if faults := i.check(); len(faults) > 0 {
			return faults
		}
		_, err = tx.Exec(ctx, `
			UPDATE institutions SET name = $2, name_key = $3, timezone = $4, reply_to = $5, website = $6, quiet_days = $7, connect_on = $8, after_signup = $9
			WHERE id = $1`, s.id, i.Name, fold.Text(i.Name), i.Timezone, i.ReplyTo, i.Website, i.QuietDays, i.ConnectOn, i.AfterSignup)
		if err != nil {
			return err
		}
		return s.Record(ctx, tx, in.Now(), "institution.changed", "institution", s.id, map[string]any{
			"timezone": i.Timezone, "quiet_days": i.QuietDays, "connect_on": i.ConnectOn, "after_signup": i.AfterSignup})
	})
}
