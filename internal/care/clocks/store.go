package clocks

import (
	"context"
	"strconv"

	"heartwood/internal/care"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

var kept = setting.Kept{Ref: ident.Ref{Type: "Basic", ID: "clocks"}, Stale: fault.New(fault.Conflict,
	"Somebody else has changed this meanwhile. Yours is still here, not yet saved: look at theirs in another window, then save yours again.")}

var url = care.Base + "StructureDefinition/stricter-clock"

// Load reads a practice's rules: none when it has set none.
func Load(ctx context.Context, p *record.Practice) (Setting, error) {
	res, v, err := kept.Load(ctx, p)
	if err != nil || res == nil {
		return Setting{}, err
	}
	s := Setting{Version: v.ID}
	for e := range res.Get("extension").Items() {
		if !e.Get("url").Is(url) {
			continue
		}
		var r Rule
		for x := range e.Get("extension").Items() {
			switch x.Get("url").Str() {
			case "what":
				r.What = What(x.Get("valueCode").Str())
			case "of":
				r.Of = x.Get("valueString").Str()
			case "name":
				r.Name = x.Get("valueString").Str()
			case "minutes":
				r.Minutes, err = strconv.Atoi(x.Get("valueInteger").Str())
				if err != nil {
					r.Minutes = SameDay // the strictest that cannot be read wrongly
				}
			}
		}
		s.Rules = append(s.Rules, r)
	}
	return s, nil
}

// Save keeps rules in a new version. Clocks that run stay as they are; those
// of requests to come go by it.
func Save(ctx context.Context, p *record.Practice, by record.Author, s Setting) error {
	if err := s.Check(); err != nil {
		return err
	}
	var rules write.List
	for _, r := range s.Rules {
		rules = append(rules, write.Obj{"url": url, "extension": write.List{
			write.Obj{"url": "what", "valueCode": string(r.What)},
			write.Obj{"url": "of", "valueString": r.Of},
			write.Obj{"url": "name", "valueString": r.Name},
			write.Obj{"url": "minutes", "valueInteger": r.Minutes},
		}})
	}
	return kept.Save(ctx, p, by, "stricter clocks", s.Version, func(was *fhir.Resource) write.Obj {
		o := write.Obj{"code": write.Coded(care.Base+"setting", "clocks", "What is answered sooner than the contract asks")}
		if len(rules) > 0 {
			o["extension"] = rules
		} else if was != nil {
			o["extension"] = nil
		}
		return o
	})
}
