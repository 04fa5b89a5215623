package fhir

// Extract reads everything that a resource can be found by, in the order of
// the document. What is malformed is passed over: Validate speaks of it.
func Extract(r *Resource) []Value {
	p := planOf(r.Type())
	x := extractor{reading: reading(r.src), out: make([]Value, 0, 24)}
	x.walk(r.Root(), p.root)
	if p.deceased != nil {
		x.deceased(r.Root(), p.deceased)
	}
	return x.out
}

// extractor gathers values.
type extractor struct {
	reading
	out []Value
}

// reading is a document's text, copied once, so that the strings in it can be
// had as slices and cost no allocation each.
type reading string

// str is a string's value, "" when the node is not a string.
func (text reading) str(n Node) string {
	if n.Kind() != String {
		return ""
	}
	c := n.cell()
	if c.escaped {
		return n.Str()
	}
	return string(text[c.start+1 : c.end-1])
}

func (x *extractor) walk(n Node, b *branch) {
	d := n.doc
	if d.tape[n.at].kind != Object {
		return
	}
	for i, end := n.at+1, d.tape[n.at].next; i < end; i = d.tape[i].next {
		c := &d.tape[i]
		edges := b.kids[string(x.reading[c.key:c.kend])]
		if len(edges) == 0 {
			continue
		}
		if c.kind != Array {
			x.item(Node{d, i}, 0, edges)
			continue
		}
		nth := 0
		for j, stop := i+1, c.next; j < stop; j = d.tape[j].next {
			x.item(Node{d, j}, nth, edges)
			nth++
		}
	}
}

func (x *extractor) item(n Node, nth int, edges []edge) {
	for _, e := range edges {
		if e.keep != nil && !e.keep(n, nth) {
			continue
		}
		for _, l := range e.to.leaves {
			l.read(x, n, l.param)
		}
		if e.to.kids != nil {
			x.walk(n, e.to)
		}
	}
}

// texts reads a string, or each string of an array.
func (x *extractor) texts(n Node, p *SearchParam) {
	if n.Kind() != Array {
		readCode(x, n, p)
		return
	}
	for i, end := n.at+1, n.cell().next; i < end; i = n.doc.tape[i].next {
		readCode(x, Node{n.doc, i}, p)
	}
}

func (x *extractor) add(v Value) { x.out = append(x.out, v) }

func (x *extractor) deceased(root Node, p *SearchParam) {
	code := "false"
	if root.member("deceasedBoolean").True() || root.member("deceasedDateTime").Exists() {
		code = "true"
	}
	x.add(Value{Param: p, Code: code})
}
