package callflow

import (
	"strings"
	"time"
)

const longestMessage = 3 * time.Minute // of a voicemail

// talking is an event after somebody has picked up.
func (m *machine) talking() {
	switch e := m.e; e.What {
	case Held, Resumed:
		if on := e.What == Held; on != m.c.Held {
			m.c.Held = on
			m.step(string(e.What), e.By, "")
		}
	case Transferred:
		m.transferred()
	case Joined, Parted:
		m.step(string(e.What), e.By, e.To)
	case HungUp:
		why := ByCaller
		if e.By != "" {
			why = ByPractice
		}
		m.end(Answered, why)
	case Lost:
		m.cut()
	}
}

// cut is a connection lost in the middle of talking. The caller's: the call
// has ended, and the place is kept for a redial. That of whoever talked: the
// caller is still there, and goes back to the queue, to the place it had.
func (m *machine) cut() {
	if m.e.By == "" || m.c.Direction == Out {
		m.end(Answered, CutOff)
		return
	}
	if m.e.By == m.c.By {
		m.step("lost", m.e.By, "")
		m.back(m.c.Queue)
	}
}

// back puts a caller who has been answered into a queue again.
func (m *machine) back(queue string) {
	m.c.By, m.c.Held = "", false
	m.join(queue)
}

// transferred sends the caller on: to a person who has taken over, to a queue,
// with the place it had, or to a number outside.
func (m *machine) transferred() {
	to := m.e.To
	_, queue := m.p.Queue(to)
	person, number := strings.HasPrefix(to, "Practitioner/"), strings.HasPrefix(to, "+")
	if queue = queue && m.c.Direction == In; !queue && !person && !number {
		return
	}
	m.step("transferred", m.e.By, to)
	switch {
	case person:
		m.c.By, m.c.Held = to, false
		m.act(Do{What: Connect, By: to})
	case queue:
		m.back(to)
	default:
		m.c.Stage, m.c.Number, m.c.Held = Away, to, false
		m.act(Do{What: Dial, Number: to})
	}
}

// away is an event after a call was sent on to a number outside.
func (m *machine) away() {
	switch m.e.What {
	case Through:
		m.step("through", "", "")
	case Failed:
		m.step("failed", "", "")
		m.returned()
	case HungUp:
		m.end(m.sentOn(), ByCaller)
	case Lost:
		m.end(m.sentOn(), CutOff)
	}
}

// sentOn is the outcome of a call that ends outside: see Outcome.
func (m *machine) sentOn() Outcome {
	if m.c.Direction == Out {
		return Reached
	}
	return m.unanswered()
}

// returned has the caller back from a number where nobody answered: in the
// plan where it goes on, or with the practice that had sent it.
func (m *machine) returned() {
	n, _ := m.p.Node(m.c.Node)
	switch {
	case m.c.Direction == Out:
		m.end(Unreached, NobodyThere)
	case !m.c.Queued.IsZero():
		m.back(m.c.Queue)
	default:
		m.enter(n.Next)
	}
}

// message is an event while a voicemail is being left.
func (m *machine) message() {
	switch m.e.What {
	case HungUp:
		m.end(m.unanswered(), ByCaller)
	case Lost:
		m.end(m.unanswered(), CutOff)
	}
}

// dialled is an event while the practice rings out.
func (m *machine) dialled() {
	switch m.e.What {
	case Through:
		m.c.Stage, m.c.Answered, m.c.Outcome = Talking, m.e.At, Reached
		m.step("through", m.c.By, "")
		m.act(Do{What: Connect, By: m.c.By})
	case Failed, Lost:
		m.end(Unreached, NobodyThere)
	case HungUp:
		m.end(Unreached, ByPractice)
	}
}
