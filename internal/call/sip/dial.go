package sip

import (
	"context"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"heartwood/internal/fault"
)

// Outgoing is a call to make.
type Outgoing struct {
	Trunks   []string      // by name, the first that is up first; none is all
	To       string        // the number, as it may be dialled
	From     string        // the number of ours to show, or to give to the carrier only
	Withheld bool          // the number is not shown
	Media    Media         // where we want the audio; Crypto for trunks that encrypt
	Ring     time.Duration // how long it may ring; two minutes when zero
}

// dialling is a call that is being made.
type dialling struct {
	out    Outgoing
	trunks []*trunk
	in     *inviting // the INVITE that counts; earlier ones are abandoned
	rang   bool
	stop   func() bool
}

// Dial makes a call. The number is asked of Config.Dialling, and From must be
// ours. It waits for Run. What becomes of it is in the call's events: Ringing, Answered, Ended.
// The end of ctx gives the call up where it is not yet answered.
func (s *Server) Dial(ctx context.Context, o Outgoing) (*Call, error) {
	to, err := s.conf.Dialling.MayDial(o.To)
	if err != nil {
		return nil, err
	}
	from, ok := Normalise(o.From)
	if !ok || !s.conf.Ours(from) {
		return nil, fault.At(fault.Refused, "from", "The number to show is not one of ours.")
	}
	select {
	case <-s.running:
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.Busy, "The telephone line is not yet open.")
	}
	trunks := s.choose(o.Trunks)
	if len(trunks) == 0 {
		return nil, fault.New(fault.Busy, "There is no line to call by.")
	}
	orDefault(&o.Ring, 2*time.Minute)
	c := newCall(s, trunks[0])
	c.outgoing, c.to, c.from = true, to, Caller{Number: from, Withheld: o.Withheld}
	c.dialling = &dialling{out: o, trunks: trunks}
	if _, err := c.offerable(o.Media); err != nil {
		return nil, err
	}
	c.dialog = c.looking()
	if !s.calls.add(c.dialog.key(), c, s.conf.Calls) {
		return nil, fault.New(fault.Busy, "There are too many calls at once.")
	}
	c.dialling.stop = context.AfterFunc(ctx, func() { c.post(func() { c.giveUp(Us, sip.StatusRequestTerminated) }) })
	s.work.Go(c.run)
	c.post(c.dial)
	return c, nil
}

// choose gives trunks in the order to try them: those that are up, then the
// others, since a trunk that is thought down costs only time.
func (s *Server) choose(names []string) []*trunk {
	var ups, downs []*trunk
	pick := func(t *trunk) {
		if t.current().Up {
			ups = append(ups, t)
		} else {
			downs = append(downs, t)
		}
	}
	for _, n := range names {
		if i := slices.IndexFunc(s.trunks, func(t *trunk) bool { return t.Name == n }); i >= 0 {
			pick(s.trunks[i])
		}
	}
	if len(names) == 0 {
		for _, t := range s.trunks {
			pick(t)
		}
	}
	return append(ups, downs...)
}

// offerable is m as we can offer it over the call's trunk.
func (c *Call) offerable(m Media) (Media, error) {
	if !m.Addr.IsValid() {
		return m, fault.At(fault.Invalid, "media", "An offer needs an address for the audio.")
	}
	m.DTMF = ownDTMF
	if !c.trunk.SRTP {
		m.Crypto = nil
	} else if m.Crypto == nil {
		return m, fault.At(fault.Invalid, "media", "This trunk needs keys for the audio.")
	}
	return m, nil
}

// looking is the dialog of a call whose other side is not yet known.
func (c *Call) looking() *dialog {
	t, o := c.trunk, c.dialling.out
	peer, _ := t.at()
	d := &dialog{
		callID: rand32(), localTag: rand32(), peer: peer, remoteSeq: -1,
		local:  sip.Uri{Scheme: "sip", User: c.from.Number, Host: t.domain()},
		remote: sip.Uri{Scheme: "sip", User: c.to, Host: t.domain()},
	}
	if o.Withheld { // RFC 3323 §4.1.1.3
		d.local = sip.Uri{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid"}
	}
	d.target = d.remote
	d.target.UriParams.Add("user", "phone")
	d.seq.Store(1)
	return d
}

// dial tries the trunk whose turn it is.
func (c *Call) dial() {
	if c.state == over {
		return
	}
	m, err := c.offerable(c.dialling.out.Media)
	if err != nil || !c.dialog.peer.IsValid() {
		c.another(Line, sip.StatusServiceUnavailable)
		return
	}
	c.local = m
	c.sendDial()
	c.after("ring at most", c.dialling.out.Ring, func() { c.giveUp(Us, sip.StatusRequestTimeout) })
}

func (c *Call) sendDial() {
	req := c.request(sip.INVITE, c.dialog.seq.Load())
	who := sip.Uri{Scheme: "sip", User: c.from.Number, Host: c.trunk.domain()}
	req.AppendHeader(sip.NewHeader("P-Asserted-Identity", "<"+who.String()+">")) // RFC 3325 §9.1
	if c.from.Withheld {
		req.AppendHeader(sip.NewHeader("Privacy", "id")) // RFC 3325 §9.3
	}
	c.askSession(req)
	req.AppendHeader(sip.NewHeader("Content-Type", mimeSDP))
	req.SetBody(c.writer.offer(c.local, true))
	c.dialling.in = &inviting{req: req}
	c.after("patience", c.server.conf.Patience, func() { c.another(Line, sip.StatusRequestTimeout) })
	c.sendInvite(c.dialling.in, c.dialled)
}

// dialled is given every answer to an INVITE that is to begin a call.
func (c *Call) dialled(in *inviting, res *sip.Response, err error) {
	switch {
	case in != c.dialling.in:
		c.unwanted(in, res)
	case err != nil:
		c.another(Line, sip.StatusServiceUnavailable)
	case res.IsProvisional():
		c.progress(in, res)
	case res.IsSuccess():
		c.picked(in, res)
	case challenged(res) && c.prove(in, res, c.dialled):
		c.after("patience", c.server.conf.Patience, func() { c.another(Line, sip.StatusRequestTimeout) })
	case res.StatusCode == 422 && c.session.least == 0: // RFC 4028 §7.3
		c.session.least = seconds(headerValue(res, "Min-SE", ""), leastSession)
		c.dialog.seq.Add(1)
		c.sendDial()
	case elsewhere(res.StatusCode):
		c.another(Them, res.StatusCode)
	default: // a redirection is among them: nobody makes us dial elsewhere
		c.dialling.in = nil
		c.finish(Ended{By: Them, Code: res.StatusCode})
	}
}

// unwanted deals with answers to an INVITE that was given up.
func (c *Call) unwanted(in *inviting, res *sip.Response) {
	switch {
	case res == nil:
	case res.IsProvisional():
		in.provisional = true
		c.cancel(in)
	case res.IsSuccess():
		c.decline(in, res)
	}
}

func (c *Call) progress(in *inviting, res *sip.Response) {
	in.provisional = true
	c.clear("patience")
	if res.StatusCode >= sip.StatusRinging && !c.dialling.rang {
		c.dialling.rang = true
		c.emit(Ringing{})
	}
}

// picked is when somebody answers.
func (c *Call) picked(in *inviting, res *sip.Response) {
	c.clear("patience")
	c.clear("ring at most")
	c.stopDialling()
	c.dialog.established(res)
	c.acknowledge(in)
	m, err := readAnswer(res.Body(), c.local)
	c.state = up
	if err != nil {
		c.hang(Line, unusable(err).code)
		return
	}
	c.agreedSession(res)
	c.settled(m)
}

func (c *Call) settled(m Media) {
	c.hears(m)
	c.local.Codec, c.local.DTMF = m.Codec, m.DTMF
	c.emit(Answered{m})
}

// elsewhere tells whether another trunk may do better: the number was not
// refused, only this way to it.
func elsewhere(code int) bool {
	return code == sip.StatusRequestTimeout || code == 430 || (code >= 500 && code < 600)
}

// another goes on to the next trunk, or ends when that was the last.
func (c *Call) another(by Who, code int) {
	if c.state != early {
		return
	}
	c.drop()
	d := c.dialling
	d.trunks = d.trunks[1:]
	if len(d.trunks) == 0 {
		c.finish(Ended{By: by, Code: code})
		return
	}
	c.server.log.Warn("call goes on by another trunk", "call", c.id, "from", c.trunk.Name, "to", d.trunks[0].Name, "code", code)
	c.mu.Lock()
	c.trunk = d.trunks[0]
	c.mu.Unlock()
	was := c.dialog.key()
	c.dialog, c.session = c.looking(), session{}
	c.server.calls.rename(was, c.dialog.key())
	c.dial()
}

// drop gives up the INVITE that is under way: it is cancelled now, or when
// something is heard of it.
func (c *Call) drop() {
	in := c.dialling.in
	c.dialling.in = nil
	c.clear("patience")
	c.clear("ring at most")
	if in != nil {
		c.cancel(in)
	}
}

// giveUp ends a call of ours that was not yet answered.
func (c *Call) giveUp(by Who, code int) {
	if c.state != early {
		return
	}
	c.drop()
	if code == 0 {
		code = sip.StatusRequestTerminated
	}
	c.finish(Ended{By: by, Code: code})
}

func (c *Call) stopDialling() {
	if c.dialling != nil && c.dialling.stop != nil {
		c.dialling.stop()
	}
}
