package recruiting_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
	"beckon/internal/mail"
	"beckon/internal/recruiting"
)

// all pages through an institution's employers, two at a time.
func (w *world) all(s institution.Scope, q recruiting.Query) string {
	w.T.Helper()
	var names []string
	q.Limit = 2
	for {
		page, next, total, err := w.List(ctx, s, q)
		if err != nil {
			w.T.Fatalf("%v", err)
		}
		for _, e := range page {
			names = append(names, e.Name)
		}
		if q.After = next; next.ID == 0 {
			if total != len(names) {
				w.T.Fatalf("total %d of %v", total, names)
			}
			return strings.Join(names, ", ")
		}
	}
}

func TestListSortsAndSearches(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		staff := institution.System(elm, "test")
		ids := map[string]int64{}
		for i, name := range []string{"zeal", "Ärmel", "Alder", "Meridian", "Bolt", "Northwind"} {
			user, co := w.recruiter("Rosa Smit", fmt.Sprintf("rosa@%c.example", 'a'+i), name)
			ids[name] = co
			w.now = w.now.Add(time.Minute)
			if name != "Northwind" {
				must(w.Request(ctx, user, elm))
			}
			must(w.Request(ctx, user, oak))
		}
		if got := w.all(staff, recruiting.Query{State: recruiting.Requested}); got != "zeal, Ärmel, Alder, Meridian, Bolt" {
			t.Errorf("requested: %s", got)
		}
		for _, err := range []error{w.Approve(ctx, staff, ids["zeal"]), w.Decline(ctx, staff, ids["Alder"], ""), w.Block(ctx, staff, ids["Bolt"], "")} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for q, want := range map[recruiting.Query]string{
			{}:                            "Alder, Ärmel, Bolt, Meridian, zeal",
			{State: recruiting.Requested}: "Ärmel, Meridian",
			{State: recruiting.Approved}:  "zeal",
			{State: recruiting.Declined}:  "Alder",
			{State: recruiting.Blocked}:   "Bolt",
			{State: recruiting.None}:      "Northwind",
			{Q: " ARM"}:                   "Ärmel",
			{Q: "d.example"}:              "Meridian",
			{Q: "%"}:                      "",
		} {
			if got := w.all(staff, q); got != want {
				t.Errorf("%+v: %s, want %s", q, got, want)
			}
		}
		var faults fault.Fields
		if _, _, _, err := w.List(ctx, staff, recruiting.Query{State: "open", Limit: 1}); !errors.As(err, &faults) {
			t.Errorf("an unknown state: %v", err)
		}
		var forbidden fault.Forbidden
		if _, _, _, err := w.List(ctx, institution.Scope{}, recruiting.Query{Limit: 1}); !errors.As(err, &forbidden) {
			t.Errorf("nobody's scope: %v", err)
		}
	})
}

func TestWhoAsksBecomesAContact(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		stranger := w.User("Sly Stranger", "sly@elsewhere.example")
		if _, err := w.Request(ctx, stranger, elm); err == nil || w.Int(`SELECT COUNT(*) FROM contacts`) != 0 {
			t.Errorf("a refused request: %v, with %d contacts", err, w.Int(`SELECT COUNT(*) FROM contacts`))
		}
		amara, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind")
		sami := w.User("Sami Brandt", "sami@northwind.example")
		must(w.companies.AddMember(ctx, operator, sami, co, company.Recruiter))
		for _, user := range []int64{amara, amara, sami} {
			must(w.Request(ctx, user, elm))
		}
		const came = `SELECT COUNT(*) FROM contacts c JOIN contact_standing s ON s.contact_id = c.id
			WHERE c.source = 'requested_approval' AND c.company_name = 'Northwind' AND s.company_id = $1 AND s.standing = $2`
		if n := w.Int(came, co, gate.IsMember); n != 2 {
			t.Errorf("%d of two people came", n)
		}
		if err := w.Approve(ctx, institution.System(elm, "test"), co); err != nil || w.Int(came, co, gate.IsApproved) != 2 {
			t.Errorf("approved: %v, %d of two people", err, w.Int(came, co, gate.IsApproved))
		}
		w.NoDrift()
	})
}

func TestFactsThatDecide(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak, larch, hazel := w.Institution("Elm University"), w.Institution("Oak College"), w.Institution("Larch Institute"), w.Institution("Hazel School")
		staff := institution.System(elm, "test")
		amara, co := w.recruiter("Amara Okafor", "amara@hr.northwind.example", "Northwind")
		sami := w.User("Sami Brandt", "sami@gmail.com")
		must(w.companies.AddMember(ctx, operator, sami, co, company.Recruiter))
		w.Contact(elm, "amara@hr.northwind.example")
		w.Contact(elm, "somebody@else.example")
		w.Contact(oak, "sami@gmail.com")
		must(w.Request(ctx, sami, elm))
		other, _ := w.recruiter("Keiko Ito", "keiko@alder.example", "Alder")
		must(w.Request(ctx, other, elm))
		for _, err := range []error{
			w.Approve(ctx, institution.System(oak, "test"), co),
			w.Decline(ctx, institution.System(larch, "test"), co, "asked students for money"),
			w.Block(ctx, institution.System(hazel, "test"), co, "their secret"),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		e := must(w.Get(ctx, staff, co))
		if e.Requester.ID != sami || e.Requester.Name != "Sami Brandt" || e.Requester.ContactID == 0 || e.Requester.Matches || !slices.Equal(e.Requester.Domains, []string{"gmail.com"}) {
			t.Errorf("the requester is %+v", e.Requester)
		}
		if e.Members != 2 || e.Contacts != 2 || e.Jobs != 0 || e.Domain != "northwind.example" {
			t.Errorf("facts %+v", e)
		}
		if x := e.Elsewhere; x.Approved != 1 || x.Declined != 1 || x.Blocked != 1 || len(x.Reasons) != 1 ||
			x.Reasons[0] != (recruiting.Reason{Text: "asked students for money", At: w.now}) {
			t.Errorf("elsewhere %+v", x)
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM contacts WHERE institution_id = $1 AND email_key = 'sami@gmail.com'`, elm)
			return err
		})
		if e := must(w.Get(ctx, staff, co)); e.Requester.ID != sami || e.Requester.Name != "" || e.Requester.ContactID != 0 || e.Members != 2 || e.Contacts != 1 {
			t.Errorf("who is no contact any more is %+v", e)
		}
		page, _, _, err := w.List(ctx, staff, recruiting.Query{Limit: 10})
		if err != nil || len(page) != 2 || page[1].Name != "Northwind" || page[1].Elsewhere.Declined != 1 || page[0].Elsewhere.Declined != 0 || !page[0].Requester.Matches {
			t.Errorf("the list tells other facts: %+v, %v", page, err)
		}
		if err := w.Withdraw(ctx, amara, elm); err != nil {
			t.Fatal(err)
		}
		if e := must(w.Get(ctx, staff, co)); e.State != recruiting.None || e.Requester.ID != 0 || !e.RequestedAt.IsZero() {
			t.Errorf("after the withdrawal: %+v", e)
		}
	})
}

func TestInstitutionsThatInviteComeFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var ids []int64
		for _, name := range []string{"Rowan State", "Älm Academy", "Elm University", "Oak College", "Fjordside Polytechnic"} {
			ids = append(ids, w.Institution(name))
		}
		amara, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind")
		w.invite(ids[3], w.Contact(ids[3], "amara@northwind.example"), 5)
		w.invite(ids[2], w.Contact(ids[2], "amara@northwind.example"), 0)         // not sent
		w.invite(ids[4], w.Contact(ids[4], "somebody.else@northwind.example"), 5) // not hers
		if err := w.Decline(ctx, institution.System(ids[2], "test"), co, "only locals"); err != nil {
			t.Fatal(err)
		}
		if err := w.Block(ctx, institution.System(ids[0], "test"), co, "secret"); err != nil {
			t.Fatal(err)
		}
		read := func(userID int64, q string) string {
			var got []string
			after := recruiting.Cursor{}
			for {
				page, next, total, err := w.Institutions(ctx, userID, q, after, 2)
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range page {
					got = append(got, strings.TrimSpace(fmt.Sprint(l.Slug, " ", l.State, " ", l.Reason, l.InvitedBy)))
				}
				if after = next; next.ID == 0 {
					if total != len(got) {
						t.Errorf("total %d of %v", total, got)
					}
					return strings.Join(got, ", ")
				}
			}
		}
		if got := read(amara, ""); got != "oak none Dana Whitfield, alm none, elm declined only locals, fjordside none, rowan blocked" {
			t.Errorf("institutions: %s", got)
		}
		if got := read(amara, "LM"); got != "alm none, elm declined only locals" {
			t.Errorf("found: %s", got)
		}
		if got := read(w.User("Nobody Known"), ""); got != "alm none, elm none, fjordside none, oak none, rowan none" {
			t.Errorf("without a company: %s", got)
		}
	})
}

func (w *world) invite(institutionID, contactID, sentAt int64) {
	w.T.Helper()
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		var bulk int64
		err := tx.QueryRow(ctx, `
			INSERT INTO bulk_invites (institution_id, state, created_at, created_by, request_hash, selection, message_domain, connect_on, after_signup, total)
			VALUES ($1, 'sent', 1, 'Dana Whitfield', $2, '{}', 'beckon.example', 'send', 'ask', 1) RETURNING id`, institutionID, []byte{1}).Scan(&bulk)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO invites (institution_id, bulk_invite_id, contact_id, email, variant, state, sent_at)
			VALUES ($1, $2, $3, 'x@y.example', 'connect', 'sent', $4)`, institutionID, bulk, contactID, sentAt)
		return err
	})
}

func TestDecisionLetters(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	elm := w.Institution("Elm University")
	staff := institution.System(elm, "test")
	_, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind")
	sami := w.User("Sami Brandt", "sami@northwind.example")
	must(w.companies.AddMember(ctx, operator, sami, co, company.Recruiter))
	must(w.companies.AddMember(ctx, operator, w.User("Not Told", "not.told@northwind.example"), co, company.Recruiter))
	must(w.Request(ctx, sami, elm))
	if err := w.Decline(ctx, staff, co, "only locals"); err != nil {
		t.Fatal(err)
	}
	if n := w.Int(`SELECT COUNT(*) FROM outbox WHERE institution_id = $1 AND recipient IN ('amara@northwind.example', 'sami@northwind.example')`, elm); n != 2 {
		t.Errorf("%d told", n)
	}
	if n := w.Int(`SELECT COUNT(*) FROM outbox`); n != 2 {
		t.Errorf("%d mails", n)
	}
	write := func(state string) (string, string, bool) {
		t.Helper()
		n := mail.Notice{InstitutionID: elm, Kind: recruiting.ConnectionDecided, Params: map[string]string{"company": db.FormatID(co), "state": state}}
		subject, l, ok, err := w.Letters("https://beckon.example")[n.Kind](ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		return subject, l.RenderText(), ok
	}
	if subject, text, ok := write(recruiting.Declined); !ok || subject != "Elm University has declined Northwind" || !strings.Contains(text, "only locals") {
		t.Errorf("%v %s\n%s", ok, subject, text)
	}
	if _, _, ok := write(recruiting.Approved); ok {
		t.Error("an approval that is none is told")
	}
	if err := w.Approve(ctx, staff, co); err != nil {
		t.Fatal(err)
	}
	if subject, text, ok := write(recruiting.Approved); !ok || subject != "Elm University has approved Northwind" || !strings.Contains(text, "https://beckon.example/recruit/jobs/new") {
		t.Errorf("%v %s\n%s", ok, subject, text)
	}
}
