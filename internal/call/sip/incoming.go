package sip

import (
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// request is given every request that the gate and sipgo let through, each on
// a goroutine of its own.
func (s *Server) request(req *sip.Request, tx *sip.ServerTx) {
	from, err := netip.ParseAddrPort(req.Source())
	if err != nil {
		tx.Terminate()
		return
	}
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	t, refusal := s.gate.judge(req, from)
	switch {
	case t == nil && (refusal == nil || !s.gate.strangers.allow(from.Addr(), time.Now())):
		tx.Terminate()
	case t == nil:
		_ = tx.Respond(refusal)
	case req.IsAck():
		s.ack(req)
		tx.Terminate() // an ACK is not answered
	case req.SipVersion != "SIP/2.0":
		respond(tx, req, sip.StatusVersionNotSupported, "Version Not Supported")
	case !whole(req):
		respond(tx, req, sip.StatusBadRequest, "Bad Request")
	case req.To().Params.Has("tag"):
		s.within(req, tx)
	default:
		s.outside(req, tx, t, from)
	}
}

// whole tells whether a request has what every request must have (RFC 3261 §8.1.1).
func whole(req *sip.Request) bool {
	from, to, id, seq := req.From(), req.To(), req.CallID(), req.CSeq()
	if from == nil || to == nil || id == nil || seq == nil || req.Via() == nil {
		return false
	}
	tag, _ := from.Params.Get("tag")
	return tag != "" && len(tag) < 256 && len(*id) < 256 && seq.MethodName == req.Method &&
		!strings.ContainsAny(string(*id)+tag, "\x00\n\r")
}

// ack finds the call that an ACK confirms. One for nothing is nothing.
func (s *Server) ack(req *sip.Request) {
	if !whole(req) {
		return
	}
	tag, _ := req.To().Params.Get("tag")
	if c := s.calls.find(string(*req.CallID()), tag); c != nil {
		c.post(func() { c.acked(req) })
	}
}

// within deals with a request inside a dialog (RFC 3261 §12.2.2).
func (s *Server) within(req *sip.Request, tx *sip.ServerTx) {
	tag, _ := req.To().Params.Get("tag")
	c := s.calls.find(string(*req.CallID()), tag)
	if c == nil || !c.post(func() { c.inDialog(req, tx) }) {
		noSuchCall(req, tx)
	}
}

func noSuchCall(req *sip.Request, tx *sip.ServerTx) {
	respond(tx, req, sip.StatusCallTransactionDoesNotExists, "Call/Transaction Does Not Exist")
}

// outside deals with a request that begins something. INVITE begins a call,
// OPTIONS is answered (RFC 3261 §11.2), and nothing else is taken: no REFER,
// no SUBSCRIBE, no REGISTER, no MESSAGE.
func (s *Server) outside(req *sip.Request, tx *sip.ServerTx, t *trunk, from netip.AddrPort) {
	switch req.Method {
	case sip.INVITE:
		s.invited(req, tx, t, from)
	case sip.OPTIONS:
		respond(tx, req, sip.StatusOK, "OK", "Allow", allowed, "Accept", mimeSDP, "Supported", "timer")
	case sip.CANCEL, sip.BYE, sip.UPDATE, sip.INFO, sip.NOTIFY, sip.PRACK:
		noSuchCall(req, tx)
	default:
		respond(tx, req, sip.StatusMethodNotAllowed, "Method Not Allowed", "Allow", allowed)
	}
}

// refusal is why an INVITE is not taken.
type refusal struct {
	code   int
	reason string
	extra  []string // headers in pairs
}

// invited takes an INVITE as a call, or refuses it (RFC 3261 §8.2, §13.3.1).
func (s *Server) invited(req *sip.Request, tx *sip.ServerTx, t *trunk, from netip.AddrPort) {
	if !s.calls.begin(req, tx) || s.calls.ours(string(*req.CallID())) {
		respond(tx, req, sip.StatusLoopDetected, "Loop Detected") // §8.2.2.2
		return
	}
	c, no := s.consider(req, t, from)
	if no != nil {
		respond(tx, req, no.code, no.reason, no.extra...)
		return
	}
	c.tx = tx
	if !s.calls.add(c.dialog.key(), c, s.conf.Calls) {
		respond(tx, req, sip.StatusServiceUnavailable, "Service Unavailable", "Retry-After", "10")
		return
	}
	cancelled := func(*sip.Request) { c.post(c.cancelled) } // sipgo has answered both (§9.2)
	if !tx.OnCancel(cancelled) {
		cancelled(nil)
	}
	s.log.Info("call came in", "call", c.id, "trunk", t.Name)
	s.work.Go(c.run)
	c.post(c.arrived)
	s.work.Go(func() { s.answer(c) })
}

// consider makes the call that an INVITE asks for.
func (s *Server) consider(req *sip.Request, t *trunk, from netip.AddrPort) (*Call, *refusal) {
	if no := s.acceptable(req); no != nil {
		return nil, no
	}
	to, ok := called(req)
	if !ok || !s.conf.Ours(to) {
		return nil, &refusal{code: sip.StatusNotFound, reason: "Not Found"}
	}
	c := newCall(s, t)
	c.invite, c.to, c.from = req, to, callerOf(req)
	c.dialog = answering(req, from)
	if len(req.Body()) == 0 {
		return c, nil // the offer is ours to make (RFC 3261 §13.3.1)
	}
	d, err := readSDP(req.Body(), t.SRTP)
	if err != nil {
		return nil, unusable(err)
	}
	c.offered, c.remote = d, d.media
	return c, nil
}

// acceptable looks at what the headers ask for.
func (s *Server) acceptable(req *sip.Request) *refusal {
	if m := req.MaxForwards(); m != nil && m.Val() == 0 {
		return &refusal{code: sip.StatusTooManyHops, reason: "Too Many Hops"}
	}
	if odd := unknownOptions(req); len(odd) > 0 { // §8.2.2.3; 100rel is among them
		return &refusal{sip.StatusBadExtension, "Bad Extension", []string{"Unsupported", strings.Join(odd, ", ")}}
	}
	if len(req.Body()) > 0 && !isSDP(req) { // §8.2.3
		return &refusal{sip.StatusUnsupportedMediaType, "Unsupported Media Type", []string{"Accept", mimeSDP}}
	}
	return s.tooBrief(req)
}

func unknownOptions(req *sip.Request) []string {
	var odd []string
	for _, o := range tokens(req, "Require", "") {
		if o != "timer" {
			odd = append(odd, o)
		}
	}
	return odd
}

func isSDP(m sip.Message) bool {
	mime, _, _ := strings.Cut(headerValue(m, "Content-Type", "c"), ";")
	return strings.EqualFold(strings.TrimSpace(mime), mimeSDP) && headerValue(m, "Content-Encoding", "e") == ""
}

func unusable(err error) *refusal {
	if err == errMalformed { //nolint:errorlint // it is one of two that readSDP gives as they are
		return &refusal{code: sip.StatusBadRequest, reason: "Bad Session Description"}
	}
	return &refusal{code: sip.StatusNotAcceptableHere, reason: "Not Acceptable Here"}
}
