package access

import (
	"context"
	"crypto/subtle"
	"net/netip"
	"slices"
	"strings"
	"time"

	"heartwood/internal/record"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// How somebody signed in: Person.Method.
const (
	ByPassword = "password" // with a code
	ByPasskey  = "passkey"
	ByLink     = "link"
	ByInvite   = "invite"
	ByDemo     = "demo"
)

var (
	errPassword = fault.New(fault.Unauthenticated, "The e-mail address or password is not right.")
	errCode     = fault.At(fault.Unauthenticated, "code", "The code is not right, or has been used. Wait for the next one and try again.")
)

// CheckPassword finds whose address and password these are. It answers the
// same, in the same time, whether the address or the password is wrong. The
// person has not signed in until CheckCode says so too. address is the network
// address they come from.
func (s *Accounts) CheckPassword(ctx context.Context, email, password, address string) (Account, error) {
	wide := "account " + emailID(cleanEmail(email))
	key := wide + " from " + Network(address)
	if err := s.slow(s.byAddress, address, key); err != nil {
		return Account{}, err
	}
	if err := s.anywhere.take(wide); err != nil {
		return Account{}, err
	}
	accounts, err := s.find(ctx, email)
	if err != nil {
		return Account{}, err
	}
	// Patients have no password; somebody without any is checked against nothing.
	accounts = slices.DeleteFunc(accounts, func(a Account) bool { return a.Password == "" })
	if len(accounts) == 0 {
		accounts = []Account{{}}
	}
	for _, a := range accounts {
		ok, err := s.matches(ctx, password, a.Password)
		if err != nil {
			return Account{}, err
		}
		if ok && !a.Disabled && a.TOTP != "" {
			s.byAccount.forgive(key)
			s.anywhere.forgive(wide)
			s.byAddress.refund(Network(address))
			return a, nil
		}
	}
	return Account{}, errPassword
}

// slow counts an attempt against the address it comes from and against keys.
func (s *Accounts) slow(byAddress *throttle, address string, keys ...string) error {
	if err := byAddress.take(Network(address)); err != nil {
		return err
	}
	return s.byAccount.take(keys...)
}

// Network is what an address is throttled by: all of IPv4, the 64 bits of an
// IPv6 network that one customer has.
func Network(address string) string {
	if ap, err := netip.ParseAddrPort(address); err == nil {
		address = ap.Addr().String()
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "address ?"
	}
	ip = ip.Unmap()
	if ip.Is6() {
		if p, err := ip.WithZone("").Prefix(64); err == nil {
			return "address " + p.String()
		}
	}
	return "address " + ip.String()
}

const totpPeriod = 30

var totpOptions = totp.ValidateOpts{Period: totpPeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// totpStep finds which time step's code this is, among the present one and
// one on either side (RFC 6238).
func totpStep(secret, code string, now time.Time) (int64, bool) {
	found, ok := int64(0), false
	for _, d := range []time.Duration{-1, 0, 1} {
		at := now.Add(d * totpPeriod * time.Second)
		want, err := totp.GenerateCodeCustom(secret, at, totpOptions)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found, ok = at.Unix()/totpPeriod, true
		}
	}
	return found, ok
}

// CheckCode takes the second factor of somebody whose password was right: the
// code their app shows, which works once, or one of their recovery codes,
// which is used up.
func (s *Accounts) CheckCode(ctx context.Context, practice ident.ODS, id, code, address string) (Account, error) {
	key := "code " + string(practice) + "/" + id
	if err := s.slow(s.byAddress, address, key); err != nil {
		return Account{}, err
	}
	code = strings.ToLower(strings.Map(dropSpace, code))
	a, err := s.change(ctx, practice, id, record.System, "account: code used", func(a *Account) error {
		if a.Disabled {
			return errCode
		}
		if len(code) == 6 {
			return s.useTOTP(a, code)
		}
		return useRecovery(a, code)
	})
	if err != nil {
		return Account{}, err
	}
	s.byAccount.forgive(key)
	s.byAddress.refund(Network(address))
	return a, nil
}

func dropSpace(r rune) rune {
	if r == ' ' || r == '-' || r == '\u00a0' {
		return -1
	}
	return r
}

func (s *Accounts) useTOTP(a *Account, code string) error {
	secret, err := s.c.Keys.Open(totpPurpose(a.ID), a.TOTP)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "Your code could not be checked. Use a recovery code.")
	}
	step, ok := totpStep(string(secret), code, s.c.Now())
	if !ok || step <= a.TOTPStep {
		return errCode
	}
	a.TOTPStep = step
	return nil
}

func totpPurpose(account string) string { return "totp " + account }

func useRecovery(a *Account, code string) error {
	hashed := secretID("recovery:" + a.ID + ":" + code)
	for i, h := range a.Recovery {
		if subtle.ConstantTimeCompare([]byte(h), []byte(hashed)) == 1 {
			left := append([]string(nil), a.Recovery[:i]...)
			a.Recovery = append(left, a.Recovery[i+1:]...)
			return nil
		}
	}
	return errCode
}

const recoveryCodes = 8

// newRecovery makes codes of 80 random bits to write down, and their hashes.
func newRecovery(account string) (codes, hashes []string) {
	for range recoveryCodes {
		c := ident.NewID()[:16]
		codes = append(codes, c[:4]+"-"+c[4:8]+"-"+c[8:12]+"-"+c[12:])
		hashes = append(hashes, secretID("recovery:"+account+":"+c))
	}
	return codes, hashes
}
