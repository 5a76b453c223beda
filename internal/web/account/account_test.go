package account_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/institution"
	pages "beckon/internal/web/account"
	"beckon/internal/web/visit/visittest"
)

func site(t *testing.T) *visittest.Site {
	s := visittest.New(t)
	(&pages.Pages{Accounts: s.Accounts, Now: s.Now}).Routes(s.Mux)
	return s
}

func TestTheAccountIsForWhoIsSignedIn(t *testing.T) {
	s := site(t)
	s.Visitor().Get("/account").LeadsTo("/sign-in?to=%2Faccount")
	s.Visitor().Post("/account/name", "first_name", "A", "last_name", "B").LeadsTo("/sign-in")
	elm := s.Institution("Elm University")
	dana := s.User("Dana Whitfield", "dana@elm.example")
	s.Staff(elm, dana, institution.Owner)
	s.As(dana).Get("/account").Shows(200, "Your account", `href="/at/elm/contacts"`)
	s.As(s.User("Amara Okafor", "amara@northwind.example")).Get("/account").Shows(200, `href="/recruit/institutions"`)
}

func TestRename(t *testing.T) {
	s := site(t)
	b := s.As(s.User("Amara Okafor", "amara@northwind.example"))
	b.Post("/account/name", "first_name", "", "last_name", "<i>Okafor").Shows(422, `href="#first_name"`, `value="&lt;i&gt;Okafor"`).Lacks("<i>Okafor")
	b.Post("/account/name", "first_name", "Amaka", "last_name", "Okafor").LeadsTo("/account")
	b.Get("/account").Shows(200, "Your name is changed", `value="Amaka"`)
}

func TestAddVerifyAndRemoveAnAddress(t *testing.T) {
	s := site(t)
	amara, sami := s.User("Amara Okafor", "amara@northwind.example"), s.User("Sami Brandt", "sami@northwind.example")
	b := s.As(amara)
	b.Post("/account/addresses", "email", "nonsense").Shows(422, "Address has no @", `value="nonsense"`)
	b.Post("/account/addresses", "email", "amara@mail.example").LeadsTo("/account")
	b.Get("/account").Shows(200, "not confirmed yet", "Mail the link again")
	b.Post("/account/addresses/primary", "key", "amara@mail.example").Shows(409, "not verified yet")
	letters := s.Letters()
	if len(letters) != 1 {
		t.Fatalf("%d letters", len(letters))
	}
	link := letters[0].Button.URL
	s.Visitor().Get(link).LeadsTo("/sign-in?to=" + strings.ReplaceAll(strings.TrimPrefix(link, s.URL), "/", "%2F"))
	s.As(sami).Get(link).Shows(200, "This link is for another account")
	s.As(sami).Post(link).Shows(403)
	b.Get(link).Shows(200, "Confirm this address", "amara@mail.example")
	if n := s.Int(`SELECT COUNT(*) FROM user_addresses WHERE email = 'amara@mail.example' AND verified_at > 0`); n != 0 {
		t.Fatal("looking at the link verified the address")
	}
	b.Post(link).LeadsTo("/account")
	b.Get("/account").Shows(200, "amara@mail.example is confirmed")
	b.Get(link).Shows(410, "This link was used already")
	b.Post("/account/addresses/primary", "key", "amara@mail.example").LeadsTo("/account")
	b.Post("/account/addresses/remove", "key", "amara@northwind.example").LeadsTo("/account")
	b.Post("/account/addresses/remove", "key", "amara@mail.example").Shows(409, "your only verified address")
	b.Post("/account/addresses/remove", "key", "sami@northwind.example").Shows(404)
}

func TestAPasswordNeedsTheOldOneOrAFreshLink(t *testing.T) {
	s := site(t)
	amara := s.User("Amara Okafor", "amara@northwind.example")
	fresh, other := s.As(amara), s.As(amara)
	fresh.Post("/account/password", "password", "short").Shows(422, "New password has fewer than 12 characters")
	fresh.Post("/account/password", "password", "seven quiet rivers run").LeadsTo("/account")
	other.Get("/account").LeadsTo("/sign-in?to=%2Faccount") // other sessions are ended
	s.Pass(time.Hour)
	fresh.Get("/account").Shows(200, "Current password", "Change password")
	fresh.Post("/account/password", "current_password", "wrong wrong wrong", "password", "seven other rivers run").
		Shows(422, "Current password is not your password").Lacks("wrong wrong wrong")
	fresh.Post("/account/password", "current_password", "seven quiet rivers run", "password", "seven other rivers run").LeadsTo("/account")
}

func TestWithoutPasswordAndFreshLinkNoPasswordIsSet(t *testing.T) {
	s := site(t)
	b := s.As(s.User("Amara Okafor", "amara@northwind.example"))
	s.Pass(time.Hour)
	b.Get("/account").Shows(200, "sign in again by a mailed link").Lacks("Set password")
	b.Post("/account/password", "password", "seven quiet rivers run").Shows(403, "This needs a sign-in by mailed link")
}

func TestSessionsAreSeenAndEnded(t *testing.T) {
	s := site(t)
	amara, sami := s.User("Amara Okafor", "amara@northwind.example"), s.User("Sami Brandt", "sami@northwind.example")
	b, second, third := s.As(amara), s.As(amara), s.As(amara)
	stranger := s.As(sami)
	b.Get("/account").Shows(200, "This browser", "End all others")
	end := regexp.MustCompile(`/account/sessions/\w+/end`).FindString(b.Get("/account").Body)
	stranger.Post(end).Shows(404)
	stranger.Post("/account/sessions/!/end").Shows(404)
	b.Post(end).LeadsTo("/account")
	if second.Get("/account").Status == third.Get("/account").Status {
		t.Error("not one of the two sessions was ended")
	}
	b.Post("/account/sessions/end-others").LeadsTo("/account")
	b.Get("/account").Shows(200, "You are signed in here alone").Lacks("End all others")
	if second.Get("/account").Status != 303 || third.Get("/account").Status != 303 {
		t.Error("another session goes on")
	}
	stranger.Get("/account").Shows(200)
}

func TestATokenIsShownOnceAndRevoked(t *testing.T) {
	s := site(t)
	amara, sami := s.User("Amara Okafor", "amara@northwind.example"), s.User("Sami Brandt", "sami@northwind.example")
	b := s.As(amara)
	b.Post("/account/tokens", "name", " ").Shows(422, `href="#name"`)
	page := b.Post("/account/tokens", "name", "job <board>", "scope", "read").Shows(200, "Your new API token", "job &lt;board&gt;")
	text := regexp.MustCompile(account.TokenPrefix + `[\w-]+`).FindString(page.Body)
	info, err := s.Accounts.CheckToken(context.Background(), text)
	if err != nil || info.UserID != amara || info.May(account.RecruitScope) {
		t.Fatalf("the token is %+v, %v", info, err)
	}
	if page.Header.Get("Cache-Control") != "private, no-store" {
		t.Error("the page with the secret may be kept")
	}
	b.Get("/account").Shows(200, "Reads.").Lacks(text)
	revoke := "/account/tokens/" + db.FormatID(info.ID) + "/revoke"
	s.As(sami).Post(revoke).Shows(404)
	b.Post(revoke).LeadsTo("/account")
	b.Get("/account").Shows(200, "revoked just now").Lacks(revoke)
	if _, err := s.Accounts.CheckToken(context.Background(), text); err == nil {
		t.Error("the revoked token works")
	}
}

func TestPostsOfOtherSitesChangeNothing(t *testing.T) {
	s := site(t)
	b := s.As(s.User("Amara Okafor", "amara@northwind.example"))
	b.Header.Set("Sec-Fetch-Site", "cross-site")
	b.Post("/account/name", "first_name", "Eve", "last_name", "Evil").Shows(403)
	b.Post("/account/tokens", "name", "evil").Shows(403)
	b.Header.Del("Sec-Fetch-Site")
	b.Get("/account").Shows(200, `value="Amara"`).Lacks("evil")
}
