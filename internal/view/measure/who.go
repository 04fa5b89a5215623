package measure

import (
	"slices"
	"time"

	"heartwood/internal/care/deprivation"
	"heartwood/internal/fhir"
	"heartwood/internal/view/read"
	"heartwood/internal/words"
)

// interpreterURL is FHIR's own extension of a Patient.
const interpreterURL = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"

// Who is what is known of the person a request is for, as groups that are
// compared. Nothing in it is shown of one person.
type Who struct {
	Born      time.Time // zero when not known
	Sex       string    // FHIR's administrative gender
	Decile    int       // 1 to 10; 0 when not known
	Language  string    // a language tag; "" when not known
	Interpret bool      // an interpreter is needed, for British Sign Language too
	Needs     bool      // a communication need is recorded
	Known     bool      // the request is matched to a patient
}

// whoOf reads a Patient.
func whoOf(p *fhir.Resource) Who {
	w := Who{Known: true, Sex: p.Get("gender").Str()}
	w.Born, _ = words.Birth(p.Get("birthDate").Str())
	for c := range p.Get("communication").Items() {
		if code := read.Code(c.Get("language"), ""); w.Language == "" || c.Get("preferred").True() {
			w.Language = code
		}
	}
	for e := range p.Get("extension").Items() {
		switch e.Get("url").Str() {
		case deprivation.URL:
			if d, ok := read.Number(e.Get("valueInteger")); ok && d >= 1 && d <= 10 {
				w.Decile = int(d)
			}
		case interpreterURL:
			w.Interpret = w.Interpret || e.Get("valueBoolean").True()
		case needURL:
			w.Needs = true
		}
	}
	return w
}

// needURL is our extension of a Patient for how they need to be communicated with.
const needURL = base + "StructureDefinition/communication-need"

// asked adds what the form itself says of needs.
func (w *Who) asked(form *fhir.Resource) {
	w.Interpret = w.Interpret || said(form.Root(), "interpreter") || said(form.Root(), "bsl")
	w.Needs = w.Needs || said(form.Root(), "bsl") || said(form.Root(), "easy-read") || said(form.Root(), "needs-other")
}

// said tells whether an item was answered, with anything but no.
func said(n fhir.Node, link string) bool {
	for item := range n.Get("item").Items() {
		if item.Get("linkId").Is(link) {
			a := item.Get("answer").First()
			return a.Get("valueString").Str() != "" || a.Get("valueBoolean").True() || a.Get("valueCoding", "code").Str() != ""
		}
		if said(item, link) {
			return true
		}
	}
	return false
}

// Band is the age band of somebody on a day.
func (w Who) Band(on time.Time) string {
	if w.Born.IsZero() || w.Born.After(on) {
		return "Not known"
	}
	years := words.Years(w.Born, on)
	i := slices.IndexFunc(bands, func(b ageBand) bool { return years < b.below })
	return bands[i].name
}

type ageBand struct {
	below int
	name  string
}

var bands = []ageBand{
	{5, "Under 5"}, {16, "5 to 15"}, {25, "16 to 24"}, {45, "25 to 44"}, {65, "45 to 64"}, {75, "65 to 74"}, {1000, "75 and over"},
}

// Fifth is the fifth of deprivation somebody lives in.
func (w Who) Fifth() string {
	if w.Decile < 1 || w.Decile > 10 {
		return "Not known"
	}
	return fifths[(w.Decile-1)/2]
}

var fifths = []string{"Most deprived fifth", "Second fifth", "Middle fifth", "Fourth fifth", "Least deprived fifth"}

// Speaks is the group of language and interpreting.
func (w Who) Speaks() string {
	switch {
	case w.Interpret:
		return "Needs an interpreter"
	case w.Language == "":
		return "Not known"
	case len(w.Language) >= 2 && w.Language[:2] == "en":
		return "English"
	}
	return "Another language, no interpreter"
}

// Need is the group of communication needs.
func (w Who) Need() string {
	switch {
	case w.Needs:
		return "Has a communication need"
	case !w.Known:
		return "Not known"
	}
	return "No need recorded"
}
