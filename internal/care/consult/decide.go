package consult

import (
	"strconv"
	"time"

	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// state is everything that a decision about a note is made on.
type state struct {
	now    time.Time
	by     record.Author
	author ident.Ref // by, as a reference
	name   string
	old    *loaded // nil for a new note
	visit  *stored // its Encounter, nil for a new note
	slot   *stored // the Appointment it fulfils, nil when none
	newID  func() string
}

// stored is a resource as it was read.
type stored struct {
	v   record.Version
	res *fhir.Resource
}

// loaded is a note as it was read, with the resources it refers to.
type loaded struct {
	stored
	view     View
	problems map[ident.Ref]Problem
	readings map[ident.Ref]Reading
	allergy  map[ident.Ref]Allergy
	entries  map[ident.Ref]stored
}

// plan is what one save, signature or amendment does.
type plan struct {
	b           *write.Builder
	composition ident.Ref
	encounter   ident.Ref
	w           who
	note        Note
	status      string // of the Composition
	why         string
}

// begin works out what every command begins with.
func (s state) begin(patient ident.Ref, n Note, status, why, key string) plan {
	p := plan{b: write.New(s.by, why, key), note: n.cleaned(), status: status}
	if s.old != nil {
		p.composition, p.encounter = s.old.v.Ref, s.old.view.Encounter
		if p.note.Started.IsZero() {
			p.note.Started = s.old.view.Note.Started
		}
		if p.note.Request.IsZero() {
			p.note.Request = s.old.view.Note.Request
		}
		if p.note.Appointment.IsZero() {
			p.note.Appointment = s.old.view.Note.Appointment
		}
	} else {
		p.composition = ident.Ref{Type: "Composition", ID: s.newID()}
	}
	if p.encounter.IsZero() {
		p.encounter = ident.Ref{Type: "Encounter", ID: s.newID()}
	}
	if p.note.Started.IsZero() {
		p.note.Started = s.now
	}
	p.w = who{patient: patient, encounter: p.encounter, author: s.author, name: s.name, now: s.now, status: "final"}
	return p
}

// mine refuses what may not be done to the note that was read.
func (s state) mine(patient ident.Ref, seen string, signed bool) error {
	switch o := s.old; {
	case o == nil:
		return nil
	case seen != "" && seen != o.v.ID:
		return fault.New(fault.Conflict, "This note was changed in another window. Please look at it again before you go on.")
	case !patient.IsZero() && patient != o.view.Patient:
		return fault.New(fault.Refused, "This note belongs to another patient.")
	case signed && o.view.Status == "preliminary":
		return fault.New(fault.Refused, "This note has not been signed yet: change it and sign it.")
	case !signed && o.view.Status != "preliminary":
		return fault.New(fault.Refused, "This note has been signed. It can only be amended, with a reason.")
	case !signed && o.view.Author != s.author:
		return fault.New(fault.Forbidden, "Somebody else is writing this note.")
	}
	return nil
}

// verdict turns issues into the fault that a command ends with, if any.
func verdict(is Issues, anyway bool) error {
	if bad := is.Errors(); len(bad) > 0 {
		f := fault.Wrap(is, fault.Invalid, "The note cannot be kept like this: %s", bad[0].Message)
		f.Where = bad[0].Field
		return f
	}
	if odd := is.Warnings(); len(odd) > 0 && !anyway {
		f := fault.Wrap(is, fault.Refused, "Please check before you sign: %s", odd[0].Message)
		f.Where = odd[0].Field
		return f
	}
	return nil
}

// save decides a draft: nothing of it stands in the record but the note, whose
// coded parts are contained in it until it is signed.
func save(s state, c SaveCommand) (plan, error) {
	if err := s.mine(c.Patient, c.Version, false); err != nil {
		return plan{}, err
	}
	if err := verdict(check(c.Note, false, s.now), true); err != nil {
		return plan{}, err
	}
	p := s.begin(c.Patient, c.Note, "preliminary", "consultation: draft", c.Key)
	p.w.status = "preliminary"
	var contained list
	entries := map[Section]list{}
	for i, o := range p.resources() {
		id := "d" + strconv.Itoa(i+1)
		o.body["id"] = id
		contained = append(contained, o.body)
		entries[o.section] = append(entries[o.section], obj{"reference": "#" + id})
	}
	body := p.document(entries)
	if len(contained) > 0 {
		body["contained"] = contained
	}
	p.visit(s, false)
	p.keep(s, body)
	return p, nil
}

// sign decides that a note is final: its coded parts become resources.
func sign(s state, c SignCommand) (plan, error) {
	if err := s.mine(c.Patient, c.Version, false); err != nil {
		return plan{}, err
	}
	if err := verdict(check(c.Note, true, s.now), c.Anyway); err != nil {
		return plan{}, err
	}
	p := s.begin(c.Patient, c.Note, "final", "consultation: signed", c.Key)
	if p.note.Ended.IsZero() {
		p.note.Ended = s.now
	}
	entries := map[Section]list{}
	for _, o := range p.resources() {
		p.create(s, entries, o)
	}
	p.visit(s, true)
	p.keep(s, p.document(entries))
	if s.slot != nil && (s.slot.res.Get("status").Is("booked") || s.slot.res.Get("status").Is("arrived")) {
		p.b.Edit(s.slot.v, s.slot.res, obj{"status": "fulfilled"})
	}
	return p, nil
}

// amend decides a change of a signed note: what stays keeps its resource, what
// is new gets one, and what is taken out is marked as entered in error.
func amend(s state, c AmendCommand) (plan, error) {
	if err := s.mine(ident.Ref{}, c.Version, true); err != nil {
		return plan{}, err
	}
	is := check(c.Note, true, s.now)
	if clean(c.Why) == "" {
		is = append(Issues{{Field: "why", Message: "Say why the note is amended."}}, is...)
	}
	if err := verdict(is, c.Anyway); err != nil {
		return plan{}, err
	}
	p := s.begin(s.old.view.Patient, c.Note, "amended", "consultation: amended", c.Key)
	p.why = clean(c.Why)
	if p.note.Ended.IsZero() {
		p.note.Ended = s.old.view.Note.Ended
	}
	if p.note.Ended.IsZero() {
		p.note.Ended = s.now
	}
	entries := map[Section]list{}
	kept := map[ident.Ref]bool{}
	for _, o := range p.resources() {
		if ref, ok := s.old.same(o, kept); ok {
			kept[ref] = true
			entries[o.section] = append(entries[o.section], write.Ref(ref))
			continue
		}
		p.create(s, entries, o)
	}
	for _, ref := range s.old.refs() {
		if !kept[ref] {
			p.retract(s.old.entries[ref])
		}
	}
	p.visit(s, true)
	p.keep(s, p.document(entries))
	return p, nil
}

func (p *plan) create(s state, entries map[Section]list, o part) {
	typ, _ := o.body["resourceType"].(string)
	ref := ident.Ref{Type: typ, ID: s.newID()}
	p.b.Create(ref, o.body)
	entries[o.section] = append(entries[o.section], write.Ref(ref))
}

// retract marks a resource as entered in error.
func (p *plan) retract(x stored) {
	switch x.v.Ref.Type {
	case "Observation":
		p.b.Edit(x.v, x.res, obj{"status": "entered-in-error"})
	case "Condition":
		p.b.Edit(x.v, x.res, obj{"clinicalStatus": nil, "verificationStatus": write.Coded(terminology+"condition-ver-status", "entered-in-error", "")})
	case "AllergyIntolerance":
		p.b.Edit(x.v, x.res, obj{"clinicalStatus": nil, "verificationStatus": write.Coded(terminology+"allergyintolerance-verification", "entered-in-error", "")})
	}
}

// discard decides the end of a draft that was never signed.
func discard(s state, seen string) (plan, error) {
	if err := s.mine(ident.Ref{}, seen, false); err != nil {
		return plan{}, err
	}
	p := s.begin(s.old.view.Patient, s.old.view.Note, "entered-in-error", "consultation: draft discarded", "")
	p.b.Edit(s.old.v, s.old.res, obj{"status": "entered-in-error"})
	if s.visit != nil {
		p.b.Edit(s.visit.v, s.visit.res, obj{"status": "entered-in-error"})
	}
	return p, nil
}
