package request

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/triage"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Decision is what a command does to a request.
type Decision struct {
	Next     View   // the request afterwards
	What     string // for the history: "triage: raised to urgent"
	Note     string // the reason that was given
	Tell     string // what the patient is told now; "" for nothing
	Findings []triage.Finding
	Part     *View  // the request that is split off; nil for none
	PartWhat string // what it is about, in words for the patient

	by record.Author
}

// triageTeam owns what nobody else has taken.
var triageTeam = Owner{Ref: care.Triage, Name: care.TriageName}

// Decide is pure: what a command by somebody does to a request as it is, or
// why it may not. Whatever it decides, the request has one state, an owner
// and a clock.
func Decide(r View, by record.Author, cmd Command, now time.Time, h opening.Hours) (Decision, error) {
	_, returned := cmd.(Returned)
	_, reopen := cmd.(Reopen)
	always := returned || reopen // of a closed one too
	switch cmd.(type) {
	case Mute, Unmute:
		always = true
	}
	switch {
	case !returned && !care.IsStaff(by.Role):
		return Decision{}, fault.New(fault.Forbidden, "Only staff of the practice can do this.")
	case r.State == Closed && !always:
		return Decision{}, fault.New(fault.Refused, "This request is closed. Reopen it first.")
	}
	if r.Owner.Ref == "" {
		r.Owner = triageTeam
	}
	if r.Urgency == 0 {
		r.Urgency = Routine
	}
	d := Decision{Next: r, by: by}
	var err error
	switch c := cmd.(type) {
	case Confirm:
		err = d.confirm(c, by, now, h)
	case Assign:
		err = d.assign(c)
	case Start:
		err = d.start(c)
	case Await:
		d.Next.State, d.What = WithPatient, "waiting for the patient"
		if c.For != "" {
			d.What += ": " + clip(c.For, 100)
		}
		d.Next.AnswerBy = r.Urgency.chase(h, now)
		d.Next.awake()
	case Spoke:
		d.What = "a message was sent"
		if r.State == Received {
			d.Next.State = Working
		}
	case Arrived:
		d.What = "something more came"
	case Returned:
		d.returned(c, now, h)
	case Close:
		err = d.close(c)
	case Reopen:
		err = d.reopen(c, now, h)
	case Match:
		err = d.match(c)
	case Snooze:
		err = d.snooze(c, by, now, h)
	case Wake:
		err = d.wake(now)
	case Escalate:
		err = d.escalate(c, now, h)
	case HandBack:
		err = d.handBack(c)
	case Take:
		err = d.take(c)
	case Mute:
		err = d.mute(c)
	case Unmute:
		err = d.unmute()
	case Split:
		err = d.split(c, by, h)
	default:
		err = fault.New(fault.Unsupported, "This cannot be done to a request.")
	}
	if err == nil && d.Next.AnswerBy.IsZero() {
		d.Next.AnswerBy = d.Next.Urgency.Promise(h, now)
	}
	return d, err
}

func (d *Decision) confirm(c Confirm, by record.Author, now time.Time, h opening.Hours) error {
	r := &d.Next
	was := r.Urgency
	d.Note = clip(c.Reason, longest)
	switch {
	case c.Urgency < Routine || c.Urgency > Stat:
		return fault.At(fault.Invalid, "urgency", "Choose how urgent it is.")
	case c.Urgency < was && by.Role != care.RoleClinician:
		return fault.At(fault.Forbidden, "urgency", "Only a clinician can lower the urgency.")
	case c.Urgency < was && d.Note == "":
		return fault.At(fault.Invalid, "reason", "Say why the urgency is lowered.")
	}
	r.Urgency = c.Urgency
	switch {
	case c.Urgency > was:
		d.What = "triage: raised to " + c.Urgency.word()
		r.awake()
		r.AnswerBy = sooner(r.AnswerBy, c.Urgency.Promise(h, now))
	case c.Urgency < was:
		d.What = "triage: lowered to " + c.Urgency.word()
		if by := r.least(c.Urgency.Promise(h, r.Since)); by.After(r.AnswerBy) {
			r.AnswerBy = by // counted from when it came, not from now
		}
	default:
		d.What = "triage: confirmed as " + c.Urgency.word()
	}
	if r.State == Received {
		r.State = Accepted
	}
	return nil
}

// word is the urgency in a sentence.
func (u Urgency) word() string {
	return [...]string{"", "routine", "urgent", "very urgent", "an emergency"}[u]
}

func (d *Decision) assign(c Assign) error {
	if !mayOwn(c.To.Ref) {
		return fault.At(fault.Invalid, "owner", "Choose a person or a team.")
	}
	if c.To.Ref == d.by.Ref {
		d.Next.Escalated = time.Time{} // whoever takes it themselves has taken it
	}
	d.Next.Owner, d.Note = c.To, clip(c.Reason, longest)
	d.What = "assigned to " + orElse(clip(c.To.Name, 100), c.To.Ref)
	return nil
}

func mayOwn(ref string) bool {
	r, ok := ident.ParseRef(ref)
	return ok && slices.Contains([]string{"CareTeam", "Practitioner", "PractitionerRole", "Organization"}, r.Type)
}

func (d *Decision) start(c Start) error {
	if c.To.Ref != "" {
		if !mayOwn(c.To.Ref) {
			return fault.At(fault.Invalid, "owner", "Choose a person or a team.")
		}
		d.Next.Owner = c.To
	}
	d.Next.State, d.What = Working, "started"
	d.Next.Escalated = time.Time{}
	d.Next.awake()
	return nil
}

// returned brings a request back to the queue: somebody must read what the
// patient wrote. Findings raise the urgency; nothing here lowers it.
func (d *Decision) returned(c Returned, now time.Time, h opening.Hours) {
	r := &d.Next
	was := r.State
	d.What, d.Findings = orElse(clip(c.What, 100), "the patient replied"), c.Findings
	raised := max(r.Urgency, urgencyOf(c.Findings))
	switch {
	case was == Closed:
		d.What += ": reopened"
		d.unclose()
		r.AnswerBy = raised.Promise(h, now)
	case was == WithPatient:
		r.AnswerBy = raised.Promise(h, now)
	case raised > r.Urgency:
		r.AnswerBy = sooner(r.AnswerBy, raised.Promise(h, now))
	}
	if raised > r.Urgency {
		d.What += ", raised to " + raised.word()
	}
	r.Urgency, r.State = raised, Received
	r.awake()
}

// unclose takes the outcome off; the version that had it stays in the log. What
// another practice answered is ours again: nobody there has it open.
func (d *Decision) unclose() {
	d.Next.Outcome, d.Next.Told, d.Next.MergedInto = "", "", ""
	d.Next.Reopened++
	if d.Next.Owner.away() {
		d.Next.Owner = triageTeam
	}
}

func (d *Decision) close(c Close) error {
	var f care.Faults
	if c.Outcome.Label() == "" {
		f.Add("outcome", "Choose how the request was answered.")
	}
	told := clean(c.Told)
	if told == "" {
		f.Add("told", "Write what the patient is told.")
	} else if utf8.RuneCountInString(told) > longest {
		f.Add("told", "This is too long. It can have up to %d characters.", longest)
	}
	if err := f.Err(); err != nil {
		return err
	}
	d.Next.State, d.Next.Outcome, d.Next.Told = Closed, c.Outcome, told
	d.Next.Escalated = time.Time{}
	d.Next.awake()
	d.What = "closed: " + strings.ToLower(c.Outcome.Label())
	if c.Message == "" {
		d.Tell = told
	}
	return nil
}

func (d *Decision) reopen(c Reopen, now time.Time, h opening.Hours) error {
	d.Note = clip(c.Reason, longest)
	switch {
	case d.Next.State != Closed:
		return fault.New(fault.Refused, "This request is open already.")
	case d.Next.handedOver():
		return answeredAtHome()
	case d.Note == "":
		return fault.At(fault.Invalid, "reason", "Say why the request is reopened.")
	}
	d.unclose()
	d.Next.State, d.What = Received, "reopened"
	d.Next.AnswerBy = d.Next.Urgency.Promise(h, now)
	return nil
}

func (d *Decision) match(c Match) error {
	p, ok := ident.ParseRef(c.Patient)
	switch {
	case !ok || p.Type != "Patient":
		return fault.At(fault.Invalid, "patient", "Choose the patient that the request is for.")
	case d.Next.Patient == p.String():
		return fault.New(fault.Refused, "The request is for this patient already.")
	case d.Next.Patient != "" && clean(c.Reason) == "":
		return fault.At(fault.Invalid, "reason", "Say why the request was for the wrong patient.")
	}
	d.What, d.Note = "matched to a patient", clip(c.Reason, longest)
	if d.Next.Patient != "" {
		d.What = "moved to another patient"
		d.Next.Muted, d.Next.MutedWhy = false, "" // that was said of another
	}
	d.Next.Patient, d.Next.Name = p.String(), c.Name
	return nil
}

func sooner(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// clip cleans a text and keeps at most n characters of it.
func clip(s string, n int) string {
	s = clean(s)
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
