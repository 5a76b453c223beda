package account

import (
	"context"
	"sync"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"beckon/internal/db"
	"beckon/internal/fault"
)

// Limits of a password's length, in characters.
const (
	minPassword = 12
	maxPassword = 200
)

// hashCost is what OWASP's Password Storage Cheat Sheet asks of Argon2id at the least
// memory: 19 MiB, two passes.
var hashCost = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashing bounds how many passwords the process hashes at once, and so the memory it takes.
var hashing = make(chan struct{}, 2)

// hashOne waits for one of the places in hashing and runs f there.
func hashOne(ctx context.Context, f func() error) error {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
		return f()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// HashPassword checks a new password of the person (nil error: good enough) and answers its
// Argon2id hash. fault.Fields says what is wrong with "password": fewer than 12 or more
// than 200 characters, one of the common ones, or made of the person's own name or address.
// It takes some tens of milliseconds, longer while others wait too, so it belongs outside
// of transactions.
func HashPassword(ctx context.Context, password string, p Person) (hash string, err error) {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return "", fault.Invalid("password", "is not valid UTF-8; write it again")
	case n < minPassword:
		return "", fault.Invalid("password", "has fewer than 12 characters; use 12 or more, a few words are easy to remember")
	case n > maxPassword:
		return "", fault.Invalid("password", "has more than 200 characters; shorten it")
	}
	if why := weakness(password, p); why != "" {
		return "", fault.Invalid("password", "%s", why)
	}
	err = hashOne(ctx, func() error {
		hash, err = argon2id.CreateHash(norm.NFKC.String(password), hashCost)
		return err
	})
	return hash, err
}

// matches tells whether password is the one that was hashed.
func matches(ctx context.Context, password, hash string) (right bool, err error) {
	if len(password) > utf8.UTFMax*maxPassword {
		password = "" // nobody's, and cheap to normalise
	}
	err = hashOne(ctx, func() error {
		right, err = argon2id.ComparePasswordAndHash(norm.NFKC.String(password), hash)
		return err
	})
	return right, err
}

// dummyHash is compared with where there is no password, so that it takes as long. It is
// asked for before anybody looks whether there is one.
var dummyHash = sync.OnceValue(func() string {
	hash, err := argon2id.CreateHash("nobody's password", hashCost)
	if err != nil {
		panic(err) // only where the system has no randomness
	}
	return hash
})

// SetPassword gives the user of a session a new password and ends all other sessions. It
// takes the current password, or a session that began by a mailed link within the last
// fifteen minutes (Session.Fresh). fault.Fields names "current_password" or "password".
func (a *Accounts) SetPassword(ctx context.Context, s Session, current, password string) error {
	if !s.Fresh(a.Now()) {
		if err := a.checkCurrent(ctx, s.UserID, current); err != nil {
			return err
		}
	}
	u, err := a.ByID(ctx, s.UserID)
	if err != nil {
		return err
	}
	hash, err := HashPassword(ctx, password, Person{Email: u.Email, FirstName: u.FirstName, LastName: u.LastName})
	if err != nil {
		return err
	}
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1`, u.ID, hash, db.Millis(a.Now()))
		if err != nil {
			return err
		}
		if err := endOthers(ctx, tx, u.ID, s.ID); err != nil {
			return err
		}
		return a.record(ctx, tx, u.Actor(), "user.password_set", u.ID, nil)
	})
}

// checkCurrent makes sure that who holds a session knows the password too.
func (a *Accounts) checkCurrent(ctx context.Context, userID int64, current string) error {
	tried := try{passwordsPerAddress, "user " + db.FormatID(userID)}
	var hash string
	err := a.DB.Write(ctx, func(tx *db.Tx) error {
		if err := take(ctx, tx, a.Now(), tried); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT password_hash FROM users WHERE id = $1`, userID).Scan(&hash)
	})
	if err != nil {
		return err
	}
	if hash == "" {
		return fault.Forbidden{Needs: "a sign-in by mailed link within the last fifteen minutes"}
	}
	right, err := matches(ctx, current, hash)
	if err != nil {
		return err
	}
	if !right {
		return fault.Invalid("current_password", "is not your password; try again, or sign in by a mailed link and set a new one")
	}
	return a.DB.Write(ctx, func(tx *db.Tx) error { return giveBack(ctx, tx, a.Now(), tried) })
}
