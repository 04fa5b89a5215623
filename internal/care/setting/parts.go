package setting

import (
	"strconv"
	"time"

	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
)

// Part is an extension of named strings: pairs of a name and a value; what has
// no value is left out. A name may come more than once.
func Part(url string, pairs ...string) write.Obj {
	var in write.List
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			in = append(in, write.Obj{"url": pairs[i], "valueString": pairs[i+1]})
		}
	}
	return write.Obj{"url": url, "extension": in}
}

// Named are the strings of a part, by name.
type Named map[string][]string

// Fields reads a part.
func Fields(e fhir.Node) Named {
	m := Named{}
	for x := range e.Get("extension").Items() {
		k := x.Get("url").Str()
		m[k] = append(m[k], x.Get("valueString").Str())
	}
	return m
}

// One is the first value of a name, "" for none.
func (m Named) One(k string) string {
	if len(m[k]) == 0 {
		return ""
	}
	return m[k][0]
}

// Number is the first value of a name as a whole number; 0 for none.
func (m Named) Number(k string) int {
	n, _ := strconv.Atoi(m.One(k))
	return n
}

// Time is the first value of a name as a moment; zero for none.
func (m Named) Time(k string) time.Time {
	t, _ := time.Parse(time.RFC3339, m.One(k))
	return t
}
