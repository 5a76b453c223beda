package gate_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/gate"
	"beckon/internal/gate/gatetest"
)

var ctx = context.Background()

// check asks the gate in a transaction of its own.
func check(d *db.DB, userID, institutionID int64) (p gate.Pass, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		p, err = gate.Check(ctx, tx, userID, institutionID)
		return err
	})
	return p, err
}

// Every combination of address, membership and connection, by plain SQL, against the rule
// in its own words.
func TestCheckNamesTheFirstThingMissing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := gatetest.World{T: t, DB: d}
		elm := w.Institution("Elm University")
		n := 0
		for _, verified := range []bool{true, false} {
			for _, membership := range []string{"", "pending", "approved", "declined", "left"} {
				for _, connection := range []string{"", "none", "requested", "approved", "declined", "blocked"} {
					n++
					user, co := w.User("Amara Okafor"), int64(0)
					w.Write(func(ctx context.Context, tx *db.Tx) error {
						return insertCase(ctx, tx, elm, user, &co, fmt.Sprintf("u%d@northwind.example", n), verified, membership, connection)
					})
					missing := ""
					switch {
					case !verified:
						missing = gate.VerifiedAddress
					case membership != "approved":
						missing = gate.Membership
					case connection == "blocked":
						missing = gate.Blocked
					case connection != "approved":
						missing = gate.Connection
					}
					pass, err := check(d, user, elm)
					var r *gate.Refusal
					switch errors.As(err, &r); {
					case missing == "" && (err != nil || pass != gate.Pass{CompanyID: co, Role: "recruiter"}):
						t.Errorf("%v %q %q: refused: %v", verified, membership, connection, err)
					case missing != "" && (r == nil || r.Missing != missing || r.Institution != "Elm University" || r.InstitutionID != elm):
						t.Errorf("%v %q %q: %v, want %s", verified, membership, connection, err, missing)
					case missing == gate.Connection && (r.CompanyID != co || r.State != cmp.Or(connection, "none")):
						t.Errorf("%q: the refusal says %+v", connection, r)
					}
				}
			}
		}
	})
}

func insertCase(ctx context.Context, tx *db.Tx, institutionID, userID int64, companyID *int64, email string, verified bool, membership, connection string) error {
	_, err := tx.Exec(ctx, `INSERT INTO user_addresses (user_id, email, email_key, verified_at, created_at) VALUES ($1, $2, $2, $3, 1)`, userID, email, db.Bool(verified))
	if err != nil {
		return err
	}
	err = tx.QueryRow(ctx, `INSERT INTO companies (name, name_key, created_at, updated_at) VALUES ('A', 'a', 1, 1) RETURNING id`).Scan(companyID)
	if err != nil {
		return err
	}
	if membership != "" {
		_, err := tx.Exec(ctx, `INSERT INTO memberships (user_id, company_id, state, requested_at) VALUES ($1, $2, $3, 1)`, userID, *companyID, membership)
		if err != nil {
			return err
		}
	}
	if connection != "" {
		_, err = tx.Exec(ctx, `INSERT INTO connections (institution_id, company_id, state) VALUES ($1, $2, $3)`, institutionID, *companyID, connection)
	}
	return err
}

func TestUnknownInstitutionIsRefusedWithoutAName(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		user := gatetest.World{T: t, DB: d}.User("Amara Okafor", "amara@northwind.example")
		_, err := check(d, user, 999)
		var r *gate.Refusal
		if !errors.As(err, &r) || r.Institution != "" || r.Missing != gate.Membership {
			t.Errorf("%v", err)
		}
	})
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	for words, r := range map[string]gate.Refusal{
		"open the link":             {Missing: gate.VerifiedAddress},
		"join or create":            {Missing: gate.Membership},
		"Elm has blocked":           {Missing: gate.Blocked, Institution: "Elm"},
		"has not decided":           {Missing: gate.Connection, Institution: "Elm", State: "requested"},
		"you may ask again":         {Missing: gate.Connection, Institution: "Elm", State: "declined"},
		"ask to recruit there":      {Missing: gate.Connection, Institution: "Elm", State: "none"},
		"not connected with Elm: a": {Missing: gate.Connection, Institution: "Elm", State: "none"},
	} {
		if !strings.Contains(r.Error(), words) {
			t.Errorf("%q does not say %q", r.Error(), words)
		}
	}
}

func TestStandingsAreNamed(t *testing.T) {
	for i, name := range gate.Standings() {
		if s, ok := gate.ParseStanding(name); !ok || s != gate.Standing(i) || s.String() != name {
			t.Errorf("%s is read as %v", name, s)
		}
	}
	if _, ok := gate.ParseStanding("nobody"); ok {
		t.Error("an unknown standing is read")
	}
}

func TestLockReservesDenseIDs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := gatetest.World{T: t, DB: d}
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		for _, c := range []struct {
			institution int64
			n           int
			want        int64
		}{{elm, 3, 1}, {elm, 0, 4}, {elm, 1, 4}, {oak, 2, 1}, {elm, 1, 5}} {
			w.Write(func(ctx context.Context, tx *db.Tx) error {
				first, err := gate.Lock(ctx, tx, c.institution, c.n)
				if first != c.institution<<32|c.want {
					t.Errorf("%d ids begin at %d of %d", c.n, first&0xffffffff, first>>32)
				}
				return err
			})
		}
	})
}
