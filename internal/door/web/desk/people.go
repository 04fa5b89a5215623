package desk

import (
	"context"
	"sort"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/team"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
)

// colleague is a person or a team that work can be given to.
type colleague struct {
	Ref, Name, Job string
	Away           string   // "away until tomorrow", "" for in
	Members        []string // of a team
}

// colleagues are the people and teams of a practice, and names by reference.
type colleagues struct {
	people, teams []colleague
	names         map[string]string
	kinds         map[string]bool   // of appointment
	clinicians    map[string]string // who has a diary, by reference
}

// known is who works at a practice, kept for a moment: it is wanted on nearly
// every page and seldom changes.
type known struct {
	colleagues
	at time.Time
}

// freshFor is how long it is kept.
const freshFor = 20 * time.Second

// colleagues tells who works here.
func (d *Desk) colleagues(ctx context.Context, v visit) (colleagues, error) {
	d.mu.Lock()
	k, ok := d.known[v.ods]
	d.mu.Unlock()
	if ok && v.now.Sub(k.at) < freshFor && !v.now.Before(k.at) {
		return k.with(v), nil
	}
	c, err := readColleagues(ctx, v)
	if err != nil {
		return c, err
	}
	d.mu.Lock()
	d.known[v.ods] = known{c, v.now}
	d.mu.Unlock()
	return c.with(v), nil
}

// with makes sure that the visitor's own name is known.
func (c colleagues) with(v visit) colleagues {
	names := make(map[string]string, len(c.names)+1)
	for ref, n := range c.names {
		names[ref] = n
	}
	names[v.Ref] = v.Name
	c.names = names
	return c
}

// readColleagues reads people with their jobs, and teams.
func readColleagues(ctx context.Context, v visit) (colleagues, error) {
	c := colleagues{names: map[string]string{care.Triage: care.TriageName, "Device/heartwood": "Heartwood"}}
	jobs, away, out := map[string]string{}, map[string]bool{}, map[string]string{}
	err := read.Each(ctx, v.practice, "PractitionerRole?_count=200", func(_ record.Version, r *fhir.Resource) error {
		who := r.Get("practitioner", "reference").Str()
		jobs[who] = r.Get("code", "text").Str()
		if team.Absent(r, v.now) {
			out[who] = "away"
		}
		away[who] = r.Get("code", "coding", "code").Is("commissioner") || r.Get("active").Str() == "false"
		return nil
	})
	if err != nil {
		return c, err
	}
	err = read.Each(ctx, v.practice, "Practitioner?_count=200", func(m record.Version, r *fhir.Resource) error {
		ref := m.Ref.String()
		c.names[ref] = read.Name(r)
		if r.Get("active").Str() != "false" && !away[ref] {
			c.people = append(c.people, colleague{Ref: ref, Name: read.Name(r), Job: jobs[ref], Away: out[ref]})
		}
		return nil
	})
	if err != nil {
		return c, err
	}
	c.teams = append(c.teams, colleague{Ref: care.Triage, Name: care.TriageName})
	err = read.Each(ctx, v.practice, "CareTeam?_count=50", func(m record.Version, r *fhir.Resource) error {
		ref, name := m.Ref.String(), r.Get("name").Str()
		c.names[ref] = name
		if ref != care.Triage && name != care.TriageName {
			c.teams = append(c.teams, colleague{Ref: ref, Name: name})
		}
		for i := range c.teams {
			if c.teams[i].Ref == ref {
				c.teams[i].Members = members(r)
			}
		}
		return nil
	})
	if err != nil {
		return c, err
	}
	sort.Slice(c.people, func(i, j int) bool { return c.people[i].Name < c.people[j].Name })
	return c, readDiaries(ctx, v, &c)
}

// members are the people of a team.
func members(r *fhir.Resource) []string {
	var out []string
	for m := range r.Get("participant").Items() {
		out = append(out, m.Get("member", "reference").Str())
	}
	return out
}

// readDiaries reads what kinds of appointment there are, and with whom.
func readDiaries(ctx context.Context, v visit, c *colleagues) error {
	c.kinds, c.clinicians = map[string]bool{}, map[string]string{}
	return read.Each(ctx, v.practice, "Schedule?_count=200", func(_ record.Version, r *fhir.Resource) error {
		if r.Get("active").Str() == "false" {
			return nil
		}
		c.kinds[read.Concept(r.Get("serviceType").First())] = true
		for actor := range r.Get("actor").Items() {
			if ref := read.Ref(actor); ref.Type == "Practitioner" || ref.Type == "PractitionerRole" {
				c.clinicians[ref.String()] = orElse(c.names[ref.String()], actor.Get("display").Str())
				break
			}
		}
		return nil
	})
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
		out = append(out, option{Value: x.Ref, Label: join(x.Name, x.Job, x.Away), Chosen: x.Ref == chosen})
	}
	return out
}

func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// of are those whose work the view of an owner shows: a person's own; a
// team's, and that of its people.
func (c colleagues) of(owner string) []string {
	out := []string{owner}
	for _, t := range c.teams {
		if t.Ref == owner {
			out = append(out, t.Members...)
		}
	}
	return out
}
