package words

import (
	"strings"
	"testing"
)

func TestPhone(t *testing.T) {
	for in, want := range map[string]string{
		"+447700900123": "07700 900123",
		"+442079460123": "020 7946 0123",
		"+441632960123": "01632 960123",
		"+441144960123": "0114 496 0123",
		"+441214960123": "0121 496 0123",
		"+443069990123": "0306 999 0123",
		"+448081570123": "0808 157 0123",
		"+44800111111":  "08001 11111",
		"+33199000001":  "+33199000001",
		"+44":           "+44",
		"+44x700900123": "+44x700900123",
		"":              "",
	} {
		if got := Phone(in); got != want {
			t.Errorf("%q is written %q, not %q", in, got, want)
		}
	}
}

// However it is written, it is still the same number.
func FuzzPhone(f *testing.F) {
	f.Add("+447700900123")
	f.Add("+44800111111")
	f.Fuzz(func(t *testing.T, in string) {
		out := Phone(in)
		if out == in {
			return
		}
		if "+44"+strings.TrimPrefix(strings.ReplaceAll(out, " ", ""), "0") != in {
			t.Errorf("%q is written %q", in, out)
		}
	})
}
