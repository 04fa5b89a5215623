package consult

import (
	"maps"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care/write"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// cleaned is the note as it will be read back, so that a part that was not
// touched is known again.
func (n Note) cleaned() Note {
	n.Problems, n.Allergies = slices.Clone(n.Problems), slices.Clone(n.Allergies)
	for i := range n.Problems {
		p := &n.Problems[i]
		p.Concept.Term, p.Note = clean(p.Concept.Term), clean(p.Note)
		if p.Status == "" {
			p.Status = "active"
		}
	}
	for i := range n.Allergies {
		a := &n.Allergies[i]
		a.Concept.Term, a.Reaction = clean(a.Concept.Term), clean(a.Reaction)
	}
	return n
}

// part is one coded part of a note and the section it stands in.
type part struct {
	section Section
	body    obj
	problem *Problem
	reading *Reading
	allergy *Allergy
}

// resources are the coded parts of the note, in its order.
func (p *plan) resources() []part {
	var out []part
	for _, x := range p.note.Problems {
		out = append(out, part{section: problemsSection, body: p.w.condition(x), problem: &x})
	}
	for _, x := range p.note.Readings {
		out = append(out, part{section: Examination, body: p.w.observation(x), reading: &x})
	}
	for _, x := range p.note.Allergies {
		out = append(out, part{section: allergiesSection, body: p.w.allergy(x), allergy: &x})
	}
	return out
}

// same finds the resource that already says what a part says.
func (l *loaded) same(o part, taken map[ident.Ref]bool) (ident.Ref, bool) {
	for _, ref := range l.refs() {
		if taken[ref] {
			continue
		}
		switch {
		case o.problem != nil && l.problems[ref].is(*o.problem),
			o.reading != nil && l.readings[ref] == *o.reading,
			o.allergy != nil && l.allergy[ref] == *o.allergy:
			return ref, true
		}
	}
	return ident.Ref{}, false
}

// is tells whether two problems say the same of the same thing.
func (p Problem) is(o Problem) bool {
	return p.Concept == o.Concept && p.Status == o.Status && p.Note == o.Note && onset(p) == onset(o)
}

// onset is the day a problem began, as it is kept.
func onset(p Problem) string {
	if p.Onset.IsZero() {
		return ""
	}
	return p.Onset.In(words.London).Format(time.DateOnly)
}

// refs are the resources that the note refers to, in a fixed order.
func (l *loaded) refs() []ident.Ref {
	return slices.SortedFunc(maps.Keys(l.entries), func(a, b ident.Ref) int { return strings.Compare(a.String(), b.String()) })
}

// visit writes the Encounter.
func (p *plan) visit(s state, finished bool) {
	o := p.w.encounterOf(p.note, finished)
	if s.visit != nil {
		p.b.Edit(s.visit.v, s.visit.res, o)
		return
	}
	maps.DeleteFunc(o, func(_ string, v any) bool { return v == nil })
	p.b.Create(p.encounter, o)
}

// keep writes the Composition.
func (p *plan) keep(s state, body obj) {
	if s.old != nil {
		p.b.Replace(s.old.v, body)
		return
	}
	p.b.Create(p.composition, body)
}

// document is the Composition (http://hl7.org/fhir/R4/composition.html).
func (p *plan) document(entries map[Section]list) obj {
	o := obj{
		"status":    p.status,
		"type":      write.Coded("http://loinc.org", "11488-4", "Consult note"),
		"subject":   write.Ref(p.w.patient),
		"encounter": write.Ref(p.encounter),
		"date":      write.Instant(p.w.now),
		"author":    list{write.Named(p.w.author, p.w.name)},
		"title":     "Consultation: " + p.note.Channel.Title(),
	}
	if p.status != "preliminary" {
		o["attester"] = list{obj{"mode": "professional", "time": write.Instant(p.w.now), "party": write.Named(p.w.author, p.w.name)}}
	}
	if p.why != "" {
		o["extension"] = list{obj{"url": reasonURL, "valueString": p.why}}
	}
	if !p.note.Request.IsZero() {
		o["event"] = list{obj{"detail": list{write.Ref(p.note.Request)}}}
	}
	var sections list
	for _, s := range append(slices.Clone(Sections), problemsSection, allergiesSection) {
		text := clean(p.note.Text[s])
		if text == "" && len(entries[s]) == 0 {
			continue
		}
		sec := obj{"title": s.Title(), "code": write.Coded(sectionSystem, string(s), s.Title())}
		if text != "" {
			sec["text"] = narrative(text)
		}
		if len(entries[s]) > 0 {
			sec["entry"] = entries[s]
		}
		sections = append(sections, sec)
	}
	if len(sections) > 0 {
		o["section"] = sections
	}
	return o
}
