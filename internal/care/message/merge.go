package message

import (
	"context"
	"net/url"
	"slices"

	"heartwood/internal/care/delivery"
	"heartwood/internal/care/search"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// Merged are the places that are filled in from the record, in the order of a
// page. Label says what stands there, Default what a page shows as an example.
var Merged = []Field{
	{"given", "the first name", "Ann"},
	{"name", "the whole name", "Mrs Ann Example"},
	{"practice", "the practice’s name", "Elm Tree Surgery"},
	{"practice-phone", "the practice’s telephone number", "01632 960 123"},
	{"sender", "who sends it", "Dr Jo Example"},
	{"today", "the day on which it is sent", "3 March 2026"},
}

// forMany are the places that a message to many may have.
var forMany = []string{"given", "practice", "practice-phone"}

func isMerged(name string) bool {
	return slices.ContainsFunc(Merged, func(f Field) bool { return f.Name == name })
}

// Example fills in a template with made-up values, for a manager to look at;
// places for staff show what goes there.
func (t Template) Example(lang words.Lang) string {
	values := map[string]string{}
	for _, f := range Merged {
		values[f.Name] = f.Default
	}
	for _, f := range t.Fields {
		if values[f.Name] = f.Default; f.Default == "" {
			values[f.Name] = "(" + f.Label + ")"
		}
	}
	return put(t.In(lang), values)
}

// Reading measures how hard the English of a template is to read; what will
// stand in its places counts as one short word.
func (t Template) Reading() words.Reading {
	values := map[string]string{}
	for _, f := range slices.Concat(Merged, t.Fields) {
		values[f.Name] = "it"
	}
	return words.Read(put(t.In(words.English), values))
}

// Known are the values of Merged for a patient ("Patient/…", "" for none yet)
// and who writes. What the record does not have is not there.
func Known(ctx context.Context, p *record.Practice, patient, sender string) (map[string]string, error) {
	out := map[string]string{"today": words.Date(p.Now())}
	set := func(name, v string) {
		if v != "" {
			out[name] = v
		}
	}
	err := search.Each(ctx, p, "Organization?identifier="+url.QueryEscape(string(p.ODS())), func(_ record.Version, o *fhir.Resource) error {
		set("practice", o.Get("name").Str())
		for t := range o.Get("telecom").Items() {
			if t.Get("system").Is("phone") && out["practice-phone"] == "" {
				set("practice-phone", t.Get("value").Str())
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if ref, ok := ident.ParseRef(patient); ok && ref.Type == "Patient" {
		res, _, err := search.Get(ctx, p, ref)
		if err != nil {
			return nil, err
		}
		if res != nil {
			who := delivery.PersonOf(res)
			set("given", who.Given)
			set("name", who.Name)
		}
	}
	if ref, ok := ident.ParseRef(sender); ok && ref.Type == "Practitioner" {
		res, _, err := search.Get(ctx, p, ref)
		if err != nil {
			return nil, err
		}
		if res != nil {
			set("sender", delivery.PersonOf(res).Name) // names are alike
		}
	}
	return out, nil
}
