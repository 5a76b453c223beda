package mail

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

func pemOf(t testing.TB, key crypto.Signer) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func rsaKey(t testing.TB) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func ed25519Key() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(make([]byte, 32)) }

// verify checks a signature against the DNS record that the signer says to publish.
func verify(t *testing.T, s *Signer, signed []byte) (*dkim.Verification, error) {
	found, err := dkim.VerifyWithOptions(bytes.NewReader(signed), &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			if name != s.Name() {
				t.Errorf("looked up %s, want %s", name, s.Name())
			}
			return []string{s.Record()}, nil
		},
	})
	if err != nil || len(found) != 1 {
		t.Fatalf("%d signatures: %v", len(found), err)
	}
	return found[0], found[0].Err
}

func TestSign(t *testing.T) {
	key := rsaKey(t)
	for name, pemKey := range map[string][]byte{
		"ed25519": pemOf(t, ed25519Key()),
		"rsa":     pemOf(t, key),
		"pkcs1":   pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := NewSigner("elm.example", "beckon", pemKey)
			if err != nil {
				t.Fatal(err)
			}
			raw := compose(t, invitation())
			signed, err := s.Sign(raw)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasSuffix(signed, raw) {
				t.Error("the message itself changed")
			}
			v, err := verify(t, s, signed)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"From", "Subject", "List-Unsubscribe", "List-Unsubscribe-Post"} {
				if !slices.Contains(v.HeaderKeys, want) {
					t.Errorf("%s is not signed: %v", want, v.HeaderKeys)
				}
			}
			other := bytes.Replace(signed, []byte("/u/abc"), []byte("/u/abd"), 1)
			if _, err := verify(t, s, other); err == nil {
				t.Error("another List-Unsubscribe passes")
			}
			added := bytes.Replace(signed, []byte("MIME-Version"), []byte("Auto-Submitted: no\r\nMIME-Version"), 1)
			if _, err := verify(t, s, added); err == nil {
				t.Error("a header added on the way passes")
			}
		})
	}
}

func TestNewSignerRefuses(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := pemOf(t, ed25519Key())
	for name, c := range map[string]struct {
		domain, selector string
		pem              []byte
		want             string
	}{
		"domain":   {"", "beckon", good, "domain"},
		"selector": {"elm.example", "", good, "selector"},
		"no PEM":   {"elm.example", "beckon", []byte("secret"), "PEM"},
		"bad PEM":  {"elm.example", "beckon", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}}), "DKIM key"},
		"ECDSA":    {"elm.example", "beckon", pemOf(t, curve), "neither"},
	} {
		if _, err := NewSigner(c.domain, c.selector, c.pem); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", name, err, c.want)
		}
	}
}

func BenchmarkSignEd25519(b *testing.B) { benchmarkSign(b, ed25519Key()) }
func BenchmarkSignRSA(b *testing.B)     { benchmarkSign(b, rsaKey(b)) }

func benchmarkSign(b *testing.B, key crypto.Signer) {
	s, err := NewSigner("elm.example", "beckon", pemOf(b, key))
	if err != nil {
		b.Fatal(err)
	}
	raw := compose(b, invitation())
	for b.Loop() {
		if _, err := s.Sign(raw); err != nil {
			b.Fatal(err)
		}
	}
}
