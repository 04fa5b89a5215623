package sip

import (
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"heartwood/internal/hazard"
)

// datagrams is how much garbage is sent: all of it without the race detector,
// which makes everything ten times slower.
func datagrams() int {
	if testing.Short() || racing {
		return 10_000
	}
	return 100_000
}

// TestGarbageChangesNothing sends what is broken in every way from a trunk's
// own address, where nothing is filtered, and from a stranger's. Then a proper
// call is answered, and nothing is left of the rest.
func TestGarbageChangesNothing(t *testing.T) {
	hazard.Covers(t, "H-060")
	s, calls := at127(t, func(c *Config) { c.Calls = 5000 })
	ended := make(chan int)
	stop := make(chan struct{})
	go func() { ended <- rejectAll(calls, stop) }()
	trunk, stranger := peerAt(t, "127.0.0.1", s), peerAt(t, "127.0.0.2", s)
	rng := rand.New(rand.NewPCG(1, 2)) // the same garbage every time
	valid := specimens(trunk)
	for i := range datagrams() {
		fresh := strings.NewReplacer("tag=theirs", fmt.Sprint("tag=t", i), "branch=z9hG4bK", fmt.Sprint("branch=z9hG4bK", i, "."))
		b := broken(rng, fresh.Replace(valid[rng.IntN(len(valid))]))
		p := trunk
		if i%10 == 0 {
			p = stranger
		}
		if len(b) > 0 {
			p.conn.WriteTo(b, p.server)
		}
		if i%100 == 0 {
			alive(t, trunk)
		}
	}
	close(stop)
	t.Logf("%d pieces of garbage were calls all the same, and refused", <-ended)
	_, _ = proper(t, s, calls)
	for deadline := time.Now().Add(time.Minute); len(s.calls.all()) > 0; {
		if time.Now().After(deadline) {
			t.Fatalf("%d calls are left", len(s.calls.all()))
		}
		runtime.Gosched()
		time.Sleep(10 * time.Millisecond)
	}
}

func rejectAll(calls <-chan *Call, stop <-chan struct{}) (n int) {
	for {
		select {
		case c := <-calls:
			n++
			_ = c.Reject(486)
		case <-stop:
			return n
		}
	}
}

// proper makes a call as it ought to be, and hangs up. Calls that garbage
// began are refused on the way.
func proper(t *testing.T, s *Server, calls <-chan *Call) (*Call, *peer) {
	t.Helper()
	p := peerAt(t, "127.0.0.1", s)
	invite := p.message("INVITE", plainOffer, "From: \"Proper\" <sip:+447700900124@x>;tag=proper")
	p.send(invite)
	for {
		c := next(t, calls)
		if c.From().Name != "Proper" {
			_ = c.Reject(486)
			continue
		}
		must(t, c.Answer(audio(30000)))
		r := p.answer("INVITE")
		p.ack(invite, r)
		event[Answered](t, c)
		p.send(p.message("BYE", "", "From: <sip:+447700900124@x>;tag=proper", tagged(r)))
		if b := p.answer("BYE"); b.StatusCode != 200 {
			t.Errorf("BYE: %d", b.StatusCode)
		}
		event[Ended](t, c)
		return c, p
	}
}

// alive waits until the server has read what was sent, and answers.
func alive(t *testing.T, p *peer) {
	t.Helper()
	for range 100 {
		m := p.message("OPTIONS", "", "Call-ID: alive")
		p.send(m)
		for {
			b := make([]byte, 65536)
			p.conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
			n, _, err := p.conn.ReadFrom(b)
			if err != nil {
				break // it was lost: sockets do not keep everything
			}
			if r := string(b[:n]); strings.HasPrefix(r, "SIP/2.0 200") && strings.Contains(r, "Call-ID: alive") {
				return
			}
		}
	}
	t.Fatal("the server no longer answers")
}

// specimens are messages that are well.
func specimens(p *peer) []string {
	var all []string
	for _, m := range []string{"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "INFO", "UPDATE", "REFER", "NOTIFY", "PRACK", "MESSAGE", "SUBSCRIBE"} {
		all = append(all, p.message(m, plainOffer), p.message(m, "", "To: <sip:x@y>;tag=theirs", "Refer-To: <sip:+443069990123@x>", "Event: refer"))
	}
	answer := strings.Replace(p.message("INVITE", plainOffer), "INVITE sip:"+practice+"@heartwood SIP/2.0", "SIP/2.0 200 OK", 1)
	return append(all, answer, strings.Replace(answer, "200 OK", "401 Unauthorised\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"y\"", 1))
}

// broken is a message in which something is wrong, or noise.
func broken(rng *rand.Rand, m string) []byte {
	b := []byte(m)
	if rng.IntN(20) == 0 {
		b = make([]byte, rng.IntN(1500))
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return b
	}
	for range 1 + rng.IntN(6) {
		if len(b) == 0 {
			return b
		}
		at := rng.IntN(len(b))
		switch rng.IntN(7) {
		case 0:
			b[at] ^= 1 << rng.IntN(8)
		case 1:
			b[at] = byte(rng.Uint32())
		case 2:
			b = b[:at]
		case 3:
			b = append(b[:at:at], b[min(len(b), at+rng.IntN(40)):]...)
		case 4:
			b = append(b[:at:at], append([]byte(strings.Repeat(string(b[at]), rng.IntN(300))), b[at:]...)...)
		case 5:
			lines := strings.SplitAfter(string(b), "\r\n")
			i, j := rng.IntN(len(lines)), rng.IntN(len(lines))
			lines[i], lines[j] = lines[j], lines[i]
			b = []byte(strings.Join(lines, ""))
		case 6:
			odd := []string{"\x00", "\r\n", "\n", ";;;", "<>", "\"", "[::", "sip:", "%00", "4294967296", "-1", ",", "\xff\xfe", "é"}
			b = append(b[:at:at], append([]byte(odd[rng.IntN(len(odd))]), b[at:]...)...)
		}
	}
	return b
}

// TestGarbageByTCP does the same to streams, which have no ends to go on from:
// a broken one is closed.
func TestGarbageByTCP(t *testing.T) {
	hazard.Covers(t, "H-060")
	s, calls := at127(t, func(c *Config) { c.Listen.TCP = "127.0.0.1:0" })
	rng := rand.New(rand.NewPCG(3, 4))
	valid := specimens(peerAt(t, "127.0.0.1", s))
	for range 300 {
		c, err := net.Dial("tcp", s.Addr("tcp").String())
		must(t, err)
		for range 5 {
			c.Write(broken(rng, valid[rng.IntN(len(valid))]))
		}
		c.Close()
	}
	stranger, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).Dial("tcp", s.Addr("tcp").String())
	must(t, err)
	defer stranger.Close()
	if n, err := stranger.Read(make([]byte, 1)); n > 0 || err == nil {
		t.Error("a stranger's connection stays open")
	}
	proper(t, s, calls)
}
