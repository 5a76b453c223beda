package account

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"beckon/internal/address"
	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/fold"
	"beckon/internal/gate"
	"beckon/internal/input"
)

// User is a person with an account.
type User struct {
	ID                  int64
	FirstName, LastName string
	// Email is the primary address as it was written.
	Email       string
	HasPassword bool
	CreatedAt   time.Time
}

// Name is the full name.
func (u User) Name() string { return strings.TrimSpace(u.FirstName + " " + u.LastName) }

// Actor is the user as who acts, for the audit.
func (u User) Actor() audit.Actor { return audit.Actor{Kind: audit.User, ID: u.ID, Name: u.Name()} }

// Person is what is known about somebody who becomes a user.
type Person struct {
	Email               string
	FirstName, LastName string
	// PasswordHash is what HashPassword made, or "" for a user who signs in by link.
	PasswordHash string
}

// maxName is the limit of a first and of a last name, in characters.
const maxName = 200

// checked is the person with clean names; fault.Fields names what is missing or too long.
func (p Person) checked() (Person, error) {
	var f input.Form
	if _, err := address.Parse(p.Email); err != nil {
		f.Add("email", err.Error())
	}
	p.FirstName = f.Required("first_name", p.FirstName, maxName)
	p.LastName = f.Required("last_name", p.LastName, maxName)
	return p, f.Err()
}

const userColumns = `u.id, u.first_name, u.last_name,
	COALESCE((SELECT p.email FROM user_addresses p WHERE p.user_id = u.id AND p.is_primary = 1), ''),
	CASE WHEN u.password_hash = '' THEN 0 ELSE 1 END, u.created_at`

// userScan is where the userColumns of a row go; done turns them into the user.
type userScan struct {
	u           User
	hasPassword int
	created     int64
}

func (s *userScan) to() []any {
	return []any{&s.u.ID, &s.u.FirstName, &s.u.LastName, &s.u.Email, &s.hasPassword, &s.created}
}

func (s *userScan) done(err error) (User, error) {
	if db.IsNoRows(err) {
		err = fault.NotFound("user")
	}
	s.u.HasPassword, s.u.CreatedAt = s.hasPassword == 1, db.Time(s.created)
	return s.u, err
}

// Load reads a user inside a transaction.
func Load(ctx context.Context, tx *db.Tx, id int64) (User, error) {
	var s userScan
	return s.done(tx.QueryRow(ctx, `SELECT `+userColumns+` FROM users u WHERE u.id = $1`, id).Scan(s.to()...))
}

// Owner reads, inside a transaction, the user who has verified an address, by its Key;
// fault.ErrNotFound where nobody has.
func Owner(ctx context.Context, tx *db.Tx, emailKey string) (User, error) {
	var s userScan
	return s.done(tx.QueryRow(ctx, `
		SELECT `+userColumns+` FROM user_addresses a JOIN users u ON u.id = a.user_id
		WHERE a.email_key = $1 AND a.verified_at > 0`, emailKey).Scan(s.to()...))
}

// ByID is a user; fault.ErrNotFound where there is none.
func (a *Accounts) ByID(ctx context.Context, id int64) (u User, err error) {
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		u, err = Load(ctx, tx, id)
		return err
	})
	return u, err
}

// ByEmail is the user who has verified the address; fault.ErrNotFound where nobody has.
func (a *Accounts) ByEmail(ctx context.Context, email string) (u User, err error) {
	addr, err := parseEmail("email", email)
	if err != nil {
		return u, err
	}
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		u, err = Owner(ctx, tx, addr.Key)
		return err
	})
	return u, err
}

// Add makes a user whose address counts as verified because by vouches for it, as the
// command line does. Where somebody has the address already, that user is answered
// unchanged. Blank names are guessed from the address.
func (a *Accounts) Add(ctx context.Context, p Person, by audit.Actor) (u User, err error) {
	addr, err := parseEmail("email", p.Email)
	if err != nil {
		return u, err
	}
	if fold.Trim(p.FirstName+p.LastName) == "" {
		p.FirstName, p.LastName = guessNames(addr)
	} else if p, err = p.checked(); err != nil {
		return u, err
	}
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		u, _, err = a.ensure(ctx, tx, p, by)
		return err
	})
	return u, err
}

// Prove makes a user with an address that a link has just proven, inside the caller's
// transaction, and links the contacts that have it; created is false where a user has the
// address already, who is answered unchanged, password included. The caller holds no lock
// of an institution yet (see gate.LockAddresses).
func (a *Accounts) Prove(ctx context.Context, tx *db.Tx, p Person) (u User, created bool, err error) {
	if p, err = p.checked(); err != nil {
		return u, false, err
	}
	return a.ensure(ctx, tx, p, audit.Actor{Kind: audit.User, Name: p.FirstName + " " + p.LastName})
}

func (a *Accounts) ensure(ctx context.Context, tx *db.Tx, p Person, by audit.Actor) (u User, created bool, err error) {
	addr, err := parseEmail("email", p.Email)
	if err != nil {
		return u, false, err
	}
	if err := gate.LockAddresses(ctx, tx, true); err != nil {
		return u, false, err
	}
	u, err = Owner(ctx, tx, addr.Key)
	if !errors.Is(err, fault.ErrNotFound) {
		return u, false, err
	}
	now := db.Millis(a.Now())
	u = User{FirstName: p.FirstName, LastName: p.LastName, Email: addr.Written, HasPassword: p.PasswordHash != "", CreatedAt: db.Time(now)}
	err = tx.QueryRow(ctx, `
		INSERT INTO users (first_name, last_name, password_hash, created_at, updated_at) VALUES ($1, $2, $3, $4, $4) RETURNING id`,
		u.FirstName, u.LastName, p.PasswordHash, now).Scan(&u.ID)
	if err != nil {
		return u, false, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO user_addresses (user_id, email, email_key, verified_at, is_primary, created_at) VALUES ($1, $2, $3, $4, 1, $4)`,
		u.ID, addr.Written, addr.Key, now)
	if err != nil {
		return u, false, err
	}
	if err := gate.RecomputeUser(ctx, tx, u.ID); err != nil {
		return u, false, err
	}
	if by.Kind == audit.User && by.ID == 0 {
		by.ID = u.ID
	}
	return u, true, a.record(ctx, tx, by, "user.created", u.ID, nil)
}

// Rename changes the user's own name.
func (a *Accounts) Rename(ctx context.Context, u User, first, last string) error {
	var f input.Form
	first, last = f.Required("first_name", first, maxName), f.Required("last_name", last, maxName)
	if err := f.Err(); err != nil {
		return err
	}
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE users SET first_name = $2, last_name = $3, updated_at = $4 WHERE id = $1`, u.ID, first, last, db.Millis(a.Now()))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFound("user")
		}
		return a.record(ctx, tx, u.Actor(), "user.renamed", u.ID, nil)
	})
}

// guessNames makes names of what stands before the @: dana.river gives Dana River. The last
// name stays blank where there is but one word.
func guessNames(addr address.Address) (first, last string) {
	local, _, _ := strings.Cut(addr.Written, "@")
	parts := strings.FieldsFunc(local, func(r rune) bool { return !unicode.IsLetter(r) })
	for i, part := range parts {
		r, size := utf8.DecodeRuneInString(part)
		parts[i] = string(unicode.ToUpper(r)) + part[size:]
	}
	if len(parts) == 0 {
		return local, ""
	}
	return parts[0], strings.Join(parts[1:], " ")
}
