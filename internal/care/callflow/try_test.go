package callflow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"heartwood/internal/care/callflow"
)

func TestTry(t *testing.T) {
	p := callflow.Default(desk)
	for _, tt := range []struct {
		keys []string
		open bool
		want string // the steps, and where it ends
	}{
		{nil, true, "welcome menu menu"},
		{[]string{"2"}, true, "welcome menu prescriptions queued"},
		{[]string{"9", "", "2"}, true, "welcome menu menu menu prescriptions queued"},
		{[]string{"", "", ""}, true, "welcome menu menu menu reception queued"},
		{[]string{"1"}, false, "shut ended"},
	} {
		var got []string
		all := callflow.Try(p, tt.keys, tt.open, monday)
		for _, h := range all {
			got = append(got, h.Node)
			if len(h.Says) == 0 || slices.Contains(h.Says, "") {
				t.Errorf("%q: nothing is heard at %q", tt.keys, h.Node)
			}
		}
		if got = append(got, string(all[len(all)-1].Stage)); strings.Join(got, " ") != tt.want {
			t.Errorf("%q: %q, want %q", tt.keys, strings.Join(got, " "), tt.want)
		}
	}
	round := p
	round.Nodes = slices.Clone(p.Nodes)
	round.Nodes[1].Next = "welcome"
	if n := len(callflow.Try(round, nil, true, monday)); n != 100 {
		t.Errorf("a plan that goes round gives %d", n)
	}
}

// Every plan is drawn whole: each step once, in a place of its own, and each
// arrow to a step that is there.
func TestDrawing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPlan(t)
		if rapid.Bool().Draw(t, "faulty") {
			p.Nodes = append(p.Nodes, callflow.Node{ID: "loose", Kind: callflow.Announce, Next: "loose"}, callflow.Node{ID: "lost", Kind: callflow.Hours, Next: "gone"})
		}
		d := p.Drawing()
		places := map[string]bool{}
		for _, b := range d.Boxes {
			at := fmt.Sprint(b.Column, " ", b.Row)
			if places[at] || b.Column >= d.Columns || b.Row >= d.Rows || b.Loose != (b.ID == "loose" || b.ID == "lost") {
				t.Fatalf("%+v of %d, %d", b, d.Columns, d.Rows)
			}
			places[at] = true
		}
		if len(d.Boxes) != len(p.Nodes) || d.Boxes[0].ID != p.Start || d.Boxes[0].Column != 0 {
			t.Fatalf("%d of %d are drawn", len(d.Boxes), len(p.Nodes))
		}
		for _, w := range d.Ways {
			if w.Label == "" || d.Boxes[w.To].Column > d.Boxes[w.From].Column+1 && !d.Boxes[w.From].Loose {
				t.Fatalf("%+v", w)
			}
		}
	})
}

func TestDiff(t *testing.T) {
	p := callflow.Default(desk)
	if got := callflow.Diff(p, p); len(got) != 0 {
		t.Errorf("%v", got)
	}
	q := callflow.Default(desk)
	q.Prompts[0].Says = "Welcome."
	q.Numbers = []callflow.Number{{E164: main0, Label: "Main line"}}
	q.Nodes[2].Keys = q.Nodes[2].Keys[:2]
	q.Queues = q.Queues[:1]
	got := fmt.Sprint(callflow.Diff(p, q))
	for _, want := range []string{
		"{Number +442079460123: label  Main line}", "{Step menu: key 1|reception|A new problem; 2|prescriptions|Prescriptions; 3|reception|Something else 1|reception|A new problem; 2|prescriptions|Prescriptions}",
		"{Prompt welcome: says Hello. You are through to the doctors' surgery. Welcome.}", "{Queue prescriptions: name Prescriptions }",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}
