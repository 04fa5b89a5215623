package callflow_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"heartwood/internal/care/callflow"
	"heartwood/internal/hazard"
)

func waits(id string, since time.Duration, raised string) callflow.Call {
	at := monday.Add(since)
	return callflow.Call{ID: id, Direction: callflow.In, Stage: callflow.Queued, Queue: "reception", Since: at, Queued: at, Raised: raised}
}

func TestHunt(t *testing.T) {
	hazard.Covers(t, "H-045")
	now := monday.Add(10 * time.Minute)
	q := callflow.Queue{ID: "reception", Team: desk, Strategy: callflow.Longest, Wrap: time.Minute, Overflow: callflow.Overflow{After: 5 * time.Minute, Practice: "Z99902", Team: "CareTeam/hub"}}
	there := func(ref string, free time.Duration) callflow.Agent {
		return callflow.Agent{Ref: ref, Teams: []string{desk}, Beat: now, Free: now.Add(-free)}
	}
	first, second, urgent := waits("1", 0, ""), waits("2", time.Minute, ""), waits("3", 9*time.Minute, "urgent")
	stale, busy, wrapping, other := there("Practitioner/x", time.Hour), there("Practitioner/x", time.Hour), there("Practitioner/x", 30*time.Second), there("Practitioner/x", time.Hour)
	stale.Beat, busy.Busy, wrapping.Talked, other.Teams = now.Add(-16*time.Second), true, true, []string{"CareTeam/nurses"}
	hub := callflow.Agent{Ref: "Practitioner/h", Practice: "Z99902", Teams: []string{"CareTeam/hub"}, Beat: now}
	stranger := callflow.Agent{Ref: "Practitioner/s", Practice: "Z99903", Teams: []string{"CareTeam/hub", desk}, Beat: now}
	ringing := first
	ringing.Ringing = []string{agentB}
	for _, tt := range []struct {
		name    string
		all     bool
		waiting []callflow.Call
		agents  []callflow.Agent
		want    string
	}{
		{"raised first, then by place", false, []callflow.Call{second, first, urgent}, []callflow.Agent{there(agentA, time.Minute), there(agentB, time.Hour)}, "[{3 [Practitioner/b]} {1 [Practitioner/a]}]"},
		{"all at once, for the next caller", true, []callflow.Call{second, first}, []callflow.Agent{there(agentA, time.Minute), there(agentB, time.Hour)}, "[{1 [Practitioner/b Practitioner/a]}]"},
		{"nobody whose browser is silent", false, []callflow.Call{first}, []callflow.Agent{stale}, "[]"},
		{"nobody who is busy", false, []callflow.Call{first}, []callflow.Agent{busy}, "[]"},
		{"nobody who is writing up", false, []callflow.Call{first}, []callflow.Agent{wrapping}, "[]"},
		{"nobody of another team", false, []callflow.Call{first}, []callflow.Agent{other}, "[]"},
		{"a partner after the wait only", false, []callflow.Call{first, urgent}, []callflow.Agent{hub}, "[{1 [Practitioner/h]}]"},
		{"never a practice that does not help", false, []callflow.Call{first}, []callflow.Agent{stranger}, "[]"},
		{"nobody twice for one caller", false, []callflow.Call{ringing}, []callflow.Agent{there(agentA, time.Hour)}, "[]"},
		{"one person, one offer", false, []callflow.Call{first, second}, []callflow.Agent{there(agentA, time.Hour), there(agentA, time.Hour)}, "[{1 [Practitioner/a]}]"},
	} {
		q := q
		if tt.all {
			q.Strategy = callflow.Everyone
		}
		if got := fmt.Sprint(callflow.Hunt(q, tt.waiting, tt.agents, now)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	if n := callflow.Ahead(second, []callflow.Call{first, second, urgent}); n != 2 {
		t.Errorf("%d ahead", n)
	}
}

// With few calls to go by nothing is said; with enough, the middle of what
// others waited for each place.
func TestEstimate(t *testing.T) {
	now := monday.Add(time.Hour)
	var calls []callflow.Call
	for i := range 10 {
		c := waits(fmt.Sprint(i), 0, "")
		c.Ahead, c.Queued = 1, now.Add(-30*time.Minute)
		c.Answered = c.Queued.Add(time.Duration(i+1) * 2 * time.Minute) // 1 to 10 minutes a place
		calls = append(calls, c)
	}
	if got := callflow.EstimateOf("reception", calls[:4], 2, now); got != (callflow.Estimate{}) {
		t.Errorf("from four calls: %v", got)
	}
	if got, want := callflow.EstimateOf("reception", calls, 1, now), (callflow.Estimate{Low: 6 * time.Minute, High: 16 * time.Minute}); got != want {
		t.Errorf("%v, want %v", got, want)
	}
	old := slices.Clone(calls)
	for i := range old {
		old[i].Answered = old[i].Answered.Add(-2 * time.Hour)
	}
	for name, tt := range map[string]struct {
		queue string
		calls []callflow.Call
	}{"another queue": {"nurses", calls}, "long ago": {"reception", old}} {
		if got := callflow.EstimateOf(tt.queue, tt.calls, 1, now); got != (callflow.Estimate{}) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
