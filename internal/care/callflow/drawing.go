package callflow

import "slices"

// Drawing is a plan as boxes in columns, from left to right, and the arrows
// between them.
type Drawing struct {
	Boxes         []Box
	Ways          []Way
	Columns, Rows int
}

// Box is a step of the plan in its place.
type Box struct {
	Node
	Column, Row int
	Loose       bool // no call comes here
}

// Way is an arrow between two boxes.
type Way struct {
	From, To int    // of Boxes
	Label    string // "then", "open", "shut", "otherwise", "no answer", or the key
}

// Drawing lays a plan out: each step in the column of the fewest arrows that
// lead to it. Steps to which none leads are in a last column of their own. Any
// plan can be drawn, a faulty one too.
func (p Plan) Drawing() Drawing {
	column := p.columns()
	last := 0
	for _, c := range column {
		last = max(last, c)
	}
	var d Drawing
	rows := map[int]int{}
	at := map[string]int{}
	for _, n := range p.inOrder(column) {
		c, ok := column[n.ID]
		if !ok {
			c = last + 1
		}
		at[n.ID] = len(d.Boxes)
		d.Boxes = append(d.Boxes, Box{Node: n, Column: c, Row: rows[c], Loose: !ok})
		rows[c]++
		d.Columns, d.Rows = max(d.Columns, c+1), max(d.Rows, rows[c])
	}
	for i, b := range d.Boxes {
		for _, a := range b.arrows() {
			if to, ok := at[a.to]; ok {
				d.Ways = append(d.Ways, Way{From: i, To: to, Label: a.how})
			}
		}
	}
	return d
}

// columns is how many arrows lead to each step that a call can come to.
func (p Plan) columns() map[string]int {
	out := map[string]int{}
	next := []string{p.Start}
	for c := 0; len(next) > 0; c++ {
		var after []string
		for _, id := range next {
			n, ok := p.Node(id)
			if _, seen := out[id]; seen || !ok {
				continue
			}
			out[id] = c
			for _, a := range n.arrows() {
				after = append(after, a.to)
			}
		}
		next = after
	}
	return out
}

// inOrder are the steps, those that are come to first at the front.
func (p Plan) inOrder(column map[string]int) []Node {
	out := slices.Clone(p.Nodes)
	place := func(n Node) int {
		if c, ok := column[n.ID]; ok {
			return c
		}
		return len(p.Nodes)
	}
	slices.SortStableFunc(out, func(a, b Node) int { return place(a) - place(b) })
	return out
}
