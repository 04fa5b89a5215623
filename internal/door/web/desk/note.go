package desk

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"heartwood/internal/care/consult"
	"heartwood/internal/door/web/page"
	"heartwood/internal/ident"
)

// noteForm is a consultation as the form holds it: a note, and what was typed
// that is not yet part of one.
type noteForm struct {
	patient, request, app     string
	composition, version, key string
	note                      consult.Note
	typed                     map[string]string // measurements as typed
	sought                    string            // a code being looked for
	found                     []consult.Concept
	allergy, reaction         string
	why, by                   string
	signed, amending, anyway  bool
	wrong                     consult.Issues // what cannot be read as a number
}

// readNote makes a note of a sent form.
func readNote(f *page.Form) noteForm {
	n := noteForm{
		patient: f.Value("patient"), request: f.Value("request"), app: f.Value("appointment"),
		composition: f.Value("composition"), version: f.Value("version"), key: f.Value("key"),
		sought: f.Text("codeq", 200), allergy: f.Text("allergy", 200), reaction: f.Text("reaction", 200),
		why: f.Text("why", 1000), anyway: f.Value("anyway") == "yes", amending: f.Value("amending") != "", signed: f.Value("amending") != "",
		typed: map[string]string{},
	}
	n.note = consult.Note{Channel: consult.Channel(f.Value("mode")), Text: map[consult.Section]string{}}
	if ident.IsID(n.request) {
		n.note.Request = ident.Ref{Type: "Task", ID: n.request}
	}
	if ident.IsID(n.app) {
		n.note.Appointment = ident.Ref{Type: "Appointment", ID: n.app}
	}
	for _, s := range consult.Sections {
		if t := f.Text(string(s), 20000); t != "" {
			n.note.Text[s] = t
		}
	}
	for _, c := range f.Values["code"] {
		n.addCode(c)
	}
	for _, s := range f.Values["had-allergy"] {
		if a, ok := readAllergy(s); ok {
			n.note.Allergies = append(n.note.Allergies, a)
		}
	}
	for _, s := range consult.Scales() {
		n.reading(s, f.Text(string(s.Measure), 20))
	}
	return n
}

// reading reads one measurement; blood pressure is "120/80".
func (n *noteForm) reading(s consult.Scale, typed string) {
	if typed == "" {
		return
	}
	n.typed[string(s.Measure)] = typed
	first, second, two := strings.Cut(typed, "/")
	r := consult.Reading{Measure: s.Measure}
	var err1, err2 error
	r.Value, err1 = strconv.ParseFloat(strings.TrimSpace(first), 64)
	if two {
		r.Second, err2 = strconv.ParseFloat(strings.TrimSpace(second), 64)
	}
	switch {
	case err1 != nil || err2 != nil || two != (s.Measure == consult.BloodPressure):
		like := "a number"
		if s.Measure == consult.BloodPressure {
			like = "two numbers, such as 120/80"
		}
		n.wrong = append(n.wrong, consult.Issue{Field: string(s.Measure), Message: s.Name + " must be " + like + "."})
	default:
		n.note.Readings = append(n.note.Readings, r)
	}
}

// codeValue is a concept as a form field: system, code and term.
func codeValue(c consult.Concept) string {
	return url.Values{"s": {c.System}, "c": {c.Code}, "t": {c.Term}}.Encode()
}

func (n *noteForm) addCode(value string) {
	q, err := url.ParseQuery(value)
	if err != nil || q.Get("t") == "" || len(n.note.Problems) >= 50 {
		return
	}
	c := consult.Concept{System: q.Get("s"), Code: q.Get("c"), Term: q.Get("t")}
	for _, p := range n.note.Problems {
		if p.Concept == c {
			return
		}
	}
	n.note.Problems = append(n.note.Problems, consult.Problem{Concept: c})
}

func allergyValue(a consult.Allergy) string {
	return url.Values{"s": {a.Concept.System}, "c": {a.Concept.Code}, "t": {a.Concept.Term}, "r": {a.Reaction}}.Encode()
}

func readAllergy(value string) (consult.Allergy, bool) {
	q, err := url.ParseQuery(value)
	return consult.Allergy{Concept: consult.Concept{System: q.Get("s"), Code: q.Get("c"), Term: q.Get("t")}, Reaction: q.Get("r")},
		err == nil && q.Get("t") != ""
}

// step carries out what only changes the page (finding, adding and taking off
// codes) and gives the rest: "save", "autosave", "sign" or "amend".
func (n *noteForm) step(f *page.Form) string {
	if v := f.Value("add"); v != "" {
		n.addCode(v)
		n.sought = ""
		return ""
	}
	if v := f.Value("drop"); v != "" {
		n.note.Problems = slices.DeleteFunc(n.note.Problems, func(p consult.Problem) bool { return codeValue(p.Concept) == v })
		return ""
	}
	if v := f.Value("drop-allergy"); v != "" {
		n.note.Allergies = slices.DeleteFunc(n.note.Allergies, func(a consult.Allergy) bool { return allergyValue(a) == v })
		return ""
	}
	step := f.Value("step")
	switch step {
	case "code":
		n.pick()
		return ""
	case "allergy":
		n.takeAllergy()
		return ""
	case "save", "sign", "amend":
		if n.sought != "" { // typed but not yet added: it would be lost
			n.pick()
			if n.sought != "" {
				return ""
			}
		}
		n.takeAllergy()
	case "autosave":
	case "look":
		return ""
	default:
		return "save"
	}
	return step
}

// pick adds the term that was typed, or offers those that come near.
func (n *noteForm) pick() {
	if n.sought == "" {
		return
	}
	found := consult.Pick(n.sought, 12)
	for _, c := range found {
		if strings.EqualFold(c.Term, n.sought) {
			n.addCode(codeValue(c))
			n.sought = ""
			return
		}
	}
	n.found = append(found, consult.Concept{Term: n.sought})
}

func (n *noteForm) takeAllergy() {
	if n.allergy == "" {
		return
	}
	c := consult.Concept{Term: n.allergy}
	for _, s := range consult.PickSubstance(n.allergy, 5) {
		if strings.EqualFold(s.Term, n.allergy) {
			c = s
		}
	}
	n.note.Allergies = append(n.note.Allergies, consult.Allergy{Concept: c, Reaction: n.reaction})
	n.allergy, n.reaction = "", ""
}

// read gives the measurements of a kept note back as text.
func (n *noteForm) read() {
	n.typed = map[string]string{}
	for _, r := range n.note.Readings {
		s := strconv.FormatFloat(r.Value, 'f', -1, 64)
		if r.Measure == consult.BloodPressure {
			s += "/" + strconv.FormatFloat(r.Second, 'f', -1, 64)
		}
		n.typed[string(r.Measure)] = s
	}
}

var sectionLabels = map[consult.Section]struct {
	label string
	rows  int
}{
	consult.Reason: {"Reason", 2}, consult.History: {"History", 5}, consult.Examination: {"Examination", 4},
	consult.Plan: {"Plan", 4}, consult.SafetyNet: {"Safety-netting: what to watch for, and what to do then", 3}, consult.Comment: {"Comment", 2},
}

var channelLabels = map[consult.Channel]string{
	consult.FaceToFace: "Face to face", consult.Telephone: "Telephone", consult.Video: "Video",
	consult.Message: "Message", consult.HomeVisit: "Home visit", consult.NoContact: "No contact: record only",
}

// page is the form, with what is wrong beside each field.
func (n noteForm) page(issues consult.Issues) consultPage {
	p := consultPage{
		Version: n.version, Key: n.key, Composition: n.composition, Patient: n.patient, Request: n.request, App: n.app,
		Signed: n.signed, Amending: n.amending, Why: n.why, CodeSought: n.sought, Allergy: n.allergy, Reaction: n.reaction,
	}
	switch {
	case n.signed:
		p.Note = "signed" + bySomebody(n.by)
	case n.composition != "":
		p.Note = "draft" + bySomebody(n.by)
	}
	wrong := map[string]string{}
	for _, i := range issues {
		p.Problems = append(p.Problems, problem{i.Field, i.Message})
		if wrong[i.Field] == "" {
			wrong[i.Field] = i.Message
		}
	}
	p.Warned = len(issues) > 0 && !slices.ContainsFunc(issues, func(i consult.Issue) bool { return !i.Warning })
	for _, c := range consult.Channels {
		p.Modes = append(p.Modes, option{Value: string(c), Label: channelLabels[c], Chosen: c == n.note.Channel})
	}
	for _, s := range consult.Sections {
		l := sectionLabels[s]
		text := n.note.Text[s]
		p.Parts = append(p.Parts, notePart{Name: string(s), Label: l.label, Rows: l.rows, Text: text, Lines: lines(text)})
	}
	for _, x := range n.note.Problems {
		p.Codes = append(p.Codes, option{Value: codeValue(x.Concept), Label: x.Concept.Term})
	}
	for _, c := range n.found {
		label := c.Term
		if c.Code == "" {
			label = fmt.Sprintf("“%s” as free text", c.Term)
		}
		p.CodeFound = append(p.CodeFound, option{Value: codeValue(c), Label: label})
	}
	for _, a := range n.note.Allergies {
		p.Allergies = append(p.Allergies, option{Value: allergyValue(a), Label: join(a.Concept.Term, a.Reaction)})
	}
	for _, s := range consult.Scales() {
		p.Measures = append(p.Measures, measureField{
			Name: string(s.Measure), Label: s.Name, Unit: s.Unit, Value: n.typed[string(s.Measure)],
			Range: fmt.Sprintf("usually %g to %g", s.Usual[0], s.Usual[1]), Problem: wrong[string(s.Measure)],
		})
	}
	return p
}

func bySomebody(name string) string {
	if name == "" {
		return ""
	}
	return " by " + name
}
