package institution_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

var (
	ctx      = context.Background()
	operator = audit.Actor{Kind: audit.System, Name: "command line"}
)

func each(t *testing.T, f func(t *testing.T, in *institution.Institutions, elm institution.Institution)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		in := &institution.Institutions{DB: d, Now: func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }}
		elm, err := in.Create(ctx, "Elm University", "elm", "Europe/Copenhagen", "", operator)
		if err != nil {
			t.Fatal(err)
		}
		for id, name := range map[int]string{1: "Dana", 2: "Omar"} {
			if _, err := d.SQL().Exec(`INSERT INTO users (id, first_name, last_name, created_at, updated_at) VALUES ($1, $2, 'Staff', 1, 1)`, id, name); err != nil {
				t.Fatal(err)
			}
		}
		f(t, in, elm)
	})
}

func fields(err error) (paths []string) {
	var faults fault.Fields
	if errors.As(err, &faults) {
		for _, f := range faults {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

func TestCreateRefusesWhatCannotBe(t *testing.T) {
	each(t, func(t *testing.T, in *institution.Institutions, _ institution.Institution) {
		for want, create := range map[string]func() error{
			"slug":     func() error { _, err := in.Create(ctx, "Oak", "elm", "", "", operator); return err },
			"name":     func() error { _, err := in.Create(ctx, " ", "oak", "", "", operator); return err },
			"timezone": func() error { _, err := in.Create(ctx, "Oak", "oak", "Mars/Base", "", operator); return err },
			"reply_to": func() error { _, err := in.Create(ctx, "Oak", "oak", "", "nobody", operator); return err },
		} {
			if got := fields(create()); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %v", want, got)
			}
		}
		if _, err := in.Create(ctx, "Oak", "not a slug", "", "", operator); len(fields(err)) != 1 {
			t.Errorf("a slug with blanks: %v", err)
		}
		if all, err := in.List(ctx); err != nil || len(all) != 1 {
			t.Fatalf("%d institutions, %v", len(all), err)
		}
	})
}

// What a role may do is what CONTRACT's table of roles says.
func TestRolesMayWhatTheyMay(t *testing.T) {
	each(t, func(t *testing.T, in *institution.Institutions, elm institution.Institution) {
		may := map[institution.Role][]institution.Permission{
			institution.Owner:       {institution.Read, institution.Contacts, institution.Invite, institution.Review, institution.ChangeSettings, institution.People},
			institution.Manager:     {institution.Read, institution.Contacts, institution.Invite, institution.Review, institution.ChangeSettings},
			institution.Coordinator: {institution.Read, institution.Contacts, institution.Invite},
			institution.Reviewer:    {institution.Read, institution.Review},
			institution.Viewer:      {institution.Read},
		}
		system := institution.System(elm.ID, "test")
		if err := in.SetStaff(ctx, system, 2, institution.Owner); err != nil {
			t.Fatal(err)
		}
		for role, permissions := range may {
			if err := in.SetStaff(ctx, system, 1, role); err != nil {
				t.Fatal(err)
			}
			s, err := institution.Staff(ctx, in.DB, 1, elm.ID)
			if err != nil {
				t.Fatal(err)
			}
			allowed := 0
			for _, p := range institution.Permissions {
				if s.Require(p) == nil {
					allowed++
				}
			}
			for _, p := range permissions {
				if err := s.Require(p); err != nil {
					t.Errorf("%s may not %s: %v", role, p, err)
				}
			}
			if allowed != len(permissions) {
				t.Errorf("%s may %d things instead of %d", role, allowed, len(permissions))
			}
			if s.Actor().Name != "Dana Staff" || s.ID() != elm.ID || s.UserID() != 1 {
				t.Errorf("%+v", s)
			}
		}
	})
}

func TestNobodyElseGetsAScope(t *testing.T) {
	each(t, func(t *testing.T, in *institution.Institutions, elm institution.Institution) {
		oak, err := in.Create(ctx, "Oak College", "oak", "", "", operator)
		if err != nil {
			t.Fatal(err)
		}
		if err := in.SetStaff(ctx, institution.System(oak.ID, "test"), 1, institution.Owner); err != nil {
			t.Fatal(err)
		}
		if _, err := institution.Staff(ctx, in.DB, 1, elm.ID); !errors.Is(err, fault.ErrNotFound) {
			t.Fatalf("staff of one institution at another: %v", err)
		}
		var zero institution.Scope
		for _, p := range institution.Permissions {
			if zero.May(p) {
				t.Errorf("the zero scope may %s", p)
			}
		}
		if token := institution.Token(elm.ID, 7, "t", []institution.Permission{institution.Contacts}); token.May(institution.Invite) || !token.May(institution.Contacts) || !token.May(institution.Read) {
			t.Error("a token may other things than its scopes and reading")
		}
	})
}

func TestLastOwnerStays(t *testing.T) {
	each(t, func(t *testing.T, in *institution.Institutions, elm institution.Institution) {
		system := institution.System(elm.ID, "test")
		step := func(err error, refused bool) {
			t.Helper()
			var conflict fault.Conflict
			if errors.As(err, &conflict) != refused || !refused && err != nil {
				t.Fatalf("refused %v: %v", refused, err)
			}
		}
		step(in.SetStaff(ctx, system, 1, institution.Owner), false)
		step(in.SetStaff(ctx, system, 1, institution.Viewer), true)
		step(in.RemoveStaff(ctx, system, 1), true)
		step(in.SetStaff(ctx, system, 2, institution.Owner), false)
		step(in.RemoveStaff(ctx, system, 1), false)
		if err := in.RemoveStaff(ctx, system, 1); !errors.Is(err, fault.ErrNotFound) {
			t.Fatalf("removed twice: %v", err)
		}
		if all, err := in.Staff(ctx, system); err != nil || len(all) != 1 || all[0].Name() != "Omar Staff" {
			t.Fatalf("%+v %v", all, err)
		}
		manager := institution.Token(elm.ID, 1, "t", []institution.Permission{institution.ChangeSettings})
		var forbidden fault.Forbidden
		if err := in.SetStaff(ctx, manager, 1, institution.Owner); !errors.As(err, &forbidden) {
			t.Fatalf("made an owner without the permission: %v", err)
		}
	})
}

func TestSettingsAreCheckedAndRecorded(t *testing.T) {
	each(t, func(t *testing.T, in *institution.Institutions, elm institution.Institution) {
		system := institution.System(elm.ID, "test")
		to := elm.Settings
		to.QuietDays, to.ConnectOn, to.AfterSignup = 400, "later", "never"
		if got := fields(in.Change(ctx, system, "", to)); len(got) != 3 {
			t.Fatalf("%v", got)
		}
		to.QuietDays, to.ConnectOn, to.AfterSignup = 30, "accept", "request"
		if err := in.Change(ctx, system, "Elm", to); err != nil {
			t.Fatal(err)
		}
		got, err := in.Get(ctx, system)
		if err != nil || got.Name != "Elm" || got.QuietDays != 30 || got.ConnectOn != "accept" || got.Location().String() != "Europe/Copenhagen" {
			t.Fatalf("%+v %v", got, err)
		}
		err = in.DB.Read(ctx, func(tx *db.Tx) error {
			events, total, err := audit.Page(ctx, tx, elm.ID, 0, 1)
			if err == nil && (total != 2 || len(events) != 1 || events[0].Action != "institution.changed" || events[0].Detail["quiet_days"] != 30.0) {
				t.Errorf("%d events, %+v", total, events)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
