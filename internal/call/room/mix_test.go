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
