package media

import (
	"math"
	"time"
)

// Tones of the British network (BT SIN 350).
var (
	RingingTone = cadence(beat{400, 450, 400 * time.Millisecond}, beat{0, 0, 200 * time.Millisecond}, beat{400, 450, 400 * time.Millisecond}, beat{0, 0, 2 * time.Second})
	EngagedTone = cadence(beat{400, 0, 375 * time.Millisecond}, beat{0, 0, 375 * time.Millisecond})
	// HoldTone is two soft notes every five seconds: the line is not dead.
	HoldTone = cadence(beat{420, 0, 120 * time.Millisecond}, beat{0, 0, 80 * time.Millisecond}, beat{420, 0, 120 * time.Millisecond}, beat{0, 0, 4680 * time.Millisecond})
)

// beat is one or two notes, or none, for a time.
type beat struct {
	a, b float64 // Hz
	last time.Duration
}

func cadence(beats ...beat) Sound {
	var s Sound
	for _, b := range beats {
		s = append(s, Tone(b.last, b.a, b.b)...)
	}
	return s
}

// toneLevel is the peak of each note: about -20 dBm0.
const toneLevel = 2500

// Tone is a sound of some notes at once, in Hz; 0 is no note.
func Tone(last time.Duration, notes ...float64) Sound {
	pcm := make([]int16, int(last*Rate/time.Second))
	const ramp = 40 // 5 ms, so that it does not click
	for i := range pcm {
		v := 0.0
		for _, n := range notes {
			v += math.Sin(2 * math.Pi * n * float64(i) / Rate)
		}
		edge := float64(min(i+1, len(pcm)-i, ramp)) / ramp
		pcm[i] = int16(toneLevel * v * edge)
	}
	return SoundOf(pcm)
}

// keyTone is what a key sounds like (ITU-T Q.23), for those who know no
// telephone-event.
func keyTone(code byte) Sound {
	row := [...]float64{941, 697, 697, 697, 770, 770, 770, 852, 852, 852, 941, 941, 697, 770, 852, 941}
	column := [...]float64{1336, 1209, 1336, 1477, 1209, 1336, 1477, 1209, 1336, 1477, 1209, 1477, 1633, 1633, 1633, 1633}
	return append(Tone(100*time.Millisecond, row[code], column[code]), Tone(60*time.Millisecond)...)
}
