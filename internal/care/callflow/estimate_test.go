package callflow_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"heartwood/internal/care/callflow"
)

// On a busy morning, simulated, at least half of those who are told a range
// wait as long as it says: the words are "most people in your place".
func TestEstimateIsHonest(t *testing.T) {
	told, kept := 0, 0
	for seed := range uint64(20) {
		a, b := morning(rand.New(rand.NewPCG(seed, 1)))
		told, kept = told+a, kept+b
	}
	t.Logf("%d of %d were told right: %.0f%%", kept, told, 100*float64(kept)/float64(told))
	if told < 500 || kept*2 < told {
		t.Errorf("%d of %d", kept, told)
	}
}

// morning is two hours of calls for four people, the next in line to whoever
// is free first; one in six hangs up while waiting.
func morning(r *rand.Rand) (told, kept int) {
	free := make([]time.Time, 4)
	for i := range free {
		free[i] = monday
	}
	var all []callflow.Call
	at := monday
	for n := 0; at.Before(monday.Add(2 * time.Hour)); n++ {
		at = at.Add(time.Duration(r.ExpFloat64() * float64(50*time.Second)))
		c := waits(fmt.Sprint(n), at.Sub(monday), "")
		for _, o := range all {
			if o.Answered.After(at) {
				c.Ahead++
			}
		}
		said := callflow.EstimateOf("reception", answeredBy(all, at), c.Ahead, at)
		if r.IntN(6) == 0 {
			continue // gone before it was their turn
		}
		first := 0
		for i := range free {
			if free[i].Before(free[first]) {
				first = i
			}
		}
		c.Answered = at
		if free[first].After(at) {
			c.Answered = free[first]
		}
		free[first] = c.Answered.Add(time.Duration((0.3 + r.ExpFloat64()) * float64(3*time.Minute)))
		all = append(all, c)
		if wait := c.Answered.Sub(at); said.High > 0 && c.Ahead > 0 {
			told++
			low, high := callflow.Told(said)
			if wait >= low && wait <= high {
				kept++
			}
		}
	}
	return told, kept
}

func answeredBy(all []callflow.Call, at time.Time) []callflow.Call {
	var out []callflow.Call
	for _, c := range all {
		if !c.Answered.After(at) {
			out = append(out, c)
		}
	}
	return out
}
