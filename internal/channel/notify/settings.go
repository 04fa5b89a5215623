package notify

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"

	"heartwood/internal/atomicfile"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// Settings are what one practice sends with: the folder DIR/ODS holds
// notify.toml and, in files of their own that nobody else may read, the keys:
// govuk.key (API key), govuk-callback.token, nhs-app.key (API key), nhs.pem
// (RSA private key) and nhs-callback.key (the secret that signs callbacks).
type Settings struct {
	GovUK *struct {
		Base          string `toml:"base"`
		SMSTemplate   string `toml:"sms-template"`
		EmailTemplate string `toml:"email-template"`
		SMSSender     string `toml:"sms-sender"`
		EmailReplyTo  string `toml:"email-reply-to"`
		Postage       string `toml:"postage"`
		Letters       bool   `toml:"letters"` // letters go through it too
	} `toml:"govuk"`
	NHS *struct {
		Base  string            `toml:"base"`
		KeyID string            `toml:"key-id"`
		Plans map[string]string `toml:"plans"` // medium to routing plan: app, sms, email
	} `toml:"nhs"`
}

// Callback is what a transport shows us that it is who it says.
type Callback struct {
	Token  string // GOV.UK Notify: the bearer token
	APIKey string // NHS Notify: x-api-key, which is the application's own
	Secret []byte // NHS Notify: what signs the body
}

// LoadSettings reads a practice's settings and makes its senders. A practice
// that has no folder has none: ok is false.
func LoadSettings(dir string, ods ident.ODS, transport http.RoundTripper) (s Senders, c Callback, ok bool, err error) {
	dir = filepath.Join(dir, string(ods))
	text, err := os.ReadFile(filepath.Join(dir, "notify.toml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, c, false, nil
	}
	if err != nil {
		return nil, c, false, fault.Wrap(err, fault.Invalid, "The settings for messages of %s cannot be read.", ods)
	}
	var set Settings
	md, err := toml.Decode(string(text), &set)
	if err != nil || len(md.Undecoded()) > 0 {
		return nil, c, false, fault.Wrap(errors.Join(err, errors.New("notify.toml")), fault.Invalid, "The settings for messages of %s are not right.", ods)
	}
	s = Senders{}
	if set.GovUK != nil {
		err = set.govuk(dir, s, &c, transport)
	}
	if err == nil && set.NHS != nil {
		err = set.nhs(dir, ods, s, &c, transport)
	}
	return s, c, err == nil, err
}

func (set Settings) govuk(dir string, s Senders, c *Callback, transport http.RoundTripper) error {
	key, err := secretFile(filepath.Join(dir, "govuk.key"))
	if err != nil {
		return err
	}
	if c.Token, err = secretFile(filepath.Join(dir, "govuk-callback.token")); err != nil {
		return err
	}
	g := set.GovUK
	one, err := NewGovUK(GovUKConfig{
		Base: g.Base, Key: key, SMSTemplate: g.SMSTemplate, EmailTemplate: g.EmailTemplate, SMSSender: g.SMSSender,
		EmailReplyTo: g.EmailReplyTo, Postage: g.Postage, Transport: transport,
	})
	if err != nil {
		return err
	}
	if g.SMSTemplate != "" {
		s[SMS] = one
	}
	if g.EmailTemplate != "" {
		s[Email] = one
	}
	if g.Letters {
		s[Letter] = one
	}
	return nil
}

func (set Settings) nhs(dir string, ods ident.ODS, s Senders, c *Callback, transport http.RoundTripper) error {
	app, err := secretFile(filepath.Join(dir, "nhs-app.key"))
	if err != nil {
		return err
	}
	key, err := rsaKey(filepath.Join(dir, "nhs.pem"))
	if err != nil {
		return err
	}
	secret, err := secretFile(filepath.Join(dir, "nhs-callback.key"))
	if err != nil {
		return err
	}
	c.APIKey, c.Secret = app, []byte(secret)
	plans := map[Medium]string{}
	for m, plan := range set.NHS.Plans {
		plans[Medium(m)] = plan
	}
	one, err := NewNHS(NHSConfig{Base: set.NHS.Base, App: app, KeyID: set.NHS.KeyID, Key: key, ODS: string(ods), Plans: plans, Transport: transport})
	if err != nil {
		return err
	}
	for m := range plans {
		s[m] = one
	}
	return nil
}

// secretFile reads a secret that nobody else may read.
func secretFile(path string) (string, error) {
	b, err := atomicfile.ReadPrivate(path)
	s := strings.TrimSpace(string(b))
	if err == nil && s == "" {
		err = errors.New("is empty")
	}
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "The key file %s cannot be used.", filepath.Base(path))
	}
	return s, nil
}

func rsaKey(path string) (*rsa.PrivateKey, error) {
	text, err := secretFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fault.New(fault.Invalid, "The key file %s is not a key.", filepath.Base(path))
	}
	if k, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return k, nil
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if r, ok := k.(*rsa.PrivateKey); err == nil && ok {
		return r, nil
	}
	return nil, fault.Wrap(err, fault.Invalid, "The key file %s is not an RSA key.", filepath.Base(path))
}
