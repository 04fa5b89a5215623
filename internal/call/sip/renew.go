package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"heartwood/internal/fault"
)

// Offers of ours during a call, by re-INVITE (RFC 3261 §14.1).

// renewal is a re-INVITE of ours that is under way.
type renewal struct {
	media   Media
	refresh bool // it changes nothing: a session timer sent it
	in      *inviting
}

// Hold puts the other side on hold, or takes it back. It ends in Reoffered.
func (c *Call) Hold(on bool) error {
	return c.ask(func() error {
		if c.state != up && c.state != waiting {
			return errOver
		}
		c.holds = on
		m := c.local
		m.Direction = c.wish()
		c.renew(m, false)
		return nil
	})
}

// Reoffer offers other media: a new address, or new keys. Codec and direction
// stay as they are. It ends in Reoffered.
func (c *Call) Reoffer(m Media) error {
	return c.ask(func() error {
		if c.state != up && c.state != waiting {
			return errOver
		}
		if !m.Addr.IsValid() || (m.Crypto == nil) != (c.local.Crypto == nil) {
			return fault.At(fault.Invalid, "media", "An offer needs an address, and keys where the call is encrypted.")
		}
		m.Codec, m.DTMF, m.Direction = c.local.Codec, c.local.DTMF, c.wish()
		c.renew(m, false)
		return nil
	})
}

// renew offers m now, or when the offer that is under way has been answered.
func (c *Call) renew(m Media, refresh bool) {
	if c.renewal != nil || c.state == waiting || c.unacked != nil {
		if !refresh {
			c.next = &m
		}
		c.after("renew next", time.Second, c.renewNext)
		return
	}
	req := c.request(sip.INVITE, c.dialog.seq.Add(1))
	c.askSession(req)
	req.AppendHeader(sip.NewHeader("Content-Type", mimeSDP))
	req.SetBody(c.writer.offer(m, false))
	c.renewal = &renewal{media: m, refresh: refresh, in: &inviting{req: req}}
	c.sendInvite(c.renewal.in, c.renewed)
}

func (c *Call) renewNext() {
	if c.next == nil || c.state == over {
		return
	}
	m := *c.next
	if c.renewal == nil && c.state == up && c.unacked == nil {
		c.next = nil
	}
	m.Codec, m.DTMF = c.local.Codec, c.local.DTMF
	c.renew(m, false)
}

// renewed is given every answer to a re-INVITE of ours.
func (c *Call) renewed(in *inviting, res *sip.Response, err error) {
	r := c.renewal
	switch {
	case res != nil && res.IsProvisional():
	case res != nil && res.IsSuccess():
		c.dialog.retarget(res)
		c.acknowledge(in)
		c.renewal = nil
		c.taken(r, res)
	case c.state == over:
		c.renewal = nil
	case err != nil || res.StatusCode == sip.StatusRequestTimeout || res.StatusCode == sip.StatusCallTransactionDoesNotExists:
		c.renewal = nil
		c.hang(Line, sip.StatusRequestTimeout) // RFC 3261 §12.2.1.2
	case challenged(res) && c.prove(in, res, c.renewed):
	case res.StatusCode == sip.StatusRequestPending:
		c.renewal = nil
		c.after("glare", glare(c.outgoing, spread()), func() { c.renew(r.media, r.refresh) })
	default:
		c.renewal = nil
		if !r.refresh {
			c.emit(Reoffered{res.StatusCode, c.remote})
		}
		c.renewNext()
	}
}

// glare is how long to wait before offering again, when both offered at once:
// whoever made the Call-ID waits longer (RFC 3261 §14.1).
func glare(ours bool, spread float64) time.Duration {
	if ours {
		return 2100*time.Millisecond + time.Duration(spread*float64(1900*time.Millisecond))
	}
	return time.Duration(spread * float64(2*time.Second))
}

// taken is when the other side answered our offer.
func (c *Call) taken(r *renewal, res *sip.Response) {
	if c.state == over {
		return
	}
	m, err := readAnswer(res.Body(), r.media)
	if err != nil {
		c.hang(Line, unusable(err).code)
		return
	}
	c.local = r.media
	c.agreedSession(res)
	c.settleOn(m)
	if !r.refresh {
		c.emit(Reoffered{sip.StatusOK, m})
	}
	c.renewNext()
}
