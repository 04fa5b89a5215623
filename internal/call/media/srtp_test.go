package media

import (
	"bytes"
	"testing"

	"github.com/pion/rtp"

	"heartwood/internal/call/media/g711"
	"heartwood/internal/call/media/udp"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
)

func testKeys(short bool) *Keys {
	return &Keys{Short: short, Send: bytes.Repeat([]byte{1}, 30), Receive: bytes.Repeat([]byte{2}, 30)}
}

// flip is the keys as the other end has them.
func flip(k *Keys) *Keys { return &Keys{Short: k.Short, Send: k.Receive, Receive: k.Send} }

func TestSRTP(t *testing.T) {
	t.Parallel()
	hazard.Covers(t, "H-053")
	for _, short := range []bool{false, true} {
		l, m := still(t, testKeys(short))
		other, err := newCipher(flip(testKeys(short)), nil)
		if err != nil {
			t.Fatal(err)
		}
		s := new(scratch)
		clear := rtpPacket(typePCMA, 1, 160, 5, noteFrame(g711.A, 500, 0))
		sealed := bytes.Clone(other.seal(clear))
		if want := len(clear) + map[bool]int{false: 10, true: 4}[short]; len(sealed) != want {
			t.Errorf("short %v: %d bytes are sealed to %d, want %d", short, len(clear), len(sealed), want)
		}
		l.take(s, m, &udp.Packet{Data: bytes.Clone(sealed), From: signalled})
		if q := l.Quality(); q.Received != 1 {
			t.Fatalf("short %v: a sealed packet is not heard: %+v", short, q)
		}
		before := stateOf(l)
		forged := bytes.Clone(other.seal(rtpPacket(typePCMA, 2, 320, 5, noteFrame(g711.A, 500, 0))))
		forged[20] ^= 1
		for what, b := range map[string][]byte{"in the clear": clear, "played again": bytes.Clone(sealed), "forged": forged} {
			l.take(s, m, &udp.Packet{Data: b, From: signalled})
			if stateOf(l) != before {
				t.Errorf("short %v: a packet %s changed the leg", short, what)
			}
		}
	}
}

func TestSRTPBothWays(t *testing.T) {
	t.Parallel()
	a, err := newCipher(testKeys(false), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := newCipher(flip(testKeys(false)), nil)
	if err != nil {
		t.Fatal(err)
	}
	for seq := range uint16(300) {
		clear := rtpPacket(typePCMA, seq-100, 160, 5, []byte{1, 2, 3})
		if got := b.open(a.seal(clear), new(rtp.Header)); !bytes.Equal(got, clear) {
			t.Fatalf("packet %d comes out as %x", seq, got)
		}
	}
	report := []byte{0x80, 201, 0, 1, 0, 0, 0, 5}
	if got, ok := b.openReport(a.sealReport(report)); !ok || !bytes.Equal(got, report) {
		t.Errorf("a report comes out as %x", got)
	}
	if _, ok := b.openReport(report); ok {
		t.Error("a report in the clear is taken")
	}
}

func TestKeysThatStayKeepTheirCounters(t *testing.T) {
	t.Parallel()
	l, _ := still(t, testKeys(false))
	before := l.cipher
	again := Remote{Addr: elsewhere, Keys: testKeys(false)}
	connect := func() *cipher {
		t.Helper()
		if err := l.Connect(again); err != nil {
			t.Fatal(err)
		}
		return l.cipher
	}
	if c := connect(); c.send != before.send || c.receive != before.receive {
		t.Error("the same keys began to count anew")
	}
	again.Keys.Receive = bytes.Repeat([]byte{3}, 30)
	if c := connect(); c.send != before.send || c.receive == before.receive {
		t.Error("of a key that stayed and one that did not, each is not as it should be")
	}
	again.Keys.Short = true
	last := connect()
	if last.send == before.send {
		t.Error("another suite was not taken")
	}
	again.Keys = &Keys{Send: []byte("short"), Receive: make([]byte, 30)}
	if err := l.Connect(again); !fault.Is(err, fault.Invalid) || l.cipher != last {
		t.Errorf("a short key gives %v, and must leave the call sealed as it was", err)
	}
	again.Keys = nil
	if connect() != nil {
		t.Error("a call in the clear is sealed")
	}
}

func TestSealingAllocates(t *testing.T) {
	a, _ := newCipher(testKeys(false), nil)
	b, _ := newCipher(flip(testKeys(false)), nil)
	clear, h := rtpPacket(typePCMA, 0, 160, 5, make([]byte, FrameSize)), new(rtp.Header)
	seq := uint16(0)
	n := testing.AllocsPerRun(1000, func() {
		seq++
		clear[2], clear[3] = byte(seq>>8), byte(seq)
		b.open(a.seal(clear), h)
	})
	t.Logf("%v allocations to seal and open a packet", n)
	if n > 4 {
		t.Errorf("%v allocations to seal and open a packet", n)
	}
}
