package request

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/hidden"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/promise"
	"heartwood/internal/care/triage"
	"heartwood/internal/care/upload"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

type (
	obj  = write.Obj
	list = write.List
)

// arrival is everything that becomes one new request.
type arrival struct {
	ask       Ask
	name      string // the patient's, "" when not known
	by        record.Author
	findings  []triage.Finding
	related   []string // ids of the earlier requests that it belongs with
	photos    []upload.Clean
	hours     opening.Hours
	now       time.Time
	reference string
	door      string // where the door's own log has it, "" for nowhere
	urgency   Urgency
	clock     time.Time // by when it is answered
	owner     Owner
	why       string        // why they have it: the routing rule
	links     Links         // its stricter clock
	promised  promise.Range // what is told, zero for the clock alone
}

// build makes the one change that puts a request in the ledger.
func (a arrival) build(key string) (record.Change, error) {
	form := ident.Ref{Type: "QuestionnaireResponse", ID: ident.NewID()}
	task := ident.Ref{Type: "Task", ID: ident.NewID()}
	b := write.New(a.by, "received", key)
	b.Expect(record.Expect{None: "Task?group-identifier=" + care.ReferenceID + "%7C" + a.reference})
	b.Create(task, a.task(form))
	b.Create(form, a.form())
	Flags(b, a.findings, a.patient(), a.now, form, task)
	Documents(b, a.photos, a.patient(), a.by, a.now, task)
	if a.ask.Unseen != "" {
		hidden.Born(b, a.by, a.patient(), task, a.ask.Unseen, a.now)
	}
	return b.Change()
}

func (a arrival) patient() ident.Ref {
	r, _ := ident.ParseRef(a.ask.Patient)
	return r
}

func (a arrival) task(form ident.Ref) obj {
	o := obj{
		"groupIdentifier": obj{"system": care.ReferenceID, "value": a.reference},
		"status":          "requested",
		"businessStatus":  write.Coded(care.BusinessStatus, "waiting", ""),
		"intent":          "order",
		"priority":        a.urgency.Priority(),
		"code":            write.Coded(care.TaskCode, "request", "Request"),
		"description":     clip(a.ask.What, 200),
		"focus":           write.Ref(form),
		"authoredOn":      write.Instant(a.now),
		"lastModified":    write.Instant(a.now),
		"owner":           obj{"reference": a.owner.Ref, "display": a.owner.Name},
		"restriction":     obj{"period": obj{"start": write.Instant(a.now), "end": write.Instant(a.clock)}},
	}
	in := list{
		input("channel", "valueCode", string(a.ask.Channel)),
		input("kind", "valueCode", string(a.ask.Kind)),
		input("open", "valueBoolean", a.hours.Open(a.now)),
	}
	for _, s := range next(a.ask, a.urgency, a.hours, a.now, a.clock, a.promised) {
		in = append(in, input("told", "valueString", s))
	}
	if a.why != "" {
		in = append(in, input(routed, "valueString", a.why))
	}
	if a.door != "" {
		in = append(in, input("door", "valueString", a.door))
	}
	in = append(in, a.links.clock()...)
	in = append(in, relatedInputs(a.related)...)
	o["input"] = append(in, promiseInputs(a.promised)...)
	if !a.patient().IsZero() {
		o["for"] = write.Named(a.patient(), a.name)
	} else {
		o["for"] = obj{"display": a.ask.Identity.called()}
	}
	set(o, "requester", a.by.Ref, "Patient", "RelatedPerson", "Practitioner", "PractitionerRole", "Organization", "Device")
	return o
}

// set adds a reference when its type is one that the element takes.
func set(o obj, name, ref string, types ...string) {
	r, ok := ident.ParseRef(ref)
	for _, t := range types {
		if ok && r.Type == t {
			o[name] = write.Ref(r)
		}
	}
}

func input(name, member string, value any) obj {
	return obj{"type": write.Coded(care.InputType, name, ""), member: value}
}

func output(name, member string, value any) obj {
	return obj{"type": write.Coded(care.OutputType, name, ""), member: value}
}

// form is what the person wrote, a line for each answer that was given.
func (a arrival) form() obj {
	ask := a.ask
	var items list
	add := func(id, question, member string, value any) {
		if value != "" && value != 0 && value != false {
			items = append(items, obj{"linkId": id, "text": question, "answer": list{obj{member: value}}})
		}
	}
	text := func(id, question, value string) { add(id, question, "valueString", value) }
	coded := func(id, question, code, display string) {
		add(id, question, "valueCoding", obj{"system": care.Base + id, "code": code, "display": display})
	}
	coded("asker", "Who is asking?", string(ask.Asker), askerLabels[ask.Asker])
	coded("channel", "How did the request come in?", string(ask.Channel), channelLabels[ask.Channel])
	text("given", "First name", ask.Identity.Given)
	text("family", "Last name", ask.Identity.Family)
	text("birth", "Date of birth", ask.Identity.Birth)
	text("nhs-number", "NHS number", ask.Identity.NHSNumber)
	text("phone", "Phone number", ask.Identity.Phone)
	text("by", "Who is asking for them?", ask.Identity.By)
	text("relationship", "What are they to the patient?", ask.Identity.Relationship)
	coded("kind", "What is it about?", string(ask.Kind), ask.Kind.Label())
	questionnaire := care.Questionnaire
	if ask.formed() {
		questionnaire = ask.Form.Canonical()
		items = append(items, ask.Form.Items(ask.Answers, string(ask.Language))...)
	}
	if !ask.formed() {
		text("what", whatQuestion(ask.Channel), ask.What)
		text("how-long", "How long has it been going on?", ask.HowLong)
		add("how-bad", "How bad is it, from 1 to 5?", "valueInteger", ask.HowBad)
		text("hope", "What are you worried about, and what do you hope for?", ask.Hope)
		text("tried", "What have you tried?", ask.Tried)
	}
	if how := ask.Contact.How; how != "" {
		coded("contact-how", "How should we contact you?", how, howLabels[how])
	}
	text("contact-number", "Which phone number?", ask.Contact.Number)
	text("contact-email", "Which email address?", ask.Contact.Email)
	text("contact-safe", "What must we not do when we reply?", ask.Contact.Safe)
	text("contact-not", "When can we not contact you?", ask.Contact.NotWhen)
	text("interpreter", "Which language do you need an interpreter for?", ask.Needs.Interpreter)
	add("bsl", "Do you need British Sign Language?", "valueBoolean", ask.Needs.BSL)
	add("easy-read", "Do you need easy read?", "valueBoolean", ask.Needs.EasyRead)
	text("needs-other", "What else helps you to communicate?", ask.Needs.Other)
	o := obj{
		"questionnaire": questionnaire, "status": "completed",
		"authored": write.Instant(a.now), "item": items,
		"identifier": obj{"system": care.ReferenceID, "value": a.reference},
	}
	if !a.patient().IsZero() {
		o["subject"] = write.Ref(a.patient())
	}
	set(o, "author", a.by.Ref, "Device", "Practitioner", "PractitionerRole", "Patient", "RelatedPerson", "Organization")
	set(o, "source", a.by.Ref, "Patient", "Practitioner", "PractitionerRole", "RelatedPerson")
	if by := ask.Identity.asking(); by != "" && o["source"] == nil {
		o["source"] = obj{"type": "RelatedPerson", "display": by}
	}
	return o
}

func whatQuestion(c Channel) string {
	if c == Practice {
		return "What is this message about?"
	}
	return "What do you need help with?"
}

// called is the name that somebody gave; of an e-mail or a text that may be
// nobody's, so there is a word for it.
func (i Identity) called() string {
	if name := strings.TrimSpace(i.Given + " " + i.Family); name != "" {
		return name
	}
	return orElse(i.By, "Somebody who wrote to us")
}

// asking is who asks for them, in words: "Jo Dunn (mother)".
func (i Identity) asking() string {
	if i.By == "" || i.Relationship == "" {
		return i.By
	}
	return i.By + " (" + i.Relationship + ")"
}

var askerLabels = map[Asker]string{Self: "The patient", Proxy: "Someone for the patient", Staff: "Staff, for the patient"}

var channelLabels = map[Channel]string{
	Web: "Online", Phone: "Phone", Desk: "At the desk",
	Email: "By email", SMS: "By text message", Practice: "Started by the practice",
}

// Label is the channel as a page says it.
func (c Channel) Label() string { return channelLabels[c] }

// Flags adds a DetectedIssue for each finding, implicating what it was found
// in and the request.
func Flags(b *write.Builder, fs []triage.Finding, patient ident.Ref, now time.Time, implicated ...ident.Ref) {
	for _, f := range fs {
		severity := "moderate"
		if f.Level == triage.Emergency {
			severity = "high"
		}
		o := obj{
			"status": "preliminary", "severity": severity, "identifiedDateTime": write.Instant(now),
			"code": obj{"text": f.Title, "coding": list{obj{
				"system": care.RuleCode, "version": triage.Version(), "code": f.Rule, "display": f.Title,
			}}},
			"detail": detail(f),
		}
		var refs list
		for _, r := range implicated {
			refs = append(refs, write.Ref(r))
		}
		o["implicated"] = refs
		if !patient.IsZero() {
			o["patient"] = write.Ref(patient)
		}
		b.Create(ident.Ref{Type: "DetectedIssue", ID: ident.NewID()}, o)
	}
}

// detail says what met a rule: the words as written, and what was known.
func detail(f triage.Finding) string {
	var out []string
	if len(f.Words) > 0 {
		out = append(out, "Written: “"+strings.Join(f.Words, "” … “")+"”")
	}
	if len(f.Known) > 0 {
		out = append(out, "In the record or the answers: "+strings.Join(f.Known, "; "))
	}
	if len(out) == 0 {
		return f.Title
	}
	return strings.Join(out, ". ")
}

// Documents adds a Binary and a DocumentReference for each file.
func Documents(b *write.Builder, files []upload.Clean, patient ident.Ref, by record.Author, now time.Time, related ...ident.Ref) {
	for _, f := range files {
		bin := ident.Ref{Type: "Binary", ID: ident.NewID()}
		blob := obj{"contentType": f.Type, "data": base64.StdEncoding.EncodeToString(f.Data)}
		doc := obj{
			"status": "current", "date": write.Instant(now), "description": f.Name,
			"content": list{obj{"attachment": obj{
				"contentType": f.Type, "url": bin.String(), "title": f.Name,
				"size": len(f.Data), "creation": write.Instant(now),
			}}},
		}
		var refs list
		for _, r := range related {
			refs = append(refs, write.Ref(r))
		}
		doc["context"] = obj{"related": refs}
		if !patient.IsZero() {
			doc["subject"] = write.Ref(patient)
			blob["securityContext"] = write.Ref(patient)
		}
		if r, ok := ident.ParseRef(by.Ref); ok && r.Type != "Device" {
			doc["author"] = list{write.Ref(r)}
		}
		b.Create(bin, blob)
		b.Create(ident.Ref{Type: "DocumentReference", ID: ident.NewID()}, doc)
	}
}

// states are the Task.status and businessStatus of each state.
var states = map[State][2]string{
	Received: {"requested", "waiting"}, Accepted: {"accepted", "triaged"}, Working: {"in-progress", "triaged"},
	WithPatient: {"in-progress", "with-patient"}, Closed: {"completed", "answered"},
}

// apply writes a decision over the Task that was read. What other programs
// put in the Task stays.
func (d Decision) apply(b *write.Builder, old record.Version, t *fhir.Resource, by record.Author, now time.Time) {
	n := d.Next
	period := obj{"end": write.Instant(n.AnswerBy)}
	if s := t.Get("restriction", "period", "start").Str(); s != "" {
		period["start"] = s
	}
	set := obj{
		"status": states[n.State][0], "businessStatus": write.Coded(care.BusinessStatus, states[n.State][1], ""),
		"priority": n.Urgency.Priority(), "owner": ownerOf(n.Owner), "restriction": obj{"period": period},
		"lastModified": write.Instant(now),
	}
	out := kept(t.Get("output"), care.OutputType)
	if n.State == Closed {
		out = append(out, output("outcome", "valueCodeableConcept", write.Coded(care.OutcomeCode, string(n.Outcome), n.Outcome.Label())),
			output("told", "valueString", n.Told))
	}
	set["output"] = orNil(out)
	set["input"] = orNil(d.inputs(t, now))
	if d.Note != "" {
		note := obj{"time": write.Instant(now), "text": d.Note}
		if r, ok := ident.ParseRef(by.Ref); ok && (r.Type == "Practitioner" || r.Type == "Patient" || r.Type == "RelatedPerson" || r.Type == "Organization") {
			note["authorReference"] = write.Ref(r)
		}
		set["note"] = append(raw(t.Get("note")), note)
	}
	if n.Patient != "" {
		if p, ok := ident.ParseRef(n.Patient); ok && write.Target(t.Get("for")) != p {
			set["for"] = write.Named(p, n.Name)
		}
	}
	b.Edit(old, t, set)
}

// raw are the items of an array as they stand.
func raw(n fhir.Node) list {
	var out list
	for x := range n.Items() {
		out = append(out, json.RawMessage(x.Raw()))
	}
	return out
}

// kept are the items whose type is not of our system.
func kept(n fhir.Node, system string) list {
	var out list
	for x := range n.Items() {
		if code(x.Get("type"), system) == "" {
			out = append(out, json.RawMessage(x.Raw()))
		}
	}
	return out
}

func orNil(l list) any {
	if len(l) == 0 {
		return nil
	}
	return l
}
