package routing

import (
	"cmp"
	"context"
	"strings"

	"heartwood/internal/care"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const (
	maxRules = 50
	maxWhy   = 200
)

// language is that of a rule's line in the PlanDefinition.
const language = "text/x-heartwood-routing"

var kept = setting.Kept{Ref: ident.Ref{Type: "PlanDefinition", ID: "routing"}, Stale: fault.New(fault.Conflict,
	"Somebody else has changed the rules meanwhile. Yours are still here, not yet saved: look at the saved ones in another window, then save yours again.")}

// Load reads a practice's rules: none when it has set none. A rule that cannot
// be read is left out, so that the others still hold and nothing is refused.
func Load(ctx context.Context, p *record.Practice) (Setting, error) {
	res, v, err := kept.Load(ctx, p)
	if err != nil || res == nil {
		return Setting{}, err
	}
	return of(v.ID, res), nil
}

// At reads an earlier version, to look at or to bring back.
func At(ctx context.Context, p *record.Practice, version string) (Setting, error) {
	v, err := p.VRead(ctx, kept.Ref, version)
	if err != nil {
		return Setting{}, err
	}
	res, err := v.Resource()
	if err != nil {
		return Setting{}, err
	}
	s := of(v.ID, res)
	s.Off = "" // it was so then; whether they are off now is said by Load
	return s, nil
}

func of(version string, res *fhir.Resource) Setting {
	s := Setting{Version: version}
	if res.Get("status").Is("retired") {
		s.Off = cmp.Or(res.Get("purpose").Str(), "no reason is recorded")
	}
	for a := range res.Get("action").Items() {
		for c := range a.Get("condition").Items() {
			if c.Get("expression", "language").Is(language) {
				if r, err := ParseRule(c.Get("expression", "expression").Str()); err == nil {
					s.Rules = append(s.Rules, r)
				}
			}
		}
	}
	return s
}

// Versions lists those that were saved, newest first.
func Versions(ctx context.Context, p *record.Practice) ([]record.Version, error) {
	v, err := p.History(ctx, kept.Ref, "", 50)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return v, err
}

// Check says what is wrong with rules, each fault at "rules".
func (s Setting) Check(staff Staff) error {
	var f care.Faults
	if len(s.Rules) > maxRules {
		f.Add("rules", "There can be at most %d rules.", maxRules)
	}
	for i, r := range s.Rules {
		if _, err := ParseRule(r.Line()); err != nil {
			f.Add("rules", "Rule %d cannot be read.", i+1)
		} else if strings.HasPrefix(staff.Name(r.Target), "somebody who does not") {
			f.Add("rules", "Rule %d goes to somebody who does not work here any more.", i+1)
		}
	}
	return f.Err()
}

// Save keeps rules in a new version.
func Save(ctx context.Context, p *record.Practice, by record.Author, s Setting, staff Staff) error {
	if err := s.Check(staff); err != nil {
		return err
	}
	return kept.Save(ctx, p, by, "routing rules", s.Version, func(was *fhir.Resource) write.Obj {
		o := s.members(staff)
		if was == nil {
			o["status"], o["title"] = "active", "Who gets what"
		}
		return o
	})
}

// Switch puts the rules out of force, for a reason, or with none back in
// force; seen is the version that was looked at. What is in the queue stays
// with whom it is. Faults are at "why".
func Switch(ctx context.Context, p *record.Practice, by record.Author, seen, off string) error {
	s, err := Load(ctx, p)
	switch {
	case err != nil:
		return err
	case s.Version == "":
		return fault.At(fault.Refused, "why", "There are no rules to switch off.")
	case len(off) > maxWhy:
		return fault.At(fault.Invalid, "why", "Say why in at most %d characters.", maxWhy)
	}
	why, o := "routing rules switched on", write.Obj{"status": "active", "purpose": nil}
	if off != "" {
		why, o = "routing rules switched off", write.Obj{"status": "retired", "purpose": off}
	}
	return kept.Save(ctx, p, by, why, seen, func(*fhir.Resource) write.Obj { return o })
}

func (s Setting) members(staff Staff) write.Obj {
	var actions write.List
	for _, r := range s.Rules {
		actions = append(actions, write.Obj{
			"title": r.Say(staff),
			"condition": write.List{write.Obj{
				"kind": "applicability", "expression": write.Obj{"language": language, "expression": r.Line()},
			}},
		})
	}
	o := write.Obj{}
	if len(actions) > 0 {
		o["action"] = actions
	} else if s.Version != "" {
		o["action"] = nil
	}
	return o
}
