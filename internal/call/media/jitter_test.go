package media

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// line plays a ramp that is sent in packets of size samples through a buffer,
// each packet late by delay(n) samples, and gives what was heard.
func line(b *buffer, packets, size int, delay func(n int) int) []int16 {
	type arrival struct{ when, n int }
	var come []arrival
	for n := range packets {
		if d := delay(n); d >= 0 {
			come = append(come, arrival{n*size + d, n})
		}
	}
	slices.SortStableFunc(come, func(a, b arrival) int { return a.when - b.when })
	var out []int16
	for now := 0; now < packets*size; now += FrameSize {
		for len(come) > 0 && come[0].when <= now {
			pcm := make([]int16, size)
			for i := range pcm {
				pcm[i] = int16(8000 * math.Sin(2*math.Pi*500*float64(come[0].n*size+i)/Rate))
			}
			b.push(uint32(come[0].n*size)+4_294_900_000, pcm)
			come = come[1:]
		}
		var f Frame
		b.pop(&f)
		out = append(out, f[:]...)
	}
	return out
}

// jumps counts places where a sound of 500 Hz goes on as it cannot.
func jumps(pcm []int16) (n int) {
	for i := 1; i < len(pcm); i++ {
		if d := int(pcm[i]) - int(pcm[i-1]); d > 4500 || d < -4500 {
			n++
		}
	}
	return n
}

func TestAnEvenLineIsHeardWhole(t *testing.T) {
	t.Parallel()
	for _, size := range []int{80, 160, 240, 320, 33} {
		var b buffer
		out := line(&b, 100*FrameSize/size, size, func(int) int { return 100 })
		if b.late != 0 || loud(out[1600:], 500) < 7500 || jumps(out[1600:]) != 0 {
			t.Errorf("packets of %d: %d late, tone at %.0f, %d jumps", size, b.late, loud(out[1600:], 500), jumps(out[1600:]))
		}
	}
}

func TestAnUnevenLine(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var b buffer
	uneven := func(int) int { return r.IntN(80 * Rate / 1000) } // up to 80 ms: order is lost too
	line(&b, 250, FrameSize, uneven)
	settled := b.late
	var late uint64
	out := line(&b, 2000, FrameSize, uneven) // begins anew, and adapts anew
	late = b.late - settled
	if late > 40 || loud(out[8000:16000], 500) < 5000 {
		t.Errorf("%d of 2,000 packets came too late", late)
	}
	if d := b.delay(); d > maxDelay {
		t.Errorf("the delay grew to %d samples", d)
	}
}

// TestTheDelayShrinksAgain has a second of bad line, and then a good one.
func TestTheDelayShrinksAgain(t *testing.T) {
	t.Parallel()
	var b buffer
	line(&b, 1500, FrameSize, func(n int) int {
		if n > 50 && n < 100 && n%5 == 0 {
			return 150 * Rate / 1000
		}
		return 0
	})
	if b.late == 0 || b.delay() > 3*margin+shrinkBy {
		t.Errorf("%d came late; half a minute later packets wait %d samples", b.late, b.delay())
	}
}

func TestLossIsConcealedAndFades(t *testing.T) {
	t.Parallel()
	var b buffer
	out := line(&b, 200, FrameSize, func(n int) int {
		if n%20 == 19 || n >= 150 && n < 170 {
			return -1
		}
		return 0
	})
	if j := jumps(out[1600:]); j > 2 {
		t.Errorf("there are %d clicks", j)
	}
	if one := out[19*FrameSize-4*FrameSize:][:8*FrameSize]; loud(one, 500) < 6000 {
		t.Errorf("one lost packet takes the tone down to %.0f", loud(one, 500))
	}
	if gap := out[160*FrameSize : 168*FrameSize]; loud(gap, 500) > 50 {
		t.Errorf("a long loss does not fade: %.0f", loud(gap, 500))
	}
}

// TestAnyPackets pushes whatever: the buffer stays within its bounds, and
// never gives out a hole.
func TestAnyPackets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var b buffer
		ts := rapid.Uint32().Draw(t, "start")
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "push") {
				step := rapid.OneOf(rapid.Int32Range(-3000, 3000), rapid.Int32()).Draw(t, "step")
				ts += uint32(step)
				b.push(ts, make([]int16, rapid.IntRange(1, maxPayload).Draw(t, "size")))
				continue
			}
			var f Frame
			b.pop(&f)
			if i := slices.Index(f[:], hole); i >= 0 {
				t.Fatalf("a hole is heard at %d", i)
			}
			if b.delay() > maxAhead {
				t.Fatalf("packets wait %d samples", b.delay())
			}
		}
	})
}

func TestBufferAllocatesNothing(t *testing.T) {
	var b buffer
	var f Frame
	pcm, ts := make([]int16, FrameSize), uint32(0)
	if n := testing.AllocsPerRun(1000, func() {
		if ts += FrameSize; ts%(7*FrameSize) != 0 {
			b.push(ts, pcm)
		}
		b.pop(&f)
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}
