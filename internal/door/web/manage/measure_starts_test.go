package manage

import (
	"strings"
	"testing"
	"time"

	"heartwood/internal/view/measure"
	"heartwood/internal/words"
)

// Days before forms were counted are unknown, never none.
func TestStartsBeforeTheCountAreUnknown(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, words.London) }
	of := []measure.Start{{Form: "admin", Left: 3}}
	for name, c := range map[string]struct {
		from time.Time
		of   []measure.Start
		want string
		says bool // that something is unknown
	}{
		"never counted":        {want: "unknown", says: true},
		"counted later":        {from: day(15), want: "unknown", says: true},
		"counted from the end": {from: day(8), want: "unknown", says: true},
		"counted on some days": {from: day(4), of: of, want: "at least 3", says: true},
		"counted on all days":  {from: day(1), of: of, want: "3"},
		"counted, none left":   {from: day(1), want: "0"},
	} {
		sum := measure.Sum{Span: measure.Span{From: day(1), To: day(8)}, StartsFrom: c.from, Starts: c.of}
		if got := left(sum); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		for _, s := range startsSheets(sum, nil, 0, 0) {
			if says := strings.Contains(strings.Join(s.About, " "), "unknown"); says != c.says {
				t.Errorf("%s: %s says it is unknown: %t, want %t", name, s.ID, says, c.says)
			}
		}
	}
}
