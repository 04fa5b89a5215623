package callflow_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care/callflow"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
)

// anyPlan draws a plan that Check accepts: every way goes on to a later step,
// so there are no circles, and every menu leads to a person.
func anyPlan(t *rapid.T) callflow.Plan {
	p := callflow.Default(desk)
	p.Queues[1].Strategy = callflow.Everyone
	p.Queues[0].Overflow = callflow.Overflow{After: time.Minute, Queue: "prescriptions"}
	p.Nodes = p.Nodes[:1]
	p.Nodes[0].Next, p.Start = "n0", "hours"
	ends := []callflow.Node{
		{ID: "q0", Kind: callflow.Join, Name: "Queue", Queue: "reception"},
		{ID: "q1", Kind: callflow.Join, Name: "Queue", Queue: "prescriptions"},
		{ID: "out", Kind: callflow.SendOn, Name: "Out of hours", Number: "+441632960001", Next: "shut"},
		{ID: "machine", Kind: callflow.Voicemail, Name: "Message", Says: []string{"shut"}},
		{ID: "shut", Kind: callflow.Finish, Name: "Shut", Says: []string{"shut"}},
	}
	n := rapid.IntRange(1, 6).Draw(t, "steps")
	for i := range n {
		later := func(what string) string {
			if i+1 < n && rapid.Bool().Draw(t, what+" on") {
				return fmt.Sprint("n", rapid.IntRange(i+1, n-1).Draw(t, what))
			}
			return ends[rapid.IntRange(0, len(ends)-1).Draw(t, what+" end")].ID
		}
		x := callflow.Node{ID: fmt.Sprint("n", i), Name: "Step", Next: []string{"q0", "q1"}[i%2]}
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			x.Kind, x.Next = callflow.Announce, fmt.Sprint("n", i+1)
			if i+1 == n {
				x.Next = "q0"
			}
		case 1:
			x.Kind, x.Says = callflow.Choose, []string{"menu"}
			for k := range rapid.IntRange(1, 4).Draw(t, "keys") {
				x.Keys = append(x.Keys, callflow.Key{Digit: fmt.Sprint(k), Name: "Option", To: later("key")})
			}
		default:
			x.Kind, x.Shut = callflow.Hours, "machine"
		}
		p.Nodes = append(p.Nodes, x)
	}
	p.Nodes = append(p.Nodes, ends...)
	return pruned(p)
}

// pruned takes out the steps and queues that no call comes to.
func pruned(p callflow.Plan) callflow.Plan {
	for {
		came := map[string]bool{p.Start: true}
		for _, n := range p.Nodes {
			came[n.Next] = true
			came[n.Shut] = true
			for _, k := range n.Keys {
				came[k.To] = true
			}
		}
		was := len(p.Nodes)
		p.Nodes = slices.DeleteFunc(p.Nodes, func(n callflow.Node) bool { return !came[n.ID] })
		if len(p.Nodes) == was {
			break
		}
	}
	joined := map[string]bool{}
	for _, n := range p.Nodes {
		joined[n.Queue] = true
	}
	p.Queues = slices.DeleteFunc(p.Queues, func(q callflow.Queue) bool { return !joined[q.ID] })
	for i := range p.Queues {
		if !joined["prescriptions"] {
			p.Queues[i].Overflow = callflow.Overflow{}
		}
	}
	return p
}

var happenings = []callflow.Happening{
	callflow.Arrived, callflow.Dialling, callflow.Played, callflow.Digit, callflow.Silent, callflow.Tick, callflow.Offered, callflow.Picked,
	callflow.Declined, callflow.Held, callflow.Resumed, callflow.Transferred, callflow.Joined, callflow.Parted, callflow.Through, callflow.Failed,
	callflow.Recorded, callflow.Raising, callflow.Confirmed, callflow.Linked, callflow.HungUp, callflow.Lost, "nonsense",
}

// exchange is a practice's calls under a storm of events.
type exchange struct {
	t      *rapid.T
	plan   callflow.Plan
	calls  []callflow.Call
	agents []callflow.Agent
	now    time.Time
	open   bool
}

func (x *exchange) facts(number string) callflow.Facts {
	f := callflow.Facts{Open: x.open, Waiting: x.calls, Lately: x.calls, Agents: x.agents}
	for _, c := range x.calls {
		if k, ok := c.Place(); ok && c.From == number {
			f.Kept = append(f.Kept, k)
		}
	}
	return f
}

func (x *exchange) event(i int, e callflow.Event) {
	was := x.calls[i]
	e.At = x.now
	c, did, err := callflow.Next(x.plan, was, e, x.facts(was.From))
	if err != nil {
		if !fault.Is(err, fault.Conflict) || e.What != callflow.Picked || len(did) > 0 {
			x.t.Fatalf("%s in %q: %v, %v", e.What, was.Stage, err, did)
		}
		return
	}
	x.calls[i] = c
	x.look(was, c, e, did)
}

// look holds what must be so after every event.
func (x *exchange) look(was, c callflow.Call, e callflow.Event, did []callflow.Do) {
	hangs := slices.ContainsFunc(did, func(d callflow.Do) bool { return d.What == callflow.Hang })
	switch {
	case c.At.Before(was.At):
		x.t.Fatalf("time goes back")
	case was.Open() && !c.Open() && (c.Outcome == "" || c.Why == "" || c.Ended.IsZero() || !hangs):
		x.t.Fatalf("%s in %q ended without an outcome: %+v", e.What, was.Stage, c)
	case was.Waiting() && !c.Waiting() && c.Outcome == "":
		x.t.Fatalf("%s: a caller has left the queue without an outcome", e.What)
	case was.Waiting() && !c.Waiting() && e.What == callflow.Tick && c.Outcome != callflow.ToCall && c.Why != callflow.CallsBack:
		x.t.Fatalf("a wait was ended by time: %+v", c)
	case was.Waiting() && c.Waiting() && !c.Since.Equal(was.Since):
		x.t.Fatalf("%s: a place was lost", e.What)
	case !c.Waiting() && len(c.Ringing) > 0:
		x.t.Fatalf("%s: it rings for a call that does not wait", e.What)
	case was.Outcome != "" && c.Outcome != was.Outcome && c.Why != callflow.LeftMessage:
		x.t.Fatalf("%s: outcome %q became %q", e.What, was.Outcome, c.Outcome)
	case was.Stage == callflow.Queued && c.Stage == callflow.Talking && !slices.Contains(was.Ringing, c.By):
		x.t.Fatalf("%q got a call that did not ring for them", c.By)
	case !was.Open() && (c.Stage != was.Stage || hangs):
		x.t.Fatalf("%s: a call that had ended goes on", e.What)
	case c.Withheld && (c.From != "" || c.Returned != "" || c.Outcome == callflow.ToCall):
		x.t.Fatalf("%s: a withheld number is known: %+v", e.What, c)
	}
	for _, d := range did {
		for _, id := range d.Prompts {
			if x.plan.Words(id) == "" {
				x.t.Fatalf("%s: prompt %q has no words", e.What, id)
			}
		}
	}
}

// hunt rings as Hunt says, and holds it to its word.
func (x *exchange) hunt() {
	for _, q := range x.plan.Queues {
		q, _ = x.plan.Queue(q.ID)
		rung := map[string]bool{}
		for _, o := range callflow.Hunt(q, x.calls, x.agents, x.now) {
			i := slices.IndexFunc(x.calls, func(c callflow.Call) bool { return c.ID == o.Call })
			if c := x.calls[i]; !c.Waiting() || len(c.Ringing) > 0 {
				x.t.Fatalf("%q is offered in %q", c.ID, c.Stage)
			}
			for _, by := range o.By {
				j := slices.IndexFunc(x.agents, func(a callflow.Agent) bool { return a.Ref == by })
				if a := &x.agents[j]; rung[by] || a.Busy || x.now.Sub(a.Beat) > 15*time.Second {
					x.t.Fatalf("%q is rung twice, busy or not there", by)
				}
				rung[by], x.agents[j].Busy = true, true
				x.event(i, callflow.Event{What: callflow.Offered, By: by})
			}
		}
	}
}

func (x *exchange) free() {
	for i := range x.agents {
		a := &x.agents[i]
		a.Busy = slices.ContainsFunc(x.calls, func(c callflow.Call) bool {
			return c.Open() && (c.By == a.Ref || slices.Contains(c.Ringing, a.Ref))
		})
	}
}

// Whatever happens in whatever order to the calls of whatever plan: no caller
// is lost from a queue, each ends with one outcome, and the counts add up.
func TestAnyStorm(t *testing.T) {
	hazard.Covers(t, "H-044")
	rapid.Check(t, func(t *rapid.T) {
		x := &exchange{t: t, plan: anyPlan(t), now: monday, open: true}
		if err := x.plan.Check(callflow.World{Teams: map[string]bool{desk: true}}); err != nil {
			t.Fatalf("the plan is not a valid one: %v", err)
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "agents") {
			x.agents = append(x.agents, callflow.Agent{Ref: fmt.Sprint("Practitioner/", i), Teams: []string{desk}, Free: monday})
		}
		for range rapid.IntRange(1, 150).Draw(t, "events") {
			x.one()
		}
		for i := range x.calls {
			x.event(i, callflow.Event{What: callflow.HungUp})
		}
		x.counts()
	})
}

func (x *exchange) one() {
	t := x.t
	x.now = x.now.Add(time.Duration(rapid.IntRange(-2, 90).Draw(t, "seconds")) * time.Second)
	x.open = x.open != (rapid.IntRange(0, 40).Draw(t, "opens or shuts") == 0)
	for i := range x.agents {
		if rapid.IntRange(0, 3).Draw(t, "beats") > 0 {
			x.agents[i].Beat = x.now
		}
	}
	x.free()
	if len(x.calls) < 12 && rapid.IntRange(0, 5).Draw(t, "new") == 0 || len(x.calls) == 0 {
		from := rapid.SampledFrom([]string{"", caller, "+447700900002", "+442079460999"}).Draw(t, "from")
		what := rapid.SampledFrom([]callflow.Happening{callflow.Arrived, callflow.Arrived, callflow.Arrived, callflow.Dialling}).Draw(t, "way")
		x.calls = append(x.calls, callflow.Call{From: from})
		x.event(len(x.calls)-1, callflow.Event{What: what, Call: fmt.Sprint("c", len(x.calls)), From: from, To: main0, Withheld: from == "", By: "Practitioner/0"})
		return
	}
	x.hunt()
	x.event(rapid.IntRange(0, len(x.calls)-1).Draw(t, "call"), callflow.Event{
		What:  rapid.SampledFrom(happenings).Draw(t, "what"),
		Digit: rapid.SampledFrom([]string{"0", "1", "2", "#", ""}).Draw(t, "digit"),
		By:    rapid.SampledFrom([]string{"", "Practitioner/0", "Practitioner/1"}).Draw(t, "by"),
		To:    rapid.SampledFrom([]string{"", "Practitioner/1", "reception", "prescriptions", "+441632960001"}).Draw(t, "to"),
		Why:   rapid.SampledFrom([]string{"", "urgent"}).Draw(t, "why"),
		Call:  "again",
	})
}

func (x *exchange) counts() {
	n := map[callflow.Outcome]int{}
	in := 0
	for _, c := range x.calls {
		if c.Open() {
			x.t.Fatalf("a call whose caller has hung up goes on in %q", c.Stage)
		}
		n[c.Outcome]++
		if c.Direction == callflow.In {
			in++
		}
	}
	if sum := n[callflow.InMenu] + n[callflow.Answered] + n[callflow.Missed] + n[callflow.ToCall]; in != sum {
		x.t.Fatalf("%d calls came in, %v", in, n)
	}
}
