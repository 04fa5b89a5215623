package access

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"heartwood/internal/fault"
)

// Keys are the installation's secrets: one signs bearer tokens, one seals what
// a browser carries for us and what is secret in an account. They are files
// that only the owner may read, made on first use; every process that serves
// the same practices must have the same ones.
type Keys struct {
	sign    ed25519.PrivateKey
	seal    cipher.AEAD
	revoked *revocations
	checked *checked
	now     func() time.Time
}

// OpenKeys reads the keys in dir, making those that are not there. now is the
// wall clock; nil is time.Now.
func OpenKeys(dir string, now func() time.Time) (*Keys, error) {
	if now == nil {
		now = time.Now
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, keyFault(err)
	}
	sign, err := keyFile(filepath.Join(dir, "token.pem"), "PRIVATE KEY", func() ([]byte, error) {
		_, k, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return x509.MarshalPKCS8PrivateKey(k)
	})
	if err != nil {
		return nil, err
	}
	seal, err := keyFile(filepath.Join(dir, "seal.pem"), "AES-256 KEY", func() ([]byte, error) {
		k := make([]byte, 32)
		_, err := rand.Read(k)
		return k, err
	})
	if err != nil {
		return nil, err
	}
	return newKeys(dir, sign, seal, now)
}

func newKeys(dir string, sign, seal []byte, now func() time.Time) (*Keys, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(sign)
	if err != nil {
		return nil, keyFault(err)
	}
	priv, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, keyFault(errors.New("the token key is not Ed25519"))
	}
	block, err := aes.NewCipher(seal)
	if err != nil {
		return nil, keyFault(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, keyFault(err)
	}
	return &Keys{sign: priv, seal: aead, revoked: revokedIn(dir), checked: &checked{}, now: now}, nil
}

// keyFile reads a PEM file, or makes it: written whole under another name and
// linked into place, so that of two processes that start at once one wins and
// both read what it wrote.
func keyFile(path, kind string, generate func() ([]byte, error)) ([]byte, error) {
	b, err := readKey(path, kind)
	if !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	fresh, err := generate()
	if err != nil {
		return nil, keyFault(err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return nil, keyFault(err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone already when it has its name
	err = pem.Encode(tmp, &pem.Block{Type: kind, Bytes: fresh})
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, keyFault(err)
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, keyFault(err)
	}
	if d, err := os.Open(filepath.Dir(path)); err == nil {
		_ = d.Sync() // the key is worth nothing if its name is lost
		_ = d.Close()
	}
	return readKey(path, kind)
}

func readKey(path, kind string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, keyFault(errors.New(filepath.Base(path) + " can be read by others: chmod 600 it"))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, keyFault(err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != kind {
		return nil, keyFault(errors.New(filepath.Base(path) + " is not a key file"))
	}
	return block.Bytes, nil
}

func keyFault(err error) error {
	return fault.Wrap(err, fault.Internal, "The key files cannot be used.")
}

var errSeal = errors.New("access: not sealed by this installation for this purpose")

// Seal encrypts b so that only Open with the same purpose gives it back.
func (k *Keys) Seal(purpose string, b []byte) string {
	nonce := make([]byte, k.seal.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return base64.RawURLEncoding.EncodeToString(k.seal.Seal(nonce, nonce, b, []byte(purpose)))
}

// Open gives back what Seal was given.
func (k *Keys) Open(purpose, sealed string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || len(b) < k.seal.NonceSize() {
		return nil, errSeal
	}
	n := k.seal.NonceSize()
	out, err := k.seal.Open(nil, b[:n], b[n:], []byte(purpose))
	if err != nil {
		return nil, errSeal
	}
	return out, nil
}
