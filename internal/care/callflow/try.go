package callflow

import "time"

// Heard is one thing that a caller hears in a try-out.
type Heard struct {
	Node, Name string   // of the step
	Says       []string // in words
	Key        string   // that was pressed then; "" for none
	Stage      Stage    // where the call is afterwards
}

// longestTry is how many things are heard at most: a plan that goes round and
// round must end here too.
const longestTry = 100

// Try walks a plan without a call: what somebody hears who presses these keys
// at its menus, one after another, "" for silence, while the practice is open
// or shut. It ends in a queue, at an end, or where the keys do.
func Try(p Plan, keys []string, open bool, at time.Time) []Heard {
	c, did, _ := Next(p, Call{}, Event{What: Arrived, Call: "try", At: at, Withheld: true}, Facts{Open: open})
	out := []Heard{p.heard(c, did)}
	for len(out) < longestTry && c.Stage == Menu {
		e := Event{What: Played, At: at}
		if n, _ := p.Node(c.Node); n.Kind == Choose {
			if len(keys) == 0 {
				break
			}
			if e = (Event{What: Digit, Digit: keys[0], At: at}); e.Digit == "" {
				e.What = Silent
			}
			out[len(out)-1].Key, keys = keys[0], keys[1:]
		}
		c, did, _ = Next(p, c, e, Facts{Open: open})
		out = append(out, p.heard(c, did))
	}
	return out
}

func (p Plan) heard(c Call, did []Do) Heard {
	n, _ := p.Node(c.Node)
	h := Heard{Node: n.ID, Name: n.Name, Stage: c.Stage}
	for _, d := range did {
		for _, id := range d.Prompts {
			h.Says = append(h.Says, p.Words(id))
		}
	}
	return h
}
