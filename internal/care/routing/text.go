package routing

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/fault"
)

// A rule is kept as a line that people can read and programs can parse:
//
//	kind=medicine,fit-note; words=dosette|blister pack; age=65-; to=CareTeam/pharmacy-team; within=120
//
// Each name stands at most once, and "to" always.

// Line prints a rule.
func (r Rule) Line() string {
	var out []string
	add := func(name, value string) {
		if value != "" {
			out = append(out, name+"="+value)
		}
	}
	add("kind", strings.Join(r.Kinds, ","))
	add("urgency", strings.Join(r.Priorities, ","))
	add("words", strings.Join(r.Words, "|"))
	if r.From != 0 || r.To != 0 {
		to := ""
		if r.To < oldest {
			to = itoa(r.To)
		}
		add("age", itoa(r.From)+"-"+to)
	}
	add("condition", strings.Join(r.Conditions, "|"))
	add("language", strings.Join(r.Languages, ","))
	add("clinician", r.Clinician)
	if r.Begin != 0 || r.End != 0 {
		add("time", itoa(r.Begin)+"-"+itoa(r.End))
	}
	add("to", r.Target)
	if r.Within > 0 {
		add("within", itoa(int(r.Within/time.Minute)))
	}
	add("raise", r.Raise)
	return strings.Join(out, "; ")
}

const (
	maxLine  = 2000
	maxItems = 40
	maxWord  = 100
)

// ParseRule reads a rule's line. Errors name the part at fault.
func ParseRule(line string) (Rule, error) {
	var r Rule
	if len(line) > maxLine {
		return r, fault.At(fault.TooLarge, "rule", "A rule can be at most %d characters long.", maxLine)
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(line, ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		value = strings.TrimSpace(value)
		if !ok || value == "" || seen[name] {
			return Rule{}, fault.At(fault.Invalid, "rule", "A rule is parts such as kind=medicine, each once, with a semicolon between them.")
		}
		seen[name] = true
		if !r.part(name, value) {
			return Rule{}, fault.At(fault.Invalid, name, "This part of a rule cannot be read: %q.", name)
		}
	}
	if r.Target == "" {
		return Rule{}, fault.At(fault.Invalid, "to", "A rule needs somebody to go to.")
	}
	return r, nil
}

func (r *Rule) part(name, value string) (ok bool) {
	switch name {
	case "kind":
		r.Kinds, ok = items(value, ",", isWord)
	case "urgency":
		r.Priorities, ok = items(value, ",", func(s string) bool { return rank(s) >= 0 })
	case "words":
		r.Words, ok = items(value, "|", isPhrase)
	case "condition":
		r.Conditions, ok = items(value, "|", isPhrase)
	case "language":
		r.Languages, ok = items(value, ",", isWord)
	case "age":
		r.From, r.To, ok = span2(value, oldest)
		ok = ok && r.To <= oldest
	case "time":
		r.Begin, r.End, ok = span2(value, -1)
		ok = ok && r.End <= 24*60 && r.Begin < r.End
	case "clinician":
		r.Clinician, ok = value, isRef(value, "Practitioner/")
	case "to":
		r.Target, ok = value, isTarget(value)
	case "within":
		n, err := strconv.ParseUint(value, 10, 16)
		r.Within, ok = time.Duration(n)*time.Minute, err == nil && n > 0 && n <= 2*630
	case "raise":
		r.Raise, ok = value, rank(value) > 0
	}
	return ok
}

func items(value, sep string, good func(string) bool) ([]string, bool) {
	out := strings.Split(value, sep)
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out, len(out) <= maxItems && !slices.ContainsFunc(out, func(s string) bool { return !good(s) })
}

func isWord(s string) bool {
	return s != "" && len(s) <= maxWord && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	})
}

func isPhrase(s string) bool {
	return len(s) <= maxWord && len(fold(s)) > 3 && !strings.ContainsAny(s, ";=|\n\r\x00")
}

func isRef(s, prefix string) bool {
	id, ok := strings.CutPrefix(s, prefix)
	return ok && id != "" && len(id) <= 64 && !strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.'
	})
}

func isTarget(s string) bool {
	if job, ok := strings.CutPrefix(s, RolePrefix); ok {
		return isPhrase(job)
	}
	return s == Usual || isRef(s, "CareTeam/") || isRef(s, "Practitioner/")
}

// span2 reads "5-17", or "65-" where there is an end for what is left out.
func span2(s string, open int) (from, to int, ok bool) {
	a, b, found := strings.Cut(s, "-")
	if b == "" && open >= 0 {
		b = itoa(open)
	}
	x, err := strconv.ParseUint(strings.TrimSpace(a), 10, 16)
	y, err2 := strconv.ParseUint(strings.TrimSpace(b), 10, 16)
	return int(x), int(y), found && err == nil && err2 == nil && x <= y && y > 0
}
