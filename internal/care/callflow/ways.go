package callflow

import (
	"fmt"
	"time"
)

// ways looks at where calls can go. In the practice's hours there is always a
// way to a person, and there is always an end.
func (c *checker) ways() {
	all := c.p.reach(c.p.Start, anyway)
	core := c.p.reach(c.p.Start, inHours)
	for i, n := range c.p.Nodes {
		at := fmt.Sprintf("nodes[%d]", i)
		switch {
		case !all[n.ID]:
			c.f.Add(at, "No call comes here. Lead one here, or take the step out.")
		case !c.p.leads(n.ID, anyway, Node.exits):
			c.f.Add(at, "A call that comes here never ends. Lead it to a queue, a person or an end.")
		case c.p.circles(n):
			c.f.Add(at, "A caller who presses nothing would go round in circles here.")
		case n.Kind == Choose && core[n.ID] && !c.p.leads(n.Next, untouched, Node.person):
			c.f.Add(at+".next", "After silence or wrong keys the caller must come to a person: choose a way that leads to one.")
		}
	}
	c.start()
	c.unasked()
	c.queues(all)
}

// start is what holds for a caller who presses nothing at all.
func (c *checker) start() {
	if !c.p.leads(c.p.Start, untouched, Node.person) {
		c.f.Add("start", "A caller who presses nothing while the practice is open must come to a person.")
	}
	if d := c.before(c.p.Start, map[string]bool{}); d > Preamble {
		c.f.Add("start", "What is said before the first menu takes %d seconds. It can take %d: say less, or say it later.", int(d.Round(time.Second)/time.Second), int(Preamble/time.Second))
	}
}

// before is the longest that is said on any way before the first menu or
// queue, when the practice is open.
func (c *checker) before(id string, seen map[string]bool) (most time.Duration) {
	n, ok := c.p.Node(id)
	if !ok || seen[id] || n.exits() || n.Kind == Choose {
		return 0
	}
	seen[id] = true
	for _, a := range n.arrows() {
		if !a.shut {
			most = max(most, c.before(a.to, seen))
		}
	}
	seen[id] = false
	for _, s := range n.Says {
		most += c.w.Lasts(c.p.Prompt(s))
	}
	return most
}

// unasked finds queues that a call can come to without the plan having asked
// whether the practice is open: callers would wait there all night.
func (c *checker) unasked() {
	shut := c.p.reach(c.p.Start, func(a arrow) bool { return a.how != "open" })
	for i, n := range c.p.Nodes {
		if n.Kind == Join && shut[n.ID] {
			c.f.Add(fmt.Sprintf("nodes[%d]", i), "A call can come to this queue while the practice is shut. Ask for the hours before it.")
		}
	}
}

func (c *checker) queues(all map[string]bool) {
	for i, q := range c.p.Queues {
		used := false
		for _, n := range c.p.Nodes {
			used = used || n.Kind == Join && n.Queue == q.ID && all[n.ID]
		}
		if !used {
			c.f.Add(fmt.Sprintf("queues[%d]", i), "No call comes to this queue. Lead one here, or take the queue out.")
		}
	}
}
