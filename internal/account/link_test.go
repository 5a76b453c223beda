package account_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/secret"
)

func TestSignInByLink(t *testing.T) {
	each(t, func(h *house) {
		u := h.add("dana@acme.example")
		h.must(h.RequestLink(ctx, " Dana@ACME.example ", "/contacts?q=x", browser))
		l := h.oneLetter(account.SignInLink)
		if l.to != "dana@acme.example" || !strings.HasPrefix(l.Button.URL, "https://beckon.example/sign-in/") {
			h.t.Fatalf("%+v", l)
		}
		for range 3 { // as mail scanners do
			look, err := h.LookAtLink(ctx, l.token())
			h.must(err)
			if look.State != account.LinkValid || look.UserID != u.ID || look.Purpose != account.SignInLink {
				h.t.Fatalf("%+v", look)
			}
		}
		in, err := h.UseLink(ctx, l.token(), browser)
		h.must(err)
		if in.User.ID != u.ID || in.ReturnTo != "/contacts?q=x" {
			h.t.Fatalf("%+v", in)
		}
		who, s, err := h.SessionUser(ctx, in.Token)
		h.must(err)
		if who != u || s != in.Session || s.How != account.ByLink || s.UserAgent != "Browser/1" {
			h.t.Fatalf("%+v %+v", who, s)
		}
		if _, err := h.UseLink(ctx, l.token(), browser); !errors.Is(err, account.ErrLinkUsed) {
			h.t.Fatal(err)
		}
		if look, err := h.LookAtLink(ctx, l.token()); err != nil || look.State != account.LinkUsed {
			h.t.Fatal(look, err)
		}
		if h.audited("user.link_requested") != 1 || h.audited("user.signed_in") != 1 {
			h.t.Fatal("not audited")
		}
	})
}

// The answer, and what it takes to give it, is the same for an address that nobody has.
func TestRequestTellsNothingAboutAnAddress(t *testing.T) {
	each(t, func(h *house) {
		h.add("dana@acme.example")
		h.student(1, "ada@elm.example", "Ada", "Low", 0)
		written := func(email string) [3]int {
			count := func() [3]int {
				return [3]int{h.count(`SELECT COUNT(*) FROM sign_in_links`), h.count(`SELECT COUNT(*) FROM outbox`), h.count(`SELECT COUNT(*) FROM audit_events`)}
			}
			before := count()
			h.must(h.RequestLink(ctx, email, "/", browser))
			after := count()
			return [3]int{after[0] - before[0], after[1] - before[1], after[2] - before[2]}
		}
		known, pupil, unknown := written("dana@acme.example"), written("ada@elm.example"), written("nobody@acme.example")
		if known != unknown || pupil != unknown {
			h.t.Fatal(known, pupil, unknown)
		}
		kinds := []string{}
		for _, l := range h.letters() {
			kinds = append(kinds, l.kind+" "+l.to)
		}
		if !slices.Equal(kinds, []string{"sign_in dana@acme.example", "sign_up ada@elm.example", "no_account nobody@acme.example"}) {
			h.t.Fatal(kinds)
		}
		h.now = h.now.Add(time.Hour)
		h.must(h.RequestLink(ctx, "nobody@acme.example", "/", browser))
		if again := h.letters(); len(again) != 0 {
			h.t.Fatalf("a second note within a day: %+v", again)
		}
		h.now = h.now.Add(24 * time.Hour)
		h.must(h.RequestLink(ctx, "nobody@acme.example", "/", browser))
		h.oneLetter("no_account")
	})
}

// U+212A (Kelvin sign) is k in lower case: the mail must go to the mailbox that was proven,
// not to the one that was typed.
func TestLinkGoesToTheProvenMailbox(t *testing.T) {
	each(t, func(h *house) {
		h.add("kim@acme.example")
		if err := h.RequestLink(ctx, "\u212aim@acme.example", "", browser); err != nil {
			return // such an address is none at all, which is as good
		}
		for _, l := range h.letters() {
			if l.to != "kim@acme.example" {
				h.t.Fatal(l.to)
			}
		}
	})
}

func TestLinkStopsWithItsAddress(t *testing.T) {
	each(t, func(h *house) {
		u := h.add("dana@acme.example")
		h.must(h.AddAddress(ctx, u, "dana@home.example", browser))
		h.must(h.VerifyAddress(ctx, u, h.oneLetter(account.VerifyLink).token()))
		h.must(h.RequestLink(ctx, "dana@home.example", "", browser))
		l := h.oneLetter(account.SignInLink)
		h.must(h.RemoveAddress(ctx, u, "dana@home.example"))
		if _, err := h.UseLink(ctx, l.token(), browser); !errors.Is(err, account.ErrLinkExpired) {
			h.t.Fatal(err)
		}
		h.add("dana@home.example") // somebody else, who must not be signed in to either
		if _, err := h.UseLink(ctx, l.token(), browser); !errors.Is(err, account.ErrLinkExpired) {
			h.t.Fatal(err)
		}
	})
}

// A backup that is restored gives ids out again; the link mailed before stands for nothing.
func TestOldLinkIsNotAnothersAfterARestore(t *testing.T) {
	each(t, func(h *house) {
		dana, robin := h.add("dana@acme.example"), h.add("robin@acme.example")
		url, err := h.IssueLink(ctx, dana.ID, time.Hour, commandLine)
		h.must(err)
		h.exec(`UPDATE sign_in_links SET user_id = $1, email_key = 'robin@acme.example', created_at = created_at + 60000`, robin.ID)
		token := url[strings.LastIndexByte(url, '/')+1:]
		if _, err := h.UseLink(ctx, token, browser); !errors.Is(err, account.ErrLinkExpired) {
			h.t.Fatal(err)
		}
	})
}

func TestIssuedLinkLivesAsLongAsAsked(t *testing.T) {
	each(t, func(h *house) {
		u := h.add("dana@acme.example")
		url, err := h.IssueLink(ctx, u.ID, 48*time.Hour, commandLine)
		h.must(err)
		h.now = h.now.Add(47 * time.Hour)
		in, err := h.UseLink(ctx, url[strings.LastIndexByte(url, '/')+1:], browser)
		h.must(err)
		if in.User.ID != u.ID || h.audited("user.link_issued") != 1 {
			h.t.Fatalf("%+v", in)
		}
		_, err = h.IssueLink(ctx, 4711, time.Hour, commandLine)
		h.notFound(err)
	})
}

func TestForeignTokenIsNoLink(t *testing.T) {
	each(t, func(h *house) {
		u := h.add("dana@acme.example")
		other := h.process()
		other.Key = secret.Fixed("another key file")
		url, err := other.IssueLink(ctx, u.ID, time.Hour, commandLine)
		h.must(err)
		for _, token := range []string{"", "x", "AAAA", strings.Repeat("A", 40), url[strings.LastIndexByte(url, '/')+1:]} {
			_, err := h.LookAtLink(ctx, token)
			h.notFound(err)
			_, err = h.UseLink(ctx, token, browser)
			h.notFound(err)
		}
	})
}

func TestOneOfManyUsesALink(t *testing.T) {
	each(t, func(h *house) {
		u := h.add("dana@acme.example")
		once := func(token string) {
			h.t.Helper()
			var wg sync.WaitGroup
			results := make([]error, 8)
			begin := make(chan struct{})
			for i := range results {
				wg.Go(func() {
					<-begin
					_, results[i] = h.UseLink(ctx, token, browser)
				})
			}
			close(begin)
			wg.Wait()
			in := 0
			for _, err := range results {
				if err == nil {
					in++
				} else if !errors.Is(err, account.ErrLinkUsed) {
					h.t.Fatal(err)
				}
			}
			if in != 1 {
				h.t.Fatalf("%d signed in with one link", in)
			}
		}
		for range 20 {
			url, err := h.IssueLink(ctx, u.ID, time.Hour, commandLine)
			h.must(err)
			once(url[strings.LastIndexByte(url, '/')+1:])
		}
		h.must(h.SignUp(ctx, robin(), "", browser))
		once(h.oneLetter(account.SignUpLink).token())
		if n := h.count(`SELECT COUNT(*) FROM users`); n != 2 {
			h.t.Fatalf("%d users", n)
		}
	})
}

func TestReturnToStaysHere(t *testing.T) {
	each(t, func(h *house) {
		h.add("dana@acme.example")
		for to, want := range map[string]string{
			"/contacts?label=a%20b#top":     "/contacts?label=a%20b#top",
			"/":                             "/",
			"":                              "",
			"contacts":                      "",
			"//evil.example":                "",
			"/\\evil.example":               "",
			"/\t/evil.example":              "",
			"https://evil.example/":         "",
			"javascript:alert(1)":           "",
			"/x\r\nSet-Cookie: a=b":         "",
			"/x\x00":                        "",
			"/" + strings.Repeat("x", 2000): "",
		} {
			h.now = h.now.Add(time.Hour)
			h.must(h.RequestLink(ctx, "dana@acme.example", to, browser))
			in, err := h.UseLink(ctx, h.oneLetter(account.SignInLink).token(), browser)
			h.must(err)
			if in.ReturnTo != want {
				h.t.Errorf("%q gives %q", to, in.ReturnTo)
			}
		}
	})
}

// Whatever is done in whatever order, a link signs in exactly when the model says so.
func TestLinkStates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		u := h.add("dana@acme.example")
		h.must(h.AddAddress(ctx, u, "dana@home.example", account.Client{}))
		h.must(h.VerifyAddress(ctx, u, h.oneLetter(account.VerifyLink).token()))
		rapid.Check(t, func(r *rapid.T) {
			type link struct {
				token   string
				expires time.Time
				used    bool
			}
			var links []*link
			h.now = h.now.Add(time.Hour) // beyond the limits and links of the last run
			pick := func(r *rapid.T) *link {
				if len(links) == 0 {
					r.Skip()
				}
				return rapid.SampledFrom(links).Draw(r, "link")
			}
			state := func(l *link) string {
				switch {
				case l.used:
					return account.LinkUsed
				case !h.now.Before(l.expires):
					return account.LinkExpired
				}
				return account.LinkValid
			}
			r.Repeat(map[string]func(*rapid.T){
				"request": func(r *rapid.T) {
					if err := h.RequestLink(ctx, "dana@home.example", "", account.Client{}); err != nil {
						r.Skip() // limited
					}
					links = append(links, &link{token: h.oneLetter(account.SignInLink).token(), expires: h.now.Add(15 * time.Minute)})
				},
				"issue": func(r *rapid.T) {
					life := time.Duration(rapid.IntRange(1, 60).Draw(r, "minutes")) * time.Minute
					url, err := h.IssueLink(ctx, u.ID, life, commandLine)
					if err != nil {
						r.Fatal(err)
					}
					links = append(links, &link{token: url[strings.LastIndexByte(url, '/')+1:], expires: h.now.Add(life)})
				},
				"wait": func(r *rapid.T) {
					h.now = h.now.Add(time.Duration(rapid.IntRange(0, 1200).Draw(r, "seconds")) * time.Second)
				},
				"look": func(r *rapid.T) {
					l := pick(r)
					if got, err := h.LookAtLink(ctx, l.token); err != nil || got.State != state(l) {
						r.Fatalf("%s instead of %s, %v", got.State, state(l), err)
					}
				},
				"use": func(r *rapid.T) {
					l := pick(r)
					want := map[string]error{account.LinkValid: nil, account.LinkUsed: account.ErrLinkUsed, account.LinkExpired: account.ErrLinkExpired}[state(l)]
					_, err := h.UseLink(ctx, l.token, browser)
					if err != want {
						r.Fatalf("%v instead of %v", err, want)
					}
					l.used = l.used || err == nil
				},
			})
		})
	})
}
