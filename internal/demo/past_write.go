package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

const (
	ownBase  = "https://heartwood.example/fhir/"
	pastForm = ownBase + "Questionnaire/request"
)

// past writes one request of the past: the form, and the Task that was closed.
func (w *writer) past(c *chart, r *rand.Rand, a pastAsk, web bool, at time.Time) {
	n := w.practice.net
	mean := 160.
	if a.urgent {
		mean = 70
	}
	// Median as above; the spread puts about one in eight on the next day.
	wait := int(mean * math.Exp(.75*r.NormFloat64()))
	if a.urgent {
		wait = min(wait, 400)
	}
	if w.practice.index == 1 && c.one.interpreter() {
		wait = wait * 5 / 2 // a practice that has something to find
	}
	done := n.working(at, max(5, wait))
	began := n.working(at, max(2, int(float64(wait)*(.3+.5*r.Float64()))))
	if !done.Before(n.day) { // it would be open still: today's queue is another matter
		return
	}
	due := n.clock(at, a.urgent)
	a = unhelped(r, a)
	channel := "web"
	if !web {
		channel = []string{"phone", "phone", "phone", "phone", "desk"}[r.IntN(5)]
	}
	reference := pastReference(r)
	form, task := w.next('q', c.one), w.next('t', c.one)
	author, asker, label := "Patient/"+c.one.id, "self", "The patient"
	if !web {
		author, asker, label = "Practitioner/"+w.practice.local("navigator-1"), "staff", "Staff, for the patient"
	}
	w.pastForm(c, a, form, reference, author, asker, label, channel, at)
	w.begin("Task", task)
	w.raw(`,"groupIdentifier":{"system":"` + ownBase + `reference","value":"` + reference + `"},"status":"completed"`)
	w.concept("businessStatus", ownBase+"business-status", "answered", "")
	w.raw(`,"intent":"order","priority":"` + map[bool]string{true: "urgent", false: "routine"}[a.urgent] + `"`)
	w.concept("code", ownBase+"task-code", "request", "Request")
	w.str("description", a.what)
	w.ref("focus", "QuestionnaireResponse", form)
	w.raw(`,"for":{"reference":"Patient/` + c.one.id + `"`)
	w.str("display", c.one.given+" "+c.one.family)
	w.raw(`},"requester":{"reference":"` + author + `"}`)
	w.raw(`,"executionPeriod":{"start":"` + began.Format(time.RFC3339) + `"`)
	w.instant("end", done)
	w.raw(`}`)
	w.instant("authoredOn", at)
	w.instant("lastModified", done)
	owner, name := w.pastOwner(c, r, a.with)
	w.raw(`,"owner":{"reference":"` + owner + `"`)
	w.str("display", name)
	w.raw(`},"restriction":{"period":{"start":"` + at.Format(time.RFC3339) + `"`)
	w.instant("end", due)
	w.raw(`}},"input":[`)
	w.pastInput("channel", "valueCode", channel)
	w.raw(`,`)
	w.pastInput("kind", "valueCode", a.kind)
	w.raw(`,`)
	w.promised(n, a, at, due)
	w.raw(`],"output":[{`)
	w.pastType("outcome", "task-output")
	w.concept("valueCodeableConcept", ownBase+"outcome", a.outcome, a.label)
	w.raw(`},{`)
	w.pastType("told", "task-output")
	w.str("valueString", a.told)
	w.raw(`}]`)
	w.end()
	if a.outcome == "appointment" {
		w.askedVisit(c, r, a.with, done, task)
	}
}

// unhelped is what was asked, as it ended now and then: without help.
func unhelped(r *rand.Rand, a pastAsk) pastAsk {
	switch u := r.Float64(); {
	case u < .02:
		a.outcome, a.label = "not-reached", "Could not reach the patient"
		a.told = "We phoned you three times and did not reach you. If you still need help, tell us and we will see to it."
	case u < .04:
		a.outcome, a.label, a.told = "withdrawn", "Patient no longer needs it", "You told us that you are better. We are glad."
	}
	return a
}

// promised is what the person was told: nine in ten are answered by then.
func (w *writer) promised(n *Network, a pastAsk, at, due time.Time) {
	likely, latest := 330, 420
	if a.urgent {
		likely, latest = 150, 180
	}
	from, to, by := n.working(at, 60), n.working(at, likely), n.working(at, latest)
	if by.After(due) {
		by = due
	}
	if to.After(by) {
		to = by
	}
	if from.After(to) {
		from = to
	}
	w.raw(`{`)
	w.pastType("promise-likely", "task-input")
	w.raw(`,"valuePeriod":{"start":"` + from.Format(time.RFC3339) + `"`)
	w.instant("end", to)
	w.raw(`}},{`)
	w.pastType("promise-latest", "task-input")
	w.instant("valueDateTime", by)
	w.raw(`}`)
}

func (w *writer) pastType(code, system string) {
	w.raw(`"type":`)
	w.conceptOf(ownBase+system, code, "")
}

func (w *writer) pastInput(code, member, value string) {
	w.raw(`{`)
	w.pastType(code, "task-input")
	w.str(member, value)
	w.raw(`}`)
}

// pastForm writes the form as it came in.
func (w *writer) pastForm(c *chart, a pastAsk, id, reference, author, asker, label, channel string, at time.Time) {
	w.begin("QuestionnaireResponse", id)
	w.raw(`,"identifier":{"system":"` + ownBase + `reference","value":"` + reference + `"}`)
	w.str("questionnaire", pastForm)
	w.str("status", "completed")
	w.ref("subject", "Patient", c.one.id)
	w.instant("authored", at)
	w.raw(`,"author":{"reference":"` + author + `"},"source":{"reference":"` + author + `"},"item":[`)
	w.pastAnswer("asker", "Who is asking?", asker, label)
	w.raw(`,`)
	w.pastAnswer("channel", "How did the request come in?", channel, map[string]string{"web": "Online", "phone": "Phone", "desk": "At the desk"}[channel])
	w.raw(`,`)
	w.pastAnswer("kind", "What is it about?", a.kind, "")
	w.raw(`,{"linkId":"what","text":"What do you need help with?","answer":[{"valueString":`)
	w.quote(a.what)
	w.raw(`}]}]`)
	w.end()
}

func (w *writer) pastAnswer(link, question, code, display string) {
	w.raw(`{"linkId":"` + link + `","text":"` + question + `","answer":[{"valueCoding":`)
	w.coding(ownBase+link, code, display)
	w.raw(`}]}`)
}

// pastOwner is who closed it. The usual GP sees their own in about two cases
// of five (GP Patient Survey 2026, of those who prefer somebody).
func (w *writer) pastOwner(c *chart, r *rand.Rand, with string) (ref, name string) {
	post := with
	switch with {
	case "admin":
		return "CareTeam/" + AdminTeam, "Admin team"
	case "usual":
		post = fmt.Sprintf("gp-%d", c.one.gp+1)
		if r.Float64() > .42 {
			post = fmt.Sprintf("gp-%d", 1+r.IntN(3))
		}
	case "gp":
		post = fmt.Sprintf("gp-%d", 1+r.IntN(3))
	}
	id := w.practice.local(post)
	if w.names == nil {
		w.names = map[string]string{}
		for _, s := range w.practice.Staff() {
			w.names[s.ID] = s.Name
		}
	}
	return "Practitioner/" + id, w.names[id]
}

// pastReference is a reference in the form that people are told, with its
// check letter (internal/care/request/reference.go).
func pastReference(r *rand.Rand) string {
	const letters = "34679ACDEFGHJKMNPQRTWXY"
	var b [7]byte
	sum := 0
	for i := range b {
		k := r.IntN(len(letters))
		b[i] = letters[k]
		sum += (i + 2) * k
	}
	return "HW-" + string(b[:4]) + "-" + string(b[4:]) + string(letters[sum%len(letters)])
}
