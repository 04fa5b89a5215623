package team

import (
	"context"
	"encoding/json"
	"slices"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Save keeps a team, a new one when it has no Ref.
func Save(ctx context.Context, p *record.Practice, by record.Author, t Team) error {
	if err := manages(by); err != nil {
		return err
	}
	h, err := Load(ctx, p)
	if err != nil {
		return err
	}
	if err := h.Check(t); err != nil {
		return err
	}
	b := write.New(by, "team: "+t.Name, "")
	// The others are what the check relied on: a kind has one team.
	for _, other := range h.Teams {
		if r, ok := ident.ParseRef(other.Ref); ok && other.Ref != t.Ref {
			b.Expect(record.Expect{Ref: r, Version: other.Version})
		}
	}
	if t.Ref == "" {
		b.Create(ident.Ref{Type: "CareTeam", ID: ident.NewID()}, t.members(nil))
		return commit(ctx, p, b)
	}
	ref, ok := ident.ParseRef(t.Ref)
	if !ok || ref.Type != "CareTeam" {
		return fault.New(fault.NotFound, "There is no such team.")
	}
	res, v, err := search.Get(ctx, p, ref)
	switch {
	case err != nil:
		return err
	case res == nil:
		return fault.New(fault.NotFound, "There is no such team.")
	case v.ID != t.Version:
		return stale()
	}
	b.Edit(v, res, t.members(res))
	return commit(ctx, p, b)
}

// manages: who works with whom, and who is away, is the manager's to say.
func manages(by record.Author) error {
	if by.Role == care.RoleManager || by.Role == care.RoleSystem {
		return nil
	}
	return fault.New(fault.Forbidden, "Only a manager can do this.")
}

// members are the parts of the CareTeam that a team is. What else there is of
// a member who stays, and members of other sorts, are kept.
func (t Team) members(was *fhir.Resource) write.Obj {
	var list write.List
	have := map[string]bool{}
	if was != nil {
		for m := range was.Get("participant").Items() {
			who := write.Target(m.Get("member"))
			if who.Type != "Practitioner" || slices.Contains(t.Members, who.String()) && !have[who.String()] {
				list = append(list, json.RawMessage(m.Raw()))
				have[who.String()] = true
			}
		}
	}
	for _, who := range t.Members {
		if !have[who] {
			list = append(list, write.Obj{"member": write.Obj{"reference": who}})
			have[who] = true
		}
	}
	var ext write.List
	if was != nil {
		for x := range was.Get("extension").Items() {
			if !x.Get("url").Is(kindsURL) {
				ext = append(ext, json.RawMessage(x.Raw()))
			}
		}
	}
	for _, k := range t.Kinds {
		ext = append(ext, write.Obj{"url": kindsURL, "valueCode": k})
	}
	o := write.Obj{"status": "active", "name": t.Name}
	put(o, "participant", list, was)
	put(o, "extension", ext, was)
	return o
}

// put sets a member, or takes it out of what was there.
func put(o write.Obj, name string, l write.List, was *fhir.Resource) {
	switch {
	case len(l) > 0:
		o[name] = l
	case was != nil:
		o[name] = nil
	}
}

// SaveAbsence keeps when somebody is away. Their requests are handed back when
// it begins, by the ledger.
func SaveAbsence(ctx context.Context, p *record.Practice, by record.Author, a Absence) error {
	return changeRole(ctx, p, by, a, "absence", func(h House, list write.List) (write.List, error) {
		if err := a.Check(h); err != nil {
			return nil, err
		}
		o := write.Obj{"description": a.Why, "during": write.Obj{"start": a.From, "end": a.To}}
		if a.Why == "" {
			o["description"] = "Away" // FHIR asks for one
		}
		return append(list, o), nil
	})
}

// EndAbsence takes an absence back: they are in, or were never away. What was
// handed back to a team stays with it.
func EndAbsence(ctx context.Context, p *record.Practice, by record.Author, a Absence) error {
	return changeRole(ctx, p, by, a, "absence taken back", func(_ House, list write.List) (write.List, error) {
		var out write.List
		for _, x := range list {
			r, err := fhir.ParseResource([]byte(`{"resourceType":"PractitionerRole","notAvailable":[` + string(x.(json.RawMessage)) + `]}`))
			if err != nil {
				return nil, err
			}
			if b := absences(a.Who, r); len(b) != 1 || b[0].From != a.From || b[0].To != a.To {
				out = append(out, x)
			}
		}
		if len(out) == len(list) {
			return nil, stale()
		}
		return out, nil
	})
}

// changeRole changes what the first role of a person says of when they are
// away; one is made for somebody who has none.
func changeRole(ctx context.Context, p *record.Practice, by record.Author, a Absence, why string, do func(House, write.List) (write.List, error)) error {
	if err := manages(by); err != nil {
		return err
	}
	h, err := Load(ctx, p)
	if err != nil {
		return err
	}
	who, ok := ident.ParseRef(a.Who)
	if !ok || who.Type != "Practitioner" {
		return a.Check(h) // all that is wrong, who it is among it
	}
	var was *fhir.Resource
	var v record.Version
	err = search.Each(ctx, p, "PractitionerRole?practitioner="+who.String(), func(x record.Version, r *fhir.Resource) error {
		if was == nil || x.Ref.ID < v.Ref.ID {
			was, v = r, x
		}
		return nil
	})
	if err != nil {
		return err
	}
	var list write.List
	if was != nil {
		for n := range was.Get("notAvailable").Items() {
			list = append(list, json.RawMessage(n.Raw()))
		}
	}
	if list, err = do(h, list); err != nil {
		return err
	}
	b := write.New(by, why, "")
	o := write.Obj{}
	put(o, "notAvailable", list, was)
	if was == nil {
		o["practitioner"] = write.Ref(who)
		b.Create(ident.Ref{Type: "PractitionerRole", ID: ident.NewID()}, o)
	} else {
		b.Edit(v, was, o)
	}
	return commit(ctx, p, b)
}

func commit(ctx context.Context, p *record.Practice, b *write.Builder) error {
	change, err := b.Change()
	if err != nil {
		return err
	}
	if _, err = p.Commit(ctx, change); fault.Is(err, fault.Conflict) {
		return stale()
	}
	return err
}
