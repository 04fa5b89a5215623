package callflow

import (
	"slices"
	"time"

	"heartwood/internal/fault"
)

const (
	listens = 5 * time.Second // for a key, from the end of what is said
	plays   = 3               // times that a menu is said before it goes the safe way
)

// Next is the machine: what a call is after an event, and what is to be done.
// It is pure. Every event has an answer in every stage; one that means nothing
// there changes nothing. The error is a Conflict, and nothing is changed, when
// somebody picks up a call that another has, or that does not ring for them.
func Next(p Plan, c Call, e Event, f Facts) (Call, []Do, error) {
	if e.At.Before(c.At) {
		e.At = c.At // clocks of two processes differ by a little
	}
	m := &machine{p: p, c: c.clone(), e: e, f: f}
	err := m.handle()
	if err != nil {
		return c, nil, err
	}
	m.c.At = e.At
	return m.c, m.do, nil
}

// machine is one turn of Next.
type machine struct {
	p  Plan
	c  Call
	e  Event
	f  Facts
	do []Do
}

func (c Call) clone() Call {
	c.Steps, c.Ringing, c.Passed = slices.Clone(c.Steps), slices.Clone(c.Ringing), slices.Clone(c.Passed)
	return c
}

func (m *machine) handle() error {
	switch m.e.What {
	case Raising, Confirmed, Linked, Recorded: // facts about a call, whatever goes on
		m.note()
		return nil
	case Arrived, Dialling:
		if m.c.Stage == "" {
			m.begin()
		}
		return nil
	}
	switch m.c.Stage {
	case Menu:
		m.inMenu()
	case Queued:
		return m.inQueue()
	case Talking:
		m.talking()
	case Away:
		m.away()
	case Message:
		m.message()
	case Dialled:
		m.dialled()
	}
	if m.e.What == Picked && m.e.By != m.c.By {
		return fault.New(fault.Conflict, "Somebody else has this call, or it has ended.")
	}
	return nil
}

// begin takes a call in, or dials one.
func (m *machine) begin() {
	e := m.e
	m.c = Call{ID: e.Call, Direction: In, From: e.From, To: e.To, Withheld: e.Withheld || e.From == "", Began: e.At}
	if e.What == Dialling {
		m.c.Direction, m.c.Withheld, m.c.Stage, m.c.By = Out, false, Dialled, e.By
		m.c.Patient, m.c.Request, m.c.Encounter, m.c.Task = e.Patient, e.Request, e.Encounter, e.Task
		m.step("dialling", e.By, "")
		m.act(Do{What: Dial, Number: e.To})
		return
	}
	if m.c.Withheld {
		m.c.From = ""
	}
	m.c.Stage = Menu
	m.step("arrived", "", "")
	m.enter(m.p.Start)
}

// note keeps a fact about a call that does not move it.
func (m *machine) note() {
	e := m.e
	if m.c.Stage == "" {
		return
	}
	switch e.What {
	case Raising:
		if m.c.Raised == e.Why || !m.c.Open() {
			return
		}
		m.c.Raised = e.Why
	case Confirmed:
		m.c.Patient = e.Patient
	case Linked:
		m.c.Encounter, m.c.Request, m.c.Task = or(e.Encounter, m.c.Encounter), or(e.Request, m.c.Request), or(e.Task, m.c.Task)
	case Recorded:
		m.recorded()
	}
	m.step(string(e.What), e.By, e.Why)
}

// recorded keeps a recording. What was recorded at a voicemail is a message
// left, and the call is a missed one, also when the caller rang off first.
func (m *machine) recorded() {
	m.c.Recording = m.e.Recording
	if !m.c.did("voicemail") {
		return
	}
	if m.c.Stage == Message {
		m.say(false, PromptThanks)
		m.end(Missed, LeftMessage)
		return
	}
	m.c.Outcome, m.c.Why = Missed, LeftMessage
}

// end ends a call. An outcome that was reached before stays: who was answered
// stays answered.
func (m *machine) end(o Outcome, why string) {
	if m.c.Outcome == "" {
		m.c.Outcome = o
	}
	m.c.Why = why
	m.leave()
	m.c.Stage, m.c.Ended, m.c.Held = Ended, m.e.At, false
	m.step("ended", m.e.By, why)
	m.act(Do{What: Hang, Why: why})
}

// leave takes a call out of the queue, if it is in one: nobody is rung for it
// any more.
func (m *machine) leave() {
	for _, by := range m.c.Ringing {
		m.act(Do{What: Stop, By: by})
	}
	m.c.Ringing = nil
	if m.c.Stage == Queued {
		m.c.Left = m.e.At
	}
}

// unanswered is the outcome of who has gone before anybody answered.
func (m *machine) unanswered() Outcome {
	if m.c.Queued.IsZero() {
		return InMenu
	}
	return Missed
}

func (m *machine) act(d Do) { m.do = append(m.do, d) }

// say plays prompts; none of them says nothing.
func (m *machine) say(skippable bool, prompts ...string) {
	if len(prompts) > 0 {
		m.act(Do{What: Say, Prompts: prompts, Skippable: skippable})
	}
}

func (m *machine) step(what, who, note string) {
	m.c.Steps = append(m.c.Steps, Step{At: m.e.At, What: what, Who: who, Note: note})
}

// did tells whether a step of a name was taken.
func (c Call) did(what string) bool {
	return slices.ContainsFunc(c.Steps, func(s Step) bool { return s.What == what })
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
