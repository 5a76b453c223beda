package e2e

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"beckon/internal/db/dbtest"
)

// TestRestoredWhileSending makes a backup in the middle of a bulk invite, loses the database
// some time later and restores it. Nothing goes out by itself, links go on working, and what
// goes twice after somebody resumed is what went after the backup, as the same message.
func TestRestoredWhileSending(t *testing.T) {
	t.Parallel()
	const n = 3000
	mails := newSink(t)
	s := newSite(t, "", mails)
	s.run("migrate")
	elm := s.institution("Elm University", "elm")
	server := s.serve()
	elm.load(people(n))
	id := mails.invited(elm, n/10)
	file := filepath.Join(s.dir, "copy.db")
	before := mails.count()
	if said := s.run("backup", file); !strings.Contains(said, "secret.key") {
		t.Errorf("the backup does not name the key file: %s", said)
	}
	mails.hold(before + n/10)
	if said := s.fails("restore", file); !strings.Contains(said, "stop it first") {
		t.Errorf("restore while a server works says: %s", said)
	}
	server.kill()
	mails.hungUp()
	after := mails.count() - before
	said := s.run("restore", file)
	if !strings.Contains(said, "/at/elm/invites/"+id) || !strings.Contains(said, "paused") {
		t.Errorf("restore does not say what waits: %s", said)
	}
	s.serve()
	if b := get[bulkInvite](elm, "/bulk-invites/"+id); b.State != "paused" {
		t.Fatalf("the restored bulk invite is %s", b.State)
	}
	// Once a later one has gone, this one would have gone on, too.
	held := mails.count()
	other := want[contact](elm, http.StatusCreated, "POST", "/contacts", body{"email": "new@oak.example", "first_name": "New", "last_name": "Person"})
	elm.sent(elm.invite(body{"ids": []string{other.ID}}).ID)
	if got := mails.count(); got != held+1 {
		t.Fatalf("%d mails went by themselves", got-held-1)
	}
	for _, m := range mails.all() {
		if m.To == "new@oak.example" || m.To == mails.all()[0].To || m.To == mails.all()[held-1].To {
			visit(t, m.button("Create your account"))
		}
	}
	want[bulkInvite](elm, http.StatusOK, "POST", "/bulk-invites/"+id+"/resume", nil)
	elm.sent(id)
	got := mails.tally(n + 1)
	if got.lost > 0 || got.changed > 0 || got.repeated > after+10 {
		t.Errorf("%+v, though %d went between backup and loss", got, after)
	}
}

// TestBackupOfPostgres is refused with what to do instead.
func TestBackupOfPostgres(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.PostgresURL(t), nil)
	for _, args := range [][]string{{"backup", "copy.db"}, {"restore", "copy.db"}} {
		if said := s.fails(args...); !strings.Contains(said, "pg_") || strings.Contains(said, "\n") {
			t.Errorf("%s says: %s", args, said)
		}
	}
	s.run("migrate")
	if said := s.run("restore", "--in-place"); !strings.Contains(said, "No bulk invite was unfinished") {
		t.Errorf("in place: %s", said)
	}
}

// fails runs a command, which must fail, and answers what it said.
func (s *site) fails(args ...string) string {
	s.t.Helper()
	c := s.command(args...)
	var errs bytes.Buffer
	c.Stderr = &errs
	if err := c.Run(); err == nil {
		s.t.Fatalf("beckon %s does not fail", strings.Join(args, " "))
	}
	return strings.TrimSpace(errs.String())
}
