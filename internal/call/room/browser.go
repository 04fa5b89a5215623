package room

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"heartwood/internal/call/room/signal"
	"heartwood/internal/fault"
)

// offer answers what the browser offers to send and to be shown.
func (m *Member) offer(ctx context.Context, h signal.Heard) error {
	o, err := readOffer(h.SDP, roomSections)
	if err != nil {
		return err
	}
	l, err := m.connect(o, h)
	if err != nil {
		return err
	}
	answer, err := l.answer(ctx, o, func() error { return m.extend(l, o) })
	if err != nil {
		return err
	}
	r := m.room
	r.mu.Lock()
	defer r.mu.Unlock()
	m.say(signal.Said{Kind: signal.Answer, SDP: answer})
	m.asked = [2]int{}
	r.settle()
	return nil
}

// connect gives the browser's connection: the one there is, if it comes from
// the same browser.
func (m *Member) connect(o offer, h signal.Heard) (*link, error) {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	if !m.admitted || m.gone {
		return nil, fault.New(fault.Refused, "You have not been let in yet.")
	}
	m.sends = h.Sends
	if m.link != nil {
		return m.link, m.link.same(o)
	}
	l, err := m.room.engine.open(m.room.engine.room, o)
	if err != nil {
		return nil, err
	}
	m.link, m.since = l, time.Now()
	l.pc.OnTrack(m.gives)
	m.room.busy.Add(1)
	go m.follow(l)
	return l, nil
}

// follow waits for the connection to end, and tells when it is lost.
func (m *Member) follow(l *link) {
	defer m.room.busy.Done()
	l.OnState(func(State) {
		go func() {
			m.room.mu.Lock()
			defer m.room.mu.Unlock()
			m.room.tell()
		}()
	})
	<-l.Done()
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	m.room.out(m, "The connection was lost.")
}

// extend makes a place for each that the browser offers beyond those there are.
func (m *Member) extend(l *link, o offer) error {
	for kind, want := range map[webrtc.RTPCodecType]int{webrtc.RTPCodecTypeAudio: o.voices, webrtc.RTPCodecTypeVideo: o.videos} {
		for range want - m.has(kind) {
			k := &slot{kind: kind, name: "place" + strconv.Itoa(len(m.slots))}
			tr, err := l.pc.AddTransceiverFromTrack(k, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
			if err != nil {
				return fault.Wrap(err, fault.Internal, "The room could not make a place.")
			}
			k.tr = tr
			m.room.mu.Lock()
			m.slots = append(m.slots, k)
			m.room.mu.Unlock()
			go m.hear(k)
		}
	}
	return nil
}

func (m *Member) has(kind webrtc.RTPCodecType) (n int) {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	for _, k := range m.slots {
		if k.kind == kind {
			n++
		}
	}
	return n
}

// hear takes what the browser reports of what it is shown, until the end.
func (m *Member) hear(k *slot) {
	for {
		packets, _, err := k.tr.Sender().ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			m.report(k, p)
		}
	}
}

func (m *Member) report(k *slot, p rtcp.Packet) {
	switch p := p.(type) {
	case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
		if s := k.from.Load(); s != nil {
			s.wantKey()
		}
	case *rtcp.ReceiverEstimatedMaximumBitrate:
		m.bears.Store(uint64(p.Bitrate))
	case *rtcp.ReceiverReport:
		for _, r := range p.Reports {
			m.misses(uint32(r.FractionLost))
		}
	}
}

// misses keeps the worst that was reported.
func (m *Member) misses(of256 uint32) {
	for was := m.lost.Load(); of256 > was; was = m.lost.Load() {
		if m.lost.CompareAndSwap(was, of256) {
			return
		}
	}
}

// gives takes a voice or picture from the browser, to its end.
func (m *Member) gives(t *webrtc.TrackRemote, from *webrtc.RTPReceiver) {
	go drain(from.ReadRTCP)
	s := m.publish(t, from)
	if s == nil {
		return
	}
	defer m.withdraw(s)
	level := extension(from, sdp.AudioLevelURI)
	buf := make([]byte, mtu)
	var p rtp.Packet
	for {
		n, _, err := t.Read(buf)
		if err != nil {
			return
		}
		if p.Unmarshal(buf[:n]) != nil || len(p.Payload) == 0 {
			continue
		}
		if x := p.GetExtension(level); len(x) == 1 {
			s.level.note(-float64(x[0] & 127))
		}
		s.give(&p)
	}
}

// extension is the number under which packets bear what uri names, 0 for none.
func extension(from *webrtc.RTPReceiver, uri string) uint8 {
	for _, x := range from.GetParameters().HeaderExtensions {
		if x.URI == uri {
			return uint8(x.ID)
		}
	}
	return 0
}

func (m *Member) publish(t *webrtc.TrackRemote, from *webrtc.RTPReceiver) *source {
	r := m.room
	r.mu.Lock()
	defer r.mu.Unlock()
	track := m.sends[from.RTPTransceiver().Mid()]
	if m.gone || track == "" || (track == signal.Voice) != (t.Kind() == webrtc.RTPCodecTypeAudio) {
		return nil
	}
	s := &source{owner: m, track: track, mime: t.Codec().MimeType, ssrc: uint32(t.SSRC()), ask: m.link.pc.WriteRTCP}
	if track == signal.Voice {
		s.ask, s.phones = nil, &ring{}
	}
	m.hush(s)
	r.sources = append(r.sources, s)
	r.settle()
	return s
}

func (m *Member) withdraw(s *source) {
	r := m.room
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sources = slices.DeleteFunc(r.sources, func(o *source) bool { return o == s })
	r.settle()
}
