package company_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/gate/gatetest"
	"beckon/internal/institution"
	"beckon/internal/mail"
)

func TestJoinWaitsForAnAdmin(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		contact := w.Contact(elm, "sami@quarry.example")
		amara, sami := w.User("Amara Okafor", "amara@quarry.example"), w.User("Sami Brandt", "sami@quarry.example")
		rosa := w.User("Rosa Smit", "rosa@meridian.example")
		co := must(w.Create(ctx, amara, company.New{Name: "Quarry Lane"}))
		other := must(w.Create(ctx, rosa, company.New{Name: "Meridian"}))
		m := must(w.Join(ctx, sami, co.ID))
		if m.State != company.Pending || m.Role != company.Recruiter || m.Company != "Quarry Lane" {
			t.Fatalf("joined as %+v", m)
		}
		if again := must(w.Join(ctx, sami, co.ID)); again.ID != m.ID {
			t.Errorf("asked twice: %+v", again)
		}
		if got := w.mails(); !slices.Equal(got, []string{"join_request amara@quarry.example"}) {
			t.Errorf("mails %v", got)
		}
		if w.Standing(elm, contact) != gate.IsUser {
			t.Error("a pending membership counts")
		}
		for name, act := range map[string]func(int64) error{
			"approve": func(by int64) error { return w.Approve(ctx, by, m.ID) },
			"decline": func(by int64) error { return w.Decline(ctx, by, m.ID, "") },
			"remove":  func(by int64) error { return w.Remove(ctx, by, m.ID) },
			"role":    func(by int64) error { return w.SetRole(ctx, by, m.ID, company.Admin) },
		} {
			for _, by := range []int64{rosa, sami} {
				if err := act(by); !errors.Is(err, fault.ErrNotFound) {
					t.Errorf("%s by a stranger: %v", name, err)
				}
			}
		}
		if err := w.Approve(ctx, amara, m.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Approve(ctx, amara, m.ID); err != nil {
			t.Errorf("approved twice: %v", err)
		}
		if w.Standing(elm, contact) != gate.IsMember {
			t.Errorf("standing %v", w.Standing(elm, contact))
		}
		if got := w.mails()[1:]; !slices.Equal(got, []string{"join_decided sami@quarry.example"}) {
			t.Errorf("mails %v", got)
		}
		if _, err := w.Join(ctx, sami, other.ID); !isConflict(err) || !strings.Contains(err.Error(), "leave it first") {
			t.Errorf("a second company: %v", err)
		}
		var forbidden fault.Forbidden
		if err := w.Decline(ctx, sami, m.ID, ""); !errors.As(err, &forbidden) {
			t.Errorf("a recruiter decides: %v", err)
		}
		if err := w.Leave(ctx, sami); err != nil || w.Standing(elm, contact) != gate.IsUser {
			t.Errorf("left: %v, standing %v", err, w.Standing(elm, contact))
		}
		if err := w.Approve(ctx, amara, m.ID); !isConflict(err) {
			t.Errorf("who has left is approved: %v", err)
		}
		if got := w.Int(`SELECT COUNT(*) FROM audit_events WHERE subject_kind = 'membership' AND subject_id = $1`, m.ID); got != 3 {
			t.Errorf("%d events about requested, approved, left", got)
		}
	})
}

func TestJoinAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		orphan := must(w.Add(ctx, operator, "Orphan", "orphan.example"))
		stranger := w.User("Sly Stranger", "sly@elsewhere.example")
		if m := must(w.Join(ctx, stranger, orphan.ID)); m.State != company.Pending {
			t.Errorf("a stranger takes a company without members: %+v", m)
		}
		free := must(w.Add(ctx, operator, "No domain", ""))
		if m := must(w.Join(ctx, w.User("Gina Mail", "gina@gmail.com"), free.ID)); m.State != company.Pending {
			t.Errorf("free mail takes a company: %+v", m)
		}
		first := w.User("Fay First", "fay@orphan.example")
		if m := must(w.Join(ctx, first, orphan.ID)); m.State != company.Approved || m.Role != company.Admin {
			t.Errorf("the first with the domain: %+v", m)
		}
		second := w.User("Sue Second", "sue@hr.orphan.example")
		if m := must(w.Join(ctx, second, orphan.ID)); m.State != company.Pending {
			t.Errorf("the second, without auto-join: %+v", m)
		}
		if err := w.Change(ctx, first, orphan.ID, company.Profile{Name: "Orphan", Domain: "orphan.example", AutoJoin: true}); err != nil {
			t.Fatal(err)
		}
		third := w.User("Tim Third", "tim@orphan.example")
		if m := must(w.Join(ctx, third, orphan.ID)); m.State != company.Approved || m.Role != company.Recruiter {
			t.Errorf("the third, with auto-join: %+v", m)
		}
		if m := must(w.Join(ctx, w.User("Stan Ger", "stan@elsewhere.example"), orphan.ID)); m.State != company.Pending {
			t.Errorf("a stranger, with auto-join: %+v", m)
		}
		if _, err := w.Join(ctx, w.User("Una Verified"), orphan.ID); missing(err) != gate.VerifiedAddress {
			t.Errorf("without an address: %v", err)
		}
		if _, err := w.Join(ctx, first, orphan.ID+1000); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("an unknown company: %v", err)
		}
	})
}

func TestOneRequestAtATime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := must(w.Add(ctx, operator, "A", "a.example")), must(w.Add(ctx, operator, "B", "b.example"))
		adminA, adminB := w.User("Ann Admin", "ann@a.example"), w.User("Bob Admin", "bob@b.example")
		must(w.Join(ctx, adminA, a.ID))
		must(w.Join(ctx, adminB, b.ID))
		user := w.User("Mia Moves", "mia@c.example")
		atA := must(w.Join(ctx, user, a.ID))
		if err := w.Decline(ctx, adminA, atA.ID, "we do not know you"); err != nil {
			t.Fatal(err)
		}
		if m := must(w.Of(ctx, user)); m.State != company.Declined || m.Reason != "we do not know you" {
			t.Errorf("after the decline: %+v", m)
		}
		if m := must(w.Join(ctx, user, a.ID)); m.ID != atA.ID || m.State != company.Pending || m.Reason != "" {
			t.Errorf("asked again: %+v", m)
		}
		atB := must(w.Join(ctx, user, b.ID))
		if m := must(w.Of(ctx, user)); m.ID != atB.ID || m.State != company.Pending {
			t.Errorf("asked elsewhere: %+v", m)
		}
		if err := w.Approve(ctx, adminA, atA.ID); !isConflict(err) {
			t.Errorf("the replaced request is approved: %v", err)
		}
		if err := w.Approve(ctx, adminB, atB.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Leave(ctx, user); err != nil {
			t.Fatal(err)
		}
		if err := w.Leave(ctx, user); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("left twice: %v", err)
		}
		if m := must(w.Of(ctx, user)); m.ID != 0 {
			t.Errorf("who has left stands with %+v", m)
		}
	})
}

func TestDeclinedCanBeApprovedUnlessElsewhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := must(w.Add(ctx, operator, "A", "a.example")), must(w.Add(ctx, operator, "B", "b.example"))
		admin, user := w.User("Ann Admin", "ann@a.example"), w.User("Mia Moves", "mia@c.example")
		must(w.Join(ctx, admin, a.ID))
		m := must(w.Join(ctx, user, a.ID))
		if err := w.Decline(ctx, admin, m.ID, strings.Repeat("x", 1001)); !slices.Equal(fields(err), []string{"reason"}) {
			t.Errorf("a long reason: %v", err)
		}
		if err := w.Decline(ctx, admin, m.ID, ""); err != nil {
			t.Fatal(err)
		}
		must(w.AddMember(ctx, operator, user, b.ID, company.Recruiter))
		if err := w.Approve(ctx, admin, m.ID); !isConflict(err) || !strings.Contains(err.Error(), "the person belongs to B") {
			t.Errorf("two companies for one user: %v", err)
		}
		if err := w.Leave(ctx, user); err != nil {
			t.Fatal(err)
		}
		if err := w.Approve(ctx, admin, m.ID); err != nil {
			t.Errorf("the decline stands for ever: %v", err)
		}
	})
}

func TestTheLastAdminStays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		amara, sami := w.User("Amara Okafor", "amara@quarry.example"), w.User("Sami Brandt", "sami@quarry.example")
		co := must(w.Create(ctx, amara, company.New{Name: "Quarry Lane"}))
		first := must(w.Of(ctx, amara))
		if err := w.SetRole(ctx, amara, first.ID, company.Recruiter); !isConflict(err) {
			t.Errorf("a company without admin: %v", err)
		}
		second := must(w.AddMember(ctx, operator, sami, co.ID, company.Recruiter))
		if err := w.Leave(ctx, amara); !isConflict(err) {
			t.Errorf("the last admin leaves: %v", err)
		}
		if err := w.Remove(ctx, amara, first.ID); !isConflict(err) {
			t.Errorf("the last admin removes herself: %v", err)
		}
		if err := w.SetRole(ctx, amara, second.ID, "king"); !slices.Equal(fields(err), []string{"role"}) {
			t.Errorf("an unknown role: %v", err)
		}
		if err := w.SetRole(ctx, amara, second.ID, company.Admin); err != nil {
			t.Fatal(err)
		}
		if err := w.Remove(ctx, sami, first.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Leave(ctx, sami); err != nil {
			t.Errorf("the last member stays for ever: %v", err)
		}
	})
}

// Two admins who leave at the same moment must not leave their recruiters alone.
func TestAdminsWhoLeaveAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		co := must(w.Add(ctx, operator, "Quarry Lane", "quarry.example"))
		var admins []int64
		for i := range 4 {
			admins = append(admins, w.User("Ada Admin", fmt.Sprintf("a%d@quarry.example", i)))
			must(w.AddMember(ctx, operator, admins[i], co.ID, company.Admin))
		}
		must(w.AddMember(ctx, operator, w.User("Rob Recruiter", "rob@quarry.example"), co.ID, company.Recruiter))
		var wg sync.WaitGroup
		errs := make([]error, len(admins))
		for i, id := range admins {
			wg.Go(func() { errs[i] = w.Leave(ctx, id) })
		}
		wg.Wait()
		stayed := 0
		for _, err := range errs {
			if isConflict(err) {
				stayed++
			} else if err != nil {
				t.Error(err)
			}
		}
		if stayed != 1 {
			t.Errorf("%d admins stayed", stayed)
		}
	})
}

func TestPeople(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		amara := w.User("Amara Okafor", "amara@quarry.example")
		co := must(w.Create(ctx, amara, company.New{Name: "Quarry Lane"}))
		for i := range 5 {
			domain := []string{"quarry.example", "gmail.com"}[i%2]
			must(w.Join(ctx, w.User(fmt.Sprintf("U%d X", i), fmt.Sprintf("u%d@%s", i, domain)), co.ID))
		}
		var got []string
		var after int64
		for {
			page, next, total, err := w.People(ctx, amara, co.ID, company.Pending, after, 2)
			if err != nil || total != 5 {
				t.Fatal(total, err)
			}
			for _, p := range page {
				got = append(got, fmt.Sprint(p.FirstName, p.Matches))
			}
			if after = next; next == 0 {
				break
			}
		}
		if s := strings.Join(got, " "); s != "U0true U1false U2true U3false U4true" {
			t.Errorf("pending: %s", s)
		}
		stranger := w.User("Sly Stranger", "sly@elsewhere.example")
		if _, _, _, err := w.People(ctx, stranger, co.ID, company.Approved, 0, 10); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("a stranger sees the people: %v", err)
		}
	})
}

func TestRemind(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		contact := w.Contact(elm, "sami@quarry.example")
		staff := institution.System(elm, "test")
		if m, _, err := w.AtContact(ctx, staff, contact); err != nil || m.ID != 0 {
			t.Errorf("nobody is somewhere: %+v, %v", m, err)
		}
		if err := w.Remind(ctx, staff, contact); !isConflict(err) {
			t.Errorf("nothing waits: %v", err)
		}
		co := must(w.Add(ctx, operator, "Quarry Lane", "quarry.example"))
		sami := w.User("Sami Brandt", "sami@quarry.example")
		amara := w.User("Amara Okafor", "amara@quarry.example")
		must(w.AddMember(ctx, operator, amara, co.ID, company.Admin))
		m := must(w.Join(ctx, sami, co.ID))
		if got, admins, err := w.AtContact(ctx, staff, contact); err != nil || got.ID != m.ID || len(admins.Names) != 0 || admins.Others != 1 {
			t.Errorf("at the contact: %+v %v, %v", got, admins, err)
		}
		w.Contact(elm, "amara@quarry.example")
		if _, admins, err := w.AtContact(ctx, staff, contact); err != nil || !slices.Equal(admins.Names, []string{"Amara Okafor"}) || admins.Others != 0 {
			t.Errorf("with an admin who is a contact: %v, %v", admins, err)
		}
		var forbidden fault.Forbidden
		if err := w.Remind(ctx, institution.Token(elm, 1, "read only", nil), contact); !errors.As(err, &forbidden) {
			t.Errorf("a reader reminds: %v", err)
		}
		if err := w.Remind(ctx, institution.System(oak, "test"), contact); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("another institution's contact: %v", err)
		}
		if err := w.Remind(ctx, staff, contact); err != nil {
			t.Fatal(err)
		}
		var limited fault.Limited
		w.now = w.now.Add(23 * time.Hour)
		if err := w.Remind(ctx, staff, contact); !errors.As(err, &limited) || limited.After != time.Hour {
			t.Errorf("reminded again the same day: %v", err)
		}
		w.now = w.now.Add(time.Hour)
		if err := w.Remind(ctx, staff, contact); err != nil {
			t.Errorf("the next day: %v", err)
		}
		if got := w.mails(); len(got) != 3 {
			t.Errorf("mails %v", got)
		}
		if got := w.Int(`SELECT COUNT(*) FROM audit_events WHERE institution_id = $1 AND action = 'membership.reminded' AND subject_id = $2`, elm, contact); got != 2 {
			t.Errorf("%d reminders recorded", got)
		}
	})
}

func TestLettersTellWhatHoldsWhenTheyGo(t *testing.T) {
	d := dbtest.SQLite(t)
	w := &world{World: gatetest.World{T: t, DB: d}, now: gatetest.Now}
	w.Companies = &company.Companies{DB: d, Now: func() time.Time { return w.now }}
	amara, sami := w.User("Amara Okafor", "amara@quarry.example"), w.User("Sami Brandt", "sami@quarry.example")
	co := must(w.Create(ctx, amara, company.New{Name: "Quarry Lane"}))
	m := must(w.Join(ctx, sami, co.ID))
	write := func(kind string, params map[string]string) (string, string, bool) {
		t.Helper()
		params["membership"] = db.FormatID(m.ID)
		subject, l, ok, err := w.Letters("https://beckon.example")[kind](ctx, mail.Notice{Kind: kind, Params: params})
		if err != nil {
			t.Fatal(err)
		}
		return subject, l.RenderText(), ok
	}
	if subject, text, ok := write(company.JoinRequest, map[string]string{}); !ok || subject != "Sami Brandt asks to join Quarry Lane" ||
		!strings.Contains(text, "https://beckon.example/recruit/company") || !strings.Contains(text, "sami@quarry.example") {
		t.Errorf("%v %s\n%s", ok, subject, text)
	}
	if subject, text, ok := write(company.JoinRequest, map[string]string{"institution": "Elm University"}); !ok || !strings.HasPrefix(subject, "Reminder: ") || !strings.Contains(text, "Elm University would like") {
		t.Errorf("%v %s\n%s", ok, subject, text)
	}
	if _, _, ok := write(company.JoinDecided, map[string]string{"state": company.Approved}); ok {
		t.Error("a decision that nobody made is told")
	}
	if err := w.Decline(ctx, amara, m.ID, "we do not know you"); err != nil {
		t.Fatal(err)
	}
	if subject, text, ok := write(company.JoinDecided, map[string]string{"state": company.Declined}); !ok || !strings.Contains(subject, "declined") || !strings.Contains(text, "we do not know you") {
		t.Errorf("%v %s\n%s", ok, subject, text)
	}
	if _, _, ok := write(company.JoinRequest, map[string]string{}); ok {
		t.Error("a request that is decided is still told")
	}
	if err := w.Approve(ctx, amara, m.ID); err != nil {
		t.Fatal(err)
	}
	if subject, _, ok := write(company.JoinDecided, map[string]string{"state": company.Approved}); !ok || !strings.Contains(subject, "recruiter of Quarry Lane") {
		t.Errorf("%v %s", ok, subject)
	}
}
