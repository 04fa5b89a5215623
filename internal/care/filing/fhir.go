package filing

import (
	"crypto/sha256"
	"encoding/hex"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// System is the system of the headings, by which a List of ours is known.
const System = care.Base + "filing-heading"

const (
	extThread  = care.Base + "StructureDefinition/filed-thread"
	extProblem = care.Base + "StructureDefinition/filed-problem"
)

// refOf is where the file of a thread is kept: always the same, so that a
// thread is in one place however often it is filed.
func refOf(task string) ident.Ref {
	h := sha256.Sum256([]byte(task))
	return ident.Ref{Type: "List", ID: "filed-" + hex.EncodeToString(h[:16])}
}

func (f Filed) body(by record.Author, at string) write.Obj {
	patient, _ := ident.ParseRef(f.Patient)
	status := "current"
	if f.Out {
		status = "retired"
	}
	ext := write.List{write.Obj{"url": extThread, "valueReference": write.Ref(ident.Ref{Type: "Task", ID: f.Request})}}
	if !f.Problem.IsZero() {
		ext = append(ext, write.Obj{"url": extProblem, "valueReference": write.Named(f.Problem, f.Name)})
	}
	entries := write.List{write.Obj{"item": write.Ref(ident.Ref{Type: "Task", ID: f.Request})}} // what was asked is of the thread
	for _, id := range f.Messages {
		entries = append(entries, write.Obj{"item": write.Ref(ident.Ref{Type: "Communication", ID: id})})
	}
	o := write.Obj{
		"status": status, "mode": "working", "title": f.Words(), "date": at, "subject": write.Ref(patient),
		"code": write.Coded(System, string(f.Heading), f.Heading.Label()), "extension": ext, "entry": entries,
	}
	if r, ok := ident.ParseRef(by.Ref); ok && r.Type == "Practitioner" {
		o["source"] = write.Ref(r)
	}
	return o
}

func filedOf(v record.Version, res *fhir.Resource) Filed {
	f := Filed{
		Patient: write.Target(res.Get("subject")).String(), Heading: Heading(res.Get("code", "coding", "code").Str()),
		Out: !res.Get("status").Is("current"), By: write.Target(res.Get("source")).String(), At: v.Time, Version: v.ID,
	}
	f.Request = ThreadOf(res).ID
	for e := range res.Get("extension").Items() {
		if to := e.Get("valueReference"); e.Get("url").Is(extProblem) {
			f.Problem, f.Name = write.Target(to), to.Get("display").Str()
		}
	}
	for e := range res.Get("entry").Items() {
		if item := write.Target(e.Get("item")); item.Type == "Communication" {
			f.Messages = append(f.Messages, item.ID)
		}
	}
	return f
}

// ThreadOf is the request whose messages a List of ours names.
func ThreadOf(res *fhir.Resource) ident.Ref {
	for e := range res.Get("extension").Items() {
		if e.Get("url").Is(extThread) {
			return write.Target(e.Get("valueReference"))
		}
	}
	return ident.Ref{}
}
