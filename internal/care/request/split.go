package request

import (
	"context"
	"encoding/json"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Split makes two requests of one that asks for two things. Both keep the
// form with all that was written, its red flags and its pictures; each has an
// owner and a clock of its own. The patient is told the new one's reference.
type Split struct {
	What    string  // "what": the part that becomes a request of its own, in words for the patient
	To      Owner   // "owner": of the part
	Urgency Urgency // "urgency" of the part; 0 for that of the whole
	Reason  string  // "reason": needed when the part is less urgent than the whole
}

func (Split) command() {}

// longestPart is how long the words for a part may be, in characters.
const longestPart = 500

// split decides; Part is the new request. What it is less urgent than the
// whole is lowered, so a clinician says why.
func (d *Decision) split(c Split, by record.Author, h opening.Hours) error {
	what := clean(c.What)
	d.Note = clip(c.Reason, longest)
	part := d.Next
	if c.Urgency != 0 {
		part.Urgency = c.Urgency
	}
	switch {
	case d.Next.handedOver(): // what is told of the part would not reach the patient
		return fault.New(fault.Refused, "Another practice has handed this over, and tells the patient one answer. Answer all of it, or send it back.")
	case d.Next.Patient == "":
		return fault.New(fault.Refused, "Find out which patient this is first.")
	case what == "":
		return fault.At(fault.Invalid, "what", "Say which part becomes a request of its own.")
	case len([]rune(what)) > longestPart:
		return fault.At(fault.Invalid, "what", "This is too long. It can have up to %d characters.", longestPart)
	case !mayOwn(c.To.Ref):
		return fault.At(fault.Invalid, "owner", "Choose who deals with the part.")
	case part.Urgency > Stat:
		return fault.At(fault.Invalid, "urgency", "Choose how urgent the part is.")
	case part.Urgency < d.Next.Urgency && by.Role != care.RoleClinician:
		return fault.At(fault.Forbidden, "urgency", "Only a clinician can make a part less urgent than the whole.")
	case part.Urgency < d.Next.Urgency && d.Note == "":
		return fault.At(fault.Invalid, "reason", "Say why the part is less urgent than the whole.")
	}
	part.Links = Links{PartOf: d.Next.ID, Sooner: part.Sooner, SoonerWhy: part.SoonerWhy}
	part.ID, part.Version, part.Reference = "", "", ""
	part.Owner, part.State, part.Reopened = c.To, Accepted, 0
	switch {
	case part.Urgency > d.Next.Urgency:
		part.AnswerBy = sooner(part.AnswerBy, part.Urgency.Promise(h, part.Since))
	case part.Urgency < d.Next.Urgency: // counted from when it came, as a lowered urgency is
		if by := part.least(part.Urgency.Promise(h, part.Since)); by.After(part.AnswerBy) {
			part.AnswerBy = by
		}
	}
	d.Part, d.PartWhat = &part, what
	d.What = "split: a part became a request of its own"
	return nil
}

// writePart adds the new request to the change that splits it off.
func (d Decision) writePart(ctx context.Context, p *record.Practice, b *write.Builder, v record.Version, t *fhir.Resource, by record.Author, now time.Time) error {
	part := *d.Part
	part.Reference = newReference()
	ref := ident.Ref{Type: "Task", ID: ident.NewID()}
	b.Expect(record.Expect{None: "Task?group-identifier=" + care.ReferenceID + "%7C" + part.Reference})
	o := obj{
		"groupIdentifier": obj{"system": care.ReferenceID, "value": part.Reference},
		"status":          states[part.State][0],
		"businessStatus":  write.Coded(care.BusinessStatus, states[part.State][1], ""),
		"priority":        part.Urgency.Priority(),
		"partOf":          list{write.Ref(v.Ref)},
		"description":     clip(d.PartWhat, 200),
		"lastModified":    write.Instant(now),
		"owner":           ownerOf(part.Owner),
		"restriction":     obj{"period": obj{"start": write.Instant(part.Since), "end": write.Instant(part.AnswerBy)}},
	}
	for _, m := range []string{"intent", "code", "focus", "for", "requester", "authoredOn"} {
		if n := t.Get(m); n.Exists() {
			o[m] = rawOf(n)
		}
	}
	in := list{input("part", "valueString", d.PartWhat)}
	for x := range t.Get("input").Items() {
		switch code(x.Get("type"), care.InputType) {
		case "channel", "kind", "open", soonerBy, soonerWhy:
			in = append(in, rawOf(x))
		}
	}
	o["input"] = in
	b.Create(ref, o)
	if err := also(ctx, p, b, v.Ref, ref); err != nil {
		return err
	}
	Tell(b, Letter{
		Kind: "message", Task: ref, Patient: refTo(part.Patient),
		Text: "You asked for more than one thing. We are dealing with one part on its own: " + d.PartWhat +
			"\n\nIts reference is " + part.Reference + ". The rest of what you asked keeps the reference " + part2(t) + ".",
	}, by, now)
	return nil
}

// part2 is the reference of the whole.
func part2(t *fhir.Resource) string { return t.Get("groupIdentifier", "value").Str() }

func ownerOf(o Owner) obj {
	out := obj{"reference": o.Ref}
	if o.Name != "" {
		out["display"] = o.Name
	}
	return out
}

func rawOf(n fhir.Node) json.RawMessage { return json.RawMessage(n.Raw()) }

// also makes the red flags and the files of one request those of another too.
func also(ctx context.Context, p *record.Practice, b *write.Builder, of, to ident.Ref) error {
	err := search.Each(ctx, p, "DetectedIssue?implicated="+of.String(), func(v record.Version, res *fhir.Resource) error {
		b.Edit(v, res, obj{"implicated": append(raw(res.Get("implicated")), write.Ref(to))})
		return nil
	})
	if err != nil {
		return err
	}
	return search.Each(ctx, p, "DocumentReference?related="+of.String(), func(v record.Version, res *fhir.Resource) error {
		about := obj{"related": append(raw(res.Get("context", "related")), write.Ref(to))}
		for m := range res.Get("context").Children() {
			if m.Key() != "related" {
				about[m.Key()] = rawOf(m)
			}
		}
		b.Edit(v, res, obj{"context": about})
		return nil
	})
}
