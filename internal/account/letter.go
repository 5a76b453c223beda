package account

import (
	"context"
	"fmt"
	"time"

	"beckon/internal/db"
	"beckon/internal/mail"
)

// Letters is what writes the mails of this package, by their kind.
func (a *Accounts) Letters() map[string]mail.LetterFunc {
	return map[string]mail.LetterFunc{
		SignInLink: a.letter(a.signInLetter),
		SignUpLink: a.letter(a.signUpLetter),
		VerifyLink: a.letter(a.verifyLetter),
		noAccount:  a.letter(a.noAccountLetter),
	}
}

// letter makes a LetterFunc of what is written about a link. A link that was used or is
// over by the time its mail goes needs no mail.
func (a *Accounts) letter(write func(Link) (subject string, l mail.Letter)) mail.LetterFunc {
	return func(ctx context.Context, n mail.Notice) (subject string, l mail.Letter, ok bool, err error) {
		id, ok := db.ParseID(n.Params["link"])
		if !ok {
			return "", l, false, fmt.Errorf("the mail %s names no link", n.Kind)
		}
		var link Link
		err = a.DB.Read(ctx, func(tx *db.Tx) error {
			link, err = loadLink(ctx, tx, id, a.Now())
			return err
		})
		if db.IsNoRows(err) || err == nil && link.State != LinkValid {
			return "", l, false, nil
		}
		if err != nil {
			return "", l, false, err
		}
		subject, l = write(link)
		l.Institution = "Beckon"
		l.Footer = []string{"This message was sent to " + link.Email + " by Beckon, " + a.BaseURL}
		return subject, l, true, nil
	}
}

// works says how long a link works, in a sentence.
func works(l Link) string {
	return fmt.Sprintf("The link works once, within %d minutes.", int(l.Expires.Sub(l.CreatedAt)/time.Minute))
}

func (a *Accounts) signInLetter(l Link) (string, mail.Letter) {
	return "Your sign-in link", mail.Letter{
		Preheader:  works(l),
		Heading:    "Sign in to Beckon",
		Paragraphs: []string{"Press the button to sign in as " + l.Email + ". " + works(l)},
		Button:     mail.Link{Text: "Sign in", URL: a.linkURL(l)},
		After:      []string{"If you did not ask for this, you need do nothing: nobody gets in without this message."},
	}
}

// signUpLetter does not use the name, which whoever asked has chosen: no stranger gets to
// write a line of our mail.
func (a *Accounts) signUpLetter(l Link) (string, mail.Letter) {
	return "Confirm your address", mail.Letter{
		Preheader:  "One press, and your account is ready.",
		Heading:    "Create your account",
		Paragraphs: []string{"Press the button to confirm that " + l.Email + " is your address and to create your account. " + works(l)},
		Button:     mail.Link{Text: "Create your account", URL: a.linkURL(l)},
		After:      []string{"If you did not ask for this, you need do nothing: there is no account without the press."},
	}
}

func (a *Accounts) verifyLetter(l Link) (string, mail.Letter) {
	return "Confirm your address", mail.Letter{
		Preheader:  "One press adds this address to your account.",
		Heading:    "Add this address to your account",
		Paragraphs: []string{"Press the button, signed in to your account, to confirm that " + l.Email + " is yours too. " + works(l)},
		Button:     mail.Link{Text: "Confirm this address", URL: a.linkURL(l)},
		After:      []string{"If you did not add this address to an account, ignore this message: nothing changes."},
	}
}

func (a *Accounts) noAccountLetter(l Link) (string, mail.Letter) {
	return "No account with this address", mail.Letter{
		Preheader:  "Somebody asked to sign in with your address.",
		Heading:    "There is no account with this address",
		Paragraphs: []string{"Somebody asked to sign in to Beckon as " + l.Email + ". No account has this address. If it was you, sign up, or sign in with the address that you signed up with."},
		Button:     mail.Link{Text: "Sign up", URL: a.BaseURL + "/sign-up"},
		After:      []string{"If it was not you, you need do nothing. We write this at most once a day."},
	}
}
