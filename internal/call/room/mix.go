package room

import (
	"slices"
	"sync"
	"time"

	"github.com/pion/opus"
	"github.com/pion/webrtc/v4"

	"heartwood/internal/call/media/g711"
)

const (
	held  = 10 * frame // samples that may wait for a telephone: 200 ms
	begin = 2 * frame  // that must wait before it is heard, so that it does not stutter
	long  = 6 * frame  // of the longest packet that browsers make: 120 ms
)

// decoder makes samples of Opus.
type decoder interface {
	DecodeToInt16(in []byte, out []int16) (samples int, err error)
}

// ring keeps the last of one voice, as 8,000 samples a second, for telephones.
type ring struct {
	mu      sync.Mutex // protects all fields below
	on      bool       // a telephone listens: without one, nothing is decoded
	opus    decoder
	decoded [long]int16
	queue   []int16
	playing bool
}

// put adds a packet's sound. What cannot be decoded is left out.
func (r *ring) put(mime string, payload []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.on {
		return
	}
	if mime == webrtc.MimeTypePCMA {
		n := len(r.queue)
		r.queue = slices.Grow(r.queue, len(payload))[:n+len(payload)]
		g711.A.Decode(r.queue[n:], payload)
	} else if n, ok := r.decode(payload); ok {
		r.queue = append(r.queue, r.decoded[:n]...)
	}
	if extra := len(r.queue) - held; extra > 0 {
		r.queue = r.queue[:copy(r.queue, r.queue[extra:])]
	}
}

// decode makes sound of a packet. What a stranger sends must not end
// everybody's calls, whatever it does to the decoder.
func (r *ring) decode(payload []byte) (n int, ok bool) {
	defer func() {
		if recover() != nil {
			r.opus, n, ok = nil, 0, false
		}
	}()
	if r.opus == nil {
		d, err := opus.NewDecoderWithOutput(perSecond, 1)
		if err != nil {
			return 0, false
		}
		r.opus = &d
	}
	n, err := r.opus.DecodeToInt16(payload, r.decoded[:])
	return n, err == nil
}

// take gives the next 20 ms, or false where there is nothing to be heard.
func (r *ring) take(to *[frame]int16) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = true
	if len(r.queue) < frame || !r.playing && len(r.queue) < begin {
		r.playing = false
		return false
	}
	r.playing = true
	copy(to[:], r.queue)
	r.queue = r.queue[:copy(r.queue, r.queue[frame:])]
	return true
}

// hush forgets what waits, and decodes no more until somebody listens.
func (r *ring) hush() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue, r.playing, r.on = r.queue[:0], false, false
}

// mixer gives each telephone of a room what the others say, by the clock.
type mixer struct {
	room *Room
	out  [frame]byte
	one  [frame]int16
}

// run mixes until the room has no telephone, or is over.
func (x *mixer) run() {
	defer x.room.busy.Done()
	began := time.Now()
	for n := 1; ; n++ {
		select {
		case <-x.room.over:
			return
		case <-time.After(time.Until(began.Add(time.Duration(n) * 20 * time.Millisecond))):
		}
		voices, phones, ok := x.room.heard()
		if !ok {
			return
		}
		x.mix(voices, phones)
	}
}

func (x *mixer) mix(voices []*source, phones []*Member) {
	var all [frame]int32
	own := map[*Member][frame]int16{}
	for _, s := range voices {
		if s.hushed.Load() || !s.phones.take(&x.one) {
			continue
		}
		for i, v := range x.one {
			all[i] += int32(v)
		}
		if s.owner.leg != nil {
			own[s.owner] = x.one
		}
	}
	for _, m := range phones {
		self := own[m]
		for i, v := range all {
			x.one[i] = int16(max(-32768, min(32767, v-int32(self[i]))))
		}
		g711.A.Encode(x.out[:], x.one[:])
		_ = m.leg.Write(x.out[:]) // a leg that is over says so by Done
	}
}
