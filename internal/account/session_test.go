package account_test

import (
	"fmt"
	"testing"
	"time"

	"beckon/internal/account"
)

func (h *house) signIn(email string) account.SignedIn {
	h.t.Helper()
	u, err := h.ByEmail(ctx, email)
	h.must(err)
	url, err := h.IssueLink(ctx, u.ID, time.Hour, commandLine)
	h.must(err)
	in, err := h.UseLink(ctx, url[len("https://beckon.example/sign-in/"):], browser)
	h.must(err)
	return in
}

func TestSessionSlides(t *testing.T) {
	each(t, func(h *house) {
		h.add("dana@acme.example")
		in := h.signIn("dana@acme.example")
		began := h.now
		seen := func() (at int64) {
			return int64(h.count(`SELECT last_seen_at FROM sessions`))
		}
		h.now = began.Add(4 * time.Minute)
		if _, _, err := h.SessionUser(ctx, in.Token); err != nil || seen() != began.UnixMilli() {
			h.t.Fatal("written too soon", err)
		}
		for range 3 {
			h.now = h.now.Add(29 * 24 * time.Hour)
			_, s, err := h.SessionUser(ctx, in.Token)
			h.must(err)
			if seen() != h.now.UnixMilli() || !s.LastSeen.Equal(h.now) || !s.Expires.Equal(h.now.Add(30*24*time.Hour)) {
				h.t.Fatalf("%+v", s)
			}
		}
		h.now = h.now.Add(30 * 24 * time.Hour)
		_, _, err := h.SessionUser(ctx, in.Token)
		h.notFound(err)
		_, _, err = h.SessionUser(ctx, "")
		h.notFound(err)
	})
}

func TestSessionsAreEnded(t *testing.T) {
	each(t, func(h *house) {
		dana, robin := h.add("dana@acme.example"), h.add("robin@acme.example")
		var in []account.SignedIn
		for range 4 {
			in = append(in, h.signIn("dana@acme.example"))
		}
		other := h.signIn("robin@acme.example")
		left := func() int {
			all, err := h.Sessions(ctx, dana.ID)
			h.must(err)
			return len(all)
		}
		h.notFound(h.EndSession(ctx, robin, in[0].Session.ID))
		h.must(h.EndSession(ctx, dana, in[0].Session.ID))
		if _, _, err := h.SessionUser(ctx, in[0].Token); err == nil || left() != 3 {
			h.t.Fatal("goes on")
		}
		h.must(h.SignOut(ctx, in[1].Token))
		h.must(h.SignOut(ctx, in[1].Token))
		if left() != 2 {
			h.t.Fatal("goes on")
		}
		h.must(h.EndOthers(ctx, dana, in[2].Session.ID))
		if _, _, err := h.SessionUser(ctx, in[2].Token); err != nil || left() != 1 {
			h.t.Fatal(err, left())
		}
		if _, _, err := h.SessionUser(ctx, other.Token); err != nil {
			h.t.Fatal("ended another user's session", err)
		}
		if h.audited("user.session_ended") != 1 || h.audited("user.signed_out") != 1 || h.audited("user.sessions_ended") != 1 {
			h.t.Fatal("not audited")
		}
	})
}

func TestLinkMailsAreLimited(t *testing.T) {
	each(t, func(h *house) {
		dana := h.add("dana@acme.example")
		for i := range 5 {
			house := h.Accounts
			if i%2 == 1 {
				house = h.process()
			}
			h.must(house.RequestLink(ctx, "dana@acme.example", "", account.Client{Network: fmt.Sprintf("192.0.%d.0/24", i)}))
		}
		after := h.limited(h.RequestLink(ctx, "Dana@Acme.example", "", browser))
		h.limited(h.SignUp(ctx, account.Person{Email: "dana@acme.example", FirstName: "D", LastName: "R"}, "", browser))
		h.limited(h.AddAddress(ctx, dana, "dana@acme.example", browser))
		if n := len(h.letters()); n != 5 {
			h.t.Fatalf("%d mails", n)
		}
		h.now = h.now.Add(after)
		h.must(h.RequestLink(ctx, "dana@acme.example", "", browser))
		for i := range 99 {
			h.must(h.RequestLink(ctx, fmt.Sprintf("n%d@acme.example", i), "", browser))
		}
		h.limited(h.RequestLink(ctx, "last@acme.example", "", browser))
		h.must(h.RequestLink(ctx, "last@acme.example", "", account.Client{Network: "198.51.100.0/24"}))
	})
}

func TestNetwork(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7":               "192.0.2.0/24",
		"192.0.2.7:4711":          "192.0.2.0/24",
		"::ffff:192.0.2.7":        "192.0.2.0/24",
		"[2001:db8:1:2::3]:80":    "2001:db8:1::/48",
		"2001:db8:1:ffff::3":      "2001:db8:1::/48",
		"[fe80::1%eth0]:80":       "fe80::/48",
		"":                        "",
		"@":                       "",
		"host.example:80":         "",
		"192.0.2.7, 198.51.100.1": "",
		"192.0.2.300":             "",
	} {
		if got := account.Network(remote); got != want {
			t.Errorf("%q is in %q", remote, got)
		}
	}
}

func TestPrune(t *testing.T) {
	each(t, func(h *house) {
		h.add("dana@acme.example")
		in := h.signIn("dana@acme.example")
		h.must(h.RequestLink(ctx, "dana@acme.example", "", browser))
		h.must(h.Prune(ctx))
		if _, _, err := h.SessionUser(ctx, in.Token); err != nil {
			h.t.Fatal(err)
		}
		token := h.oneLetter(account.SignInLink).token()
		h.limitedAfterPrune()
		h.now = h.now.Add(40 * 24 * time.Hour)
		h.must(h.Prune(ctx))
		for _, table := range []string{"attempts", "sessions", "sign_in_links"} {
			if n := h.count(`SELECT COUNT(*) FROM ` + table); n != 0 {
				h.t.Errorf("%d left in %s", n, table)
			}
		}
		if l, err := h.LookAtLink(ctx, token); err != nil || l.State != account.LinkExpired {
			h.t.Fatal(l, err)
		}
	})
}

// limitedAfterPrune uses an address's limit up and sees that pruning does not lift it.
func (h *house) limitedAfterPrune() {
	h.t.Helper()
	for range 5 {
		h.must(h.RequestLink(ctx, "robin@acme.example", "", browser))
	}
	h.must(h.Prune(ctx))
	h.limited(h.RequestLink(ctx, "robin@acme.example", "", browser))
}
