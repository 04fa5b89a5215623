package access

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

func testKeys(t testing.TB, now func() time.Time) *Keys {
	t.Helper()
	k, err := OpenKeys(filepath.Join(t.TempDir(), "keys"), now)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTokenRoundTrip(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	k := testKeys(t, func() time.Time { return now })
	token, err := k.Mint(here, "system/*.rs", time.Hour, "nightly export")
	if err != nil {
		t.Fatal(err)
	}
	c, err := k.Verify(token)
	if err != nil {
		t.Fatal(err)
	}
	if c.Practice != here || c.Name != "nightly export" || c.ID == "" || !c.Allows("Patient", Read) || c.Allows("Patient", Create) {
		t.Errorf("%+v", c)
	}
	if c.Author().Ref != "Device/nightly-export" {
		t.Errorf("author %+v", c.Author())
	}
	if err := c.At(here); err != nil {
		t.Error(err)
	}
	if err := c.At(elsewhere); !fault.Is(err, fault.Forbidden) {
		t.Errorf("another practice: %v", err)
	}
	now = now.Add(time.Hour + time.Minute)
	if _, err := k.Verify(token); !fault.Is(err, fault.Unauthenticated) || fault.From(err).Message != "This token has expired." {
		t.Errorf("expired: %v", err)
	}
	now = now.Add(-3 * time.Hour)
	if _, err := k.Verify(token); fault.From(err).Message != "This token cannot be used yet." {
		t.Errorf("not yet: %v", err)
	}
}

func TestPatientTokens(t *testing.T) {
	k := testKeys(t, nil)
	if _, err := k.Mint(here, "patient/*.rs", time.Hour, "app"); !fault.Is(err, fault.Invalid) {
		t.Errorf("minted without a patient: %v", err)
	}
	token, err := k.MintFor(here, self, "patient/*.rs", time.Hour, "app")
	if err != nil {
		t.Fatal(err)
	}
	c, err := k.Verify(token)
	if err != nil || c.Patient != self || !c.Allows("Task", Read) || c.Scopes.Allows("Task", Read) || c.Author().For != self {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestMintRefuses(t *testing.T) {
	k := testKeys(t, nil)
	for _, c := range []struct {
		practice, scope, name string
		ttl                   time.Duration
	}{
		{"x", "system/*.rs", "", time.Hour},
		{here, "", "", time.Hour},
		{here, "system/*.rs", "", 0},
		{here, "system/*.rs", "", 1000 * 24 * time.Hour},
		{here, "system/*.rs", strings.Repeat("x", 200), time.Hour},
	} {
		if _, err := k.Mint(ident.ODS(c.practice), c.scope, c.ttl, c.name); err == nil {
			t.Errorf("minted %+v", c)
		}
	}
}

// TestForgeries signs tokens in every wrong way.
func TestForgeries(t *testing.T) {
	now := time.Now()
	k, other := testKeys(t, nil), testKeys(t, nil)
	good := func() tokenClaims {
		return tokenClaims{RegisteredClaims: jwt.RegisteredClaims{
			Issuer: tokenIssuer, Audience: jwt.ClaimStrings{aud + here}, ID: "1", NotBefore: jwt.NewNumericDate(now),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour)),
		}, Scope: "system/*.cruds"}
	}
	sign := func(m jwt.SigningMethod, key any, typ string, change func(*tokenClaims)) string {
		c := good()
		change(&c)
		tok := jwt.NewWithClaims(m, c)
		tok.Header["typ"] = typ
		s, err := tok.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	same := func(*tokenClaims) {}
	ours := sign(jwt.SigningMethodEdDSA, k.sign, tokenType, same)
	if _, err := k.Verify(ours); err != nil {
		t.Fatalf("the good one: %v", err)
	}
	parts := strings.Split(ours, ".")
	var body map[string]any
	raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
	_ = json.Unmarshal(raw, &body)
	body["aud"] = []string{aud + elsewhere}
	raw, _ = json.Marshal(body)
	for name, token := range map[string]string{
		"another installation": sign(jwt.SigningMethodEdDSA, other.sign, tokenType, same),
		"none":                 sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, tokenType, same),
		"public key as secret": sign(jwt.SigningMethodHS256, []byte(k.sign.Public().(ed25519.PublicKey)), tokenType, same),
		"type":                 sign(jwt.SigningMethodEdDSA, k.sign, "JWT", same),
		"issuer":               sign(jwt.SigningMethodEdDSA, k.sign, tokenType, func(c *tokenClaims) { c.Issuer = "x" }),
		"audience":             sign(jwt.SigningMethodEdDSA, k.sign, tokenType, func(c *tokenClaims) { c.Audience = jwt.ClaimStrings{"other"} }),
		"two audiences":        sign(jwt.SigningMethodEdDSA, k.sign, tokenType, func(c *tokenClaims) { c.Audience = append(c.Audience, aud+elsewhere) }),
		"no audience":          sign(jwt.SigningMethodEdDSA, k.sign, tokenType, func(c *tokenClaims) { c.Audience = nil }),
		"no expiry":            sign(jwt.SigningMethodEdDSA, k.sign, tokenType, func(c *tokenClaims) { c.ExpiresAt = nil }),
		"no id":                sign(jwt.SigningMethodEdDSA, k.sign, tokenType, func(c *tokenClaims) { c.ID = "" }),
		"no not-before":        sign(jwt.SigningMethodEdDSA, k.sign, tokenType, func(c *tokenClaims) { c.NotBefore = nil }),
		"scope":                sign(jwt.SigningMethodEdDSA, k.sign, tokenType, func(c *tokenClaims) { c.Scope = "root" }),
		"patient scope":        sign(jwt.SigningMethodEdDSA, k.sign, tokenType, func(c *tokenClaims) { c.Scope = "patient/*.rs" }),
		"changed practice":     parts[0] + "." + base64.RawURLEncoding.EncodeToString(raw) + "." + parts[2],
		"no signature":         parts[0] + "." + parts[1] + ".",
		"empty":                "",
		"long":                 strings.Repeat("a", 10_000),
	} {
		if _, err := k.Verify(token); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	k := testKeys(f, nil)
	token, err := k.Mint(here, "system/*.rs", time.Hour, "x")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, in string) {
		if _, err := k.Verify(in); err == nil && in != token {
			t.Errorf("a token that we did not make was taken: %q", in)
		}
	})
}

func TestKeysAreMadeOnceAndKeptPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	var made sync.WaitGroup
	tokens := make([]string, 8)
	for i := range tokens {
		made.Go(func() {
			k, err := OpenKeys(dir, nil)
			if err == nil {
				tokens[i], err = k.Mint(here, "system/*.rs", time.Hour, "x")
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	made.Wait()
	k, err := OpenKeys(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range tokens {
		if _, err := k.Verify(token); err != nil {
			t.Error(err)
		}
	}
	files, _ := os.ReadDir(dir)
	if len(files) != 2 {
		t.Errorf("%d files", len(files))
	}
	for _, f := range files {
		if info, _ := f.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f.Name(), info.Mode())
		}
	}
	if err := os.Chmod(filepath.Join(dir, "token.pem"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeys(dir, nil); err == nil {
		t.Error("a key that others can read was used")
	}
	if err := os.WriteFile(filepath.Join(dir, "token.pem"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "token.pem"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeys(dir, nil); err == nil {
		t.Error("a broken key was used")
	}
}

func TestSeal(t *testing.T) {
	k := testKeys(t, nil)
	s := k.Seal("a", []byte("secret"))
	if b, err := k.Open("a", s); err != nil || !bytes.Equal(b, []byte("secret")) {
		t.Errorf("%q, %v", b, err)
	}
	for _, bad := range []string{"", "x", s[1:], s + "A", strings.ToUpper(s)} {
		if _, err := k.Open("a", bad); err == nil {
			t.Errorf("opened %q", bad)
		}
	}
	if _, err := k.Open("b", s); err == nil {
		t.Error("opened for another purpose")
	}
	if _, err := testKeys(t, nil).Open("a", s); err == nil {
		t.Error("opened by another installation")
	}
}

func TestRevoke(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	server, err := OpenKeys(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	command, err := OpenKeys(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	var tokens [3]string
	for i := range tokens {
		if tokens[i], err = command.Mint(here, "system/*.rs", time.Hour, "x"); err != nil {
			t.Fatal(err)
		}
		if _, err := server.Verify(tokens[i]); err != nil {
			t.Fatal(err)
		}
	}
	for _, token := range tokens[:2] {
		if err := command.Revoke(token); err != nil {
			t.Fatal(err)
		}
	}
	for i, token := range tokens {
		if _, err := server.Verify(token); fault.Is(err, fault.Unauthenticated) != (i < 2) {
			t.Errorf("token %d: %v", i, err)
		}
	}
	if err := command.Revoke("nonsense"); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("revoked nonsense: %v", err)
	}
}

func BenchmarkVerify(b *testing.B) {
	k := testKeys(b, nil)
	token, err := k.Mint(here, "system/*.rs", time.Hour, "x")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := k.Verify(token); err != nil {
			b.Fatal(err)
		}
	}
}
