package manage

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/care/callflow"
	"heartwood/internal/care/team"
	"heartwood/internal/door/web/page"
	"heartwood/internal/words"
)

// callPart is one step, queue, number or prompt of the form.
type callPart struct {
	Title  string
	Open   bool // something is wrong in it, or it is new
	Fields []callField
}

// callField is one field; it is a list where it has options.
type callField struct {
	Name, Label, Hint string
	Long              bool
	Width             string // "5" for a few digits; "" for a whole line
	Options           []page.Option
}

// callOptions are what the lists of the form offer.
type callOptions struct {
	kinds, strategies, teams, steps, queues []page.Option
	names                                   map[string]string
}

func (m *Manage) callOptions(ctx context.Context, v visit, plan callflow.Plan) (callOptions, error) {
	h, err := team.Load(ctx, v.practice)
	if err != nil {
		return callOptions{}, err
	}
	o := callOptions{
		names: map[string]string{},
		kinds: []page.Option{
			{Value: string(callflow.Announce), Text: "Says something and goes on"},
			{Value: string(callflow.Hours), Text: "Asks whether the practice is open"},
			{Value: string(callflow.Choose), Text: "Menu"},
			{Value: string(callflow.Join), Text: "Joins a queue"},
			{Value: string(callflow.SendOn), Text: "Sends the call to another number"},
			{Value: string(callflow.Finish), Text: "Says something and hangs up"},
		},
		strategies: []page.Option{{Value: string(callflow.Longest), Text: "Whoever has been free the longest"}, {Value: string(callflow.Everyone), Text: "Everybody at once"}},
	}
	none := page.Option{Text: "None"}
	o.steps, o.queues, o.teams = []page.Option{none}, []page.Option{none}, []page.Option{none}
	for _, p := range h.People {
		o.names[p.Ref] = p.Name
	}
	for _, t := range h.Teams {
		o.teams = append(o.teams, page.Option{Value: t.Ref, Text: t.Name})
	}
	for _, n := range plan.Nodes {
		o.steps = append(o.steps, page.Option{Value: n.ID, Text: n.Name})
	}
	for _, q := range plan.Queues {
		o.queues = append(o.queues, page.Option{Value: q.ID, Text: q.Name})
	}
	return o, nil
}

// spare is how many empty numbers, steps, queues and prompts the form has.
const spare = 1

// callForm is a plan as the values of the form.
func callForm(p callflow.Plan) *page.Form {
	v := map[string]string{"start": p.Start, "keep": wholeMinutes(p.Keep)}
	set := func(at, name, value string) { v[at+"."+name] = value }
	for i, n := range p.Numbers {
		at := fmt.Sprintf("numbers[%d]", i)
		set(at, "e164", words.Phone(n.E164))
		set(at, "label", n.Label)
	}
	for i, n := range p.Nodes {
		at := fmt.Sprintf("nodes[%d]", i)
		for name, value := range map[string]string{
			"id": n.ID, "name": n.Name, "kind": string(n.Kind), "says": strings.Join(n.Says, ", "), "next": n.Next, "shut": n.Shut, "queue": n.Queue,
			"number": words.Phone(n.Number), "keys": keysText(n.Keys),
		} {
			set(at, name, value)
		}
	}
	for i, q := range p.Queues {
		at := fmt.Sprintf("queues[%d]", i)
		for name, value := range map[string]string{
			"id": q.ID, "name": q.Name, "team": q.Team, "says": strings.Join(q.Says, ", "), "comforts": strings.Join(q.Comforts, ", "), "every": wholeSeconds(q.Every),
			"strategy": string(q.Strategy), "ring": wholeSeconds(q.Ring), "wrap": wholeSeconds(q.Wrap), "offer": wholeMinutes(q.Offer.After), "offer-from": strconv.Itoa(q.Offer.From),
			"overflow": wholeMinutes(q.Overflow.After), "overflow-queue": q.Overflow.Queue, "overflow-practice": q.Overflow.Practice, "overflow-team": overflowTeam(q),
		} {
			set(at, name, value)
		}
	}
	for i, x := range p.Prompts {
		at := fmt.Sprintf("prompts[%d]", i)
		set(at, "id", x.ID)
		set(at, "says", x.Says)
	}
	return page.NewForm(v)
}

func overflowTeam(q callflow.Queue) string {
	if q.Overflow.Practice == "" {
		return ""
	}
	return q.Overflow.Team
}

func keysText(keys []callflow.Key) string {
	var out []string
	for _, k := range keys {
		out = append(out, k.Digit+" "+k.To+" "+k.Name)
	}
	return strings.Join(out, "\n")
}

func wholeMinutes(d time.Duration) string { return strconv.Itoa(int(d / time.Minute)) }
func wholeSeconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// planFrom reads a plan from the form. What is left empty is left out;
// recordings stay with their prompts.
func planFrom(f *page.Form, was callflow.Plan) callflow.Plan {
	p := callflow.Plan{Start: f.Value("start"), Keep: unit(f.Value("keep"), time.Minute), Version: f.Value("version")}
	each(f, "numbers", "e164", func(get func(string) string) {
		p.Numbers = append(p.Numbers, callflow.Number{E164: e164(get("e164")), Label: get("label")})
	})
	each(f, "nodes", "id", func(get func(string) string) {
		p.Nodes = append(p.Nodes, callflow.Node{
			ID: get("id"), Name: get("name"), Kind: callflow.Kind(get("kind")), Says: list(get("says")), Next: get("next"), Shut: get("shut"),
			Queue: get("queue"), Number: e164(get("number")), Keys: keysFrom(get("keys")),
		})
	})
	each(f, "queues", "id", func(get func(string) string) { p.Queues = append(p.Queues, queueFrom(get)) })
	each(f, "prompts", "id", func(get func(string) string) {
		x := callflow.Prompt{ID: get("id"), Says: get("says")}
		if old := was.Prompt(x.ID); old.Says == x.Says {
			x.Audio = old.Audio
		}
		p.Prompts = append(p.Prompts, x)
	})
	return p
}

// mostRows bounds what is read of one sort; Check says what is too many.
const mostRows = 250

// each calls fn for every row of a sort whose first field is filled in.
func each(f *page.Form, sort, first string, fn func(get func(string) string)) {
	for i := range mostRows {
		get := func(name string) string { return strings.TrimSpace(f.Value(fmt.Sprintf("%s[%d].%s", sort, i, name))) }
		if get(first) != "" {
			fn(get)
		}
	}
}

func queueFrom(get func(string) string) callflow.Queue {
	from, _ := strconv.Atoi(get("offer-from"))
	return callflow.Queue{
		ID: get("id"), Name: get("name"), Team: get("team"), Says: list(get("says")), Comforts: list(get("comforts")), Every: unit(get("every"), time.Second),
		Strategy: callflow.Strategy(get("strategy")), Ring: unit(get("ring"), time.Second), Wrap: unit(get("wrap"), time.Second),
		Offer: callflow.Offering{After: unit(get("offer"), time.Minute), From: from},
		Overflow: callflow.Overflow{
			After: unit(get("overflow"), time.Minute), Queue: get("overflow-queue"), Practice: strings.ToUpper(get("overflow-practice")), Team: get("overflow-team"),
		},
	}
}

// unit reads a whole number of minutes or seconds; what is none is -1 of them,
// which Check refuses.
func unit(s string, of time.Duration) time.Duration {
	n, err := strconv.Atoi(s)
	if err != nil && s != "" || n > 10_000 {
		n = -1
	}
	return time.Duration(n) * of
}

// e164 is a number as it is kept; what is none stays as it was typed, for
// Check to refuse.
func e164(s string) string {
	if n, err := callflow.ParseNumber(s); err == nil {
		return n
	}
	return s
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' })
}

func keysFrom(s string) []callflow.Key {
	var out []callflow.Key
	for line := range strings.Lines(s) {
		f := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if f[0] == "" {
			continue
		}
		k := callflow.Key{Digit: f[0]}
		if len(f) > 1 {
			k.To = f[1]
		}
		if len(f) > 2 {
			k.Name = strings.TrimSpace(f[2])
		}
		out = append(out, k)
	}
	return out
}
