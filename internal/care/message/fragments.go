package message

import "strings"

// gsm are the characters of a text message that take one place (3GPP TS
// 23.038); those of gsmTwo take two. With any other character in it, a message
// is sent in a wider alphabet, and holds less.
const (
	gsm    = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmTwo = "^{}\\[~]|€"
)

// Fragments is how many text messages a text is sent as, which is what it
// costs.
func Fragments(s string) int {
	places, wide := 0, false
	for _, r := range s {
		switch {
		case strings.ContainsRune(gsm, r):
			places++
		case strings.ContainsRune(gsmTwo, r):
			places += 2
		default:
			wide = true
		}
	}
	one, many := 160, 153
	if wide {
		one, many, places = 70, 67, 0
		for _, r := range s {
			places++
			if r > 0xffff {
				places++
			}
		}
	}
	if places <= one {
		return 1
	}
	return (places + many - 1) / many
}
