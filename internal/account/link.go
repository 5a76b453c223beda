package account

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/mail"
)

// Purposes of a link. Each is the kind of the mail that carries it too.
const (
	SignInLink = "sign_in"
	SignUpLink = "sign_up"        // makes the account, then signs in
	VerifyLink = "verify_address" // proves a further address of a user
	// noAccount stands for a link that was asked for with an address nobody has: the mail
	// says so, and the row is never a link.
	noAccount = "no_account"
)

// States of a link.
const (
	LinkValid   = "valid"
	LinkUsed    = "used"
	LinkExpired = "expired"
)

// linkLife is for how long a mailed link works.
const linkLife = 15 * time.Minute

// Why a link does not work. A new one is asked for where the old one came from.
var (
	ErrLinkUsed    = fault.Conflict{Message: "this link was used already; ask for a new one"}
	ErrLinkExpired = fault.Conflict{Message: "this link does not work any more; ask for a new one"}
)

// Link is a one-time link as its owner may see it. Its token is an HMAC over id and time:
// the time, so that an id which a restored backup gives out again makes another token.
type Link struct {
	ID      int64
	Purpose string
	State   string
	// UserID is 0 for a person without an account, whose names are kept here instead.
	UserID              int64
	Email               string
	FirstName, LastName string
	// ReturnTo is the local path to go to afterwards, or "".
	ReturnTo           string
	CreatedAt, Expires time.Time

	key string // of Email
}

func (a *Accounts) token(l Link) string {
	return a.Key.Links("sign-in").Token(l.ID, db.Millis(l.CreatedAt))
}

// linkURL is the address that a mail or a command shows.
func (a *Accounts) linkURL(l Link) string {
	path := map[string]string{SignInLink: "/sign-in/", SignUpLink: "/sign-up/", VerifyLink: "/verify/"}[l.Purpose]
	return a.BaseURL + path + a.token(l)
}

// addLink stores a link that works for as long as life, and answers it with id and times.
func (a *Accounts) addLink(ctx context.Context, tx *db.Tx, l Link, life time.Duration) (Link, error) {
	now := db.Millis(a.Now())
	l.CreatedAt, l.Expires = db.Time(now), db.Time(now).Add(life)
	err := tx.QueryRow(ctx, `
		INSERT INTO sign_in_links (purpose, user_id, email, email_key, first_name, last_name, return_to, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
		l.Purpose, l.UserID, l.Email, l.key, l.FirstName, l.LastName, LocalPath(l.ReturnTo), now, db.Millis(l.Expires)).Scan(&l.ID)
	return l, err
}

// mailLink stores a link and queues the mail that carries it. The mail goes to the form by
// which addresses are compared: two spellings of one key must never be two mailboxes.
func (a *Accounts) mailLink(ctx context.Context, tx *db.Tx, l Link) error {
	l, err := a.addLink(ctx, tx, l, linkLife)
	if err != nil {
		return err
	}
	return mail.Queue(ctx, tx, a.Now(), mail.Notice{Kind: l.Purpose, To: l.key, Params: map[string]string{"link": db.FormatID(l.ID)}})
}

func loadLink(ctx context.Context, tx *db.Tx, id int64, now time.Time) (Link, error) {
	l := Link{ID: id}
	var created, expires, used int64
	err := tx.QueryRow(ctx, `
		SELECT purpose, user_id, email, email_key, first_name, last_name, return_to, created_at, expires_at, used_at
		FROM sign_in_links WHERE id = $1`, id).
		Scan(&l.Purpose, &l.UserID, &l.Email, &l.key, &l.FirstName, &l.LastName, &l.ReturnTo, &created, &expires, &used)
	if err != nil {
		return l, err
	}
	l.CreatedAt, l.Expires = db.Time(created), db.Time(expires)
	switch {
	case used > 0:
		l.State = LinkUsed
	case !l.Expires.After(now):
		l.State = LinkExpired
	default:
		l.State = LinkValid
	}
	return l, nil
}

// readLink is the link that a token stands for; fault.ErrNotFound for a token that was not
// made here, an expired Link without particulars where the row is gone.
func (a *Accounts) readLink(ctx context.Context, tx *db.Tx, token string) (Link, error) {
	numbers, ok := a.Key.Links("sign-in").Read(token, 2)
	if !ok {
		return Link{}, fault.NotFound("link")
	}
	l, err := loadLink(ctx, tx, numbers[0], a.Now())
	if db.IsNoRows(err) || err == nil && db.Millis(l.CreatedAt) != numbers[1] {
		return Link{State: LinkExpired}, nil
	}
	if err == nil && l.State == LinkValid && l.Purpose == SignInLink {
		// The address may have left the user since the link was mailed.
		u, ownerErr := Owner(ctx, tx, l.key)
		if errors.Is(ownerErr, fault.ErrNotFound) || ownerErr == nil && u.ID != l.UserID {
			l.State = LinkExpired
		} else {
			err = ownerErr
		}
	}
	return l, err
}

// LookAtLink tells what a link is for and whether it works, and changes nothing: mail
// scanners open every link. It is fault.ErrNotFound for a token that Beckon never made.
func (a *Accounts) LookAtLink(ctx context.Context, token string) (l Link, err error) {
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		l, err = a.readLink(ctx, tx, token)
		return err
	})
	return l, err
}

// claim marks a link as used, for good once the transaction commits. Of several at once
// one gets it; the others get ErrLinkUsed.
func (a *Accounts) claim(ctx context.Context, tx *db.Tx, token string, purposes ...string) (Link, error) {
	l, err := a.readLink(ctx, tx, token)
	if err != nil {
		return l, err
	}
	switch l.State {
	case LinkUsed:
		return l, ErrLinkUsed
	case LinkExpired:
		return l, ErrLinkExpired
	}
	if !slices.Contains(purposes, l.Purpose) {
		return l, fault.NotFound("link")
	}
	n, err := tx.Exec(ctx, `UPDATE sign_in_links SET used_at = $2 WHERE id = $1 AND used_at = 0`, l.ID, db.Millis(a.Now()))
	if err == nil && n == 0 {
		err = ErrLinkUsed
	}
	return l, err
}

// IssueLink makes a sign-in link for a user without a mail, as the command line does, and
// answers its address. It works once, for as long as life.
func (a *Accounts) IssueLink(ctx context.Context, userID int64, life time.Duration, by audit.Actor) (address string, err error) {
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		all, err := addresses(ctx, tx, userID)
		if err != nil {
			return err
		}
		if len(all) == 0 || all[0].VerifiedAt.IsZero() {
			return fault.NotFound("user with a verified address")
		}
		l, err := a.addLink(ctx, tx, Link{Purpose: SignInLink, UserID: userID, Email: all[0].Email, key: all[0].Key}, life)
		if err != nil {
			return err
		}
		address = a.linkURL(l)
		return a.record(ctx, tx, by, "user.link_issued", userID, nil)
	})
	return address, err
}

// LocalPath is path if it stays on this site, and "" otherwise.
func LocalPath(path string) string {
	if len(path) > 2000 || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, `\`) {
		return ""
	}
	u, err := url.Parse(path) // refuses control characters, which browsers drop
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil {
		return ""
	}
	return u.String()
}
