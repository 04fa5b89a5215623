package sip

import (
	"fmt"
	"strings"

	"github.com/pion/sdp/v3"
)

// ownDTMF is the payload type we give telephone events where we choose.
const ownDTMF = 101

// writer writes the descriptions of one call. Its session keeps its id, and
// the version goes up with every change (RFC 3264 §8).
type writer struct {
	id      uint64
	version uint64
	last    string
}

// offer describes m as an offer of ours: the codec m names first, and where m
// is not yet bound to one (the start of a call) the other one too.
func (w *writer) offer(m Media, both bool) []byte {
	codecs := []string{m.Codec}
	switch {
	case m.Codec == "":
		codecs = []string{ALaw, MuLaw}
	case both && m.Codec == ALaw:
		codecs = append(codecs, MuLaw)
	case both:
		codecs = append(codecs, ALaw)
	}
	return w.write(m, audioLine(m, codecs))
}

// answer describes m as the answer to d: the same lines in the same order, all
// but one refused by port 0 (RFC 3264 §6).
func (w *writer) answer(m Media, d description) []byte {
	lines := make([]string, len(d.lines))
	for i, l := range d.lines {
		if i == d.audio {
			lines[i] = audioLine(m, []string{m.Codec})
			continue
		}
		lines[i] = refused(l)
	}
	return w.write(m, strings.Join(lines, ""))
}

func (w *writer) write(m Media, lines string) []byte {
	family := "IP4"
	if m.Addr.Addr().Is6() {
		family = "IP6"
	}
	host := m.Addr.Addr()
	rest := fmt.Sprintf("c=IN %s %s\r\nt=0 0\r\n%s", family, host, lines)
	if rest != w.last {
		w.version++
		w.last = rest
	}
	return fmt.Appendf(nil, "v=0\r\no=- %d %d IN %s %s\r\ns=-\r\n%s", w.id, w.version, family, host, rest)
}

func audioLine(m Media, codecs []string) string {
	var formats, maps strings.Builder
	for _, c := range codecs {
		pt := 8
		if c == MuLaw {
			pt = 0
		}
		fmt.Fprintf(&formats, " %d", pt)
		fmt.Fprintf(&maps, "a=rtpmap:%d %s/8000\r\n", pt, c)
	}
	if m.DTMF != 0 {
		fmt.Fprintf(&formats, " %d", m.DTMF)
		fmt.Fprintf(&maps, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-16\r\n", m.DTMF, m.DTMF)
	}
	proto := plainRTP
	if m.Crypto != nil {
		proto = secureRTP
		fmt.Fprintf(&maps, "a=crypto:%s\r\n", m.Crypto.line())
	}
	return fmt.Sprintf("m=audio %d %s%s\r\n%sa=ptime:20\r\na=%s\r\n", m.Addr.Port(), proto, &formats, &maps, m.Direction)
}

func refused(l *sdp.MediaDescription) string {
	n := l.MediaName
	return fmt.Sprintf("m=%s 0 %s %s\r\n", n.Media, strings.Join(n.Protos, "/"), strings.Join(n.Formats, " "))
}
