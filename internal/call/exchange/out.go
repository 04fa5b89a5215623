package exchange

import (
	"context"

	"heartwood/internal/call/sip"
	"heartwood/internal/care/callflow"
	"heartwood/internal/fault"
	"heartwood/internal/record"
)

// seeOwed reads which calls back are owed.
func (b *board) seeOwed(ctx context.Context) {
	owed, err := b.x.Calls.Owed(ctx, b.practice.ODS())
	if err != nil {
		b.log("calls back cannot be read", err)
		return
	}
	b.back = owed
}

// ringing tells whether somebody rings already for a call back.
func (b *board) ringing(task string) bool {
	for _, c := range b.calls {
		if c.state.Direction == callflow.Out && c.state.Task == task {
			return true
		}
	}
	return false
}

// tried keeps how the try of a call back went. Who gave up before it was
// answered has not tried.
func (b *board) tried(c callflow.Call) {
	if c.Direction != callflow.Out || c.Task == "" || c.Outcome == callflow.Unreached && c.Why == callflow.ByPractice {
		return
	}
	ctx, done := b.while()
	defer done()
	by := record.System
	if s := b.seats[c.By]; s != nil {
		by = s.who.Author(c.Patient)
	}
	t := callflow.Tried{By: c.By, Call: c.ID, Through: c.Outcome == callflow.Reached}
	if _, err := b.x.Calls.Change(ctx, b.practice.ODS(), by, c.Task, t); err != nil {
		b.log("a try of a call back cannot be kept", err)
	}
	b.seeOwed(ctx)
}

// dial rings a number for somebody who then talks; task is that of the call
// back that it makes, "" for none.
func (b *board) dial(s *Seat, number, patient, task string) error {
	if len(b.plan.Numbers) == 0 {
		return fault.New(fault.Refused, "The practice has no number to call from.")
	}
	to, err := b.x.SIP.Dialling.MayDial(number)
	if err != nil {
		return err
	}
	k := newCall()
	k.seat = s
	b.calls[k.state.ID] = k
	s.talk(k)
	b.happen(k, callflow.Event{
		What: callflow.Dialling, Call: k.state.ID, From: b.plan.Numbers[0].E164, To: to, By: s.who.Ref, Patient: patient, Task: task,
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
