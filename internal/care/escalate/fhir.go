package escalate

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// alarmOf is where the alarm of a request is kept: always the same place, so
// that two processes cannot make two.
func alarmOf(request string) ident.Ref {
	if len(request) > 50 {
		sum := sha256.Sum256([]byte(request))
		request = hex.EncodeToString(sum[:16])
	}
	return ident.Ref{Type: "Task", ID: "alarm-" + request}
}

func code(n fhir.Node, system string) string {
	for c := range n.Get("coding").Items() {
		if c.Get("system").Is(system) {
			return c.Get("code").Str()
		}
	}
	return ""
}

func (a Alarm) body(now time.Time) write.Obj {
	in := func(name, member string, value any) write.Obj {
		return write.Obj{"type": write.Coded(care.InputType, name, ""), member: value}
	}
	status := "requested"
	switch {
	case a.Settled:
		status = "completed"
	case a.Taken != "":
		status = "accepted"
	}
	inputs := write.List{in("alarm", "valueCode", string(a.Kind)), in("step", "valueInteger", a.Step)}
	if !a.Told.IsZero() {
		inputs = append(inputs, in("told", "valueDateTime", write.Instant(a.Told)))
	}
	if !a.TakenAt.IsZero() {
		inputs = append(inputs, in("taken", "valueDateTime", write.Instant(a.TakenAt)))
	}
	o := write.Obj{
		"status": status, "intent": "order", "code": write.Coded(care.TaskCode, "alarm", "Alarm"),
		"authoredOn": write.Instant(a.Since), "lastModified": write.Instant(now), "input": inputs,
	}
	if !a.Request.IsZero() {
		o["focus"] = write.Ref(a.Request)
	}
	if a.About != "" {
		o["description"] = a.About
	}
	if r, ok := ident.ParseRef(a.Taken); ok {
		o["owner"] = write.Named(r, a.TakenName)
	}
	return o
}

func fromTask(v record.Version, t *fhir.Resource) Alarm {
	a := Alarm{
		ID: v.Ref.ID, Version: v.ID, Request: write.Target(t.Get("focus")), About: t.Get("description").Str(),
		Since: write.When(t.Get("authoredOn")), Settled: t.Get("status").Is("completed"),
		Taken: t.Get("owner", "reference").Str(), TakenName: t.Get("owner", "display").Str(),
	}
	for in := range t.Get("input").Items() {
		switch code(in.Get("type"), care.InputType) {
		case "alarm":
			a.Kind = Kind(in.Get("valueCode").Str())
		case "step":
			a.Step, _ = strconv.Atoi(in.Get("valueInteger").Str())
		case "told":
			a.Told = write.When(in.Get("valueDateTime"))
		case "taken":
			a.TakenAt = write.When(in.Get("valueDateTime"))
		}
	}
	return a
}

// notice is a message to one member of staff. Nothing in it is clinical, and
// nobody is named.
func notice(to ident.Ref, m Medium, about []ident.Ref, text string) write.Obj {
	medium := write.Coded(care.Medium, "EMAILWRIT", "email")
	if m == SMS {
		medium = write.Coded(care.Medium, "SMSWRIT", "SMS message")
	}
	var alarms write.List
	for _, a := range about {
		alarms = append(alarms, write.Ref(a))
	}
	return write.Obj{
		"status": "preparation", "category": write.List{write.Coded(care.MessageKind, "alarm", "")},
		"medium": write.List{medium}, "recipient": write.List{write.Ref(to)}, "about": alarms,
		"topic":   write.Obj{"text": "Heartwood: somebody is needed now"},
		"payload": write.List{write.Obj{"contentString": text}},
	}
}

// sortRefs gives messages an order that does not change from run to run.
func sortRefs(refs []ident.Ref) {
	slices.SortFunc(refs, func(a, b ident.Ref) int {
		if a.String() < b.String() {
			return -1
		}
		return 1
	})
}
