package landing_test

import (
	"strings"
	"testing"
	"time"
)

func (s *site) stopped() int64 {
	return s.Int(`SELECT COUNT(*) FROM suppressions WHERE reason = 'unsubscribed'`)
}

func (s *site) unsubscribeLink(inviteID int64) string {
	return strings.TrimPrefix(s.invites.UnsubscribeLink(s.elm, inviteID), s.URL)
}

func TestUnsubscribing(t *testing.T) {
	s := newSite(t)
	id := s.invited(s.contact("amara@northwind.example", "Amara", "Okafor"), "create_account", "send", "")
	link := s.unsubscribeLink(id)
	s.Pass(400 * 24 * time.Hour) // it never expires
	b := s.Visitor()
	for range 2 {
		b.Get(link).Shows(200, "Stop invites of Elm University?", "amara@northwind.example", `<form class="form" method="post">`)
	}
	if s.stopped() != 0 {
		t.Fatal("looking at the link unsubscribed")
	}
	b.Post(link).Shows(200, "You get no more invites", "Invites of other institutions are not touched")
	b.Post(link).Shows(200, "You get no more invites")
	b.Get(link).Shows(200, "You get no more invites")
	if s.stopped() != 1 {
		t.Errorf("%d suppressions", s.stopped())
	}
	b.Get("/u/nonsense").Shows(404, "This link is not whole")
	b.Post("/u/nonsense").Shows(404)
}

// Mail services post as RFC 8058, section 3.1, says: without cookies, Origin or
// Sec-Fetch-Site.
func TestOneClickUnsubscribing(t *testing.T) {
	s := newSite(t)
	id := s.invited(s.contact("amara@northwind.example", "Amara", "Okafor"), "create_account", "send", "")
	s.Visitor().Post(s.unsubscribeLink(id), "List-Unsubscribe", "One-Click").Shows(200)
	if s.stopped() != 1 {
		t.Error("the address is not suppressed")
	}
}
