package overflow

import (
	"context"
	"strings"

	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

func contractRef(partner ident.ODS) ident.Ref {
	return ident.Ref{Type: "Contract", ID: "overflow-" + strings.ToLower(string(partner))}
}

// Agreements lists a practice's.
func Agreements(ctx context.Context, p *record.Practice) (out []Agreement, err error) {
	err = search.Each(ctx, p, "Contract?_count=200", func(v record.Version, r *fhir.Resource) error {
		if a, ok := agreementOf(v, r); ok {
			out = append(out, a)
		}
		return nil
	})
	return out, err
}

// With reads a practice's agreement with one other; the zero one, which
// allows nothing, when there is none.
func With(ctx context.Context, p *record.Practice, partner ident.ODS) (Agreement, error) {
	none := Agreement{Partner: partner, Name: string(partner)}
	v, err := p.Read(ctx, contractRef(partner))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return none, nil
	}
	if err != nil {
		return none, err
	}
	res, err := v.Resource()
	if err != nil {
		return none, err
	}
	if a, ok := agreementOf(v, res); ok {
		return a, nil
	}
	return none, nil
}

func agreementOf(v record.Version, r *fhir.Resource) (Agreement, bool) {
	org := write.Target(r.Get("subject"))
	if !strings.HasPrefix(v.Ref.ID, "overflow-") || !r.Get("status").Is("executed") || org.Type != "Organization" {
		return Agreement{}, false
	}
	a := Agreement{Partner: ident.ODS(org.ID), Name: r.Get("subject").First().Get("display").Str(), Version: v.ID}
	for x := range r.Get("extension").Items() {
		switch strings.TrimPrefix(x.Get("url").Str(), agreementURL) {
		case "books":
			a.Books, _ = ParseSlots(x.Get("valueString").Str()) // what cannot be read allows nothing
			continue
		case "lets":
			a.Lets, _ = ParseSlots(x.Get("valueString").Str())
			continue
		}
		t, err := ParseTerms(x.Get("valueString").Str())
		if err != nil {
			continue // what cannot be read allows nothing
		}
		switch strings.TrimPrefix(x.Get("url").Str(), agreementURL) {
		case "gives":
			a.Gives = t
		case "takes":
			a.Takes = t
		}
	}
	return a, true
}

// Save keeps an agreement in a new version, if nobody else has changed it.
func Save(ctx context.Context, p *record.Practice, by record.Author, a Agreement) error {
	if err := a.Check(); err != nil {
		return err
	}
	return save(ctx, p, by, a)
}

func save(ctx context.Context, p *record.Practice, by record.Author, a Agreement) error {
	b := write.New(by, "agreement about overflow", "")
	o := write.Obj{
		"status":  "executed",
		"subject": write.List{write.Named(a.Partner.Organization(), a.Name)},
		"extension": write.List{
			write.Obj{"url": agreementURL + "gives", "valueString": a.Gives.Line()},
			write.Obj{"url": agreementURL + "takes", "valueString": a.Takes.Line()},
			write.Obj{"url": agreementURL + "books", "valueString": a.Books.Line()},
			write.Obj{"url": agreementURL + "lets", "valueString": a.Lets.Line()},
		},
		"term": write.List{
			write.Obj{"offer": write.Obj{"text": "May be sent there: " + a.Gives.Say()}},
			write.Obj{"offer": write.Obj{"text": "Is taken from there: " + a.Takes.Say()}},
			write.Obj{"offer": write.Obj{"text": "May be booked there: " + a.Books.Say()}},
			write.Obj{"offer": write.Obj{"text": "They may book here: " + a.Lets.Say()}},
		},
	}
	ref := contractRef(a.Partner)
	v, err := p.Read(ctx, ref)
	switch {
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Gone):
		b.Create(ref, o)
	case err != nil:
		return err
	case v.ID != a.Version:
		return errChanged
	default:
		b.Replace(v, o)
	}
	c, err := b.Change()
	if err != nil {
		return err
	}
	if _, err = p.Commit(ctx, c); fault.Is(err, fault.Conflict) {
		return errChanged
	}
	return err
}

var errChanged = fault.New(fault.Conflict, "Somebody else has changed this agreement meanwhile. Look at it again.")
