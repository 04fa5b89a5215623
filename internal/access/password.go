package access

// Passwords are kept as Argon2id (RFC 9106), with the parameters that OWASP's
// Password Storage Cheat Sheet asks for: 19 MiB, 2 passes, 1 lane.

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"heartwood/internal/fault"
)

const (
	argonMemory = 19 * 1024 // KiB
	argonPasses = 2
	argonLanes  = 1
	argonSalt   = 16
	argonKey    = 32

	minPassword = 12  // characters
	maxPassword = 512 // bytes
)

// CheckNewPassword says what is wrong with a password that somebody chooses.
// Length is what counts (NCSC, "Password administration for system owners"):
// there are no rules about which characters.
func CheckNewPassword(password string, a Account) error {
	low := strings.ToLower(password)
	user, _, _ := strings.Cut(a.Email, "@")
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		return fault.At(fault.Invalid, "password", "Choose a password of at least %d characters. Three random words work well.", minPassword)
	case len(password) > maxPassword:
		return fault.At(fault.Invalid, "password", "Choose a shorter password.")
	case len(user) >= 4 && strings.Contains(low, user), strings.Contains(low, "password"), strings.Contains(low, "heartwood"), repeats(low):
		return fault.At(fault.Invalid, "password", "Choose a password that is harder to guess. Three random words work well.")
	}
	return nil
}

// repeats tells whether a password is a few characters again and again, or a
// run such as 1234.
func repeats(s string) bool {
	different, runs := map[rune]bool{}, 0
	var last rune
	for _, r := range s {
		different[r] = true
		if r == last || r == last+1 {
			runs++
		}
		last = r
	}
	return len(different) < 5 || runs > len(s)*2/3
}

// hash makes what is kept of a password, in the PHC string form.
func (s *Accounts) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails
	key, err := s.argon(ctx, password, salt)
	if err != nil {
		return "", err
	}
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		argonMemory, argonPasses, argonLanes, e.EncodeToString(salt), e.EncodeToString(key)), nil
}

// matches tells whether a password is the one that was hashed. It takes as
// long when there is no hash at all.
func (s *Accounts) matches(ctx context.Context, password, hashed string) (bool, error) {
	salt, want, ok := parseHash(hashed)
	if !ok {
		salt, want = make([]byte, argonSalt), make([]byte, argonKey)
	}
	got, err := s.argon(ctx, password, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && ok, nil
}

// argon hashes with at most a few others at once, so that a crowd at the door
// cannot use up the machine's memory.
func (s *Accounts) argon(ctx context.Context, password string, salt []byte) ([]byte, error) {
	if len(password) > maxPassword {
		password = ""
	}
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.Busy, "Too many people are signing in just now. Try again.")
	}
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, argonPasses, argonMemory, argonLanes, argonKey), nil
}

func parseHash(s string) (salt, key []byte, ok bool) {
	want := fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, argonMemory, argonPasses, argonLanes)
	rest, found := strings.CutPrefix(s, want)
	a, b, cut := strings.Cut(rest, "$")
	if !found || !cut {
		return nil, nil, false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(a)
	key, err2 := base64.RawStdEncoding.DecodeString(b)
	return salt, key, err1 == nil && err2 == nil && len(salt) == argonSalt && len(key) == argonKey
}
