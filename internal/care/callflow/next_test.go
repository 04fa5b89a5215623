package callflow_test

import (
	"slices"
	"testing"
	"time"

	"heartwood/internal/care/callflow"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
)

const (
	main0  = "+442079460123" // Ofcom's drama ranges
	caller = "+447700900001"
	agentA = "Practitioner/a"
	agentB = "Practitioner/b"
	desk   = "CareTeam/desk"
)

var (
	monday = time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	open   = callflow.Facts{Open: true}
)

// ring is one call in a test.
type ring struct {
	t    *testing.T
	plan callflow.Plan
	c    callflow.Call
	at   time.Time
	f    callflow.Facts
	did  []callflow.Do // by the last event
}

func arrive(t *testing.T, f callflow.Facts) *ring {
	t.Helper()
	r := &ring{t: t, plan: callflow.Default(desk), at: monday, f: f}
	r.do(callflow.Event{What: callflow.Arrived, Call: "c1", From: caller, To: main0})
	return r
}

func (r *ring) do(e callflow.Event) {
	r.t.Helper()
	e.At = r.at
	c, did, err := callflow.Next(r.plan, r.c, e, r.f)
	if err != nil {
		r.t.Fatalf("%s: %v", e.What, err)
	}
	r.c, r.did = c, did
}

func (r *ring) is(what callflow.Happening) { r.t.Helper(); r.do(callflow.Event{What: what}) }

func (r *ring) press(d string) { r.t.Helper(); r.do(callflow.Event{What: callflow.Digit, Digit: d}) }

func (r *ring) by(what callflow.Happening, who string) {
	r.t.Helper()
	r.do(callflow.Event{What: what, By: who})
}

func (r *ring) wants(stage callflow.Stage, acts ...callflow.Act) {
	r.t.Helper()
	var got []callflow.Act
	for _, d := range r.did {
		got = append(got, d.What)
	}
	if r.c.Stage != stage || !slices.Equal(got, acts) {
		r.t.Fatalf("stage %q, acts %q; want %q, %q", r.c.Stage, got, stage, acts)
	}
}

func (r *ring) ended(o callflow.Outcome, why string) {
	r.t.Helper()
	if r.c.Stage != callflow.Ended || r.c.Outcome != o || r.c.Why != why || r.c.Ended.IsZero() {
		r.t.Fatalf("stage %q, outcome %q, why %q; want %q, %q", r.c.Stage, r.c.Outcome, r.c.Why, o, why)
	}
}

func (r *ring) says() (out []string) {
	for _, d := range r.did {
		out = append(out, d.Prompts...)
	}
	return out
}

func TestAnswered(t *testing.T) {
	r := arrive(t, open)
	r.wants(callflow.Menu, callflow.Say)
	r.is(callflow.Played)
	r.wants(callflow.Menu, callflow.Say, callflow.Listen)
	r.press("1")
	r.wants(callflow.Queued, callflow.Say, callflow.Wait)
	r.at = r.at.Add(90 * time.Second)
	r.by(callflow.Offered, agentA)
	r.by(callflow.Picked, agentA)
	r.wants(callflow.Talking, callflow.Connect)
	r.by(callflow.Held, agentA)
	if !r.c.Held {
		t.Error("not on hold")
	}
	r.by(callflow.Resumed, agentA)
	r.at = r.at.Add(4 * time.Minute)
	r.by(callflow.HungUp, agentA)
	r.ended(callflow.Answered, callflow.ByPractice)
	if r.c.Wait(r.at) != 90*time.Second || r.c.Talked(r.at) != 4*time.Minute {
		t.Errorf("waited %v, talked %v", r.c.Wait(r.at), r.c.Talked(r.at))
	}
}

// Any key skips the preamble, and is the choice at the menu behind it.
func TestPreambleIsSkipped(t *testing.T) {
	r := arrive(t, open)
	if !r.did[0].Skippable {
		t.Error("the preamble cannot be skipped")
	}
	r.press("2")
	if r.wants(callflow.Queued, callflow.Say, callflow.Wait); r.c.Queue != "prescriptions" {
		t.Errorf("in queue %q", r.c.Queue)
	}
	r = arrive(t, open)
	r.press("9")
	r.wants(callflow.Menu, callflow.Say, callflow.Listen)
}

// A menu is said three times at most, whatever is pressed or not; then the
// caller comes to a person.
func TestNoDeadEnd(t *testing.T) {
	for _, silent := range []bool{true, false} {
		r := arrive(t, open)
		r.is(callflow.Played)
		for i := range 3 {
			if r.c.Stage != callflow.Menu {
				t.Fatalf("%s after %d", r.c.Stage, i)
			}
			if silent {
				r.is(callflow.Silent)
			} else {
				r.press("9")
			}
		}
		if r.c.Stage != callflow.Queued || r.c.Queue != "reception" {
			t.Errorf("silent %v: %s, %q", silent, r.c.Stage, r.c.Queue)
		}
	}
}

func TestShut(t *testing.T) {
	r := arrive(t, callflow.Facts{})
	r.wants(callflow.Ended, callflow.Say, callflow.Hang)
	r.ended(callflow.InMenu, callflow.PlayedOut)
}

// Somebody who does not pick up is passed over; the caller keeps the place.
func TestPassedOver(t *testing.T) {
	r := arrive(t, open)
	r.press("1")
	since := r.c.Since
	r.at = r.at.Add(20 * time.Second)
	r.by(callflow.Offered, agentA)
	r.by(callflow.Declined, agentA)
	r.wants(callflow.Queued, callflow.Stop)
	agents := []callflow.Agent{
		{Ref: agentA, Teams: []string{desk}, Beat: r.at, Free: monday.Add(-time.Hour)},
		{Ref: agentB, Teams: []string{desk}, Beat: r.at, Free: monday},
	}
	q, _ := r.plan.Queue("reception")
	got := callflow.Hunt(q, []callflow.Call{r.c}, agents, r.at)
	if len(got) != 1 || !slices.Equal(got[0].By, []string{agentB}) || !r.c.Since.Equal(since) {
		t.Errorf("%v", got)
	}
	if _, _, err := callflow.Next(r.plan, r.c, callflow.Event{What: callflow.Picked, By: agentA, At: r.at}, open); !fault.Is(err, fault.Conflict) {
		t.Errorf("who was passed over picked up: %v", err)
	}
	later := r.at.Add(time.Minute)
	for i := range agents {
		agents[i].Beat = later
	}
	if got := callflow.Hunt(q, []callflow.Call{r.c}, agents, later); len(got) != 1 || got[0].By[0] != agentA {
		t.Errorf("never rung again: %v", got)
	}
}

func TestOneCallerOneHandler(t *testing.T) {
	r := arrive(t, open)
	r.press("1")
	r.by(callflow.Offered, agentA)
	r.by(callflow.Offered, agentB)
	r.by(callflow.Picked, agentB)
	r.wants(callflow.Talking, callflow.Stop, callflow.Connect)
	before := r.c
	if c, did, err := callflow.Next(r.plan, r.c, callflow.Event{What: callflow.Picked, By: agentA, At: r.at}, open); !fault.Is(err, fault.Conflict) || c.By != before.By || len(did) > 0 {
		t.Errorf("two had it: %v, %q", err, c.By)
	}
}

// Who is cut off, or hangs up, has the place back on a redial from the same
// number within the time, with the reason to go first; not later, not in
// another queue, and never when the number is withheld.
func TestPlaceIsKept(t *testing.T) {
	hazard.Covers(t, "H-044")
	r := arrive(t, open)
	r.press("1")
	r.do(callflow.Event{What: callflow.Raising, Why: "vulnerable", By: agentA})
	since := r.c.Since
	r.at = r.at.Add(20 * time.Minute)
	r.is(callflow.Lost)
	r.ended(callflow.Missed, callflow.CutOff)
	kept, ok := r.c.Place()
	if !ok || !kept.Since.Equal(since) || kept.Call != "c1" {
		t.Fatalf("%v, %v", kept, ok)
	}
	again := func(after time.Duration, key string, withheld bool) callflow.Call {
		n := &ring{t: t, plan: r.plan, at: r.at.Add(after), f: callflow.Facts{Open: true, Kept: []callflow.Place{kept}}}
		n.do(callflow.Event{What: callflow.Arrived, Call: "c2", From: caller, To: main0, Withheld: withheld})
		n.press(key)
		return n.c
	}
	if c := again(time.Minute, "1", false); !c.Since.Equal(since) || c.Returned != "c1" || c.Raised != "vulnerable" {
		t.Errorf("the place is lost: %v, %q, %q", c.Since, c.Returned, c.Raised)
	}
	for name, c := range map[string]callflow.Call{
		"later": again(21*time.Minute, "1", false), "elsewhere": again(time.Minute, "2", false), "withheld": again(time.Minute, "1", true),
	} {
		if c.Since.Equal(since) || c.Returned != "" {
			t.Errorf("%s: the place was given", name)
		}
	}
}

// A handler whose browser dies loses nobody: the caller is back in the place.
func TestHandlerLost(t *testing.T) {
	hazard.Covers(t, "H-044")
	r := arrive(t, open)
	r.press("1")
	since := r.c.Since
	r.at = r.at.Add(5 * time.Minute)
	r.by(callflow.Offered, agentA)
	r.by(callflow.Picked, agentA)
	r.by(callflow.Lost, agentA)
	if r.c.Stage != callflow.Queued || !r.c.Since.Equal(since) || r.c.Outcome != callflow.Answered {
		t.Errorf("%s, %v, %q", r.c.Stage, r.c.Since, r.c.Outcome)
	}
}

// Closing time ends nobody's wait. When everybody has gone, who can be called
// is owed a call, and hears so; who cannot waits on and is told of 111.
func TestClosing(t *testing.T) {
	hazard.Covers(t, "H-044")
	r := arrive(t, open)
	r.press("1")
	agent := callflow.Agent{Ref: agentA, Teams: []string{desk}, Busy: true}
	for range 20 {
		r.at = r.at.Add(time.Minute)
		agent.Beat = r.at
		r.f = callflow.Facts{Agents: []callflow.Agent{agent}}
		r.is(callflow.Tick)
		if r.c.Stage != callflow.Queued || slices.ContainsFunc(r.did, func(d callflow.Do) bool { return d.What == callflow.Hang }) {
			t.Fatalf("dropped while somebody is left to answer: %s", r.c.Stage)
		}
	}
	if !slices.Contains(r.says(), callflow.PromptShutNow) || !slices.Contains(r.says(), callflow.PromptOffer) {
		t.Errorf("they hear %q", r.says())
	}
	r.at, r.f = r.at.Add(time.Minute), callflow.Facts{}
	r.is(callflow.Tick)
	r.wants(callflow.Ended, callflow.Owe, callflow.Say, callflow.Text, callflow.Hang)
	r.ended(callflow.ToCall, callflow.CallsBack)

	w := &ring{t: t, plan: r.plan, at: monday, f: open}
	w.do(callflow.Event{What: callflow.Arrived, Call: "c3", To: main0, Withheld: true})
	w.press("1")
	w.f = callflow.Facts{}
	for range 60 {
		w.at = w.at.Add(time.Minute)
		w.is(callflow.Tick)
		if w.c.Stage != callflow.Queued {
			t.Fatalf("a withheld number is dropped: %s", w.c.Stage)
		}
	}
	w.is(callflow.HungUp)
	w.ended(callflow.Missed, callflow.ByCaller)
}

func TestCallBackIsAskedFor(t *testing.T) {
	r := arrive(t, open)
	r.press("1")
	r.press(callflow.CallBackKey)
	if r.c.Stage != callflow.Queued {
		t.Fatal("a call back before one was on offer")
	}
	r.at = r.at.Add(2 * time.Minute)
	r.is(callflow.Tick)
	if !slices.Contains(r.says(), callflow.PromptOffer) {
		t.Fatalf("they hear %q", r.says())
	}
	r.press(callflow.CallBackKey)
	r.wants(callflow.Ended, callflow.Owe, callflow.Say, callflow.Text, callflow.Hang)
	r.ended(callflow.ToCall, callflow.CallsBack)
}

// What those who wait hear never repeats what they were told before, and the
// comforts take turns.
func TestComforts(t *testing.T) {
	r := arrive(t, open)
	told := r.says()
	r.press("1")
	told = append(told, r.says()...)
	heard := map[string]int{}
	for range 10 {
		r.at = r.at.Add(time.Minute)
		r.is(callflow.Tick)
		for _, s := range r.says() {
			heard[s]++
			if s == "welcome" || s == "emergency" || s == "menu" {
				t.Errorf("%s is said again to who waits (told %q)", s, told)
			}
		}
	}
	r.by(callflow.Offered, agentA)
	r.at = r.at.Add(time.Minute)
	if r.is(callflow.Tick); len(r.did) > 0 {
		t.Errorf("they are spoken to while it rings: %v", r.did)
	}
	if heard["online"] != 5 || heard["thanks-waiting"] != 5 {
		t.Errorf("%v", heard)
	}
}

func TestVoicemailIsMissed(t *testing.T) {
	for _, first := range []callflow.Happening{callflow.Recorded, callflow.HungUp} {
		r := &ring{t: t, plan: withVoicemail(), at: monday}
		r.do(callflow.Event{What: callflow.Arrived, Call: "c1", From: caller, To: main0})
		r.wants(callflow.Message, callflow.Say, callflow.TakeVoicemail)
		r.is(first)
		r.do(callflow.Event{What: callflow.Recorded, Recording: "DocumentReference/r"})
		if r.ended(callflow.Missed, callflow.LeftMessage); r.c.Recording != "DocumentReference/r" {
			t.Error("the recording is lost")
		}
	}
	r := &ring{t: t, plan: withVoicemail(), at: monday}
	r.do(callflow.Event{What: callflow.Arrived, Call: "c1", From: caller, To: main0})
	r.is(callflow.HungUp)
	r.ended(callflow.InMenu, callflow.ByCaller)
}

func withVoicemail() callflow.Plan {
	p := callflow.Default(desk)
	p.Nodes[0].Shut = "machine"
	p.Nodes[5] = callflow.Node{ID: "machine", Kind: callflow.Voicemail, Name: "Leave a message", Says: []string{"shut"}}
	return p
}

func TestCallOut(t *testing.T) {
	for _, through := range []bool{true, false} {
		r := &ring{t: t, plan: callflow.Default(desk), at: monday, f: open}
		r.do(callflow.Event{What: callflow.Dialling, Call: "o1", From: main0, To: caller, By: agentA, Task: "t1"})
		r.wants(callflow.Dialled, callflow.Dial)
		if !through {
			r.is(callflow.Failed)
			r.ended(callflow.Unreached, callflow.NobodyThere)
			continue
		}
		r.is(callflow.Through)
		r.wants(callflow.Talking, callflow.Connect)
		r.is(callflow.HungUp)
		r.ended(callflow.Reached, callflow.ByCaller)
	}
}
