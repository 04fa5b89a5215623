package sip

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// peer is somebody at the other end of a wire, who says what the test tells
// them to, right or wrong.
type peer struct {
	t      testing.TB
	conn   net.PacketConn
	server net.Addr
	n      int
}

// peerAt listens at a host of its own and talks to a server's UDP port.
func peerAt(t testing.TB, host string, s *Server) *peer {
	t.Helper()
	c, err := net.ListenPacket("udp", host+":0")
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return &peer{t: t, conn: c, server: s.Addr("udp")}
}

// at127 is a server whose trunk is every address of 127.0.0.1.
func at127(t testing.TB, change func(*Config)) (*Server, <-chan *Call) {
	t.Helper()
	conf := Config{Listen: Listen{UDP: "127.0.0.1:0"}, KeepAlive: time.Hour, Trunks: []Trunk{{
		Name: "carrier", Server: "127.0.0.1:9", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	}}}
	if change != nil {
		change(&conf)
	}
	return running(t, conf)
}

const plainOffer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"

// message is a request with all that a request must have, with lines more or
// other lines: one that begins with "Name:" takes the place of that header.
func (p *peer) message(method, body string, lines ...string) string {
	p.n++
	at := p.conn.LocalAddr()
	headers := []string{
		fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bK%d.%d;rport", at, time.Now().UnixNano(), p.n),
		"Max-Forwards: 70",
		fmt.Sprintf("From: <sip:+447700900123@%s>;tag=theirs", at),
		fmt.Sprintf("To: <sip:%s@heartwood>", practice),
		fmt.Sprintf("Call-ID: call-%s", at),
		fmt.Sprintf("CSeq: %d %s", p.n, method),
		fmt.Sprintf("Contact: <sip:%s>", at),
	}
	if body != "" {
		headers = append(headers, "Content-Type: application/sdp")
	}
	for _, l := range lines {
		name, _, _ := strings.Cut(l, ":")
		instead := false
		for i, h := range headers {
			if strings.HasPrefix(h, name+":") {
				headers[i], instead = l, true
			}
		}
		if !instead {
			headers = append(headers, l)
		}
	}
	return fmt.Sprintf("%s sip:%s@heartwood SIP/2.0\r\n%s\r\nContent-Length: %d\r\n\r\n%s", method, practice, strings.Join(headers, "\r\n"), len(body), body)
}

func (p *peer) send(m string) {
	p.t.Helper()
	_, err := p.conn.WriteTo([]byte(m), p.server)
	must(p.t, err)
}

// heard waits for the next message; nil when there is none within the time.
func (p *peer) heard(within time.Duration) sip.Message {
	p.t.Helper()
	b := make([]byte, 65536)
	must(p.t, p.conn.SetReadDeadline(time.Now().Add(within)))
	n, _, err := p.conn.ReadFrom(b)
	if err != nil {
		return nil
	}
	m, err := sip.ParseMessage(b[:n])
	must(p.t, err)
	return m
}

// answer waits for a final answer to a method, and passes over whatever else
// comes before.
func (p *peer) answer(method string) *sip.Response {
	p.t.Helper()
	for range 100 {
		m := p.heard(20 * time.Second)
		if m == nil {
			break
		}
		if r, ok := m.(*sip.Response); ok && !r.IsProvisional() && string(r.CSeq().MethodName) == method {
			return r
		}
	}
	p.t.Fatalf("no answer to %s", method)
	return nil
}

// request waits for a request of the server.
func (p *peer) request(method string) *sip.Request {
	p.t.Helper()
	for range 100 {
		m := p.heard(20 * time.Second)
		if m == nil {
			break
		}
		if r, ok := m.(*sip.Request); ok && string(r.Method) == method {
			return r
		}
	}
	p.t.Fatalf("no %s came", method)
	return nil
}

// reply answers a request of the server.
func (p *peer) reply(req *sip.Request, code int, lines ...string) {
	p.t.Helper()
	res := sip.NewResponseFromRequest(req, code, "Reply", nil)
	for _, l := range lines {
		name, v, _ := strings.Cut(l, ": ")
		res.AppendHeader(sip.NewHeader(name, v))
	}
	p.send(res.String())
}

// ack confirms an answer, so that it is not sent again.
func (p *peer) ack(invite string, r *sip.Response, lines ...string) {
	m := strings.Replace(invite, "INVITE ", "ACK ", 1)
	head, _, _ := strings.Cut(m, "\r\n\r\n")
	var kept []string
	for _, l := range strings.Split(head, "\r\n") {
		switch {
		case strings.HasPrefix(l, "Content-"):
		case strings.HasPrefix(l, "To:"):
			kept = append(kept, r.To().String())
		case strings.HasPrefix(l, "CSeq:"):
			kept = append(kept, strings.Replace(l, "INVITE", "ACK", 1))
		case strings.HasPrefix(l, "Via:") && r.IsSuccess():
			kept = append(kept, strings.Replace(l, "branch=", "branch=z9hG4bKack", 1))
		default:
			kept = append(kept, l)
		}
	}
	p.send(strings.Join(append(kept, lines...), "\r\n") + "\r\nContent-Length: 0\r\n\r\n")
}

// tagged is the To of a dialog, to put into further requests.
func tagged(r *sip.Response) string { return r.To().String() }

// up calls, is answered and confirms.
func (p *peer) up(calls <-chan *Call) (*Call, *sip.Response) {
	p.t.Helper()
	invite := p.message("INVITE", plainOffer)
	p.send(invite)
	c := next(p.t, calls)
	must(p.t, c.Answer(audio(30000)))
	r := p.answer("INVITE")
	p.ack(invite, r)
	event[Answered](p.t, c)
	return c, r
}
