package manage

import (
	"fmt"
	"slices"
	"strings"

	"heartwood/internal/care/callflow"
	"heartwood/internal/door/web/page"
	"heartwood/internal/words"
)

// callParts is the form of a plan, part by part, with an empty part of each
// sort at the end to add one.
func callParts(p callflow.Plan, form *page.Form, o callOptions) []callPart {
	out := []callPart{{Title: "Where a call begins", Open: true, Fields: []callField{
		{Name: "start", Label: "The first step", Options: o.steps}, {Name: "keep", Width: "5", Label: "Minutes for which a place is kept", Hint: "For who is cut off and rings again from the same number"},
	}}}
	for i := range len(p.Numbers) + spare {
		out = append(out, callPartOf(form, "numbers", i, "Number", called(p.Numbers, i, func(n callflow.Number) string { return words.Phone(n.E164) }),
			callField{Name: "e164", Label: "Telephone number"}, callField{Name: "label", Label: "What it is called"}))
	}
	for i := range len(p.Nodes) + spare {
		out = append(out, callPartOf(form, "nodes", i, "Step", called(p.Nodes, i, func(n callflow.Node) string { return n.Name }), stepFields(o)...))
	}
	for i := range len(p.Queues) + spare {
		out = append(out, callPartOf(form, "queues", i, "Queue", called(p.Queues, i, func(q callflow.Queue) string { return q.Name }), queueFields(o)...))
	}
	for i := range len(p.Prompts) + spare {
		out = append(out, callPartOf(form, "prompts", i, "Prompt", called(p.Prompts, i, func(x callflow.Prompt) string { return x.ID }),
			callField{Name: "id", Label: "Short name"}, callField{Name: "says", Label: "What is said", Long: true}))
	}
	return out
}

// called is what the i-th of a list is called; "" for one that is to be added.
func called[T any](all []T, i int, name func(T) string) string {
	if i >= len(all) {
		return ""
	}
	return name(all[i])
}

func callPartOf(form *page.Form, sort string, i int, what, name string, fields ...callField) callPart {
	at := fmt.Sprintf("%s[%d].", sort, i)
	out := callPart{Title: what + ": " + name}
	if name == "" {
		out.Title = "Add: " + strings.ToLower(what)
	}
	for _, f := range fields {
		f.Name = at + f.Name
		out.Fields = append(out.Fields, f)
	}
	out.Open = slices.ContainsFunc(out.Fields, func(f callField) bool { return form.Error(f.Name) != "" })
	return out
}

func stepFields(o callOptions) []callField {
	return []callField{
		{Name: "name", Label: "Name"},
		{Name: "id", Label: "Short name", Hint: "Letters, digits and hyphens. Empty takes the step out."},
		{Name: "kind", Label: "What it does", Options: o.kinds},
		{Name: "says", Label: "What is said", Hint: "Short names of prompts, with commas between"},
		{Name: "next", Label: "Then; when open; or after silence and wrong keys", Options: o.steps},
		{Name: "shut", Label: "When the practice is shut", Options: o.steps},
		{Name: "keys", Label: "Keys of a menu", Hint: "A line each: the key, the short name of the step, what it is for", Long: true},
		{Name: "queue", Label: "The queue to join", Options: o.queues},
		{Name: "number", Label: "The number to send the call to"},
	}
}

func queueFields(o callOptions) []callField {
	return []callField{
		{Name: "name", Label: "Name"},
		{Name: "id", Label: "Short name", Hint: "Letters, digits and hyphens. Empty takes the queue out."},
		{Name: "team", Label: "The team that answers", Options: o.teams},
		{Name: "strategy", Label: "Who is rung", Options: o.strategies},
		{Name: "ring", Width: "5", Label: "Seconds that somebody is rung before they are passed over"},
		{Name: "wrap", Width: "5", Label: "Seconds that people are left alone after a call"},
		{Name: "says", Label: "Said once to who joins", Hint: "Short names of prompts"},
		{Name: "comforts", Label: "Said in turn to who waits", Hint: "Short names of prompts; nothing that was said before"},
		{Name: "every", Width: "5", Label: "Seconds between two of them"},
		{Name: "offer", Width: "5", Label: "Minutes after which a call back is offered", Hint: "0 for none"},
		{Name: "offer-from", Width: "5", Label: "Or from how many people before them", Hint: "0 for none"},
		{Name: "overflow", Width: "5", Label: "Minutes after which others help", Hint: "0 for never. The caller keeps the place."},
		{Name: "overflow-queue", Label: "The queue whose team helps", Options: o.queues},
		{Name: "overflow-practice", Label: "Or the practice that helps", Hint: "Its ODS code"},
		{Name: "overflow-team", Label: "And its team", Hint: "Such as CareTeam/hub"},
	}
}
