package app

import "testing"

func TestTheLimitLeavesTheCollectorRoom(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct {
		practices int
		live      uint64
		want      int64
	}{
		{0, 0, onePractice},
		{1, 120 * mb, onePractice}, // a small server keeps small
		{20, 160 * mb, onePractice + 19*eachPractice},
		{1, 400 * mb, 640 * mb}, // more in use than was thought: never near it
	} {
		if got := limitFor(c.practices, c.live); got != c.want {
			t.Errorf("%d practices with %d bytes in use: %d, not %d", c.practices, c.live, got, c.want)
		}
	}
}
