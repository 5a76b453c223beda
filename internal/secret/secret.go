// Package secret derives and checks what must not be in the database in the clear. Links
// are HMACs under the key file: whoever has only the database can make none.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const keySize = 32

// Key is the content of the key file. It is safe for concurrent use.
type Key struct{ root [keySize]byte }

// Load reads the key file, and makes it, readable by its owner alone, where it is missing.
// Of several processes that find it missing at once, one makes it and all read the same.
func Load(path string) (*Key, error) {
	k, err := read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if err := create(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("the key file %s cannot be made: %w; set BECKON_SECRET_KEY_FILE to a place you may write to", path, err)
	}
	return read(path)
}

func read(path string) (*Key, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	if len(raw) != keySize {
		return nil, fmt.Errorf("the key file %s holds %d bytes instead of %d: restore it from your backup; without it no link that was sent works", path, len(raw), keySize)
	}
	k := &Key{}
	copy(k.root[:], raw)
	return k, nil
}

// create writes a whole file beside path and links it into place, so that nobody ever
// reads half a key.
func create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	var root [keySize]byte
	rand.Read(root[:])
	_, err = f.Write(root[:])
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}

// Fixed is a key for tests.
func Fixed(text string) *Key { return &Key{root: sha256.Sum256([]byte(text))} }

// sub is the key for one purpose, so that what is made for one is nothing for another.
func (k *Key) sub(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, k.root[:], nil, purpose, keySize)
	if err != nil {
		panic(err) // only for lengths that HKDF does not allow
	}
	return key
}

// macSize is 128 bits: out of reach of guessing, short enough for a mail.
const macSize = 16

// Links makes and reads the secret part of links for one purpose. A link carries numbers,
// and the HMAC over them.
type Links struct{ key []byte }

// Links is the maker of links for a purpose.
func (k *Key) Links(purpose string) *Links { return &Links{key: k.sub("link " + purpose)} }

// Token is the text of a link that stands for the numbers. The same numbers give the same.
func (l *Links) Token(numbers ...int64) string {
	raw := make([]byte, 0, 40)
	for _, n := range numbers {
		raw = binary.AppendUvarint(raw, uint64(n))
	}
	return base64.RawURLEncoding.EncodeToString(append(raw, l.mac(raw)...))
}

// Read answers the count numbers that a token stands for, if this key made it.
func (l *Links) Read(token string, count int) ([]int64, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) < macSize {
		return nil, false
	}
	body, mac := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	if !hmac.Equal(mac, l.mac(body)) {
		return nil, false
	}
	numbers := make([]int64, 0, count)
	for len(body) > 0 {
		n, size := binary.Uvarint(body)
		if size <= 0 {
			return nil, false
		}
		numbers, body = append(numbers, int64(n)), body[size:]
	}
	return numbers, len(numbers) == count
}

func (l *Links) mac(raw []byte) []byte {
	h := hmac.New(sha256.New, l.key)
	h.Write(raw)
	return h.Sum(nil)[:macSize]
}

// Random is a new secret of 256 bits as text, for sessions and API tokens.
func Random() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Hash is what the database keeps of a secret made by Random. It needs no salt and no slow
// function, since the secret cannot be guessed.
func Hash(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

// Seal encrypts data with a key for the purpose (AES-256-GCM, random nonce in front).
func (k *Key) Seal(purpose string, data []byte) []byte {
	gcm := k.gcm(purpose)
	nonce := make([]byte, gcm.NonceSize())
	rand.Read(nonce)
	return gcm.Seal(nonce, nonce, data, nil)
}

// Open is the reverse of Seal; it fails for anything this key did not seal.
func (k *Key) Open(purpose string, sealed []byte) ([]byte, error) {
	gcm := k.gcm(purpose)
	if len(sealed) < gcm.NonceSize() {
		return nil, errors.New("sealed data is too short")
	}
	return gcm.Open(nil, sealed[:gcm.NonceSize()], sealed[gcm.NonceSize():], nil)
}

func (k *Key) gcm(purpose string) cipher.AEAD {
	block, err := aes.NewCipher(k.sub("seal " + purpose))
	if err != nil {
		panic(err) // only for a key of another length
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // never for AES
	}
	return gcm
}
