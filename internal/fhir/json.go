package fhir

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"heartwood/internal/fault"
)

// MaxDepth is how deeply arrays and objects may nest.
const MaxDepth = 100

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

// Doc is one parsed JSON document: the bytes as they came, and a flat tape of
// nodes in document order. It keeps the bytes it was given; do not change them.
type Doc struct {
	src  []byte
	tape []cell
}

type cell struct {
	kind       NodeKind
	escaped    bool   // the string, or the key, needs unescaping
	keyEscaped bool   //
	start, end uint32 // of the value in src; a string's with its quotes
	key, kend  uint32 // of the member's name in src, without quotes
	next       uint32 // the tape index after this node's last descendant
	parent     uint32
}

// Parse reads strict JSON (RFC 8259): valid UTF-8, no duplicate names, no
// lone surrogates, at most MaxDepth levels, nothing after the value. A
// refusal names the line, the column and, where there is one, the element.
func Parse(src []byte) (*Doc, error) {
	if err := checkEncoding(src); err != nil {
		return nil, err
	}
	p := parser{src: src, tape: make([]cell, 0, 16+len(src)/24)}
	p.space()
	if err := p.value(0, 0); err != nil {
		return nil, err
	}
	p.space()
	if p.pos < len(src) {
		return nil, p.fail("there is something after the end of the JSON value")
	}
	return &Doc{src: src, tape: p.tape}, nil
}

func checkEncoding(src []byte) error {
	bad := func(format string, args ...any) error {
		e := fault.New(fault.Invalid, format, args...)
		e.Code = "structure"
		return e
	}
	switch {
	case len(src) == 0:
		return bad("There is no content.")
	case len(src) > 1<<30:
		return fault.New(fault.TooLarge, "The content is larger than 1 GiB.")
	case len(src) >= 3 && src[0] == 0xEF && src[1] == 0xBB && src[2] == 0xBF:
		return bad("The content begins with a byte order mark; send UTF-8 without one.")
	case len(src) >= 2 && (src[0] == 0xFE && src[1] == 0xFF || src[0] == 0xFF && src[1] == 0xFE || src[0] == 0 || src[1] == 0):
		return bad("The content looks like UTF-16 or UTF-32; send UTF-8.")
	case !utf8.Valid(src):
		i := 0
		for i < len(src) {
			r, n := utf8.DecodeRune(src[i:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			i += n
		}
		return bad("The content is not UTF-8 at byte %d; it may be in another encoding.", i)
	}
	return nil
}

type parser struct {
	src  []byte
	pos  int
	tape []cell
}

// fail makes a refusal at the present byte, inside the innermost open node.
func (p *parser) fail(format string, args ...any) error {
	line, col := 1, 1
	for _, c := range p.src[:min(p.pos, len(p.src))] {
		if c == '\n' {
			line, col = line+1, 1
		} else {
			col++
		}
	}
	e := fault.New(fault.Invalid, "The JSON is wrong at line %d, column %d: %s.", line, col, fmt.Sprintf(format, args...))
	e.Code = "structure"
	return e
}

func (p *parser) space() {
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.pos++
		default:
			return
		}
	}
}

// value reads one value into a new cell; its key has been set by the caller
// in the cell at the tape's end when the parent is an object.
func (p *parser) value(parent uint32, depth int) error {
	if depth > MaxDepth {
		return p.fail("it is nested more than %d levels deep", MaxDepth)
	}
	if p.pos >= len(p.src) {
		return p.fail("it ends too early")
	}
	at := uint32(len(p.tape))
	p.tape = append(p.tape, cell{start: uint32(p.pos), parent: parent})
	var err error
	switch c := p.src[p.pos]; {
	case c == '{':
		p.tape[at].kind = Object
		err = p.object(at, depth)
	case c == '[':
		p.tape[at].kind = Array
		err = p.array(at, depth)
	case c == '"':
		p.tape[at].kind = String
		p.tape[at].escaped, err = p.str()
	case c == '-' || c >= '0' && c <= '9':
		p.tape[at].kind = Number
		err = p.number()
	case c == 't':
		p.tape[at].kind = Bool
		err = p.word("true")
	case c == 'f':
		p.tape[at].kind = Bool
		err = p.word("false")
	case c == 'n':
		p.tape[at].kind = Null
		err = p.word("null")
	default:
		err = p.fail("a value cannot begin with %q", c)
	}
	p.tape[at].end = uint32(p.pos)
	p.tape[at].next = uint32(len(p.tape))
	return err
}

func (p *parser) object(at uint32, depth int) error {
	p.pos++
	p.space()
	if p.pos < len(p.src) && p.src[p.pos] == '}' {
		p.pos++
		return nil
	}
	var seen map[string]bool // only for objects with many members
	for members := 0; ; members++ {
		if p.pos >= len(p.src) || p.src[p.pos] != '"' {
			return p.fail("a member's name in double quotes was expected")
		}
		from := p.pos
		escaped, err := p.str()
		if err != nil {
			return err
		}
		key, kend := uint32(from+1), uint32(p.pos-1)
		name := p.src[key:kend]
		if escaped {
			name = []byte(unescape(name))
		}
		if members == 24 {
			seen = map[string]bool{}
			for i := at + 1; i < uint32(len(p.tape)); i = p.tape[i].next {
				seen[p.keyOf(i)] = true
			}
		}
		if p.duplicate(at, name, seen) {
			p.pos = from
			return p.fail("the name %q stands twice in one object", clip(string(name)))
		}
		p.space()
		if p.pos >= len(p.src) || p.src[p.pos] != ':' {
			return p.fail("a colon was expected after a member's name")
		}
		p.pos++
		p.space()
		child := len(p.tape)
		if err := p.value(at, depth+1); err != nil {
			return err
		}
		c := &p.tape[child]
		c.key, c.kend, c.keyEscaped = key, kend, escaped
		p.space()
		if done, err := p.more('}'); done || err != nil {
			return err
		}
	}
}

func (p *parser) keyOf(i uint32) string {
	c := p.tape[i]
	if c.keyEscaped {
		return unescape(p.src[c.key:c.kend])
	}
	return string(p.src[c.key:c.kend])
}

func (p *parser) duplicate(at uint32, name []byte, seen map[string]bool) bool {
	if seen != nil {
		if seen[string(name)] {
			return true
		}
		seen[string(name)] = true
		return false
	}
	for i := at + 1; i < uint32(len(p.tape)); i = p.tape[i].next {
		c := &p.tape[i]
		if c.keyEscaped {
			if unescape(p.src[c.key:c.kend]) == string(name) {
				return true
			}
		} else if string(p.src[c.key:c.kend]) == string(name) {
			return true
		}
	}
	return false
}

func (p *parser) array(at uint32, depth int) error {
	p.pos++
	p.space()
	if p.pos < len(p.src) && p.src[p.pos] == ']' {
		p.pos++
		return nil
	}
	for {
		if err := p.value(at, depth+1); err != nil {
			return err
		}
		p.space()
		if done, err := p.more(']'); done || err != nil {
			return err
		}
	}
}

// more steps over a comma, or over the end of the array or object.
func (p *parser) more(end byte) (done bool, err error) {
	if p.pos >= len(p.src) {
		return false, p.fail("it ends too early")
	}
	switch p.src[p.pos] {
	case end:
		p.pos++
		return true, nil
	case ',':
		p.pos++
		p.space()
		return false, nil
	}
	return false, p.fail("a comma or %q was expected", end)
}

func (p *parser) word(w string) error {
	if !strings.HasPrefix(string(p.src[p.pos:min(p.pos+len(w), len(p.src))]), w) {
		return p.fail("%s was expected", w)
	}
	p.pos += len(w)
	return nil
}

// str steps over a string and tells whether it has escapes.
func (p *parser) str() (escaped bool, err error) {
	p.pos++
	for p.pos < len(p.src) {
		switch c := p.src[p.pos]; {
		case c == '"':
			p.pos++
			return escaped, nil
		case c < 0x20:
			return escaped, p.fail("a control character stands in a string; escape it")
		case c == '\\':
			escaped = true
			if err := p.escape(); err != nil {
				return escaped, err
			}
		default:
			p.pos++
		}
	}
	return escaped, p.fail("a string has no end")
}

func (p *parser) escape() error {
	if p.pos+1 >= len(p.src) {
		return p.fail("a string has no end")
	}
	switch p.src[p.pos+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		p.pos += 2
		return nil
	case 'u':
		r, ok := hex4(p.src, p.pos+2)
		if !ok {
			return p.fail("\\u needs four hexadecimal digits")
		}
		if !utf16.IsSurrogate(r) {
			p.pos += 6
			return nil
		}
		low, ok := rune(0), false
		if p.pos+7 < len(p.src) && p.src[p.pos+6] == '\\' && p.src[p.pos+7] == 'u' {
			low, ok = hex4(p.src, p.pos+8)
		}
		if !ok || utf16.DecodeRune(r, low) == utf8.RuneError {
			return p.fail("half of a surrogate pair stands alone")
		}
		p.pos += 12
		return nil
	}
	return p.fail("\\%c is not a JSON escape", p.src[p.pos+1])
}

func hex4(b []byte, at int) (rune, bool) {
	if at+4 > len(b) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[at:at+4]), 16, 16)
	return rune(n), err == nil
}

func (p *parser) number() error {
	digits := func() bool {
		from := p.pos
		for p.pos < len(p.src) && p.src[p.pos] >= '0' && p.src[p.pos] <= '9' {
			p.pos++
		}
		return p.pos > from
	}
	if p.src[p.pos] == '-' {
		p.pos++
	}
	if p.pos < len(p.src) && p.src[p.pos] == '0' {
		p.pos++
	} else if !digits() {
		return p.fail("a number has no digits")
	}
	if p.pos < len(p.src) && p.src[p.pos] == '.' {
		p.pos++
		if !digits() {
			return p.fail("a number has no digits after its point")
		}
	}
	if p.pos < len(p.src) && p.src[p.pos]|0x20 == 'e' {
		p.pos++
		if p.pos < len(p.src) && (p.src[p.pos] == '+' || p.src[p.pos] == '-') {
			p.pos++
		}
		if !digits() {
			return p.fail("a number has no digits in its exponent")
		}
	}
	return nil
}

// unescape decodes the inside of a JSON string that is known to be well formed.
func unescape(b []byte) string {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			out = append(out, b[i])
			continue
		}
		i++
		switch b[i] {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, _ := hex4(b, i+1)
			i += 4
			if utf16.IsSurrogate(r) {
				low, _ := hex4(b, i+3)
				r = utf16.DecodeRune(r, low)
				i += 6
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, b[i])
		}
	}
	return string(out)
}

// clip keeps error text short.
func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

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
			return p + "." + n.Key()
		}
		return n.Key()
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

// plain is a string's text: a slice of the document unless it has escapes.
func (n Node) plain() string { return n.Str() }
