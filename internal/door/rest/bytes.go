package rest

import (
	"net/http"
	"strconv"
	"unicode/utf8"

	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

// Bundles (http://hl7.org/fhir/R4/bundle.html) are made by appending bytes:
// resources go in as they are kept, and are never encoded again.

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(append(b, s[from:i]...), `\ufffd`...)
				from = i + 1
			}
			i += n
			continue
		}
		if c < 0x20 || c == '"' || c == '\\' {
			b = append(b, s[from:i]...)
			if c == '"' || c == '\\' {
				b = append(b, '\\', c)
			} else {
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			from = i + 1
		}
		i++
	}
	return append(append(b, s[from:]...), '"')
}

func appendLink(b []byte, relation, url string) []byte {
	b = append(b, `{"relation":"`...)
	b = append(b, relation...)
	b = append(b, `","url":`...)
	b = appendString(b, url)
	return append(b, '}')
}

func appendFullURL(b []byte, base string, v record.Version) []byte {
	b = append(b, `"fullUrl":"`...)
	b = append(b, base...)
	b = append(b, '/')
	b = append(b, v.Ref.Type...)
	b = append(b, '/')
	b = append(b, v.Ref.ID...)
	return append(b, '"')
}

// appendResponse appends an entry's "response".
func appendResponse(b []byte, rep reply) []byte {
	b = append(b, `"response":{"status":"`...)
	b = strconv.AppendInt(b, int64(rep.status), 10)
	b = append(b, ' ')
	b = append(b, http.StatusText(rep.status)...)
	b = append(b, '"')
	if rep.location != "" {
		b = append(b, `,"location":"`...)
		b = append(b, rep.location...)
		b = append(b, '"')
	}
	if rep.version != "" {
		b = append(b, `,"etag":"W/\"`...)
		b = append(b, rep.version...)
		b = append(b, `\"","lastModified":"`...)
		b = append(b, fhir.Instant(rep.updated)...)
		b = append(b, '"')
	}
	if rep.outcome {
		b = append(b, `,"outcome":`...)
		b = append(b, rep.body...)
	}
	return append(b, '}')
}

// appendReply appends one entry of a batch-response or transaction-response.
func appendReply(b []byte, rep reply) []byte {
	b = append(b, '{')
	if len(rep.body) > 0 && !rep.outcome {
		b = append(b, `"resource":`...)
		b = append(b, rep.body...)
		b = append(b, ',')
	}
	b = appendResponse(b, rep)
	return append(b, '}')
}
