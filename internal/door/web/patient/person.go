package patient

import (
	"context"
	"strings"

	"heartwood/internal/care/request"
	"heartwood/internal/care/triage"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// resource reads a resource by its reference.
func resource(ctx context.Context, p *record.Practice, ref string) (*fhir.Resource, error) {
	rf, ok := ident.ParseRef(ref)
	if !ok {
		return nil, errNoSuch
	}
	v, err := p.Read(ctx, rf)
	if err != nil {
		return nil, err
	}
	return v.Resource()
}

// nameOf reads the name of a person's or an organisation's resource, "" when
// there is none.
func nameOf(ctx context.Context, p *record.Practice, ref string) string {
	res, err := resource(ctx, p, ref)
	if err != nil {
		return ""
	}
	return name(res)
}

func name(res *fhir.Resource) string {
	n := res.Get("name").First()
	if s := n.Str(); s != "" {
		return s
	}
	if t := n.Get("text").Str(); t != "" {
		return t
	}
	var parts []string
	for _, part := range []string{"prefix", "given", "family"} {
		if s := n.Get(part).First().Str(); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

// about puts what the record knows of the patient into the form: their name,
// what sharpens the red-flag rules, and how to reach them.
func (v visit) about(ctx context.Context, d *draft) error {
	res, err := resource(ctx, v.practice, d.Patient)
	if err != nil {
		return err
	}
	d.Name, d.Birth, d.Sex = name(res), res.Get("birthDate").Str(), ""
	if g := res.Get("gender").Str(); g == "female" || g == "male" {
		d.Sex = triage.Sex(g)
	}
	if d.Contact == (request.Contact{}) {
		d.Contact = contact(res)
	}
	return nil
}

// contact is how the record says a patient can be reached.
func contact(res *fhir.Resource) request.Contact {
	c := request.Contact{How: "message"}
	for t := range res.Get("telecom").Items() {
		value := t.Get("value").Str()
		switch t.Get("system").Str() {
		case "phone", "sms":
			if !phoneLike(value) {
				continue // what the record has may be no use to us
			}
			if c.Number == "" || t.Get("use").Is("mobile") {
				c.Number = value
			}
		case "email":
			if c.Email == "" && emailLike(value) {
				c.Email = value
			}
		}
	}
	return c
}
