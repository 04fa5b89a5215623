package desk

import (
	"context"
	"sort"
	"strings"

	"heartwood/internal/care"
	"heartwood/internal/view/read"
)

// triageName is the team that owns what nobody else has taken.
const triageName = "Triage team"

// colleague is a person or a team that work can be given to.
type colleague struct{ Ref, Name string }

// colleagues are the people and teams of a practice, and names by reference.
type colleagues struct {
	people, teams []colleague
	names         map[string]string
}

// colleagues reads who works here: two searches, whatever the size of the
// list they are for.
func (d *Desk) colleagues(ctx context.Context, v visit) (colleagues, error) {
	c := colleagues{names: map[string]string{care.Triage: triageName, v.Ref: v.Name, "Device/heartwood": "Heartwood"}}
	found, err := v.practice.Find(ctx, "Practitioner?_count=200")
	if err != nil {
		return c, err
	}
	for _, m := range found.Matches {
		res, err := m.Resource()
		if err != nil {
			return c, err
		}
		if res.Get("active").Str() == "false" {
			continue
		}
		c.people = append(c.people, colleague{m.Ref.String(), read.Name(res)})
	}
	teams, err := v.practice.Find(ctx, "CareTeam?_count=50")
	if err != nil {
		return c, err
	}
	c.teams = append(c.teams, colleague{care.Triage, triageName})
	for _, m := range teams.Matches {
		res, err := m.Resource()
		if err != nil {
			return c, err
		}
		name := res.Get("name").Str()
		c.names[m.Ref.String()] = name
		if m.Ref.String() != care.Triage && name != triageName {
			c.teams = append(c.teams, colleague{m.Ref.String(), name})
		}
	}
	for _, x := range append(append([]colleague(nil), c.people...), c.teams...) {
		c.names[x.Ref] = x.Name
	}
	sort.Slice(c.people, func(i, j int) bool { return c.people[i].Name < c.people[j].Name })
	return c, nil
}

// name is a person's or team's name, or what sort of author it is.
func (c colleagues) name(ref string) string {
	if n := c.names[ref]; n != "" {
		return n
	}
	typ, _, _ := strings.Cut(ref, "/")
	switch typ {
	case "Patient":
		return "The patient"
	case "RelatedPerson":
		return "Their proxy"
	case "Device":
		return "Heartwood"
	case "Practitioner", "PractitionerRole":
		return "A colleague"
	}
	return "Somebody"
}

// owners are the choices of who may be given work; chosen is a reference.
func (c colleagues) owners(chosen string) []option {
	var out []option
	for _, x := range append(append([]colleague(nil), c.teams...), c.people...) {
		out = append(out, option{Value: x.Ref, Label: x.Name, Chosen: x.Ref == chosen})
	}
	return out
}

func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
