package fhir

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"heartwood/internal/fault"
)

// Edit changes a document byte by byte: what is not named stays as it was,
// down to its white space. A path is member names and, inside arrays, item
// numbers from "0". The first failure stops the edit and is told by Bytes.
type Edit struct {
	doc *Doc
	err error
}

// NewEdit begins an edit of src, which is not changed itself.
func NewEdit(src []byte) (*Edit, error) {
	d, err := Parse(src)
	if err != nil {
		return nil, err
	}
	if d.Root().Kind() != Object {
		return nil, structure("", "Only a JSON object can be edited, not %s.", d.Root().Kind())
	}
	return &Edit{doc: d}, nil
}

// Bytes is the document as edited, or the first thing that went wrong.
func (e *Edit) Bytes() ([]byte, error) {
	if e.err != nil {
		return nil, e.err
	}
	return e.doc.src, nil
}

// Set puts value at path: it replaces what stands there, or makes it and the
// objects and arrays on the way. In an array the number of items adds one.
// The value is anything that encoding/json takes, or a Node.
func (e *Edit) Set(value any, path ...string) {
	raw := e.encode(value)
	at, rest := e.walk(path)
	if e.err != nil {
		return
	}
	if len(rest) == 0 {
		e.replace(patch{from: at.start(), to: at.end(), with: raw})
		return
	}
	e.grow(at, raw, path, rest)
}

// Append adds value at the end of the array at path, which it makes if it is
// not there.
func (e *Edit) Append(value any, path ...string) {
	raw := e.encode(value)
	at, rest := e.walk(path)
	switch {
	case e.err != nil:
	case len(rest) > 0:
		e.grow(at, "["+raw+"]", path, rest)
	case at.Kind() != Array:
		e.fail(path, "This is %s, not an array.", at.Kind())
	default:
		e.replace(addition(at, raw))
	}
}

// Remove takes away what stands at path, and the objects and arrays around it
// that become empty, which FHIR does not allow. What is not there is no error.
func (e *Edit) Remove(path ...string) {
	at, rest := e.walk(path)
	if e.err != nil || len(rest) > 0 {
		return
	}
	for up := at.Parent(); up.Exists() && up.Len() == 1 && up.Parent().Exists(); up = at.Parent() {
		at = up
	}
	if !at.Parent().Exists() {
		e.fail(path, "A whole resource cannot be removed from itself.")
		return
	}
	for _, p := range appendCuts(nil, at.Parent(), func(n Node) bool { return n.at == at.at }) {
		e.replace(p)
	}
}

func (e *Edit) fail(path []string, format string, args ...any) {
	where := ""
	for i, p := range path {
		switch _, err := strconv.Atoi(p); {
		case err == nil:
			where += "[" + p + "]"
		case i > 0:
			where += "." + p
		default:
			where = p
		}
	}
	if e.err == nil {
		f := fault.At(fault.Invalid, where, format, args...)
		f.Code = "structure"
		e.err = f
	}
}

func (e *Edit) encode(value any) string {
	if n, ok := value.(Node); ok && n.Exists() {
		return string(n.Raw())
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil && e.err == nil {
		e.err = fault.Wrap(err, fault.Internal, "A value could not be written as JSON.")
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// walk goes along path as far as the document does, and gives the rest.
func (e *Edit) walk(path []string) (Node, []string) {
	n := e.doc.Root()
	if e.err != nil {
		return n, nil
	}
	if len(path) == 0 {
		e.fail(path, "An edit needs a path.")
		return n, nil
	}
	for i, name := range path {
		var next Node
		switch n.Kind() {
		case Object:
			next = n.member(name)
		case Array:
			k, err := strconv.Atoi(name)
			if err != nil || k < 0 || k > n.Len() {
				e.fail(path[:i+1], "This array has no such item.")
				return n, nil
			}
			next = n.At(k)
		default:
			e.fail(path[:i], "This is %s and has nothing inside.", n.Kind())
			return n, nil
		}
		if !next.Exists() {
			return n, path[i:]
		}
		n = next
	}
	return n, nil
}

// grow adds to the container at what is missing of path, with raw at its end.
func (e *Edit) grow(at Node, raw string, path, rest []string) {
	for _, name := range slices.Backward(rest[1:]) {
		if k, err := strconv.Atoi(name); err != nil {
			raw = "{" + quote(name) + ":" + raw + "}"
		} else if k == 0 {
			raw = "[" + raw + "]"
		} else {
			e.fail(path, "An array that is not there begins with item 0.")
			return
		}
	}
	if at.Kind() == Object {
		raw = quote(rest[0]) + ":" + raw
	}
	e.replace(addition(at, raw))
}

func quote(name string) string {
	b, _ := json.Marshal(name) // a string always marshals
	return string(b)
}

// addition puts raw after the last thing in a container.
func addition(at Node, raw string) patch {
	end := -1
	for c := range at.Children() {
		end = c.end()
	}
	if end < 0 {
		return patch{from: at.start() + 1, to: at.start() + 1, with: raw}
	}
	return patch{from: end, to: end, with: "," + raw}
}

func (e *Edit) replace(p patch) {
	src := slices.Concat(e.doc.src[:p.from], []byte(p.with), e.doc.src[p.to:])
	d, err := Parse(src)
	if err != nil {
		e.err = err
		return
	}
	e.doc = d
}
