package demo

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// pen appends JSON to a buffer. Every member it writes follows another one,
// so every method begins with a comma; text that is written raw is ours.
type pen struct{ buf []byte }

// raw writes text as it stands.
func (p *pen) raw(s string) { p.buf = append(p.buf, s...) }

// str writes a member whose value is a string.
func (p *pen) str(name, value string) {
	p.name(name)
	p.quote(value)
}

// day writes a member whose value is a date.
func (p *pen) day(name string, t time.Time) {
	p.name(name)
	p.buf = append(p.buf, '"')
	p.buf = t.AppendFormat(p.buf, time.DateOnly)
	p.buf = append(p.buf, '"')
}

// instant writes a member whose value is a date with a time and its offset.
func (p *pen) instant(name string, t time.Time) {
	p.name(name)
	p.buf = append(p.buf, '"')
	p.buf = t.AppendFormat(p.buf, "2006-01-02T15:04:05-07:00")
	p.buf = append(p.buf, '"')
}

// ref writes a member that points at a resource.
func (p *pen) ref(name, typ, id string) {
	p.name(name)
	p.reference(typ, id)
}

// reference writes a Reference.
func (p *pen) reference(typ, id string) {
	p.raw(`{"reference":"`)
	p.raw(typ)
	p.raw("/")
	p.raw(id)
	p.raw(`"}`)
}

// coding writes a Coding.
func (p *pen) coding(system, code, display string) {
	p.raw(`{"system":`)
	p.quote(system)
	p.str("code", code)
	if display != "" {
		p.str("display", display)
	}
	p.raw("}")
}

// concept writes a member that is a CodeableConcept with one coding.
func (p *pen) concept(name, system, code, display string) {
	p.name(name)
	p.conceptOf(system, code, display)
}

func (p *pen) conceptOf(system, code, display string) {
	p.raw(`{"coding":[`)
	p.coding(system, code, display)
	p.raw("]}")
}

// quantity writes a member that is a Quantity in a UCUM unit.
func (p *pen) quantity(name string, value float64, unit, ucum string) {
	p.name(name)
	p.raw(`{"value":`)
	p.buf = strconv.AppendFloat(p.buf, value, 'f', -1, 64)
	p.str("unit", unit)
	p.str("system", "http://unitsofmeasure.org")
	p.str("code", ucum)
	p.raw("}")
}

func (p *pen) name(name string) {
	p.raw(`,"`)
	p.raw(name)
	p.raw(`":`)
}

// quote writes a JSON string.
func (p *pen) quote(s string) {
	p.buf = append(p.buf, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			continue
		}
		if c >= utf8.RuneSelf {
			continue // the tables hold valid UTF-8
		}
		p.buf = append(p.buf, s[from:i]...)
		switch c {
		case '\n':
			p.raw(`\n`)
		case '"', '\\':
			p.buf = append(p.buf, '\\', c)
		default:
			p.buf = append(p.buf, `\u00`...)
			p.buf = append(p.buf, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		}
		from = i + 1
	}
	p.buf = append(p.buf, s[from:]...)
	p.buf = append(p.buf, '"')
}
