package fhir

import (
	"iter"
	"strconv"
)

// NodeKind is the JSON type of a node.
type NodeKind uint8

// The kinds; a Node that is not there is Absent.
const (
	Absent NodeKind = iota
	Object
	Array
	String
	Number
	Bool
	Null
)

var kindNames = [...]string{"nothing", "an object", "an array", "a string", "a number", "a boolean", "null"}

// String names the kind with its article, for sentences.
func (k NodeKind) String() string { return kindNames[k] }

// Node is one place in a Doc. The zero Node is absent: every method works on
// it and answers with nothing, so paths need no checks on the way.
type Node struct {
	doc *Doc
	at  uint32
}

// Root is the document's value.
func (d *Doc) Root() Node { return Node{doc: d} }

// Bytes are the bytes the document was parsed from. Do not change them.
func (d *Doc) Bytes() []byte { return d.src }

func (n Node) cell() *cell { return &n.doc.tape[n.at] }

// Kind is the node's JSON type, Absent when it is not there.
func (n Node) Kind() NodeKind {
	if n.doc == nil {
		return Absent
	}
	return n.cell().kind
}

// Exists tells whether the node is there (null is there).
func (n Node) Exists() bool { return n.doc != nil }

// Key is the member's name, "" for array items and the root.
func (n Node) Key() string {
	if n.doc == nil || n.cell().kend == 0 {
		return ""
	}
	c := n.cell()
	if c.keyEscaped {
		return unescape(n.doc.src[c.key:c.kend])
	}
	return string(n.doc.src[c.key:c.kend])
}

// KeyIs compares the member's name without allocating.
func (n Node) KeyIs(name string) bool {
	if n.doc == nil {
		return false
	}
	c := n.cell()
	if c.keyEscaped {
		return n.Key() == name
	}
	return string(n.doc.src[c.key:c.kend]) == name
}

// Raw are the node's bytes as they were sent. Do not change them.
func (n Node) Raw() []byte {
	if n.doc == nil {
		return nil
	}
	return n.doc.src[n.cell().start:n.cell().end]
}

// Span is where Raw lies in the document's bytes.
func (n Node) Span() (start, end int) { return int(n.cell().start), int(n.cell().end) }

// Str is a string's value; for numbers and booleans their text; else "".
func (n Node) Str() string {
	switch n.Kind() {
	case String:
		c := n.cell()
		b := n.doc.src[c.start+1 : c.end-1]
		if c.escaped {
			return unescape(b)
		}
		return string(b)
	case Number, Bool:
		return string(n.Raw())
	}
	return ""
}

// Is compares a string's value, without allocating where it can.
func (n Node) Is(s string) bool {
	if n.Kind() != String {
		return false
	}
	c := n.cell()
	if c.escaped {
		return n.Str() == s
	}
	return string(n.doc.src[c.start+1:c.end-1]) == s
}

// True tells whether the node is the boolean true.
func (n Node) True() bool { return n.Kind() == Bool && n.doc.src[n.cell().start] == 't' }

// Children yields an object's members or an array's items, in order.
func (n Node) Children() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.doc == nil || n.cell().kind != Object && n.cell().kind != Array {
			return
		}
		for i, end := n.at+1, n.cell().next; i < end; i = n.doc.tape[i].next {
			if !yield(Node{n.doc, i}) {
				return
			}
		}
	}
}

// Len counts an object's members or an array's items.
func (n Node) Len() int {
	c := 0
	for range n.Children() {
		c++
	}
	return c
}

// Get follows member names from an object: Get("meta", "versionId"). On an
// array it goes into the first item, so Get("name", "family") reads the first
// name's family.
func (n Node) Get(path ...string) Node {
	for _, name := range path {
		n = n.First().member(name)
	}
	return n
}

func (n Node) member(name string) Node {
	if n.Kind() != Object {
		return Node{}
	}
	for i, end := n.at+1, n.cell().next; i < end; i = n.doc.tape[i].next {
		if c := (Node{n.doc, i}); c.KeyIs(name) {
			return c
		}
	}
	return Node{}
}

// First is an array's first item; anything else is its own first.
func (n Node) First() Node {
	if n.Kind() != Array {
		return n
	}
	return n.At(0)
}

// At is an array's item i, from 0.
func (n Node) At(i int) Node {
	if n.Kind() != Array {
		return Node{}
	}
	for c := range n.Children() {
		if i == 0 {
			return c
		}
		i--
	}
	return Node{}
}

// Items yields an array's items, or the node itself when it is not an array
// and is there: FHIRPath's view of a value as a collection.
func (n Node) Items() iter.Seq[Node] {
	if n.Kind() == Array {
		return n.Children()
	}
	return func(yield func(Node) bool) {
		if n.Exists() {
			yield(n)
		}
	}
}

// Parent is the object or array that the node stands in; the root has none.
func (n Node) Parent() Node {
	if n.doc == nil || n.at == 0 {
		return Node{}
	}
	return Node{n.doc, n.cell().parent}
}

// Path is the node's FHIRPath location, "Patient.name[0].family".
func (n Node) Path() string {
	if n.doc == nil {
		return ""
	}
	if n.at == 0 {
		return n.Get("resourceType").Str()
	}
	up := n.Parent()
	if up.Kind() == Object {
		if p := up.Path(); p != "" {
			return p + "." + clip(n.Key())
		}
		return clip(n.Key())
	}
	i := 0
	for c := range up.Children() {
		if c.at == n.at {
			break
		}
		i++
	}
	return up.Path() + "[" + strconv.Itoa(i) + "]"
}
