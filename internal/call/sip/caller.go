package sip

import (
	"strings"
	"unicode"

	"github.com/emiago/sipgo/sip"
)

// Caller is who a carrier says is calling. It is a claim and proves nothing.
type Caller struct {
	Number   string // E.164; "" when withheld or not a number
	Name     string // as the carrier gave it, at most 60 letters; "" when withheld
	Withheld bool
}

// callerOf reads who calls. P-Asserted-Identity, which the trunk vouches for,
// goes before From (RFC 3325 §9.1); a caller who wants privacy (RFC 3323 §4.2,
// RFC 3325 §7) has neither number nor name, though the trunk may send both.
func callerOf(req *sip.Request) Caller {
	from := req.From()
	if withheld(req, from) {
		return Caller{Withheld: true}
	}
	c := Caller{Name: plain(from.DisplayName)}
	for _, h := range req.GetHeaders("P-Asserted-Identity") {
		for _, one := range split(h.Value()) {
			var uri sip.Uri
			if _, err := sip.ParseAddressValue(one, &uri, nil); err != nil {
				continue
			}
			if n, ok := numberIn(uri); ok {
				c.Number = n
				return c
			}
		}
	}
	c.Number, _ = numberIn(from.Address)
	return c
}

func withheld(req *sip.Request, from *sip.FromHeader) bool {
	for _, h := range req.GetHeaders("Privacy") {
		for _, v := range strings.FieldsFunc(h.Value(), func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
			if v = strings.ToLower(v); v == "id" || v == "user" || v == "header" {
				return true
			}
		}
	}
	host, user := strings.ToLower(from.Address.Host), strings.ToLower(from.Address.User)
	return host == "anonymous.invalid" || user == "anonymous" || user == "restricted"
}

// numberIn finds a number in a sip, sips or tel URI (RFC 3261 §19.1.6, RFC 3966).
func numberIn(uri sip.Uri) (string, bool) {
	if uri.Scheme == "tel" {
		return Normalise(uri.Raw())
	}
	return Normalise(uri.User)
}

// called finds the number that was dialled. A carrier that sends calls to the
// name we registered has it in To.
func called(req *sip.Request) (string, bool) {
	if n, ok := numberIn(req.Recipient); ok {
		return n, true
	}
	return numberIn(req.To().Address)
}

// plain keeps a display name's letters and drops what could pass for something
// else on a screen.
func plain(name string) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(name, "") {
		if !unicode.IsPrint(r) || r == '"' || r == '\\' || r == '<' || r == '>' {
			continue
		}
		if n++; n > 60 {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// split parts a header's values at commas outside quotes and angle brackets.
func split(s string) []string {
	var all []string
	quoted, angle, start := false, false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' && (i == 0 || s[i-1] != '\\'):
			quoted = !quoted
		case c == '<' && !quoted:
			angle = true
		case c == '>' && !quoted:
			angle = false
		case c == ',' && !quoted && !angle:
			all = append(all, strings.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	return append(all, strings.TrimSpace(s[start:]))
}
