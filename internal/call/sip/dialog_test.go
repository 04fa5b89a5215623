package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestSomebodyGivesUpBeforeWeAnswer(t *testing.T) {
	s, calls := at127(t, nil)
	p := peerAt(t, "127.0.0.1", s)
	invite := p.message("INVITE", plainOffer)
	p.send(invite)
	c := next(t, calls)
	must(t, c.Ring())
	p.send(strings.NewReplacer("INVITE ", "CANCEL ", "1 INVITE", "1 CANCEL").Replace(invite))
	if r := p.answer("CANCEL"); r.StatusCode != 200 {
		t.Errorf("%d", r.StatusCode)
	}
	r := p.answer("INVITE")
	if r.StatusCode != 487 {
		t.Errorf("%d", r.StatusCode)
	}
	p.ack(invite, r)
	if e := event[Ended](t, c); e.By != Them || e.Code != 487 {
		t.Errorf("%+v", e)
	}
	if c.Answer(audio(30000)) == nil {
		t.Error("a call that is over was answered")
	}
}

func TestACancelThatIsTooLateChangesNothing(t *testing.T) {
	s, calls := at127(t, nil)
	p := peerAt(t, "127.0.0.1", s)
	invite := p.message("INVITE", plainOffer)
	p.send(invite)
	c := next(t, calls)
	must(t, c.Answer(audio(30000)))
	r := p.answer("INVITE")
	p.send(strings.NewReplacer("INVITE ", "CANCEL ", "1 INVITE", "1 CANCEL").Replace(invite))
	p.answer("CANCEL")
	p.ack(invite, r)
	event[Answered](t, c)
	p.send(p.message("BYE", "", tagged(r)))
	p.answer("BYE")
	event[Ended](t, c)
}

func TestWithoutAnACKTheCallEnds(t *testing.T) {
	s, calls := at127(t, nil)
	p := peerAt(t, "127.0.0.1", s)
	p.send(p.message("INVITE", plainOffer))
	c := next(t, calls)
	must(t, c.Answer(audio(30000)))
	for range 3 {
		p.answer("INVITE") // it is repeated
	}
	p.reply(p.request("BYE"), 200)
	if e := event[Ended](t, c); e.By != Line {
		t.Errorf("%+v", e)
	}
}

func TestAnOfferThatComesLate(t *testing.T) {
	s, calls := at127(t, nil)
	p := peerAt(t, "127.0.0.1", s)
	invite := p.message("INVITE", "")
	p.send(invite)
	c := next(t, calls)
	if c.Remote().Addr.IsValid() {
		t.Error("there was no offer")
	}
	must(t, c.Answer(audio(30000)))
	r := p.answer("INVITE")
	d, err := readSDP(r.Body(), false)
	if err != nil || d.media.Addr.Port() != 30000 || len(d.lines[0].MediaName.Formats) != 3 {
		t.Fatalf("our offer: %v %s", err, r.Body())
	}
	body := strings.Replace(plainOffer, " 8 0 101", " 0", 1)
	ack := strings.NewReplacer("INVITE ", "ACK ", " INVITE", " ACK", "branch=z9hG4bK", "branch=z9hG4bKa", "Content-Length: 0", fmt.Sprintf("Content-Type: application/sdp\r\nContent-Length: %d", len(body)),
		"To: <sip:"+practice+"@heartwood>", tagged(r)).Replace(invite) + body
	p.send(ack)
	if e := event[Answered](t, c); e.Media.Codec != MuLaw || e.Media.Addr.Port() != 40000 {
		t.Errorf("%+v", e)
	}
}

func TestHeldAndResumedByTheOtherSide(t *testing.T) {
	s, calls := at127(t, nil)
	p := peerAt(t, "127.0.0.1", s)
	c, r := p.up(calls)
	for _, hold := range []string{
		plainOffer + "a=sendonly\r\n", plainOffer + "a=inactive\r\n", strings.Replace(plainOffer, "c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0", 1),
	} {
		for _, method := range []string{"INVITE", "UPDATE"} {
			m := p.message(method, hold, tagged(r))
			p.send(m)
			a := p.answer(method)
			if strings.Contains(string(a.Body()), "a=sendrecv") {
				t.Errorf("%s: %s", hold, a.Body())
			}
			if method == "INVITE" {
				p.ack(m, a)
			}
			event[Held](t, c)
			m = p.message(method, plainOffer, tagged(r))
			p.send(m)
			a = p.answer(method)
			if method == "INVITE" {
				p.ack(m, a)
			}
			event[Resumed](t, c)
		}
	}
	m := p.message("INVITE", strings.Replace(plainOffer, "40000", "40002", 1), tagged(r))
	p.send(m)
	p.ack(m, p.answer("INVITE"))
	if e := event[Moved](t, c); e.Media.Addr.Port() != 40002 {
		t.Errorf("%+v", e)
	}
	m = p.message("INVITE", "v=0\r\nnonsense", tagged(r))
	p.send(m)
	a := p.answer("INVITE")
	p.ack(m, a)
	if a.StatusCode != 400 || c.Remote().Addr.Port() != 40002 {
		t.Errorf("nonsense: %d, %v", a.StatusCode, c.Remote())
	}
}

func TestBothOfferAtOnce(t *testing.T) {
	s, calls := at127(t, nil)
	p := peerAt(t, "127.0.0.1", s)
	c, r := p.up(calls)
	must(t, c.Hold(true))
	ours := p.request("INVITE")
	m := p.message("INVITE", plainOffer, tagged(r))
	p.send(m)
	a := p.answer("INVITE")
	p.ack(m, a)
	if a.StatusCode != 491 {
		t.Errorf("%d", a.StatusCode)
	}
	p.reply(ours, 491)
	again := p.request("INVITE")
	for again.CSeq().SeqNo == ours.CSeq().SeqNo {
		again = p.request("INVITE")
	}
	p.reply(again, 488)
	if e := event[Reoffered](t, c); e.Code != 488 {
		t.Errorf("%+v", e)
	}
}

func TestRequestsOutOfOrderAndOfAnotherDialogAreRefused(t *testing.T) {
	s, calls := at127(t, nil)
	p := peerAt(t, "127.0.0.1", s)
	c, r := p.up(calls)
	for _, bad := range []struct {
		lines []string
		code  int
	}{
		{[]string{tagged(r), "CSeq: 0 BYE"}, 500},
		{[]string{tagged(r), "From: <sip:x@y>;tag=another"}, 481},
		{[]string{tagged(r) + "x"}, 481},
		{[]string{tagged(r), "Call-ID: another"}, 481},
		{[]string{tagged(r), "Require: teleport"}, 420},
	} {
		p.send(p.message("BYE", "", bad.lines...))
		if a := p.answer("BYE"); a.StatusCode != bad.code {
			t.Errorf("%v: %d, want %d", bad.lines, a.StatusCode, bad.code)
		}
	}
	p.send(p.message("BYE", "", tagged(r)))
	p.answer("BYE")
	event[Ended](t, c)
}

func TestKeysByINFO(t *testing.T) {
	s, calls := at127(t, nil)
	p := peerAt(t, "127.0.0.1", s)
	c, r := p.up(calls)
	for body, key := range map[string]byte{"Signal=5\r\nDuration=160\r\n": '5', "Signal= 11\r\n": '#', "signal=*": '*'} {
		p.send(p.message("INFO", body, tagged(r), "Content-Type: application/dtmf-relay"))
		p.answer("INFO")
		if e := event[Digit](t, c); e.Key != key {
			t.Errorf("%q is %c", body, e.Key)
		}
	}
	for _, body := range []string{"Signal=55", "Signal=", "x", "Signal=\x00"} {
		p.send(p.message("INFO", body, tagged(r), "Content-Type: application/dtmf-relay"))
		if a := p.answer("INFO"); a.StatusCode != 415 {
			t.Errorf("%q: %d", body, a.StatusCode)
		}
	}
}

func TestSessionTimers(t *testing.T) {
	s, calls := at127(t, func(c *Config) { c.Session = 2 * time.Second })
	t.Run("we refresh, and hang up when nobody answers", func(t *testing.T) {
		p := peerAt(t, "127.0.0.1", s)
		c, r := p.up(calls)
		if v := r.GetHeader("Session-Expires").Value(); v != "2;refresher=uas" {
			t.Errorf("%s", v)
		}
		ours := p.request("INVITE")
		p.reply(ours, 405)
		_ = c
		if e := event[Ended](t, c); e.By != Line {
			t.Errorf("%+v", e)
		}
	})
	t.Run("by UPDATE where that is known", func(t *testing.T) {
		p := peerAt(t, "127.0.0.1", s)
		invite := p.message("INVITE", plainOffer, "Allow: INVITE, UPDATE")
		p.send(invite)
		c := next(t, calls)
		must(t, c.Answer(audio(30000)))
		p.ack(invite, p.answer("INVITE"))
		event[Answered](t, c)
		for range 2 {
			p.reply(p.request("UPDATE"), 200, "Session-Expires: 2;refresher=uac")
		}
		p.reply(p.request("UPDATE"), 481)
		event[Ended](t, c)
	})
	t.Run("they are to refresh, and do not", func(t *testing.T) {
		p := peerAt(t, "127.0.0.1", s)
		invite := p.message("INVITE", plainOffer, "Session-Expires: 2", "Supported: timer")
		p.send(invite)
		c := next(t, calls)
		must(t, c.Answer(audio(30000)))
		r := p.answer("INVITE")
		p.ack(invite, r)
		if v := r.GetHeader("Session-Expires").Value(); v != "2;refresher=uac" || r.GetHeader("Require") == nil {
			t.Errorf("%s", v)
		}
		event[Answered](t, c)
		p.reply(p.request("BYE"), 200)
		if e := event[Ended](t, c); e.By != Line {
			t.Errorf("%+v", e)
		}
	})
}

func TestATransferIsRefusedUnlessTheExchangeWantsIt(t *testing.T) {
	s, calls := at127(t, nil)
	p := peerAt(t, "127.0.0.1", s)
	c, r := p.up(calls)
	for _, to := range []string{"<sip:+33140000000@x>", "<sip:+449098790123@x>", "<sip:someone@x>", "<sip:+443069990123@x?Replaces=abc>"} {
		p.send(p.message("REFER", "", tagged(r), "Refer-To: "+to))
		if a := p.answer("REFER"); a.StatusCode != 603 {
			t.Errorf("%s: %d", to, a.StatusCode)
		}
	}
	p.send(p.message("REFER", "", tagged(r), "Refer-To: <sip:+443069990123@x>"))
	event[Referred](t, c).Referral.Refuse()
	if a := p.answer("REFER"); a.StatusCode != 603 {
		t.Errorf("%d", a.StatusCode)
	}
	p.send(p.message("REFER", "", tagged(r), "Refer-To: <sip:+443069990123@x>"))
	referral := event[Referred](t, c).Referral
	if referral.Number != "+443069990123" {
		t.Errorf("%s", referral.Number)
	}
	must(t, referral.Accept())
	n := p.request("NOTIFY")
	p.reply(n, 200)
	must(t, referral.Progress(200))
	for string(n.Body()) == "SIP/2.0 100 Trying\r\n" {
		n = p.request("NOTIFY")
	}
	p.reply(n, 200)
	if !strings.HasPrefix(string(n.Body()), "SIP/2.0 200") || !strings.HasPrefix(n.GetHeader("Subscription-State").Value(), "terminated") {
		t.Errorf("%s", n)
	}
	if referral.Progress(200) == nil {
		t.Error("a transfer that has ended goes on")
	}
}

func TestWeAskForATransfer(t *testing.T) {
	s, calls := at127(t, nil)
	p := peerAt(t, "127.0.0.1", s)
	c, r := p.up(calls)
	if c.Refer("+33140000000") == nil {
		t.Error("abroad")
	}
	p.send(p.message("NOTIFY", "SIP/2.0 200 OK", tagged(r), "Event: refer", "Content-Type: message/sipfrag"))
	if a := p.answer("NOTIFY"); a.StatusCode != 481 {
		t.Errorf("news of what we did not ask for: %d", a.StatusCode)
	}
	must(t, c.Refer("03069 990123"))
	refer := p.request("REFER")
	if v := refer.GetHeader("Refer-To").Value(); !strings.Contains(v, "+443069990123@") {
		t.Errorf("%s", v)
	}
	p.reply(refer, 202)
	for _, code := range []int{100, 200} {
		p.send(p.message("NOTIFY", fmt.Sprintf("SIP/2.0 %d X\r\n", code), tagged(r), "Event: refer", "Content-Type: message/sipfrag", "Subscription-State: active"))
		if a := p.answer("NOTIFY"); a.StatusCode != 200 {
			t.Errorf("%d", a.StatusCode)
		}
		if e := event[Transferred](t, c); e.Code != code {
			t.Errorf("%+v", e)
		}
	}
}

func TestACallWhoseEventsNobodyReadsIsHungUp(t *testing.T) {
	s, calls := at127(t, nil)
	p := peerAt(t, "127.0.0.1", s)
	c, r := p.up(calls)
	for range cap(c.events) {
		p.send(p.message("INFO", "Signal=1", tagged(r), "Content-Type: application/dtmf-relay"))
		p.answer("INFO")
	}
	p.reply(p.request("BYE"), 200)
	var last Event
	for e := range c.Events() {
		last = e
	}
	if e, ok := last.(Ended); !ok || e.By != Us {
		t.Errorf("%T %+v", last, last)
	}
}
