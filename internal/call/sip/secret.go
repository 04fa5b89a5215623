package sip

import (
	"bytes"
	"fmt"
	"io"

	"heartwood/internal/atomicfile"
	"heartwood/internal/fault"
)

// Secret is a trunk's password. It comes from a file and prints as "[secret]"
// however it is printed.
type Secret struct{ reveal func() string }

// ReadSecret reads a secret from a file of its own, which nobody else may
// read; a line's end after it does
// not belong to it.
func ReadSecret(path string) (Secret, error) {
	b, err := atomicfile.ReadPrivate(path)
	if err != nil {
		return Secret{}, fault.Wrap(err, fault.Invalid, "The file with a trunk's secret cannot be read.")
	}
	word := string(bytes.TrimRight(b, "\r\n"))
	if word == "" {
		return Secret{}, fault.New(fault.Invalid, "The file with a trunk's secret is empty.")
	}
	return Secret{func() string { return word }}, nil
}

// IsZero tells whether there is no secret.
func (s Secret) IsZero() bool { return s.reveal == nil }

// Format keeps the secret from every verb of fmt.
func (s Secret) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, "[secret]") }

// MarshalText keeps it from JSON and from logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

func (s Secret) word() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}
