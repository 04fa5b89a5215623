package room

import "time"

// What pictures may take, in bits a second.
const (
	voiceRate = 60_000    // for the voice beside a picture
	least     = 120_000   // a voice, and a picture that is worth sending
	starve    = 80_000    // a line that bears less carries voices only
	most      = 1_500_000 // one to one
	mostFew   = 700_000   // up to four
	mostMany  = 250_000   // up to twelve
)

const trial = 5 * time.Second // for which pictures go on, so that a browser can learn what its line bears

// line is what one browser's line bears and what it is to carry.
type line struct {
	bears    uint64        // bits a second of pictures, by its own account; 0 when it has not said
	falls    bool          // by its account it bears less than a second ago
	sent     uint64        // bits a second of pictures that it was sent
	loss     float64       // share of what we send that it misses, over some seconds
	pictures []*source     // that it is to see
	resting  bool          // pictures are held back
	lasts    time.Duration // that they are, or are not
	tries    int           // so often already
}

// narrow tells whether the line holds back what is sent. A browser says at
// most half as much again as it gets, so of a still picture it says little,
// though its line bears much.
func (l line) narrow() bool { return l.bears > 0 && l.bears < l.sent*6/5 }

// rest tells whether a line is to carry voices only. When pictures are held
// back nothing shows that the line has become better, so after a while they
// are tried again: after 8, 16, 32 and then each 64 seconds.
func rest(l line) bool {
	if l.resting {
		return l.lasts < 8*time.Second<<min(l.tries, 3)
	}
	// From little a browser's account rises slowly: only a fall tells of a full line.
	weak := l.loss > 0.1 || l.falls && l.bears < min(starve, l.sent)
	return weak && len(l.pictures) > 0 && l.lasts > trial
}

// caps says how fast each browser may send its picture, its voice included,
// so that every line bears it: the worst decides. From second to second it
// rises by a quarter at most.
func caps(lines []line) map[*source]uint64 {
	out := map[*source]uint64{}
	for _, l := range lines {
		if l.resting {
			continue
		}
		for _, s := range l.pictures {
			c := ceiling(len(lines))
			if s.cap > 0 {
				c = min(c, s.cap*5/4)
			}
			if l.narrow() {
				c = min(c, l.bears/uint64(len(l.pictures))+voiceRate)
			}
			if l.loss > 0.05 {
				c = uint64(float64(c) * (1 - l.loss/2))
			}
			if was, ok := out[s]; !ok || c < was {
				out[s] = max(least, c)
			}
		}
	}
	return out
}

func ceiling(people int) uint64 {
	switch {
	case people <= 2:
		return most
	case people <= 4:
		return mostFew
	}
	return mostMany
}
