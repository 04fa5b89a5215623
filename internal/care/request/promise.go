package request

import (
	"time"

	"heartwood/internal/care/opening"
	"heartwood/internal/care/promise"
	"heartwood/internal/care/triage"
)

// Promise is the time by which a request of this urgency is answered.
func (u Urgency) Promise(h opening.Hours, from time.Time) time.Time {
	switch u {
	case Stat:
		return from
	case Asap:
		return h.Within(from, 2*time.Hour)
	case Prompt:
		return h.SameDay(from)
	}
	return h.NextDay(from)
}

// chase is when a request that waits for the patient is looked at again, so
// that it keeps a clock.
func (u Urgency) chase(h opening.Hours, from time.Time) time.Time {
	if u > Routine {
		return h.NextDay(from)
	}
	return h.SameDay(from.AddDate(0, 0, 7))
}

// urgencyOf is the least urgency that findings ask for.
func urgencyOf(fs []triage.Finding) Urgency {
	switch triage.Worst(fs) {
	case triage.Emergency:
		return Stat
	case triage.Urgent:
		return Prompt
	}
	return Routine
}

// firstUrgency is what rules make of an Ask. As bad as can be is never routine.
func firstUrgency(a Ask, fs []triage.Finding) Urgency {
	u := urgencyOf(fs)
	if a.HowBad == 5 && (a.Kind == NewProblem || a.Kind == ExistingProblem) {
		u = max(u, Prompt)
	}
	return u
}

// next says what happens now, a plain sentence each, and is honest about a
// practice that is closed. With a range it says the range.
func next(a Ask, u Urgency, h opening.Hours, now, by time.Time, told promise.Range) []string {
	lang := a.Language
	say := lang.T
	var out []string
	open := h.Open(now)
	opens := h.Next(now).From
	if u == Stat {
		out = append(out, say("request.emergency.read"))
		seen := say("as soon as they can today")
		if !open {
			seen = say("when we open, %s", lang.When(opens, now))
		}
		return append(out, say("request.emergency.kept", seen))
	}
	when := lang.By(by, now)
	if !told.IsZero() {
		when = told.In(lang, now)
	}
	switch {
	case !open:
		out = append(out, say("request.shut.now", lang.When(opens, now)), say("request.shut.answer", when))
	case u >= Prompt:
		out = append(out, say("request.open.urgent", when))
	default:
		out = append(out, say("request.open.routine", when))
	}
	if a.Contact.How != "" {
		out = append(out, say("request.contact", say("contact."+a.Contact.How)))
	}
	if a.Patient == "" {
		out = append(out, say("request.identity"))
	}
	return append(out, say("request.worse"))
}
