// Package account knows people: users with the addresses they have proven, how they sign
// in (a mailed link, a password), their sessions, and API tokens. No password and no token
// stands in the database: it holds hashes, and links are derived with the key file.
package account

import (
	"context"
	"strings"
	"time"
	"unicode"

	"beckon/internal/address"
	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/secret"
)

// Accounts is the register of users. It is safe for concurrent use, and must not be copied
// once it is used. Several processes may each have one on the same database.
type Accounts struct {
	DB  *db.DB
	Key *secret.Key
	Now func() time.Time
	// BaseURL is where people reach Beckon, without a slash at its end.
	BaseURL string

	tokens tokenCache
}

// Client is where a request comes from.
type Client struct {
	// UserAgent is what the browser calls itself; it is shown in the list of sessions.
	UserAgent string
	// Network is what Network answers for the client's address; "" is not limited.
	Network string
}

// visitor is the actor of what somebody does who is not signed in.
var visitor = audit.Actor{Kind: audit.User, Name: "visitor"}

// record writes an audit event about a user, outside any institution.
func (a *Accounts) record(ctx context.Context, tx *db.Tx, by audit.Actor, action string, userID int64, detail map[string]any) error {
	return audit.Record(ctx, tx, audit.Event{At: a.Now(), Actor: by, Action: action, SubjectKind: "user", SubjectID: userID, Detail: detail})
}

func parseEmail(path, raw string) (address.Address, error) {
	addr, err := address.Parse(raw)
	if err != nil {
		return addr, fault.Invalid(path, "%s", err)
	}
	return addr, nil
}

// cut is what a program calls itself, fit for a text column: at most n characters.
func cut(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if runes := []rune(s); len(runes) > n {
		s = string(runes[:n])
	}
	return s
}
