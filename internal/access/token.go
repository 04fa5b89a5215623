package access

// Bearer tokens for programs: JWT (RFC 7519) signed with Ed25519 (RFC 8037)
// and no other algorithm, whatever the token's own header says (RFC 8725).

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const (
	tokenIssuer = "heartwood"
	tokenType   = "at+jwt"
	aud         = "/fhir/" // then the practice
	maxToken    = 8192
	maxTokenTTL = 366 * 24 * time.Hour
	clockSkew   = 30 * time.Second
)

// Claims are what a token says of the program that carries it.
type Claims struct {
	ID       string    // the token's own id
	Name     string    // what it was minted for: "nightly export"
	Practice ident.ODS // the one practice it is for
	Patient  string    // "Patient/…" when it is for one patient's record, else ""
	Scopes   Scopes
	Expires  time.Time

	begins time.Time
}

// At refuses a practice that the token is not for.
func (c Claims) At(practice ident.ODS) error {
	if c.Practice != practice {
		return fault.New(fault.Forbidden, "This token is for another practice.")
	}
	return nil
}

// Allows tells whether the token gives this verb on this resource type.
// Within a patient token the door must also hold the program to Patient's
// compartment.
func (c Claims) Allows(typ string, verb Verb) bool {
	if c.Patient != "" {
		return c.Scopes.AllowsPatient(typ, verb)
	}
	return c.Scopes.Allows(typ, verb)
}

// Author is the program as the record knows it.
func (c Claims) Author() record.Author {
	return record.Author{Ref: "Device/" + deviceID(c.Name), Role: "program", For: c.Patient}
}

// deviceID makes a FHIR id of a token's name.
func deviceID(name string) string {
	id := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		}
		return '-'
	}, name)
	if id = strings.Trim(id, "-"); id == "" {
		id = "program"
	}
	return id[:min(len(id), 64)]
}

type tokenClaims struct {
	jwt.RegisteredClaims
	Scope   string `json:"scope"`
	Patient string `json:"patient,omitempty"`
}

// Mint makes a token with which a program may use one practice's FHIR base.
func (k *Keys) Mint(practice ident.ODS, scope string, ttl time.Duration, name string) (string, error) {
	return k.MintFor(practice, "", scope, ttl, name)
}

// MintFor is Mint for the record of one patient ("Patient/…"), as patient/
// scopes need.
func (k *Keys) MintFor(practice ident.ODS, patient, scope string, ttl time.Duration, name string) (string, error) {
	scopes, err := ParseScopes(scope)
	if err != nil {
		return "", err
	}
	if _, err := ident.ParseODS(string(practice)); err != nil {
		return "", err
	}
	if ttl <= 0 || ttl > maxTokenTTL {
		return "", fault.At(fault.Invalid, "ttl", "A token lasts from a second to a year.")
	}
	if scopes.NeedPatient() && patient == "" {
		return "", fault.At(fault.Invalid, "scope", "A patient/ scope needs a token for one patient: use system/.")
	}
	if len(name) > 100 {
		return "", fault.At(fault.Invalid, "name", "A token's name has at most 100 characters.")
	}
	now := k.now()
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, tokenClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    tokenIssuer,
			Subject:   name,
			Audience:  jwt.ClaimStrings{aud + string(practice)},
			IssuedAt:  jwt.NewNumericDate(now),
			NotBefore: jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(ttl)),
			ID:        ident.NewID(),
		},
		Scope: scopes.String(), Patient: patient,
	})
	t.Header["typ"] = tokenType
	return t.SignedString(k.sign)
}

// Verify reads a token: signed by this installation, for its FHIR bases, in
// date, not withdrawn. Every refusal is Unauthenticated and says plainly what
// is wrong; which practice it is for is the door's to check, with Claims.At.
func (k *Keys) Verify(token string) (Claims, error) {
	if token == "" || len(token) > maxToken {
		return Claims{}, refuseToken(nil, "This is not a token of this server.")
	}
	c, ok := k.checked.get(token, k.now())
	if !ok {
		var err error
		if c, err = k.verify(token); err != nil {
			return Claims{}, err
		}
		k.checked.put(token, c)
	}
	switch gone, err := k.revoked.has(c.ID); {
	case err != nil:
		return Claims{}, err
	case gone:
		return Claims{}, refuseToken(nil, "This token has been withdrawn.")
	}
	return c, nil
}

func (k *Keys) verify(token string) (Claims, error) {
	var c tokenClaims
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(tokenIssuer),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(clockSkew),
		jwt.WithTimeFunc(k.now),
		jwt.WithStrictDecoding(),
	)
	t, err := parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) {
		return k.sign.Public().(ed25519.PublicKey), nil
	})
	switch {
	case errors.Is(err, jwt.ErrTokenSignatureInvalid), errors.Is(err, jwt.ErrTokenMalformed), errors.Is(err, jwt.ErrTokenUnverifiable):
		return Claims{}, refuseToken(err, "This is not a token of this server.")
	case errors.Is(err, jwt.ErrTokenExpired):
		return Claims{}, refuseToken(err, "This token has expired.")
	case errors.Is(err, jwt.ErrTokenNotValidYet), errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return Claims{}, refuseToken(err, "This token cannot be used yet.")
	case err != nil:
		return Claims{}, refuseToken(err, "This is not a token of this server.")
	case t.Header["typ"] != tokenType:
		return Claims{}, refuseToken(nil, "This token is not for the FHIR API.")
	}
	return c.claims()
}

// checked remembers tokens whose signature was right: a program sends the same
// one with every request, and checking it costs more than most answers.
type checked struct {
	mu     sync.Mutex
	tokens map[string]Claims // protected by mu
}

const maxChecked = 1000

func (m *checked) get(token string, now time.Time) (Claims, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.tokens[token]
	return c, ok && now.Before(c.Expires) && !now.Before(c.begins)
}

func (m *checked) put(token string, c Claims) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tokens == nil {
		m.tokens = map[string]Claims{}
	}
	for old := range m.tokens {
		if len(m.tokens) < maxChecked {
			break
		}
		delete(m.tokens, old)
	}
	m.tokens[token] = c
}

func (c tokenClaims) claims() (Claims, error) {
	if len(c.Audience) != 1 || !strings.HasPrefix(c.Audience[0], aud) {
		return Claims{}, refuseToken(nil, "This token is not for the FHIR API.")
	}
	practice, err := ident.ParseODS(strings.TrimPrefix(c.Audience[0], aud))
	if err != nil {
		return Claims{}, refuseToken(err, "This token is not for the FHIR API.")
	}
	scopes, err := ParseScopes(c.Scope)
	if err != nil {
		return Claims{}, refuseToken(err, "This token has no scope that this server knows.")
	}
	if c.ID == "" || c.NotBefore == nil || scopes.NeedPatient() && c.Patient == "" {
		return Claims{}, refuseToken(nil, "This token is not complete.")
	}
	return Claims{
		ID: c.ID, Name: c.Subject, Practice: practice, Patient: c.Patient,
		Scopes: scopes, Expires: c.ExpiresAt.Time, begins: c.NotBefore.Time,
	}, nil
}

func refuseToken(cause error, sentence string) error {
	return fault.Wrap(cause, fault.Unauthenticated, "%s", sentence)
}
