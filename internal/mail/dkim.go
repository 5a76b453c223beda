package mail

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/emersion/go-msgauth/dkim"
)

// signedHeaders are covered by every signature. Those that a message lacks are listed too, so that
// nobody can add them later (RFC 6376, 5.4); RFC 8058, 4 wants both List-Unsubscribe ones covered.
var signedHeaders = []string{
	"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
	"List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted",
}

// Signer signs messages for one domain (DKIM, RFC 6376). It can be used by many goroutines. Ed25519
// (RFC 8463) costs a tenth of RSA or less, but not every receiver checks it yet.
type Signer struct {
	options dkim.SignOptions
	record  string
}

// NewSigner makes a signer of a private key in PEM: Ed25519 or RSA of at least 1024 bits, as PKCS #8
// or, for RSA, PKCS #1. Receivers look for the public key at SELECTOR._domainkey.DOMAIN.
func NewSigner(domain, selector string, pemKey []byte) (*Signer, error) {
	if domain == "" || selector == "" {
		return nil, errors.New("DKIM needs a domain and a selector")
	}
	key, err := parseKey(pemKey)
	if err != nil {
		return nil, fmt.Errorf("DKIM key: %w", err)
	}
	s := &Signer{options: dkim.SignOptions{
		Domain:                 domain,
		Selector:               selector,
		Signer:                 key,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
		HeaderKeys:             signedHeaders,
	}}
	switch public := key.Public().(type) {
	case ed25519.PublicKey:
		s.record = "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	case *rsa.PublicKey:
		if public.N.BitLen() < 1024 {
			return nil, errors.New("DKIM key: RSA below 1024 bits is not accepted anywhere; make one of 2048")
		}
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			return nil, fmt.Errorf("DKIM key: %w", err)
		}
		s.record = "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
	}
	return s, nil
}

// Name is where the public key must stand in the DNS, as a TXT record with the value of Record.
func (s *Signer) Name() string { return s.options.Selector + "._domainkey." + s.options.Domain }

// Record is the value of the TXT record that publishes the public key.
func (s *Signer) Record() string { return s.record }

// Sign returns the message with its signature in front.
func (s *Signer) Sign(message []byte) ([]byte, error) {
	var signed bytes.Buffer
	signed.Grow(len(message) + 1024)
	if err := dkim.Sign(&signed, bytes.NewReader(message), &s.options); err != nil {
		return nil, fmt.Errorf("sign by DKIM: %w", err)
	}
	return signed.Bytes(), nil
}

func parseKey(pemKey []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(pemKey)
	if block == nil {
		return nil, errors.New("no PEM block in it; it begins with -----BEGIN PRIVATE KEY-----")
	}
	if block.Type == "RSA PRIVATE KEY" {
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	switch key := key.(type) {
	case ed25519.PrivateKey:
		return key, nil
	case *rsa.PrivateKey:
		return key, nil
	}
	return nil, errors.New("it is neither Ed25519 nor RSA")
}
