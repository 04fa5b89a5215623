package callflow

import (
	"cmp"
	"slices"
	"time"
)

const (
	alive      = 15 * time.Second // a browser that has said nothing for longer is not rung
	passedOver = 30 * time.Second // how long somebody who did not pick up is not rung for the same caller
)

// Agent is somebody who answers calls.
type Agent struct {
	Ref      string    // "Practitioner/…"
	Practice string    // where they work, an ODS code; "" for the practice that is called
	Teams    []string  // "CareTeam/…"
	Beat     time.Time // when their browser was last heard from
	Free     time.Time // since when they have had no call: a call that ended, or signing in
	Talked   bool      // a call ended then: the wrap-up counts from it
	Busy     bool      // they talk, are being rung, or have said that they are not ready
}

// Offer is a caller and who is to be rung for it.
type Offer struct {
	Call string
	By   []string
}

// Hunt says who is rung for whom, of those who wait in a queue and those who
// are there. It is pure. Raised callers go first, then by place. Nobody is in
// two offers, no caller who rings already is offered, and nobody is rung whose
// browser is not alive, who is busy, or whose wrap-up is not over.
func Hunt(q Queue, waiting []Call, ready []Agent, now time.Time) []Offer {
	var out []Offer
	taken := map[string]bool{}
	for _, c := range Line(q.ID, waiting) {
		if len(c.Ringing) > 0 {
			continue
		}
		by := q.rung(c, ready, taken, now)
		for _, a := range by {
			taken[a] = true
		}
		if len(by) > 0 {
			out = append(out, Offer{Call: c.ID, By: by})
		}
	}
	return out
}

// rung are those to ring for a caller: the one who has been free the longest,
// or all.
func (q Queue) rung(c Call, ready []Agent, taken map[string]bool, now time.Time) []string {
	var can []Agent
	for _, a := range ready {
		if !taken[a.Ref] && q.may(c, a, now) {
			can = append(can, a)
		}
	}
	slices.SortFunc(can, func(a, b Agent) int { return cmp.Or(a.Free.Compare(b.Free), cmp.Compare(a.Ref, b.Ref)) })
	if q.Strategy != Everyone && len(can) > 1 {
		can = can[:1]
	}
	var out []string
	for _, a := range can {
		if !slices.Contains(out, a.Ref) {
			out = append(out, a.Ref)
		}
	}
	return out
}

// may tells whether somebody may be rung for a caller.
func (q Queue) may(c Call, a Agent, now time.Time) bool {
	switch {
	case a.Ref == "" || a.Busy || now.Sub(a.Beat) > alive:
		return false
	case a.Talked && now.Sub(a.Free) < q.Wrap:
		return false
	case slices.ContainsFunc(c.Passed, func(p Passed) bool { return p.By == a.Ref && now.Sub(p.At) < passedOver }):
		return false
	}
	return q.Answers(c, a, now)
}

// Answers tells whether somebody is of those who answer a caller's queue: of
// its team, or after the wait of its overflow of the team that helps.
func (q Queue) Answers(c Call, a Agent, now time.Time) bool {
	if a.Practice == "" && slices.Contains(a.Teams, q.Team) {
		return true
	}
	o := q.Overflow
	return o.After > 0 && now.Sub(c.Queued) >= o.After && o.Team != "" && a.Practice == o.Practice && slices.Contains(a.Teams, o.Team)
}
