package sip

import (
	"strings"
	"testing"

	"heartwood/internal/fault"
)

func TestNormalise(t *testing.T) {
	for in, want := range map[string]string{
		"01632960001":            "+441632960001",
		"01632 960001":           "+441632960001",
		"+441632960001":          "+441632960001",
		"+44 (0)1632 960001":     "+441632960001",
		"+4401632960001":         "+441632960001",
		"00441632960001":         "+441632960001",
		"441632960001":           "+441632960001",
		"07700-900123":           "+447700900123",
		"(020) 7946 0123":        "+442079460123",
		"+441632960001;npdi":     "+441632960001",
		"0800 1111":              "+448001111",
		"0808 1570123":           "+448081570123",
		"0033140000000":          "+33140000000",
		"+33140000000":           "+33140000000",
		"111":                    "111",
		"999":                    "999",
		"116117":                 "116117",
		"":                       "",
		"12":                     "",
		"1632960001":             "",
		"0163296":                "",
		"+0123456789":            "",
		"+1234567890123456":      "",
		"anonymous":              "",
		"01632 960001x2":         "",
		"٠١٦٣٢٩٦٠٠٠١":            "",
		"+44":                    "",
		"++441632960001":         "",
		strings.Repeat("1", 1e5): "",
	} {
		got, ok := Normalise(in)
		if got != want || ok != (want != "") {
			t.Errorf("%.40q is %q, want %q", in, got, want)
		}
	}
}

func TestMayDial(t *testing.T) {
	for _, c := range []struct {
		number, why string
		kind        fault.Kind // Internal: it may
	}{
		{"01632 960001", "geographic", 0},
		{"020 7946 0123", "geographic", 0},
		{"03069 990123", "03", 0},
		{"07700 900123", "mobile", 0},
		{"+447700900123", "mobile", 0},
		{"0808 1570123", "freephone", 0},
		{"0800 1111", "freephone", 0},
		{"111", "NHS 111", 0},
		{"999", "emergency", 0},
		{"112", "emergency", 0},
		{"0909 8790123", "premium rate", fault.Refused},
		{"0870 4960123", "revenue sharing", fault.Refused},
		{"0843 4960123", "revenue sharing", fault.Refused},
		{"0845 4960123", "service number", fault.Refused},
		{"070 1234 5678", "personal number", fault.Refused},
		{"076 1234 5678", "pager", fault.Refused},
		{"056 1234 5678", "company number", fault.Refused},
		{"118500", "directory enquiries", fault.Refused},
		{"118", "not allowed short code", fault.Refused},
		{"+33140000000", "France", fault.Refused},
		{"0033140000000", "France", fault.Refused},
		{"+12025550123", "United States", fault.Refused},
		{"+353 1 555 0123", "Ireland", fault.Refused},
		{"0999 000 0000", "premium rate that looks like 999", fault.Refused},
		{"", "nothing", fault.Invalid},
		{"sip:01632960001@198.51.100.1", "a URI", fault.Invalid},
		{"1632960001", "neither national nor international", fault.Invalid},
	} {
		_, err := Rule{}.MayDial(c.number)
		if (err == nil) != (c.kind == fault.Internal) || (err != nil && !fault.Is(err, c.kind)) {
			t.Errorf("%q (%s): %v", c.number, c.why, err)
		}
	}
	ireland := Rule{Also: []string{"+353", "", "+"}}
	if _, err := ireland.MayDial("+353 1 555 0123"); err != nil {
		t.Errorf("a country that is allowed: %v", err)
	}
	if _, err := ireland.MayDial("+33140000000"); err == nil {
		t.Error("an empty beginning allows everything")
	}
}

// FuzzNormalise holds that whatever is taken for a number is one, and stays
// the same when it is read again.
func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"01632960001", "+44 (0)1632 960001", "0033140000000", "999", "anonymous", "+", "(0)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := Normalise(s)
		if !ok {
			if n != "" {
				t.Fatalf("%q is no number, and yet %q", s, n)
			}
			return
		}
		if strings.Trim(strings.TrimPrefix(n, "+"), "0123456789") != "" || len(n) < 3 || len(n) > 16 {
			t.Fatalf("%q became %q", s, n)
		}
		if again, ok := Normalise(n); !ok || again != n {
			t.Fatalf("%q became %q and then %q", s, n, again)
		}
	})
}
