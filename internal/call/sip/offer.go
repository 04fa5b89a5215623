package sip

import (
	"encoding/base64"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"heartwood/internal/fault"
)

const (
	plainRTP  = "RTP/AVP"
	secureRTP = "RTP/SAVP"
	mostLines = 8      // media lines in one description
	mostSDP   = 16_384 // bytes of one description
)

// description is an offer or an answer that was read: the audio we can use of
// it, and enough of the rest to refuse that line by line.
type description struct {
	audio int // which line is the audio
	media Media
	lines []*sdp.MediaDescription
}

var (
	errMalformed = fault.At(fault.Invalid, "sdp", "The description of the media cannot be read.")
	errUnusable  = fault.At(fault.Refused, "sdp", "The description offers no audio that we can use.")
)

// readSDP reads an offer (RFC 3264 §6) and picks the line to take: audio with
// A-law or µ-law, encrypted where it can be, and only encrypted if it must be.
// errMalformed is for what breaks RFC 8866; errUnusable for what we do not speak.
func readSDP(body []byte, mustEncrypt bool) (description, error) {
	if len(body) > mostSDP {
		return description{}, errMalformed
	}
	var s sdp.SessionDescription
	if err := s.Unmarshal(body); err != nil || len(s.MediaDescriptions) > mostLines {
		return description{}, errMalformed
	}
	d := description{audio: -1, lines: s.MediaDescriptions}
	for i, line := range d.lines {
		m, ok := readLine(&s, line)
		if !ok || (mustEncrypt && m.Crypto == nil) {
			continue
		}
		if d.audio < 0 || (d.media.Crypto == nil && m.Crypto != nil) {
			d.audio, d.media = i, m
		}
	}
	if d.audio < 0 {
		return description{}, errUnusable
	}
	return d, nil
}

func readLine(s *sdp.SessionDescription, line *sdp.MediaDescription) (Media, bool) {
	var m Media
	if line.MediaName.Media != "audio" || line.MediaName.Port.Value < 1 || line.MediaName.Port.Value > 65535 {
		return m, false
	}
	switch strings.Join(line.MediaName.Protos, "/") {
	case plainRTP:
	case secureRTP:
		if m.Crypto = readCrypto(line.Attributes); m.Crypto == nil {
			return m, false
		}
	default:
		return m, false
	}
	addr, ok := readAddr(s, line)
	if !ok || !readFormats(line, &m) {
		return m, false
	}
	m.Addr = netip.AddrPortFrom(addr, uint16(line.MediaName.Port.Value))
	m.Direction = readDirection(s, line)
	if addr.IsUnspecified() { // the old way to hold: RFC 3264 §8.4
		m.Direction = direction(m.Direction.Sends(), false)
	}
	if v, ok := line.Attribute("ptime"); ok {
		m.Ptime = readPtime(v)
	}
	return m, true
}

// readAddr takes c= of the line or of the whole. A name is not looked up.
func readAddr(s *sdp.SessionDescription, line *sdp.MediaDescription) (netip.Addr, bool) {
	c := line.ConnectionInformation
	if c == nil {
		c = s.ConnectionInformation
	}
	if c == nil || c.Address == nil || c.NetworkType != "IN" {
		return netip.Addr{}, false
	}
	host, _, _ := strings.Cut(c.Address.Address, "/")
	a, err := netip.ParseAddr(host)
	if err != nil || a.Zone() != "" || (c.AddressType == "IP4") != a.Is4() || a.IsMulticast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return netip.Addr{}, false
	}
	return a, true
}

// readFormats finds A-law or µ-law, by their fixed payload types (RFC 3551 §6),
// A-law first as the UK uses it, and telephone events (RFC 4733 §7.1.1).
func readFormats(line *sdp.MediaDescription, m *Media) bool {
	names := map[string]string{"8": ALaw, "0": MuLaw}
	for _, a := range line.Attributes {
		if a.Key == "rtpmap" {
			pt, enc, _ := strings.Cut(a.Value, " ")
			names[pt] = strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(enc)), "/1")
		}
	}
	is := func(pt, name string) bool {
		return slices.Contains(line.MediaName.Formats, pt) && (names[pt] == name || names[pt] == name+"/8000")
	}
	switch {
	case is("8", ALaw):
		m.Codec = ALaw
	case is("0", MuLaw):
		m.Codec = MuLaw
	default:
		return false
	}
	for _, pt := range line.MediaName.Formats {
		if n, err := strconv.ParseUint(pt, 10, 7); err == nil && n >= 96 && is(pt, "TELEPHONE-EVENT") {
			m.DTMF = uint8(n)
			break
		}
	}
	return true
}

func readDirection(s *sdp.SessionDescription, line *sdp.MediaDescription) Direction {
	for _, attributes := range [][]sdp.Attribute{line.Attributes, s.Attributes} {
		for _, a := range attributes {
			if i := slices.Index(directions[:], a.Key); i >= 0 {
				return Direction(i)
			}
		}
	}
	return SendRecv
}

func readPtime(v string) int {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	if err != nil || n < 10 || n > 200 {
		return 0
	}
	return n
}

// readCrypto takes the first line whose suite and parameters we know
// (RFC 4568 §5.1.2): no master key identifier, no session parameters.
func readCrypto(attributes []sdp.Attribute) *SDES {
	for _, a := range attributes {
		if a.Key != "crypto" {
			continue
		}
		if k := readKey(strings.Fields(a.Value)); k != nil {
			return k
		}
	}
	return nil
}

func readKey(f []string) *SDES {
	if len(f) != 3 || !slices.Contains(Suites, f[1]) {
		return nil
	}
	tag, err := strconv.Atoi(f[0])
	inline, ok := strings.CutPrefix(f[2], "inline:")
	if err != nil || !ok || tag < 0 || tag > 999_999_999 {
		return nil
	}
	parts := strings.Split(inline, "|")
	if len(parts) > 2 || (len(parts) == 2 && strings.Contains(parts[1], ":")) {
		return nil // RFC 4568 §6.1: what has a colon is a key identifier
	}
	raw, err := base64.StdEncoding.DecodeString(parts[0])
	if err != nil || len(raw) != 30 {
		return nil
	}
	k := &SDES{Tag: tag, Suite: f[1]}
	copy(k.key[:], raw)
	return k
}

// readAnswer reads what came back to an offer of ours, which has one line. An
// answer may not encrypt what was offered plain, nor the other way round.
func readAnswer(body []byte, offered Media) (Media, error) {
	d, err := readSDP(body, offered.Crypto != nil)
	switch {
	case err != nil:
		return Media{}, err
	case d.audio != 0 || (offered.Crypto == nil) != (d.media.Crypto == nil):
		return Media{}, errUnusable
	case d.media.Crypto != nil && (d.media.Crypto.Tag != offered.Crypto.Tag || d.media.Crypto.Suite != offered.Crypto.Suite):
		return Media{}, errUnusable
	}
	return d.media, nil
}
