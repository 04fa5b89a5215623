package fhir

import (
	"strconv"
	"strings"

	"heartwood/internal/ident"
)

// primitives check the value of each primitive type
// (http://hl7.org/fhir/R4/datatypes.html#primitive).
var primitives = map[string]func(*validator, Node){
	"boolean": func(v *validator, n Node) {
		if n.Kind() != Bool {
			v.fail(n, "structure", "This must be true or false, not %s.", n.Kind())
		}
	},
	"integer":     whole(-1<<31, "a whole number"),
	"unsignedInt": whole(0, "a whole number from 0"),
	"positiveInt": whole(1, "a whole number from 1"),
	"decimal": func(v *validator, n Node) {
		if n.Kind() != Number {
			v.fail(n, "structure", "This must be a number, not %s.", n.Kind())
		}
	},
	"string":       text("text", isText),
	"markdown":     text("text", isText),
	"code":         text("a code: no spaces at its ends, and single ones within", isCode),
	"id":           text("an id: 1 to 64 letters, digits, hyphens and dots", ident.IsID),
	"uri":          text("a URI without spaces", isURI),
	"url":          text("a URL without spaces", isURI),
	"canonical":    text("a canonical URL without spaces", isURI),
	"oid":          text("an OID such as urn:oid:1.2.3", isOID),
	"uuid":         text("a UUID such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520", isUUID),
	"base64Binary": text("base64", isBase64),
	"date":         text("a date: 2026, 2026-02 or 2026-02-28, and a real day", isDate),
	"dateTime":     text("a date, or a date and time with seconds and zone such as 2026-02-28T09:30:00Z", isDateTime),
	"instant":      text("a date and time with seconds and zone, such as 2026-02-28T09:30:00Z", isInstant),
	"time":         text("a time such as 09:30:00", isTime),
	"xhtml":        text("a <div> of plain XHTML, without scripts, forms or frames", isDiv),
}

func text(what string, good func(string) bool) func(*validator, Node) {
	return func(v *validator, n Node) {
		switch {
		case n.Kind() != String:
			v.fail(n, "structure", "This must be a string, not %s.", n.Kind())
		case n.cell().end-n.cell().start == 2:
			v.fail(n, "value", "A string cannot be empty; leave the element out.")
		case !good(v.str(n)):
			v.fail(n, "value", "This must be %s.", what)
		}
	}
}

func whole(least int64, what string) func(*validator, Node) {
	return func(v *validator, n Node) {
		if n.Kind() != Number {
			v.fail(n, "structure", "This must be a number, not %s.", n.Kind())
			return
		}
		if i, err := strconv.ParseInt(string(n.Raw()), 10, 32); err != nil || i < least {
			v.fail(n, "value", "This must be %s, at most 2147483647.", what)
		}
	}
}

// isText holds for any text that is more than spaces.
func isText(s string) bool {
	return strings.TrimSpace(s) != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r'
	})
}

func isCode(s string) bool {
	space := true // a space may not come next
	for _, r := range s {
		if r == ' ' {
			if space {
				return false
			}
			space = true
			continue
		}
		if r < ' ' {
			return false
		}
		space = false
	}
	return !space
}

func isURI(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' })
}

func isOID(s string) bool {
	rest, ok := strings.CutPrefix(s, "urn:oid:")
	arcs := strings.Split(rest, ".")
	if !ok || len(arcs) < 2 || len(arcs[0]) != 1 || arcs[0] > "2" {
		return false
	}
	for _, a := range arcs {
		if a == "" || len(a) > 1 && a[0] == '0' || strings.Trim(a, "0123456789") != "" {
			return false
		}
	}
	return true
}

func isUUID(s string) bool {
	s, ok := strings.CutPrefix(s, "urn:uuid:")
	if !ok || len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !isHex(s[i]) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// isBase64 checks RFC 4648 base64 with its padding; white space may break it
// into lines.
func isBase64(s string) bool {
	n, pad := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
		case c == '=':
			pad++
			n++
		case pad > 0:
			return false
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/':
			n++
		default:
			return false
		}
	}
	return n > 0 && n%4 == 0 && pad <= 2
}

func isDate(s string) bool {
	d, ok := scanDate(s)
	return ok && d.precision <= toDay
}

func isDateTime(s string) bool {
	d, ok := scanDate(s)
	return ok && (d.precision <= toDay || d.precision >= toSecond && d.zone)
}

func isInstant(s string) bool {
	d, ok := scanDate(s)
	return ok && d.precision >= toSecond && d.zone
}

func isTime(s string) bool {
	var d moment
	c := cursor{s: s}
	return d.clock(&c) && c.done() && d.precision >= toSecond && !d.zone
}
