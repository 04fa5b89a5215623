package media

import (
	"math"
	"time"
)

// Quality is how good one leg's line is. Counts are since the leg began.
type Quality struct {
	Received   uint64 // packets, each once
	Lost       uint64 // by their numbers, or not yet come
	Late       uint64 // came too late to be played
	Duplicated uint64
	Refused    uint64 // malformed, from strangers, or not authentic
	Sent       uint64

	Jitter  time.Duration // RFC 3550, 6.4.1
	Delay   time.Duration // in our jitter buffer
	Round   time.Duration // there and back, from the other end's reports; 0 unknown
	FarLost float64       // share of our packets that the other end lost lately, from its reports; -1 unknown
	Silent  time.Duration // since the last packet came, or since the leg began

	Loss float64 // share that was lost or late in the last 5 to 10 seconds
	MOS  float64 // of what we heard in that time, estimated: 1 to 4.5
}

// account is what a leg has of what was sent to it.
type account struct{ expected, missing int64 }

// lately keeps two accounts, so that what is said of the line is about now.
type lately struct{ before, last account }

const windowBeats = int64(5 * time.Second / beatTime)

// turn is called every five seconds.
func (w *lately) turn(a account) { w.before, w.last = w.last, a }

// loss is the share of what was sent lately that was not heard.
func (w *lately) loss(a account) float64 {
	due := a.expected - w.before.expected
	if due <= 0 {
		return 0
	}
	return float64(max(a.missing-w.before.missing, 0)) / float64(due)
}

func (l *Leg) account() account {
	return account{int64(l.in.expected()), int64(l.in.lost() + l.buf.late)}
}

// Quality is how good the line is.
func (l *Leg) Quality() Quality {
	m := l.lock()
	defer m.mu.Unlock()
	q := Quality{
		Received: l.in.total.received, Lost: l.in.lost(), Late: l.buf.late, Duplicated: l.in.total.duplicated,
		Refused: l.in.total.refused, Sent: l.sent, Jitter: samples(l.in.jitter), Delay: samples(float64(l.buf.delay())),
		Round: l.told.round, FarLost: -1, Silent: m.now - max(l.latch.heard, l.born), Loss: l.lately.loss(l.account()),
	}
	if l.told.known {
		q.FarLost = l.told.farLost
	}
	q.MOS = mos(q.Loss, q.Round/2+q.Delay+FrameTime)
	return q
}

// mos estimates the mean opinion score by the E-model of ITU-T G.107 with its
// default values, as G.107 annex B maps R to MOS. The delay's impairment is
// the simplification of Cole and Rosenbluth (2001); G.711 has Ie 0 and, with
// concealment, Bpl 25.1 (G.113, table I.3), loss taken as random.
func mos(loss float64, oneWay time.Duration) float64 {
	const (
		basic = 93.2
		bpl   = 25.1
	)
	ms := float64(oneWay) / float64(time.Millisecond)
	delayed := 0.024*ms + 0.11*max(0, ms-177.3)
	percent := 100 * min(max(loss, 0), 1)
	lossy := 95 * percent / (percent + bpl)
	r := basic - delayed - lossy
	switch {
	case r <= 0:
		return 1
	case r >= 100:
		return 4.5
	}
	return max(1, 1+0.035*r+7e-6*r*(r-60)*(100-r))
}

func samples(n float64) time.Duration {
	return time.Duration(math.Round(n * float64(time.Second) / Rate))
}
