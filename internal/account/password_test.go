package account_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"beckon/internal/account"
	"beckon/internal/fault"
)

// withPassword is a user who signed in by link, and the session.
func (h *house) withPassword(email string) (account.User, account.Session) {
	h.t.Helper()
	h.add(email)
	s := h.linkSession(email)
	h.must(h.SetPassword(ctx, s, "", goodPassword))
	u, err := h.ByEmail(ctx, email)
	h.must(err)
	return u, s
}

func (h *house) linkSession(email string) account.Session {
	h.t.Helper()
	h.must(h.RequestLink(ctx, email, "", account.Client{}))
	in, err := h.UseLink(ctx, h.oneLetter(account.SignInLink).token(), account.Client{})
	h.must(err)
	return in.Session
}

func TestWeakPasswordsAreRefused(t *testing.T) {
	p := account.Person{Email: "dana.river@acme.example", FirstName: "Danaë", LastName: "Li"}
	for _, weak := range []string{
		"", "short", "elevenchars", strings.Repeat("x", 201), "\xff\xfe a password in no encoding",
		"password1234", "PassWord1234", "p@ssw0rd1234", "Password1234!!", "correcthorsebatterystaple", "Summer2026!?", "iloveyou123456",
		"aaaaaaaaaaaaa", "abcabcabcabcabc", "1234123412341234", "qwertyuiop[]", "poiuytrewq12345", "1qaz2wsx3edc", "abcdefghijklmnop", "987654321abc",
		"dana.river lives here", "my name is DANAE ok",
	} {
		var f fault.Fields
		if _, err := account.HashPassword(ctx, weak, p); !errors.As(err, &f) || f[0].Path != "password" {
			t.Errorf("%q: %v", weak, err)
		}
	}
	for _, good := range []string{goodPassword, "liverpool lime street 7", "Zwölf Boxkämpfer!", "k3#vT9!qLz2@", "пароль для почты", strings.Repeat("ab9x!", 40)} {
		if _, err := account.HashPassword(ctx, good, p); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestPasswordIsTheSameInEitherNormalForm(t *testing.T) {
	each(t, func(h *house) {
		h.add("dana@acme.example")
		h.must(h.SetPassword(ctx, h.linkSession("dana@acme.example"), "", "z\u00f6lf boxk\u00e4mpfer"))
		_, err := h.SignInPassword(ctx, "dana@acme.example", "zo\u0308lf boxka\u0308mpfer", browser)
		h.must(err)
	})
}

func TestSignInByPassword(t *testing.T) {
	each(t, func(h *house) {
		u, _ := h.withPassword("dana@acme.example")
		in, err := h.SignInPassword(ctx, "DANA@acme.example", goodPassword, browser)
		h.must(err)
		if in.User != u || in.Session.How != account.ByPassword {
			h.t.Fatalf("%+v", in)
		}
		_, who, err := h.SessionUser(ctx, in.Token)
		h.must(err)
		if who != in.Session {
			h.t.Fatalf("%+v", who)
		}
		h.add("nopassword@acme.example")
		said := map[string]bool{}
		for _, email := range []string{"dana@acme.example", "nobody@acme.example", "nopassword@acme.example"} {
			for _, password := range []string{"wrong wrong wrong", "", "nobody's password", strings.Repeat("x", 10_000)} {
				_, err := h.SignInPassword(ctx, email, password, browser)
				h.fields(err, "password")
				said[err.Error()] = true
			}
		}
		if len(said) != 1 {
			h.t.Fatal("answers differ", said)
		}
	})
}

func TestPasswordTriesAreLimitedPerAddress(t *testing.T) {
	each(t, func(h *house) {
		h.withPassword("dana@acme.example")
		for range 12 { // what turns out well does not count
			_, err := h.SignInPassword(ctx, "dana@acme.example", goodPassword, browser)
			h.must(err)
		}
		for _, email := range []string{"dana@acme.example", "nobody@acme.example"} {
			for i := range 10 {
				house := h.Accounts
				if i%2 == 1 {
					house = h.process()
				}
				_, err := house.SignInPassword(ctx, email, "wrong wrong wrong", browser)
				h.fields(err, "password")
			}
			_, err := h.SignInPassword(ctx, email, goodPassword, browser)
			if after := h.limited(err); after <= 0 || after > 15*time.Minute {
				h.t.Fatal(after)
			}
		}
		h.now = h.now.Add(15 * time.Minute)
		_, err := h.SignInPassword(ctx, "dana@acme.example", goodPassword, browser)
		h.must(err)
	})
}

func TestSetPasswordWantsProof(t *testing.T) {
	each(t, func(h *house) {
		u, fresh := h.withPassword("dana@acme.example")
		in, err := h.SignInPassword(ctx, u.Email, goodPassword, browser)
		h.must(err)
		const next = "nine calm otters swim"
		h.fields(h.SetPassword(ctx, in.Session, "wrong wrong wrong", next), "current_password")
		h.fields(h.SetPassword(ctx, in.Session, goodPassword, "password1234"), "password")
		h.now = h.now.Add(20 * time.Minute)
		h.fields(h.SetPassword(ctx, fresh, "", next), "current_password")
		h.must(h.SetPassword(ctx, in.Session, goodPassword, next))
		all, err := h.Sessions(ctx, u.ID)
		h.must(err)
		if len(all) != 1 || all[0].ID != in.Session.ID {
			h.t.Fatalf("other sessions go on: %+v", all)
		}
		_, err = h.SignInPassword(ctx, u.Email, goodPassword, browser)
		h.fields(err, "password")
		if h.audited("user.password_set") != 2 {
			h.t.Fatal("not audited")
		}

		h.add("robin@acme.example")
		old := h.linkSession("robin@acme.example")
		h.now = h.now.Add(20 * time.Minute)
		var forbidden fault.Forbidden
		if err := h.SetPassword(ctx, old, "", next); !errors.As(err, &forbidden) {
			h.t.Fatal(err)
		}
	})
}

func TestCurrentPasswordCannotBeGuessed(t *testing.T) {
	each(t, func(h *house) {
		_, s := h.withPassword("dana@acme.example")
		h.now = h.now.Add(20 * time.Minute)
		for range 10 {
			h.fields(h.SetPassword(ctx, s, "wrong wrong wrong", "nine calm otters swim"), "current_password")
		}
		h.limited(h.SetPassword(ctx, s, goodPassword, "nine calm otters swim"))
	})
}
