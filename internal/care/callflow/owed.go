package callflow

import (
	"cmp"
	"slices"
	"strconv"

	"heartwood/internal/care"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// TaskCode is the code of the Task of a call back.
const TaskCode = "call-back"

const owedURL = care.Base + "call-back"

var statuses = map[Owed]string{Due: "requested", Made: "completed", Cancelled: "cancelled", GivenUp: "failed"}

// asked is the call back that a call has asked for.
func asked(c Call, id string, q Queue) CallBack {
	return CallBack{
		ID: id, Call: c.ID, Number: c.From, Patient: c.Patient, Queue: c.Queue, Team: cmp.Or(q.Team, care.Triage),
		Since: c.Since, Raised: c.Raised, Asked: c.At, State: Due,
	}
}

// body is a call back as a Task whose focus is the call.
func (b CallBack) body() write.Obj {
	priority := "routine"
	if b.Raised != "" {
		priority = "urgent"
	}
	o := write.Obj{
		"status": statuses[b.State], "intent": "order", "priority": priority, "code": write.Coded(care.TaskCode, TaskCode, "Call back"),
		"identifier": write.List{write.Obj{"system": numberSys, "value": b.Number}},
		"focus":      write.Ref(ident.Ref{Type: "Communication", ID: b.Call}),
		"owner":      write.Obj{"reference": b.Team}, "authoredOn": write.Instant(b.Asked), "extension": write.List{b.parts()},
	}
	if r, ok := ident.ParseRef(b.Patient); ok {
		o["for"] = write.Ref(r)
	}
	if !b.Ended.IsZero() {
		o["executionPeriod"] = write.Obj{"start": write.Instant(b.Asked), "end": write.Instant(b.Ended)}
	}
	if b.Reason != "" {
		o["statusReason"] = write.Obj{"text": b.Reason}
	}
	return o
}

func (b CallBack) parts() write.Obj {
	o := setting.Part(owedURL, "number", b.Number, "queue", b.Queue, "since", clock(b.Since), "raised", b.Raised, "not-before", clock(b.NotBefore), "told", clock(b.Told))
	in, _ := o["extension"].(write.List)
	for _, t := range b.Tries {
		in = append(in, setting.Part("try", "at", clock(t.At), "by", t.By, "call", t.Call, "through", strconv.FormatBool(t.Through)))
	}
	o["extension"] = in
	return o
}

// callBackOf reads a call back; ok is false for a Task that is none.
func callBackOf(v record.Version, t *fhir.Resource) (b CallBack, ok bool) {
	for c := range t.Get("code", "coding").Items() {
		ok = ok || c.Get("system").Is(care.TaskCode) && c.Get("code").Is(TaskCode)
	}
	b = CallBack{
		ID: v.Ref.ID, Version: v.ID, Call: write.Target(t.Get("focus")).ID, Patient: t.Get("for", "reference").Str(), Team: t.Get("owner", "reference").Str(),
		Asked: write.When(t.Get("authoredOn")), Ended: write.When(t.Get("executionPeriod", "end")), Reason: t.Get("statusReason", "text").Str(),
	}
	for state, status := range statuses {
		if t.Get("status").Is(status) {
			b.State = state
		}
	}
	for e := range t.Get("extension").Items() {
		if !e.Get("url").Is(owedURL) {
			continue
		}
		m := setting.Fields(e)
		b.Number, b.Queue, b.Since, b.Raised = m.One("number"), m.One("queue"), m.Time("since"), m.One("raised")
		b.NotBefore, b.Told = m.Time("not-before"), m.Time("told")
		for x := range e.Get("extension").Items() {
			if x.Get("url").Is("try") {
				t := setting.Fields(x)
				b.Tries = append(b.Tries, Attempt{At: t.Time("at"), By: t.One("by"), Call: t.One("call"), Through: t.One("through") == "true"})
			}
		}
	}
	return b, ok
}

// inTurn puts calls back in the order of their places.
func inTurn(all []CallBack) {
	slices.SortFunc(all, func(a, b CallBack) int { return Before(a.Waiting(), b.Waiting()) })
}
