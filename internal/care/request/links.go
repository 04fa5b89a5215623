package request

import (
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
)

// Links is what the ledger keeps of a request besides its state: whether it
// is put aside, whether it was handed up, and which others it belongs with.
type Links struct {
	Snoozed    time.Time // until when it is put aside; zero for not
	SnoozedWhy string
	Escalated  time.Time // when it was handed up and nobody has taken it since; zero for not
	PartOf     string    // the id of the request it was split from
	MergedInto string    // the id of the request it was merged into
	Part       string    // of one that was split off: what it is about, in words for the patient
	Sooner     time.Time // by when the practice's own stricter clock has it answered; zero for none
	SoonerWhy  string    // that clock in words
	Muted      bool      // the patient may not write on it
	MutedWhy   string    // in words for the patient
	Door       string    // where the door's own log has it: "node/digest"; "" when it came past no door
}

// Asleep tells whether the request is put aside at a moment. It wakes by
// itself: nothing has to happen for it to come back.
func (r View) Asleep(now time.Time) bool { return r.Open() && now.Before(r.Snoozed) }

// About is what the request is about: a part's own words, or what the person
// wrote.
func (r View) About() string { return orElse(r.Part, r.Asked.What) }

// awake takes off what puts a request aside.
func (l *Links) awake() { l.Snoozed, l.SnoozedWhy = time.Time{}, "" }

// held are the inputs of a Task that hold Links; a decision writes them anew.
var held = map[string]bool{"snoozed": true, "snoozed-why": true, "escalated": true, "merged-into": true, "muted": true, soonerBy: true, soonerWhy: true}

func linksOf(t *fhir.Resource) Links {
	l := Links{PartOf: write.Target(t.Get("partOf")).ID}
	for in := range t.Get("input").Items() {
		switch code(in.Get("type"), care.InputType) {
		case "snoozed":
			l.Snoozed = write.When(in.Get("valueDateTime"))
		case "snoozed-why":
			l.SnoozedWhy = in.Get("valueString").Str()
		case "escalated":
			l.Escalated = write.When(in.Get("valueDateTime"))
		case "merged-into":
			l.MergedInto = write.Target(in.Get("valueReference")).ID
		case "muted":
			l.Muted, l.MutedWhy = true, in.Get("valueString").Str()
		case "part":
			l.Part = in.Get("valueString").Str()
		case soonerBy:
			l.Sooner = write.When(in.Get("valueDateTime"))
		case soonerWhy:
			l.SoonerWhy = in.Get("valueString").Str()
		case "door":
			l.Door = in.Get("valueString").Str()
		}
	}
	return l
}

// clock are the inputs that hold the practice's own stricter clock.
func (l Links) clock() list {
	if l.Sooner.IsZero() {
		return nil
	}
	return list{input(soonerBy, "valueDateTime", write.Instant(l.Sooner)), input(soonerWhy, "valueString", l.SoonerWhy)}
}

// inputs are those of the Task with a decision's links, and a mark for each
// time that it was reopened.
func (d Decision) inputs(t *fhir.Resource, now time.Time) list {
	var out list
	for in := range t.Get("input").Items() {
		if !held[code(in.Get("type"), care.InputType)] {
			out = append(out, rawOf(in))
		}
	}
	for range d.Next.Reopened - fromTask(t).Reopened {
		out = append(out, input("reopened", "valueDateTime", write.Instant(now)))
	}
	l := d.Next.Links
	out = append(out, l.clock()...)
	if !l.Snoozed.IsZero() {
		out = append(out, input("snoozed", "valueDateTime", write.Instant(l.Snoozed)), input("snoozed-why", "valueString", l.SnoozedWhy))
	}
	if !l.Escalated.IsZero() {
		out = append(out, input("escalated", "valueDateTime", write.Instant(l.Escalated)))
	}
	if l.MergedInto != "" {
		out = append(out, input("merged-into", "valueReference", obj{"reference": "Task/" + l.MergedInto}))
	}
	if l.Muted {
		out = append(out, input("muted", "valueString", l.MutedWhy))
	}
	return out
}
