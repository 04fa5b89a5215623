package page

import (
	"regexp"
	"strings"

	"heartwood/internal/words"
)

// Templates are written in English and stay readable: a page in another
// language is the same template with its text put into that language before it
// is parsed.
//
// The text is taken piece by piece: a piece is what stands between block tags
// and actions that make blocks or decide. Inline tags and values stay in the
// piece, tags without their attributes, because another language may order
// them differently: `You have <a>{{.New}} new messages</a>`. A translation has
// the same tags and values.

// token is a part of a template's source.
type token struct {
	text   string
	inline bool   // it may stand within a piece of text
	tag    string // the name of an inline tag, with "/" for a closing one
}

var (
	tokens     = regexp.MustCompile(`(?s)\{\{.*?\}\}|</?[a-zA-Z](?:\{\{.*?\}\}|[^>])*>`)
	tagName    = regexp.MustCompile(`^</?([a-zA-Z0-9]+)`)
	attributes = regexp.MustCompile(`\b(aria-label|alt|title|placeholder)="([^"{}]*[A-Za-z][^"{}]*)"`)
	actionName = regexp.MustCompile(`^\{\{-?\s*(\S+?)[\s}]`)
	letters    = regexp.MustCompile(`\pL`)
	spaces     = regexp.MustCompile(`\s+`)
	aTag       = regexp.MustCompile(`<(/?)([a-z0-9]+)>`)
	quoted     = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
)

var inlineTags = map[string]bool{
	"a": true, "strong": true, "em": true, "b": true, "span": true, "br": true, "code": true, "time": true, "abbr": true, "kbd": true,
}

var inlineActions = map[string]bool{
	"when": true, "date": true, "day": true, "clock": true, "stamp": true, "plural": true, "nhs": true, "t": true, "or": true, "len": true,
}

// cut divides a template's source into tokens.
func cut(source string) []token {
	var out []token
	text := func(s string) {
		if s != "" {
			out = append(out, token{text: s, inline: true})
		}
	}
	at := 0
	for _, m := range tokens.FindAllStringIndex(source, -1) {
		text(source[at:m[0]])
		at = m[1]
		s := source[m[0]:m[1]]
		t := token{text: s}
		if strings.HasPrefix(s, "{{") {
			name := ""
			if n := actionName.FindStringSubmatch(s); n != nil {
				name = n[1]
			}
			t.inline = strings.HasPrefix(name, ".") || strings.HasPrefix(name, "$") && !strings.Contains(s, ":=") || inlineActions[name]
		} else if n := tagName.FindStringSubmatch(s); n != nil && inlineTags[strings.ToLower(n[1])] {
			t.inline, t.tag = true, strings.ToLower(n[1])
			if s[1] == '/' {
				t.tag = "/" + t.tag
			}
		}
		out = append(out, t)
	}
	text(source[at:])
	return out
}

// rewrite gives a template's source with each of its pieces, attributes and
// nothing else changed by say.
func rewrite(source string, say func(string) string) string {
	var b strings.Builder
	var run []token
	flush := func() {
		b.WriteString(piece(run, say))
		run = nil
	}
	for _, t := range cut(source) {
		if t.tag != "" || strings.HasPrefix(t.text, "<") {
			t.text = attributes.ReplaceAllStringFunc(t.text, func(s string) string {
				m := attributes.FindStringSubmatch(s)
				return m[1] + `="` + say(m[2]) + `"`
			})
		}
		if t.inline {
			run = append(run, t)
			continue
		}
		flush()
		b.WriteString(t.text)
	}
	flush()
	return b.String()
}

// piece puts a run of inline tokens into another language.
func piece(run []token, say func(string) string) string {
	before, run, after := unwrap(run)
	var key strings.Builder
	var opened []string // the inline tags with their attributes, in order
	worth := false
	for _, t := range run {
		switch {
		case t.tag == "":
			worth = worth || !strings.HasPrefix(t.text, "{{") && letters.MatchString(t.text)
			key.WriteString(t.text)
		default:
			key.WriteString("<" + t.tag + ">")
			opened = append(opened, t.text)
		}
	}
	plain := key.String()
	if !worth {
		return before + join(run) + after
	}
	trimmed := strings.TrimSpace(plain)
	lead := plain[:strings.Index(plain, trimmed)]
	trail := plain[len(lead)+len(trimmed):]
	said := say(spaces.ReplaceAllString(trimmed, " "))
	said = aTag.ReplaceAllStringFunc(said, func(s string) string {
		for i, o := range opened {
			if o != "" && strings.TrimSuffix(tagName.FindString(o), " ") == strings.TrimSuffix(s, ">") {
				opened[i] = ""
				return o
			}
		}
		return s
	})
	return before + lead + said + trail + after
}

// unwrap takes off the inline tags, and the space, that stand round all of a
// run.
func unwrap(run []token) (before string, inner []token, after string) {
	for {
		for len(run) > 0 && run[0].tag == "" && strings.TrimSpace(run[0].text) == "" {
			before += run[0].text
			run = run[1:]
		}
		for n := len(run); n > 0 && run[n-1].tag == "" && strings.TrimSpace(run[n-1].text) == ""; n = len(run) {
			after = run[n-1].text + after
			run = run[:n-1]
		}
		if !wrapped(run) {
			return before, run, after
		}
		before += run[0].text
		after = run[len(run)-1].text + after
		run = run[1 : len(run)-1]
	}
}

// wrapped tells whether the first tag of a run closes at its very end.
func wrapped(run []token) bool {
	n := len(run)
	if n < 2 || run[0].tag == "" || run[0].tag[0] == '/' || run[n-1].tag != "/"+run[0].tag {
		return false
	}
	depth := 0
	for i, t := range run {
		switch t.tag {
		case run[0].tag:
			depth++
		case "/" + run[0].tag:
			depth--
		}
		if depth == 0 && i < n-1 {
			return false
		}
	}
	return depth == 0
}

func join(run []token) string {
	var b strings.Builder
	for _, t := range run {
		b.WriteString(t.text)
	}
	return b.String()
}

// English lists what a template says, for the test that looks for what a
// language lacks: its pieces, and the texts that its actions are given.
func English(source string) []string {
	var out []string
	rewrite(source, func(s string) string {
		out = append(out, s)
		return s
	})
	for _, t := range cut(source) {
		if !strings.HasPrefix(t.text, "{{") {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(t.text, -1) {
			if s := m[1]; strings.Contains(strings.TrimSpace(s), " ") || s != "" && s[0] >= 'A' && s[0] <= 'Z' {
				out = append(out, s)
			}
		}
	}
	return out
}

// into puts a template's source into a language.
func into(lang words.Lang, source string) string {
	if lang == words.English {
		return source
	}
	return rewrite(source, func(s string) string { return lang.T(s) })
}
