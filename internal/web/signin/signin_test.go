package signin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"beckon/internal/account"
	"beckon/internal/audit"
	"beckon/internal/company"
	"beckon/internal/institution"
	"beckon/internal/mail"
	"beckon/internal/web"
	"beckon/internal/web/signin"
	"beckon/internal/web/visit/visittest"
)

const password = "seven quiet rivers run"

func site(t *testing.T) *visittest.Site {
	s := visittest.New(t)
	(&signin.Pages{Accounts: s.Accounts, Visits: s.Visits}).Routes(s.Mux)
	s.Mux.HandleFunc("/", web.NotFound)
	return s
}

func oneLetter(t *testing.T, s *visittest.Site) mail.Letter {
	t.Helper()
	all := s.Letters()
	if len(all) != 1 {
		t.Fatalf("%d letters", len(all))
	}
	return all[0]
}

func withPassword(t *testing.T, s *visittest.Site, email string) account.User {
	t.Helper()
	p := account.Person{Email: email, FirstName: "Amara", LastName: "Okafor"}
	hash, err := account.HashPassword(t.Context(), password, p)
	if err != nil {
		t.Fatal(err)
	}
	p.PasswordHash = hash
	u, err := s.Accounts.Add(t.Context(), p, audit.Actor{Kind: audit.System, Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestSignInByMailedLink(t *testing.T) {
	s := site(t)
	s.User("Amara Okafor", "amara@northwind.example")
	b := s.Visitor()
	b.Get("/sign-in?to=/recruit/jobs").Shows(200, `name="to" value="/recruit/jobs"`)
	b.Post("/sign-in", "email", "amara@northwind.example", "to", "/recruit/jobs").LeadsTo("/sign-in/sent")
	b.Get("/sign-in/sent").Shows(200, "If we know", "amara@northwind.example")
	link := oneLetter(t, s).Button.URL
	page := b.Get(link).Shows(200, "Sign in as Amara Okafor", `<form class="form" method="post">`)
	if policy := page.Header.Get("Referrer-Policy"); !strings.Contains(policy, "no-referrer") {
		t.Errorf("referrer policy %q", policy)
	}
	b.Get(link).Shows(200, "Sign in as Amara Okafor")
	b.Get("/").Shows(200, `href="/sign-in"`, "/help/invited") // looking at the link signs nobody in
	b.Post(link).LeadsTo("/recruit/jobs")
	b.Get("/").LeadsTo("/recruit/institutions")
	other := s.Visitor()
	other.Get(link).Shows(http.StatusGone, "This link was used already", `value="amara@northwind.example"`)
	other.Post(link).Shows(http.StatusGone, "This link was used already")
	other.Get("/").Shows(200, `href="/sign-in"`)
}

func TestAnUnknownAddressGetsTheSameAnswer(t *testing.T) {
	s := site(t)
	b := s.Visitor()
	b.Post("/sign-in", "email", "nobody@northwind.example").LeadsTo("/sign-in/sent")
	b.Get("/sign-in/sent").Shows(200, "If we know")
	if l := oneLetter(t, s); !strings.Contains(l.Heading, "no account") {
		t.Errorf("the letter is %q", l.Heading)
	}
}

func TestAnExpiredLinkOffersANewOne(t *testing.T) {
	s := site(t)
	s.User("Amara Okafor", "amara@northwind.example")
	b := s.Visitor()
	b.Post("/sign-in", "email", "amara@northwind.example")
	link := oneLetter(t, s).Button.URL
	s.Pass(16 * time.Minute)
	b.Get(link).Shows(http.StatusGone, "does not work any more", "Mail me a new link")
	b.Post(link).Shows(http.StatusGone, "does not work any more")
	b.Get("/sign-in/nonsense").Shows(404)
}

func TestALinkSaysWhoIsSignedOut(t *testing.T) {
	s := site(t)
	s.User("Amara Okafor", "amara@northwind.example")
	sami := s.User("Sami Brandt", "sami@northwind.example")
	b := s.As(sami)
	s.Visitor().Post("/sign-in", "email", "amara@northwind.example")
	link := oneLetter(t, s).Button.URL
	b.Get(link).Shows(200, "Sami Brandt is signed in", "will be signed out")
	b.Post(link).LeadsTo("/")
	if n := s.Int(`SELECT COUNT(*) FROM sessions WHERE user_id = $1`, sami); n != 0 {
		t.Error("the session before goes on")
	}
}

func TestSignInByPassword(t *testing.T) {
	s := site(t)
	withPassword(t, s, "amara@northwind.example")
	b := s.Visitor()
	wrong := b.Post("/sign-in/password", "email", "amara@northwind.example", "password", "another password").
		Shows(422, "Password does not belong to this address", `value="amara@northwind.example"`).Lacks("another password")
	unknown := b.Post("/sign-in/password", "email", "nobody@northwind.example", "password", "another password").Shows(422)
	if strings.ReplaceAll(unknown.Body, "nobody@", "amara@") != wrong.Body {
		t.Error("the answer tells whether there is an account")
	}
	b.Post("/sign-in/password", "email", "amara@northwind.example", "password", password, "to", "https://evil.example/").LeadsTo("/")
	b.Get("/sign-in?to=//evil.example").LeadsTo("/")
	b.Get("/sign-in?to=/account").LeadsTo("/account")
}

func TestLimitsSayWhenToTryAgain(t *testing.T) {
	s := site(t)
	withPassword(t, s, "amara@northwind.example")
	b := s.Visitor()
	for range 10 {
		b.Post("/sign-in/password", "email", "amara@northwind.example", "password", "wrong wrong wrong").Shows(422)
	}
	a := b.Post("/sign-in/password", "email", "amara@northwind.example", "password", password).Shows(429, "You may try again in 15 minutes.")
	if a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	for range 5 {
		b.Post("/sign-in", "email", "amara@northwind.example").LeadsTo("/sign-in/sent")
	}
	b.Post("/sign-in", "email", "amara@northwind.example").Shows(429, "You may try again in 15 minutes.")
}

func TestSignUp(t *testing.T) {
	s := site(t)
	b := s.Visitor()
	b.Post("/sign-up", "email", "amara", "first_name", " ", "last_name", "Okafor").
		Shows(422, "2 things to mend", `href="#email"`, `href="#first_name"`, "Address has no @", `value="Okafor"`)
	b.Post("/sign-up", "email", "amara@northwind.example", "first_name", "Amara", "last_name", "Okafor").LeadsTo("/sign-up/sent")
	link := oneLetter(t, s).Button.URL
	b.Get(link).Shows(200, "Create your account", "Amara Okafor", "amara@northwind.example")
	b.Post(link, "password", "short").Shows(422, "Password has fewer than 12 characters").Lacks("short\"")
	if n := s.Int(`SELECT COUNT(*) FROM users`); n != 0 {
		t.Fatal("looking or failing made an account")
	}
	b.Post(link, "password", password).LeadsTo("/recruit/company")
	s.Visitor().Post("/sign-in/password", "email", "amara@northwind.example", "password", password).LeadsTo("/")
	s.Visitor().Post(link).Shows(http.StatusGone, "Sign up again")
}

func TestSignUpLinksAndSignInLinksAreNotTheSame(t *testing.T) {
	s := site(t)
	s.Visitor().Post("/sign-up", "email", "amara@northwind.example", "first_name", "Amara", "last_name", "Okafor")
	link := strings.Replace(oneLetter(t, s).Button.URL, "/sign-up/", "/sign-in/", 1)
	s.Visitor().Get(link).Shows(404)
	s.Visitor().Post(link).Shows(404)
}

func TestNamesAreEscaped(t *testing.T) {
	s := site(t)
	s.Visitor().Post("/sign-up", "email", "x@northwind.example", "first_name", "<b>Amara</b>", "last_name", `"Okafor`)
	s.Visitor().Get(oneLetter(t, s).Button.URL).Shows(200, "&lt;b&gt;Amara&lt;/b&gt;").Lacks("<b>Amara")
	s.Visitor().Post("/sign-in", "email", `"><script>`).Shows(422).Lacks(`"><script>`)
}

func TestStartLeadsToWhereOneWorksOrAsks(t *testing.T) {
	s := site(t)
	elm := s.Institution("Elm University")
	dana := s.User("Dana Whitfield", "dana@elm.example")
	s.Staff(elm, dana, institution.Viewer)
	s.As(dana).Get("/at/elm/").LeadsTo("/at/elm/contacts")
	s.As(dana).Get("/").LeadsTo("/at/elm/contacts")
	s.Member(dana, "Northwind", company.Recruiter)
	s.As(dana).Get("/").Shows(200, "Where to, Dana?", `href="/at/elm/contacts"`, `href="/recruit/institutions"`)
}

func TestSigningOutIsAPost(t *testing.T) {
	s := site(t)
	b := s.As(s.User("Amara Okafor", "amara@northwind.example"))
	b.Get("/sign-out").Shows(404)
	b.Get("/").LeadsTo("/recruit/institutions")
	b.Post("/sign-out").LeadsTo("/sign-in")
	b.Get("/").Shows(200, `href="/sign-in"`)
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	s := site(t)
	withPassword(t, s, "amara@northwind.example")
	b := s.Visitor()
	b.Header.Set("Sec-Fetch-Site", "cross-site")
	b.Post("/sign-in/password", "email", "amara@northwind.example", "password", password).Shows(403)
	b.Post("/sign-in", "email", "amara@northwind.example").Shows(403)
	if len(s.Letters()) != 0 {
		t.Error("a letter goes")
	}
}
