package room

import (
	"math"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// Stats is how good a line has been of late, each way.
type Stats struct {
	In  Quality // what comes from the browser, as we see it
	Out Quality // what goes to the browser, as it reports
}

// Quality is how good one way of a line has been of late.
type Quality struct {
	Packets   uint64        // since the beginning; of what is sent, those the browser has spoken of
	Loss      float64       // the share that did not arrive, 0 to 1
	Jitter    time.Duration // how unevenly they came
	RoundTrip time.Duration // there and back; zero when not known
}

// report takes what a browser says of the stream ssrc.
func (q *Quality) report(p rtcp.Packet, ssrc uint32, now time.Time) {
	var rs []rtcp.ReceptionReport
	switch p := p.(type) {
	case *rtcp.ReceiverReport:
		rs = p.Reports
	case *rtcp.SenderReport:
		rs = p.Reports
	}
	for _, r := range rs {
		if r.SSRC != ssrc {
			continue
		}
		q.Loss = float64(r.FractionLost) / 256
		q.Jitter = samples(float64(r.Jitter))
		if trip := roundTrip(r, now); trip >= 0 {
			q.RoundTrip = trip
		}
	}
}

// roundTrip follows RFC 3550 section 6.4.1: now, less when our report left
// and how long it lay there. It is negative when there was no report of ours.
func roundTrip(r rtcp.ReceptionReport, now time.Time) time.Duration {
	if r.LastSenderReport == 0 {
		return -1
	}
	const since1900 = 2_208_988_800
	whole := uint64(now.Unix()+since1900)<<16 | uint64(now.Nanosecond())<<16/1e9
	ticks := int32(uint32(whole) - r.LastSenderReport - r.Delay)
	return time.Duration(ticks) * time.Second / (1 << 16)
}

func samples(n float64) time.Duration { return time.Duration(n * float64(time.Second) / perSecond) }

const window = 5 * time.Second // over which losses are counted

// arrivals counts what comes in, as RFC 3550 appendix A has it.
type arrivals struct {
	Quality
	ssrc    uint32
	highest uint16
	at      time.Time // when highest came
	stamp   uint32    // and the time it bears
	jitter  float64   // in samples

	began          time.Time // of this window
	expected, came uint64    // in this window
}

// note counts a packet, and tells whether it is later than all before it.
func (a *arrivals) note(p *rtp.Packet, now time.Time) bool {
	if a.Packets == 0 || p.SSRC != a.ssrc {
		*a = arrivals{Quality: a.Quality, ssrc: p.SSRC, highest: p.SequenceNumber - 1, began: now}
	}
	ahead := int16(p.SequenceNumber - a.highest)
	a.Packets++
	a.came++
	if ahead > 0 {
		a.highest = p.SequenceNumber
		a.expected += uint64(ahead)
		a.vary(p.Timestamp, now)
	}
	if now.Sub(a.began) >= window {
		a.Loss = 1 - min(1, float64(a.came)/float64(max(1, a.expected)))
		a.began, a.came, a.expected = now, 0, 0
	}
	return ahead > 0
}

// vary keeps how unevenly packets come, RFC 3550 appendix A.8.
func (a *arrivals) vary(stamp uint32, now time.Time) {
	if !a.at.IsZero() {
		uneven := now.Sub(a.at).Seconds()*perSecond - float64(int32(stamp-a.stamp))
		a.jitter += (math.Abs(uneven) - a.jitter) / 16
		a.Jitter = samples(a.jitter)
	}
	a.at, a.stamp = now, stamp
}
