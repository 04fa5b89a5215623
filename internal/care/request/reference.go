package request

import (
	"crypto/rand"
	"strings"
)

// letters are those of a reference: none that is mistaken for another, read
// or spoken (no 0 O, 1 I L, 5 S, 2 Z, 8 B, U V).
const letters = "34679ACDEFGHJKMNPQRTWXY"

// newReference makes what the person is told: "HW-7K3M-9CX". Seven letters
// drawn at random by this node and an eighth that checks them; the commit
// makes sure that the practice has no other with it.
func newReference() string {
	var b [7]byte
	for i := range b {
		b[i] = letters[drawn()]
	}
	return printReference(string(b[:]))
}

// drawn is a number below len(letters), each equally likely.
func drawn() int {
	var one [1]byte
	const fair = 256 - 256%len(letters)
	for {
		_, _ = rand.Read(one[:]) // never fails: crypto/rand aborts the program instead
		if int(one[0]) < fair {
			return int(one[0]) % len(letters)
		}
	}
}

func printReference(seven string) string {
	return "HW-" + seven[:4] + "-" + seven[4:] + string(check(seven))
}

// check is a weighted sum modulo 23, a prime: it finds any one letter that is
// wrong and any two that are swapped.
func check(seven string) byte {
	sum := 0
	for i := range len(seven) {
		sum += (i + 2) * strings.IndexByte(letters, seven[i])
	}
	return letters[sum%len(letters)]
}

// ParseReference reads a reference as people write it; ok is false when it
// cannot be one of ours.
func ParseReference(s string) (reference string, ok bool) {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u2011' || r == '\u00a0' {
			return -1
		}
		return r
	}, strings.ToUpper(s))
	s = strings.TrimPrefix(s, "HW")
	if len(s) != 8 {
		return "", false
	}
	for i := range len(s) {
		if strings.IndexByte(letters, s[i]) < 0 {
			return "", false
		}
	}
	if check(s[:7]) != s[7] {
		return "", false
	}
	return printReference(s[:7]), true
}
