package account

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"
	"time"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/input"
	"beckon/internal/institution"
	"beckon/internal/secret"
)

// Scopes of an employer user's token. Those of an institution's are its permissions.
const (
	ReadScope    = "read"
	RecruitScope = "recruit"
)

// TokenPrefix begins every API token, so that people and scanners know one when they see it.
const TokenPrefix = "bkn_"

// Token is an API token without its secret.
type Token struct {
	TokenInfo
	// CreatedBy is the name of who made it.
	CreatedBy string
	CreatedAt time.Time
	// LastUsed is at most a minute behind; zero until it is used.
	LastUsed time.Time
	// RevokedAt is zero while it works.
	RevokedAt time.Time
}

// TokenInfo is whose a token is and what it may do: an institution's or, with
// InstitutionID 0, an employer user's.
type TokenInfo struct {
	ID            int64
	Name          string
	InstitutionID int64
	UserID        int64
	Scopes        []string
}

// Scope is the scope of an institution's token. A user's token gives the zero Scope.
func (t TokenInfo) Scope() institution.Scope {
	if t.InstitutionID == 0 {
		return institution.Scope{}
	}
	permissions := make([]institution.Permission, len(t.Scopes))
	for i, s := range t.Scopes {
		permissions[i] = institution.Permission(s)
	}
	return institution.Token(t.InstitutionID, t.ID, t.Name, permissions)
}

// Actor is the token as who acts, for the audit.
func (t TokenInfo) Actor() audit.Actor {
	return audit.Actor{Kind: audit.Token, ID: t.ID, Name: t.Name}
}

// May tells whether the token has the scope. Reading comes with every scope.
func (t TokenInfo) May(scope string) bool {
	return scope == ReadScope || slices.Contains(t.Scopes, scope)
}

func institutionScopes() []string {
	all := make([]string, len(institution.Permissions))
	for i, p := range institution.Permissions {
		all[i] = string(p)
	}
	return all
}

// CreateToken makes an API token for the institution of the scope and answers its secret,
// which is told this once. Without scopes it has all of them. fault.Fields names "name" or
// "scopes".
func (a *Accounts) CreateToken(ctx context.Context, s institution.Scope, name string, scopes []string) (text string, t Token, err error) {
	if err := s.Require(institution.People); err != nil {
		return "", t, err
	}
	t = Token{TokenInfo: TokenInfo{Name: name, InstitutionID: s.ID(), Scopes: scopes}, CreatedBy: s.Actor().Name}
	return a.createToken(ctx, t, institutionScopes(), func(tx *db.Tx, t Token) error {
		return s.Record(ctx, tx, a.Now(), "token.created", "token", t.ID, map[string]any{"name": t.Name})
	})
}

// CreateUserToken makes an API token with which programs act as an employer user, like
// CreateToken.
func (a *Accounts) CreateUserToken(ctx context.Context, u User, name string, scopes []string, by audit.Actor) (text string, t Token, err error) {
	t = Token{TokenInfo: TokenInfo{Name: name, UserID: u.ID, Scopes: scopes}, CreatedBy: by.Name}
	return a.createToken(ctx, t, []string{ReadScope, RecruitScope}, func(tx *db.Tx, t Token) error {
		return a.record(ctx, tx, by, "user.token_created", u.ID, map[string]any{"name": t.Name})
	})
}

func (a *Accounts) createToken(ctx context.Context, t Token, known []string, record func(*db.Tx, Token) error) (string, Token, error) {
	var f input.Form
	t.Name = f.Required("name", t.Name, 100)
	if len(t.Scopes) == 0 {
		t.Scopes = known
	}
	t.Scopes = slices.Compact(slices.Sorted(slices.Values(t.Scopes)))
	if slices.ContainsFunc(t.Scopes, func(s string) bool { return !slices.Contains(known, s) }) {
		f.Add("scopes", "has one that does not exist; choose among "+strings.Join(known, ", "))
	}
	if err := f.Err(); err != nil {
		return "", Token{}, err
	}
	text := TokenPrefix + secret.Random()
	now := db.Millis(a.Now())
	t.CreatedAt = db.Time(now)
	err := a.DB.Write(ctx, func(tx *db.Tx) error {
		err := tx.QueryRow(ctx, `
			INSERT INTO api_tokens (token_hash, name, institution_id, user_id, scopes, created_by, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
			secret.Hash(text), t.Name, t.InstitutionID, t.UserID, strings.Join(t.Scopes, " "), t.CreatedBy, now).Scan(&t.ID)
		if err != nil {
			return err
		}
		return record(tx, t)
	})
	if err != nil {
		return "", Token{}, err
	}
	return text, t, nil
}

// Tokens is the institution's tokens, revoked ones too, the newest first.
func (a *Accounts) Tokens(ctx context.Context, s institution.Scope) ([]Token, error) {
	if err := s.Require(institution.People); err != nil {
		return nil, err
	}
	return a.listTokens(ctx, `institution_id = $1 AND user_id = 0`, s.ID())
}

// UserTokens is an employer user's own tokens, revoked ones too, the newest first.
func (a *Accounts) UserTokens(ctx context.Context, userID int64) ([]Token, error) {
	return a.listTokens(ctx, `user_id = $1 AND institution_id = 0`, userID)
}

const tokenColumns = `id, name, institution_id, user_id, scopes, created_by, created_at, last_used_at, revoked_at`

func scanToken(row interface{ Scan(...any) error }) (t Token, err error) {
	var scopes string
	var created, used, revoked int64
	err = row.Scan(&t.ID, &t.Name, &t.InstitutionID, &t.UserID, &scopes, &t.CreatedBy, &created, &used, &revoked)
	t.Scopes = strings.Fields(scopes)
	t.CreatedAt, t.LastUsed, t.RevokedAt = db.Time(created), db.Time(used), db.Time(revoked)
	return t, err
}

func (a *Accounts) listTokens(ctx context.Context, where string, owner int64) (all []Token, err error) {
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			t, err := scanToken(r)
			all = append(all, t)
			return err
		}, `SELECT `+tokenColumns+` FROM api_tokens WHERE `+where+` ORDER BY id DESC`, owner)
	})
	return all, err
}

// RevokeToken stops one of the institution's tokens: at once in this process, within a
// second in others. fault.ErrNotFound for another's token, and for one revoked before.
func (a *Accounts) RevokeToken(ctx context.Context, s institution.Scope, id int64) error {
	if err := s.Require(institution.People); err != nil {
		return err
	}
	return a.revoke(ctx, `institution_id = $3 AND user_id = 0`, id, s.ID(), func(tx *db.Tx) error {
		return s.Record(ctx, tx, a.Now(), "token.revoked", "token", id, nil)
	})
}

// RevokeUserToken stops one of the user's own tokens, like RevokeToken.
func (a *Accounts) RevokeUserToken(ctx context.Context, u User, id int64) error {
	return a.revoke(ctx, `user_id = $3 AND institution_id = 0`, id, u.ID, func(tx *db.Tx) error {
		return a.record(ctx, tx, u.Actor(), "user.token_revoked", u.ID, nil)
	})
}

func (a *Accounts) revoke(ctx context.Context, where string, id, owner int64, record func(*db.Tx) error) error {
	err := a.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0 AND `+where, id, db.Millis(a.Now()), owner)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFound("API token")
		}
		return record(tx)
	})
	a.tokens.forget()
	return err
}

// CheckToken is whose the secret of an API token is; fault.ErrNotFound for one that does
// not exist or was revoked. It remembers an answer for a second.
func (a *Accounts) CheckToken(ctx context.Context, text string) (TokenInfo, error) {
	if !strings.HasPrefix(text, TokenPrefix) {
		return TokenInfo{}, fault.NotFound("API token")
	}
	hash := string(secret.Hash(text))
	now := a.Now()
	info, generation, ok := a.tokens.get(hash, now)
	if ok {
		return info, nil
	}
	var t Token
	err := a.DB.Read(ctx, func(tx *db.Tx) (err error) {
		t, err = scanToken(tx.QueryRow(ctx, `SELECT `+tokenColumns+` FROM api_tokens WHERE token_hash = $1 AND revoked_at = 0`, []byte(hash)))
		return err
	})
	if db.IsNoRows(err) {
		return TokenInfo{}, fault.NotFound("API token")
	}
	if err != nil {
		return TokenInfo{}, err
	}
	a.tokens.put(hash, t.TokenInfo, generation, now)
	if now.Sub(t.LastUsed) < time.Minute {
		return t.TokenInfo, nil
	}
	return t.TokenInfo, a.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE api_tokens SET last_used_at = $2 WHERE id = $1 AND last_used_at = $3`, t.ID, db.Millis(now), db.Millis(t.LastUsed))
		return err
	})
}

// tokenCache remembers checked tokens by the hash of their secret for a second, since a
// client makes many requests in a row.
type tokenCache struct {
	mu         sync.Mutex
	known      map[string]cachedToken
	generation int
}

type cachedToken struct {
	info  TokenInfo
	until time.Time
}

const (
	cacheFor  = time.Second
	cacheMost = 10_000
)

// get also answers the generation, which put wants back: what was read before a token was
// revoked must not be remembered after.
func (c *tokenCache) get(hash string, now time.Time) (info TokenInfo, generation int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x, ok := c.known[hash]
	return x.info, c.generation, ok && now.Before(x.until)
}

func (c *tokenCache) put(hash string, info TokenInfo, generation int, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if c.known == nil || len(c.known) >= cacheMost {
		c.known = map[string]cachedToken{}
	}
	c.known[hash] = cachedToken{info, now.Add(cacheFor)}
}

func (c *tokenCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = nil
	c.generation++
}
