package demo_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/demo"
	"beckon/internal/gate"
	"beckon/internal/secret"
)

// fill tells the story in an empty database.
func fill(t *testing.T) (*db.DB, demo.Guests) {
	t.Helper()
	d := dbtest.SQLite(t)
	began := time.Now()
	guests, err := demo.Fill(context.Background(), demo.Options{DB: d, Key: secret.Fixed("demo"), BaseURL: "http://127.0.0.1:8080",
		MailFrom: "beckon@elm.example", Now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("filled in %v", time.Since(began))
	return d, guests
}

func count(t *testing.T, d *db.DB, query string) (n int) {
	t.Helper()
	if err := d.SQL().QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func TestStory(t *testing.T) {
	d, guests := fill(t)
	for _, c := range []struct {
		what        string
		query       string
		least, most int
	}{
		{"contacts", `SELECT COUNT(*) FROM contacts WHERE institution_id = 1`, 4900, 5010},
		{"contacts that came by themselves", `SELECT COUNT(*) FROM contacts WHERE institution_id = 1 AND source IN ('requested_approval', 'posted_job', 'messaged')`, 3, 100},
		{"companies in the address book", `SELECT COUNT(DISTINCT company_key) FROM contacts`, 890, 910},
		{"companies", `SELECT COUNT(*) FROM companies`, 200, 600},
		{"labels", `SELECT COUNT(*) FROM labels`, 15, 40},
		{"imports", `SELECT COUNT(*) FROM imports WHERE row_count > 0`, 4, 4},
		{"rejected rows", `SELECT COUNT(*) FROM import_rejects`, 1, 20},
		{"archived", `SELECT COUNT(*) FROM contacts WHERE archived = 1`, 50, 300},
		{"bulk invites", `SELECT COUNT(*) FROM bulk_invites WHERE state = 'sent'`, 7, 7},
		{"bulk invites for later", `SELECT COUNT(*) FROM bulk_invites WHERE state = 'scheduled' AND scheduled_at > 1795424400000 AND create_account > 0`, 1, 1},
		{"invites sent", `SELECT SUM(sent) FROM bulk_invites`, 1500, 4000},
		{"bounced", `SELECT SUM(bounced) FROM bulk_invites`, 20, 200},
		{"opened", `SELECT SUM(opened) FROM bulk_invites`, 500, 2000},
		{"accepted", `SELECT SUM(accepted) FROM bulk_invites`, 150, 1000},
		{"approved", `SELECT SUM(approved) FROM bulk_invites`, 100, 1000},
		{"the least accepted in a bulk invite", `SELECT MIN(accepted) FROM bulk_invites WHERE state = 'sent'`, 3, 1000},
		{"unsubscribed", `SELECT COUNT(*) FROM suppressions WHERE reason = 'unsubscribed'`, 3, 100},
		{"waiting at Elm", `SELECT COUNT(*) FROM connections WHERE institution_id = 1 AND state = 'requested'`, 8, 100},
		{"declined at Elm", `SELECT COUNT(*) FROM connections WHERE institution_id = 1 AND state = 'declined'`, 3, 100},
		{"blocked at Elm", `SELECT COUNT(*) FROM connections WHERE institution_id = 1 AND state = 'blocked'`, 1, 30},
		{"decided elsewhere", `SELECT COUNT(*) FROM connections WHERE institution_id <> 1 AND decided_at > 0`, 60, 400},
		{"people who wait for a company", `SELECT COUNT(*) FROM memberships WHERE state = 'pending'`, 8, 200},
		{"jobs that wait at Elm", `SELECT COUNT(*) FROM job_postings WHERE institution_id = 1 AND state = 'pending'`, 3, 100},
		{"approved jobs at Elm", `SELECT COUNT(*) FROM job_postings WHERE institution_id = 1 AND state = 'approved'`, 20, 500},
		{"students", `SELECT COUNT(*) FROM students`, 60, 60},
		{"students who allow it", `SELECT COUNT(*) FROM students WHERE allows_at > 0`, 18, 18},
		{"conversations", `SELECT COUNT(*) FROM threads`, 10, 100},
		{"answers of students", `SELECT COUNT(*) FROM messages WHERE by_student = 1`, 5, 100},
		{"open reports", `SELECT COUNT(*) FROM message_reports WHERE state = 'open'`, 1, 1},
		{"schedules that wait", `SELECT COUNT(*) FROM interview_requests WHERE state = 'requested'`, 2, 2},
		{"schedules with a proposal", `SELECT COUNT(*) FROM interview_requests WHERE state = 'proposed'`, 1, 1},
		{"declined schedules", `SELECT COUNT(*) FROM interview_requests WHERE state = 'declined'`, 1, 1},
		{"approved schedules", `SELECT COUNT(*) FROM interview_requests WHERE state = 'approved'`, 2, 2},
		{"slots to come that are taken", `SELECT COUNT(*) FROM interview_slots WHERE student_id > 0 AND starts_at > 1795424400000`, 4, 8},
		{"saved explores", `SELECT COUNT(*) FROM explores`, 3, 3},
		{"views", `SELECT COUNT(*) FROM views`, 3, 3},
		{"kept messages", `SELECT COUNT(*) FROM mailbox`, 20, 1000},
		{"what happens after the end", `SELECT COUNT(*) FROM audit_events WHERE at > 1795424400000`, 0, 0},
	} {
		if n := count(t, d, c.query); n < c.least || n > c.most {
			t.Errorf("%s: %d, want %d to %d", c.what, n, c.least, c.most)
		}
	}
	ctx := context.Background()
	err := d.Read(ctx, func(tx *db.Tx) error {
		drift, err := gate.Drift(ctx, tx)
		if drift != 0 {
			t.Errorf("%d standings are not what the facts say", drift)
		}
		for who, id := range map[string]int64{"admin": guests.Admin.ID, "recruiter": guests.Recruiter.ID} {
			if _, err := gate.Check(ctx, tx, id, 1); err != nil {
				t.Errorf("the %s: %v", who, err)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := demo.Find(ctx, demo.Options{DB: d, Key: secret.Fixed("demo"), Now: time.Now()}); err != nil || again != guests {
		t.Errorf("the guests are %+v, found again as %+v, %v", guests, again, err)
	}
	second, _ := fill(t)
	if a, b := told(t, d), told(t, second); !slices.Equal(a, b) {
		t.Errorf("the story is not always the same: %v and %v", a, b)
	}
}

// told is what one telling of the story led to.
func told(t *testing.T, d *db.DB) (numbers []int) {
	for _, query := range []string{
		`SELECT COUNT(*) FROM users`, `SELECT SUM(accepted) * 10000 + SUM(approved) FROM bulk_invites`, `SELECT COUNT(*) FROM jobs`,
		`SELECT SUM(decided_at / 1000) FROM connections`, `SELECT COUNT(*) FROM audit_events`,
	} {
		numbers = append(numbers, count(t, d, query))
	}
	return numbers
}
