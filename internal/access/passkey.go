package access

// Passkeys: Web Authentication Level 3, https://www.w3.org/TR/webauthn-3/.

import (
	"context"
	"encoding/json"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Passkey is one passkey of an account: what its browser needs to be asked for
// it, and its public key.
type Passkey = webauthn.Credential

const (
	ceremonyFor    = 5 * time.Minute
	maxPasskeys    = 20
	registering    = "passkey registration"
	signingIn      = "passkey sign-in"
	maxPasskeyJSON = 64 << 10
)

var errPasskey = fault.New(fault.Unauthenticated, "The passkey was not accepted. Try again, or sign in another way.")

// relyingParty is nil when the origin is a bare network address, for which
// browsers make no passkeys. This machine's own address is known to browsers
// as localhost too, and by that name they do.
func relyingParty(origin string) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Path != "" {
		return nil, fault.New(fault.Invalid, "The origin must be like https://care.example, without a path.")
	}
	host := u.Hostname()
	if ip := net.ParseIP(host); ip.IsLoopback() {
		host = "localhost"
		origin = u.Scheme + "://localhost"
		if u.Port() != "" {
			origin += ":" + u.Port()
		}
	} else if ip != nil {
		return nil, nil
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: "Heartwood", RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:      protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "Passkeys cannot be set up for this origin.")
	}
	return w, nil
}

// HasPasskeys tells whether this installation's origin can have passkeys.
func (s *Accounts) HasPasskeys() bool { return s.web != nil }

// passkeyUser is an account as the webauthn library sees it. The user handle
// names practice and account, so that no address is asked for.
type passkeyUser struct{ Account }

func (u passkeyUser) WebAuthnID() []byte                         { return []byte(string(u.Practice) + "/" + u.ID) }
func (u passkeyUser) WebAuthnCredentials() []webauthn.Credential { return u.Passkeys }
func (u passkeyUser) WebAuthnDisplayName() string                { return u.Name }
func (u passkeyUser) WebAuthnName() string {
	if u.Email != "" {
		return u.Email
	}
	return u.Name
}

// ceremony is what is sealed into a cookie between the two halves.
type ceremony struct {
	Session webauthn.SessionData `json:"session"`
	Expires time.Time            `json:"expires"`
}

func (s *Accounts) sealCeremony(purpose string, d *webauthn.SessionData) (string, error) {
	b, err := json.Marshal(ceremony{*d, s.c.Now().Add(ceremonyFor)})
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "The passkey could not be asked for.")
	}
	return s.c.Keys.Seal(purpose, b), nil
}

// openCeremony gives back what sealCeremony sealed: once, and not too late.
func (s *Accounts) openCeremony(purpose, sealed string) (webauthn.SessionData, error) {
	var c ceremony
	b, err := s.c.Keys.Open(purpose, sealed)
	if err != nil || json.Unmarshal(b, &c) != nil || !s.c.Now().Before(c.Expires) || !s.answered.first(c.Session.Challenge, c.Expires) {
		return webauthn.SessionData{}, errPasskey
	}
	return c.Session, nil
}

// BeginPasskey asks a browser to make a passkey for an account. options is
// JSON for navigator.credentials.create; sealed goes into a cookie.
func (s *Accounts) BeginPasskey(a Account) (options []byte, sealed string, err error) {
	if s.web == nil {
		return nil, "", fault.New(fault.Unsupported, "Passkeys need a proper web address.")
	}
	if len(a.Passkeys) >= maxPasskeys {
		return nil, "", fault.New(fault.Refused, "You have as many passkeys as one person can have.")
	}
	var known []protocol.CredentialDescriptor
	for _, c := range a.Passkeys {
		known = append(known, c.Descriptor())
	}
	o, d, err := s.web.BeginRegistration(passkeyUser{a}, webauthn.WithExclusions(known))
	if err != nil {
		return nil, "", fault.Wrap(err, fault.Internal, "The passkey could not be asked for.")
	}
	if options, err = json.Marshal(o); err != nil {
		return nil, "", fault.Wrap(err, fault.Internal, "The passkey could not be asked for.")
	}
	sealed, err = s.sealCeremony(registering, d)
	return options, sealed, err
}

// made checks what the browser answered to BeginPasskey.
func (s *Accounts) made(a Account, sealed string, answer []byte) (*webauthn.Credential, error) {
	if s.web == nil || len(answer) > maxPasskeyJSON {
		return nil, errPasskey
	}
	d, err := s.openCeremony(registering, sealed)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, errPasskey
	}
	c, err := s.web.CreateCredential(passkeyUser{a}, d, parsed)
	if err != nil {
		return nil, errPasskey
	}
	return c, nil
}

// AddPasskey keeps the passkey of somebody who has signed in.
func (s *Accounts) AddPasskey(ctx context.Context, p Person, sealed string, answer []byte) error {
	a, err := s.Get(ctx, p.Practice, p.AccountID)
	if err != nil {
		return err
	}
	c, err := s.made(a, sealed, answer)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, p.Practice, p.AccountID, p.Author(""), "account: passkey added", func(a *Account) error {
		a.Passkeys = append(a.Passkeys, *c)
		return nil
	})
	return err
}

// EnrolPasskey uses an invitation: the passkey is then the account's one way
// in, until its owner adds others. What there was before is gone, for an
// invitation is also how a lost phone is dealt with.
func (s *Accounts) EnrolPasskey(ctx context.Context, value, sealed string, answer []byte) (Account, error) {
	p, v, a, err := s.link(ctx, value, forInvite)
	if err != nil {
		return Account{}, err
	}
	c, err := s.made(a, sealed, answer)
	if err != nil {
		return Account{}, err
	}
	expect := a.expect()
	a.Passkeys, a.Since = []Passkey{*c}, s.c.Now().UTC()
	a.Password, a.TOTP, a.Recovery = "", "", nil
	w, err := a.write()
	if err != nil {
		return Account{}, err
	}
	by := record.Author{Ref: a.Ref, Role: string(a.Role)}
	return a, useLink(ctx, p, v, by, "account: passkey set", []record.Expect{expect}, w)
}

// RemovePasskey forgets one, by its place in Account.Passkeys and its id.
func (s *Accounts) RemovePasskey(ctx context.Context, p Person, id string) error {
	_, err := s.change(ctx, p.Practice, p.AccountID, p.Author(""), "account: passkey removed", func(a *Account) error {
		for i, c := range a.Passkeys {
			if PasskeyID(c) == id {
				left := append([]Passkey(nil), a.Passkeys[:i]...)
				a.Passkeys = append(left, a.Passkeys[i+1:]...)
				return nil
			}
		}
		return fault.New(fault.NotFound, "There is no such passkey.")
	})
	return err
}

// PasskeyID names a passkey in forms.
func PasskeyID(c Passkey) string { return secretID(string(c.ID))[:24] }

// BeginSignIn asks a browser for any passkey of this installation.
func (s *Accounts) BeginSignIn() (options []byte, sealed string, err error) {
	if s.web == nil {
		return nil, "", fault.New(fault.Unsupported, "Passkeys need a proper web address.")
	}
	o, d, err := s.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", fault.Wrap(err, fault.Internal, "The passkey could not be asked for.")
	}
	if options, err = json.Marshal(o); err != nil {
		return nil, "", fault.Wrap(err, fault.Internal, "The passkey could not be asked for.")
	}
	sealed, err = s.sealCeremony(signingIn, d)
	return options, sealed, err
}

// CheckPasskey finds whose passkey the browser answered with. It needs no
// second factor: the device has asked for a finger, a face or a PIN.
func (s *Accounts) CheckPasskey(ctx context.Context, sealed string, answer []byte, address string) (Account, error) {
	if err := s.byAddress.take(Network(address)); err != nil {
		return Account{}, err
	}
	if s.web == nil || len(answer) > maxPasskeyJSON {
		return Account{}, errPasskey
	}
	d, err := s.openCeremony(signingIn, sealed)
	if err != nil {
		return Account{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Account{}, errPasskey
	}
	var a Account
	_, c, err := s.web.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		a, err = s.byHandle(ctx, handle)
		return passkeyUser{a}, err
	}, d, parsed)
	if err != nil || a.Disabled || c.Authenticator.CloneWarning {
		return Account{}, errPasskey
	}
	a, err = s.change(ctx, a.Practice, a.ID, record.Author{Ref: a.Ref, Role: string(a.Role)}, "account: passkey used", func(a *Account) error {
		for i := range a.Passkeys {
			if string(a.Passkeys[i].ID) == string(c.ID) {
				a.Passkeys[i] = *c
				return nil
			}
		}
		return errPasskey // removed meanwhile
	})
	if err != nil {
		return Account{}, err
	}
	s.byAddress.refund(Network(address))
	return a, nil
}

func (s *Accounts) byHandle(ctx context.Context, handle []byte) (Account, error) {
	code, id, ok := strings.Cut(string(handle), "/")
	practice, err := ident.ParseODS(code)
	if !ok || err != nil || !ident.IsID(id) {
		return Account{}, errPasskey
	}
	if _, err := s.known(ctx, practice); err != nil {
		return Account{}, err
	}
	return s.Get(ctx, practice, id)
}
