package callflow

import (
	"cmp"
	"slices"
	"strings"

	"heartwood/internal/care/write"
)

// Difference is one thing that two plans say otherwise.
type Difference struct {
	What    string // "Step menu: says"
	Was, Is string // "" for nothing
}

// kindsOf are the parts of a plan as a person calls them.
var kindsOf = map[string]string{part("whole"): "Plan", part("number"): "Number", part("node"): "Step", part("queue"): "Queue", part("prompt"): "Prompt"}

// Diff lists what a plan says otherwise than an older one, in the order of the
// plan; what is gone comes last.
func Diff(older, newer Plan) []Difference {
	was, is := older.said(), newer.said()
	var out []Difference
	for _, f := range is {
		if w := find(was, f.What); w != f.Is {
			out = append(out, Difference{What: f.What, Was: w, Is: f.Is})
		}
	}
	for _, f := range was {
		if find(is, f.What) == "" {
			out = append(out, Difference{What: f.What, Was: f.Is})
		}
	}
	return out
}

func find(all []Difference, what string) string {
	i := slices.IndexFunc(all, func(d Difference) bool { return d.What == what })
	if i < 0 {
		return ""
	}
	return all[i].Is
}

// said is all that a plan says, each thing by what it is of: as it is kept.
func (p Plan) said() []Difference {
	var out []Difference
	for _, e := range p.parts() {
		o, _ := e.(write.Obj)
		kind, _ := o["url"].(string)
		values := map[string][]string{}
		var names []string
		in, _ := o["extension"].(write.List)
		for _, x := range in {
			f, _ := x.(write.Obj)
			name, _ := f["url"].(string)
			value, _ := f["valueString"].(string)
			if values[name] == nil {
				names = append(names, name)
			}
			values[name] = append(values[name], value)
		}
		of := kindsOf[kind]
		if id := cmp.Or(strings.Join(values["id"], ""), strings.Join(values["e164"], "")); id != "" {
			of += " " + id
		}
		for _, name := range names {
			out = append(out, Difference{What: of + ": " + strings.ReplaceAll(name, "-", " "), Is: strings.Join(values[name], "; ")})
		}
	}
	return out
}
