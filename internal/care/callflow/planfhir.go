package callflow

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/team"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

var kept = setting.Kept{Ref: ident.Ref{Type: "Basic", ID: "call-plan"}, Whole: true, Stale: fault.New(fault.Conflict,
	"Somebody else has changed the plan of calls meanwhile. Look at what it is now, and enter yours again.")}

func part(name string) string { return care.Base + "StructureDefinition/call-plan-" + name }

// Load reads a practice's plan, the default one when it has set none.
func Load(ctx context.Context, p *record.Practice) (Plan, error) {
	res, v, err := kept.Load(ctx, p)
	if err != nil {
		return Plan{}, err
	}
	if res != nil {
		return planOf(v, res), nil
	}
	return Default(care.Triage), nil
}

// Past lists the versions of a plan, the newest first.
func Past(ctx context.Context, p *record.Practice, max int) ([]Version, error) {
	all, err := p.History(ctx, kept.Ref, "", max)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	var out []Version
	for _, v := range all {
		res, err := v.Resource()
		if err != nil {
			return nil, err
		}
		out = append(out, Version{Plan: planOf(v, res), At: v.Time, By: v.Author})
	}
	return out, err
}

// Version is a plan as it was kept once.
type Version struct {
	Plan Plan
	At   time.Time
	By   record.Author
}

// Teams are the practice's teams with somebody in them, for Check.
func Teams(ctx context.Context, p *record.Practice) (map[string]bool, error) {
	h, err := team.Load(ctx, p)
	out := map[string]bool{}
	for _, t := range h.Teams {
		out[t.Ref] = len(t.Members) > 0
	}
	return out, err
}

// Save keeps a plan in a new version over the one that was seen. A plan that
// takes messages is refused: nothing keeps them yet.
func Save(ctx context.Context, p *record.Practice, by record.Author, plan Plan, w World) error {
	if err := plan.Check(w); err != nil {
		return err
	}
	if i := slices.IndexFunc(plan.Nodes, func(n Node) bool { return n.Kind == Voicemail }); i >= 0 {
		return fault.At(fault.Refused, "node."+strconv.Itoa(i)+".kind", "Messages cannot be kept yet. Send callers to a queue, or say what else they can do.")
	}
	return kept.Save(ctx, p, by, "plan of calls set", plan.Version, func(*fhir.Resource) write.Obj {
		return write.Obj{"code": write.Coded(care.Base+"setting", "call-plan", "Plan of calls"), "extension": plan.parts()}
	})
}

func (p Plan) parts() write.List {
	ext := write.List{setting.Part(part("whole"), "start", p.Start, "keep", seconds(p.Keep))}
	for _, n := range p.Numbers {
		ext = append(ext, setting.Part(part("number"), "e164", n.E164, "label", n.Label))
	}
	for _, n := range p.Nodes {
		pairs := []string{"id", n.ID, "kind", string(n.Kind), "name", n.Name, "next", n.Next, "shut", n.Shut, "queue", n.Queue, "number", n.Number}
		pairs = add(pairs, "says", n.Says)
		for _, k := range n.Keys {
			pairs = append(pairs, "key", k.Digit+"|"+k.To+"|"+k.Name)
		}
		ext = append(ext, setting.Part(part("node"), pairs...))
	}
	for _, q := range p.Queues {
		ext = append(ext, setting.Part(part("queue"), q.pairs()...))
	}
	for _, x := range p.Prompts {
		ext = append(ext, setting.Part(part("prompt"), "id", x.ID, "says", x.Says, "audio", x.Audio))
	}
	return ext
}

func (q Queue) pairs() []string {
	pairs := []string{
		"id", q.ID, "name", q.Name, "team", q.Team, "every", seconds(q.Every), "strategy", string(q.Strategy), "ring", seconds(q.Ring), "wrap", seconds(q.Wrap),
		"offer-after", seconds(q.Offer.After), "offer-from", count(q.Offer.From),
		"over-after", seconds(q.Overflow.After), "over-queue", q.Overflow.Queue, "over-practice", q.Overflow.Practice, "over-team", q.Overflow.Team,
	}
	return add(add(pairs, "says", q.Says), "comfort", q.Comforts)
}

func add(pairs []string, name string, values []string) []string {
	for _, v := range values {
		pairs = append(pairs, name, v)
	}
	return pairs
}

func seconds(d time.Duration) string { return count(int(d / time.Second)) }

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func planOf(v record.Version, res *fhir.Resource) Plan {
	p := Plan{Version: v.ID}
	for e := range res.Get("extension").Items() {
		m := setting.Fields(e)
		switch e.Get("url").Str() {
		case part("whole"):
			p.Start, p.Keep = m.One("start"), span(m, "keep")
		case part("number"):
			p.Numbers = append(p.Numbers, Number{E164: m.One("e164"), Label: m.One("label")})
		case part("node"):
			p.Nodes = append(p.Nodes, nodeOf(m))
		case part("queue"):
			p.Queues = append(p.Queues, queueFrom(m))
		case part("prompt"):
			p.Prompts = append(p.Prompts, Prompt{ID: m.One("id"), Says: m.One("says"), Audio: m.One("audio")})
		}
	}
	return p
}

func span(m setting.Named, k string) time.Duration { return time.Duration(m.Number(k)) * time.Second }

func nodeOf(m setting.Named) Node {
	n := Node{
		ID: m.One("id"), Kind: Kind(m.One("kind")), Name: m.One("name"), Says: m["says"], Next: m.One("next"), Shut: m.One("shut"),
		Queue: m.One("queue"), Number: m.One("number"),
	}
	for _, k := range m["key"] {
		if f := strings.SplitN(k, "|", 3); len(f) == 3 {
			n.Keys = append(n.Keys, Key{Digit: f[0], To: f[1], Name: f[2]})
		}
	}
	return n
}

func queueFrom(m setting.Named) Queue {
	return Queue{
		ID: m.One("id"), Name: m.One("name"), Team: m.One("team"), Says: m["says"], Comforts: m["comfort"], Every: span(m, "every"),
		Strategy: Strategy(m.One("strategy")), Ring: span(m, "ring"), Wrap: span(m, "wrap"),
		Offer: Offering{After: span(m, "offer-after"), From: m.Number("offer-from")},
		Overflow: Overflow{
			After: span(m, "over-after"), Queue: m.One("over-queue"), Practice: m.One("over-practice"), Team: m.One("over-team"),
		},
	}
}
