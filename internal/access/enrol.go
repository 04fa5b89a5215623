package access

import (
	"context"
	"encoding/base32"
	"strings"

	"github.com/pquerna/otp/totp"

	"heartwood/internal/fault"
	"heartwood/internal/record"
)

// Enrolment is a second factor that somebody is about to set up.
type Enrolment struct {
	Secret string // base32, to type into an authenticator app
	URL    string // otpauth://…, to show as a QR code
	Sealed string // for the form to carry back to Enrol
}

// NewEnrolment makes a second factor for an account, or takes up again one
// that a form carries (sealed, "" for a new one).
func (s *Accounts) NewEnrolment(a Account, sealed string) (Enrolment, error) {
	b, err := s.c.Keys.Open("enrol "+a.ID, sealed)
	if err != nil {
		b = nil
		sealed = ""
	}
	opts := totp.GenerateOpts{Issuer: "Heartwood", AccountName: a.Email, Period: totpPeriod}
	if b != nil {
		if opts.Secret, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(b)); err != nil {
			return Enrolment{}, fault.Wrap(err, fault.Internal, "The code could not be set up.")
		}
	}
	if a.Email == "" {
		opts.AccountName = a.Name
	}
	k, err := totp.Generate(opts)
	if err != nil {
		return Enrolment{}, fault.Wrap(err, fault.Internal, "The code could not be set up.")
	}
	if sealed == "" {
		sealed = s.c.Keys.Seal("enrol "+a.ID, []byte(k.Secret()))
	}
	return Enrolment{k.Secret(), k.URL(), sealed}, nil
}

// OpenInvite tells whose invitation this is, without using it up.
func (s *Accounts) OpenInvite(ctx context.Context, value string) (Account, error) {
	_, _, a, err := s.link(ctx, value, forInvite)
	return a, err
}

// Enrol uses an invitation: it sets the password and the second factor, takes
// away passkeys, and returns recovery codes to show once. What is wrong with the password or the
// code is a fault At "password" or "code", and the invitation still works.
func (s *Accounts) Enrol(ctx context.Context, value, password, sealed, code string) (Account, []string, error) {
	p, v, a, err := s.link(ctx, value, forInvite)
	if err != nil {
		return Account{}, nil, err
	}
	if err := CheckNewPassword(password, a); err != nil {
		return Account{}, nil, err
	}
	secret, err := s.c.Keys.Open("enrol "+a.ID, sealed)
	if err != nil {
		return Account{}, nil, fault.Wrap(err, fault.Invalid, "Open your invitation again.")
	}
	step, ok := totpStep(string(secret), strings.Map(dropSpace, code), s.c.Now())
	if !ok {
		return Account{}, nil, fault.At(fault.Invalid, "code", "Enter the 6 digits that your app shows now.")
	}
	if a.Password, err = s.hash(ctx, password); err != nil {
		return Account{}, nil, err
	}
	a.TOTP, a.TOTPStep = s.c.Keys.Seal(totpPurpose(a.ID), secret), step
	codes, hashes := newRecovery(a.ID)
	a.Recovery, a.Passkeys, a.Since = hashes, nil, s.c.Now().UTC()
	w, err := a.write()
	if err != nil {
		return Account{}, nil, err
	}
	by := record.Author{Ref: a.Ref, Role: string(a.Role)}
	if err := useLink(ctx, p, v, by, "account: password and code set", []record.Expect{a.expect()}, w); err != nil {
		return Account{}, nil, err
	}
	return a, codes, nil
}
