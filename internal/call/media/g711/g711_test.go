package g711

import (
	"testing"

	"pgregory.net/rapid"
)

// Decision values and outputs of ITU-T G.711 tables 1 and 2, scaled to 16
// bits as G.191 does (A-law ×8 from 13 bits, µ-law ×4 from 14 bits).
func TestKnownValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		law  Law
		code byte
		want int16
	}{
		{A, 0xd5, 8},
		{A, 0x55, -8}, // the smallest of each sign
		{A, 0xaa, 32256},
		{A, 0x2a, -32256}, // the largest: 4032 × 8
		{A, 0xd4, 24},
		{A, 0xc5, 264}, // the second step; the first of segment 2
		{Mu, 0xff, 0},
		{Mu, 0x7f, 0},
		{Mu, 0x80, 32124},
		{Mu, 0x00, -32124}, // 8031 × 4
		{Mu, 0xfe, 8},
		{Mu, 0xf0, 120},
		{Mu, 0xef, 132},
	} {
		var got [1]int16
		c.law.Decode(got[:], []byte{c.code})
		if got[0] != c.want {
			t.Errorf("%s %#x decodes to %d, want %d", c.law, c.code, got[0], c.want)
		}
	}
	if A.Silence() != 0xd5 || Mu.Silence() != 0xff {
		t.Errorf("silence is %#x and %#x", A.Silence(), Mu.Silence())
	}
}

func TestEveryCodeComesBack(t *testing.T) {
	t.Parallel()
	for _, law := range []Law{A, Mu} {
		for c := range 256 {
			code, back := []byte{byte(c)}, []byte{0}
			pcm := []int16{0}
			law.Decode(pcm, code)
			law.Encode(back, pcm)
			if back[0] != code[0] && pcm[0] != 0 { // µ-law has two zeros
				t.Errorf("%s %#x comes back as %#x", law, code[0], back[0])
			}
		}
	}
}

// TestEveryDecisionValue holds each of the 65,536 samples to the nearest code:
// what is decoded lies within half a step of what was said.
func TestEveryDecisionValue(t *testing.T) {
	t.Parallel()
	for law, steps := range map[Law][3]int{A: {16, 32635, 0}, Mu: {8, 32635, 4 * bias}} {
		last := int16(-32768)
		for s := -32768; s <= 32767; s++ {
			code, pcm := []byte{0}, []int16{0}
			law.Encode(code, []int16{int16(s)})
			law.Decode(pcm, code)
			if pcm[0] < last {
				t.Fatalf("%s: %d decodes to %d, less than its smaller neighbour's %d", law, s, pcm[0], last)
			}
			last = pcm[0]
			if step := max(steps[0], (abs(s)+steps[2])/16); abs(s) < steps[1] && abs(int(pcm[0])-s) > step/2+4 {
				t.Fatalf("%s: %d comes back as %d, more than half a step off", law, s, pcm[0])
			}
		}
	}
}

func abs(x int) int { return max(x, -x) }

func TestTranslate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := Law(rapid.IntRange(0, 1).Draw(t, "from"))
		to := Law(rapid.IntRange(0, 1).Draw(t, "to"))
		src := rapid.SliceOf(rapid.Byte()).Draw(t, "codes")
		got, want, pcm := make([]byte, len(src)), make([]byte, len(src)), make([]int16, len(src))
		from.Translate(got, src, to)
		from.Decode(pcm, src)
		to.Encode(want, pcm)
		for i := range want {
			if got[i] != want[i] && pcm[i] != 0 {
				t.Fatalf("%s %#x is %#x in %s, want %#x", from, src[i], got[i], to, want[i])
			}
		}
	})
}

func TestAllocatesNothing(t *testing.T) {
	codes, pcm := make([]byte, 160), make([]int16, 160)
	if n := testing.AllocsPerRun(100, func() {
		A.Decode(pcm, codes)
		Mu.Encode(codes, pcm)
		Mu.Translate(codes, codes, A)
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func TestALawIsTheNearest(t *testing.T) {
	toLinear := func(b byte) int16 {
		var pcm [1]int16
		A.Decode(pcm[:], []byte{b})
		return pcm[0]
	}
	toALaw := func(v int16) byte {
		var b [1]byte
		A.Encode(b[:], []int16{v})
		return b[0]
	}
	for v := -32768; v <= 32767; v++ {
		got := int(toLinear(toALaw(int16(v))))
		// A step is a sixteenth of its stretch, at least 16: half of that may be off.
		size := max(v, -v)
		half := 8
		for s := 512; s <= size; s *= 2 {
			half *= 2
		}
		if d := got - v; d > half || d < -half {
			t.Fatalf("%d came back as %d", v, got)
		}
	}
	for b := range 256 {
		if got := toALaw(toLinear(byte(b))); got != byte(b) {
			t.Errorf("%#x came back as %#x", b, got)
		}
	}
}
