package request

import (
	"context"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/care/triage"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Verdict is what a person made of a red flag.
type Verdict string

// The verdicts.
const (
	AcceptFlag   Verdict = "accepted"  // the urgency is at least what the rule asks for
	EscalateFlag Verdict = "escalated" // it is an emergency, whatever the rule asks for
	OverruleFlag Verdict = "overruled" // it is not what the rule fears; the urgency stays
)

// FlagReview is a person's decision about one red flag.
type FlagReview struct {
	Flag    string // the id of the DetectedIssue
	Verdict Verdict
	Reason  string // "reason": needed to overrule
}

// Review records what a person made of a red flag, on the flag and in the
// request's history, in one change. It never lowers an urgency: that is a
// decision of its own (Confirm). Only a clinician overrules.
func (s *Service) Review(ctx context.Context, practice ident.ODS, by record.Author, id, seen string, rv FlagReview) (View, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return View{}, err
	}
	view, err := s.Load(ctx, practice, id)
	if err != nil {
		return View{}, err
	}
	cmd, err := rv.decide(view, by)
	if err != nil {
		return View{}, err
	}
	_, err = Decided(ctx, p, by, id, orElse(seen, view.Version), cmd, "", func(b *write.Builder, _ View, now time.Time) error {
		return edit(ctx, p, b, ident.Ref{Type: "DetectedIssue", ID: rv.Flag}, rv.elements(by, now))
	})
	if err != nil {
		return View{}, err
	}
	return s.Load(ctx, practice, id)
}

// decide is pure: what a review does to the request, or why it may not.
func (rv FlagReview) decide(view View, by record.Author) (Confirm, error) {
	for _, f := range view.Flags {
		if f.ID != rv.Flag {
			continue
		}
		asked := urgencyOf([]triage.Finding{{Level: f.Level}})
		reason := clip(rv.Reason, longest)
		switch rv.Verdict {
		case AcceptFlag:
			return Confirm{Urgency: max(view.Urgency, asked), Reason: note("Agreed with "+f.Rule, reason)}, nil
		case EscalateFlag:
			return Confirm{Urgency: Stat, Reason: note("Escalated "+f.Rule, reason)}, nil
		case OverruleFlag:
			switch {
			case by.Role != care.RoleClinician:
				return Confirm{}, fault.New(fault.Forbidden, "Only a clinician can overrule a red flag.")
			case reason == "":
				return Confirm{}, fault.At(fault.Invalid, "reason", "Say why this red flag does not apply.")
			}
			return Confirm{Urgency: view.Urgency, Reason: note("Overruled "+f.Rule, reason)}, nil
		}
		return Confirm{}, fault.At(fault.Invalid, "decision", "Agree, escalate or overrule.")
	}
	return Confirm{}, fault.New(fault.Invalid, "This request has no such red flag.")
}

func note(what, reason string) string {
	if reason == "" {
		return what
	}
	return what + ": " + reason
}

// elements are what a review writes on the DetectedIssue.
func (rv FlagReview) elements(by record.Author, now time.Time) obj {
	status := "final"
	if rv.Verdict == OverruleFlag {
		status = "entered-in-error"
	}
	action := write.Coded(care.FlagVerdict, string(rv.Verdict), "")
	if r := clip(rv.Reason, longest); r != "" {
		action["text"] = r
	}
	m := obj{"action": action, "date": write.Instant(now)}
	set(m, "author", by.Ref, "Practitioner", "PractitionerRole")
	return obj{"status": status, "mitigation": list{m}}
}

// reviewed reads what a person made of a flag.
func (f *Flag) reviewed(d *fhir.Resource) {
	for m := range d.Get("mitigation").Items() {
		if v := code(m.Get("action"), care.FlagVerdict); v != "" {
			f.Verdict, f.Why = Verdict(v), m.Get("action", "text").Str()
			f.By, f.Reviewed = m.Get("author", "reference").Str(), write.When(m.Get("date"))
		}
	}
}

// Tally is how often a rule raised a flag, and what people made of it.
type Tally struct {
	Rule                                   string
	Raised, Accepted, Escalated, Overruled int
}

// Waiting is how many nobody has looked at.
func (t Tally) Waiting() int { return t.Raised - t.Accepted - t.Escalated - t.Overruled }

// Tallies counts the flags of a practice since a time, by rule.
func Tallies(ctx context.Context, p *record.Practice, since time.Time) (map[string]Tally, error) {
	out := map[string]Tally{}
	query := "DetectedIssue?identified=ge" + since.UTC().Format(time.RFC3339)
	err := search.Each(ctx, p, query, func(_ record.Version, d *fhir.Resource) error {
		f, _ := flagOf(d)
		if f.Rule == "" {
			return nil
		}
		t := out[f.Rule]
		t.Rule, t.Raised = f.Rule, t.Raised+1
		switch f.Verdict {
		case AcceptFlag:
			t.Accepted++
		case EscalateFlag:
			t.Escalated++
		case OverruleFlag:
			t.Overruled++
		}
		out[f.Rule] = t
		return nil
	})
	return out, err
}
