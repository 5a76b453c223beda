package account

import (
	"context"
	"errors"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
)

// SignedIn is what a person gets by signing in.
type SignedIn struct {
	// Token is the secret of the session, for a cookie; it is told this once.
	Token   string
	Session Session
	User    User
	// ReturnTo is the local path to go to now, or "".
	ReturnTo string
}

// RequestLink mails a sign-in link to the address; to a student who has no account yet, one
// that makes it with the names that the institution knows; and to anybody else, at most once
// a day, a note that nobody has an account with the address. The answer is the same for all.
// Errors are those of a text that is no address and fault.Limited. A returnTo that leaves this site is dropped.
func (a *Accounts) RequestLink(ctx context.Context, email, returnTo string, c Client) error {
	return a.request(ctx, Link{Purpose: noAccount, Email: email, ReturnTo: returnTo}, c)
}

// SignUp mails a link that makes the account when it is used, or a sign-in link where
// somebody has the address already. The answer is the same for both. It takes no password:
// whoever asks may not be who reads the mail, so that one is given with ConfirmSignUp.
// Errors are fault.Fields and fault.Limited.
func (a *Accounts) SignUp(ctx context.Context, p Person, returnTo string, c Client) error {
	p, err := p.checked()
	if err != nil {
		return err
	}
	return a.request(ctx, Link{Purpose: SignUpLink, Email: p.Email, FirstName: p.FirstName, LastName: p.LastName, ReturnTo: returnTo}, c)
}

// request mails the link l, which stands for a person without an account, or a sign-in link
// instead. It does the same work in both cases, so that its time tells nothing either.
func (a *Accounts) request(ctx context.Context, l Link, c Client) error {
	addr, err := parseEmail("email", l.Email)
	if err != nil {
		return err
	}
	l.Email, l.key = addr.Written, addr.Key
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		if err := a.takeLink(ctx, tx, addr.Key, c); err != nil {
			return err
		}
		told, err := noAccountPerAddress.count(ctx, tx, a.Now(), l.Purpose+" "+addr.Key)
		if err != nil {
			return err
		}
		pupil, isStudent, err := knownStudent(ctx, tx, addr.Key)
		if err != nil {
			return err
		}
		u, err := Owner(ctx, tx, addr.Key)
		switch {
		case err == nil:
			l.Purpose, l.UserID, l.FirstName, l.LastName = SignInLink, u.ID, "", ""
		case !errors.Is(err, fault.ErrNotFound):
			return err
		case l.Purpose == noAccount && isStudent:
			l.Purpose, l.FirstName, l.LastName = SignUpLink, pupil.FirstName, pupil.LastName
		}
		if l.Purpose == noAccount && told > noAccountPerAddress.most {
			_, err = a.addLink(ctx, tx, l, linkLife)
		} else {
			err = a.mailLink(ctx, tx, l)
		}
		if err != nil {
			return err
		}
		return a.record(ctx, tx, visitor, "user.link_requested", l.UserID, nil)
	})
}

// knownStudent is who a student with this address is to the institution that imported the
// student last.
func knownStudent(ctx context.Context, tx *db.Tx, emailKey string) (p Person, ok bool, err error) {
	err = tx.QueryRow(ctx, `
		SELECT first_name, last_name FROM students WHERE email_key = $1 AND archived = 0 ORDER BY id DESC LIMIT 1`, emailKey).Scan(&p.FirstName, &p.LastName)
	if db.IsNoRows(err) {
		return p, false, nil
	}
	return p, err == nil, err
}

// UseLink signs in with a mailed or issued link. A sign-up link makes the account first.
// Errors are ErrLinkUsed, ErrLinkExpired and fault.ErrNotFound for no such link.
func (a *Accounts) UseLink(ctx context.Context, token string, c Client) (SignedIn, error) {
	return a.use(ctx, token, "", c)
}

// ConfirmSignUp uses a sign-up link like UseLink and gives the new account a password,
// unless password is "". Somebody who has an account by now keeps it as it is. Besides
// those of UseLink, fault.Fields says what is wrong with the password; the link then still
// works.
func (a *Accounts) ConfirmSignUp(ctx context.Context, token, password string, c Client) (SignedIn, error) {
	l, err := a.LookAtLink(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	hash := ""
	if password != "" && l.Purpose == SignUpLink && l.State == LinkValid {
		hash, err = HashPassword(ctx, password, Person{Email: l.Email, FirstName: l.FirstName, LastName: l.LastName})
		if err != nil {
			return SignedIn{}, err
		}
	}
	return a.use(ctx, token, hash, c)
}

func (a *Accounts) use(ctx context.Context, token, passwordHash string, c Client) (in SignedIn, err error) {
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		look, err := a.readLink(ctx, tx, token)
		if err != nil {
			return err
		}
		if look.Purpose == SignUpLink { // this lock comes before any other
			if err := gate.LockAddresses(ctx, tx, true); err != nil {
				return err
			}
		}
		l, err := a.claim(ctx, tx, token, SignInLink, SignUpLink)
		if err != nil {
			return err
		}
		if l.Purpose == SignUpLink {
			in.User, _, err = a.Prove(ctx, tx, Person{Email: l.Email, FirstName: l.FirstName, LastName: l.LastName, PasswordHash: passwordHash})
		} else {
			in.User, err = Load(ctx, tx, l.UserID)
		}
		if err != nil {
			return err
		}
		in.ReturnTo = l.ReturnTo
		in.Token, in.Session, err = a.StartSession(ctx, tx, in.User, ByLink, c)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

var errWrongPassword = fault.Invalid("password", "does not belong to this address; try again, or have a sign-in link mailed to you")

// SignInPassword signs in with an address and a password. A wrong password, an address that
// nobody has and an account without a password give the same error after the same work; a
// reached limit gives fault.Limited.
func (a *Accounts) SignInPassword(ctx context.Context, email, password string, c Client) (SignedIn, error) {
	addr, err := parseEmail("email", email)
	if err != nil {
		return SignedIn{}, err
	}
	tries := []try{{passwordsPerAddress, addr.Key}, {passwordsPerNetwork, c.Network}}
	var u User
	hash := dummyHash()
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		if err := take(ctx, tx, a.Now(), tries...); err != nil {
			return err
		}
		u, err = Owner(ctx, tx, addr.Key)
		if err != nil && !errors.Is(err, fault.ErrNotFound) {
			return err
		}
		if u.HasPassword {
			return tx.QueryRow(ctx, `SELECT password_hash FROM users WHERE id = $1`, u.ID).Scan(&hash)
		}
		return nil
	})
	if err != nil {
		return SignedIn{}, err
	}
	right, err := matches(ctx, password, hash)
	if err != nil {
		return SignedIn{}, err
	}
	if !right || !u.HasPassword {
		return SignedIn{}, errWrongPassword
	}
	in := SignedIn{User: u}
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		// Holding the row keeps a change of password, which ends sessions, before or behind this.
		n, err := tx.Exec(ctx, `UPDATE users SET password_hash = password_hash WHERE id = $1 AND password_hash = $2`, u.ID, hash)
		if err != nil {
			return err
		}
		if n == 0 {
			return errWrongPassword
		}
		if err := giveBack(ctx, tx, a.Now(), tries...); err != nil {
			return err
		}
		in.Token, in.Session, err = a.StartSession(ctx, tx, u, ByPassword, c)
		return err
	})
	return in, err
}
