package media

import "math"

// Bounds of the jitter buffer, in samples.
const (
	startDelay = 3 * FrameSize / 2 // how far behind the first packet playing starts
	maxDelay   = 10 * FrameSize    // the most it grows to: 200 ms
	margin     = FrameSize / 2     // kept in hand for packets that come later than any did
	shrinkBy   = FrameSize / 2
	maxAhead   = 2 * maxDelay  // more is a sender that began anew
	ringSize   = 4096          // at least maxAhead, a packet and a frame
	hole       = math.MinInt16 // no sample of G.711 is that loud
)

// buffer holds what came until it is time to play it, sample by sample at its
// place by the RTP timestamp, so that order and size of packets do not
// matter. Playing starts a little behind the first packet; a packet that
// comes too late sets playing back by as much, within bounds; a second in
// which all came early moves it on by 10 ms, faded over so that nobody hears
// it. That also follows a sender whose clock runs differently from ours.
type buffer struct {
	ring  [ringSize]int16
	play  uint32 // timestamp of the next sample to play
	end   uint32 // and of the first that nothing came for yet
	ready bool
	early extent // how early packets of this second came, in samples
	ago   extent // and of the last
	pops  int
	fill  concealer

	late, concealed uint64 // packets that came too late; frames that were made up
}

// extent is the least and the most of some figures.
type extent struct{ n, least, most int }

func (e *extent) add(v int) {
	if e.n == 0 {
		e.least, e.most = v, v
	}
	e.n++
	e.least, e.most = min(e.least, v), max(e.most, v)
}

func (e *extent) shift(by int) { e.least, e.most = e.least+by, e.most+by }

func (b *buffer) reset() {
	b.ready, b.pops, b.early, b.ago = false, 0, extent{}, extent{}
	b.fill = concealer{}
}

// start begins to play at a timestamp that is startDelay ahead.
func (b *buffer) start(ts uint32) {
	for i := range b.ring {
		b.ring[i] = hole
	}
	b.play, b.end, b.ready = ts-startDelay, ts, true
	b.pops, b.early, b.ago = 0, extent{}, extent{}
}

// push takes the samples of one packet.
func (b *buffer) push(ts uint32, samples []int16) {
	ahead := int(int32(ts - b.play))
	if !b.ready || ahead > maxAhead || ahead < -ringSize {
		b.start(ts)
		ahead = startDelay
	}
	if ahead < 0 {
		ahead = b.tooLate(ahead)
	}
	b.early.add(ahead)
	for i := max(0, -ahead); i < len(samples); i++ {
		b.ring[(ts+uint32(i))%ringSize] = samples[i]
	}
	if end := ts + uint32(len(samples)); int32(end-b.end) > 0 {
		b.end = end
	}
}

// tooLate sets playing back for a packet that came -ahead samples too late,
// as far as the bounds allow, and gives how early it is then.
func (b *buffer) tooLate(ahead int) int {
	b.late++
	most := max(b.early.most, b.ago.most, 0)
	back := min(margin-ahead, maxDelay-most)
	if back <= 0 {
		return ahead
	}
	b.play -= uint32(back)
	for i := range back {
		b.ring[(b.play+uint32(i))%ringSize] = hole
	}
	b.early.shift(back)
	b.ago.shift(back)
	return ahead + back
}

// pop gives the next 20 ms to play: what came, or what it may have been.
func (b *buffer) pop(f *Frame) {
	if !b.ready {
		*f = Frame{}
		return
	}
	b.turn()
	missing := b.read(f)
	if missing > 0 {
		b.concealed++
	}
	b.fill.mend(f, missing)
	if int32(b.play-b.end) > Rate { // silent for a second: begin anew when more comes
		b.reset()
	}
}

// read takes a frame from the ring, with holes where nothing came.
func (b *buffer) read(f *Frame) (missing int) {
	for i := range f {
		at := &b.ring[(b.play+uint32(i))%ringSize]
		f[i], *at = *at, hole
		if f[i] == hole {
			missing++
		}
	}
	b.play += FrameSize
	return missing
}

// turn looks back each second, and shortens a delay that nobody needed.
func (b *buffer) turn() {
	if b.pops++; b.pops < 50 {
		return
	}
	if b.early.n >= 10 && b.early.least >= margin+shrinkBy && (b.ago.n == 0 || b.ago.least >= margin+shrinkBy) && b.shrink() {
		b.early.shift(-shrinkBy)
	}
	b.ago, b.early, b.pops = b.early, extent{}, 0
}

// shrink drops shrinkBy samples, fading over from before to after them.
func (b *buffer) shrink() bool {
	for i := range uint32(2 * shrinkBy) {
		if b.ring[(b.play+i)%ringSize] == hole {
			return false
		}
	}
	for i := range uint32(shrinkBy) {
		old, to := &b.ring[(b.play+i)%ringSize], &b.ring[(b.play+shrinkBy+i)%ringSize]
		*to = int16((int(*old)*int(shrinkBy-i) + int(*to)*int(i)) / shrinkBy)
		*old = hole
	}
	b.play += shrinkBy
	return true
}

// delay is how long a packet that comes at its usual time waits, in samples.
func (b *buffer) delay() int {
	if !b.ready {
		return 0
	}
	return max(b.early.least, b.ago.least, 0)
}
