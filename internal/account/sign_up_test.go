package account_test

import (
	"errors"
	"testing"

	"beckon/internal/account"
	"beckon/internal/db"
)

const goodPassword = "seven quiet otters swim"

func robin() account.Person {
	return account.Person{Email: "Robin@Acme.example", FirstName: " Robin ", LastName: "Hill"}
}

func TestSignUpMakesTheAccountWhenTheLinkIsUsed(t *testing.T) {
	each(t, func(h *house) {
		h.contact(1, 1, "robin@acme.example")
		h.must(h.SignUp(ctx, robin(), "/institutions", browser))
		if n := h.count(`SELECT COUNT(*) FROM users`); n != 0 {
			h.t.Fatal("an account before the address is proven")
		}
		in, err := h.UseLink(ctx, h.oneLetter(account.SignUpLink).token(), browser)
		h.must(err)
		if in.User.Name() != "Robin Hill" || in.User.Email != "Robin@Acme.example" || in.User.HasPassword || in.ReturnTo != "/institutions" {
			h.t.Fatalf("%+v", in)
		}
		if h.linked(1, 1) != in.User.ID || h.audited("user.created") != 1 {
			h.t.Fatal("not linked, or not audited")
		}
	})
}

func TestSignUpOfAKnownAddressMailsASignInLink(t *testing.T) {
	each(t, func(h *house) {
		u := h.add("robin@acme.example")
		h.must(h.SignUp(ctx, robin(), "", browser))
		in, err := h.ConfirmSignUp(ctx, h.oneLetter(account.SignInLink).token(), "another good password", browser)
		h.must(err)
		if in.User.ID != u.ID || in.User.FirstName != "Dana" || in.User.HasPassword {
			h.t.Fatalf("a stranger's sign-up changed the account: %+v", in.User)
		}
	})
}

func TestConfirmSignUpSetsThePassword(t *testing.T) {
	each(t, func(h *house) {
		h.must(h.SignUp(ctx, robin(), "", browser))
		token := h.oneLetter(account.SignUpLink).token()
		_, err := h.ConfirmSignUp(ctx, token, "password1234", browser)
		h.fields(err, "password")
		in, err := h.ConfirmSignUp(ctx, token, goodPassword, browser)
		h.must(err)
		if !in.User.HasPassword {
			h.t.Fatal("no password")
		}
		if _, err := h.ConfirmSignUp(ctx, token, goodPassword, browser); !errors.Is(err, account.ErrLinkUsed) {
			h.t.Fatal(err)
		}
		again, err := h.SignInPassword(ctx, "robin@acme.example", goodPassword, browser)
		h.must(err)
		if again.User.ID != in.User.ID {
			h.t.Fatal("somebody else")
		}
	})
}

// The account came to be by other means between sign-up and its confirmation.
func TestSignUpOvertakenKeepsTheAccount(t *testing.T) {
	each(t, func(h *house) {
		h.must(h.SignUp(ctx, robin(), "", browser))
		token := h.oneLetter(account.SignUpLink).token()
		u := h.add("robin@acme.example")
		in, err := h.ConfirmSignUp(ctx, token, goodPassword, browser)
		h.must(err)
		if in.User != u {
			h.t.Fatalf("%+v", in.User)
		}
	})
}

func TestSignUpWantsNames(t *testing.T) {
	each(t, func(h *house) {
		h.fields(h.SignUp(ctx, account.Person{Email: "robin@acme.example", FirstName: "Robin", LastName: " \u200b"}, "", browser), "last_name")
		h.fields(h.SignUp(ctx, account.Person{Email: "robin", FirstName: "Robin", LastName: "Hill"}, "", browser), "email")
		if n := len(h.letters()); n != 0 {
			h.t.Fatalf("%d mails", n)
		}
	})
}

func TestProveRunsInTheCallersTransaction(t *testing.T) {
	each(t, func(h *house) {
		h.contact(1, 1, "robin@acme.example")
		h.contact(2, 1, "robin@acme.example")
		hash, err := account.HashPassword(ctx, goodPassword, robin())
		h.must(err)
		p := robin()
		p.PasswordHash = hash
		prove := func(p account.Person, end error) (u account.User, created bool, err error) {
			err = h.d.Write(ctx, func(tx *db.Tx) error {
				if u, created, err = h.Prove(ctx, tx, p); err != nil {
					return err
				}
				return end
			})
			return u, created, err
		}
		undone := errors.New("undone")
		if _, _, err := prove(p, undone); err != undone || h.count(`SELECT COUNT(*) FROM users`) != 0 {
			h.t.Fatal("it outlived its transaction", err)
		}
		u, created, err := prove(p, nil)
		h.must(err)
		if !created || h.linked(1, 1) != u.ID || h.linked(2, 1) != u.ID {
			h.t.Fatalf("%+v %v", u, created)
		}
		other, err := account.HashPassword(ctx, "eight other otters swim", robin())
		h.must(err)
		again, created, err := prove(account.Person{Email: "robin@ACME.example", FirstName: "R", LastName: "H", PasswordHash: other}, nil)
		h.must(err)
		if created || again != u {
			h.t.Fatalf("%+v", again)
		}
		if _, err := h.SignInPassword(ctx, u.Email, goodPassword, browser); err != nil {
			h.t.Fatal("an invite's link changed the password of an account", err)
		}
	})
}

// A student whom an institution has imported needs no sign-up: asking for a link is enough.
func TestStudentSignsInWithoutAnAccount(t *testing.T) {
	each(t, func(h *house) {
		h.student(1, "Ada@Elm.example", "Ada", "Low", 0)
		h.student(2, "left@oak.example", "Lee", "Gone", 1)
		h.must(errors.Join(h.RequestLink(ctx, "ADA@elm.example", "/student/elm/jobs", browser), h.RequestLink(ctx, "left@oak.example", "", browser)))
		links := h.letters()
		if len(links) != 2 || links[0].kind != account.SignUpLink || links[0].to != "ada@elm.example" || links[1].kind != "no_account" {
			h.t.Fatalf("%+v", links)
		}
		if n := h.count(`SELECT COUNT(*) FROM users`); n != 0 {
			h.t.Fatal("an account before the address is proven")
		}
		in, err := h.UseLink(ctx, links[0].token(), browser)
		h.must(err)
		if in.User.Name() != "Ada Low" || in.ReturnTo != "/student/elm/jobs" {
			h.t.Fatalf("%+v", in)
		}
		h.must(h.RequestLink(ctx, "ada@elm.example", "", browser))
		h.oneLetter(account.SignInLink)
	})
}
