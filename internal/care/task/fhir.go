package task

import (
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Body is the job as a Task, for a room that asks for it in a change of its
// own.
func (n New) Body(by record.Author, now time.Time) write.Obj {
	if n.Priority == "" {
		n.Priority = "routine"
	}
	o := write.Job(by, n.What, n.Priority, now)
	o["owner"] = ownerOf(n)
	if _, ok := ident.ParseRef(by.Ref); !ok {
		delete(o, "requester")
	}
	if n.Patient != "" {
		o["for"] = write.Obj{"reference": n.Patient}
	}
	if n.Request != "" {
		o["partOf"] = write.List{write.Ref(ident.Ref{Type: "Task", ID: n.Request})}
	}
	if n.Plan != "" {
		o["basedOn"] = write.List{write.Ref(ident.Ref{Type: "CarePlan", ID: n.Plan})}
	}
	if r := restriction(n.By); r != nil {
		o["restriction"] = r
	}
	return o
}

func ownerOf(n New) write.Obj {
	owner := write.Obj{"reference": n.Owner}
	if n.Name != "" {
		owner["display"] = n.Name
	}
	return owner
}

// restriction is by when; nil for no date.
func restriction(by time.Time) any {
	if by.IsZero() {
		return nil
	}
	return write.Obj{"period": write.Obj{"end": write.Instant(by)}}
}

// JobOf reads a job; a Task that is none is NotFound.
func JobOf(v record.Version) (Job, error) {
	t, err := v.Resource()
	if err != nil {
		return Job{}, err
	}
	if !isJob(t) {
		return Job{}, unknown()
	}
	j := Job{
		ID: v.Ref.ID, Version: v.ID, What: t.Get("description").Str(),
		Patient: t.Get("for", "reference").Str(), Owner: t.Get("owner", "reference").Str(), Name: t.Get("owner", "display").Str(),
		From: t.Get("requester", "reference").Str(), Priority: t.Get("priority").Str(),
		Since: write.When(t.Get("authoredOn")), By: write.When(t.Get("restriction", "period", "end")),
		State: stateOf(t.Get("status").Str()), Reason: t.Get("statusReason", "text").Str(),
	}
	if j.State != Open {
		if j.Ended = write.When(t.Get("executionPeriod", "end")); j.Ended.IsZero() {
			j.Ended = write.When(t.Get("lastModified"))
		}
	}
	if r := write.Target(t.Get("partOf")); r.Type == "Task" {
		j.Request = r.ID
	}
	for b := range t.Get("basedOn").Items() {
		if r := write.Target(b); r.Type == "CarePlan" {
			j.Plan = r.ID
		}
	}
	for o := range t.Get("output").Items() {
		j.Result = o.Get("valueString").Str()
	}
	return j, nil
}

func stateOf(status string) State {
	switch status {
	case "completed":
		return Done
	case "cancelled", "rejected", "failed", "entered-in-error":
		return Cancelled
	}
	return Open
}

// statuses are the FHIR statuses of a state.
var statuses = map[State]string{
	Open: "draft,requested,received,accepted,ready,in-progress,on-hold",
	Done: "completed", Cancelled: "cancelled,rejected,failed,entered-in-error",
}

func isJob(t *fhir.Resource) bool {
	for c := range t.Get("code", "coding").Items() {
		if c.Get("system").Is(care.TaskCode) && c.Get("code").Is("job") {
			return true
		}
	}
	return false
}
