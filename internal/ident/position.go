package ident

import (
	"sort"
	"strconv"
	"strings"

	"heartwood/internal/fault"
)

// Position is how far a reader has seen each stream of a practice's log: the
// sequence number of the last entry applied, by stream. A nil Position has
// seen nothing.
type Position map[string]uint64

// ParsePosition reads what String prints: "c:812,s1:90".
func ParsePosition(s string) (Position, error) {
	p := Position{}
	if s == "" {
		return p, nil
	}
	if len(s) > 1024 {
		return nil, fault.At(fault.Invalid, "position", "The position is too long.")
	}
	for part := range strings.SplitSeq(s, ",") {
		stream, seq, ok := strings.Cut(part, ":")
		n, err := strconv.ParseUint(seq, 10, 64)
		if !ok || err != nil || !IsID(stream) {
			return nil, fault.At(fault.Invalid, "position", "A position looks like c:812,s1:90.")
		}
		p[stream] = n
	}
	return p, nil
}

// String prints the position, streams in order.
func (p Position) String() string {
	var b strings.Builder
	for i, s := range p.Streams() {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(s + ":" + strconv.FormatUint(p[s], 10))
	}
	return b.String()
}

// Covers tells whether p has seen everything that q has.
func (p Position) Covers(q Position) bool {
	for s, n := range q {
		if p[s] < n {
			return false
		}
	}
	return true
}

// Clone copies the position.
func (p Position) Clone() Position {
	q := make(Position, len(p))
	for s, n := range p {
		q[s] = n
	}
	return q
}

// Merge raises p to cover q and returns p.
func (p Position) Merge(q Position) Position {
	for s, n := range q {
		if p[s] < n {
			p[s] = n
		}
	}
	return p
}

// Streams lists the position's streams in order.
func (p Position) Streams() []string {
	streams := make([]string, 0, len(p))
	for s := range p {
		streams = append(streams, s)
	}
	sort.Strings(streams)
	return streams
}
