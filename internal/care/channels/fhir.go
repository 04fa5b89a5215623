package channels

import (
	"context"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

// Load reads a practice's setting: everything open when it has set none.
func Load(ctx context.Context, p *record.Practice) (Setting, error) {
	res, v, err := kept.Load(ctx, p)
	if err != nil {
		return Setting{}, err
	}
	if res == nil {
		return Setting{}, nil
	}
	s := Setting{Version: v.ID, Shut: map[request.Channel][]request.Kind{}}
	for x := range res.Get("extension").Items() {
		switch x.Get("url").Str() {
		case care.Base + "taken-while-shut": // as it was once kept, for online only
			s.Shut[request.Web] = append(s.Shut[request.Web], request.Kind(x.Get("valueCode").Str()))
		case care.Base + "while-shut":
			c, kinds := limitOf(x)
			s.Shut[c] = kinds
		case care.Base + "channel-closed":
			var c Closure
			for y := range x.Get("extension").Items() {
				switch y.Get("url").Str() {
				case "channel":
					c.Channel = request.Channel(y.Get("valueCode").Str())
				case "from":
					c.From = write.When(y.Get("valueDateTime"))
				case "to":
					c.To = write.When(y.Get("valueDateTime"))
				case "why":
					c.Why = y.Get("valueString").Str()
				case "agreed":
					c.Agreed = y.Get("valueString").Str()
				case "by":
					c.By = y.Get("valueString").Str()
				case "made":
					c.Made = write.When(y.Get("valueDateTime"))
				}
			}
			s.Closures = append(s.Closures, c)
		}
	}
	return s, nil
}

// limitOf reads what one channel takes while the practice is shut.
func limitOf(x fhir.Node) (c request.Channel, kinds []request.Kind) {
	for y := range x.Get("extension").Items() {
		switch y.Get("url").Str() {
		case "channel":
			c = request.Channel(y.Get("valueCode").Str())
		case "takes":
			kinds = append(kinds, request.Kind(y.Get("valueCode").Str()))
		}
	}
	return c, kinds
}

func (s Setting) body() write.Obj {
	o := write.Obj{"code": write.Obj{"text": "Which ways in are open"}}
	var xs write.List
	for _, c := range request.Channels {
		if !s.Limited(c) {
			continue
		}
		limit := write.List{write.Obj{"url": "channel", "valueCode": string(c)}}
		for _, k := range s.Shut[c] {
			limit = append(limit, write.Obj{"url": "takes", "valueCode": string(k)})
		}
		xs = append(xs, write.Obj{"url": care.Base + "while-shut", "extension": limit})
	}
	for _, c := range s.Closures {
		inner := write.List{
			write.Obj{"url": "channel", "valueCode": string(c.Channel)},
			write.Obj{"url": "from", "valueDateTime": write.Instant(c.From)},
			write.Obj{"url": "to", "valueDateTime": write.Instant(c.To)},
			write.Obj{"url": "why", "valueString": c.Why},
			write.Obj{"url": "by", "valueString": c.By},
			write.Obj{"url": "made", "valueDateTime": write.Instant(c.Made)},
		}
		if c.Agreed != "" {
			inner = append(inner, write.Obj{"url": "agreed", "valueString": c.Agreed})
		}
		xs = append(xs, write.Obj{"url": care.Base + "channel-closed", "extension": inner})
	}
	if xs != nil {
		o["extension"] = xs
	}
	return o
}
