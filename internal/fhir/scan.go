package fhir

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"heartwood/internal/fault"
)

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
