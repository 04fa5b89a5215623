package sip

import "testing"

func TestACallComesInIsAnsweredAndEnds(t *testing.T) {
	_, theirs, arriving := pair(t, nil)
	them := dial(t, theirs)
	us := next(t, arriving)
	if us.To() != practice || us.From().Number != patient || us.From().Withheld || us.Trunk() != "carrier" {
		t.Errorf("call to %s from %+v by %s", us.To(), us.From(), us.Trunk())
	}
	if m := us.Remote(); m.Addr.Port() != 40000 || m.Codec != ALaw || m.DTMF != ownDTMF {
		t.Errorf("offer %+v", m)
	}
	must(t, us.Ring())
	event[Ringing](t, them)
	must(t, us.Answer(audio(30000)))
	event[Answered](t, us)
	if m := event[Answered](t, them).Media; m.Addr.Port() != 30000 || m.Codec != ALaw {
		t.Errorf("answer %+v", m)
	}
	us.Hang()
	if e := event[Ended](t, us); e.By != Us {
		t.Errorf("%+v", e)
	}
	if e := event[Ended](t, them); e.By != Them {
		t.Errorf("%+v", e)
	}
}

func TestHoldAndMove(t *testing.T) {
	_, theirs, arriving := pair(t, nil)
	them, us := connected(t, theirs, arriving)
	must(t, us.Hold(true))
	event[Held](t, them)
	event[Reoffered](t, us)
	must(t, us.Hold(false))
	event[Resumed](t, them)
	event[Reoffered](t, us)
	must(t, them.Reoffer(audio(40002)))
	if m := event[Moved](t, us).Media; m.Addr.Port() != 40002 {
		t.Errorf("moved to %v", m.Addr)
	}
	event[Reoffered](t, them)
	them.Hang()
	event[Ended](t, us)
	event[Ended](t, them)
}
