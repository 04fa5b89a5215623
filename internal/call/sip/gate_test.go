package sip

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

func TestAStrangerLearnsNothing(t *testing.T) {
	s, calls := at127(t, nil)
	for i, number := range []string{practice, "+441632960999", "anything"} {
		stranger := peerAt(t, fmt.Sprintf("127.0.0.%d", 2+i), s)
		for _, method := range []string{"INVITE", "OPTIONS", "REGISTER", "BYE"} {
			stranger.send(stranger.message(method, "", "To: <sip:"+number+"@heartwood>"))
			if r := stranger.heard(20 * time.Second); r == nil || r.(*sip.Response).StatusCode != 403 {
				t.Errorf("%s to %s: %v", method, number, r)
			}
		}
	}
	if len(calls) > 0 {
		t.Error("a stranger's call came in")
	}
}

func TestAStrangerIsAnsweredSeldom(t *testing.T) {
	l, now, from := newLimiter(), time.Now(), netip.MustParseAddr("198.51.100.1")
	answered := 0
	for range 1000 {
		if l.allow(from, now) {
			answered++
		}
	}
	if answered != strangerBurst {
		t.Errorf("%d of 1000 were answered", answered)
	}
	if !l.allow(netip.MustParseAddr("198.51.100.2"), now) {
		t.Error("one stranger's noise silences another")
	}
	for i := range 2 * mostStrangers {
		l.allow(netip.AddrFrom4([4]byte{203, byte(i >> 16), byte(i >> 8), byte(i)}), now)
	}
	if len(l.each) > mostStrangers {
		t.Errorf("%d addresses are remembered", len(l.each))
	}
	same := netip.MustParseAddr("2001:db8::1")
	for range strangerBurst {
		l.all.AllowN(now.Add(time.Hour), 0)
		l.allow(same, now.Add(time.Hour))
	}
	if l.allow(netip.MustParseAddr("2001:db8::2"), now.Add(time.Hour)) {
		t.Error("another address of the same subscriber starts anew")
	}
}

func challenging(t *testing.T) func(*Config) {
	word := secret(t, "open-sesame")
	return func(c *Config) {
		c.Trunks[0].Allow, c.Trunks[0].Challenge = nil, true
		c.Trunks[0].Server, c.Trunks[0].User, c.Trunks[0].Secret = "127.0.0.9:9", "carrier", word
	}
}

func TestAStrangerProvesToBeATrunk(t *testing.T) {
	for _, algorithm := range algorithms {
		s, calls := at127(t, challenging(t))
		p := peerAt(t, "127.0.0.2", s)
		invite := p.message("INVITE", plainOffer)
		p.send(invite)
		asked := p.answer("INVITE")
		if asked.StatusCode != 401 {
			t.Fatalf("%d", asked.StatusCode)
		}
		proof := prove(t, asked, algorithm, "carrier", "open-sesame")
		p.send(p.message("INVITE", plainOffer, proof))
		c := next(t, calls)
		must(t, c.Reject(486))
		if r := p.answer("INVITE"); r.StatusCode != 486 {
			t.Errorf("%s: %d", algorithm, r.StatusCode)
		}
		other := peerAt(t, "127.0.0.3", s)
		other.send(other.message("INVITE", plainOffer, proof))
		if r := other.answer("INVITE"); r.StatusCode != 401 {
			t.Errorf("a proof that was overheard: %d", r.StatusCode)
		}
	}
}

func TestAWrongProofIsRefusedLikeAnUnknownName(t *testing.T) {
	s, _ := at127(t, challenging(t))
	for _, who := range []struct{ user, word string }{{"carrier", "wrong"}, {"nobody", "open-sesame"}} {
		p := peerAt(t, "127.0.0.2", s)
		p.send(p.message("INVITE", plainOffer))
		proof := prove(t, p.answer("INVITE"), "SHA-256", who.user, who.word)
		p.send(p.message("INVITE", plainOffer, proof))
		if r := p.answer("INVITE"); r.StatusCode != 403 {
			t.Errorf("%s: %d", who.user, r.StatusCode)
		}
	}
}

func prove(t *testing.T, asked *sip.Response, algorithm, user, word string) string {
	t.Helper()
	for _, h := range asked.GetHeaders("WWW-Authenticate") {
		c, err := digest.ParseChallenge(h.Value())
		must(t, err)
		if c.Algorithm == algorithm {
			d, err := digest.Digest(c, digest.Options{Method: "INVITE", URI: "sip:" + practice + "@heartwood", Username: user, Password: word})
			must(t, err)
			return "Authorization: " + d.String()
		}
	}
	t.Fatalf("not asked by %s", algorithm)
	return ""
}

func TestNoncesAreGoodOnce(t *testing.T) {
	n, now, from := newNonces(), time.Now(), netip.MustParseAddr("198.51.100.1")
	nonce := n.make(from, now)
	if n.take(nonce, 1, netip.MustParseAddr("198.51.100.2"), now) {
		t.Error("good for another address")
	}
	if !n.take(nonce, 1, from, now) || n.take(nonce, 1, from, now) || !n.take(nonce, 2, from, now) {
		t.Error("each count is good once")
	}
	if n.take(nonce, 3, from, now.Add(2*nonceFor)) || n.take("nonsense", 1, from, now) || n.take("", 1, from, now) {
		t.Error("old or made up")
	}
}
