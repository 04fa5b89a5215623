package room

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pion/sdp/v3"

	"heartwood/internal/fault"
)

// Limits of an offer. A browser's is far below each.
const (
	maxOffer      = 64 << 10 // bytes
	maxLine       = 2048     // bytes
	maxAttributes = 400      // of the whole or of one section
	maxName       = 256      // bytes of an ICE name or password, RFC 8839 section 5.4
)

// offer is what a browser offers, checked, and without what we do not want.
type offer struct {
	sdp    string
	finger string // the browser's certificate, by its fingerprint
	voices int    // how many it can be shown, besides what it sends
	videos int
}

// readOffer checks a browser's description of what it can do. check says
// whether these sections are wanted.
func readOffer(text string, check func([]*sdp.MediaDescription) error) (offer, error) {
	if err := plain(text); err != nil {
		return offer{}, err
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(text); err != nil {
		return offer{}, fault.Wrap(err, fault.Invalid, "The browser's offer cannot be read.")
	}
	if err := check(d.MediaDescriptions); err != nil {
		return offer{}, err
	}
	if _, lite := d.Attribute("ice-lite"); lite {
		return offer{}, fault.At(fault.Unsupported, "ice-lite", "The offer is a server's, not a browser's.")
	}
	finger, err := transport(&d)
	if err != nil {
		return offer{}, err
	}
	o := offer{finger: finger}
	for _, m := range d.MediaDescriptions {
		if way(m) == "recvonly" && m.MediaName.Media == "audio" {
			o.voices++
		} else if way(m) == "recvonly" {
			o.videos++
		}
		m.Attributes = slices.DeleteFunc(m.Attributes, unwanted)
	}
	clean, err := d.Marshal()
	if err != nil {
		return offer{}, fault.Wrap(err, fault.Invalid, "The browser's offer cannot be read.")
	}
	o.sdp = string(clean)
	return o, nil
}

// plain refuses what is not lines of text of a sensible size.
func plain(text string) error {
	if len(text) > maxOffer {
		return fault.New(fault.TooLarge, "The browser's offer is too long.")
	}
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return fault.New(fault.Invalid, "The browser's offer is not text.")
	}
	for line := range strings.Lines(text) {
		if len(line) > maxLine {
			return fault.New(fault.TooLarge, "A line of the browser's offer is too long.")
		}
	}
	return nil
}

// unwanted tells what is left out. We speak to whoever proves the answer's
// secret, never to an address only because it was written down.
func unwanted(a sdp.Attribute) bool {
	return slices.Contains([]string{"candidate", "end-of-candidates", "remote-candidates", "rtcp", "crypto"}, a.Key)
}

// transport checks how the sections are carried: all on one connection, with
// the same secrets. It gives the certificate's fingerprint.
func transport(d *sdp.SessionDescription) (finger string, err error) {
	seen := map[string]bool{}
	for i, m := range d.MediaDescriptions {
		find := func(key string) string {
			if v, ok := m.Attribute(key); ok {
				return v
			}
			v, _ := d.Attribute(key)
			return v
		}
		if err := section(m, find, seen); err != nil {
			return "", err
		}
		if f := strings.ToLower(find("fingerprint")); i == 0 {
			finger = f
		} else if f != finger {
			return "", fault.At(fault.Invalid, "fingerprint", "The sections of the offer come from different certificates.")
		}
	}
	return finger, nil
}

func section(m *sdp.MediaDescription, find func(string) string, seen map[string]bool) error {
	mid := find("mid")
	switch {
	case len(m.Attributes) > maxAttributes:
		return fault.New(fault.TooLarge, "The browser's offer says too much.")
	case !token(mid, 16) || seen[mid]:
		return fault.At(fault.Invalid, "mid", "A section of the offer has no name of its own.")
	case !token(find("ice-ufrag"), maxName) || len(find("ice-ufrag")) < 4:
		return fault.At(fault.Invalid, "ice-ufrag", "The offer has no name for its connection.")
	case !token(find("ice-pwd"), maxName) || len(find("ice-pwd")) < 22:
		return fault.At(fault.Invalid, "ice-pwd", "The offer has no secret for its connection.")
	case !sha256(find("fingerprint")):
		return fault.At(fault.Invalid, "fingerprint", "The offer does not name its certificate by SHA-256.")
	case find("setup") != "actpass" && find("setup") != "active":
		return fault.At(fault.Invalid, "setup", "The offer does not say who begins.")
	}
	if _, ok := m.Attribute("rtcp-mux"); !ok && m.MediaName.Media != "application" {
		return fault.At(fault.Unsupported, "rtcp-mux", "The offer asks for a port for control of its own.")
	}
	seen[mid] = true
	return nil
}

// token tells whether s is a short word of visible characters.
func token(s string, most int) bool {
	return s != "" && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// sha256 tells whether s is the fingerprint of a certificate by SHA-256.
func sha256(s string) bool {
	kind, hex, ok := strings.Cut(s, " ")
	if !ok || !strings.EqualFold(kind, "sha-256") {
		return false
	}
	parts := strings.Split(hex, ":")
	return len(parts) == 32 && !slices.ContainsFunc(parts, func(p string) bool {
		_, err := strconv.ParseUint(p, 16, 8)
		return err != nil || len(p) != 2
	})
}

// voiceOnly wants one section: a voice both ways, that can be A-law.
func voiceOnly(sections []*sdp.MediaDescription) error {
	if len(sections) != 1 {
		return fault.At(fault.Invalid, "media", "A telephone call has one voice: this offer has %d sections.", len(sections))
	}
	m := sections[0]
	switch {
	case m.MediaName.Media != "audio" || m.MediaName.Port.Value == 0:
		return fault.At(fault.Invalid, "media", "The offer has no sound.")
	case !encrypted(m):
		return fault.At(fault.Unsupported, "media", "The offer's sound is not encrypted as browsers do it.")
	case !slices.Contains(m.MediaName.Formats, "8"):
		return fault.At(fault.Unsupported, "media", "The browser does not offer A-law, which telephones speak.")
	case way(m) != "sendrecv":
		return fault.At(fault.Invalid, "media", "The offer's sound does not go both ways.")
	}
	return nil
}

const maxSections = 2*places + 2 // a voice and a picture of everybody, and two screens

// roomSections wants sections that go one way each.
func roomSections(sections []*sdp.MediaDescription) error {
	if len(sections) == 0 || len(sections) > maxSections {
		return fault.At(fault.Invalid, "media", "The offer has %d sections: it may have 1 to %d.", len(sections), maxSections)
	}
	for _, m := range sections {
		switch {
		case m.MediaName.Media != "audio" && m.MediaName.Media != "video":
			return fault.At(fault.Unsupported, "media", "The offer has something besides sound and pictures.")
		case !encrypted(m):
			return fault.At(fault.Unsupported, "media", "The offer's sound is not encrypted as browsers do it.")
		case way(m) == "sendrecv":
			return fault.At(fault.Invalid, "media", "A section of the offer goes both ways.")
		}
	}
	return nil
}

func encrypted(m *sdp.MediaDescription) bool {
	return strings.Join(m.MediaName.Protos, "/") == "UDP/TLS/RTP/SAVPF"
}

// way is which way a section goes. Where it does not say, it goes both ways.
func way(m *sdp.MediaDescription) string {
	for _, a := range m.Attributes {
		if slices.Contains([]string{"sendonly", "recvonly", "inactive", "sendrecv"}, a.Key) {
			return a.Key
		}
	}
	return "sendrecv"
}
