package account

import (
	"context"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/secret"
)

// Nobody can tell by the time it takes whether an address is known, since each sign-in
// comes to the place where passwords are hashed, at the same cost.
func TestEverySignInHashes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := &Accounts{DB: d, Key: secret.Fixed("test"), Now: time.Now, BaseURL: "https://beckon.example"}
		if _, err := a.Add(context.Background(), Person{Email: "dana@acme.example"}, audit.Actor{Kind: audit.System}); err != nil {
			t.Fatal(err)
		}
		places := hashing
		hashing = make(chan struct{}) // so that the test is the one who lets in and out
		defer func() { hashing = places }()
		for _, email := range []string{"dana@acme.example", "nobody@acme.example"} {
			done := make(chan error)
			go func() {
				_, err := a.SignInPassword(context.Background(), email, "wrong wrong wrong", Client{})
				done <- err
			}()
			select {
			case <-hashing:
				hashing <- struct{}{}
			case err := <-done:
				t.Fatalf("%s was answered without hashing: %v", email, err)
			}
			if err := <-done; err == nil {
				t.Fatalf("%s signed in", email)
			}
		}
	})
	params, _, _, err := argon2id.DecodeHash(dummyHash())
	if err != nil || *params != *hashCost {
		t.Fatalf("%+v, %v", params, err)
	}
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
