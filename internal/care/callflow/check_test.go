package callflow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/callflow"
	"heartwood/internal/hazard"
	"heartwood/internal/words"
)

var world = callflow.World{Teams: map[string]bool{desk: true}, Elsewhere: map[string]string{"+442079460555": "Hillside Surgery"}}

func TestDefaultIsValid(t *testing.T) {
	if err := callflow.Default(desk).Check(world); err != nil {
		t.Fatal(err)
	}
}

// Each fault is found, at its field, and alone.
func TestCheck(t *testing.T) {
	hazard.Covers(t, "H-044")
	hazard.Covers(t, "H-045")
	node := func(p *callflow.Plan, id string) *callflow.Node {
		return &p.Nodes[slices.IndexFunc(p.Nodes, func(n callflow.Node) bool { return n.ID == id })]
	}
	for name, tt := range map[string]struct {
		spoil func(p *callflow.Plan)
		want  string // fields
	}{
		"084":            {func(p *callflow.Plan) { p.Numbers = []callflow.Number{{"+448445550100", "Main"}} }, "numbers[0]"},
		"070":            {func(p *callflow.Plan) { p.Numbers = []callflow.Number{{"+447012345678", "Main"}} }, "numbers[0]"},
		"no number":      {func(p *callflow.Plan) { p.Numbers = []callflow.Number{{"020 7946 0123", "Main"}} }, "numbers[0]"},
		"no label":       {func(p *callflow.Plan) { p.Numbers = []callflow.Number{{main0, ""}} }, "numbers[0].label"},
		"twice":          {func(p *callflow.Plan) { p.Numbers = []callflow.Number{{main0, "A"}, {main0, "B"}} }, "numbers[1]"},
		"of another":     {func(p *callflow.Plan) { p.Numbers = []callflow.Number{{"+442079460555", "A"}} }, "numbers[0]"},
		"no start":       {func(p *callflow.Plan) { p.Start = "gone" }, "start"},
		"a missing node": {func(p *callflow.Plan) { node(p, "welcome").Next = "gone" }, "nodes[1].next"},
		"a missing key":  {func(p *callflow.Plan) { node(p, "menu").Keys[1].To = "gone" }, "nodes[2].keys"},
		"a key twice":    {func(p *callflow.Plan) { node(p, "menu").Keys[1].Digit = "1" }, "nodes[2].keys"},
		"no keys":        {func(p *callflow.Plan) { node(p, "menu").Keys = nil }, "nodes[2].keys"},
		"a silent menu":  {func(p *callflow.Plan) { node(p, "menu").Says = nil }, "nodes[2].says"},
		"no such prompt": {func(p *callflow.Plan) { node(p, "menu").Says = []string{"gone"} }, "nodes[2].says"},
		"no such queue":  {func(p *callflow.Plan) { node(p, "reception").Queue = "gone" }, "nodes[3].queue"},
		"no such kind":   {func(p *callflow.Plan) { node(p, "shut").Kind = "dance" }, "nodes[5].kind"},
		"two ids":        {func(p *callflow.Plan) { p.Nodes[5].ID = "menu" }, "nodes[0].shut nodes[5].id"},
		"premium away": {func(p *callflow.Plan) {
			*node(p, "shut") = callflow.Node{ID: "shut", Kind: callflow.SendOn, Name: "Out", Number: "+449012345678", Next: "shut"}
		}, "nodes[5].number"},
		"no team":     {func(p *callflow.Plan) { p.Queues[0].Team = "" }, "queues[0].team"},
		"empty team":  {func(p *callflow.Plan) { p.Queues[0].Team = "CareTeam/empty" }, "queues[0].team"},
		"repeats":     {func(p *callflow.Plan) { p.Queues[0].Comforts = []string{"emergency"} }, "queues[0].comforts"},
		"rings short": {func(p *callflow.Plan) { p.Queues[0].Ring = time.Second }, "queues[0].ring"},
		"to itself": {func(p *callflow.Plan) {
			p.Queues[0].Overflow = callflow.Overflow{After: time.Minute, Queue: "reception"}
		}, "queues[0].overflow"},
		"partner without a team": {func(p *callflow.Plan) {
			p.Queues[0].Overflow = callflow.Overflow{After: time.Minute, Practice: "Z99902"}
		}, "queues[0].overflow"},
		"keeps too long": {func(p *callflow.Plan) { p.Keep = 3 * time.Hour }, "keep"},
		"our own prompt": {func(p *callflow.Plan) { p.Prompts[4].ID = callflow.PromptOffer }, "prompts[4].id queues[0].comforts queues[1].comforts"},

		"unreachable": {func(p *callflow.Plan) {
			p.Nodes = append(p.Nodes, callflow.Node{ID: "x", Kind: callflow.Finish, Name: "X", Says: []string{"shut"}})
		}, "nodes[6]"},
		"a queue unused":       {func(p *callflow.Plan) { p.Queues = append(p.Queues, p.Queues[0]); p.Queues[2].ID = "spare" }, "queues[2]"},
		"round in circles":     {func(p *callflow.Plan) { node(p, "shut").Kind = callflow.Announce; node(p, "shut").Next = "hours" }, "nodes[0] nodes[5]"},
		"no exit":              {func(p *callflow.Plan) { node(p, "shut").Kind = callflow.Announce; node(p, "shut").Next = "shut" }, "nodes[5]"},
		"silence is the end":   {func(p *callflow.Plan) { node(p, "menu").Next = "shut" }, "nodes[2].next start"},
		"silence and a circle": {func(p *callflow.Plan) { node(p, "menu").Next = "welcome" }, "nodes[1] nodes[2] start"},
		"a long preamble":      {func(p *callflow.Plan) { p.Prompts[0].Says = strings.Repeat("welcome ", 26) }, "start"},
		"a queue at night":     {func(p *callflow.Plan) { node(p, "hours").Shut = "reception"; node(p, "menu").Keys[2].To = "shut" }, "nodes[3]"},
	} {
		p := callflow.Default(desk)
		tt.spoil(&p)
		var got []string
		for _, f := range care.Fields(p.Check(world)) {
			got = append(got, f.Where)
		}
		slices.Sort(got)
		if s := strings.Join(slices.Compact(got), " "); s != tt.want {
			t.Errorf("%s: faults at %q, want %q: %v", name, s, tt.want, p.Check(world))
		}
	}
}

// The lengths of recordings are passed in; they count, not the words.
func TestPreambleByRecording(t *testing.T) {
	w := world
	w.Lasts = func(callflow.Prompt) time.Duration { return 6 * time.Second }
	if err := callflow.Default(desk).Check(w); err == nil {
		t.Error("twelve seconds are accepted")
	}
	w.Lasts = func(callflow.Prompt) time.Duration { return 5 * time.Second }
	if err := callflow.Default(desk).Check(w); err != nil {
		t.Error(err)
	}
}

func TestParseNumber(t *testing.T) {
	for in, want := range map[string]string{
		"020 7946 0123": "+442079460123", "+44 (0)20 7946 0123": "+442079460123", "0044 1632 960001": "+441632960001", "07700 900001": "+447700900001",
		"+33123456789": "+33123456789", "": "", "12345": "", "+": "", "02079460123456": "", "call me": "", "+44": "", "+440": "", "+4400000000000": "", "999": "",
	} {
		if got, err := callflow.ParseNumber(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	if !callflow.Mobile("+447700900001") || callflow.Mobile("+447624900001"[:5]) || callflow.Mobile("+442079460123") {
		t.Error("which numbers are mobiles")
	}
}

// What is read as a number is read again as the same, and as it is written.
func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"020 7946 0123", "+44 (0)20 7946 0123", "+33123456789", "00", "+44"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := callflow.ParseNumber(s)
		if err != nil {
			return
		}
		for _, again := range []string{n, words.Phone(n)} {
			if m, err := callflow.ParseNumber(again); err != nil || m != n {
				t.Fatalf("%q is %q, and %q is %q: %v", s, n, again, m, err)
			}
		}
	})
}
