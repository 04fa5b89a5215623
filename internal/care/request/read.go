package request

import (
	"strconv"
	"strings"

	"heartwood/internal/care"
	"heartwood/internal/care/form"
	"heartwood/internal/care/triage"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

// code is the code of a CodeableConcept in one system.
func code(n fhir.Node, system string) string {
	for c := range n.Get("coding").Items() {
		if c.Get("system").Is(system) {
			return c.Get("code").Str()
		}
	}
	return ""
}

// IsRequest tells whether a Task is of the ledger.
func IsRequest(t *fhir.Resource) bool {
	return t.Type() == "Task" && code(t.Get("code"), care.TaskCode) == "request"
}

// FromTask reads a request from its Task, as every list shows it.
func FromTask(v record.Version) (View, error) {
	t, err := v.Resource()
	if err != nil {
		return View{}, err
	}
	return FromParsed(v, t), nil
}

// FromParsed is FromTask for who has the version's resource already.
func FromParsed(v record.Version, t *fhir.Resource) View {
	r := fromTask(t)
	r.ID, r.Version, r.Changed = v.Ref.ID, v.ID, v.Time
	return r
}

func fromTask(t *fhir.Resource) View {
	u, ok := ParseUrgency(t.Get("priority").Str())
	if !ok {
		u = Routine
	}
	r := View{
		Reference: t.Get("groupIdentifier", "value").Str(),
		Patient:   refOf(t.Get("for"), "Patient"),
		Name:      t.Get("for", "display").Str(),
		Requester: t.Get("requester", "reference").Str(),
		Urgency:   u,
		State:     stateOf(t),
		Since:     write.When(t.Get("authoredOn")),
		AnswerBy:  write.When(t.Get("restriction", "period", "end")),
		Owner:     Owner{Ref: t.Get("owner", "reference").Str(), Name: t.Get("owner", "display").Str()},
		Response:  refOf(t.Get("focus"), "QuestionnaireResponse"),
	}
	for in := range t.Get("input").Items() {
		switch code(in.Get("type"), care.InputType) {
		case "channel":
			r.Channel = Channel(in.Get("valueCode").Str())
		case "kind":
			r.Kind = Kind(in.Get("valueCode").Str())
		case "reopened":
			r.Reopened++
		case routed:
			r.Routed = in.Get("valueString").Str()
		case promiseLikely, promiseLatest:
			promisedIn(&r.Promised, in)
		}
	}
	for out := range t.Get("output").Items() {
		switch code(out.Get("type"), care.OutputType) {
		case "outcome":
			r.Outcome = Outcome(code(out.Get("valueCodeableConcept"), care.OutcomeCode))
		case "told":
			r.Told = out.Get("valueString").Str()
		}
	}
	r.Links, r.Related = linksOf(t), relatedOf(t)
	return r
}

func refOf(n fhir.Node, typ string) string {
	if r := write.Target(n); r.Type == typ {
		return r.String()
	}
	return ""
}

// stateOf reads the state; whatever another program wrote, there is one, and
// it is open unless the Task is completed.
func stateOf(t *fhir.Resource) State {
	business := code(t.Get("businessStatus"), care.BusinessStatus)
	switch status := t.Get("status").Str(); {
	case status == "completed":
		return Closed
	case business == "with-patient":
		return WithPatient
	case status == "in-progress":
		return Working
	case status == "accepted":
		return Accepted
	}
	return Received
}

// readForm fills in what the person wrote.
func (r *View) readForm(q *fhir.Resource) {
	a := &r.Asked
	a.Patient, a.Channel, a.Kind = r.Patient, r.Channel, r.Kind
	text := map[string]*string{
		"what": &a.What, "how-long": &a.HowLong, "hope": &a.Hope, "tried": &a.Tried,
		"given": &a.Identity.Given, "family": &a.Identity.Family, "birth": &a.Identity.Birth,
		"nhs-number": &a.Identity.NHSNumber, "phone": &a.Identity.Phone,
		"by": &a.Identity.By, "relationship": &a.Identity.Relationship,
		"contact-how": &a.Contact.How, "contact-number": &a.Contact.Number, "contact-email": &a.Contact.Email,
		"contact-safe": &a.Contact.Safe, "contact-not": &a.Contact.NotWhen, "interpreter": &a.Needs.Interpreter, "needs-other": &a.Needs.Other,
	}
	for it := range form.Answered(q) {
		r.readItem(it, text)
	}
	if a.Identity != (Identity{}) {
		r.Claimed = &a.Identity
	}
}

// readItem reads one answer.
func (r *View) readItem(it fhir.Node, text map[string]*string) {
	a := &r.Asked
	id, v := it.Get("linkId").Str(), answerOf(it.Get("answer"))
	if p := text[id]; p != nil {
		*p = orElse(v.Get("code").Str(), v.Str())
	}
	switch id {
	case "asker":
		a.Asker = Asker(v.Get("code").Str())
	case "how-bad":
		a.HowBad, _ = strconv.Atoi(orElse(v.Get("code").Str(), v.Str()))
	case "bsl":
		a.Needs.BSL = v.True()
	case "easy-read":
		a.Needs.EasyRead = v.True()
	}
	said := form.Said(it)
	if id == "contact-how" { // forms that only have the code are read too
		said = orElse(howLabels[said], said)
	}
	if id == "how-bad" && v.Kind() != fhir.Object && a.HowBad > 0 && a.HowBad < len(Severities) {
		said += ": " + Severities[a.HowBad]
	}
	r.Answers = append(r.Answers, Answer{ID: id, Question: it.Get("text").Str(), Text: said})
}

// answerOf is the value of an answer, whatever its type.
func answerOf(n fhir.Node) fhir.Node {
	for m := range n.First().Children() {
		if strings.HasPrefix(m.Key(), "value") {
			return m
		}
	}
	return fhir.Node{}
}

func flagOf(d *fhir.Resource) (Flag, bool) {
	rule := code(d.Get("code"), care.RuleCode)
	f := Flag{Rule: rule, Title: d.Get("code", "text").Str(), Level: triage.Urgent, Words: d.Get("detail").Str()}
	if d.Get("severity").Is("high") {
		f.Level = triage.Emergency
	}
	f.ID, f.Time = d.Ref().ID, write.When(d.Get("identifiedDateTime"))
	f.reviewed(d)
	return f, rule != "" && (f.Verdict != "" || !d.Get("status").Is("entered-in-error"))
}

func photoOf(v record.Version, d *fhir.Resource) (Photo, bool) {
	a := d.Get("content", "attachment")
	p := Photo{Document: v.Ref.String(), Binary: a.Get("url").Str(), Type: a.Get("contentType").Str(), Name: a.Get("title").Str()}
	return p, p.Binary != "" && !d.Get("status").Is("entered-in-error")
}

// events reads the history of the Task, newest first.
func events(versions []record.Version) []Event {
	out := make([]Event, 0, len(versions))
	notes := make([]int, len(versions))
	for i, v := range versions {
		e := Event{Time: v.Time, By: v.Author.Ref, Role: v.Author.Role, What: v.Reason, Version: v.ID}
		if v.Deleted {
			e.What = "deleted"
		} else if t, err := v.Resource(); err == nil {
			e.State = stateOf(t)
			notes[i] = t.Get("note").Len()
			e.Note = t.Get("note").At(notes[i] - 1).Get("text").Str()
		}
		out = append(out, e)
	}
	for i := range out { // a note belongs to the version that added it
		if i+1 < len(out) && notes[i] == notes[i+1] {
			out[i].Note = ""
		}
	}
	return out
}
