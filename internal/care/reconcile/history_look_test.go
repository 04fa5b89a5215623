package reconcile

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"heartwood/internal/care/request"
)

func sorted(m map[string]request.View) []string { return slices.Sorted(maps.Keys(m)) }

// look holds every request against what it was before the last command. A nil
// command is a merge, a form or what was taken back.
func (h *history) look(n *node, cmd request.Command) {
	h.wait(n)
	all, err := n.reqs.Of(ctx, h.ods, "Patient/ann")
	if err != nil {
		h.t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range all {
		if seen[r.ID] {
			h.t.Fatalf("%s is there twice", r.ID)
		}
		seen[r.ID] = true
		r, err := n.reqs.Load(ctx, h.ods, r.ID)
		if err != nil {
			h.t.Fatal(err)
		}
		h.whole(r)
		if was := h.views[r.ID]; was.Version != "" && was.Version != r.Version {
			h.moved(was, r, cmd)
		}
		h.views[r.ID] = r
	}
	for _, id := range sorted(h.views) {
		if !seen[id] {
			h.t.Fatalf("%s is lost", id)
		}
	}
}

// whole: a request is open, with an owner and a clock, or answered, with an
// outcome and what the person was told; one that was merged says into which.
func (h *history) whole(r request.View) {
	into, merged := h.views[r.MergedInto]
	switch {
	case r.Open() && (r.Owner.Ref == "" || r.AnswerBy.IsZero() || r.Outcome != "" || r.MergedInto != ""):
		h.t.Fatalf("open: %+v", r)
	case !r.Open() && (r.Outcome.Label() == "" || r.Told == ""):
		h.t.Fatalf("closed: %+v", r)
	case (r.Outcome == request.DuplicateOf) != (r.MergedInto != ""):
		h.t.Fatalf("merged: %+v", r)
	case r.MergedInto != "" && (!merged || into.ID == r.ID):
		h.t.Fatalf("merged into nothing: %+v", r)
	}
	if r.Urgency < request.Routine {
		h.t.Fatalf("of no urgency: %+v", r)
	}
}

// moved: what sinks or is put off was so by a decision that allows it, with
// its reason in the history.
func (h *history) moved(was, r request.View, cmd request.Command) {
	if len(r.History) <= len(was.History) || cmp.Or(r.History[0].What, r.History[0].Note) == "" {
		h.t.Fatalf("changed, and its history does not say how: %+v", r)
	}
	last := r.History[0]
	takenBack := cmd == nil
	if confirm, ok := cmd.(request.Confirm); r.Urgency < was.Urgency && !takenBack && (!ok || confirm.Reason == "" || last.Note == "" || last.By != historyGP.Ref) {
		h.t.Fatalf("%T by %s lowered %v to %v", cmd, last.By, was.Urgency, r.Urgency)
	}
	if r.AnswerBy.After(was.AnswerBy.Add(time.Second)) && was.Open() {
		switch c := cmd.(type) {
		case nil, request.Await:
		case request.Confirm:
			if c.Reason == "" || r.Urgency >= was.Urgency {
				h.t.Fatalf("put off without a reason: %+v", r)
			}
		case request.Snooze:
			if !c.Past || c.Reason == "" || last.By != historyGP.Ref {
				h.t.Fatalf("put aside past its time by %s: %+v", last.By, r)
			}
		case request.Returned:
			if was.State != request.WithPatient {
				h.t.Fatalf("a reply put it off: %+v", r)
			}
		default:
			h.t.Fatalf("%T put it off from %v to %v", cmd, was.AnswerBy, r.AnswerBy)
		}
	}
}

// balances: in the end both processes count the same, and the count adds up.
func (h *history) balances() {
	for _, n := range h.nodes {
		h.look(n, nil)
		from := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
		rep, err := New(n.store).Run(ctx, h.ods, from, n.p.Now().Add(time.Hour))
		if err != nil {
			h.t.Fatal(err)
		}
		split := 0
		for _, r := range h.views {
			if r.PartOf != "" {
				split++
			}
		}
		asked := map[string]bool{}
		for _, id := range h.made {
			asked[id] = true
		}
		if !rep.Balanced() || rep.Total.In != len(asked) || rep.Total.Split != split || len(h.views) != len(asked)+split {
			h.t.Fatalf("%d asked, %d split off, %d known: %+v", len(asked), split, len(h.views), rep)
		}
	}
}
