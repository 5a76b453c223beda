package account

import (
	"context"
	"database/sql"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/secret"
)

// How a session began.
const (
	ByLink     = "link" // by a mailed link, an invite's included
	ByPassword = "password"
)

// Session is one browser in which a user is signed in.
type Session struct {
	ID     int64
	UserID int64
	// How is ByLink or ByPassword.
	How                string
	UserAgent, Network string
	CreatedAt          time.Time
	// LastSeen is at most five minutes behind.
	LastSeen time.Time
	Expires  time.Time
}

const (
	// sessionLife is for how long a session lasts without being used.
	sessionLife = 30 * 24 * time.Hour
	// seenEvery is how often the use of a session is written down.
	seenEvery = 5 * time.Minute
	// freshFor is for how long a sign-in by link lets a user set a password without the old one.
	freshFor = 15 * time.Minute
)

// Fresh tells whether the user has proven an address so lately that it stands in for the
// old password.
func (s Session) Fresh(now time.Time) bool {
	return s.How == ByLink && now.Sub(s.CreatedAt) < freshFor
}

// StartSession signs a user in, inside the caller's transaction, after the caller has made
// sure who it is. The token goes into a cookie; the database keeps its hash.
func (a *Accounts) StartSession(ctx context.Context, tx *db.Tx, u User, how string, c Client) (token string, s Session, err error) {
	now := db.Time(db.Millis(a.Now()))
	s = Session{UserID: u.ID, How: how, UserAgent: cut(c.UserAgent, 300), Network: c.Network, CreatedAt: now, LastSeen: now, Expires: now.Add(sessionLife)}
	token = secret.Random()
	err = tx.QueryRow(ctx, `
		INSERT INTO sessions (token_hash, user_id, created_at, last_seen_at, expires_at, how, user_agent, network)
		VALUES ($1, $2, $3, $3, $4, $5, $6, $7) RETURNING id`,
		secret.Hash(token), s.UserID, db.Millis(now), db.Millis(s.Expires), s.How, s.UserAgent, s.Network).Scan(&s.ID)
	if err != nil {
		return "", s, err
	}
	return token, s, a.record(ctx, tx, u.Actor(), "user.signed_in", u.ID, map[string]any{"how": how})
}

const sessionColumns = `s.id, s.user_id, s.how, s.user_agent, s.network, s.created_at, s.last_seen_at, s.expires_at`

func scanSession(row interface{ Scan(...any) error }, more ...any) (s Session, err error) {
	var created, seen, expires int64
	to := append([]any{&s.ID, &s.UserID, &s.How, &s.UserAgent, &s.Network, &created, &seen, &expires}, more...)
	err = row.Scan(to...)
	s.CreatedAt, s.LastSeen, s.Expires = db.Time(created), db.Time(seen), db.Time(expires)
	return s, err
}

// SessionUser is who is signed in with a token; fault.ErrNotFound for a token that is not,
// or no longer, a session. Using a session keeps it alive.
func (a *Accounts) SessionUser(ctx context.Context, token string) (u User, s Session, err error) {
	now := a.Now()
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		var us userScan
		s, err = scanSession(tx.QueryRow(ctx, `
			SELECT `+sessionColumns+`, `+userColumns+` FROM sessions s JOIN users u ON u.id = s.user_id
			WHERE s.token_hash = $1 AND s.expires_at > $2`, secret.Hash(token), db.Millis(now)), us.to()...)
		u, err = us.done(err)
		return err
	})
	if err != nil || now.Sub(s.LastSeen) < seenEvery {
		return u, s, err
	}
	before := s.LastSeen
	s.LastSeen, s.Expires = now, now.Add(sessionLife)
	return u, s, a.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1 AND last_seen_at = $4`,
			s.ID, db.Millis(s.LastSeen), db.Millis(s.Expires), db.Millis(before))
		return err
	})
}

// Sessions is where the user is signed in, the latest used first.
func (a *Accounts) Sessions(ctx context.Context, userID int64) (all []Session, err error) {
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			s, err := scanSession(r)
			all = append(all, s)
			return err
		}, `SELECT `+sessionColumns+` FROM sessions s WHERE s.user_id = $1 AND s.expires_at > $2 ORDER BY s.last_seen_at DESC, s.id DESC`,
			userID, db.Millis(a.Now()))
	})
	return all, err
}

// EndSession ends one of the user's own sessions; fault.ErrNotFound for anybody else's.
func (a *Accounts) EndSession(ctx context.Context, u User, id int64) error {
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM sessions WHERE id = $1 AND user_id = $2`, id, u.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFound("session")
		}
		return a.record(ctx, tx, u.Actor(), "user.session_ended", u.ID, nil)
	})
}

// EndOthers ends all of the user's sessions but the one with the id keep.
func (a *Accounts) EndOthers(ctx context.Context, u User, keep int64) error {
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		if err := endOthers(ctx, tx, u.ID, keep); err != nil {
			return err
		}
		return a.record(ctx, tx, u.Actor(), "user.sessions_ended", u.ID, nil)
	})
}

func endOthers(ctx context.Context, tx *db.Tx, userID, keep int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id <> $2`, userID, keep)
	return err
}

// SignOut ends the session of a token. A token that is no session is signed out already.
func (a *Accounts) SignOut(ctx context.Context, token string) error {
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		var userID int64
		err := tx.QueryRow(ctx, `DELETE FROM sessions WHERE token_hash = $1 RETURNING user_id`, secret.Hash(token)).Scan(&userID)
		if db.IsNoRows(err) {
			return nil
		}
		if err != nil {
			return err
		}
		u, err := Load(ctx, tx, userID)
		if err != nil {
			return err
		}
		return a.record(ctx, tx, u.Actor(), "user.signed_out", u.ID, nil)
	})
}
