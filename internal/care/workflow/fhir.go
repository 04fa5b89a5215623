package workflow

import (
	"strconv"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// The extensions of a PlanDefinition and its actions.
const (
	urlTrigger  = care.Base + "StructureDefinition/workflow-trigger"
	urlOwner    = care.Base + "StructureDefinition/step-owner"
	urlEscalate = care.Base + "StructureDefinition/step-escalate"
	urlDays     = care.Base + "StructureDefinition/step-working-days"
	urlRequest  = care.Base + "StructureDefinition/case-request"
	urlEnded    = care.Base + "StructureDefinition/case-ended"
	planURL     = care.Base + "PlanDefinition/"
)

func (d Definition) members() write.Obj {
	status := "active"
	if d.Retired {
		status = "retired"
	}
	o := write.Obj{
		"resourceType": "PlanDefinition", "url": planURL + d.ID, "version": strconv.Itoa(d.Number), "status": status, "title": d.Title,
		"type": write.Coded("http://terminology.hl7.org/CodeSystem/plan-definition-type", "workflow-definition", ""),
		"date": write.Instant(d.Since),
	}
	if d.Trigger != ByHand {
		o["extension"] = write.List{write.Obj{"url": urlTrigger, "valueString": string(d.Trigger)}}
	}
	var steps write.List
	for _, s := range d.Steps {
		steps = append(steps, s.member())
	}
	o["action"] = steps
	return o
}

func (s Step) member() write.Obj {
	owner := write.Obj{"reference": s.Owner}
	if s.Name != "" {
		owner["display"] = s.Name
	}
	ext := write.List{
		write.Obj{"url": urlOwner, "valueReference": owner},
		write.Obj{"url": urlDays, "valueInteger": s.Days},
	}
	if s.Escalate != "" {
		ext = append(ext, write.Obj{"url": urlEscalate, "valueReference": write.Obj{"reference": s.Escalate}})
	}
	o := write.Obj{"id": s.ID, "title": s.Title, "extension": ext}
	if s.What != "" {
		o["description"] = s.What
	}
	if s.After != "" {
		o["relatedAction"] = write.List{write.Obj{"actionId": s.After, "relationship": "after-end"}}
	}
	return o
}

// parse reads a definition, and refuses one that no case could follow.
func parse(n fhir.Node) (Definition, error) {
	d := Definition{
		ID: strings.TrimPrefix(n.Get("url").Str(), planURL), Title: n.Get("title").Str(), Retired: n.Get("status").Is("retired"),
		Trigger: Trigger(extension(n, urlTrigger).Get("valueString").Str()), Since: write.When(n.Get("date")),
	}
	d.Number, _ = strconv.Atoi(n.Get("version").Str())
	for a := range n.Get("action").Items() {
		owner := extension(a, urlOwner).Get("valueReference")
		s := Step{
			ID: a.Get("id").Str(), Title: a.Get("title").Str(), What: a.Get("description").Str(),
			Owner: owner.Get("reference").Str(), Name: owner.Get("display").Str(),
			After:    a.Get("relatedAction").First().Get("actionId").Str(),
			Escalate: extension(a, urlEscalate).Get("valueReference", "reference").Str(),
		}
		s.Days, _ = strconv.Atoi(extension(a, urlDays).Get("valueInteger").Str())
		if s.ID == "" {
			return d, fault.New(fault.Invalid, "A step of this workflow has no mark.")
		}
		d.Steps = append(d.Steps, s)
	}
	return d.clean()
}

func extension(n fhir.Node, url string) fhir.Node {
	for e := range n.Get("extension").Items() {
		if e.Get("url").Is(url) {
			return e
		}
	}
	return fhir.Node{}
}

// isWorkflow tells a workflow of ours from other PlanDefinitions.
func isWorkflow(r *fhir.Resource) bool { return strings.HasPrefix(r.Get("url").Str(), planURL) }

func (c Case) members(by record.Author) write.Obj {
	def := c.Definition.members()
	def["id"] = "definition"
	o := write.Obj{
		"contained": write.List{def}, "instantiatesCanonical": write.List{"#definition"},
		"instantiatesUri": write.List{planURL + c.Definition.ID + "|" + strconv.Itoa(c.Definition.Number)},
		"status":          string(c.State), "intent": "plan", "title": c.Definition.Title,
		"subject": write.Obj{"reference": c.Patient}, "created": write.Instant(c.Since),
	}
	if r, ok := ident.ParseRef(by.Ref); ok && r.Type == "Practitioner" {
		o["author"] = write.Ref(r)
	}
	if c.Request != "" {
		o["extension"] = write.List{write.Obj{"url": urlRequest, "valueReference": write.Ref(ident.Ref{Type: "Task", ID: c.Request})}}
	}
	return o
}

func ended(now time.Time) write.Obj {
	return write.Obj{"url": urlEnded, "valueDateTime": write.Instant(now)}
}

// At is the edit that has a case be of another time, for data that is made up.
func At(r *fhir.Resource, c Case, since, end time.Time) write.Obj {
	o := write.Obj{"created": write.Instant(since)}
	if c.State != Active {
		o["extension"] = write.Extended(r, urlEnded, ended(end))
	}
	return o
}

// caseOf reads a case; ok is false for a CarePlan that is none.
func caseOf(v record.Version, r *fhir.Resource) (c Case, ok bool, err error) {
	var def fhir.Node
	for n := range r.Get("contained").Items() {
		if n.Get("id").Is("definition") && strings.HasPrefix(n.Get("url").Str(), planURL) {
			def = n
		}
	}
	if !strings.HasPrefix(v.Ref.ID, "case-") || def.Get("url").Str() == "" {
		return c, false, nil
	}
	c = Case{
		ID: v.Ref.ID, Version: v.ID, Patient: r.Get("subject", "reference").Str(), State: State(r.Get("status").Str()),
		Since: write.When(r.Get("created")), BegunBy: r.Get("author", "reference").Str(),
		Request: write.Target(extension(r.Root(), urlRequest).Get("valueReference")).ID,
		Ended:   write.When(extension(r.Root(), urlEnded).Get("valueDateTime")), Reason: request.CleanText(r.Get("note").First().Get("text").Str()),
	}
	c.Definition, err = parse(def)
	return c, true, err
}
