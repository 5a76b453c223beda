// Package gatetest gives tests the people and institutions that the gate's rule is about,
// by plain SQL that follows the lock order.
package gatetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"beckon/internal/address"
	"beckon/internal/db"
	"beckon/internal/fold"
	"beckon/internal/gate"
)

// T is what World needs of a test: *testing.T and *rapid.T have it.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
}

var _ T = (*testing.T)(nil)

// Now is the time at which the people of a World did things.
var Now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// World puts people and institutions into a database.
type World struct {
	T  T
	DB *db.DB
}

// Write runs f in a transaction and fails the test if it fails.
func (w World) Write(f func(ctx context.Context, tx *db.Tx) error) {
	w.T.Helper()
	ctx := context.Background()
	if err := w.DB.Write(ctx, func(tx *db.Tx) error { return f(ctx, tx) }); err != nil {
		w.T.Fatalf("%v", err)
	}
}

// Int answers a number that a query asks for.
func (w World) Int(query string, args ...any) (n int64) {
	w.T.Helper()
	ctx := context.Background()
	err := w.DB.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) })
	if err != nil {
		w.T.Fatalf("%v", err)
	}
	return n
}

// Institution makes one; its slug is the folded first word of its name.
func (w World) Institution(name string) (id int64) {
	w.T.Helper()
	slug, _, _ := strings.Cut(fold.Text(name), " ")
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `
			INSERT INTO institutions (slug, name, name_key, created_at) VALUES ($1, $2, $3, $4) RETURNING id`,
			slug, name, fold.Text(name), db.Millis(Now)).Scan(&id)
	})
	return id
}

// User makes a user with verified addresses, the first of which is the primary one.
func (w World) User(name string, emails ...string) (id int64) {
	w.T.Helper()
	first, last, _ := strings.Cut(name, " ")
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `
			INSERT INTO users (first_name, last_name, created_at, updated_at) VALUES ($1, $2, $3, $3) RETURNING id`,
			first, last, db.Millis(Now)).Scan(&id)
	})
	for i, email := range emails {
		w.Write(func(ctx context.Context, tx *db.Tx) error { return Verify(ctx, tx, id, email, i == 0) })
	}
	return id
}

// Verify gives a user a verified address.
func Verify(ctx context.Context, tx *db.Tx, userID int64, email string, primary bool) error {
	a, err := address.Parse(email)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO user_addresses (user_id, email, email_key, verified_at, is_primary, created_at) VALUES ($1, $2, $3, $4, $5, $4)`,
		userID, a.Written, a.Key, db.Millis(Now), db.Bool(primary))
	if err != nil {
		return err
	}
	return gate.RecomputeUser(ctx, tx, userID)
}

// Unverify takes an address away from a user.
func Unverify(ctx context.Context, tx *db.Tx, userID int64, emailKey string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM user_addresses WHERE user_id = $1 AND email_key = $2`, userID, emailKey); err != nil {
		return err
	}
	return gate.RecomputeUser(ctx, tx, userID, emailKey)
}

// Contact adds a contact of that address to an institution.
func (w World) Contact(institutionID int64, email string) (id int64) {
	w.T.Helper()
	w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = AddContact(ctx, tx, institutionID, email)
		return err
	})
	return id
}

// AddContact adds a contact as internal/contact does: both locks, the directory, the
// standing.
func AddContact(ctx context.Context, tx *db.Tx, institutionID int64, email string) (int64, error) {
	if err := gate.LockAddresses(ctx, tx, false); err != nil {
		return 0, err
	}
	id, err := gate.Lock(ctx, tx, institutionID, 1)
	if err != nil {
		return 0, err
	}
	return id, AddContactUnlocked(ctx, tx, institutionID, id, email)
}

// AddContactUnlocked is AddContact without the locks, for tests that show what these are for.
func AddContactUnlocked(ctx context.Context, tx *db.Tx, institutionID, id int64, email string) error {
	if err := insertContact(ctx, tx, institutionID, id, email); err != nil {
		return err
	}
	return gate.RecomputeNew(ctx, tx, institutionID, []int64{id})
}

func insertContact(ctx context.Context, tx *db.Tx, institutionID, id int64, email string) error {
	a, err := address.Parse(email)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO contacts (institution_id, id, email, email_key, domain, first_name, last_name, created_at, updated_at, name_key, company_key, title_key, search)
		VALUES ($1, $2, $3, $4, $5, 'A', 'B', $6, $6, 'b a', '', '', 'a b')`,
		institutionID, id, a.Written, a.Key, a.Domain, db.Millis(Now))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO contact_standing (institution_id, contact_id) VALUES ($1, $2)`, institutionID, id); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO address_directory (address_hash, institution_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, address.Hash(a.Key), institutionID)
	return err
}

// Standing is what is stored about a contact.
func (w World) Standing(institutionID, contactID int64) gate.Standing {
	w.T.Helper()
	return gate.Standing(w.Int(`SELECT standing FROM contact_standing WHERE institution_id = $1 AND contact_id = $2`, institutionID, contactID))
}

// Drift counts the stored standings that are not what the facts say.
func (w World) Drift() (n int) {
	w.T.Helper()
	ctx := context.Background()
	err := w.DB.Read(ctx, func(tx *db.Tx) (err error) {
		n, err = gate.Drift(ctx, tx)
		return err
	})
	if err != nil {
		w.T.Fatalf("%v", err)
	}
	return n
}

// NoDrift fails the test if a stored standing is not what the facts say.
func (w World) NoDrift() {
	w.T.Helper()
	if n := w.Drift(); n != 0 {
		w.T.Fatalf("%d stored standings are not what the facts say", n)
	}
}

// Overlap runs first up to its commit, then second until it is done or waits for a lock, and
// then lets first commit. It answers the error of second. It is for PostgreSQL: on SQLite
// second waits without being seen.
func (w World) Overlap(first func(*db.Tx) error, second func() error) error {
	w.T.Helper()
	ready, release := make(chan struct{}), make(chan struct{})
	firstDone, secondDone := make(chan error, 1), make(chan error, 1)
	go func() {
		firstDone <- w.DB.Write(context.Background(), func(tx *db.Tx) error {
			err := first(tx)
			close(ready)
			<-release
			return err
		})
	}()
	<-ready
	go func() { secondDone <- second() }()
	for len(secondDone) == 0 && w.Int(`SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0 {
	}
	close(release)
	if err := <-firstDone; err != nil {
		w.T.Fatalf("%v", err)
	}
	return <-secondDone
}
