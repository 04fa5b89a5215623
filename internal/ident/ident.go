// Package ident holds the identifiers everything else speaks in: NHS numbers,
// ODS codes, FHIR resource ids and references, and positions in a record.
//
// What comes in: text from people and programs. What goes out: typed values
// that are known to be well formed. It must never print an NHS number in full
// except through String, which only pages and resources may call: logs use
// Redacted.
package ident

import (
	"crypto/rand"
	"encoding/base32"
	"log/slog"
	"regexp"
	"strings"

	"heartwood/internal/fault"
)

// NHSNumber is ten digits whose last is a check digit (NHS Data Dictionary,
// "NHS NUMBER", modulus 11).
type NHSNumber string

// ParseNHSNumber reads an NHS number as people write it, with or without
// spaces and hyphens, and checks its check digit.
func ParseNHSNumber(s string) (NHSNumber, error) {
	d := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, s)
	if len(d) != 10 {
		return "", fault.At(fault.Invalid, "nhs-number", "An NHS number has 10 digits.")
	}
	for i := range len(d) {
		if d[i] < '0' || d[i] > '9' {
			return "", fault.At(fault.Invalid, "nhs-number", "An NHS number has only digits.")
		}
	}
	if c, ok := checkDigit(d[:9]); !ok || c != d[9] {
		return "", fault.At(fault.Invalid, "nhs-number", "This is not an NHS number: check the digits.")
	}
	return NHSNumber(d), nil
}

// MakeNHSNumber completes nine digits with their check digit; ok is false for
// the one in eleven that have none.
func MakeNHSNumber(nine string) (n NHSNumber, ok bool) {
	c, ok := checkDigit(nine)
	return NHSNumber(nine + string(c)), ok
}

func checkDigit(nine string) (byte, bool) {
	sum := 0
	for i := range 9 {
		sum += int(nine[i]-'0') * (10 - i)
	}
	switch c := 11 - sum%11; c {
	case 11:
		return '0', true
	case 10:
		return 0, false
	default:
		return byte('0' + c), true
	}
}

// String prints the number as the NHS does, 3-3-4.
func (n NHSNumber) String() string {
	if len(n) != 10 {
		return string(n)
	}
	return string(n[:3]) + " " + string(n[3:6]) + " " + string(n[6:])
}

// Redacted keeps the last three digits, for logs.
func (n NHSNumber) Redacted() string {
	if len(n) != 10 {
		return "***"
	}
	return "*** *** *" + string(n[7:])
}

// LogValue redacts the number in structured logs.
func (n NHSNumber) LogValue() slog.Value { return slog.StringValue(n.Redacted()) }

// ODS is an Organisation Data Service code, upper case, such as a practice's
// letter and five digits.
type ODS string

// Organization is the FHIR resource of whom a code names.
func (o ODS) Organization() Ref { return Ref{Type: "Organization", ID: string(o)} }

var odsForm = regexp.MustCompile(`^[A-Z0-9]{3,10}$`)

// ParseODS reads an ODS code in any case.
func ParseODS(s string) (ODS, error) {
	o := strings.ToUpper(strings.TrimSpace(s))
	if !odsForm.MatchString(o) {
		return "", fault.At(fault.Invalid, "ods-code", "An ODS code is 3 to 10 letters and digits.")
	}
	return ODS(o), nil
}

// IsID tells whether s is a FHIR id (R4 datatypes: [A-Za-z0-9\-\.]{1,64}).
func IsID(s string) bool {
	if len(s) == 0 || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' {
			continue
		}
		return false
	}
	return true
}

var lower32 = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID makes an id with 100 random bits: 20 characters that are safe in a
// URL and never need a shared counter.
func NewID() string {
	var b [13]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand aborts the program instead
	return lower32.EncodeToString(b[:])[:20]
}

// Ref is a resource by type and id.
type Ref struct{ Type, ID string }

// String is the relative literal reference, "Patient/123".
func (r Ref) String() string { return r.Type + "/" + r.ID }

// IsZero tells whether the reference is empty.
func (r Ref) IsZero() bool { return r == Ref{} }

// ParseRef reads the last two segments of a relative or absolute literal
// reference, ignoring a version ("Patient/1/_history/2"). ok is false for
// anything else (urn:, fragments, logical references).
func ParseRef(s string) (r Ref, ok bool) {
	if i := strings.Index(s, "/_history/"); i >= 0 {
		s = s[:i]
	}
	j := strings.LastIndexByte(s, '/')
	if j <= 0 {
		return Ref{}, false
	}
	id, rest := s[j+1:], s[:j]
	typ := rest[strings.LastIndexByte(rest, '/')+1:]
	if !IsID(id) || typ == "" || typ[0] < 'A' || typ[0] > 'Z' {
		return Ref{}, false
	}
	for i := range len(typ) {
		if c := typ[i] | 0x20; c < 'a' || c > 'z' {
			return Ref{}, false
		}
	}
	return Ref{typ, id}, true
}
