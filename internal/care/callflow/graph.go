package callflow

// arrow is a way from one node to another.
type arrow struct {
	to    string
	how   string // "then", "open", "shut", "otherwise", "no answer", or the key
	field string // of the node: "next", "shut", "keys"
	alone bool   // it is taken without a key being pressed
	shut  bool   // only when the practice is shut
}

// arrows are the ways out of a node, in the order of a page.
func (n Node) arrows() []arrow {
	switch n.Kind {
	case Announce:
		return []arrow{{to: n.Next, how: "then", field: "next", alone: true}}
	case Hours:
		return []arrow{{to: n.Next, how: "open", field: "next", alone: true}, {to: n.Shut, how: "shut", field: "shut", alone: true, shut: true}}
	case SendOn:
		return []arrow{{to: n.Next, how: "no answer", field: "next", alone: true}}
	case Choose:
		var out []arrow
		for _, k := range n.Keys {
			out = append(out, arrow{to: k.To, how: k.Digit, field: "keys"})
		}
		return append(out, arrow{to: n.Next, how: "otherwise", field: "next", alone: true})
	}
	return nil
}

// exits tells whether a call ends at a node, or waits there to be answered.
func (n Node) exits() bool {
	return n.Kind == Join || n.Kind == Voicemail || n.Kind == SendOn || n.Kind == Finish
}

// person tells whether a node leads straight to one.
func (n Node) person() bool { return n.Kind == Join || n.Kind == SendOn }

// reach is every node that can be come to from one, itself among them, by the
// arrows that fit.
func (p Plan) reach(from string, fits func(arrow) bool) map[string]bool {
	seen := map[string]bool{}
	var visit func(string)
	visit = func(id string) {
		n, ok := p.Node(id)
		if !ok || seen[id] {
			return
		}
		seen[id] = true
		for _, a := range n.arrows() {
			if fits(a) {
				visit(a.to)
			}
		}
	}
	visit(from)
	return seen
}

func anyway(arrow) bool      { return true }
func inHours(a arrow) bool   { return !a.shut }
func untouched(a arrow) bool { return a.alone && !a.shut }

// leads tells whether one of the nodes that can be come to is as wanted.
func (p Plan) leads(from string, fits func(arrow) bool, wanted func(Node) bool) bool {
	for id := range p.reach(from, fits) {
		if n, _ := p.Node(id); wanted(n) {
			return true
		}
	}
	return false
}

// circles tells whether a call can come back to a node without a key being
// pressed.
func (p Plan) circles(n Node) bool {
	for _, a := range n.arrows() {
		if a.alone && p.reach(a.to, func(a arrow) bool { return a.alone })[n.ID] {
			return true
		}
	}
	return false
}
