package manage

import "testing"

func TestShareHasOneDecimal(t *testing.T) {
	for _, c := range []struct {
		part, whole int
		want        string
	}{
		{0, 0, "–"},
		{0, 7, "0.0%"},
		{7, 7, "100.0%"},
		{1, 3, "33.3%"},
		{2, 3, "66.7%"},
		{1, 8, "12.5%"},
		{1, 2000, "0.1%"},
		{1, 2001, "0.0%"},
		{16, 17, "94.1%"},
	} {
		if got := share(c.part, c.whole); got != c.want {
			t.Errorf("share(%d, %d) is %q, not %q", c.part, c.whole, got, c.want)
		}
	}
}
