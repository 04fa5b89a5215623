package routing

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care/search"
	"heartwood/internal/care/team"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// LoadStaff reads who works here and who is in on the day of t: somebody who
// has a diary, and no session in it on a day when others have, or who is
// said to be absent. A zero t takes everybody to be in.
func LoadStaff(ctx context.Context, p *record.Practice, t time.Time) (Staff, error) {
	type key struct{}
	types := []string{"Practitioner", "PractitionerRole", "CareTeam", "Schedule", "Slot"}
	day := ""
	if !t.IsZero() {
		day = t.In(words.London).Format(time.DateOnly)
	}
	s, err := record.Kept(p, key{}, day, types, func() (Staff, error) { return loadStaff(ctx, p, t) })
	return Staff{People: slices.Clone(s.People), Teams: slices.Clone(s.Teams)}, err
}

func loadStaff(ctx context.Context, p *record.Practice, t time.Time) (Staff, error) {
	var s Staff
	jobs, gone, absent := map[string]string{}, map[string]bool{}, map[string]bool{}
	err := search.Each(ctx, p, "PractitionerRole?_count=500", func(_ record.Version, r *fhir.Resource) error {
		who := r.Get("practitioner", "reference").Str()
		jobs[who] = r.Get("code", "text").Str()
		if !t.IsZero() && team.Absent(r, t) {
			absent[who] = true
		}
		gone[who] = r.Get("active").Str() == "false" || r.Get("code", "coding", "code").Is("commissioner")
		return nil
	})
	if err != nil {
		return s, err
	}
	err = search.Each(ctx, p, "Practitioner?_count=500", func(v record.Version, r *fhir.Resource) error {
		if ref := v.Ref.String(); !gone[ref] && r.Get("active").Str() != "false" {
			s.People = append(s.People, Person{Ref: ref, Name: nameOf(r), Job: jobs[ref], Away: absent[ref]})
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	err = search.Each(ctx, p, "CareTeam?_count=200", func(v record.Version, r *fhir.Resource) error {
		if st := r.Get("status").Str(); st == "" || st == "active" {
			s.Teams = append(s.Teams, Team{Ref: v.Ref.String(), Name: r.Get("name").Str()})
		}
		return nil
	})
	if err != nil || t.IsZero() {
		return s, err
	}
	return s, s.markAway(ctx, p, t)
}

func nameOf(r *fhir.Resource) string {
	n := r.Get("name").First()
	if t := n.Get("text").Str(); t != "" {
		return t
	}
	return strings.TrimSpace(n.Get("given").First().Str() + " " + n.Get("family").Str())
}

// markAway looks into the diaries of the day.
func (s *Staff) markAway(ctx context.Context, p *record.Practice, t time.Time) error {
	in, diaries := map[string]bool{}, map[string]bool{}
	err := search.Each(ctx, p, "Schedule?_count=500", func(v record.Version, r *fhir.Resource) error {
		for a := range r.Get("actor").Items() {
			who := write.Target(a)
			if who.Type != "Practitioner" {
				continue
			}
			diaries[who.String()] = true
			page, err := p.Find(ctx, "Slot?schedule="+v.Ref.String()+"&"+dayQuery(t)+"&_count=1")
			if err != nil {
				return err
			}
			in[who.String()] = in[who.String()] || len(page.Matches) > 0
		}
		return nil
	})
	if err != nil {
		return err
	}
	anybody := false
	for _, yes := range in {
		anybody = anybody || yes
	}
	for i, one := range s.People {
		s.People[i].Away = one.Away || anybody && diaries[one.Ref] && !in[one.Ref]
	}
	return nil
}

func dayQuery(t time.Time) string {
	y, m, d := t.In(words.London).Date()
	from := time.Date(y, m, d, 0, 0, 0, 0, words.London)
	return "start=ge" + stamp(from) + "&start=lt" + stamp(time.Date(y, m, d+1, 0, 0, 0, 0, words.London))
}

func stamp(t time.Time) string { return url.QueryEscape(t.UTC().Format(time.RFC3339)) }

// About fills in of a case what the patient's record says: age, language,
// usual clinician, and problems where a rule asks for them.
func (s Setting) About(ctx context.Context, p *record.Practice, c *Case, patient ident.Ref) error {
	c.Age = -1
	if patient.Type != "Patient" {
		return nil
	}
	res, _, err := search.Get(ctx, p, patient)
	if err != nil || res == nil {
		return err
	}
	if b, ok := words.Birth(res.Get("birthDate").Str()); ok && !b.After(c.At) {
		c.Age = words.Years(b, c.At)
	}
	for l := range res.Get("communication").Items() {
		if c.Language == "" || l.Get("preferred").True() {
			c.Language = l.Get("language", "coding", "code").Str()
		}
	}
	named := ""
	for gp := range res.Get("generalPractitioner").Items() {
		if t := write.Target(gp); t.Type == "Practitioner" {
			named = t.String()
			break
		}
	}
	var visits []string
	if named == "" && s.asksUsual() {
		if visits, err = visitsOf(ctx, p, patient, c.At); err != nil {
			return err
		}
	}
	c.Usual = UsualOf(named, visits)
	if s.asksConditions() {
		c.Conditions, err = problemsOf(ctx, p, patient)
	}
	return err
}

func (s Setting) asksUsual() bool {
	for _, r := range s.Rules {
		if r.Target == Usual || r.Clinician != "" {
			return true
		}
	}
	return false
}

func (s Setting) asksConditions() bool {
	for _, r := range s.Rules {
		if len(r.Conditions) > 0 {
			return true
		}
	}
	return false
}

// visitsOf are the clinicians somebody saw in the two years before t.
func visitsOf(ctx context.Context, p *record.Practice, patient ident.Ref, t time.Time) (out []string, err error) {
	err = search.Each(ctx, p, "Encounter?patient="+patient.String()+"&date=ge"+stamp(t.AddDate(-2, 0, 0)), func(_ record.Version, r *fhir.Resource) error {
		if who := write.Target(r.Get("participant", "individual")); who.Type == "Practitioner" {
			out = append(out, who.String())
		}
		return nil
	})
	return out, err
}

func problemsOf(ctx context.Context, p *record.Practice, patient ident.Ref) (out []string, err error) {
	err = search.Each(ctx, p, "Condition?patient="+patient.String()+"&clinical-status=active&_count=200", func(_ record.Version, r *fhir.Resource) error {
		if t := r.Get("code", "text").Str(); t != "" {
			out = append(out, t)
		}
		for c := range r.Get("code", "coding").Items() {
			if d := c.Get("display").Str(); d != "" {
				out = append(out, d)
			}
		}
		return nil
	})
	return out, err
}
