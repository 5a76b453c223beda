package e2e

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/web/webtest"
)

// schedule confirms a bulk invite for a time.
func (c *client) schedule(at time.Time) bulkInvite {
	c.t.Helper()
	b := want[bulkInvite](c, http.StatusAccepted, "POST", "/bulk-invites", body{"selection": everybody, "scheduled_at": at.Format(time.RFC3339Nano)})
	if b.State != "scheduled" {
		c.t.Fatalf("a bulk invite for later is %s", b.State)
	}
	return b
}

// started is how often bulk invites went out by their schedule.
func (c *client) started() (n int) {
	c.t.Helper()
	for _, e := range get[list[struct{ Action string }]](c, "/audit-events?limit=500").Data {
		if e.Action == "bulk_invite.started" {
			n++
		}
	}
	return n
}

// TestScheduledThroughKills takes the power away before a bulk invite's time, at its time and
// after it. It goes out once.
func TestScheduledThroughKills(t *testing.T) {
	const n, connections = 3000, 10
	engines(t, func(t *testing.T, databaseURL string) {
		mails := newSink(t)
		s := newSite(t, databaseURL, mails, fmt.Sprintf("BECKON_SMTP_CONNECTIONS=%d", connections))
		s.run("migrate")
		elm := s.institution("Elm University", "elm")
		server := s.serve()
		elm.load(people(n))
		id := elm.schedule(time.Now().Add(time.Hour)).ID
		server.kill()
		at := time.Now().Add(2 * time.Second)
		s.comes(id, at)
		server = s.serve()
		until(t, "its time comes", func() bool { return !time.Now().Before(at) })
		server.kill()
		server = s.serve()
		mails.hold(n / 5)
		server.kill()
		mails.release()
		server = s.serve()
		b := elm.sent(id)
		if started := elm.started(); started != 1 {
			t.Errorf("it went out %d times", started)
		}
		server.stop()
		got := mails.tally(n)
		if got.lost > 0 || got.repeated > 2*connections || got.changed > 0 {
			t.Errorf("%+v after kills before, at and after its time", got)
		}
		if b.Counts["sent"] != n {
			t.Errorf("the counts: %+v", b.Counts)
		}
	})
}

// TestScheduledWithTwoServers lets two servers see the time come.
func TestScheduledWithTwoServers(t *testing.T) {
	t.Parallel()
	const n = 500
	mails := newSink(t)
	s := newSite(t, dbtest.PostgresURL(t), mails)
	elm := s.institution("Elm University", "elm")
	s.serve()
	s.serveAt("http://" + webtest.Address(t))
	elm.load(people(n))
	id := elm.schedule(time.Now().Add(time.Hour)).ID
	s.comes(id, time.Now())
	elm.sent(id)
	if got := mails.tally(n); got != (tally{}) || elm.started() != 1 {
		t.Errorf("%+v, it went out %d times", got, elm.started())
	}
}

// TestScheduledWhileNobodyRan lets its time pass by more than an hour: it waits for a person.
func TestScheduledWhileNobodyRan(t *testing.T) {
	const n = 20
	engines(t, func(t *testing.T, databaseURL string) {
		mails := newSink(t)
		s := newSite(t, databaseURL, mails)
		s.run("migrate")
		elm := s.institution("Elm University", "elm")
		server := s.serve()
		elm.load(people(n))
		id := elm.schedule(time.Now().Add(time.Hour)).ID
		server.stop()
		s.comes(id, time.Now().Add(-2*time.Hour))
		s.serve()
		until(t, "it waits for a person", func() bool {
			b := get[struct {
				State      string
				WaitReason string `json:"wait_reason"`
			}](elm, "/bulk-invites/"+id)
			return b.State == "scheduled" && b.WaitReason == "late"
		})
		if mails.count() != 0 {
			t.Errorf("%d mails went by themselves", mails.count())
		}
		want[bulkInvite](elm, http.StatusOK, "POST", "/bulk-invites/"+id+"/send-now", nil)
		elm.sent(id)
		if got := mails.tally(n); got != (tally{}) {
			t.Errorf("%+v", got)
		}
	})
}

// comes moves the time of a bulk invite, behind Beckon's back, to one that it would not take
// from a person or that a busy machine might have passed until it is asked.
func (s *site) comes(id string, at time.Time) {
	s.t.Helper()
	n, ok := db.ParseID(id)
	if !ok {
		s.t.Fatalf("%q is no id", id)
	}
	s.exec(`UPDATE bulk_invites SET scheduled_at = $1 WHERE id = $2`, at.UnixMilli(), n)
}

// open opens the database beside Beckon.
func (s *site) open() *db.DB {
	s.t.Helper()
	d, err := db.Open(s.t.Context(), s.databaseURL)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

// exec changes the database.
func (s *site) exec(query string, args ...any) {
	s.t.Helper()
	d := s.open()
	defer d.Close()
	err := d.Write(s.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(context.WithoutCancel(s.t.Context()), query, args...)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}
