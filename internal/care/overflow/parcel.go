package overflow

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// parcel is the one change that makes the request at the other practice: the
// form as the patient wrote it, who they are, what else was agreed, and a Task
// with an owner and a clock there. Its Task has the handover's id, and its key
// is the handover's: carried twice, it is there once.
func (r Relay) parcel(ctx context.Context, home, there *record.Practice, h Handover, ours request.View) (record.Change, error) {
	b := write.New(record.System, "handed over by "+string(home.ODS()), "handover "+string(home.ODS())+" "+h.ID)
	if err := Turn(ctx, there, b, "taken-"+string(home.ODS())); err != nil {
		return record.Change{}, err
	}
	patient, err := Visitor(ctx, home, there, b, ours.Patient)
	if err != nil {
		return record.Change{}, err
	}
	form, err := formOf(ctx, home, ours)
	if err != nil {
		return record.Change{}, err
	}
	var items write.List
	for it := range form.Get("item").Items() {
		if !it.Get("linkId").Is("channel") {
			items = append(items, json.RawMessage(it.Raw()))
		}
	}
	items = append(items, write.Obj{"linkId": "channel", "text": "How did the request come in?", "answer": write.List{write.Obj{
		"valueCoding": write.Obj{"system": care.Base + "channel", "code": string(request.Practice), "display": "From another practice"},
	}}})
	giver := string(home.ODS())
	if t, err := With(ctx, there, home.ODS()); err == nil && t.Name != "" {
		giver = t.Name + " (" + giver + ")"
	}
	items = append(items, line("handed-over", "Handed over by", giver+", with the patient's consent. Their answer is told to them by their own practice."))
	a, err := With(ctx, home, h.Partner)
	if err != nil {
		return record.Change{}, err
	}
	if a.Gives.Summary {
		from, _ := ident.ParseRef(ours.Patient)
		summary, err := summaryOf(ctx, home, from)
		if err != nil {
			return record.Change{}, err
		}
		for _, s := range summary {
			items = append(items, line("shared-"+strings.ToLower(s[0]), s[0]+", as their own practice has them", s[1]))
		}
	}
	left, err := addPhotos(ctx, home, there, b, h, patient)
	if err != nil {
		return record.Change{}, err
	}
	if left > 0 {
		items = append(items, line("photos-left", "Photos and documents that did not come along", strconv.Itoa(left)+". The patient’s own practice has them: ask there."))
	}
	now := there.Now()
	qr := ident.Ref{Type: "QuestionnaireResponse", ID: ident.NewID()}
	sender := home.ODS().Organization()
	b.Create(qr, write.Obj{
		"questionnaire": care.Questionnaire, "status": "completed", "authored": write.Instant(now), "item": items,
		"identifier": write.Obj{"system": care.ReferenceID, "value": ours.Reference},
		"subject":    write.Ref(patient), "author": write.Ref(sender),
	})
	hours := request.HoursOf(ctx, there)
	by := ours.Urgency.Promise(hours, now)
	if ours.AnswerBy.Before(by) {
		by = ours.AnswerBy // no later than at home
	}
	b.Create(ident.Ref{Type: "Task", ID: h.ID}, write.Obj{
		"groupIdentifier": write.Obj{"system": care.ReferenceID, "value": ours.Reference},
		"status":          "requested", "businessStatus": write.Coded(care.BusinessStatus, "waiting", ""), "intent": "order",
		"priority": ours.Urgency.Priority(), "code": write.Coded(care.TaskCode, "request", "Request"),
		"description": what(form), "focus": write.Ref(qr), "for": write.Named(patient, ours.Name),
		"requester": write.Named(sender, string(home.ODS())), "authoredOn": write.Instant(now), "lastModified": write.Instant(now),
		"owner":       write.Obj{"reference": care.Triage, "display": care.TriageName},
		"restriction": write.Obj{"period": write.Obj{"start": write.Instant(now), "end": write.Instant(by)}},
		"input": write.List{
			write.Obj{"type": write.Coded(care.InputType, "channel", ""), "valueCode": string(request.Practice)},
			write.Obj{"type": write.Coded(care.InputType, "kind", ""), "valueCode": string(ours.Kind)},
			write.Obj{"type": write.Coded(care.InputType, "open", ""), "valueBoolean": hours.Open(now)},
		},
	})
	return b.Change()
}

func line(id, question, text string) write.Obj {
	return write.Obj{"linkId": id, "text": question, "answer": write.List{write.Obj{"valueString": text}}}
}

func formOf(ctx context.Context, home *record.Practice, ours request.View) (*fhir.Resource, error) {
	ref, _ := ident.ParseRef(ours.Response)
	v, err := home.Read(ctx, ref)
	if err != nil {
		return nil, err
	}
	return v.Resource()
}

// what is how the form begins, for lists.
func what(form *fhir.Resource) string {
	for it := range form.Get("item").Items() {
		if it.Get("linkId").Is("what") {
			s := []rune(it.Get("answer").First().Get("valueString").Str())
			return string(s[:min(len(s), 200)])
		}
	}
	return "A request from another practice"
}

// Visitor is the patient in the other practice's record: who has their NHS
// number there already, or a copy of who they are. No address for messages
// goes along, so that only their own practice writes to them.
func Visitor(ctx context.Context, home, there *record.Practice, b *write.Builder, patient string) (ident.Ref, error) {
	ref, _ := ident.ParseRef(patient)
	v, err := home.Read(ctx, ref)
	if err != nil {
		return ident.Ref{}, err
	}
	res, err := v.Resource()
	if err != nil {
		return ident.Ref{}, err
	}
	o := write.Obj{"active": true, "managingOrganization": write.Ref(home.ODS().Organization())}
	for _, m := range []string{"identifier", "name", "gender", "birthDate", "communication"} {
		if n := res.Get(m); n.Raw() != nil {
			o[m] = json.RawMessage(n.Raw())
		}
	}
	for id := range res.Get("identifier").Items() {
		if id.Get("system").Is(care.NHSNumber) {
			var known ident.Ref
			err := search.Each(ctx, there, "Patient?identifier="+care.NHSNumber+"%7C"+id.Get("value").Str(), func(v record.Version, _ *fhir.Resource) error {
				known = v.Ref
				return nil
			})
			if err != nil || !known.IsZero() {
				return known, err
			}
		}
	}
	at := ident.Ref{Type: "Patient", ID: "visitor-" + ref.ID}
	switch _, err := there.Read(ctx, at); {
	case fault.Is(err, fault.NotFound):
		b.Create(at, o)
	case err != nil:
		return ident.Ref{}, err
	}
	return at, nil
}

// Turn has two changes under one name follow each other: the second conflicts,
// so that whoever made it counts again what the first has added. Count after
// it: what is counted before may be older than the turn.
func Turn(ctx context.Context, p *record.Practice, b *write.Builder, name string) error {
	ref := ident.Ref{Type: "_Turn", ID: name}
	v, err := p.Read(ctx, ref)
	switch o := (write.Obj{"at": write.Instant(p.Now())}); {
	case fault.Is(err, fault.NotFound):
		b.Create(ref, o)
	case err != nil:
		return err
	default:
		b.Replace(v, o)
	}
	return nil
}
