package consult

import (
	"html"
	"strings"

	"heartwood/internal/fhir"
)

// Narrative is XHTML (http://hl7.org/fhir/R4/narrative.html) that only this
// file writes: everything that somebody typed is escaped, and nothing is
// interpreted as markup, now or when it is read back.

const divOpen, divClose = `<div xmlns="http://www.w3.org/1999/xhtml">`, `</div>`

// narrative is text as a Narrative.
func narrative(text string) map[string]any {
	return map[string]any{"status": "additional", "div": div(text)}
}

func div(text string) string {
	var b strings.Builder
	b.WriteString(divOpen)
	for p := range strings.SplitSeq(clean(text), "\n\n") {
		b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(p), "\n", "<br/>") + "</p>")
	}
	b.WriteString(divClose)
	return b.String()
}

// clean unifies line ends and drops what XML cannot hold.
func clean(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if r < ' ' || r == 0x7f || r == 0xFFFE || r == 0xFFFF || r >= 0xD800 && r <= 0xDFFF {
			return -1
		}
		return r
	}, text))
}

// plain is a narrative as plain text, ours exactly as it was typed and
// anybody else's without its markup.
func plain(n fhir.Node) string {
	s := n.Get("div").Str()
	for _, r := range [][2]string{
		{"</p><p>", "\n\n"},
		{"<br/>", "\n"},
		{"<br />", "\n"},
		{"<br>", "\n"},
		{"</tr>", "\n"},
		{"</li>", "\n"},
		{"</td>", " "},
		{"</p>", "\n"},
	} {
		s = strings.ReplaceAll(s, r[0], r[1])
	}
	var b strings.Builder
	for s != "" {
		text, rest, tag := strings.Cut(s, "<")
		b.WriteString(text)
		if !tag {
			break
		}
		_, s, _ = strings.Cut(rest, ">")
	}
	return strings.TrimSpace(html.UnescapeString(b.String()))
}
