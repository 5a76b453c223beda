package account

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/secret"
)

// atHashing runs f in a goroutine, calls meanwhile when f has come to the place where
// passwords are hashed, and answers f's error. It fails where f ends without coming there.
func atHashing(t *testing.T, f func() error, meanwhile func()) error {
	t.Helper()
	places := hashing
	hashing = make(chan struct{}) // so that the test is the one who lets in and out
	defer func() { hashing = places }()
	done := make(chan error)
	go func() { done <- f() }()
	select {
	case <-hashing:
		meanwhile()
		hashing <- struct{}{}
	case err := <-done:
		t.Fatalf("ended without hashing: %v", err)
	}
	return <-done
}

func accountsOn(t *testing.T, d *db.DB) (*Accounts, User) {
	t.Helper()
	a := &Accounts{DB: d, Key: secret.Fixed("test"), Now: time.Now, BaseURL: "https://beckon.example"}
	u, err := a.Add(context.Background(), Person{Email: "dana@acme.example"}, audit.Actor{Kind: audit.System})
	if err != nil {
		t.Fatal(err)
	}
	return a, u
}

// Nobody can tell by the time it takes whether an address is known, since each sign-in
// hashes, at the same cost.
func TestEverySignInHashes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accountsOn(t, d)
		for _, email := range []string{"dana@acme.example", "nobody@acme.example"} {
			err := atHashing(t, func() error {
				_, err := a.SignInPassword(context.Background(), email, "wrong wrong wrong", Client{})
				return err
			}, func() {})
			if err == nil {
				t.Fatalf("%s signed in", email)
			}
		}
	})
	params, _, _, err := argon2id.DecodeHash(dummyHash())
	if err != nil || *params != *hashCost {
		t.Fatalf("%+v, %v", params, err)
	}
}

// Changing the password ends the other sessions; one that begins with the old password at
// that moment must not outlive it.
func TestPasswordChangedWhileItIsChecked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, u := accountsOn(t, d)
		set := func(password string) {
			hash, err := argon2id.CreateHash(password, hashCost)
			if err == nil {
				_, err = d.SQL().Exec(`UPDATE users SET password_hash = $2 WHERE id = $1`, u.ID, hash)
			}
			if err != nil {
				t.Error(err)
			}
		}
		set("seven quiet otters swim")
		err := atHashing(t, func() error {
			_, err := a.SignInPassword(context.Background(), u.Email, "seven quiet otters swim", Client{})
			return err
		}, func() { set("nine calm otters swim") })
		var faults fault.Fields
		if !errors.As(err, &faults) {
			t.Fatalf("signed in with the old password: %v", err)
		}
	})
}

func TestCacheIsBounded(t *testing.T) {
	var c tokenCache
	now := time.Unix(1, 0)
	for i := range 3 * cacheMost {
		c.put(string(secret.Hash(db.FormatID(int64(i)))), TokenInfo{}, 0, now)
	}
	if len(c.known) > cacheMost {
		t.Fatal(len(c.known))
	}
}

// A token that was read before it was revoked must not be remembered after.
func TestCacheTakesNothingFromBeforeARevocation(t *testing.T) {
	var c tokenCache
	now := time.Unix(1, 0)
	_, generation, _ := c.get("x", now)
	c.forget()
	c.put("x", TokenInfo{ID: 1}, generation, now)
	if _, _, ok := c.get("x", now); ok {
		t.Fatal("remembered")
	}
}
