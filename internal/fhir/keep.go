package fhir

import (
	"slices"
	"time"
)

// Body is a resource as it is kept: the sender's bytes with the id set and
// without meta.versionId and meta.lastUpdated, which belong to the log entry
// and are put in again by Present.
type Body struct {
	Bytes  []byte
	Splice Splice
}

// Splice says where in a body the version and the time go: twice the offset,
// plus one when there is no meta to put them in and one must be made there.
type Splice uint32

func (s Splice) split() (at int, makeMeta bool) { return int(s >> 1), s&1 == 1 }

func splice(at int, makeMeta bool) Splice {
	s := Splice(at) << 1
	if makeMeta {
		s |= 1
	}
	return s
}

// patch replaces the bytes from..to of a source; mark is where the splice goes.
type patch struct {
	from, to int
	with     string
	mark     bool
}

// Keep turns a resource into the body that is stored under id.
func (r *Resource) Keep(id string) Body {
	var room [8]patch
	patches := append(room[:0], r.setID(id))
	meta := r.Root().member("meta")
	if meta.Exists() {
		open := meta.start() + 1
		patches = append(patches, patch{from: open, to: open, mark: true})
		patches = appendCuts(patches, meta, isServers)
	} else {
		patches = append(patches, patch{from: patches[0].to, to: patches[0].to, mark: true})
	}
	slices.SortStableFunc(patches, func(a, b patch) int { return a.from - b.from })
	out := make([]byte, 0, len(r.src)+len(id)+8)
	var mark int
	at := 0
	for _, p := range patches {
		out = append(out, r.src[at:p.from]...)
		out = append(out, p.with...)
		if p.mark {
			mark = len(out)
		}
		at = p.to
	}
	return Body{Bytes: append(out, r.src[at:]...), Splice: splice(mark, !meta.Exists())}
}

// setID replaces the id, or puts one straight after the resourceType.
func (r *Resource) setID(id string) patch {
	if n := r.Root().member("id"); n.Exists() {
		return patch{from: n.start(), to: n.end(), with: `"` + id + `"`}
	}
	end := r.Root().member("resourceType").end()
	return patch{from: end, to: end, with: `,"id":"` + id + `"`}
}

// isServers tells whether a member of meta is the server's to set.
func isServers(n Node) bool {
	return n.KeyIs("versionId") || n.KeyIs("lastUpdated") || n.KeyIs("_versionId") || n.KeyIs("_lastUpdated")
}

// appendCuts adds the patches that take members or items out of a container.
// Each goes with the space before it and one comma, so that taking out what
// Present put in gives the very bytes that were there before.
func appendCuts(to []patch, container Node, drop func(Node) bool) []patch {
	last := -1 // the last that stays
	i := 0
	for c := range container.Children() {
		if !drop(c) {
			last = i
		}
		i++
	}
	i = 0
	from := container.start() + 1 // after the comma before c
	end := from                   // of the one before c, before that comma
	for c := range container.Children() {
		comma := c.end()
		for b := container.doc.src; b[comma] != ',' && isSpace(b[comma]); {
			comma++
		}
		switch {
		case !drop(c):
		case i < last:
			to = append(to, patch{from: from, to: comma + 1})
		default:
			to = append(to, patch{from: end, to: c.end()})
		}
		from, end = comma+1, c.end()
		i++
	}
	return to
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func (n Node) start() int { return int(n.cell().start) }
func (n Node) end() int   { return int(n.cell().end) }

// Instant prints a time as a FHIR instant, in milliseconds and UTC.
func Instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Present is the resource as it is shown: the kept body with its version and
// the time it was recorded in meta.
func Present(b Body, version string, updated time.Time) []byte {
	at, makeMeta := b.Splice.split()
	out := make([]byte, 0, len(b.Bytes)+len(version)+72)
	out = append(out, b.Bytes[:at]...)
	if makeMeta {
		out = append(out, `,"meta":{`...)
	}
	out = append(out, `"versionId":"`...)
	out = append(out, version...)
	out = append(out, `","lastUpdated":"`...)
	out = updated.UTC().AppendFormat(out, "2006-01-02T15:04:05.000Z")
	out = append(out, '"')
	switch {
	case makeMeta:
		out = append(out, '}')
	case !closes(b.Bytes[at:]):
		out = append(out, ',')
	}
	return append(out, b.Bytes[at:]...)
}

// closes tells whether an object's rest has no member.
func closes(rest []byte) bool {
	for _, c := range rest {
		if !isSpace(c) {
			return c == '}'
		}
	}
	return true
}
