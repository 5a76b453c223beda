package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"beckon/internal/db/dbtest"
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
		id := elm.invite(everybody).ID
		for k := range kills {
			enough := (k + 1) * n / 5
			until(t, fmt.Sprintf("%d mails went", enough), func() bool { return mails.count() >= enough })
			server.kill()
			if mails.count() >= n {
				t.Fatal("all had gone before the kill, which so says nothing")
			}
			server = s.serve()
		}
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
		id := elm.invite(everybody).ID
		until(t, "some mails went", func() bool { return mails.count() >= n/10 })
		server.stop()
		if mails.count() >= n {
			t.Fatal("all had gone before the stop, which so says nothing")
		}
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
	id := elm.invite(everybody).ID
	until(t, "some mails went", func() bool { return mails.count() >= n/10 })
	sleeper.signal(syscall.SIGSTOP)
	asleep := mails.count()

	other := *elm
	other.url = "http://" + freeAddress(t)
	s.serveAt(other.url)
	if b := get[bulkInvite](&other, "/bulk-invites/"+id); b.Counts["sending"] == 0 {
		t.Fatalf("the sleeper holds nothing, which so says nothing: %+v, %d mails", b, asleep)
	}
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
	const n = 20000
	engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL, nil)
		s.run("migrate")
		elm := s.institution("Elm University", "elm")
		server := s.serve()
		bad := "not an address,Pat,Person\n"
		file := append(people(n), strings.Repeat(bad, 3)...)
		id := want[importState](elm, http.StatusAccepted, "POST", "/contacts/imports", file).ID
		until(t, "some contacts are in", func() bool { return elm.contacts("") >= n/20 })
		server.kill()
		s.serve()
		if in := elm.contacts(""); in >= n {
			t.Fatalf("%d were in before the kill, which so says nothing", in)
		}
		i := elm.loaded(id)
		if i.Rows != n+3 || i.Created != n || i.Rejected != 3 || i.Updated+i.Unchanged != 0 {
			t.Errorf("the import: %+v", i)
		}
		if in := elm.contacts("standing=contact"); in != n {
			t.Errorf("%d contacts are in", in)
		}
	})
}
