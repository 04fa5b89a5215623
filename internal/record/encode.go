package record

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"heartwood/internal/fhir"
	"heartwood/internal/ident"
)

// entryFormat is the first byte of every encoded entry.
const entryFormat = 1

// Seal sets Sum, which covers every field but Sum and Body (BodyHash stands
// for the body).
func (e *Entry) Seal() { e.Sum = sha256.Sum256(e.appendTo(nil)) }

// Sealed tells whether Sum is right.
func (e *Entry) Sealed() bool { return e.Sum == sha256.Sum256(e.appendTo(nil)) }

// Marshal is the entry as an engine keeps it, without its body.
func (e *Entry) Marshal() []byte {
	return append(e.appendTo(make([]byte, 0, 256)), e.Sum[:]...)
}

func (e *Entry) appendTo(b []byte) []byte {
	b = append(b, entryFormat)
	b = appendString(b, string(e.Practice))
	b = appendString(b, e.Stream)
	b = binary.AppendUvarint(b, e.Seq)
	b = binary.AppendUvarint(b, uint64(e.Time))
	b = appendString(b, e.Author.Ref)
	b = appendString(b, e.Author.Role)
	b = appendString(b, e.Author.For)
	b = appendString(b, e.Reason)
	b = appendString(b, e.Key)
	b = binary.AppendUvarint(b, uint64(e.Rest))
	b = append(b, byte(e.Op))
	b = appendString(b, e.Type)
	b = appendString(b, e.ID)
	b = binary.AppendUvarint(b, uint64(len(e.Parents)))
	for _, p := range e.Parents {
		b = appendString(b, p)
	}
	b = append(b, e.BodyHash[:]...)
	b = binary.AppendUvarint(b, uint64(e.Splice))
	return append(b, e.Prev[:]...)
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var errEntry = errors.New("record: an encoded entry is damaged")

// UnmarshalEntry reads what Marshal wrote. It does not check Sum.
func UnmarshalEntry(b []byte) (Entry, error) {
	r := reader{b: b}
	if r.byte() != entryFormat {
		return Entry{}, errEntry
	}
	var e Entry
	e.Practice = ident.ODS(r.string())
	e.Stream = r.string()
	e.Seq = r.uvarint()
	e.Time = HLC(r.uvarint())
	e.Author = Author{Ref: r.string(), Role: r.string(), For: r.string()}
	e.Reason = r.string()
	e.Key = r.string()
	e.Rest = uint32(r.uvarint())
	e.Op = Op(r.byte())
	e.Type = r.string()
	e.ID = r.string()
	if n := r.uvarint(); n > uint64(len(b)) {
		return Entry{}, errEntry
	} else if n > 0 {
		e.Parents = make([]string, n)
		for i := range e.Parents {
			e.Parents[i] = r.string()
		}
	}
	r.hash(&e.BodyHash)
	e.Splice = fhir.Splice(r.uvarint())
	r.hash(&e.Prev)
	r.hash(&e.Sum)
	if r.bad || len(r.b) > 0 {
		return Entry{}, errEntry
	}
	return e, nil
}

// reader takes fields off the front of b; once something is missing it is bad
// and gives zero values.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n uint64) []byte {
	if r.bad || n > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if r.bad || n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) string() string { return string(r.take(r.uvarint())) }

func (r *reader) hash(h *Hash) { copy(h[:], r.take(uint64(len(h)))) }
