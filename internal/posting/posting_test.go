package posting_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/internal/audit"
	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/gate/gatetest"
	"beckon/internal/institution"
	"beckon/internal/mail"
	"beckon/internal/posting"
	"beckon/internal/recruiting"
)

var (
	ctx      = context.Background()
	operator = audit.Actor{Kind: audit.System, Name: "command line"}
)

type world struct {
	gatetest.World
	*posting.Jobs
	companies  *company.Companies
	recruiting *recruiting.Recruiting
}

func newWorld(t *testing.T, d *db.DB) *world {
	now := func() time.Time { return gatetest.Now }
	return &world{World: gatetest.World{T: t, DB: d}, Jobs: &posting.Jobs{DB: d, Now: now, Book: &contact.Book{DB: d, Now: now}},
		companies: &company.Companies{DB: d, Now: now}, recruiting: &recruiting.Recruiting{DB: d, Now: now, Book: &contact.Book{DB: d, Now: now}}}
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, newWorld(t, d)) })
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

func staff(institutionID int64) institution.Scope { return institution.System(institutionID, "test") }

// approved makes a company that may recruit at the institutions, and its admin.
func (w *world) approved(name, email, companyName string, institutions ...int64) (userID, companyID int64) {
	w.T.Helper()
	userID = w.User(name, email)
	co := must(w.companies.Create(ctx, userID, company.New{Name: companyName}))
	for _, id := range institutions {
		if err := w.recruiting.Approve(ctx, staff(id), co.ID); err != nil {
			w.T.Fatalf("%v", err)
		}
	}
	return userID, co.ID
}

func job(title string, institutions ...int64) posting.JobInput {
	return posting.JobInput{Title: title, Description: "Build robots.", Institutions: institutions}
}

func paths(err error) (all []string) {
	var f fault.Fields
	errors.As(err, &f)
	for _, x := range f {
		all = append(all, x.Path)
	}
	return all
}

func TestPost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		amara, co := w.approved("Amara Okafor", "amara@northwind.example", "Northwind", elm, oak)
		got, err := w.Post(ctx, amara, posting.JobInput{Title: " Robot\tbuilder ", Description: "One.\r\nTwo.", Location: "Remote",
			Kind: "internship", ApplyURL: "northwind.example/jobs", Institutions: []int64{oak, elm, oak}})
		if err != nil {
			t.Fatal(err)
		}
		if got.Title != "Robot builder" || got.Description != "One.\nTwo." || got.ApplyURL != "https://northwind.example/jobs" || got.Location != "Remote" ||
			got.Kind != "internship" || got.CompanyID != co || got.Company != "Northwind" || got.PostedBy != "Amara Okafor" || !got.CreatedAt.Equal(gatetest.Now) {
			t.Errorf("posted %+v", got)
		}
		want := []posting.Posting{
			{InstitutionID: elm, Institution: "Elm University", State: posting.Pending, PostedAt: gatetest.Now, Connection: "approved"},
			{InstitutionID: oak, Institution: "Oak College", State: posting.Pending, PostedAt: gatetest.Now, Connection: "approved"},
		}
		if !slices.Equal(got.Postings, want) {
			t.Errorf("postings %+v", got.Postings)
		}
		if n := w.Int(`SELECT COUNT(*) FROM audit_events WHERE action = 'job.posted' AND subject_id = $1 AND institution_id IN ($2, $3)`, got.ID, elm, oak); n != 2 {
			t.Errorf("%d records", n)
		}
	})
}

func TestWhoPostsBecomesAContact(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		amara, _ := w.approved("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		if _, err := w.Post(ctx, amara, job("Refused", elm, oak)); err == nil {
			t.Error("posted without a connection")
		}
		if n := w.Int(`SELECT COUNT(*) FROM contacts`); n != 0 {
			t.Errorf("a refused job made %d contacts", n)
		}
		got := must(w.Post(ctx, amara, job("Engineer", elm)))
		must(w.Post(ctx, amara, job("Builder", elm)))
		if n := w.Int(`SELECT COUNT(*) FROM contacts c JOIN contact_standing s ON s.contact_id = c.id
			WHERE c.institution_id = $1 AND c.source = 'posted_job' AND s.user_id = $2 AND s.standing = 3`, elm, amara); n != 1 {
			t.Errorf("%d contacts that posted", n)
		}
		if j := must(w.Posted(ctx, staff(elm), got.ID)); j.PostedBy != "Amara Okafor" {
			t.Errorf("a contact's job is by %q", j.PostedBy)
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM contacts`)
			return err
		})
		if j := must(w.Posted(ctx, staff(elm), got.ID)); j.PostedBy != "" {
			t.Errorf("staff read the name of %q, who is no contact any more", j.PostedBy)
		}
		if j := must(w.Get(ctx, amara, got.ID)); j.PostedBy != "Amara Okafor" {
			t.Errorf("the company reads %q", j.PostedBy)
		}
	})
}

func TestTheGateIsAskedForEachBeforeOptionalInputs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak, larch := w.Institution("Elm University"), w.Institution("Oak College"), w.Institution("Larch Institute")
		amara, co := w.approved("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		if err := w.recruiting.Block(ctx, staff(larch), co, ""); err != nil {
			t.Fatal(err)
		}
		wrong := posting.JobInput{Title: "Builder", Description: "Robots.", Kind: "nonsense", ApplyURL: "javascript:1"}
		for _, c := range []struct {
			user    int64
			at      []int64
			missing string
			refuser int64
		}{
			{w.User("Una Verified"), []int64{elm}, gate.VerifiedAddress, elm},
			{w.User("Sami Brandt", "sami@quarry.example"), []int64{elm}, gate.Membership, elm},
			{amara, []int64{elm, oak}, gate.Connection, oak},
			{amara, []int64{elm, larch, oak}, gate.Blocked, larch},
		} {
			in := wrong
			in.Institutions = c.at
			_, err := w.Post(ctx, c.user, in)
			var r *gate.Refusal
			if !errors.As(err, &r) || r.Missing != c.missing || r.InstitutionID != c.refuser {
				t.Errorf("at %v: %v, want %s at %d", c.at, err, c.missing, c.refuser)
			}
		}
		wrong.Institutions = []int64{elm}
		if _, err := w.Post(ctx, amara, wrong); !slices.Equal(paths(err), []string{"apply_url", "kind"}) {
			t.Errorf("optional inputs: %v", err)
		}
		if _, err := w.Post(ctx, amara, posting.JobInput{}); !slices.Equal(paths(err), []string{"title", "description", "institutions"}) {
			t.Errorf("required inputs: %v", err)
		}
		if _, err := w.Post(ctx, amara, job("Builder", elm, 999, oak, 0)); !slices.Equal(paths(err), []string{"institutions[1]", "institutions[3]"}) {
			t.Errorf("unknown institutions: %v", err)
		}
		if n := w.Int(`SELECT (SELECT COUNT(*) FROM jobs) + (SELECT COUNT(*) FROM job_postings) + (SELECT COUNT(*) FROM audit_events WHERE subject_kind = 'job')`); n != 0 {
			t.Errorf("%d rows were made by refused posts", n)
		}
	})
}

func TestReview(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		amara, co := w.approved("Amara Okafor", "amara@northwind.example", "Northwind", elm, oak)
		id := must(w.Post(ctx, amara, job("Builder", elm))).ID
		state := func() string {
			p := must(w.Get(ctx, amara, id)).Postings[0]
			return fmt.Sprint(p.State, " ", p.Live, " ", p.Reason)
		}
		var forbidden fault.Forbidden
		if err := w.Approve(ctx, institution.Token(elm, 1, "reads", nil), id); !errors.As(err, &forbidden) {
			t.Errorf("a reader approves: %v", err)
		}
		if err := w.Approve(ctx, staff(oak), id); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("another institution approves: %v", err)
		}
		if err := w.Approve(ctx, staff(elm), id); err != nil || state() != "approved true " {
			t.Errorf("approved: %s, %v", state(), err)
		}
		if err := w.Approve(ctx, staff(elm), id); err != nil {
			t.Errorf("approved twice: %v", err)
		}
		if err := w.Decline(ctx, staff(elm), id, "unpaid"); err != nil || state() != "declined false unpaid" {
			t.Errorf("declined: %s, %v", state(), err)
		}
		if n := w.Int(`SELECT COUNT(*) FROM outbox WHERE kind = 'job_decided' AND recipient = 'amara@northwind.example' AND institution_id = $1`, elm); n != 2 {
			t.Errorf("%d mails", n)
		}
		if err := w.Approve(ctx, staff(elm), id); err != nil {
			t.Fatal(err)
		}
		if err := w.recruiting.Block(ctx, staff(elm), co, "fraud"); err != nil || state() != "approved false " {
			t.Errorf("while the company is blocked: %s, %v", state(), err)
		}
		if err := w.Decline(ctx, staff(elm), id, ""); err != nil {
			t.Fatal(err)
		}
		var conflict fault.Conflict
		if err := w.Approve(ctx, staff(elm), id); !errors.As(err, &conflict) {
			t.Errorf("a blocked company's job is approved: %v", err)
		}
		if err := w.recruiting.Unblock(ctx, staff(elm), co); err != nil {
			t.Fatal(err)
		}
		if err := w.recruiting.Approve(ctx, staff(elm), co); err != nil {
			t.Fatal(err)
		}
		if err := w.Withdraw(ctx, amara, id); err != nil || state() != "withdrawn false " {
			t.Errorf("withdrawn: %s, %v", state(), err)
		}
		if err := w.Approve(ctx, staff(elm), id); !errors.As(err, &conflict) {
			t.Errorf("a withdrawn job is approved: %v", err)
		}
	})
}

func TestAuthorsAndAdminsSeeAndWithdraw(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		amara, co := w.approved("Amara Okafor", "amara@northwind.example", "Northwind", elm, oak)
		sami, rosa := w.User("Sami Brandt", "sami@northwind.example"), w.User("Rosa Smit", "rosa@northwind.example")
		must(w.companies.AddMember(ctx, operator, sami, co, company.Recruiter))
		must(w.companies.AddMember(ctx, operator, rosa, co, company.Recruiter))
		stranger, _ := w.approved("Keiko Ito", "keiko@alder.example", "Alder", elm)
		must(w.Post(ctx, stranger, job("Nurse", elm)))
		first := must(w.Post(ctx, sami, job("First", elm, oak))).ID
		for _, title := range []string{"Second", "Third"} {
			must(w.Post(ctx, rosa, job(title, elm)))
		}
		mine := func(user int64, q posting.Query) string {
			var titles []string
			for q.Limit = 2; ; {
				page, next, total, err := w.Mine(ctx, user, q)
				if err != nil {
					t.Fatal(err)
				}
				for _, j := range page {
					titles = append(titles, fmt.Sprint(j.Title, len(j.Postings)))
				}
				if q.After = next; next == 0 {
					if total != len(titles) {
						t.Errorf("total %d of %v", total, titles)
					}
					return strings.Join(titles, " ")
				}
			}
		}
		for user, want := range map[int64]string{amara: "Third1 Second1 First2", sami: "First2", rosa: "Third1 Second1", stranger: "Nurse1"} {
			if got := mine(user, posting.Query{}); got != want {
				t.Errorf("user %d sees %s, want %s", user, got, want)
			}
		}
		if err := w.Decline(ctx, staff(oak), first, ""); err != nil {
			t.Fatal(err)
		}
		for q, want := range map[posting.Query]string{
			{State: posting.Pending}: "Third1 Second1 First2", {State: posting.Declined}: "First2", {State: posting.Approved}: "",
			{Q: "sEc"}: "Second1", {Q: "oak"}: "First2", {Q: "elm"}: "Third1 Second1 First2", {Q: "northwind"}: "", {State: posting.Declined, Q: "third"}: "",
		} {
			if got := mine(amara, q); got != want {
				t.Errorf("%+v finds %s, want %s", q, got, want)
			}
		}
		if _, _, _, err := w.Mine(ctx, amara, posting.Query{State: "odd"}); err == nil {
			t.Error("a state that no job can be in is looked for")
		}
		for _, user := range []int64{rosa, stranger} {
			if err := w.Withdraw(ctx, user, first); !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("somebody else withdraws: %v", err)
			}
			if _, err := w.Get(ctx, user, first); !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("somebody else reads: %v", err)
			}
		}
		if err := w.Withdraw(ctx, sami, first, oak); err != nil {
			t.Fatal(err)
		}
		if p := must(w.Get(ctx, amara, first)).Postings; p[0].State != posting.Pending || p[1].State != posting.Withdrawn {
			t.Errorf("withdrawn from one: %+v", p)
		}
		if err := w.Withdraw(ctx, amara, first); err != nil {
			t.Fatal(err)
		}
		if n := w.Int(`SELECT COUNT(*) FROM job_postings WHERE job_id = $1 AND state = 'withdrawn'`, first); n != 2 {
			t.Errorf("%d postings withdrawn", n)
		}
		if err := w.companies.Leave(ctx, sami); err != nil {
			t.Fatal(err)
		}
		if got := mine(sami, posting.Query{}); got != "" {
			t.Errorf("who has left sees %s", got)
		}
	})
}

func TestStaffList(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		amara, _ := w.approved("Amara Okafor", "amara@northwind.example", "Nørthwind", elm, oak)
		keiko, _ := w.approved("Keiko Ito", "keiko@alder.example", "Älder", elm, oak)
		var ids []int64
		for i, title := range []string{"Nurse", "Éngineer", "Doctor", "Driver", "Elsewhere"} {
			user, at := []int64{keiko, amara}[i%2], []int64{elm, oak}
			if title == "Elsewhere" {
				at = []int64{oak}
			}
			ids = append(ids, must(w.Post(ctx, user, job(title, at...))).ID)
		}
		if err := w.Approve(ctx, staff(elm), ids[1]); err != nil {
			t.Fatal(err)
		}
		all := func(q posting.Query) string {
			var titles []string
			q.Limit = 2
			for {
				page, next, total, err := w.List(ctx, staff(elm), q)
				if err != nil {
					t.Fatal(err)
				}
				for _, j := range page {
					titles = append(titles, j.Title)
					if len(j.Postings) != 1 || j.Postings[0].InstitutionID != elm {
						t.Errorf("other institutions' postings are shown: %+v", j.Postings)
					}
				}
				if q.After = next; next == 0 {
					if total != len(titles) {
						t.Errorf("total %d of %v", total, titles)
					}
					return strings.Join(titles, " ")
				}
			}
		}
		for q, want := range map[posting.Query]string{
			{}:                        "Driver Doctor Éngineer Nurse",
			{State: posting.Pending}:  "Nurse Doctor Driver",
			{State: posting.Approved}: "Éngineer",
			{State: posting.Declined}: "",
			{Q: "ENGI"}:               "Éngineer",
			{Q: "alder"}:              "Doctor Nurse",
			{Q: "%"}:                  "",
		} {
			if got := all(q); got != want {
				t.Errorf("%+v: %s, want %s", q, got, want)
			}
		}
		if n := must(w.Waiting(ctx, staff(elm))); n != 3 {
			t.Errorf("%d jobs wait", n)
		}
		if _, _, _, err := w.List(ctx, staff(elm), posting.Query{State: "open", Limit: 1}); !slices.Equal(paths(err), []string{"state"}) {
			t.Errorf("an unknown state: %v", err)
		}
		if _, err := w.Posted(ctx, staff(elm), ids[4]); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("a job posted elsewhere: %v", err)
		}
		if got := must(w.Posted(ctx, staff(elm), ids[0])); got.Title != "Nurse" {
			t.Errorf("one job: %+v", got)
		}
	})
}

func TestDecisionLetters(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	elm := w.Institution("Elm University")
	amara, _ := w.approved("Amara Okafor", "amara@northwind.example", "Northwind", elm)
	id := must(w.Post(ctx, amara, job("Builder", elm))).ID
	write := func(state string) (string, string, bool) {
		t.Helper()
		n := mail.Notice{InstitutionID: elm, Kind: posting.JobDecided, Params: map[string]string{"job": db.FormatID(id), "state": state}}
		subject, l, ok, err := w.Letters("https://beckon.example")[n.Kind](ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		return subject, l.RenderText(), ok
	}
	if _, _, ok := write(posting.Approved); ok {
		t.Error("a decision that nobody made is told")
	}
	if err := w.Approve(ctx, staff(elm), id); err != nil {
		t.Fatal(err)
	}
	if subject, text, ok := write(posting.Approved); !ok || subject != "Elm University shows your job: Builder" || !strings.Contains(text, "https://beckon.example/recruit/jobs") {
		t.Errorf("%v %s\n%s", ok, subject, text)
	}
	if err := w.Decline(ctx, staff(elm), id, "unpaid"); err != nil {
		t.Fatal(err)
	}
	if subject, text, ok := write(posting.Declined); !ok || !strings.Contains(subject, "declined") || !strings.Contains(text, "unpaid") {
		t.Errorf("%v %s\n%s", ok, subject, text)
	}
}
