package sip

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"heartwood/internal/fault"
)

// towardsPeer is a server with one trunk, or several, that are peers of the test.
func towardsPeer(t *testing.T, n int, change func(*Config)) (*Server, []*peer) {
	t.Helper()
	var peers []*peer
	conf := Config{Listen: Listen{UDP: "127.0.0.1:0"}, KeepAlive: time.Hour, Patience: time.Second}
	for i := range n {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		must(t, err)
		t.Cleanup(func() { c.Close() })
		peers = append(peers, &peer{t: t, conn: c})
		conf.Trunks = append(conf.Trunks, Trunk{Name: string(rune('a' + i)), Server: c.LocalAddr().String(), User: "practice", Secret: secret(t, "open-sesame")})
	}
	if change != nil {
		change(&conf)
	}
	s, _ := running(t, conf)
	for _, p := range peers {
		p.server = s.Addr("udp")
	}
	return s, peers
}

// eventually waits until something holds.
func eventually(t *testing.T, why string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(why)
		}
	}
}

func TestATrunkRegistersAndRefreshes(t *testing.T) {
	for _, algorithm := range []string{"MD5", "SHA-256"} {
		s, peers := towardsPeer(t, 1, func(c *Config) { c.Trunks[0].Register, c.Trunks[0].Expires = true, time.Minute })
		p := peers[0]
		asked := digest.Challenge{Realm: "carrier", Nonce: "n1", Algorithm: algorithm, QOP: []string{"auth"}}
		r := p.request("REGISTER")
		p.reply(r, 401, "WWW-Authenticate: "+asked.String())
		r = p.request("REGISTER")
		proof, err := digest.ParseCredentials(r.GetHeader("Authorization").Value())
		must(t, err)
		want, err := digest.Digest(&asked, digest.Options{Method: "REGISTER", URI: proof.URI, Username: "practice", Password: "open-sesame", Cnonce: proof.Cnonce, Count: proof.Nc})
		must(t, err)
		if proof.Response != want.Response || r.GetHeader("Expires").Value() != "60" {
			t.Errorf("%s: %s", algorithm, r)
		}
		contact := r.Contact().Clone()
		contact.Params.Add("expires", "1")
		p.reply(r, 200, contact.String())
		p.reply(p.request("OPTIONS"), 200)
		eventually(t, "it is not up", func() bool { return s.State()[0].Up && s.State()[0].Registered })
		again := p.request("REGISTER")
		if again.CallID().Value() != r.CallID().Value() || again.CSeq().SeqNo <= r.CSeq().SeqNo {
			t.Errorf("%s does not refresh %s", again, r)
		}
		p.reply(again, 403)
		eventually(t, "it is still up, or down for another reason", func() bool {
			switch r := p.heard(20 * time.Second).(type) {
			case *sip.Request:
				p.reply(r, map[sip.RequestMethod]int{sip.OPTIONS: 200, sip.REGISTER: 403}[r.Method])
			case nil:
				t.Fatal("nothing more is heard of it")
			}
			return !s.State()[0].Up && strings.Contains(s.State()[0].Why, "403")
		})
	}
}

func TestBackOff(t *testing.T) {
	last := time.Duration(0)
	for i := 1; i < 100; i++ {
		d := backOff(i, 1)
		if d < last || d > 5*time.Minute || backOff(i, 0) < d/2 {
			t.Errorf("after %d failures %v", i, d)
		}
		last = d
	}
	if backOff(1, 1) != 2*time.Second || last != 5*time.Minute {
		t.Errorf("from %v to %v", backOff(1, 1), last)
	}
}

func TestATrunkThatDoesNotAnswerIsDown(t *testing.T) {
	s, peers := towardsPeer(t, 1, func(c *Config) { c.KeepAlive, c.Patience = 50*time.Millisecond, 300*time.Millisecond })
	p := peers[0]
	for _, up := range []bool{true, false, true} {
		eventually(t, "the state does not change", func() bool {
			if up {
				p.reply(p.request("OPTIONS"), 404) // it is there
			}
			return s.State()[0].Up == up
		})
	}
	p.reply(p.request("OPTIONS"), 200)
}

func TestACallGoesOnByTheNextTrunk(t *testing.T) {
	for _, c := range []struct {
		why    string
		refuse func(*peer)
	}{
		{"refused", func(p *peer) { p.reply(p.request("INVITE"), 503) }},
		{"silent", func(*peer) {}},
		{"slow", func(p *peer) { p.reply(p.request("INVITE"), 500) }},
	} {
		s, peers := towardsPeer(t, 2, nil)
		call, err := s.Dial(t.Context(), Outgoing{To: "07700 900123", From: practice, Media: audio(30000), Trunks: []string{"a", "b"}})
		must(t, err)
		c.refuse(peers[0])
		invite := peers[1].request("INVITE")
		peers[1].reply(invite, 180)
		event[Ringing](t, call)
		answer(peers[1], invite, plainOffer)
		if m := event[Answered](t, call).Media; m.Addr.Port() != 40000 || call.Trunk() != "b" {
			t.Errorf("%s: %+v by %s", c.why, m, call.Trunk())
		}
		peers[1].request("ACK")
		call.Hang()
		peers[1].reply(peers[1].request("BYE"), 200)
		event[Ended](t, call)
	}
}

// answer takes a call of the server's with a description.
func answer(p *peer, invite *sip.Request, body string) *sip.Response {
	res := sip.NewResponseFromRequest(invite, 200, "OK", []byte(body))
	res.AppendHeader(sip.NewHeader("Contact", "<sip:"+p.conn.LocalAddr().String()+">"))
	res.AppendHeader(sip.NewHeader("Content-Type", mimeSDP))
	p.send(res.String())
	return res
}

func TestARefusedNumberIsNotTriedElsewhere(t *testing.T) {
	for _, code := range []int{302, 404, 486, 603} {
		s, peers := towardsPeer(t, 2, nil)
		call, err := s.Dial(t.Context(), Outgoing{To: "07700 900123", From: practice, Media: audio(30000), Trunks: []string{"a", "b"}})
		must(t, err)
		peers[0].reply(peers[0].request("INVITE"), code, "Contact: <sip:+449098790123@127.0.0.1>")
		if e := event[Ended](t, call); e.Code != code || e.By != Them {
			t.Errorf("%d: %+v", code, e)
		}
		for m := peers[1].heard(200 * time.Millisecond); m != nil; m = peers[1].heard(200 * time.Millisecond) {
			if r, ok := m.(*sip.Request); ok && r.IsInvite() {
				t.Errorf("after %d the call went on", code)
			}
		}
	}
}

func TestWeProveWhoWeAreForACall(t *testing.T) {
	s, peers := towardsPeer(t, 1, nil)
	p := peers[0]
	call, err := s.Dial(t.Context(), Outgoing{To: "07700 900123", From: practice, Withheld: true, Media: audio(30000)})
	must(t, err)
	first := p.request("INVITE")
	asked := digest.Challenge{Realm: "carrier", Nonce: "n1", QOP: []string{"auth"}}
	p.reply(first, 407, "Proxy-Authenticate: "+asked.String())
	second := p.request("INVITE")
	for second.CSeq().SeqNo == first.CSeq().SeqNo {
		second = p.request("INVITE")
	}
	if second.GetHeader("Proxy-Authorization") == nil || second.CallID().Value() != first.CallID().Value() {
		t.Errorf("%s", second)
	}
	if second.From().Address.Host != "anonymous.invalid" || second.GetHeader("Privacy").Value() != "id" || strings.Contains(second.From().String(), "1632960001") {
		t.Errorf("%s", second)
	}
	answer(p, second, plainOffer)
	event[Answered](t, call)
	if ack := p.request("ACK"); ack.GetHeader("Proxy-Authorization") == nil {
		for ack.CSeq().SeqNo != second.CSeq().SeqNo {
			ack = p.request("ACK")
		}
	}
}

func TestACallThatIsGivenUp(t *testing.T) {
	s, peers := towardsPeer(t, 1, nil)
	p := peers[0]
	dial := func() (*Call, *sip.Request) {
		call, err := s.Dial(t.Context(), Outgoing{To: "07700 900123", From: practice, Media: audio(30000)})
		must(t, err)
		return call, p.request("INVITE")
	}
	call, invite := dial()
	p.reply(invite, 180)
	event[Ringing](t, call)
	call.Hang()
	if e := event[Ended](t, call); e.By != Us || e.Code != 487 {
		t.Errorf("%+v", e)
	}
	cancel := p.request("CANCEL")
	if branch(cancel) != branch(invite) {
		t.Errorf("%s does not cancel %s", cancel, invite)
	}
	p.reply(cancel, 200)
	answer(p, invite, plainOffer) // they answered at the same moment
	p.request("ACK")
	p.reply(p.request("BYE"), 200)

	call, invite = dial() // given up before anything was heard
	call.Hang()
	event[Ended](t, call)
	p.reply(invite, 100)
	p.reply(p.request("CANCEL"), 200)
	p.reply(invite, 487)
}

func branch(r *sip.Request) string {
	b, _ := r.Via().Params.Get("branch")
	return b
}

func TestWhatMayNotBeDialled(t *testing.T) {
	s, _ := towardsPeer(t, 1, nil)
	for why, o := range map[string]Outgoing{
		"abroad":                    {To: "+33140000000", From: practice, Media: audio(30000)},
		"a number that is not ours": {To: "07700 900123", From: patient, Media: audio(30000)},
		"nowhere to send the audio": {To: "07700 900123", From: practice},
		"a trunk that there is not": {To: "07700 900123", From: practice, Media: audio(30000), Trunks: []string{"z"}},
	} {
		if _, err := s.Dial(t.Context(), o); fault.KindOf(err) == fault.Internal {
			t.Errorf("%s: %v", why, err)
		}
	}
}

func TestAnEncryptedTrunkByTLS(t *testing.T) {
	certificate, roots := certified(t)
	a, b := freeUDP(t), freeUDP(t)
	trunk := func(name, at string) []Trunk {
		return []Trunk{{Name: name, Server: at, Transport: "tls", SRTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}}
	}
	server := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	client := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	_, arriving := running(t, Config{Listen: Listen{TLS: a}, Trunks: trunk("carrier", b), Server: server, Client: client})
	theirs, _ := running(t, Config{Listen: Listen{TLS: b}, Trunks: trunk("practice", a), Server: server, Client: client, Ours: func(string) bool { return true }})
	m := audio(40000)
	if _, err := theirs.Dial(t.Context(), Outgoing{To: practice, From: patient, Media: m}); err == nil {
		t.Error("a call without keys")
	}
	m.Crypto = NewSDES(1, Suites[1])
	them, err := theirs.Dial(t.Context(), Outgoing{To: practice, From: patient, Media: m})
	must(t, err)
	us := next(t, arriving)
	offer := us.Remote().Crypto
	if us.Answer(audio(30000)) == nil {
		t.Error("an answer without keys")
	}
	ours := audio(30000)
	ours.Crypto = NewSDES(9, offer.Suite)
	must(t, us.Answer(ours))
	event[Answered](t, us)
	got := event[Answered](t, them).Media.Crypto
	if *offer != *m.Crypto || got.key != ours.Crypto.key || got.Tag != 1 {
		t.Error("the keys are not the same on both sides")
	}
	us.Hang()
	event[Ended](t, them)
	event[Ended](t, us)
}

// certified is a certificate for 127.0.0.1 and what vouches for it.
func certified(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func TestKeysAreOnlySentByTLS(t *testing.T) {
	_, err := New(Config{Listen: Listen{UDP: "127.0.0.1:0"}, Trunks: []Trunk{{Name: "a", Server: "127.0.0.1", SRTP: true}}})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
}

func TestAnotherPhoneThatAnswersTooIsHungUp(t *testing.T) {
	s, peers := towardsPeer(t, 1, nil)
	p := peers[0]
	call, err := s.Dial(t.Context(), Outgoing{To: "07700 900123", From: practice, Media: audio(30000)})
	must(t, err)
	invite := p.request("INVITE")
	first := answer(p, invite, plainOffer)
	event[Answered](t, call)
	p.request("ACK")
	p.send(first.String()) // our ACK was lost
	if ack := p.request("ACK"); ack.To().String() != first.To().String() {
		t.Errorf("%s", ack)
	}
	second := answer(p, invite, plainOffer) // with a tag of its own
	if ack := p.request("ACK"); ack.To().String() != second.To().String() {
		t.Errorf("%s", ack)
	}
	bye := p.request("BYE")
	if bye.To().String() != second.To().String() {
		t.Errorf("%s", bye)
	}
	p.reply(bye, 200)
	if len(call.Events()) > 0 {
		t.Errorf("the call did not go on: %+v", <-call.Events())
	}
}

func TestACallBackToItselfIsALoop(t *testing.T) {
	s, peers := towardsPeer(t, 1, nil)
	p := peers[0]
	_, err := s.Dial(t.Context(), Outgoing{To: "07700 900123", From: practice, Media: audio(30000)})
	must(t, err)
	ours := p.request("INVITE")
	back := p.message("INVITE", plainOffer, "Call-ID: "+ours.CallID().Value())
	p.send(back)
	if r := p.answer("INVITE"); r.StatusCode != 482 {
		t.Errorf("%d", r.StatusCode)
	}
}
