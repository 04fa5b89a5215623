package fhir

import "strings"

// This file checks narratives (http://hl7.org/fhir/R4/narrative.html#xhtml)
// for what they must not have. Pages never show them as markup; the check
// keeps scripts from being passed on to programs that do.

// plainTags are the elements that invariant txt-1 allows.
var plainTags = func() map[string]bool {
	m := map[string]bool{}
	for _, t := range strings.Fields(`a abbr acronym b big blockquote br caption cite code col colgroup dd del dfn div dl dt em
		h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var`) {
		m[t] = true
	}
	return m
}()

func isDiv(s string) bool {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "<div") || !strings.HasSuffix(s, ">") {
		return false
	}
	for {
		from := strings.IndexByte(s, '<')
		if from < 0 {
			return true
		}
		s = s[from+1:]
		if rest, ok := strings.CutPrefix(s, "!--"); ok {
			if _, s, ok = strings.Cut(rest, "-->"); !ok {
				return false
			}
			continue
		}
		tag, rest, ok := cutTag(s)
		if !ok || !plainTag(tag) {
			return false
		}
		s = rest
	}
}

// cutTag takes a tag up to its >, which may also stand in a quoted attribute.
func cutTag(s string) (tag, rest string, ok bool) {
	var quote byte
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return s[:i], s[i+1:], true
		}
	}
	return "", "", false
}

// plainTag tells whether a tag's name is allowed, no attribute is an event
// and no address is a script.
func plainTag(tag string) bool {
	tag = strings.TrimPrefix(tag, "/")
	end := strings.IndexAny(tag, " \t\r\n/")
	if end < 0 {
		end = len(tag)
	}
	if !plainTags[tag[:end]] {
		return false
	}
	lower := strings.ToLower(tag[end:])
	for i := 0; i+3 < len(lower); i++ {
		before := lower[i]
		if (before <= ' ' || before == '/' || before == '"' || before == '\'') && lower[i+1:i+3] == "on" && isEvent(lower[i+3:]) {
			return false
		}
	}
	return !strings.Contains(strings.Join(strings.Fields(lower), ""), "javascript:")
}

// isEvent tells whether what follows "on" reads as the rest of an attribute's
// name and its equals sign.
func isEvent(s string) bool {
	name := strings.TrimLeft(s, "abcdefghijklmnopqrstuvwxyz")
	return len(name) < len(s) && strings.HasPrefix(strings.TrimSpace(name), "=")
}
