package media

// concealer makes up sound for what did not come: the last period of the
// voice again and again, fading to silence in 60 ms, after the manner of
// ITU-T G.711 appendix I without its overlaps.
type concealer struct {
	last   Frame // what was heard last, concealment included
	cycle  [longestPeriod]int16
	period int // samples of cycle; 0 while nothing is missing
	phase  int
	faded  int // samples made up in a row
}

const (
	shortestPeriod = Rate / 200 // a high voice
	longestPeriod  = FrameSize / 2
	fadeOver       = 3 * FrameSize
	joinOver       = 16 // samples over which what comes again is faded in
)

// mend fills the holes of f, of which there are missing.
func (c *concealer) mend(f *Frame, missing int) {
	if missing > 0 || c.period > 0 {
		c.fillIn(f)
	}
	c.last = *f
}

func (c *concealer) fillIn(f *Frame) {
	joined := 0
	for i := range f {
		switch {
		case f[i] == hole:
			if c.period == 0 {
				c.begin(f, i)
			}
			f[i], joined = c.next(), 0
		case c.period > 0 && joined < joinOver:
			f[i] = int16((int(c.next())*(joinOver-joined) + int(f[i])*joined) / joinOver)
			joined++
		default:
			c.period = 0
		}
	}
}

// begin takes the last period before sample i of f.
func (c *concealer) begin(f *Frame, i int) {
	var before Frame
	copy(before[:], c.last[i:])
	copy(before[FrameSize-i:], f[:i])
	c.period, c.phase, c.faded = pitch(&before), 0, 0
	copy(c.cycle[:], before[FrameSize-c.period:])
}

// next is the next sample made up.
func (c *concealer) next() int16 {
	s := int(c.cycle[c.phase]) * max(fadeOver-c.faded, 0) / fadeOver
	c.faded++
	if c.phase++; c.phase == c.period {
		c.phase = 0
	}
	return int16(s)
}

// pitch is the lag at which the end of f is most like what was before it.
func pitch(f *Frame) int {
	best, period := 0.0, longestPeriod
	for lag := shortestPeriod; lag <= longestPeriod; lag++ {
		var like, power float64
		for i := FrameSize - longestPeriod; i < FrameSize; i++ {
			a, b := float64(f[i]), float64(f[i-lag])
			like += a * b
			power += b * b
		}
		if power > 0 && like > 0 && like*like/power > best {
			best, period = like*like/power, lag
		}
	}
	return period
}
