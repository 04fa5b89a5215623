package sip

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/emiago/sipgo/sip"

	"heartwood/internal/fault"
)

// allowed are the methods we take (RFC 3261 §20.5). PRACK is not among them:
// we have nothing to say before a call is answered that must not be lost.
const allowed = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, REFER, NOTIFY"

const mimeSDP = "application/sdp"

func rand32() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// spread is a number from 0 to 1 by chance.
func spread() float64 {
	b := make([]byte, 4)
	_, _ = rand.Read(b)
	return float64(binary.BigEndian.Uint32(b)) / (1 << 32)
}

// via is our line at the top of a request (RFC 3261 §8.1.1.7), with rport
// (RFC 3581 §3) for the case that our address changes on the way.
func (s *Server) via(t *trunk, to netip.AddrPort) *sip.ViaHeader {
	host, port := s.net.self(t.transport(), to)
	v := &sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: strings.ToUpper(t.transport()), Host: host, Port: port}
	v.Params.Add("rport", "")
	v.Params.Add("branch", sip.GenerateBranch())
	return v
}

// contact is where requests in a dialog are to come to.
func (s *Server) contact(t *trunk, to netip.AddrPort) *sip.ContactHeader {
	host, port := s.net.self(t.transport(), to)
	user := t.User
	if user == "" {
		user = realm
	}
	uri := sip.Uri{Scheme: "sip", User: user, Host: host, Port: port}
	if t.transport() != "udp" {
		uri.UriParams.Add("transport", t.transport())
	}
	return &sip.ContactHeader{Address: uri}
}

// finish adds what every request of ours has, and says where it goes.
func (s *Server) finish(req *sip.Request, t *trunk, to netip.AddrPort) {
	most := sip.MaxForwardsHeader(70)
	req.AppendHeader(&most)
	req.AppendHeader(s.contact(t, to))
	req.AppendHeader(sip.NewHeader("Allow", allowed))
	req.AppendHeader(sip.NewHeader("Supported", "timer"))
	if req.Body() == nil {
		req.SetBody(nil)
	}
	req.SetTransport(strings.ToUpper(t.transport()))
	req.SetDestination(t.destination(to))
}

// roundTrip sends a request and waits for its final answer, proving who we are
// when the trunk asks, at most twice (a nonce may have gone stale).
func (s *Server) roundTrip(ctx context.Context, t *trunk, req *sip.Request, seq *atomic.Uint32) (*sip.Response, error) {
	for tries := 0; ; tries++ {
		res, err := s.once(ctx, req)
		if err != nil || !challenged(res) || tries == 2 {
			return res, err
		}
		next := t.authorise(req, res, seq.Add(1))
		if next == nil {
			return res, nil
		}
		req = next
	}
}

func (s *Server) once(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	tx, err := s.net.start(ctx, req)
	if err != nil {
		return nil, err
	}
	defer tx.Terminate()
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			return nil, fault.Wrap(tx.Err(), fault.Busy, "The trunk does not answer.")
		case <-ctx.Done():
			return nil, fault.Wrap(ctx.Err(), fault.Busy, "The trunk does not answer.")
		}
	}
}

// headerValue is a header's value by its name or its short form ("" for none,
// RFC 3261 §7.3.3).
func headerValue(m sip.Message, name, short string) string {
	for _, n := range []string{name, short} {
		if n == "" {
			continue
		}
		if all := m.GetHeaders(n); len(all) > 0 {
			return all[0].Value()
		}
	}
	return ""
}

// tokens are the values of all headers of a name, in lower case.
func tokens(m sip.Message, name, short string) []string {
	var all []string
	for _, n := range []string{name, short} {
		if n == "" {
			continue
		}
		for _, h := range m.GetHeaders(n) {
			for _, v := range strings.Split(h.Value(), ",") {
				if v = strings.ToLower(strings.TrimSpace(v)); v != "" {
					all = append(all, v)
				}
			}
		}
	}
	return all
}

func supports(m sip.Message, option string) bool {
	return slices.Contains(tokens(m, "Supported", "k"), option)
}

// respond answers a request; extra are headers in pairs.
func respond(tx *sip.ServerTx, req *sip.Request, code int, reason string, extra ...string) {
	res := sip.NewResponseFromRequest(req, code, reason, nil)
	for i := 0; i+1 < len(extra); i += 2 {
		res.AppendHeader(sip.NewHeader(extra[i], extra[i+1]))
	}
	_ = tx.Respond(res) // one who is gone does not miss it
}
