package routing

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// KindWords are the kinds as a rule says them.
var KindWords = map[string]string{
	"new-problem": "new problems", "existing-problem": "problems they have had before", "medicine": "medicines",
	"test-result": "test results", "fit-note": "fit notes", "admin": "paperwork",
}

// PriorityWords are the urgencies as a rule says them.
var PriorityWords = map[string]string{"routine": "routine", "urgent": "urgent", "asap": "very urgent", "stat": "emergency"}

// Say is the rule as a sentence: "medicines go to the Pharmacy team".
func (r Rule) Say(staff Staff) string {
	s := r.Who() + " go to " + staff.Name(r.Target)
	if r.Within > 0 {
		s += ", within " + span(r.Within)
	}
	if r.Raise != "" {
		s += ", as " + PriorityWords[r.Raise] + " at least"
	}
	return s
}

// Who is what the rule fits, in words.
func (r Rule) Who() string {
	var parts []string
	what := "all requests"
	if len(r.Kinds) > 0 {
		what = list(r.Kinds, KindWords)
	}
	if len(r.Priorities) > 0 {
		what = list(r.Priorities, PriorityWords) + " requests"
		if len(r.Kinds) > 0 {
			what += " about " + list(r.Kinds, KindWords)
		}
	}
	if len(r.Words) > 0 {
		parts = append(parts, "that say “"+strings.Join(r.Words, "” or “")+"”")
	}
	switch {
	case r.From > 0 && r.To >= oldest:
		parts = append(parts, fmt.Sprintf("of people aged %d and over", r.From))
	case r.From > 0 || r.To > 0:
		parts = append(parts, fmt.Sprintf("of people aged %d to %d", r.From, r.To))
	}
	if len(r.Conditions) > 0 {
		parts = append(parts, "of people with "+strings.Join(r.Conditions, " or "))
	}
	if len(r.Languages) > 0 {
		parts = append(parts, "of people who speak "+strings.Join(r.Languages, " or "))
	}
	if r.Clinician != "" {
		parts = append(parts, "of patients of one clinician")
	}
	if r.Begin != 0 || r.End != 0 {
		parts = append(parts, fmt.Sprintf("that come from %02d:%02d to %02d:%02d", r.Begin/60, r.Begin%60, r.End/60, r.End%60))
	}
	return strings.Join(append([]string{what}, parts...), " ")
}

const oldest = 130

func list(keys []string, say map[string]string) string {
	var out []string
	for _, k := range keys {
		if w := say[k]; w != "" {
			k = w
		}
		out = append(out, k)
	}
	return strings.Join(out, " or ")
}

// Name is a target in words.
func (s Staff) Name(target string) string {
	if target == Usual {
		return "their usual clinician"
	}
	if job, ok := strings.CutPrefix(target, RolePrefix); ok {
		return "any " + job + " who is in"
	}
	for _, t := range s.Teams {
		if t.Ref == target {
			return "the " + t.Name
		}
	}
	for _, p := range s.People {
		if p.Ref == target {
			return p.Name
		}
	}
	return "somebody who does not work here any more"
}

func span(d time.Duration) string {
	if d%time.Hour == 0 {
		if d == time.Hour {
			return "1 opening hour"
		}
		return itoa(int(d/time.Hour)) + " opening hours"
	}
	return itoa(int(d/time.Minute)) + " opening minutes"
}
