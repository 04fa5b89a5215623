package room

import (
	"math"
	"sync"

	"heartwood/internal/call/media/g711"
)

const (
	silent  = -127.0 // dB
	spoken  = -50.0  // dB; what is softer is a room's noise
	clearly = 6.0    // dB by which another must be louder to take the floor
)

// loudness is how loud a voice has been since it was last asked, in dB.
type loudness struct {
	mu  sync.Mutex // protects all fields below
	sum float64
	n   int
}

func (l *loudness) note(db float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sum += db
	l.n++
}

func (l *loudness) take() float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.n == 0 {
		return silent
	}
	db := l.sum / float64(l.n)
	l.sum, l.n = 0, 0
	return db
}

// decibels is how loud 20 ms of A-law are.
func decibels(alaw []byte) float64 {
	var pcm [long]int16
	n := min(len(alaw), long)
	g711.A.Decode(pcm[:n], alaw[:n])
	sum := 1.0
	for _, v := range pcm[:n] {
		sum += float64(v) * float64(v)
	}
	return max(silent, 10*math.Log10(sum/float64(max(1, n))/(32768*32768)))
}

// floor tells who speaks: who did before, unless another is clearly louder.
func floor(before *Member, loud map[*Member]float64) *Member {
	best := before
	level := spoken
	if db, ok := loud[before]; ok {
		level = max(spoken, db+clearly)
	}
	for m, db := range loud {
		if m != before && db > level {
			best, level = m, db
		}
	}
	if _, here := loud[best]; !here {
		return nil
	}
	return best
}
