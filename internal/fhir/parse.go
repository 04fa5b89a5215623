package fhir

import (
	"fmt"
	"strings"

	"heartwood/internal/fault"
)

// MaxDepth is how deeply arrays and objects may nest.
const MaxDepth = 100

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
// refusal names the line, the column and the element being read.
func Parse(src []byte) (*Doc, error) {
	if err := checkEncoding(src); err != nil {
		return nil, err
	}
	p := parser{src: src, tape: make([]cell, 0, 16+len(src)/24)}
	p.space()
	if err := p.value(cell{}, 0); err != nil {
		return nil, err
	}
	p.space()
	if p.pos < len(src) {
		return nil, p.fail("there is something after the end of the JSON value")
	}
	return &Doc{src: src, tape: p.tape}, nil
}

type parser struct {
	src  []byte
	pos  int
	tape []cell
	open uint32 // the innermost node that is being read
}

// fail makes a refusal at the present byte.
func (p *parser) fail(format string, args ...any) error {
	line, col := 1, 1
	for _, c := range p.src[:min(p.pos, len(p.src))] {
		if c == '\n' {
			line, col = line+1, 1
		} else {
			col++
		}
	}
	e := fault.At(fault.Invalid, p.where(), "The JSON is wrong at line %d, column %d: %s.", line, col, fmt.Sprintf(format, args...))
	e.Code = "structure"
	return e
}

// where is the path of the node that is being read, "" before the first.
func (p *parser) where() string {
	if len(p.tape) == 0 {
		return ""
	}
	if c := &p.tape[p.open]; c.kind != Object && c.kind != Array {
		c.kind = Null // it has no end yet: nothing may read it
	}
	for i := p.open; ; i = p.tape[i].parent {
		p.tape[i].next = uint32(len(p.tape)) // it is still open: it reaches to the end so far
		if i == 0 {
			break
		}
	}
	return Node{&Doc{src: p.src, tape: p.tape}, p.open}.Path()
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

// value reads one value into a new cell, in which the caller has set the
// parent and the member's name.
func (p *parser) value(c cell, depth int) error {
	if depth > MaxDepth {
		return p.fail("it is nested more than %d levels deep", MaxDepth)
	}
	if p.pos >= len(p.src) {
		return p.fail("it ends too early")
	}
	at := uint32(len(p.tape))
	c.start = uint32(p.pos)
	p.tape = append(p.tape, c)
	p.open = at
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
	p.open = c.parent
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
		if err := p.value(cell{parent: at, key: key, kend: kend, keyEscaped: escaped}, depth+1); err != nil {
			return err
		}
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
		if err := p.value(cell{parent: at}, depth+1); err != nil {
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

// clip keeps error text short.
func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}
