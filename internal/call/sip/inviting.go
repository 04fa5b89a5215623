package sip

import (
	"context"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

	"heartwood/internal/fault"
)

// inviting is an INVITE of ours on its way.
type inviting struct {
	req         *sip.Request
	trunk       *trunk // where it went: the call may have gone on to another since
	peer        netip.AddrPort
	provisional bool // something was heard: it can be cancelled
	cancelled   bool
	ack         *sip.Request // sent for its 200
	proofs      int          // how often we proved who we are
	stop        context.CancelFunc
}

type heard func(*inviting, *sip.Response, error)

// sendInvite sends it; on is given every answer on the call's goroutine, and
// at the end a final one or an error.
func (c *Call) sendInvite(in *inviting, on heard) {
	ctx, stop := context.WithCancel(c.server.life)
	in.stop, in.trunk, in.peer = stop, c.trunk, c.dialog.peer
	c.open++
	c.server.work.Go(func() {
		defer stop()
		res, err := c.listenFor(ctx, in, on)
		c.post(func() {
			c.open--
			on(in, res, err)
		})
	})
}

// listenFor passes on what is provisional and gives what is final. The
// transaction goes on by itself: it acknowledges a refusal that is repeated
// (RFC 3261 §17.1.1.2), and tells us of a 200 that is (RFC 6026 §7.2).
func (c *Call) listenFor(ctx context.Context, in *inviting, on heard) (*sip.Response, error) {
	tx, err := c.server.net.start(ctx, in.req)
	if err != nil {
		return nil, err
	}
	tx.OnRetransmission(func(res *sip.Response) { c.post(func() { c.repeated(in, res) }) })
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
			c.post(func() { on(in, res, nil) })
		case <-tx.Done():
			return nil, fault.Wrap(tx.Err(), fault.Busy, "The trunk does not answer.")
		case <-ctx.Done():
			tx.Terminate()
			return nil, fault.Wrap(ctx.Err(), fault.Busy, "The trunk does not answer.")
		}
	}
}

// acknowledge confirms a 200 (RFC 3261 §13.2.2.4), with the same credentials
// as the INVITE (§22.1).
func (c *Call) acknowledge(in *inviting) {
	in.ack = c.request(sip.ACK, in.req.CSeq().SeqNo)
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		sip.CopyHeaders(name, in.req, in.ack)
	}
	c.server.net.write(in.ack)
}

// repeated is when a 200 comes again: our ACK was lost, or another phone
// answered too; that one is hung up (§13.2.2.4).
func (c *Call) repeated(in *inviting, res *sip.Response) {
	tag, _ := res.To().Params.Get("tag")
	if in.ack != nil && tag == c.dialog.remoteTag {
		c.server.net.write(in.ack)
		return
	}
	c.decline(in, res)
}

// decline confirms a 200 that nobody wants any more, and hangs up.
func (c *Call) decline(in *inviting, res *sip.Response) {
	if res.To() == nil || in.req.From() == nil {
		return
	}
	d := &dialog{callID: string(*in.req.CallID()), local: in.req.From().Address, remote: in.req.To().Address, peer: in.peer}
	d.localTag, _ = in.req.From().Params.Get("tag")
	d.established(res)
	seq := in.req.CSeq().SeqNo
	d.seq.Store(seq + 1)
	c.server.net.write(c.server.inDialog(d, in.trunk, sip.ACK, seq))
	bye := c.server.inDialog(d, in.trunk, sip.BYE, seq+1)
	c.open++
	c.server.work.Go(func() {
		_, _ = c.server.roundTrip(c.server.life, in.trunk, bye, &d.seq) // who does not hear it has gone
		c.post(func() { c.open-- })
	})
}

// prove sends the INVITE again with our credentials; false where that cannot
// help.
func (c *Call) prove(in *inviting, res *sip.Response, on heard) bool {
	if in.proofs >= 2 {
		return false
	}
	req := c.trunk.authorise(in.req, res, c.dialog.seq.Add(1))
	if req == nil {
		return false
	}
	in.req, in.provisional = req, false
	in.proofs++
	c.sendInvite(in, on)
	return true
}

// cancel asks for an INVITE not to go on (RFC 3261 §9.1), and forgets it when
// it does so all the same.
func (c *Call) cancel(in *inviting) {
	if in.cancelled || !in.provisional {
		return
	}
	in.cancelled = true
	req := cancelling(in.req)
	time.AfterFunc(64*sip.T1, in.stop) // it does no harm to one that has ended
	c.open++
	c.server.work.Go(func() {
		_, _ = c.server.once(c.server.life, req) // the INVITE's own answer is what counts
		c.post(func() { c.open-- })
	})
}

func cancelling(invite *sip.Request) *sip.Request {
	req := sip.NewRequest(sip.CANCEL, invite.Recipient)
	req.AppendHeader(invite.Via().Clone())
	for _, name := range []string{"Route", "From", "To", "Call-ID"} {
		sip.CopyHeaders(name, invite, req)
	}
	req.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sip.CANCEL})
	most := sip.MaxForwardsHeader(70)
	req.AppendHeader(&most)
	req.SetBody(nil)
	req.SetTransport(invite.Transport())
	req.SetDestination(invite.Destination())
	return req
}
