package sip

import "strings"

// Normalise gives the E.164 form (+441632960001) of a number as a UK carrier
// may write it: 01632 960001, +44 1632 960001, 0044…, 44…, +44 (0)1632….
// Numbers of other countries keep their own code; short codes (111, 999, 116117)
// stay as they are. It is false for what is no telephone number.
func Normalise(s string) (string, bool) {
	digits, plus, ok := dialled(s)
	switch {
	case !ok:
		return "", false
	case plus:
		return international(digits)
	case strings.HasPrefix(digits, "00"):
		return international(digits[2:])
	case strings.HasPrefix(digits, "0"):
		return british(digits[1:])
	case len(digits) >= 3 && len(digits) <= 6:
		return digits, true
	case strings.HasPrefix(digits, "44") && len(digits) >= 11:
		return international(digits)
	}
	return "", false
}

// dialled takes a number to its digits: parameters (";npdi") and the spaces,
// dots, hyphens and brackets that people put in (RFC 3966 §5.1.1) go.
func dialled(s string) (digits string, plus, ok bool) {
	s, _, _ = strings.Cut(strings.TrimSpace(s), ";")
	s, plus = strings.CutPrefix(s, "+")
	s = strings.Replace(s, "(0)", "", 1)
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case strings.ContainsRune(" .-()", r):
		default:
			return "", false, false
		}
		if b.Len() > 18 {
			return "", false, false
		}
	}
	return b.String(), plus, b.Len() > 0
}

func international(digits string) (string, bool) {
	if national, uk := strings.CutPrefix(digits, "44"); uk {
		return british(strings.TrimPrefix(national, "0"))
	}
	if len(digits) < 7 || len(digits) > 15 || digits[0] == '0' {
		return "", false // E.164 §6: at most fifteen digits
	}
	return "+" + digits, true
}

// british takes a national number without its 0: nine or ten digits, and
// 0800 1111 (Childline), the one that has seven.
func british(national string) (string, bool) {
	if len(national) != 9 && len(national) != 10 && national != "8001111" {
		return "", false
	}
	if national[0] == '0' {
		return "", false
	}
	return "+44" + national, true
}
