package sip

import (
	"net/netip"
	"strings"
	"sync/atomic"

	"github.com/emiago/sipgo/sip"
)

// dialog is what both sides of a call agree about it (RFC 3261 §12). Its
// call's goroutine owns it, but for the number of our requests.
type dialog struct {
	callID    string
	local     sip.Uri
	localTag  string
	remote    sip.Uri
	remoteTag string
	target    sip.Uri  // the other side's Contact
	routes    []string // Route values, in order
	seq       atomic.Uint32
	remoteSeq int64          // -1 before the first
	peer      netip.AddrPort // where the other side was heard from, or was called at
	updates   bool           // it takes UPDATE (RFC 3311 §4)
}

// key is how a request finds its call: only we know our tags.
func (d *dialog) key() string { return d.callID + "\x00" + d.localTag }

// answering makes the dialog of an INVITE that came in (RFC 3261 §12.1.1).
func answering(req *sip.Request, from netip.AddrPort) *dialog {
	d := &dialog{
		callID: string(*req.CallID()), localTag: rand32(), peer: from,
		local: req.To().Address, remote: req.From().Address, remoteSeq: int64(req.CSeq().SeqNo),
	}
	d.remoteTag, _ = req.From().Params.Get("tag")
	d.retarget(req)
	for _, h := range req.GetHeaders("Record-Route") {
		d.routes = append(d.routes, h.Value())
	}
	d.seq.Store(1)
	return d
}

// established takes over what an answer to our INVITE says (RFC 3261 §12.1.2).
func (d *dialog) established(res *sip.Response) {
	d.remoteTag, _ = res.To().Params.Get("tag")
	d.retarget(res)
	d.routes = nil
	rr := res.GetHeaders("Record-Route")
	for i := len(rr) - 1; i >= 0; i-- {
		d.routes = append(d.routes, rr[i].Value())
	}
}

// retarget follows the other side's Contact (RFC 3261 §12.2).
func (d *dialog) retarget(m sip.Message) {
	type contacted interface{ Contact() *sip.ContactHeader }
	if c := m.(contacted).Contact(); c != nil && (c.Address.Scheme == "sip" || c.Address.Scheme == "sips") && !c.Address.Wildcard {
		d.target = c.Address
	}
	for _, m := range tokens(m, "Allow", "") {
		d.updates = d.updates || m == "update"
	}
}

// request makes a request in the call's dialog.
func (c *Call) request(method sip.RequestMethod, seq uint32) *sip.Request {
	return c.server.inDialog(c.dialog, c.trunk, method, seq)
}

// inDialog makes a request (RFC 3261 §12.2.1.1). An ACK has the number of the
// INVITE that it confirms.
func (s *Server) inDialog(d *dialog, t *trunk, method sip.RequestMethod, seq uint32) *sip.Request {
	target, routes := d.aim()
	req := sip.NewRequest(method, target)
	to := d.next(t)
	req.AppendHeader(s.via(t, to))
	for _, r := range routes {
		req.AppendHeader(sip.NewHeader("Route", r))
	}
	from := &sip.FromHeader{Address: d.local}
	from.Params.Add("tag", d.localTag)
	req.AppendHeader(from)
	remote := &sip.ToHeader{Address: d.remote}
	if d.remoteTag != "" {
		remote.Params.Add("tag", d.remoteTag)
	}
	req.AppendHeader(remote)
	id := sip.CallIDHeader(d.callID)
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
	s.finish(req, t, to)
	return req
}

// aim gives Request-URI and routes, the other way round for a strict router.
func (d *dialog) aim() (sip.Uri, []string) {
	target, routes := d.target, d.routes
	if target.Host == "" {
		target = sip.Uri{Scheme: "sip", User: d.remote.User, Host: d.peer.Addr().String(), Port: int(d.peer.Port())}
	}
	target.Headers = nil
	if len(routes) > 0 && !strings.Contains(routes[0], ";lr") {
		var first sip.Uri
		if _, err := sip.ParseAddressValue(routes[0], &first, nil); err == nil {
			return first, append(routes[1:len(routes):len(routes)], "<"+target.String()+">")
		}
	}
	return target, routes
}

// next is where a request goes: by the first route, or to the Contact, as far
// as that is an address of the trunk. A name, or an address that the trunk
// does not have, is not followed: the request goes where the call came from.
func (d *dialog) next(t *trunk) netip.AddrPort {
	if d.remoteTag == "" {
		return d.peer // we are still looking for the other side
	}
	hop := d.target
	if len(d.routes) > 0 {
		hop = sip.Uri{}
		_, _ = sip.ParseAddressValue(d.routes[0], &hop, nil)
	}
	a, err := netip.ParseAddr(strings.Trim(hop.Host, "[]"))
	if err != nil {
		return d.peer
	}
	port := hop.Port
	if port == 0 {
		port = sip.DefaultPort(t.transport())
	}
	to := netip.AddrPortFrom(a.Unmap(), uint16(port))
	if _, ours := t.speaksFrom(to); !ours || port > 65535 {
		return d.peer
	}
	return to
}
