package request

import (
	"context"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Merge closes a request that asks the same as another into it. The other
// keeps the higher urgency and the earlier clock of the two, and gets the
// words, the red flags and the pictures of this one. The patient is told once.
type Merge struct {
	Into string // the id of the request that goes on
	Told string // "told": what the patient is told; "" for a sentence of ours
}

func (Merge) command() {}

// DecideMerge is pure: what a merge does to the request that closes and to the
// one that goes on.
func DecideMerge(r, into View, by record.Author, c Merge, now time.Time, h opening.Hours) (closed, kept Decision, err error) {
	switch {
	case !care.IsStaff(by.Role):
		err = fault.New(fault.Forbidden, "Only staff of the practice can do this.")
	case r.ID == into.ID:
		err = fault.At(fault.Invalid, "into", "Choose another request to merge this one into.")
	case !r.Open() || !into.Open():
		err = fault.New(fault.Refused, "Both requests must be open to be merged.")
	case r.Patient == "" || r.Patient != into.Patient:
		err = fault.New(fault.Refused, "Only requests of the same patient can be merged. Match them to their patients first.")
	case utf8.RuneCountInString(c.Told) > longest:
		err = fault.At(fault.Invalid, "told", "This is too long. It can have up to %d characters.", longest)
	}
	if err != nil {
		return closed, kept, err
	}
	told := orElse(clean(c.Told), "We are dealing with this together with your other request. Its reference is "+into.Reference+".")
	closed, err = Decide(r, by, Close{Outcome: DuplicateOf, Told: told}, now, h)
	if err != nil {
		return closed, kept, err
	}
	closed.Next.MergedInto = into.ID
	closed.What = "merged into " + into.Reference
	kept = Decision{Next: into, What: "took in " + r.Reference, Note: clip("From "+r.Reference+": "+r.Asked.What, longest)}
	n := &kept.Next
	n.Urgency = max(into.Urgency, r.Urgency)
	n.AnswerBy = sooner(sooner(into.AnswerBy, r.AnswerBy), n.Urgency.Promise(h, r.Since))
	if n.Urgency == into.Urgency && n.Urgency == r.Urgency {
		n.AnswerBy = sooner(into.AnswerBy, r.AnswerBy)
	}
	if n.Urgency > into.Urgency {
		kept.What += ", raised to " + n.Urgency.word()
	}
	if n.State == WithPatient && r.State != WithPatient {
		n.State = Working // the practice has something to do again
	}
	if n.Snoozed.After(n.AnswerBy) || n.Urgency > into.Urgency {
		n.awake()
	}
	if !r.Escalated.IsZero() {
		n.Escalated = r.Escalated
	}
	return closed, kept, nil
}

// Merge carries a merge out: both or neither. seen is the version of the
// request that closes; with the same key it happens once.
func (s *Service) Merge(ctx context.Context, practice ident.ODS, by record.Author, id, seen string, c Merge, key string) error {
	p, err := s.store.Practice(practice)
	if err != nil {
		return err
	}
	if key != "" {
		key = "merge:" + by.Ref + ":" + key
	}
	for range tries {
		change, err := mergeChange(ctx, p, by, id, seen, c, key)
		if err != nil {
			return err
		}
		switch _, err = p.Commit(ctx, change); {
		case !fault.Is(err, fault.Conflict):
			return err
		case seen != "":
			return stale()
		}
	}
	return busy()
}

func mergeChange(ctx context.Context, p *record.Practice, by record.Author, id, seen string, c Merge, key string) (record.Change, error) {
	if key != "" {
		if _, ok, err := p.Repeat(ctx, key); err != nil || ok {
			return record.Change{Author: by, Key: key}, err
		}
	}
	now := p.Now()
	v, t, r, err := current(ctx, p, id)
	if err != nil {
		return record.Change{}, err
	}
	if seen != "" && seen != r.Version {
		return record.Change{}, stale()
	}
	if err := written(ctx, p, &r); err != nil {
		return record.Change{}, err
	}
	v2, t2, into, err := current(ctx, p, c.Into)
	if err != nil {
		return record.Change{}, err
	}
	closed, kept, err := DecideMerge(r, into, by, c, now, HoursOf(ctx, p))
	if err != nil {
		return record.Change{}, err
	}
	b := write.New(by, closed.What, key)
	closed.apply(b, v, t, by, now)
	kept.apply(b, v2, t2, by, now)
	if err := closed.beside(ctx, p, b, v, t, r, by, now); err != nil {
		return record.Change{}, err
	}
	if err := also(ctx, p, b, v.Ref, v2.Ref); err != nil {
		return record.Change{}, err
	}
	return b.Change()
}
