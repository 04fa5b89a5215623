package access

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
	"time"

	"heartwood/internal/record"

	"github.com/fxamacker/cbor/v2"

	"heartwood/internal/fault"
)

// device is an authenticator in software: one P-256 key.
type device struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte // set when it is registered
	count   uint32
	origin  string
	unasked bool // it does not check who holds it
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id)
	return &device{t: t, key: key, id: id, origin: "https://care.example"}
}

type options struct {
	PublicKey struct {
		Challenge string
		RPID      string `json:"rpId"`
		RP        struct{ ID string }
		User      struct{ ID string }
	}
}

func (d *device) read(b []byte) (o options) {
	d.t.Helper()
	if err := json.Unmarshal(b, &o); err != nil {
		d.t.Fatal(err)
	}
	return o
}

var b64 = base64.RawURLEncoding.EncodeToString

func (d *device) clientData(kind, challenge string) []byte {
	b, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	return b
}

// authData is the authenticator's data: WebAuthn section 6.1.
func (d *device) authData(rp string, flags byte) []byte {
	h := sha256.Sum256([]byte(rp))
	if !d.unasked {
		flags |= 0x04
	}
	d.count++
	return binary.BigEndian.AppendUint32(append(h[:], flags|0x01), d.count)
}

func (d *device) cbor(v any) []byte {
	d.t.Helper()
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		d.t.Fatal(err)
	}
	b, err := mode.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

// create answers navigator.credentials.create.
func (d *device) create(opts []byte) []byte {
	d.t.Helper()
	o := d.read(opts)
	d.handle, _ = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	pub, err := d.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		d.t.Fatal(err)
	}
	data := d.authData(o.PublicKey.RP.ID, 0x40)
	data = append(data, make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(data, d.id...)
	data = append(data, d.cbor(map[int]any{1: 2, 3: -7, -1: 1, -2: pub[1:33], -3: pub[33:]})...)
	object := d.cbor(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	return d.answer(map[string]any{
		"attestationObject": b64(object), "clientDataJSON": b64(d.clientData("webauthn.create", o.PublicKey.Challenge)),
	})
}

// get answers navigator.credentials.get.
func (d *device) get(opts []byte) []byte {
	d.t.Helper()
	o := d.read(opts)
	data := d.authData(o.PublicKey.RPID, 0)
	client := d.clientData("webauthn.get", o.PublicKey.Challenge)
	ch := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte(nil), data...), ch[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{
		"authenticatorData": b64(data), "clientDataJSON": b64(client), "signature": b64(sig), "userHandle": b64(d.handle),
	})
}

func (d *device) answer(response map[string]any) []byte {
	b, _ := json.Marshal(map[string]any{
		"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	})
	return b
}

// withPasskey is an account that enrolled with a device.
func (h *house) withPasskey(r Role) (Account, *device) {
	h.Helper()
	a := h.add(here, r, "")
	link, err := h.accounts.Invite(h.ctx, record.System, here, a.ID)
	h.must(err)
	opts, sealed, err := h.accounts.BeginPasskey(a)
	h.must(err)
	d := newDevice(h.T)
	a, err = h.accounts.EnrolPasskey(h.ctx, linkValue(link), sealed, d.create(opts))
	h.must(err)
	_, err = h.accounts.OpenInvite(h.ctx, linkValue(link))
	h.refused(err, fault.Unauthenticated)
	return a, d
}

func (h *house) tryPasskey(d *device, change func(sealed string, answer []byte) (string, []byte)) (Account, error) {
	h.Helper()
	opts, sealed, err := h.accounts.BeginSignIn()
	h.must(err)
	answer := d.get(opts)
	if change != nil {
		sealed, answer = change(sealed, answer)
	}
	return h.accounts.CheckPasskey(h.ctx, sealed, answer, office)
}

func TestPasskeySignsIn(t *testing.T) {
	h := newHouse(t)
	a, d := h.withPasskey(Clinician)
	h.withPasskey(Clinician)
	var sealed string
	var answer []byte
	for range 2 {
		got, err := h.tryPasskey(d, func(s string, b []byte) (string, []byte) { sealed, answer = s, b; return s, b })
		h.must(err)
		if got.ID != a.ID {
			t.Errorf("signed in as %+v", got)
		}
	}
	_, err := h.accounts.CheckPasskey(h.ctx, sealed, answer, office)
	h.refused(err, fault.Unauthenticated) // replayed
}

func TestPasskeyRefusals(t *testing.T) {
	h := newHouse(t)
	_, d := h.withPasskey(Clinician)
	_, other := h.withPasskey(Manager)
	for name, try := range map[string]func() (Account, error){
		"another site": func() (Account, error) {
			d.origin = "https://care.example.evil.example"
			defer func() { d.origin = "https://care.example" }()
			return h.tryPasskey(d, nil)
		},
		"nobody checked": func() (Account, error) {
			d.unasked = true
			defer func() { d.unasked = false }()
			return h.tryPasskey(d, nil)
		},
		"another's challenge": func() (Account, error) {
			return h.tryPasskey(d, func(_ string, b []byte) (string, []byte) {
				_, s, _ := h.accounts.BeginSignIn()
				return s, b
			})
		},
		"a registration's cookie": func() (Account, error) {
			return h.tryPasskey(d, func(_ string, b []byte) (string, []byte) {
				_, s, _ := h.accounts.BeginPasskey(Account{Practice: here, ID: "x", Name: "N"})
				return s, b
			})
		},
		"somebody else's handle": func() (Account, error) {
			mine := d.handle
			d.handle = other.handle
			defer func() { d.handle = mine }()
			return h.tryPasskey(d, nil)
		},
		"nobody's handle": func() (Account, error) {
			mine := d.handle
			d.handle = []byte("Z99909/x")
			defer func() { d.handle = mine }()
			return h.tryPasskey(d, nil)
		},
		"too late": func() (Account, error) {
			return h.tryPasskey(d, func(s string, b []byte) (string, []byte) { h.pass(ceremonyFor); return s, b })
		},
		"a copy of the key": func() (Account, error) {
			d.count = 0
			defer func() { d.count = 100 }()
			return h.tryPasskey(d, nil)
		},
		"an unknown device": func() (Account, error) {
			stranger := newDevice(t)
			stranger.handle = d.handle
			return h.tryPasskey(stranger, nil)
		},
		"nonsense": func() (Account, error) {
			return h.tryPasskey(d, func(s string, _ []byte) (string, []byte) { return s, []byte(`{"id":1}`) })
		},
	} {
		if a, err := try(); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %+v, %v", name, a.ID, err)
		}
	}
	if _, err := h.tryPasskey(d, nil); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func TestPasskeysComeAndGo(t *testing.T) {
	h := newHouse(t)
	a := h.add(here, Patient, "pat@example.com")
	p := a.Person(ByLink, h.Now())
	d := newDevice(t)
	opts, sealed, err := h.accounts.BeginPasskey(a)
	h.must(err)
	h.must(h.accounts.AddPasskey(h.ctx, p, sealed, d.create(opts)))
	_, err = h.tryPasskey(d, nil)
	h.must(err)
	a, err = h.accounts.Get(h.ctx, here, a.ID)
	h.must(err)
	h.refused(h.accounts.RemovePasskey(h.ctx, p, "x"), fault.NotFound)
	h.must(h.accounts.RemovePasskey(h.ctx, p, PasskeyID(a.Passkeys[0])))
	_, err = h.tryPasskey(d, nil)
	h.refused(err, fault.Unauthenticated)
	_, _, err = h.accounts.BeginPasskey(Account{Passkeys: make([]Passkey, maxPasskeys)})
	h.refused(err, fault.Refused)
	_, err = h.accounts.Disable(h.ctx, record.System, here, a.ID, true)
	h.must(err)
	h.pass(time.Hour)
	h.start("http://192.0.2.1:8080")
	_, _, err = h.accounts.BeginSignIn()
	h.refused(err, fault.Unsupported)
	_, _, err = h.accounts.BeginPasskey(a)
	h.refused(err, fault.Unsupported)
	_, err = h.accounts.CheckPasskey(h.ctx, "", nil, office)
	h.refused(err, fault.Unauthenticated)
}

func TestAnInvitationReplacesWhatWasBefore(t *testing.T) {
	h := newHouse(t)
	a, _, _ := h.enrolled(here, Manager, "boss@example.com")
	invited := func() string {
		link, err := h.accounts.Invite(h.ctx, record.System, here, a.ID)
		h.must(err)
		return linkValue(link)
	}
	d := newDevice(t)
	opts, sealed, err := h.accounts.BeginPasskey(a)
	h.must(err)
	a, err = h.accounts.EnrolPasskey(h.ctx, invited(), sealed, d.create(opts))
	h.must(err)
	_, err = h.accounts.CheckPassword(h.ctx, "boss@example.com", goodPassword, office)
	h.refused(err, fault.Unauthenticated)
	_, err = h.tryPasskey(d, nil)
	h.must(err)
	a, err = h.accounts.Get(h.ctx, here, a.ID)
	h.must(err)
	e, err := h.accounts.NewEnrolment(a, "")
	h.must(err)
	_, _, err = h.accounts.Enrol(h.ctx, invited(), goodPassword, e.Sealed, h.codeFor(e.Secret))
	h.must(err)
	_, err = h.tryPasskey(d, nil)
	h.refused(err, fault.Unauthenticated)
	_, err = h.accounts.CheckPassword(h.ctx, "boss@example.com", goodPassword, office)
	h.must(err)
}
