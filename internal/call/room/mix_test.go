package room

import (
	"testing"

	"github.com/pion/webrtc/v4"
)

// FuzzSound: whatever a browser sends for sound is heard or left out.
func FuzzSound(f *testing.F) {
	f.Add([]byte{0x78, 1, 2, 3}, []byte{0xfc, 9, 9}, true)
	f.Add([]byte{}, make([]byte, 160), false)
	f.Fuzz(func(t *testing.T, a, b []byte, opus bool) {
		mime := webrtc.MimeTypePCMA
		if opus {
			mime = webrtc.MimeTypeOpus
		}
		r := &ring{on: true}
		var out [frame]int16
		for _, payload := range [][]byte{a, b, a} {
			r.put(mime, payload)
			if len(r.queue) > held {
				t.Fatalf("%d samples wait", len(r.queue))
			}
			r.take(&out)
		}
	})
}

type broken struct{}

func (broken) DecodeToInt16([]byte, []int16) (int, error) { panic("a packet that nobody thought of") }

func TestAPacketThatBreaksTheDecoderIsLeftOut(t *testing.T) {
	r := &ring{on: true, opus: broken{}}
	r.put(webrtc.MimeTypeOpus, []byte{1})
	if len(r.queue) != 0 {
		t.Errorf("%d samples of nothing", len(r.queue))
	}
	r.put(webrtc.MimeTypeOpus, []byte{0x08, 0, 0, 0}) // 20 ms of speech, by another decoder
	if len(r.queue) != frame {
		t.Errorf("%d samples of 20 ms", len(r.queue))
	}
}
