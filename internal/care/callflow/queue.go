package callflow

import (
	"slices"
	"time"

	"heartwood/internal/fault"
)

// CallBackKey is the key that asks for a call back, wherever one is on offer.
const CallBackKey = "1"

const defaultEvery = 45 * time.Second // between two comforts, where the plan has none

// join puts a call into a queue. Who rings again from the same number within
// the plan's time has the place back.
func (m *machine) join(id string) {
	q, ok := m.p.Queue(id)
	if !ok && len(m.p.Queues) > 0 {
		q = m.p.Queues[0]
	}
	if q.ID == "" {
		m.say(false, PromptTrouble)
		m.end(m.unanswered(), PlayedOut)
		return
	}
	m.c.Stage, m.c.Queue, m.c.Left = Queued, q.ID, time.Time{}
	if m.c.Queued.IsZero() {
		m.c.Queued, m.c.Since = m.e.At, m.e.At
		m.takeUp(q)
		m.c.Ahead = Ahead(m.c, m.f.Waiting)
	}
	m.step("queued", "", q.ID)
	m.c.said, m.c.turn = m.e.At, 0
	m.say(true, append(slices.Clone(q.Says), m.news(q)...)...)
	m.act(Do{What: Wait, Queue: q.ID})
}

// takeUp gives a caller the place that was kept for the number.
func (m *machine) takeUp(q Queue) {
	for _, k := range m.f.Kept {
		if m.c.Withheld || k.Queue != q.ID || m.e.At.Sub(k.Left) > m.p.Keep || !k.Since.Before(m.c.Since) {
			continue
		}
		m.c.Since, m.c.Returned, m.c.Raised = k.Since, k.Call, or(m.c.Raised, k.Raised)
	}
	if m.c.Returned != "" {
		m.step("place-kept", "", m.c.Returned)
	}
}

// news is what is true just now: the place, the wait where it is known, that
// the practice has shut, and that a call back can be had.
func (m *machine) news(q Queue) []string {
	ahead := Ahead(m.c, m.f.Waiting)
	out := []string{placePrompt(ahead)}
	if m.c.Returned != "" && m.c.turn == 0 {
		out = append([]string{PromptPlaceKept}, out...)
	}
	if w := waitPrompt(EstimateOf(q.ID, m.f.Lately, ahead, m.e.At)); w != "" {
		out = append(out, w)
	}
	if !m.f.Open {
		out = append(out, PromptShutNow)
	}
	if m.offers(q, ahead) {
		m.c.offered = true
		out = append(out, PromptOffer)
	}
	return out
}

// offers tells whether a call back is on offer: after the queue's wait, from
// its place on, and always once the practice has shut; never without a number.
func (m *machine) offers(q Queue, ahead int) bool {
	o := q.Offer
	switch {
	case m.c.Withheld || m.c.From == "":
		return false
	case m.c.offered || !m.f.Open:
		return true
	}
	return o.After > 0 && m.e.At.Sub(m.c.Queued) >= o.After || o.From > 0 && ahead >= o.From
}

// inQueue is an event while somebody waits.
func (m *machine) inQueue() error {
	e := m.e
	switch e.What {
	case Offered:
		if e.By == "" {
			break
		}
		if !slices.Contains(m.c.Ringing, e.By) {
			m.c.Ringing = append(m.c.Ringing, e.By)
			m.step("offered", e.By, "")
		}
	case Picked:
		return m.picked()
	case Declined:
		m.pass(e.By)
	case Digit:
		if e.Digit == CallBackKey && m.c.offered {
			m.callBack()
		}
	case Tick:
		m.tick()
	case HungUp, Lost:
		if e.By != "" { // of somebody who was rung
			m.pass(e.By)
			break
		}
		m.end(Missed, map[Happening]string{HungUp: ByCaller, Lost: CutOff}[e.What])
	}
	return nil
}

// picked gives the caller to whoever was first of those it rang for.
func (m *machine) picked() error {
	if !slices.Contains(m.c.Ringing, m.e.By) {
		return fault.New(fault.Conflict, "Somebody else has this call, or it does not ring for you any more.")
	}
	m.c.Ringing = slices.DeleteFunc(m.c.Ringing, func(by string) bool { return by == m.e.By })
	m.leave()
	m.c.Stage, m.c.By, m.c.For, m.c.Outcome, m.c.offered = Talking, m.e.By, m.e.For, Answered, false
	if m.c.Answered.IsZero() {
		m.c.Answered = m.e.At
	}
	m.step("picked", m.e.By, m.e.For)
	m.act(Do{What: Connect, By: m.e.By})
	return nil
}

// pass goes past somebody who did not pick up. The caller keeps the place.
func (m *machine) pass(by string) {
	if !slices.Contains(m.c.Ringing, by) {
		return
	}
	m.c.Ringing = slices.DeleteFunc(m.c.Ringing, func(x string) bool { return x == by })
	m.c.Passed = append(slices.DeleteFunc(m.c.Passed, func(x Passed) bool { return x.By == by }), Passed{By: by, At: m.e.At})
	m.step("passed", by, "")
	m.act(Do{What: Stop, By: by})
}

// tick says something now and then. When the practice has shut and all its
// people have gone, nobody can answer any more: the caller is owed a call, and
// is told so. Who withheld the number waits on, and hears what else to do.
func (m *machine) tick() {
	q, _ := m.p.Queue(m.c.Queue)
	if !m.f.Open && !m.c.Withheld && !m.answerable(q) {
		m.callBack()
		return
	}
	every := q.Every
	if every <= 0 {
		every = defaultEvery
	}
	if m.e.At.Sub(m.c.said) < every || len(m.c.Ringing) > 0 {
		return
	}
	m.c.said = m.e.At
	m.c.turn++
	var out []string
	if n := len(q.Comforts); n > 0 {
		out = append(out, q.Comforts[(m.c.turn-1)%n])
	}
	m.say(true, append(out, m.news(q)...)...)
	m.act(Do{What: Wait, Queue: q.ID})
}

// answerable tells whether anybody is left who could answer this caller, now
// or when they have finished talking.
func (m *machine) answerable(q Queue) bool {
	return slices.ContainsFunc(m.f.Agents, func(a Agent) bool {
		return m.e.At.Sub(a.Beat) <= alive && q.Answers(m.c, a, m.e.At)
	})
}

// callBack ends the wait with a call that is owed: the place is kept by the
// Task.
func (m *machine) callBack() {
	m.step("call-back", "", "")
	m.act(Do{What: Owe})
	prompt := PromptWillCall
	if !m.f.Open {
		prompt = PromptWillCallNextDay
	}
	m.say(false, prompt)
	m.act(Do{What: Text, Template: TextCallBack})
	m.end(ToCall, CallsBack)
}
