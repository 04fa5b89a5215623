package measure

import (
	"slices"
	"time"
)

// median is what half do not exceed, between the middle two of an even number;
// of is put in another order.
func median(of []time.Duration) time.Duration {
	n := len(of)
	if n == 0 {
		return 0
	}
	upper := nth(of, n/2)
	if n%2 == 1 {
		return upper
	}
	return (slices.Max(of[:n/2]) + upper) / 2
}

// ninth is the length that nine in ten do not exceed; of is put in another order.
func ninth(of []time.Duration) time.Duration {
	if len(of) == 0 {
		return 0
	}
	return nth(of, (9*len(of)+9)/10-1)
}

// nth is what stands at k when of is in order. What is less comes before it,
// what is more after; the rest of the order is left as it falls, which makes
// it one pass or two where sorting takes seventeen.
func nth(of []time.Duration, k int) time.Duration {
	lo, hi := 0, len(of) // k is in of[lo:hi]
	for hi-lo > 16 {
		less, more := split(of[lo:hi], middle(of[lo], of[(lo+hi)/2], of[hi-1]))
		switch {
		case k < lo+less:
			hi = lo + less
		case k >= lo+more:
			lo += more
		default:
			return of[k] // one of those that equal the pivot
		}
	}
	slices.Sort(of[lo:hi])
	return of[k]
}

// split puts what is less than a pivot first and what is more last: of[:less],
// of[more:].
func split(of []time.Duration, pivot time.Duration) (less, more int) {
	more = len(of)
	for i := 0; i < more; {
		switch d := of[i]; {
		case d < pivot:
			of[i], of[less] = of[less], d
			less++
			i++
		case d > pivot:
			more--
			of[i], of[more] = of[more], d
		default:
			i++
		}
	}
	return less, more
}

func middle(a, b, c time.Duration) time.Duration { return max(min(a, b), min(max(a, b), c)) }
