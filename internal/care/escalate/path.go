package escalate

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

var pathKept = setting.Kept{Ref: ident.Ref{Type: "Basic", ID: "escalation-path"}, Whole: true, Stale: fault.New(fault.Conflict,
	"Somebody else has changed this meanwhile. Look at what it is now, and enter yours again.")}

const mostSteps = 6

// LoadPath reads the practice's path: Default when it has set none, or when
// what is there cannot be read, so that somebody is always told.
func LoadPath(ctx context.Context, p *record.Practice) (Path, error) {
	res, v, err := pathKept.Load(ctx, p)
	if err != nil {
		return Path{}, err
	}
	if res == nil {
		return Default(), nil
	}
	path := pathOf(res)
	if path.Check() != nil {
		path = Default()
	}
	path.Version = v.ID
	return path, nil
}

func pathOf(res *fhir.Resource) Path {
	var p Path
	for x := range res.Get("extension").Items() {
		switch x.Get("url").Str() {
		case care.Base + "escalation-again":
			n, _ := strconv.Atoi(x.Get("valueInteger").Str())
			p.Again = time.Duration(n) * time.Minute
		case care.Base + "escalation-step":
			var s Step
			for y := range x.Get("extension").Items() {
				switch y.Get("url").Str() {
				case "after":
					n, _ := strconv.Atoi(y.Get("valueInteger").Str())
					s.After = time.Duration(n) * time.Minute
				case "who":
					s.Who = y.Get("valueString").Str()
				case "by":
					s.By = append(s.By, Medium(y.Get("valueCode").Str()))
				}
			}
			p.Steps = append(p.Steps, s)
		}
	}
	return p
}

// Check says what is wrong with a path: each fault is At "step-0", "step-1" …,
// or "again".
func (p Path) Check() error {
	var f care.Faults
	if len(p.Steps) == 0 {
		f.Add("step-0", "Somebody must be told: enter at least one step.")
	}
	if len(p.Steps) > mostSteps {
		f.Add("step-0", "Enter at most %d steps.", mostSteps)
	}
	for i, s := range p.Steps {
		where := "step-" + strconv.Itoa(i)
		switch {
		case s.After < time.Minute || s.After > 24*time.Hour:
			f.Add(where, "A step comes 1 to 1440 minutes after the alarm began.")
		case i > 0 && s.After < p.Steps[i-1].After:
			f.Add(where, "A step cannot come before the one above it.")
		case !mayTell(s.Who):
			f.Add(where, "Choose who is told.")
		case len(s.By) == 0:
			f.Add(where, "Choose how they are told.")
		}
		for _, m := range s.By {
			if m != Email && m != SMS {
				f.Add(where, "They can be told by e-mail or text message.")
			}
		}
	}
	if p.Again < 5*time.Minute || p.Again > 24*time.Hour {
		f.Add("again", "The last step is repeated every 5 to 1440 minutes.")
	}
	return f.Err()
}

func mayTell(who string) bool {
	if role, ok := strings.CutPrefix(who, "role:"); ok {
		return slices.Contains([]string{care.RoleManager, care.RoleClinician, care.RoleNavigator}, role)
	}
	r, ok := ident.ParseRef(who)
	return who == "owner" || ok && (r.Type == "CareTeam" || r.Type == "Practitioner")
}

// SavePath keeps a path in a new version: a Conflict when somebody else has
// changed it since it was read.
func SavePath(ctx context.Context, p *record.Practice, by record.Author, path Path) error {
	if err := path.Check(); err != nil {
		return err
	}
	o := write.Obj{"code": write.Obj{"text": "Who is told when a request rings"}}
	xs := write.List{write.Obj{"url": care.Base + "escalation-again", "valueInteger": int(path.Again.Minutes())}}
	for _, s := range path.Steps {
		inner := write.List{
			write.Obj{"url": "after", "valueInteger": int(s.After.Minutes())},
			write.Obj{"url": "who", "valueString": s.Who},
		}
		for _, m := range s.By {
			inner = append(inner, write.Obj{"url": "by", "valueCode": string(m)})
		}
		xs = append(xs, write.Obj{"url": care.Base + "escalation-step", "extension": inner})
	}
	o["extension"] = xs
	return pathKept.Save(ctx, p, by, "escalation path", path.Version, func(*fhir.Resource) write.Obj { return o })
}
