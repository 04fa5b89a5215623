package demo

import (
	"math/rand/v2"
	"time"
)

// What became of an appointment, as its status says.
const (
	visitDone      = "fulfilled"
	visitMissed    = "noshow"
	visitArrived   = "arrived" // nobody wrote down that they left
	visitUnmarked  = "booked"  // nobody wrote down anything
	visitCancelled = "cancelled"
)

// becameOf draws what became of an appointment. Of those who are phoned fewer
// are missed.
func becameOf(r *rand.Rand, m mode) string {
	miss := .05
	if m != inPerson {
		miss = .03
	}
	switch u := r.Float64(); {
	case u < .06:
		return visitCancelled
	case u < .085:
		return visitUnmarked
	case u < .1:
		return visitArrived
	case u < .1+miss:
		return visitMissed
	}
	return visitDone
}

// visit writes an Appointment that is over. A time that was cancelled is there
// for somebody else. Nobody has two appointments on one day.
func (w *writer) visit(c *chart, r *rand.Rand, t *pastTime, booked time.Time, task string) {
	for _, at := range c.seen {
		if at.YearDay() == t.start.YearDay() {
			t.taken = false
			return
		}
	}
	c.seen = append(c.seen, t.start)
	status := becameOf(r, t.mode)
	w.begin("Appointment", w.next('v', c.one))
	w.raw(`,"extension":[`)
	w.channel(t.mode)
	switch status {
	case visitDone, visitArrived:
		w.attendance(r, t, status == visitDone)
	case visitCancelled:
		t.taken = false
		w.raw(`,{"url":"` + cancelledURL + `"`)
		w.instant("valueDateTime", booked.Add(time.Duration(r.Float64()*float64(t.start.Sub(booked)))))
		w.raw(`}`)
	}
	w.raw(`]`)
	w.str("status", status)
	if status == visitCancelled {
		w.raw(`,"cancelationReason":{"text":"The patient could not come."}`)
	}
	w.timeKind(t.staff.service)
	w.instant("start", t.start)
	w.instant("end", t.end())
	w.instant("created", booked)
	if status != visitCancelled {
		w.raw(`,"slot":[`)
		w.reference("Slot", w.slotID(t.staff, t.start))
		w.raw(`]`)
	}
	w.raw(`,"participant":[{"actor":`)
	w.reference("Patient", c.one.id)
	w.raw(`,"required":"required","status":"accepted"},{"actor":{"reference":"Practitioner/` + t.staff.ID + `"`)
	w.str("display", t.staff.Name)
	w.raw(`},"required":"required","status":"accepted"}]`)
	if task != "" {
		w.raw(`,"supportingInformation":[`)
		w.reference("Task", task)
		w.raw(`]`)
	}
	w.end()
}

const (
	attendanceURL = ownBase + "StructureDefinition/attendance"
	// cancelledURL is how FHIR R4 writes what R5 has as Appointment.cancellationDate.
	cancelledURL = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.cancellationDate"
)

// attendance writes when they came, began and ended: a few minutes late, and
// about as long as the time was for. Now and then somebody left unseen.
func (w *writer) attendance(r *rand.Rand, t *pastTime, ended bool) {
	began := t.start.Add(time.Duration(r.IntN(16)-2) * time.Minute)
	left := began.Add(time.Duration(float64(t.minutes)*(.6+.7*r.Float64())) * time.Minute)
	unseen := ended && t.mode == inPerson && r.IntN(150) == 0
	comma := ""
	at := func(what string, when time.Time) {
		w.raw(comma + `{"url":"` + what + `"`)
		w.instant("valueInstant", when)
		w.raw(`}`)
		comma = ","
	}
	w.raw(`,{"url":"` + attendanceURL + `","extension":[`)
	if t.mode == inPerson || !ended {
		at("arrived", t.start.Add(-time.Duration(3+r.IntN(12))*time.Minute))
	}
	if ended && !unseen {
		at("began", began)
	}
	if ended {
		at("ended", left)
	}
	if unseen {
		w.raw(`,{"url":"unseen","valueBoolean":true}`)
	}
	w.raw(`]}`)
}

func (t *pastTime) end() time.Time { return t.start.Add(time.Duration(t.minutes) * time.Minute) }

// pastSlots writes the times of the past weeks, those that nobody had too.
func (w *writer) pastSlots() {
	for _, service := range services {
		for i := range w.book[service.code] {
			t := &w.book[service.code][i]
			if w.stopped {
				return
			}
			status := "free"
			if t.taken {
				status = "busy"
			} else if t.mode == atHome {
				continue // it was never offered
			}
			w.slot(t.staff, t.mode, status, t.start, t.minutes)
		}
	}
}
