package landing_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

func TestCreateAnAccountByInvite(t *testing.T) {
	s := newSite(t)
	c := s.contact("amara@northwind.example", "Amara", "Okafor")
	id := s.invited(c, "create_account", "send", "See you <soon>!\nDana")
	b := s.Visitor()
	for range 2 {
		a := b.Get(s.link(id)).Shows(200, "Elm University invites", "Amara Okafor, recruit at Elm University", "See you &lt;soon&gt;!", "Dana Whitfield, Elm University",
			"amara@northwind.example</span> is confirmed by this link", `value="Amara"`, `value="Okafor"`, `data-opened-url="`+s.link(id)+`/opened"`, "by Elm University").Lacks("<soon>")
		if !strings.Contains(a.Header.Get("Referrer-Policy"), "no-referrer") || a.Header.Get("X-Robots-Tag") != "noindex" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", a.Header)
		}
	}
	s.untouched(id)
	b.Post(s.link(id), "first_name", "", "last_name", "<i>").Shows(422, `href="#first_name"`, `value="&lt;i&gt;"`)
	b.Post(s.link(id), "first_name", "Amara", "last_name", "Okafor", "password", "short").Shows(422, "Password has fewer than 12 characters")
	s.untouched(id)
	b.Post(s.link(id), "first_name", "Amaka", "last_name", "Okafor", "password", "seven quiet rivers run").LeadsTo("/recruit/company")
	b.Get("/").LeadsTo("/recruit/institutions") // signed in
	if s.Standing(s.elm, c) != gate.IsUser || s.Int(`SELECT accepted_at FROM invites WHERE id = $1`, id) == 0 {
		t.Error("the invite is not taken up")
	}
	b.Get(s.link(id)).Shows(200, "You have answered this invite", "Choose your company", `href="/recruit/company"`)
	s.Visitor().Get(s.link(id)).Shows(200, "You have answered this invite", "Sign in to go on", "sign in with your password")
	s.Visitor().Post(s.link(id), "first_name", "Eve", "last_name", "Evil").Shows(http.StatusGone, "You have answered this invite")
}

func TestOpeningIsNotedByItsOwnPost(t *testing.T) {
	s := newSite(t)
	id := s.invited(s.contact("amara@northwind.example", "Amara", "Okafor"), "create_account", "send", "")
	b := s.Visitor()
	b.Get(s.link(id))
	s.untouched(id)
	b.Post(s.link(id) + "/opened").Shows(204)
	if s.Int(`SELECT opened_at FROM invites WHERE id = $1`, id) != db.Millis(s.Now()) || s.Int(`SELECT accepted_at FROM invites WHERE id = $1`, id) != 0 {
		t.Error("opened is not noted, or more than that")
	}
	b.Post("/i/nonsense/opened").Shows(404)
	b.Get(s.link(id)[:len(s.link(id))-1]).Shows(404, "This link is not whole", "open the message again")
	b.Get(s.link(id) + "/opened").Shows(404)
}

func TestAKnownUserSignsInAndJoins(t *testing.T) {
	s := newSite(t)
	amara := s.User("Amara Okafor", "amara@northwind.example")
	id := s.invited(s.contact("amara@northwind.example", "Amara", "Okafor"), "join_company", "send", "")
	b := s.Visitor()
	b.Get(s.link(id)).Shows(200, "You have an account", "Sign in to go on").Lacks("Create your account", "with your password")
	b.Post(s.link(id)).LeadsTo("/sign-in?to=" + url.QueryEscape(s.link(id)))
	b.Post(s.link(id) + "/sign-in").LeadsTo("/sign-in/sent")
	letters := s.Letters()
	if len(letters) != 1 {
		t.Fatalf("%d letters", len(letters))
	}
	b.Post(letters[0].Button.URL).LeadsTo(s.link(id))
	b.Get(s.link(id)).Shows(200, "You are signed in as Amara Okafor", "Join your company</button>")
	b.Post(s.link(id)).LeadsTo("/recruit/company")
	if s.Int(`SELECT accepted_at FROM invites WHERE id = $1`, id) == 0 {
		t.Error("the invite is not taken up")
	}
	sami := s.User("Sami Brandt", "sami@mail.example")
	co := s.Member(sami, "Northwind", company.Admin)
	if _, err := s.Companies.Join(t.Context(), amara, co); err != nil {
		t.Fatal(err)
	}
	b.Get(s.link(id)).Shows(200, "Northwind has not decided yet", "See your request to Northwind", "Northwind decides")
}

func TestConnectOnAcceptance(t *testing.T) {
	s := newSite(t)
	amara := s.User("Amara Okafor", "amara@northwind.example")
	s.Member(amara, "Northwind", company.Admin)
	c := s.contact("amara@northwind.example", "Amara", "Okafor")
	id := s.invited(c, "connect", "accept", "")
	b := s.As(amara)
	b.Get(s.link(id)).Shows(200, "Amara, connect Northwind with Elm University", "It is not approved at Elm University yet", "Connect with Elm University</button>")
	if s.Standing(s.elm, c) != gate.IsMember {
		t.Fatal("looking connects")
	}
	b.Post(s.link(id)).LeadsTo("/recruit/jobs/new?institution=" + db.FormatID(s.elm))
	if s.Standing(s.elm, c) != gate.IsApproved {
		t.Error("not approved")
	}
	b.Get(s.link(id)).Shows(200, "You have answered this invite", "Northwind is approved at Elm University", "Post a job")
}

func TestConnectOnSendingLeavesOnlyThePress(t *testing.T) {
	s := newSite(t)
	amara := s.User("Amara Okafor", "amara@northwind.example")
	co := s.Member(amara, "Northwind", company.Admin)
	id := s.invited(s.contact("amara@northwind.example", "Amara", "Okafor"), "connect", "send", "")
	if err := s.invites.Recruiting.Approve(t.Context(), institution.System(s.elm, "test"), co); err != nil {
		t.Fatal(err)
	}
	b := s.As(amara)
	b.Get(s.link(id)).Shows(200, "Amara, you may recruit at Elm University", "Go on</button>")
	b.Post(s.link(id)).LeadsTo("/recruit/jobs/new?institution=" + db.FormatID(s.elm))
}

func TestAForwardedLinkApprovesNobody(t *testing.T) {
	s := newSite(t)
	amara, eve := s.User("Amara Okafor", "amara@northwind.example"), s.User("Eve Strange", "eve@evil.example")
	s.Member(amara, "Northwind", company.Admin)
	s.Member(eve, "Evil", company.Admin)
	c := s.contact("amara@northwind.example", "Amara", "Okafor")
	id := s.invited(c, "connect", "accept", "")
	b := s.As(eve)
	b.Get(s.link(id)).Shows(200, "Eve Strange is signed in here, but this invite is for", "approves nobody else", "Sign out Eve Strange").Lacks("Connect with Elm University</button>")
	b.Post(s.link(id)).Shows(403, "This invite is for the owner of amara@northwind.example")
	s.untouched(id)
	if s.Standing(s.elm, c) != gate.IsMember || s.Int(`SELECT COUNT(*) FROM connections`) != 0 {
		t.Error("a forwarded link connected")
	}
	b.Post(s.link(id) + "/switch").LeadsTo(s.link(id))
	b.Get(s.link(id)).Shows(200, "Sign in to go on")
}

func TestAStrangerMayCreateTheAccountOfThePersonInvited(t *testing.T) {
	s := newSite(t)
	eve := s.User("Eve Strange", "eve@mail.example")
	id := s.invited(s.contact("amara@northwind.example", "Amara", "Okafor"), "create_account", "send", "")
	b := s.As(eve)
	b.Get(s.link(id)).Shows(200, "Eve Strange is signed in here", "Add the address to Eve’s account")
	b.Post(s.link(id), "first_name", "Amara", "last_name", "Okafor").LeadsTo("/recruit/company")
	if n := s.Int(`SELECT COUNT(*) FROM sessions WHERE user_id = $1`, eve); n != 0 {
		t.Error("the session before goes on")
	}
}

func TestLinksThatAreOverSayWhereOneStands(t *testing.T) {
	s := newSite(t)
	c := s.contact("amara@northwind.example", "Amara", "Okafor")
	first := s.invited(c, "create_account", "send", "")
	b := s.Visitor()
	s.Pass(31 * 24 * time.Hour)
	b.Get(s.link(first)).Shows(200, "This invite is over", "work for 30 days", `href="/sign-up?email=amara%40northwind.example"`)
	b.Post(s.link(first), "first_name", "Amara", "last_name", "Okafor").Shows(http.StatusGone)
	second := s.invited(c, "create_account", "send", "")
	b.Get(s.link(first)).Shows(200, "There is a newer invite", "Open the button in that message")
	b.Get(s.link(second)).Shows(200, "Create your account")
	s.exec(`UPDATE invites SET revoked_at = 1 WHERE id = $1`, second)
	b.Get(s.link(second)).Shows(200, "This invite does not work any more", "Elm University has taken it back").Lacks("amara@northwind.example", "Okafor")
	b.Post(s.link(second), "first_name", "Amara", "last_name", "Okafor").Shows(http.StatusGone)
	b.Post(s.link(second) + "/sign-in").Shows(404)
	b.Get("/i/nonsense").Shows(404)
	if s.Int(`SELECT COUNT(*) FROM users`) != 0 {
		t.Error("somebody got an account")
	}
}

func TestBlockedStaysBlocked(t *testing.T) {
	s := newSite(t)
	amara := s.User("Amara Okafor", "amara@northwind.example")
	co := s.Member(amara, "Northwind", company.Admin)
	c := s.contact("amara@northwind.example", "Amara", "Okafor")
	id := s.invited(c, "connect", "accept", "")
	if err := s.invites.Recruiting.Block(t.Context(), institution.System(s.elm, "test"), co, ""); err != nil {
		t.Fatal(err)
	}
	b := s.As(amara)
	b.Get(s.link(id)).Shows(200, "Elm University has blocked Northwind")
	b.Post(s.link(id)).LeadsTo("/recruit/institutions")
	if s.Standing(s.elm, c) != gate.IsBlocked {
		t.Error("an invite lifted a block")
	}
}

func TestPressesFromOtherSitesAreRefused(t *testing.T) {
	s := newSite(t)
	amara := s.User("Amara Okafor", "amara@northwind.example")
	s.Member(amara, "Northwind", company.Admin)
	id := s.invited(s.contact("amara@northwind.example", "Amara", "Okafor"), "connect", "accept", "")
	b := s.As(amara)
	b.Header.Set("Sec-Fetch-Site", "cross-site")
	b.Post(s.link(id)).Shows(403)
	s.untouched(id)
}
