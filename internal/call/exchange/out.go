package exchange

import (
	"heartwood/internal/call/sip"
	"heartwood/internal/care/callflow"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// dial rings a number for somebody who then talks.
func (b *board) dial(s *Seat, number, patient string) error {
	if len(b.plan.Numbers) == 0 {
		return fault.New(fault.Refused, "The practice has no number to call from.")
	}
	to, err := b.x.SIP.Dialling.MayDial(number)
	if err != nil {
		return err
	}
	if patient != "" {
		patient = "Patient/" + patient
	}
	k := &call{id: ident.NewID(), seat: s}
	b.calls[k.id] = k
	s.talk(k)
	b.happen(k, callflow.Event{
		What: callflow.Dialling, Call: k.id, From: b.plan.Numbers[0].E164, To: to, By: s.who.Ref, Patient: patient,
	})
	return nil
}

// dialOut has the trunks ring a number: the first line of a call that we make,
// or one that a caller is sent on to.
func (b *board) dialOut(k *call, to string) {
	l, err := newLine(b.x.Media, nil)
	if err == nil {
		local := l.local(b.x.Address, sip.Media{})
		if l.sip, err = b.x.server.Dial(b.ctx, sip.Outgoing{To: to, From: b.plan.Numbers[0].E164, Media: local}); err == nil {
			if k.line == nil {
				k.line = l
			} else {
				k.on = l
			}
			go b.listen(k, l, local)
			return
		}
		l.close()
	}
	b.log("a number cannot be rung", err)
	go b.tell(func() { b.happen(k, callflow.Event{What: callflow.Failed}) })
}

// through is a number that answered.
func (b *board) through(k *call, l *line) {
	if l == k.on && k.line != nil {
		k.line.quiet()
		k.line.leg.Resume()
		if err := l.leg.Join(k.line.mix); err != nil {
			b.log("a call cannot be joined", err)
		}
	}
	b.happen(k, callflow.Event{What: callflow.Through})
}
