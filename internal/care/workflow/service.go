package workflow

import (
	"context"
	"slices"
	"strings"

	"heartwood/internal/care"
	"heartwood/internal/care/hours"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/task"
	"heartwood/internal/care/team"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// All lists the workflows of a practice by name, the retired ones last.
func All(ctx context.Context, p *record.Practice) (out []Definition, err error) {
	err = search.Each(ctx, p, "PlanDefinition?_count=200", func(v record.Version, r *fhir.Resource) error {
		if !isWorkflow(r) {
			return nil
		}
		d, err := parse(r.Root())
		d.Version = v.ID
		if err == nil {
			out = append(out, d)
		}
		return nil // one that another program spoilt begins nothing, and hides no other
	})
	slices.SortStableFunc(out, func(a, b Definition) int {
		if a.Retired != b.Retired {
			if a.Retired {
				return 1
			}
			return -1
		}
		return strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title))
	})
	return out, err
}

// Load reads one workflow.
func Load(ctx context.Context, p *record.Practice, id string) (Definition, error) {
	d, _, err := read(ctx, p, id)
	return d, err
}

func read(ctx context.Context, p *record.Practice, id string) (Definition, record.Version, error) {
	if !ident.IsID(id) {
		return Definition{}, record.Version{}, unknown("workflow")
	}
	r, v, err := search.Get(ctx, p, ident.Ref{Type: "PlanDefinition", ID: id})
	if err != nil {
		return Definition{}, v, err
	}
	if r == nil || !isWorkflow(r) {
		return Definition{}, v, unknown("workflow")
	}
	d, err := parse(r.Root())
	d.Version = v.ID
	return d, v, err
}

// Save keeps a workflow over the version that was seen, d.Version, and gives
// its id. Cases under way keep the definition they began with. key makes a new
// one once.
func Save(ctx context.Context, p *record.Practice, by record.Author, d Definition, key string) (string, error) {
	if by.Role != care.RoleManager && by.Role != care.RoleSystem {
		return "", fault.New(fault.Forbidden, "Only a manager of the practice can do this.")
	}
	d, err := d.clean()
	if err != nil {
		return "", err
	}
	if d.ID == "" {
		return d.create(ctx, p, by, key)
	}
	was, v, err := read(ctx, p, d.ID)
	if err != nil {
		return "", err
	}
	if was.Version != d.Version {
		return "", stale()
	}
	d.Number, d.Since = was.Number+1, was.Since
	if d.Trigger != was.Trigger || was.Retired && !d.Retired {
		d.Since = p.Now()
	}
	b := write.New(by, "workflow changed", "")
	b.Replace(v, d.members())
	_, err = commit(ctx, p, b)
	return d.ID, err
}

func (d Definition) create(ctx context.Context, p *record.Practice, by record.Author, key string) (string, error) {
	if key == "" {
		key = ident.NewID()
	}
	d.ID, d.Number, d.Since = "wf-"+digest(by.Ref, key), 1, p.Now()
	b := write.New(by, "workflow written", "")
	b.Create(ident.Ref{Type: "PlanDefinition", ID: d.ID}, d.members())
	_, err := commit(ctx, p, b)
	if fault.Is(err, fault.Conflict) {
		err = nil // the same form again
	}
	return d.ID, err
}

// Start begins a case for a patient. The same event of the same workflow again
// begins nothing and gives the same case.
func Start(ctx context.Context, p *record.Practice, by record.Author, id, patient, requestID, event string) (Case, error) {
	if !care.IsStaff(by.Role) {
		return Case{}, fault.New(fault.Forbidden, "Only staff of the practice can do this.")
	}
	if was, err := LoadCase(ctx, p, caseID(id, event)); err == nil {
		return was, nil
	}
	d, err := Load(ctx, p, id)
	if err != nil {
		return Case{}, err
	}
	if d.Retired {
		return Case{}, fault.New(fault.Refused, "This workflow is not used any more.")
	}
	if r, ok := ident.ParseRef(patient); !ok || r.Type != "Patient" {
		return Case{}, fault.At(fault.Invalid, "patient", "Choose a patient.")
	}
	if requestID != "" {
		if r, err := request.Brief(ctx, p, requestID); err != nil {
			return Case{}, err
		} else if r.Patient != patient {
			return Case{}, fault.New(fault.Refused, "The request is for another patient.")
		}
	}
	c := Case{ID: caseID(id, event), Definition: d, Patient: patient, Request: requestID, State: Active, Since: p.Now()}
	by.For = patient
	b := write.New(by, "workflow begun: "+d.Title, "")
	b.Create(ident.Ref{Type: "CarePlan", ID: c.ID}, c.members(by))
	here, err := whoIsHere(ctx, p)
	if err != nil {
		return Case{}, err
	}
	if err := c.put(ctx, p, by, b, Decide(c, nil, here.here, p.Now())); err != nil {
		return Case{}, err
	}
	if _, err := commit(ctx, p, b); err != nil && !fault.Is(err, fault.Conflict) {
		return Case{}, err
	}
	return LoadCase(ctx, p, c.ID)
}

// put adds to a change what a case needs.
func (c Case) put(ctx context.Context, p *record.Practice, by record.Author, b *write.Builder, m Moves) error {
	set, err := hours.Load(ctx, p)
	if err != nil {
		return err
	}
	for _, s := range m.Begin {
		what := c.Definition.Title + ": " + s.Title
		if s.What != "" {
			what += ". " + s.What
		}
		if s.Why != "" {
			what += " (" + s.Why + ")"
		}
		n := task.New{
			What: what, Patient: c.Patient, Request: c.Request, Plan: c.ID, Owner: s.Owner, Name: s.Name,
			By: Due(set.Hours(), p.Now(), s.Days),
		}
		b.Create(ident.Ref{Type: "Task", ID: jobID(c.ID, s.ID)}, n.Body(by, p.Now()))
	}
	for _, g := range m.Give {
		v, err := p.Read(ctx, ident.Ref{Type: "Task", ID: g.Job})
		if err != nil {
			return err
		}
		r, err := v.Resource()
		if err != nil {
			return err
		}
		b.Edit(v, r, write.Obj{
			"owner": write.Obj{"reference": g.Owner, "display": g.Name}, "lastModified": write.Instant(p.Now()),
			"description": r.Get("description").Str() + " (" + g.Why + ")",
		})
	}
	return nil
}

// names are those who work here, and their teams, by reference.
type names map[string]string

func (n names) here(ref string) (string, bool) { name, ok := n[ref]; return name, ok }

// whoIsHere reads who works here.
func whoIsHere(ctx context.Context, p *record.Practice) (names, error) {
	h, err := team.Load(ctx, p)
	if err != nil {
		return nil, err
	}
	out := names{}
	for _, one := range h.People {
		out[one.Ref] = request.CleanText(one.Name)
	}
	for _, one := range h.Teams {
		out[one.Ref] = one.Name
	}
	return out, nil
}

func commit(ctx context.Context, p *record.Practice, b *write.Builder) (record.Receipt, error) {
	change, err := b.Change()
	if err != nil {
		return record.Receipt{}, err
	}
	done, err := p.Commit(ctx, change)
	if fault.Is(err, fault.Conflict) {
		err = stale()
	}
	return done, err
}
