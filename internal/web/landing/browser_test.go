package landing_test

import (
	"testing"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/web/visit/visittest"
)

func TestPagesAreAccessible(t *testing.T) {
	s := newSite(t)
	amara := s.User("Amara Okafor", "amara@northwind.example")
	co := s.Member(amara, "Northwind Robotics", company.Admin)
	fresh := s.invited(s.contact("keiko@northwind.example", "Keiko", "Tanaka"), "create_account", "send", "We met at the fair.\nDana")
	c := s.contact("amara@northwind.example", "Amara", "Okafor")
	replaced := s.invited(c, "connect", "accept", "")
	known := s.invited(c, "connect", "accept", "")
	revoked := s.invited(s.contact("leila@northwind.example", "Leila", "Ito"), "create_account", "send", "")
	s.exec(`UPDATE invites SET revoked_at = 1 WHERE id = $1`, revoked)
	stop := s.unsubscribeLink(fresh)
	visittest.Accessible(t, s.Tab(0), s.link(fresh), s.link(known), s.link(replaced), s.link(revoked), stop, "/sign-in", "/sign-in/password", "/sign-in/sent", "/sign-up")
	tab := s.Tab(amara)
	visittest.Accessible(t, tab, s.link(fresh), s.link(known))
	if err := s.invites.Recruiting.Approve(t.Context(), institution.System(s.elm, "test"), co); err != nil {
		t.Fatal(err)
	}
	visittest.Accessible(t, tab, s.link(known))
	s.Visitor().Post(stop)
	visittest.Accessible(t, tab, stop)
}

// A key that is pressed is a person; the page's own script says so.
func TestATouchIsNotedAsOpened(t *testing.T) {
	s := newSite(t)
	id := s.invited(s.contact("keiko@northwind.example", "Keiko", "Tanaka"), "create_account", "send", "")
	tab := s.Tab(0)
	tab.Visit(s.link(id))
	tab.Keys("x")
	tab.Wait(`performance.getEntriesByType('resource').some((e) => e.name.endsWith('/opened') && e.responseStatus === 204)`)
	if s.Int(`SELECT opened_at FROM invites WHERE id = $1`, id) != db.Millis(s.Now()) {
		t.Error("not noted")
	}
}
