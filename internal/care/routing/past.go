package routing

import (
	"context"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// ReadPast reads the requests of the past weeks, closed and open, with what
// the rules given may ask of them. Of what was written it has the beginning.
func ReadPast(ctx context.Context, p *record.Practice, weeks int, rules ...Setting) ([]Past, error) {
	var all Setting
	for _, r := range rules {
		all.Rules = append(all.Rules, r.Rules...)
	}
	all.Rules = append(all.Rules, Rule{Target: Usual}) // continuity is always told
	known := map[ident.Ref]Case{}
	var out []Past
	query := "Task?code=" + care.TaskCode + "%7Crequest&authored-on=ge" + stamp(p.Now().AddDate(0, 0, -7*weeks)) + "&_count=500"
	err := search.Each(ctx, p, query, func(v record.Version, t *fhir.Resource) error {
		one, patient := pastOf(v, t)
		about, ok := known[patient]
		if !ok {
			about.At = one.At
			if err := all.About(ctx, p, &about, patient); err != nil {
				return err
			}
			known[patient] = about
		}
		one.Age, one.Language, one.Usual, one.Conditions = about.Age, about.Language, about.Usual, about.Conditions
		out = append(out, one)
		return nil
	})
	return out, err
}

func pastOf(v record.Version, t *fhir.Resource) (Past, ident.Ref) {
	patient := write.Target(t.Get("for"))
	one := Past{ID: v.Ref.ID, Reference: t.Get("groupIdentifier", "value").Str(), Who: t.Get("owner", "reference").Str(), Patient: patient.String()}
	one.Key, one.Text = one.Reference, t.Get("description").Str()
	one.Priority, one.At = t.Get("priority").Str(), write.When(t.Get("authoredOn"))
	if one.At.IsZero() {
		one.At = v.Time.Truncate(time.Second)
	}
	for in := range t.Get("input").Items() {
		for c := range in.Get("type", "coding").Items() {
			if c.Get("system").Is(care.InputType) && c.Get("code").Is("kind") {
				one.Kind = in.Get("valueCode").Str()
			}
		}
	}
	one.Clinical = one.Kind == "new-problem" || one.Kind == "existing-problem"
	return one, patient
}
