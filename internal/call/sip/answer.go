package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"heartwood/internal/fault"
)

// What we do with a call that came in and is not yet up.

const (
	ringAgain  = time.Minute     // RFC 3261 §13.3.1.1: so that no proxy on the way gives up
	ringAtMost = 5 * time.Minute // then nobody will come
)

var errAnswered = fault.New(fault.Conflict, "The call is answered already, or was not ours to answer.")

// arrived starts the clock of a call that nobody has looked at yet.
func (c *Call) arrived() {
	c.after("ring at most", ringAtMost, func() { c.hang(Line, sip.StatusTemporarilyUnavailable) })
}

// Ring tells the caller that it rings.
func (c *Call) Ring() error {
	return c.ask(func() error {
		if c.state != early || c.outgoing {
			return errAnswered
		}
		c.ring()
		return nil
	})
}

func (c *Call) ring() {
	_ = c.tx.Respond(c.response(c.invite, sip.StatusRinging, "Ringing", nil))
	c.after("ring again", ringAgain, c.ring)
}

// Reject refuses the call: 486 for busy, 404, 480, 603 and so on.
func (c *Call) Reject(code int) error {
	return c.ask(func() error {
		if c.state != early || c.outgoing || code < 400 || code > 699 {
			return errAnswered
		}
		c.refuse(Us, code, "Refused")
		return nil
	})
}

func (c *Call) refuse(by Who, code int, reason string) {
	_ = c.tx.Respond(c.response(c.invite, code, reason, nil))
	c.finish(Ended{By: by, Code: code})
}

// cancelled is when the caller gave up (RFC 3261 §9.2).
func (c *Call) cancelled() {
	if c.state == early {
		c.finish(Ended{By: Them, Code: sip.StatusRequestTerminated})
	}
}

// Answer takes the call. m says where we want the audio; codec, telephone
// events and direction follow the offer. Where the offer is encrypted m needs
// keys: NewSDES of the offer's tag and suite. The call is up with the event
// Answered.
func (c *Call) Answer(m Media) error {
	return c.ask(func() error {
		if c.state != early || c.outgoing {
			return errAnswered
		}
		body, err := c.describe(m)
		if err != nil {
			return err
		}
		c.clear("ring again")
		c.clear("ring at most")
		res := c.response(c.invite, sip.StatusOK, "OK", body)
		c.agreeSession(c.invite, res)
		c.state = waiting
		c.confirm(c.tx, c.invite, res, len(c.offered.lines) == 0)
		return nil
	})
}

// describe is our answer to their offer, or our offer where they made none.
func (c *Call) describe(m Media) ([]byte, error) {
	if len(c.offered.lines) == 0 {
		return c.describeOffer(m)
	}
	local, err := fit(m, c.offered.media)
	if err != nil {
		return nil, err
	}
	c.local = local
	return c.writer.answer(local, c.offered), nil
}

func (c *Call) describeOffer(m Media) ([]byte, error) {
	m, err := c.offerable(m)
	if err != nil {
		return nil, err
	}
	c.local = m
	return c.writer.offer(m, true), nil
}

// fit is m as an answer to an offer.
func fit(m, offer Media) (Media, error) {
	if !m.Addr.IsValid() {
		return m, fault.At(fault.Invalid, "media", "An answer needs an address for the audio.")
	}
	m.Codec, m.DTMF, m.Direction = offer.Codec, offer.DTMF, m.Direction.answerTo(offer.Direction)
	switch {
	case offer.Crypto == nil:
		m.Crypto = nil
	case m.Crypto == nil || m.Crypto.Suite != offer.Crypto.Suite:
		return m, fault.At(fault.Invalid, "media", "An answer to an encrypted offer needs keys of its suite.")
	default:
		keys := *m.Crypto
		keys.Tag = offer.Crypto.Tag // RFC 4568 §5.1.2
		m.Crypto = &keys
	}
	return m, nil
}

// unacked is an answer to an INVITE that the other side has not confirmed.
type unacked struct {
	seq  uint32
	tx   *sip.ServerTx
	res  *sip.Response
	late bool // the ACK brings the answer to our offer
}

// confirm sends a 200 to an INVITE, and again until the ACK comes; without one
// for 64*T1 (32 s) the call ends (RFC 3261 §13.3.1.4).
func (c *Call) confirm(tx *sip.ServerTx, req *sip.Request, res *sip.Response, late bool) {
	c.unacked = &unacked{req.CSeq().SeqNo, tx, res, late}
	_ = tx.Respond(res)
	c.repeat(sip.T1)
	c.after("ack", 64*sip.T1, func() {
		c.clear("repeat")
		c.hang(Line, sip.StatusRequestTimeout)
	})
}

func (c *Call) repeat(wait time.Duration) {
	c.after("repeat", wait, func() {
		_ = c.unacked.tx.Respond(c.unacked.res)
		c.repeat(min(2*wait, sip.T2))
	})
}

// acked is when an ACK came.
func (c *Call) acked(req *sip.Request) {
	u := c.unacked
	if u == nil || c.state == over || req.CSeq().SeqNo != u.seq {
		return
	}
	c.confirmed()
	if u.late {
		m, err := readAnswer(req.Body(), c.local)
		if err != nil {
			c.bye()
			c.finish(Ended{By: Line, Code: unusable(err).code})
			return
		}
		c.settleOn(m)
	}
	c.nowUp()
}

// confirmed stops the repeating.
func (c *Call) confirmed() {
	c.unacked = nil
	c.clear("repeat")
	c.clear("ack")
}

// nowUp is when both sides have agreed for the first time; later it does nothing.
func (c *Call) nowUp() {
	if c.state != waiting {
		return
	}
	c.state = up
	if c.hangs {
		c.hang(Us, 0)
		return
	}
	c.emit(Answered{c.remote})
}

// response makes an answer of ours to a request in the dialog (RFC 3261 §12.1.1).
func (c *Call) response(req *sip.Request, code int, reason string, body []byte) *sip.Response {
	res := sip.NewResponseFromRequest(req, code, reason, nil)
	res.To().Params.Add("tag", c.dialog.localTag)
	if code < 300 {
		res.AppendHeader(c.server.contact(c.trunk, c.dialog.peer))
		res.AppendHeader(sip.NewHeader("Allow", allowed))
		res.AppendHeader(sip.NewHeader("Supported", "timer"))
	}
	if body != nil {
		res.AppendHeader(sip.NewHeader("Content-Type", mimeSDP))
		res.SetBody(body)
	}
	return res
}
