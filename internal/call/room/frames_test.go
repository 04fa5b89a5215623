package room

import (
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// nowhere takes packets in a browser's place.
type nowhere struct{ heads []rtp.Header }

func (w *nowhere) WriteRTP(h *rtp.Header, _ []byte) (int, error) {
	if len(w.heads) < cap(w.heads) {
		w.heads = append(w.heads, *h)
	}
	return 0, nil
}
func (w *nowhere) Write([]byte) (int, error) { return 0, nil }

func TestAFrameCostsNoMemory(t *testing.T) {
	s := sender{to: &nowhere{}}
	var r receiver
	heard := 0
	f := func([]byte) { heard++ }
	r.to.Store(&f)
	k := &slot{to: &nowhere{}, types: map[string]uint8{webrtc.MimeTypeVP8: 96}, sent: 3, kind: webrtc.RTPCodecTypeVideo}
	picture := &source{mime: webrtc.MimeTypeVP8}
	picture.sinks.Store(&[]*slot{k})
	p := rtp.Packet{Payload: make([]byte, frame)}
	now := time.Now()
	once := func() {
		if err := s.write(p.Payload); err != nil {
			t.Fatal(err)
		}
		p.SequenceNumber++
		r.take(&p, now)
		picture.give(&p)
	}
	once()
	if n := testing.AllocsPerRun(1000, once); n > 0 {
		t.Errorf("%.1f allocations a frame", n)
	}
	if heard < 1000 {
		t.Errorf("only %d frames were heard", heard)
	}
}

// Who looks at a place sees one row of numbers, whoever is shown in it.
func TestAPlaceNumbersOnAcrossPeopleAndPauses(t *testing.T) {
	w := &nowhere{heads: make([]rtp.Header, 0, 10)}
	k := &slot{to: w, types: map[string]uint8{webrtc.MimeTypeVP8: 96}, kind: webrtc.RTPCodecTypeVideo}
	a, b := &source{mime: webrtc.MimeTypeVP8}, &source{mime: webrtc.MimeTypeVP8}
	packet := func(seq uint16, stamp uint32) *rtp.Packet {
		return &rtp.Packet{Header: rtp.Header{SequenceNumber: seq, Timestamp: stamp}}
	}
	k.take(a, packet(65_535, 1000))
	k.take(a, packet(0, 4000))
	k.take(b, packet(777, 5)) // somebody else, with numbers of their own
	k.take(b, packet(779, 3005))
	k.paused.Store(true)
	k.take(b, packet(780, 9005))
	k.paused.Store(false)
	k.again()
	k.take(b, packet(900, 99_005))
	first := w.heads[0].SequenceNumber
	for i, want := range []uint16{0, 1, 2, 4, 5} {
		if got := w.heads[i].SequenceNumber - first; got != want {
			t.Errorf("packet %d has number %d, not %d", i, got, want)
		}
		if i > 0 && int32(w.heads[i].Timestamp-w.heads[i-1].Timestamp) <= 0 {
			t.Errorf("the time of packet %d goes back", i)
		}
	}
	k.take(&source{mime: webrtc.MimeTypeH264}, packet(1, 1))
	if len(w.heads) != 5 {
		t.Error("a picture was sent that the browser cannot read")
	}
}

func TestAPauseInAVoiceIsATimeOfItsOwn(t *testing.T) {
	var s sender
	at := time.Now()
	s.advance(at)
	s.advance(at.Add(20 * time.Millisecond))
	if s.head.Marker || s.head.Timestamp != 2*frame {
		t.Errorf("without a pause: %+v", s.head)
	}
	s.advance(at.Add(1020 * time.Millisecond))
	if !s.head.Marker || s.head.Timestamp != 2*frame+perSecond {
		t.Errorf("after a second: %+v", s.head)
	}
}
