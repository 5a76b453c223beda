package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"beckon/internal/db/dbtest"
	"beckon/internal/web/webtest"
)

// TestKilledWhileSending takes the power away twice within a bulk invite. Nobody is left
// out, and what went twice was on the wire: the same message again.
func TestKilledWhileSending(t *testing.T) {
	const n, kills, connections = 3000, 2, 10
	engines(t, func(t *testing.T, databaseURL string) {
		mails := newSink(t)
		s := newSite(t, databaseURL, mails, fmt.Sprintf("BECKON_SMTP_CONNECTIONS=%d", connections))
		s.run("migrate")
		elm := s.institution("Elm University", "elm")
		server := s.serve()
		elm.load(people(n))
		id := mails.invited(elm, n/5)
		for k := range kills {
			mails.hold((k + 1) * n / 5)
			server.kill()
			server = s.serve()
		}
		mails.release()
		b := elm.sent(id)
		server.stop()
		got := mails.tally(n)
		if got.lost > 0 || got.repeated > kills*connections || got.changed > 0 {
			t.Errorf("%+v after %d kills with %d connections", got, kills, connections)
		}
		if b.Counts["sent"] != n {
			t.Errorf("the counts: %+v", b.Counts)
		}
	})
}

// TestStoppedWhileSending asks a server to end in the middle: everybody is written to once.
func TestStoppedWhileSending(t *testing.T) {
	const n = 3000
	engines(t, func(t *testing.T, databaseURL string) {
		mails := newSink(t)
		s := newSite(t, databaseURL, mails)
		s.run("migrate")
		elm := s.institution("Elm University", "elm")
		server := s.serve()
		elm.load(people(n))
		id := mails.invited(elm, n/10)
		server.signal(syscall.SIGTERM)
		until(t, "the server hears", func() bool { return !answers(s.url) })
		mails.release()
		server.ends()
		s.serve()
		elm.sent(id)
		if got := mails.tally(n); got != (tally{}) {
			t.Errorf("after a stop in the middle: %+v", got)
		}
	})
}

// TestAsleepPastItsLease lets one of two servers sleep while it sends, as a machine does
// that is suspended. The other takes over, and the sleeper must not send what it held.
func TestAsleepPastItsLease(t *testing.T) {
	t.Parallel()
	const n, connections = 3000, 4
	mails := newSink(t)
	s := newSite(t, dbtest.PostgresURL(t), mails, fmt.Sprintf("BECKON_SMTP_CONNECTIONS=%d", connections))
	elm := s.institution("Elm University", "elm")
	sleeper := s.serve()
	elm.load(people(n))
	id := mails.invited(elm, n/10)
	if b := get[bulkInvite](elm, "/bulk-invites/"+id); b.Counts["sending"] == 0 {
		t.Fatalf("the server holds nothing, which so says nothing: %+v", b)
	}
	sleeper.signal(syscall.SIGSTOP)
	mails.release()

	other := *elm
	other.url = "http://" + webtest.Address(t)
	s.serveAt(other.url)
	b := other.sent(id)
	sleeper.signal(syscall.SIGCONT)
	sleeper.stop()
	got := mails.tally(n)
	if got.lost > 0 || got.repeated > connections || got.changed > 0 {
		t.Errorf("%+v with %d connections asleep", got, connections)
	}
	if b.Counts["sent"] != n {
		t.Errorf("the counts: %+v", b.Counts)
	}
}

// TestKilledWhileImporting takes the power away within an import, which goes on where it
// was.
func TestKilledWhileImporting(t *testing.T) {
	engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL, nil)
		s.run("migrate")
		// A file that is all in before this test knows that some of it is says nothing: then one
		// that takes longer is imported elsewhere.
		for n := 20_000; !s.killedWhileImporting(n); n *= 2 {
			if n > 300_000 {
				t.Fatalf("%d contacts were in before the kill", n)
			}
		}
	})
}

// killedWhileImporting does so with a file of n contacts, false if all were in too soon.
func (s *site) killedWhileImporting(n int) bool {
	s.t.Helper()
	slug := fmt.Sprintf("u%d", n)
	elm := s.institution("University "+slug, slug)
	server := s.serve()
	bad := "not an address,Pat,Person\n"
	file := append(people(n), strings.Repeat(bad, 3)...)
	id := want[importState](elm, http.StatusAccepted, "POST", "/contacts/imports", file).ID
	d := s.open()
	defer d.Close()
	in := func() (in int) {
		err := d.SQL().QueryRow(`SELECT COUNT(*) FROM contacts c JOIN institutions i ON i.id = c.institution_id WHERE i.slug = $1`, slug).Scan(&in)
		if err != nil {
			s.t.Fatal(err)
		}
		return in
	}
	until(s.t, "some contacts are in", func() bool { return in() >= n/20 })
	server.kill()
	if in() == n {
		return false
	}
	server = s.serve()
	i := elm.loaded(id)
	if i.Rows != n+3 || i.Created != n || i.Rejected != 3 || i.Updated+i.Unchanged != 0 {
		s.t.Errorf("the import: %+v", i)
	}
	if in := elm.contacts("standing=contact"); in != n {
		s.t.Errorf("%d contacts are in", in)
	}
	server.stop()
	return true
}
