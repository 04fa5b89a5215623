package request

import (
	"context"
	"errors"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Guarded is what a door calls before it commits a change that came from
// outside: it refuses the change when Guard refuses one of its writes, and
// makes it expect the versions that were looked at, so that nothing slips
// between the look and the commit (a Conflict then: look again).
func Guarded(ctx context.Context, p *record.Practice, c *record.Change) error {
	for _, w := range c.Writes {
		switch w.Ref.Type {
		case "Task", "QuestionnaireResponse", "DetectedIssue":
		default:
			continue
		}
		if err := guardWrite(ctx, p, c, w); err != nil {
			return err
		}
	}
	return nil
}

func guardWrite(ctx context.Context, p *record.Practice, c *record.Change, w record.Write) error {
	var before, after *fhir.Resource
	var err error
	v, err := p.Read(ctx, w.Ref)
	switch {
	case err == nil:
		before, err = v.Resource()
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Gone):
		v, err = record.Version{Ref: w.Ref}, nil
	}
	if err == nil && w.Op == record.Put {
		after, err = fhir.ParseResource(w.Body.Bytes)
	}
	if err != nil {
		return err
	}
	if (before == nil || !ofLedger(before)) && (after == nil || !ofLedger(after)) {
		return nil
	}
	if err := Guard(before, after); err != nil {
		return named(w.Ref, err)
	}
	for _, x := range c.Expect {
		if x.None == "" && x.Ref == w.Ref {
			return nil
		}
	}
	c.Expect = append(c.Expect, record.Expect{Ref: w.Ref, Version: v.ID})
	return nil
}

// named makes a refusal name its resource when it names nothing else.
func named(ref ident.Ref, err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Where == "" {
		f.Where = ref.Type
	}
	return err
}
