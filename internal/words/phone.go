package words

import "strings"

// Phone writes a telephone number as people in the United Kingdom read it:
// "+447700900123" is "07700 900123", "+442079460123" is "020 7946 0123".
// Numbers of other countries, and what is no number, stay as they are.
func Phone(e164 string) string {
	n, ok := strings.CutPrefix(e164, "+44")
	if !ok || len(n) < 9 || len(n) > 10 || strings.Trim(n, "0123456789") != "" {
		return e164
	}
	n = "0" + n
	switch {
	case len(n) != 11:
		return n[:5] + " " + n[5:]
	case strings.HasPrefix(n, "02"):
		return n[:3] + " " + n[3:7] + " " + n[7:]
	case strings.HasPrefix(n, "03"), strings.HasPrefix(n, "08"), strings.HasPrefix(n, "011"), n[1] == '1' && n[3] == '1':
		return n[:4] + " " + n[4:7] + " " + n[7:]
	}
	return n[:5] + " " + n[5:]
}
