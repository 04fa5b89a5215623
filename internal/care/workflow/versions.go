package workflow

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Kept is a workflow as it was from a moment on.
type Kept struct {
	Definition
	From time.Time
	By   string // who saved it, a reference
}

// Versions are how a workflow has been, newest first, at most a hundred. One
// that another program spoilt is left out.
func Versions(ctx context.Context, p *record.Practice, id string) (out []Kept, err error) {
	if !ident.IsID(id) {
		return nil, unknown("workflow")
	}
	all, err := p.History(ctx, ident.Ref{Type: "PlanDefinition", ID: id}, "", 100)
	if fault.Is(err, fault.NotFound) {
		return nil, unknown("workflow")
	}
	if err != nil {
		return nil, err
	}
	for _, v := range all {
		if v.Deleted {
			continue
		}
		r, err := v.Resource()
		if err != nil {
			return nil, err
		}
		if !isWorkflow(r) {
			continue
		}
		d, err := parse(r.Root())
		if err != nil {
			continue
		}
		d.Version = v.ID
		out = append(out, Kept{Definition: d, From: v.Time, By: v.Author.Ref})
	}
	return out, nil
}

// Differ says in words how a workflow differs from what it was; name is what a
// person or a team is called. Where it says nothing both do the same.
func Differ(was, now Definition, name func(ref string) string) (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if was.Title != now.Title {
		say("Called “%s” before, now “%s”", was.Title, now.Title)
	}
	if was.Trigger != now.Trigger {
		say("Begun %s before, now %s", was.Trigger.Say(), now.Trigger.Say())
	}
	if was.Retired != now.Retired {
		say("%s", map[bool]string{true: "Not used any more", false: "Used again"}[now.Retired])
	}
	before, after := places(was), places(now)
	for _, s := range was.Steps {
		if _, ok := after[s.ID]; !ok {
			say("Taken away: “%s”", s.Title)
		}
	}
	last := -1
	for _, s := range now.Steps {
		i, ok := before[s.ID]
		if !ok {
			say("New: “%s”, by %s, in %s", s.Title, name(s.Owner), days(s.Days))
			continue
		}
		if i < last {
			say("“%s” stands further down than before", now.Steps[after[was.Steps[i].ID]].Title)
		}
		last = max(last, i)
		for _, line := range was.Steps[i].differ(s, was, now, name) {
			say("“%s”: %s", s.Title, line)
		}
	}
	return out
}

func places(d Definition) map[string]int {
	out := map[string]int{}
	for i, s := range d.Steps {
		out[s.ID] = i
	}
	return out
}

// differ says how a step differs from what it was, s.
func (s Step) differ(now Step, wasIn, nowIn Definition, name func(string) string) (out []string) {
	change := func(what, a, b string) {
		if a != b {
			out = append(out, fmt.Sprintf("%s %s before, now %s", what, a, b))
		}
	}
	if s.Title != now.Title {
		out = append(out, fmt.Sprintf("called “%s” before", s.Title))
	}
	if s.What != now.What {
		out = append(out, fmt.Sprintf("what to do was “%s”, now “%s”", s.What, now.What))
	}
	if s.Owner != now.Owner {
		change("done by", name(s.Owner), name(now.Owner))
	}
	change("may take", days(s.Days), days(now.Days))
	if s.After != now.After {
		change("begins", begins(s, wasIn), begins(now, nowIn))
	}
	if s.Escalate != now.Escalate {
		who := func(ref string) string {
			if ref == "" {
				return "nobody else"
			}
			return name(ref)
		}
		change("once overdue with", who(s.Escalate), who(now.Escalate))
	}
	return out
}

func begins(s Step, in Definition) string {
	for _, other := range in.Steps {
		if s.After != "" && other.ID == s.After {
			return "when “" + cmp.Or(other.Title, other.ID) + "” has ended"
		}
	}
	return "at once"
}

func days(n int) string {
	if n == 1 {
		return "1 working day"
	}
	return fmt.Sprintf("%d working days", n)
}
