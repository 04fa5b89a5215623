package index

import (
	"encoding/binary"
	"math"

	"github.com/cespare/xxhash/v2"

	"heartwood/internal/fhir"
)

// A posting's key is p practice 0, four bytes of the parameter, a tag that
// says how the value is written, the value, and (added by the caller) the
// resource's number. Exact values are 8-byte hashes, so that the numbers
// behind one value are in order and lists can be intersected as they are read.
const (
	tagExact = 'x' // hash of a token, reference, URI or exact string
	tagText  = 's' // folded text, 0
	tagLow   = 'l' // a date's first millisecond, then its last
	tagHigh  = 'h' // a date's last millisecond, then its first
	tagNum   = 'n' // a number, then the hash of its unit
	tagHas   = 'e' // the resource has a value
)

// maxText is how much of a text is indexed.
const maxText = 64

func paramKey(typ, name string) uint32 { return uint32(xxhash.Sum64String(typ + "." + name)) }

// updatedParam is _lastUpdated, which the index knows without extraction.
const updatedParam = "_lastUpdated"

// postings are the keys, without the number, that a version is found by.
func (ix *Index) postings(typ string, values []fhir.Value, hlc uint64) [][]byte {
	out := make([][]byte, 0, 2*len(values)+2)
	ms := int64(hlc >> 16)
	p := ix.param(typ, updatedParam)
	out = append(out, dateKey(p, tagLow, ms, ms+1), dateKey(p, tagHigh, ms+1, ms))
	seen := uint32(0)
	for i := range values {
		v := &values[i]
		if v.Param.Name == updatedParam || v.Param.Name == "_id" {
			continue // the server's own: the time is above, the id is a key
		}
		id := paramKey(typ, v.Param.Name)
		p := ix.paramID(id)
		if id != seen {
			out = append(out, add(p, tagHas))
			seen = id
		}
		out = appendValue(out, p, v)
	}
	return out
}

func (ix *Index) param(typ, name string) []byte { return ix.paramID(paramKey(typ, name)) }

func (ix *Index) paramID(id uint32) []byte {
	return binary.BigEndian.AppendUint32(ix.key('p'), id)
}

func appendValue(out [][]byte, p []byte, v *fhir.Value) [][]byte {
	switch v.Param.Kind {
	case fhir.ParamToken:
		out = append(out, exact(p, "|"+v.Code))
		if v.System != "" {
			out = append(out, exact(p, v.System+"|"+v.Code), exact(p, v.System+"|"))
		} else {
			out = append(out, exact(p, "||"+v.Code))
		}
	case fhir.ParamReference:
		if v.Logical {
			out = append(out, exact(p, "#|"+v.Code), exact(p, "#"+v.System+"|"+v.Code))
		} else {
			out = append(out, exact(p, v.Code))
		}
	case fhir.ParamURI:
		out = append(out, exact(p, v.Code))
	case fhir.ParamString:
		out = append(out, textKey(p, v.Code), exact(p, v.Code))
	case fhir.ParamDate:
		out = append(out, dateKey(p, tagLow, v.Low, v.High), dateKey(p, tagHigh, v.High, v.Low))
	case fhir.ParamNumber, fhir.ParamQuantity:
		out = append(out, numKey(p, v))
	}
	return out
}

func add(p []byte, tag byte) []byte {
	return append(append(make([]byte, 0, len(p)+32), p...), tag)
}

func exact(p []byte, s string) []byte {
	return binary.BigEndian.AppendUint64(add(p, tagExact), xxhash.Sum64String(s))
}

func textKey(p []byte, s string) []byte {
	f := fhir.Fold(s)
	if len(f) > maxText {
		f = f[:maxText]
	}
	return append(append(add(p, tagText), f...), 0)
}

func dateKey(p []byte, tag byte, a, b int64) []byte {
	return appendInt(appendInt(add(p, tag), a), b)
}

func numKey(p []byte, v *fhir.Value) []byte {
	k := appendFloat(add(p, tagNum), v.Num)
	return binary.BigEndian.AppendUint64(k, xxhash.Sum64String(v.System+"|"+v.Code))
}

// appendInt keeps the order of signed numbers.
func appendInt(k []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(k, uint64(n)^(1<<63))
}

func readInt(b []byte) int64 { return int64(binary.BigEndian.Uint64(b) ^ (1 << 63)) }

// appendFloat keeps the order of floats.
func appendFloat(k []byte, f float64) []byte {
	u := math.Float64bits(f)
	if u>>63 == 1 {
		u = ^u
	} else {
		u |= 1 << 63
	}
	return binary.BigEndian.AppendUint64(k, u)
}

func readFloat(b []byte) float64 {
	u := binary.BigEndian.Uint64(b)
	if u>>63 == 1 {
		u &^= 1 << 63
	} else {
		u = ^u
	}
	return math.Float64frombits(u)
}

// Sortable is a value in a form whose order as text is the order of the
// values, as postings have it; of a date, the end that counts when sorting
// downwards.
func Sortable(v *fhir.Value, down bool) string {
	switch v.Param.Kind {
	case fhir.ParamDate:
		if down {
			return string(appendInt(nil, v.High))
		}
		return string(appendInt(nil, v.Low))
	case fhir.ParamNumber, fhir.ParamQuantity:
		return string(appendFloat(nil, v.Num))
	case fhir.ParamString:
		return fhir.Fold(v.Code)
	}
	return v.Code
}
