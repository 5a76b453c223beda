package company_test

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
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/gate/gatetest"
)

var (
	ctx      = context.Background()
	operator = audit.Actor{Kind: audit.System, Name: "command line"}
)

type world struct {
	gatetest.World
	*company.Companies
	now time.Time
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{World: gatetest.World{T: t, DB: d}, now: gatetest.Now}
		w.Companies = &company.Companies{DB: d, Now: func() time.Time { return w.now }}
		f(t, w)
		w.NoDrift()
	})
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

func (w *world) mails() (all []string) {
	err := w.Companies.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT kind, recipient FROM outbox ORDER BY id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var kind, to string
			if err := rows.Scan(&kind, &to); err != nil {
				return err
			}
			all = append(all, kind+" "+to)
		}
		return rows.Err()
	})
	if err != nil {
		panic(err)
	}
	return all
}

func isConflict(err error) bool {
	var c fault.Conflict
	return errors.As(err, &c)
}

func fields(err error) (paths []string) {
	var f fault.Fields
	errors.As(err, &f)
	for _, x := range f {
		paths = append(paths, x.Path)
	}
	return paths
}

func missing(err error) string {
	var r *gate.Refusal
	if errors.As(err, &r) {
		return r.Missing
	}
	return ""
}

func TestCreateTakesTheDomainThatIsProven(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i, c := range []struct {
			emails      []string
			typed, want string
		}{
			{[]string{"amara@careers.northwind.example"}, "", "northwind.example"},
			{[]string{"amara@northwind.example"}, "elsewhere.example", "northwind.example"},
			{[]string{"amara@gmail.com"}, "", ""},
			{[]string{"amara@gmail.com"}, "gmail.com", ""},
			{[]string{"amara@gmail.com"}, "northwind.example", ""},
			{[]string{"amara@gmail.com", "amara@northwind.example"}, "", "northwind.example"},
			{[]string{"amara@northwind.example", "amara@alder.example"}, "Alder.example", "alder.example"},
		} {
			for j, e := range c.emails {
				c.emails[j] = fmt.Sprintf("u%d.%s", i, e)
			}
			user := w.User("Amara Okafor", c.emails...)
			co, err := w.Create(ctx, user, company.New{Name: fmt.Sprintf("Northwind %d", i), Website: "northwind.example", Domain: c.typed})
			if err != nil || co.Domain != c.want {
				t.Fatalf("%v typed %q: domain %q, %v", c.emails, c.typed, co.Domain, err)
			}
			if got := must(w.Get(ctx, co.ID)); got != co || got.Website != "https://northwind.example" {
				t.Errorf("stored %+v, answered %+v", got, co)
			}
			if m := must(w.Of(ctx, user)); m.CompanyID != co.ID || m.State != company.Approved || m.Role != company.Admin {
				t.Errorf("the creator is %+v", m)
			}
		}
	})
}

func TestCreateRefuses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		unverified := w.User("Una Verified")
		if _, err := w.Create(ctx, unverified, company.New{Name: "Alder"}); missing(err) != gate.VerifiedAddress {
			t.Errorf("without an address: %v", err)
		}
		amara := w.User("Amara Okafor", "amara@alder.example")
		if _, err := w.Create(ctx, amara, company.New{Name: " ", Website: "javascript:alert(1)"}); !slices.Equal(fields(err), []string{"name", "website"}) {
			t.Errorf("faults: %v", err)
		}
		first := must(w.Create(ctx, amara, company.New{Name: "Alder Clinics"}))
		if _, err := w.Create(ctx, amara, company.New{Name: "Second"}); !isConflict(err) || !strings.Contains(err.Error(), "you belong to Alder Clinics") {
			t.Errorf("a second company: %v", err)
		}
		var c fault.Conflict
		keiko := w.User("Keiko Ito", "keiko@alder.example")
		if _, err := w.Create(ctx, keiko, company.New{Name: "ÁLDER clinics"}); !errors.As(err, &c) || c.ExistingID != first.ID || !strings.Contains(c.Message, "Alder Clinics") {
			t.Errorf("a twin: %v", err)
		}
		other := w.User("Otto Other", "otto@other.example")
		if _, err := w.Create(ctx, other, company.New{Name: "Alder Clinics"}); err != nil {
			t.Errorf("same name, other domain: %v", err)
		}
	})
}

func TestAddAndList(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if _, err := w.Add(ctx, operator, "", "gmail.com"); !slices.Equal(fields(err), []string{"name", "domain"}) {
			t.Errorf("faults: %v", err)
		}
		if _, err := w.Add(ctx, operator, "X", "no domain"); !slices.Equal(fields(err), []string{"domain"}) {
			t.Errorf("faults: %v", err)
		}
		for name, domain := range map[string]string{"ärmel": "", "Zebra": "JOBS.zebra.example", "Arm": "arm.example", "ARM": "other.example", "zeal": ""} {
			must(w.Add(ctx, operator, name, domain))
		}
		var names []string
		after := company.Cursor{}
		for {
			page, next, total, err := w.List(ctx, after, 2)
			if err != nil || total != 5 {
				t.Fatal(total, err)
			}
			for _, c := range page {
				names = append(names, c.Name)
			}
			if after = next; next.ID == 0 {
				break
			}
		}
		if got := strings.Join(names, " "); strings.ToLower(got) != "arm arm ärmel zeal zebra" {
			t.Errorf("listed %s", got)
		}
		if got, err := w.ByName(ctx, " ZEBRA"); err != nil || got.Name != "Zebra" || got.Domain != "zebra.example" {
			t.Errorf("by name: %+v, %v", got, err)
		}
		if _, err := w.ByName(ctx, "arm"); !isConflict(err) {
			t.Errorf("two of one name: %v", err)
		}
		if _, err := w.ByName(ctx, "nobody"); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("by an unknown name: %v", err)
		}
	})
}

func TestChangeIsForAdmins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		amara := w.User("Amara Okafor", "amara@gmail.com")
		sami := w.User("Sami Brandt", "sami@quarry.example")
		stranger := w.User("Rosa Smit", "rosa@meridian.example")
		co := must(w.Create(ctx, amara, company.New{Name: "Quarry Lane"}))
		must(w.AddMember(ctx, operator, sami, co.ID, company.Recruiter))
		to := company.Profile{Name: "Quarry Lane Studio", Website: "quarry.example", Description: "We draw.\nAlways."}
		if err := w.Change(ctx, stranger, co.ID, to); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("a stranger: %v", err)
		}
		var forbidden fault.Forbidden
		if err := w.Change(ctx, sami, co.ID, to); !errors.As(err, &forbidden) {
			t.Errorf("a recruiter: %v", err)
		}
		if err := w.Change(ctx, amara, co.ID, to); err != nil {
			t.Fatal(err)
		}
		if got := must(w.Get(ctx, co.ID)); got.Name != to.Name || got.Website != "https://quarry.example" || got.Description != to.Description || got.Domain != "" {
			t.Errorf("changed to %+v", got)
		}
		to.AutoJoin = true
		if err := w.Change(ctx, amara, co.ID, to); !slices.Equal(fields(err), []string{"auto_join"}) {
			t.Errorf("auto-join without a domain: %v", err)
		}
		to.Domain = "quarry.example"
		if err := w.Change(ctx, amara, co.ID, to); !slices.Equal(fields(err), []string{"domain"}) {
			t.Errorf("a domain that is not proven: %v", err)
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			return gatetest.Verify(ctx, tx, amara, "amara@quarry.example", false)
		})
		if err := w.Change(ctx, amara, co.ID, to); err != nil {
			t.Fatal(err)
		}
		if got := must(w.Get(ctx, co.ID)); !got.AutoJoin || got.Domain != "quarry.example" {
			t.Errorf("changed to %+v", got)
		}
	})
}

func TestSuggestShowsTheOwnCompanyFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, c := range [][2]string{{"Great North", "great.example"}, {"Northern Star", "star.example"}, {"North_wind", "wind.example"}, {"Alder", "alder.example"}} {
			must(w.Add(ctx, operator, c[0], c[1]))
		}
		user := w.User("Keiko Ito", "keiko@hr.alder.example", "keiko@gmail.com")
		names := func(q string) string {
			var names []string
			for _, s := range must(w.Suggest(ctx, user, q)) {
				if s.Matches != (s.Name == "Alder") || s.AtOnce != s.Matches {
					t.Errorf("%+v", s)
				}
				names = append(names, s.Name)
			}
			return strings.Join(names, ", ")
		}
		if got := names(" NÓRTH"); got != "Alder, North_wind, Northern Star, Great North" {
			t.Errorf("suggested %s", got)
		}
		if got := names("h_w"); got != "Alder, North_wind" {
			t.Errorf("suggested %s", got)
		}
		if got := names(""); got != "Alder, Great North, North_wind, Northern Star" {
			t.Errorf("suggested %s", got)
		}
		if got, err := w.Suggest(ctx, w.User("No Address"), "%"); err != nil || len(got) != 0 {
			t.Errorf("suggested %v, %v", got, err)
		}
	})
}
