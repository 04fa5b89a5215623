package callflow

import (
	"strings"

	"heartwood/internal/fault"
)

// refused are the ranges that a practice may not use, nor send callers to:
// they cost more than a geographic call (Ofcom's numbering plan; the GP
// contract forbids 084, 087, 090, 091 and personal numbers).
var refused = []string{"+4484", "+4487", "+4490", "+4491", "+4470"}

// ParseNumber reads a telephone number as people write it and gives its E.164
// form. A number without a country is one of the United Kingdom.
func ParseNumber(s string) (string, error) {
	d := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '.', '(', ')', '\u00a0':
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "(0)", ""))
	switch {
	case strings.HasPrefix(d, "00"):
		d = "+" + d[2:]
	case strings.HasPrefix(d, "0"):
		d = "+44" + d[1:]
	}
	digits, plus := strings.CutPrefix(d, "+")
	if !plus || len(digits) < 8 || len(digits) > 15 || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" ||
		strings.HasPrefix(digits, "44") && (len(digits) < 11 || len(digits) > 12 || digits[2] == '0') {
		return "", fault.At(fault.Invalid, "number", "Enter a telephone number, like 020 7946 0123.")
	}
	return d, nil
}

// allowed tells whether a number may be a practice's, or one that callers are
// sent on to.
func allowed(e164 string) bool {
	for _, r := range refused {
		if strings.HasPrefix(e164, r) {
			return false
		}
	}
	return true
}

// Mobile tells whether a text message can reach a number: a mobile one of the
// United Kingdom (Ofcom: 071 to 075, 077 to 079).
func Mobile(e164 string) bool {
	rest, ok := strings.CutPrefix(e164, "+447")
	return ok && len(rest) == 9 && strings.Contains("12345789", rest[:1])
}
