package request

import (
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// Letter is one message of a request's thread.
type Letter struct {
	Kind     string // "message", "reply", "outcome"
	Task     ident.Ref
	Patient  ident.Ref
	Text     string
	Template string // its id, "" for none
	Via      string // of a reply: how it came, when not through an account

	Files    int       // that go with it: documents whose context is the message
	Form     string    // the form that it asks to be filled in, "url|version"; "" for none
	Response ident.Ref // of a reply: the form filled in
	Answers  string    // of a reply: the id of the message that it answers, "" for any
}

const letterExt = care.Base + "StructureDefinition/message-"

// Asks is the form that a message asks to be filled in, and Files whether
// anything goes with it, as Tell wrote them.
func Asks(c *fhir.Resource) (form string, files bool) {
	for e := range c.Get("extension").Items() {
		switch e.Get("url").Str() {
		case letterExt + "form":
			form = e.Get("valueCanonical").Str()
		case letterExt + "files":
			files = true
		}
	}
	return form, files
}

func (l Letter) extensions() list {
	var out list
	if l.Form != "" {
		out = append(out, obj{"url": letterExt + "form", "valueCanonical": l.Form})
	}
	if l.Files > 0 {
		out = append(out, obj{"url": letterExt + "files", "valueInteger": l.Files})
	}
	return out
}

// Tell adds a message to a change: seen at once by whoever may see the
// request. When the practice is the sender it also owes the patient a notice
// by e-mail, which says that there is a message and nothing of what it says.
func Tell(b *write.Builder, l Letter, by record.Author, now time.Time) ident.Ref {
	ref := ident.Ref{Type: "Communication", ID: ident.NewID()}
	o := obj{
		"status": "completed", "category": list{write.Coded(care.MessageKind, l.Kind, "")},
		"basedOn": list{write.Ref(l.Task)}, "sent": write.Instant(now),
		"payload": list{obj{"contentString": l.Text}},
	}
	if ext := l.extensions(); len(ext) > 0 {
		o["extension"] = ext
	}
	if l.Answers != "" {
		o["inResponseTo"] = list{write.Ref(ident.Ref{Type: "Communication", ID: l.Answers})}
	}
	if !l.Response.IsZero() {
		o["payload"] = append(o["payload"].(list), obj{"contentReference": write.Ref(l.Response)})
	}
	set(o, "sender", by.Ref, "Device", "Organization", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson")
	if l.Template != "" {
		o["reasonCode"] = list{write.Coded(care.TemplateID, l.Template, "")}
	}
	if !l.Patient.IsZero() {
		o["subject"] = write.Ref(l.Patient)
	}
	if l.Via != "" {
		o["note"] = list{obj{"text": l.Via}}
	}
	if l.Kind == "reply" {
		o["recipient"] = list{obj{"reference": triageTeam.Ref, "display": triageTeam.Name}}
		b.Create(ref, o)
		return ref
	}
	if !l.Patient.IsZero() {
		o["recipient"] = list{write.Ref(l.Patient)}
	}
	b.Create(ref, o)
	if !l.Patient.IsZero() {
		b.Create(ident.Ref{Type: "Communication", ID: ident.NewID()}, Notice(ref, l.Task, l.Patient))
	}
	return ref
}

// Notice says that a message waits. Nothing clinical is in it. How it goes is
// decided when it is sent.
func Notice(about, task, patient ident.Ref) obj {
	return obj{
		"status": "preparation", "category": list{write.Coded(care.MessageKind, "notice", "")},
		"medium": list{write.Coded(care.Medium, "EMAILWRIT", "email")},
		"partOf": list{write.Ref(about)}, "basedOn": list{write.Ref(task)},
		"subject": write.Ref(patient), "recipient": list{write.Ref(patient)},
		"topic":   obj{"text": words.T(words.English, "notice.subject")},
		"payload": list{obj{"contentString": words.T(words.English, "notice.body")}},
	}
}
