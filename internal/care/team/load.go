package team

import (
	"context"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

var kindsURL = care.Base + "StructureDefinition/team-kind"

// Load reads the teams and absences of a practice.
func Load(ctx context.Context, p *record.Practice) (House, error) {
	var h House
	gone := map[string]bool{}
	err := search.Each(ctx, p, "PractitionerRole?_count=500", func(_ record.Version, r *fhir.Resource) error {
		who := write.Target(r.Get("practitioner")).String()
		if r.Get("active").Str() == "false" || r.Get("code", "coding", "code").Is("commissioner") {
			gone[who] = true
			return nil
		}
		h.Absences = append(h.Absences, absences(who, r)...)
		return nil
	})
	if err != nil {
		return h, err
	}
	err = search.Each(ctx, p, "Practitioner?_count=500", func(v record.Version, r *fhir.Resource) error {
		if ref := v.Ref.String(); !gone[ref] && r.Get("active").Str() != "false" {
			h.People = append(h.People, Person{Ref: ref, Name: personName(r)})
		}
		return nil
	})
	if err != nil {
		return h, err
	}
	err = search.Each(ctx, p, "CareTeam?_count=200", func(v record.Version, r *fhir.Resource) error {
		if st := r.Get("status").Str(); st == "" || st == "active" {
			h.Teams = append(h.Teams, teamOf(v, r))
		}
		return nil
	})
	if err != nil {
		return h, err
	}
	return h.named(), nil
}

// With is the house with absences that are kept elsewhere: leave of the rota.
func (h House) With(more []Absence) House {
	h.Absences = append(slices.Clone(h.Absences), more...)
	return h.named()
}

func (h House) named() House {
	for i := range h.Absences {
		h.Absences[i].Name = h.Name(h.Absences[i].Who)
	}
	return sorted(h)
}

func teamOf(v record.Version, r *fhir.Resource) Team {
	t := Team{Ref: v.Ref.String(), Name: r.Get("name").Str(), Version: v.ID}
	for m := range r.Get("participant").Items() {
		if who := write.Target(m.Get("member")); who.Type == "Practitioner" && !slices.Contains(t.Members, who.String()) {
			t.Members = append(t.Members, who.String())
		}
	}
	for x := range r.Get("extension").Items() {
		if x.Get("url").Is(kindsURL) {
			t.Kinds = append(t.Kinds, x.Get("valueCode").Str())
		}
	}
	return t
}

// absences are what a role says of its holder.
func absences(who string, r *fhir.Resource) []Absence {
	var out []Absence
	for n := range r.Get("notAvailable").Items() {
		out = append(out, Absence{
			Who: who, From: date(n.Get("during", "start")), To: date(n.Get("during", "end")), Why: n.Get("description").Str(),
		})
	}
	return out
}

// Absent tells whether a role says that its holder is away at a moment.
func Absent(r *fhir.Resource, now time.Time) bool {
	day := now.In(words.London).Format(time.DateOnly)
	return slices.ContainsFunc(absences("", r), func(a Absence) bool { return a.On(day) })
}

func date(n fhir.Node) string { s := n.Str(); return s[:min(len(s), len(time.DateOnly))] }

func personName(r *fhir.Resource) string {
	n := r.Get("name").First()
	if t := n.Get("text").Str(); t != "" {
		return t
	}
	return strings.TrimSpace(n.Get("given").First().Str() + " " + n.Get("family").Str())
}
