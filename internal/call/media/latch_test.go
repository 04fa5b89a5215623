package media

import (
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/hazard"
)

func at(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

var (
	signalled = at("192.0.2.1:4000")
	moved     = at("192.0.2.1:4999")    // another port of the same address
	elsewhere = at("198.51.100.7:5000") // behind NAT, or a stranger
	attacker  = at("203.0.113.9:6000")
)

func latched(anywhere bool, claims ...claim) *latch {
	l := new(latch)
	l.set(signalled, anywhere)
	for _, c := range claims {
		l.admit(c, 0)
	}
	return l
}

func TestLatch(t *testing.T) {
	t.Parallel()
	hazard.Covers(t, "H-053")
	from := func(a netip.AddrPort, seq uint16) claim { return claim{from: a, ssrc: 1, seq: seq} }
	row := func(a netip.AddrPort, ssrc uint32, seq uint16) []claim {
		return []claim{{a, ssrc, seq, false}, {a, ssrc, seq + 1, false}, {a, ssrc, seq + 2, false}}
	}
	for _, c := range []struct {
		name   string
		before *latch
		after  time.Duration
		say    []claim
		want   netip.AddrPort // where packets go then
	}{
		{"as signalled", latched(false), 0, []claim{from(signalled, 1)}, signalled},
		{"another port at first", latched(false), 0, []claim{from(moved, 1)}, moved},
		{"another address where it is not allowed", latched(false), 0, row(elsewhere, 1, 1), signalled},
		{"another address where it is", latched(true), 0, row(elsewhere, 1, 1), elsewhere},
		{"too few packets of another address", latched(true), 0, row(elsewhere, 1, 1)[:2], signalled},
		{"packets not in a row", latched(true), 0, []claim{from(elsewhere, 1), from(elsewhere, 2), from(elsewhere, 9)}, signalled},
		{"another address after the signalled one", latched(true, from(signalled, 1)), 0, row(elsewhere, 1, 2), signalled},
		{"a stranger after a long silence", latched(true, from(signalled, 1)), time.Minute, row(attacker, 2, 2), signalled},
		{"a stranger who guessed the source", latched(true, from(signalled, 1)), time.Minute, row(attacker, 1, 40000), signalled},
		{"the same one from elsewhere, too soon", latched(true, from(signalled, 1)), time.Second, row(elsewhere, 1, 2), signalled},
		{"the same one from elsewhere", latched(true, from(signalled, 1)), 3 * time.Second, row(elsewhere, 1, 99), elsewhere},
		{"the same one from elsewhere where it is not allowed", latched(false, from(signalled, 1)), 3 * time.Second, row(elsewhere, 1, 99), signalled},
		{"the signalled one comes after another", latched(true, row(attacker, 1, 1)...), 0, []claim{from(signalled, 7)}, signalled},
		{"proven, from elsewhere", latched(false, from(signalled, 1)), 0, []claim{{elsewhere, 1, 2, true}}, elsewhere},
		{"proven, but old", latched(false, from(signalled, 9)), 0, []claim{{elsewhere, 1, 9, true}}, signalled},
		{"proven, at first, where it is not allowed", latched(false), 0, []claim{{elsewhere, 1, 2, true}}, signalled},
	} {
		for _, p := range c.say {
			c.before.admit(p, c.after)
		}
		if c.before.to != c.want {
			t.Errorf("%s: packets go to %v, want %v", c.name, c.before.to, c.want)
		}
	}
}

// TestAStrangerIsNeverLatched sends whatever a stranger may who cannot see
// the call, among the packets of a call that goes on.
func TestAStrangerIsNeverLatched(t *testing.T) {
	t.Parallel()
	hazard.Covers(t, "H-053")
	rapid.Check(t, func(t *rapid.T) {
		l := latched(rapid.Bool().Draw(t, "anywhere"), claim{from: signalled, ssrc: 1, seq: 0})
		now := time.Duration(0)
		for seq := range uint16(rapid.IntRange(1, 50).Draw(t, "packets")) {
			now += time.Duration(rapid.IntRange(0, 1900).Draw(t, "ms")) * time.Millisecond
			for range rapid.IntRange(0, 5).Draw(t, "strange") {
				c := claim{attacker, rapid.Uint32Range(0, 3).Draw(t, "ssrc"), rapid.Uint16().Draw(t, "seq"), false}
				if l.admit(c, now) {
					t.Fatalf("a stranger is heard: %v", c)
				}
			}
			if !l.admit(claim{from: signalled, ssrc: 1, seq: seq}, now) || l.to != signalled {
				t.Fatal("the call was lost to a stranger")
			}
		}
	})
}

func TestSignallingThatStaysKeepsTheLatch(t *testing.T) {
	t.Parallel()
	l := latched(false, claim{from: moved})
	l.set(signalled, false)
	if l.to != moved {
		t.Errorf("said again, packets go to %v", l.to)
	}
	l.set(elsewhere, false)
	if l.to != elsewhere || l.taken {
		t.Errorf("said anew, packets go to %v", l.to)
	}
}
