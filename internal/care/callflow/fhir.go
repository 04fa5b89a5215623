package callflow

import (
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// A call is a Communication: https://hl7.org/fhir/R4/communication.html
const (
	callURL    = care.Base + "call"
	outcomeSys = care.Base + "call-outcome"
	numberSys  = care.Base + "caller"
	phone      = "PHONE"
)

// Is tells whether a Communication is a call.
func Is(c *fhir.Resource) bool {
	for cat := range c.Get("category").Items() {
		for x := range cat.Get("coding").Items() {
			if x.Get("system").Is(care.MessageKind) && x.Get("code").Is(care.KindCall) {
				return true
			}
		}
	}
	return false
}

// other is the number of whoever is not the practice; "" where it is withheld.
func (c Call) other() string {
	if c.Direction == Out {
		return c.To
	}
	return c.From
}

// body is a call as a Communication. It has a subject only once a person has
// confirmed whose call it is.
func (c Call) body() write.Obj {
	o := write.Obj{
		"status": c.status(), "category": write.List{write.Coded(care.MessageKind, care.KindCall, "Telephone call")},
		"medium":    write.List{write.Coded(care.Medium, phone, "telephone")},
		"extension": write.List{c.parts()},
	}
	o["received"] = write.Instant(c.Began)
	if c.Direction == Out {
		delete(o, "received")
		o["sent"] = write.Instant(c.Began)
	}
	if n := c.other(); n != "" {
		o["identifier"] = write.List{write.Obj{"system": numberSys, "value": n}}
	}
	if !c.Open() && c.status() == "not-done" {
		o["statusReason"] = write.Coded(outcomeSys, string(c.Outcome), "")
	}
	if r, ok := ident.ParseRef(c.Patient); ok {
		o["subject"] = write.Ref(r)
	}
	if r, ok := ident.ParseRef(c.Encounter); ok {
		o["encounter"] = write.Ref(r)
	}
	if c.Request != "" {
		o["basedOn"] = write.List{write.Ref(ident.Ref{Type: "Task", ID: c.Request})}
	}
	switch r, ok := ident.ParseRef(c.By); {
	case !ok || c.For != "": // nobody yet, or somebody of another practice
	case c.Direction == Out:
		o["sender"] = write.Ref(r)
	default:
		o["recipient"] = write.List{write.Ref(r)}
	}
	return o
}

func (c Call) status() string {
	switch {
	case c.Open():
		return "in-progress"
	case c.Outcome == Answered || c.Outcome == Reached:
		return "completed"
	}
	return "not-done"
}

// parts is what FHIR has no place for: numbers, the place in the queue, steps.
func (c Call) parts() write.Obj {
	withheld := ""
	if c.Withheld {
		withheld = "yes"
	}
	o := setting.Part(callURL,
		"direction", string(c.Direction), "from", c.From, "to", c.To, "withheld", withheld, "host", c.Host,
		"stage", string(c.Stage), "node", c.Node, "queue", c.Queue, "since", clock(c.Since), "queued", clock(c.Queued), "left", clock(c.Left),
		"ahead", count(c.Ahead), "returned", c.Returned, "raised", c.Raised, "answered", clock(c.Answered), "by", c.By, "for", c.For,
		"number", c.Number, "ended", clock(c.Ended), "outcome", string(c.Outcome), "why", c.Why, "task", c.Task, "recording", c.Recording,
	)
	in, _ := o["extension"].(write.List)
	for _, s := range c.Steps {
		in = append(in, setting.Part("step", "at", clock(s.At), "what", s.What, "who", s.Who, "note", s.Note))
	}
	o["extension"] = in
	return o
}

func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return write.Instant(t)
}

// CallOf reads a call; ok is false for a Communication that is none.
func CallOf(v record.Version, r *fhir.Resource) (c Call, ok bool) {
	if !Is(r) {
		return Call{}, false
	}
	c = Call{ID: v.Ref.ID, Version: v.ID, Patient: r.Get("subject", "reference").Str(), Encounter: r.Get("encounter", "reference").Str()}
	if c.Began = write.When(r.Get("received")); c.Began.IsZero() {
		c.Began = write.When(r.Get("sent"))
	}
	c.Request = write.Target(r.Get("basedOn").At(0)).ID
	for e := range r.Get("extension").Items() {
		if e.Get("url").Is(callURL) {
			c.read(setting.Fields(e), e)
		}
	}
	c.kept = len(c.Steps)
	if n := len(c.Steps); n > 0 {
		c.At = c.Steps[n-1].At
	}
	return c, true
}

func (c *Call) read(m setting.Named, e fhir.Node) {
	c.Direction, c.From, c.To, c.Withheld, c.Host = Direction(m.One("direction")), m.One("from"), m.One("to"), m.One("withheld") != "", m.One("host")
	c.Stage, c.Node, c.Queue = Stage(m.One("stage")), m.One("node"), m.One("queue")
	c.Since, c.Queued, c.Left = m.Time("since"), m.Time("queued"), m.Time("left")
	c.Ahead, c.Returned, c.Raised = m.Number("ahead"), m.One("returned"), m.One("raised")
	c.Answered, c.By, c.For, c.Number = m.Time("answered"), m.One("by"), m.One("for"), m.One("number")
	c.Ended, c.Outcome, c.Why = m.Time("ended"), Outcome(m.One("outcome")), m.One("why")
	c.Task, c.Recording = m.One("task"), m.One("recording")
	for x := range e.Get("extension").Items() {
		if x.Get("url").Is("step") {
			s := setting.Fields(x)
			c.Steps = append(c.Steps, Step{At: s.Time("at"), What: s.One("what"), Who: s.One("who"), Note: s.One("note")})
		}
	}
}
