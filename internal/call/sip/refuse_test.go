package sip

import (
	"strings"
	"testing"
)

func TestWhatIsRefusedAndHow(t *testing.T) {
	s, calls := at127(t, nil)
	secure := strings.Replace(plainOffer, "RTP/AVP", "RTP/SAVPF", 1)
	for _, c := range []struct {
		why    string
		method string
		body   string
		lines  []string
		code   int
	}{
		{"a number that is not ours", "INVITE", plainOffer, []string{"To: <sip:01632960999@x>", "X-URI: sip:+441632960999@heartwood"}, 404},
		{"no hops left", "INVITE", plainOffer, []string{"Max-Forwards: 0"}, 483},
		{"reliable provisional answers", "INVITE", plainOffer, []string{"Require: 100rel"}, 420},
		{"an unknown extension", "INVITE", plainOffer, []string{"Require: timer, teleport"}, 420},
		{"a body that is no SDP", "INVITE", "<xml/>", []string{"Content-Type: application/xml"}, 415},
		{"a body in another encoding", "INVITE", plainOffer, []string{"Content-Encoding: gzip"}, 415},
		{"SDP that is none", "INVITE", "v=0\r\nnonsense", nil, 400},
		{"no audio", "INVITE", strings.Replace(plainOffer, "m=audio", "m=video", 1), nil, 488},
		{"no codec of ours", "INVITE", strings.Replace(plainOffer, " 8 0 101", " 18 101", 1), nil, 488},
		{"a profile of browsers", "INVITE", secure, nil, 488},
		{"keys that are missing", "INVITE", strings.Replace(plainOffer, "RTP/AVP", "RTP/SAVP", 1), nil, 488},
		{"a name instead of an address", "INVITE", strings.ReplaceAll(plainOffer, "c=IN IP4 127.0.0.1", "c=IN IP4 media.example"), nil, 488},
		{"a session that is too short", "INVITE", plainOffer, []string{"Session-Expires: 30"}, 422},
		{"no tag in From", "INVITE", plainOffer, []string{"From: <sip:+447700900123@x>"}, 400},
		{"another method in CSeq", "INVITE", plainOffer, []string{"CSeq: 1 OPTIONS"}, 400},
		{"an unknown call", "BYE", "", []string{"To: <sip:x@y>;tag=nobody"}, 481},
		{"an unknown call", "INFO", "", []string{"To: <sip:x@y>;tag=nobody"}, 481},
		{"an unknown call", "REFER", "", []string{"To: <sip:x@y>;tag=nobody"}, 481},
		{"BYE outside", "BYE", "", nil, 481},
		{"CANCEL of nothing", "CANCEL", "", nil, 481},
		{"REFER outside", "REFER", "", []string{"Refer-To: <sip:+443069990123@x>"}, 405},
		{"REGISTER", "REGISTER", "", nil, 405},
		{"SUBSCRIBE", "SUBSCRIBE", "", nil, 405},
		{"MESSAGE", "MESSAGE", "", nil, 405},
		{"a method nobody knows", "TELEPORT", "", nil, 405},
		{"OPTIONS", "OPTIONS", "", nil, 200},
	} {
		p := peerAt(t, "127.0.0.1", s)
		m := p.message(c.method, c.body, c.lines...)
		if strings.Contains(m, "X-URI") {
			m = strings.Replace(m, "INVITE sip:"+practice, "INVITE sip:+441632960999", 1)
		}
		p.send(m)
		method := c.method
		if strings.Contains(m, "CSeq: 1 OPTIONS") {
			method = "OPTIONS"
		}
		r := p.answer(method)
		if r.StatusCode != c.code {
			t.Errorf("%s: %d, want %d", c.why, r.StatusCode, c.code)
		}
		if c.code == 420 && strings.Contains(r.GetHeader("Unsupported").Value(), "timer") {
			t.Error("timer is supported")
		}
		if c.method == "INVITE" {
			p.ack(m, r)
		}
	}
	if len(calls) > 0 {
		t.Error("a call came in all the same")
	}
}

func TestTheSameCallByTwoWaysIsAnsweredOnce(t *testing.T) {
	s, calls := at127(t, nil)
	p := peerAt(t, "127.0.0.1", s)
	invite := p.message("INVITE", plainOffer)
	p.send(invite)
	c := next(t, calls)
	p.send(strings.Replace(invite, "branch=z9hG4bK", "branch=z9hG4bKother", 1))
	if r := p.answer("INVITE"); r.StatusCode != 482 {
		t.Errorf("%d", r.StatusCode)
	}
	p.send(invite) // a retransmission of the first, which lives on
	must(t, c.Reject(480))
	if r := p.answer("INVITE"); r.StatusCode != 480 && r.StatusCode != 482 {
		t.Errorf("%d", r.StatusCode)
	}
}
