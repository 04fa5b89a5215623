package room

import "time"

// What pictures may take, in bits a second.
const (
	voiceRate = 50_000    // set aside for each voice
	least     = 60_000    // a picture that is worth sending
	starve    = 100_000   // a line that has less to spare carries voices only
	most      = 1_500_000 // one to one
	mostFew   = 700_000   // up to four
	mostMany  = 250_000   // up to twelve
)

// line is what one browser's line bears and what it is to carry.
type line struct {
	bears    uint64        // bits a second by its own account; 0 when it has not said
	loss     float64       // share of what we send that it misses
	voices   int           // that it is to hear
	pictures []*source     // that it is to see
	resting  bool          // pictures are held back
	rested   time.Duration // for so long
	tries    int           // so often already
}

// rest tells whether a line is to carry voices only. When pictures are held
// back nothing shows that the line has become better, so after a while they
// are tried again: after 8, 16, 32 and then each 64 seconds.
func rest(l line) bool {
	if l.resting {
		return l.rested < 8*time.Second<<min(l.tries, 3)
	}
	return len(l.pictures) > 0 && (l.loss > 0.25 || l.bears > 0 && spare(l) < starve)
}

// spare is what a line has left for pictures.
func spare(l line) uint64 {
	heard := uint64(l.voices) * voiceRate
	return l.bears - min(l.bears, heard)
}

// caps says how fast each picture may be sent, so that every line bears it:
// the worst decides.
func caps(lines []line) map[*source]uint64 {
	out := map[*source]uint64{}
	for _, l := range lines {
		if l.resting {
			continue
		}
		for _, s := range l.pictures {
			c := ceiling(len(lines))
			if l.bears > 0 {
				c = min(c, max(least, spare(l)/uint64(len(l.pictures))))
			}
			if l.loss > 0.1 {
				c = max(least, uint64(float64(c)*(1-l.loss/2)))
			}
			if was, ok := out[s]; !ok || c < was {
				out[s] = c
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
