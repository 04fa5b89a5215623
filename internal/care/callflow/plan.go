package callflow

import (
	"slices"
	"time"
)

// Plan is what calls to a practice's numbers do.
type Plan struct {
	Numbers []Number
	Start   string // the node at which a call begins
	Nodes   []Node
	Queues  []Queue
	Prompts []Prompt
	Keep    time.Duration // how long a place is kept for whoever rings again
	Version string        // of what was read; "" for never set
}

// Number is a telephone number of the practice.
type Number struct {
	E164  string // "+442079460123"
	Label string // "Main line"
}

// Kind is what a node does.
type Kind string

// The kinds of node.
const (
	Announce  Kind = "announce"  // says something, and goes on to Next
	Hours     Kind = "hours"     // goes on to Next when the practice is open, to Shut when it is not
	Choose    Kind = "menu"      // says its options and takes a key; to Next after silence or wrong keys
	Join      Kind = "queue"     // joins a queue
	Voicemail Kind = "voicemail" // takes a message, which becomes a request
	SendOn    Kind = "transfer"  // dials Number, and goes on to Next when nobody answers there
	Finish    Kind = "end"       // says something and hangs up
)

// Node is one place of the plan.
type Node struct {
	ID     string
	Kind   Kind
	Name   string   // as the drawing shows it
	Says   []string // ids of prompts
	Next   string   // id of a node
	Shut   string   // id of a node
	Keys   []Key
	Queue  string // id of a queue
	Number string // E.164
}

// Key is one option of a menu.
type Key struct {
	Digit string // "0" to "9", "*" or "#"
	Name  string
	To    string // id of a node
}

// Strategy is who of a team is rung.
type Strategy string

// The strategies.
const (
	Longest  Strategy = "longest-idle" // whoever has been free the longest
	Everyone Strategy = "all"          // all at once: the first to pick up has the call
)

// Queue is where callers wait for a team.
type Queue struct {
	ID, Name string
	Team     string   // "CareTeam/…"
	Says     []string // prompts, once, as the caller joins
	Comforts []string // prompts in turn, one at a time, while the caller waits
	Every    time.Duration
	Strategy Strategy
	Ring     time.Duration // how long somebody is rung before they are passed over
	Wrap     time.Duration // how long whoever talked is left alone afterwards
	Offer    Offering
	Overflow Overflow
}

// Offering is when callers are offered a call back: after a wait, or from a
// place on. The zero one offers none.
type Offering struct {
	After time.Duration // 0: not by the wait
	From  int           // callers ahead; 0: not by the place
}

// On tells whether calls back are offered at all.
func (o Offering) On() bool { return o.After > 0 || o.From > 0 }

// Overflow is who else answers after a wait. The caller keeps the place: it is
// not left by being shared.
type Overflow struct {
	After    time.Duration // 0: never
	Queue    string        // another queue of this plan, or
	Practice string        // another practice of the network, an ODS code
	Team     string        // of the other queue or practice: "CareTeam/…"
}

// Prompt is something that is said.
type Prompt struct {
	ID    string
	Says  string // in words: for who reads the plan, and for a voice that is rendered
	Audio string // "Binary/…" of a recording by staff; "" where it is rendered
}

// Node finds a node.
func (p Plan) Node(id string) (Node, bool) {
	i := slices.IndexFunc(p.Nodes, func(n Node) bool { return n.ID == id })
	if i < 0 {
		return Node{}, false
	}
	return p.Nodes[i], true
}

// Queue finds a queue, its overflow to another queue filled in with that
// queue's team.
func (p Plan) Queue(id string) (Queue, bool) {
	i := slices.IndexFunc(p.Queues, func(q Queue) bool { return q.ID == id })
	if i < 0 {
		return Queue{}, false
	}
	q := p.Queues[i]
	if j := slices.IndexFunc(p.Queues, func(o Queue) bool { return o.ID == q.Overflow.Queue }); j >= 0 {
		q.Overflow.Team = p.Queues[j].Team
	}
	return q, true
}

// Prompt finds a prompt: one of the plan's own, else one that every plan has,
// else one without words.
func (p Plan) Prompt(id string) Prompt {
	for _, x := range p.Prompts {
		if x.ID == id {
			return x
		}
	}
	return Prompt{ID: id, Says: spoken()[id]}
}

// Words is what a prompt says.
func (p Plan) Words(id string) string { return p.Prompt(id).Says }

// key finds what a key does at a menu.
func (n Node) key(digit string) (Key, bool) {
	i := slices.IndexFunc(n.Keys, func(k Key) bool { return k.Digit == digit })
	if i < 0 {
		return Key{}, false
	}
	return n.Keys[i], true
}
