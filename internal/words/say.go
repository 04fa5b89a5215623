package words

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// T is an English sentence in a language, with args put in as by fmt.Sprintf.
// The sentence may be given by the key it is kept under here. What a language
// lacks stays English.
//
// A sentence that another room has finished already ("Use 200 characters or
// fewer") is found by its pattern ("Use %s characters or fewer"), and what
// stands in the gaps is put into the other language too.
func (l Lang) T(sentence string, args ...any) string {
	if en, ok := sentences[sentence]; ok {
		sentence = en
	}
	s, found := l.find(sentence)
	if len(args) > 0 {
		return fmt.Sprintf(s, args...)
	}
	if !found {
		s = l.match(sentence)
	}
	return s
}

// T is lang.T.
func T(lang Lang, sentence string, args ...any) string { return lang.T(sentence, args...) }

// Has tells whether the language has this sentence itself.
func (l Lang) Has(sentence string) bool {
	_, ok := l.find(sentence)
	return ok || l.match(sentence) != sentence
}

func (l Lang) find(sentence string) (string, bool) {
	c := catalogues[l]
	if c == nil {
		return sentence, false
	}
	if s, ok := c.say[sentence]; ok {
		return s, true
	}
	return sentence, false
}

// pattern is a sentence with gaps, as it is matched when it is finished.
type pattern struct {
	re *regexp.Regexp
	to string
}

var gap = regexp.MustCompile(`%[sd]|\\\{\\\{[^}]*\\\}\\\}`)

// patternOf is how a finished sentence of this form is found; ok is false for
// one without gaps, or with too little beside them to be sure of: "%s with %s"
// would take any sentence with that word in it for its own.
func patternOf(en, to string) (pattern, bool) {
	quoted := regexp.QuoteMeta(en)
	if !strings.Contains(en, "%s") && !strings.Contains(en, "%d") || len(gap.ReplaceAllString(quoted, "")) < 4 {
		return pattern{}, false
	}
	if strings.HasPrefix(en, "%") && strings.HasSuffix(en, "%s") && strings.Count(strings.Trim(gap.ReplaceAllString(en, ""), " "), " ") < 2 {
		return pattern{}, false
	}
	return pattern{regexp.MustCompile("^" + gap.ReplaceAllString(quoted, "(.+?)") + "$"), strings.ReplaceAll(to, "%d", "%s")}, true
}

func (l Lang) match(sentence string) string {
	c := catalogues[l]
	if c == nil || len(sentence) > 500 {
		return sentence
	}
	for _, p := range c.patterns {
		m := p.re.FindStringSubmatch(sentence)
		if m == nil {
			continue
		}
		args := make([]any, 0, len(m)-1)
		for _, part := range m[1:] {
			in, _ := l.find(part)
			args = append(args, in)
		}
		return fmt.Sprintf(p.to, args...)
	}
	return l.halves(sentence)
}

// halves finds two sentences that were put one after the other.
func (l Lang) halves(s string) string {
	for i := range s {
		if !strings.HasPrefix(s[i:], ". ") {
			continue
		}
		first, ok := l.find(s[:i+1])
		if !ok {
			continue
		}
		if second, ok := l.find(s[i+1:]); ok {
			return first + second
		}
		if second, ok := l.find(s[i+2:]); ok {
			return first + " " + second
		}
	}
	return s
}

// Plural is one thing or several: Plural(3, "%d photo", "%d photos").
func (l Lang) Plural(n int, one, many string) string {
	if n == 1 {
		return l.T(one, n)
	}
	return l.T(many, n)
}

// Sentences lists what a language has been given words for, in order.
func Sentences(l Lang) []string {
	var out []string
	if c := catalogues[l]; c != nil {
		for k := range c.say {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// Keyed lists the English sentences that are kept here under a key.
func Keyed() []string {
	var out []string
	for _, s := range sentences {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// sentences are what the decisions of care say to patients.
var sentences = map[string]string{
	"request.received":       "We have your request. Your reference is %s.",
	"request.open.routine":   "A member of our team will read your request. We will contact you %s.",
	"request.open.urgent":    "A member of our team will read your request today. We will contact you %s.",
	"request.shut.now":       "The practice is closed now. We will read your request when we open, %s.",
	"request.shut.answer":    "We will contact you %s.",
	"request.emergency.read": "Do not wait for us to contact you. Follow the advice on this page now.",
	"request.emergency.kept": "We have still kept your request and our team will see it %s.",
	"request.contact":        "We will contact you by %s.",
	"request.worse":          "If you get worse or you are worried while you wait, call 111. If it is an emergency, call 999.",
	"request.identity":       "We will check who the request is for before we answer it.",
	"contact.message":        "a message in your account",
	"contact.phone":          "phone",
	"contact.text":           "text message",
	"contact.email":          "email",
	"contact.letter":         "letter",
	"notice.subject":         "You have a message from your GP practice",
	"notice.body":            "You have a new message. Sign in to your GP practice account to read it. Do not reply to this email: nobody reads the replies.",
}

// Translation is what a language's file has for a sentence.
func Translation(l Lang, sentence string) string {
	s, _ := l.find(sentence)
	return s
}
