package secret

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func TestKeyFileIsMadeOnceAndPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "key")
	keys := make([]*Key, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			k, err := Load(path)
			if err != nil {
				t.Error(err)
			}
			keys[i] = k
		})
	}
	wg.Wait()
	for _, k := range keys {
		if *k != *keys[0] {
			t.Fatal("processes that start together have different keys")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
}

func TestDamagedKeyFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil {
		t.Fatal("a damaged key was taken")
	}
}

func TestLinkReadsBackOnlyWhatItsKeyMade(t *testing.T) {
	one, other := Fixed("one"), Fixed("other")
	rapid.Check(t, func(t *rapid.T) {
		id, generation := rapid.Int64Min(0).Draw(t, "id"), rapid.Int64Range(0, 1000).Draw(t, "generation")
		token := one.Links("invite").Token(id, generation)
		got, ok := one.Links("invite").Read(token, 2)
		if !ok || got[0] != id || got[1] != generation {
			t.Fatalf("read %v %v", got, ok)
		}
		if _, ok := other.Links("invite").Read(token, 2); ok {
			t.Fatal("another key reads it")
		}
		if _, ok := one.Links("sign-in").Read(token, 2); ok {
			t.Fatal("another purpose reads it")
		}
		at := rapid.IntRange(0, len(token)-1).Draw(t, "at")
		forged := []byte(token)
		forged[at] = rapid.SampledFrom([]byte("ABCxyz019-_")).Draw(t, "letter")
		if _, ok := one.Links("invite").Read(string(forged), 2); ok && string(forged) != token {
			t.Fatal("a forged link reads")
		}
	})
}

func FuzzLinkRead(f *testing.F) {
	f.Add(Fixed("k").Links("invite").Token(1, 2))
	f.Fuzz(func(t *testing.T, s string) { Fixed("k").Links("invite").Read(s, 2) })
}

func TestSealedOpensOnlyWithItsKey(t *testing.T) {
	sealed := Fixed("a").Seal("mailbox", []byte("hello"))
	if got, err := Fixed("a").Open("mailbox", sealed); err != nil || string(got) != "hello" {
		t.Fatal(string(got), err)
	}
	if _, err := Fixed("b").Open("mailbox", sealed); err == nil {
		t.Fatal("another key opens it")
	}
}
