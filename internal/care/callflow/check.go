package callflow

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
)

// World is what a plan is checked against.
type World struct {
	// Lasts is how long a prompt takes to say; nil reckons it from its words.
	Lasts func(Prompt) time.Duration
	// Teams are the practice's, with somebody in them: "CareTeam/…".
	Teams map[string]bool
	// Elsewhere are the numbers of other practices of this installation, with
	// the practice whose they are.
	Elsewhere map[string]string
}

const (
	// Preamble is the longest that may be said before the first menu or queue.
	Preamble = 10 * time.Second
	// perWord is how long a word takes in a calm voice: 150 a minute.
	perWord = 400 * time.Millisecond

	mostNodes, mostQueues, mostPrompts, mostNumbers = 60, 20, 200, 20
	longestName, longestSaid                        = 60, 600
)

// Lasts is how long words take to say.
func Lasts(p Prompt) time.Duration { return time.Duration(len(strings.Fields(p.Says))) * perWord }

// Check lists all that is wrong with a plan, at the field: "numbers[0]",
// "start", "nodes[2].next", "queues[0].team", "prompts[1].says", "keep".
func (p Plan) Check(w World) error {
	if w.Lasts == nil {
		w.Lasts = Lasts
	}
	c := checker{p: p, w: w}
	c.sizes()
	c.numbers()
	c.prompts()
	for i := range p.Nodes {
		c.node(i)
	}
	for i := range p.Queues {
		c.queue(i)
	}
	if len(c.f) == 0 { // ways are looked at once everything is where it should be
		c.ways()
	}
	return c.f.Err()
}

type checker struct {
	p Plan
	w World
	f care.Faults
}

func (c *checker) sizes() {
	switch p := c.p; {
	case len(p.Nodes) > mostNodes:
		c.f.Add("nodes", "A plan can have up to %d steps.", mostNodes)
	case len(p.Queues) > mostQueues:
		c.f.Add("queues", "A plan can have up to %d queues.", mostQueues)
	case len(p.Prompts) > mostPrompts:
		c.f.Add("prompts", "A plan can have up to %d prompts.", mostPrompts)
	case len(p.Numbers) > mostNumbers:
		c.f.Add("numbers", "A practice can have up to %d numbers.", mostNumbers)
	}
	if c.p.Keep < 0 || c.p.Keep > 2*time.Hour {
		c.f.Add("keep", "A place can be kept for up to two hours.")
	}
	if _, ok := c.p.Node(c.p.Start); !ok {
		c.f.Add("start", "Choose the step at which a call begins.")
	}
}

func (c *checker) numbers() {
	seen := map[string]bool{}
	for i, n := range c.p.Numbers {
		at := fmt.Sprintf("numbers[%d]", i)
		c.name(at+".label", n.Label)
		e164, err := ParseNumber(n.E164)
		switch whose := c.w.Elsewhere[n.E164]; {
		case err != nil || e164 != n.E164:
			c.f.Add(at, "Enter a telephone number, like 020 7946 0123.")
		case !allowed(n.E164):
			c.f.Add(at, "A practice cannot use 084, 087, 090, 091 or 070 numbers: they cost its patients too much.")
		case seen[n.E164]:
			c.f.Add(at, "This number is here twice.")
		case whose != "":
			c.f.Add(at, "This number is that of %s.", whose)
		}
		seen[n.E164] = true
	}
}

func (c *checker) name(at, s string) {
	if n := utf8.RuneCountInString(strings.TrimSpace(s)); n == 0 || n > longestName {
		c.f.Add(at, "Give it a name of up to %d characters.", longestName)
	}
}

func (c *checker) prompts() {
	seen := map[string]bool{}
	for i, x := range c.p.Prompts {
		at := fmt.Sprintf("prompts[%d]", i)
		n := utf8.RuneCountInString(strings.TrimSpace(x.Says))
		switch {
		case !isID(x.ID) || spoken()[x.ID] != "":
			c.f.Add(at+".id", "A prompt needs a short name of letters, digits and hyphens that no other has.")
		case seen[x.ID]:
			c.f.Add(at+".id", "Two prompts have this name.")
		case n == 0 || n > longestSaid:
			c.f.Add(at+".says", "Write what is said, in up to %d characters.", longestSaid)
		}
		seen[x.ID] = true
	}
}

// isID tells whether a name can stand in an address and in the record.
func isID(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func (c *checker) said(at string, ids []string) {
	for _, id := range ids {
		if c.p.Words(id) == "" {
			c.f.Add(at, "There is no such prompt.")
			return
		}
	}
}

func (c *checker) node(i int) {
	n, at := c.p.Nodes[i], fmt.Sprintf("nodes[%d]", i)
	c.name(at+".name", n.Name)
	if !isID(n.ID) || slices.ContainsFunc(c.p.Nodes[:i], func(o Node) bool { return o.ID == n.ID }) {
		c.f.Add(at+".id", "A step needs a short name of letters, digits and hyphens that no other has.")
	}
	c.said(at+".says", n.Says)
	switch n.Kind {
	case Announce, Hours:
	case Choose, Finish, Voicemail:
		if len(n.Says) == 0 {
			c.f.Add(at+".says", "Say something here: silence sounds like a fault.")
		}
	case Join:
		if _, ok := c.p.Queue(n.Queue); !ok {
			c.f.Add(at+".queue", "Choose a queue.")
		}
	case SendOn:
		if e164, err := ParseNumber(n.Number); err != nil || e164 != n.Number || !allowed(e164) {
			c.f.Add(at+".number", "Enter a telephone number to send callers on to; not 084, 087, 090, 091 or 070.")
		}
	default:
		c.f.Add(at+".kind", "Choose what this step does.")
	}
	c.keys(n, at)
	for _, a := range n.arrows() {
		if _, ok := c.p.Node(a.to); !ok {
			c.f.Add(at+"."+a.field, "Choose where the call goes on.")
		}
	}
}

func (c *checker) keys(n Node, at string) {
	if n.Kind != Choose {
		return
	}
	if len(n.Keys) == 0 || len(n.Keys) > 9 {
		c.f.Add(at+".keys", "A menu has 1 to 9 options. People remember about four.")
	}
	seen := map[string]bool{}
	for _, k := range n.Keys {
		if len(k.Digit) != 1 || !strings.Contains("0123456789*#", k.Digit) || seen[k.Digit] {
			c.f.Add(at+".keys", "Each option needs a key of its own: 0 to 9, * or #.")
			return
		}
		seen[k.Digit] = true
		if k.Name == "" || utf8.RuneCountInString(k.Name) > longestName {
			c.f.Add(at+".keys", "Give each option a name of up to %d characters.", longestName)
			return
		}
	}
}

func (c *checker) queue(i int) {
	q, at := c.p.Queues[i], fmt.Sprintf("queues[%d]", i)
	c.name(at+".name", q.Name)
	if !isID(q.ID) || slices.ContainsFunc(c.p.Queues[:i], func(o Queue) bool { return o.ID == q.ID }) {
		c.f.Add(at+".id", "A queue needs a short name of letters, digits and hyphens that no other has.")
	}
	if !c.w.Teams[q.Team] {
		c.f.Add(at+".team", "Choose a team with somebody in it: otherwise nobody would answer.")
	}
	c.said(at+".says", q.Says)
	c.said(at+".comforts", q.Comforts)
	if slices.ContainsFunc(q.Comforts, c.preamble) {
		c.f.Add(at+".comforts", "Do not repeat to those who wait what they have been told already.")
	}
	if q.Strategy != Longest && q.Strategy != Everyone {
		c.f.Add(at+".strategy", "Choose who is rung.")
	}
	c.within(at+".every", q.Every, 20*time.Second, 5*time.Minute, "Between two messages to those who wait there are 20 seconds to 5 minutes.")
	c.within(at+".ring", q.Ring, 5*time.Second, time.Minute, "Ring people for 5 to 60 seconds.")
	c.within(at+".wrap", q.Wrap, 0, 10*time.Minute, "Leave people alone for up to 10 minutes after a call.")
	c.within(at+".offer", q.Offer.After, 0, time.Hour, "Offer a call back within the first hour.")
	if q.Offer.From < 0 || q.Offer.From > 100 {
		c.f.Add(at+".offer", "Offer a call back from a place of 1 to 100 on.")
	}
	c.overflow(q, at)
}

func (c *checker) within(at string, d, low, high time.Duration, says string) {
	if d < low || d > high {
		c.f.Add(at, "%s", says)
	}
}

func (c *checker) overflow(q Queue, at string) {
	o := q.Overflow
	c.within(at+".overflow", o.After, 0, time.Hour, "Let others help within the first hour.")
	_, ok := c.p.Queue(o.Queue)
	switch {
	case o.After <= 0:
	case o.Queue != "" && o.Practice != "", o.Queue == "" && o.Practice == "":
		c.f.Add(at+".overflow", "Choose who helps: another queue, or another practice.")
	case o.Queue != "" && (!ok || o.Queue == q.ID):
		c.f.Add(at+".overflow", "Choose another queue of this plan.")
	case o.Practice != "" && o.Team == "":
		c.f.Add(at+".overflow", "Choose the team of the other practice that helps.")
	}
}

// preamble tells whether a prompt is said on the way to a queue.
func (c *checker) preamble(id string) bool {
	return slices.ContainsFunc(c.p.Nodes, func(n Node) bool { return slices.Contains(n.Says, id) })
}
