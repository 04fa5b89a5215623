package timeline

import (
	"context"
	"slices"
	"strings"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
	"heartwood/internal/words"
)

// How many lines of a list a page holds; the journal has the rest.
const (
	maxContacts = 10
	maxResults  = 25
	maxLetters  = 10
	maxTrends   = 8
)

// noKnown are the codes that say that somebody asked and there are none
// (SNOMED CT: no known allergy, no known drug allergy, and the like).
var noKnown = map[string]bool{"716186003": true, "409137002": true, "428607008": true, "429625007": true, "no-known-allergies": true}

// ReadBanner makes only the banner, with allergies: for small pages.
func ReadBanner(ctx context.Context, p *record.Practice, patient ident.Ref) (Summary, error) {
	s := Summary{Position: p.Position()}
	v, err := p.Read(ctx, patient)
	if err != nil {
		return Summary{}, err
	}
	if patient.Type != "Patient" {
		return Summary{}, fault.New(fault.NotFound, "There is no such patient.")
	}
	res, err := v.Resource()
	if err != nil {
		return Summary{}, err
	}
	s.Banner = banner(v, res, p.Now())
	err = s.readAllergies(ctx, p)
	return s, err
}

// Read makes the summary of a patient, or a NotFound or Gone fault.
func Read(ctx context.Context, p *record.Practice, patient ident.Ref) (Summary, error) {
	s, err := ReadBanner(ctx, p, patient)
	if err != nil {
		return Summary{}, err
	}
	for _, step := range []func(context.Context, *record.Practice) error{
		s.readProblems, s.readMedicines, s.readResults, s.readContacts, s.readLetters,
		s.readImmunisations, s.readAppointments, s.readRequests,
	} {
		if err := step(ctx, p); err != nil {
			return Summary{}, err
		}
	}
	return s, nil
}

func banner(v record.Version, r *fhir.Resource, now time.Time) Banner {
	b := Banner{Patient: v.Ref, Version: v.ID, Name: read.Name(r), Gender: r.Get("gender").Str()}
	b.Born, _ = words.Birth(r.Get("birthDate").Str())
	b.Died = read.Time(r.Get("deceasedDateTime").Str())
	b.Dead = !b.Died.IsZero() || r.Get("deceasedDateTime").Exists() || r.Get("deceasedBoolean").True()
	if b.Dead && b.Died.IsZero() {
		b.Died = unknown
	}
	if !b.Born.IsZero() {
		until := now
		if b.Dead && b.Died != unknown {
			until = b.Died
		}
		b.Age = strings.TrimSuffix(words.Age(b.Born, until), " years")
	}
	for id := range r.Get("identifier").Items() {
		if id.Get("system").Is("https://fhir.nhs.uk/Id/nhs-number") {
			if n, err := ident.ParseNHSNumber(id.Get("value").Str()); err == nil {
				b.NHS = n
			}
		}
	}
	b.reach(r)
	b.needs(r)
	return b
}

func (b *Banner) reach(r *fhir.Resource) {
	for t := range r.Get("telecom").Items() {
		if t.Get("use").Is("old") {
			continue
		}
		switch v := t.Get("value").Str(); t.Get("system").Str() {
		case "phone", "sms":
			if b.Phone == "" || t.Get("use").Is("mobile") {
				b.Phone = v
			}
		case "email":
			if b.Email == "" {
				b.Email = v
			}
		}
	}
	for a := range r.Get("address").Items() {
		if a.Get("use").Is("old") || b.Address != "" {
			continue
		}
		if b.Address = a.Get("text").Str(); b.Address != "" {
			continue
		}
		var parts []string
		for _, m := range []string{"line", "city", "district", "postalCode"} {
			for n := range a.Get(m).Items() {
				if s := n.Str(); s != "" {
					parts = append(parts, s)
				}
			}
		}
		b.Address = strings.Join(parts, ", ")
	}
}

func (b *Banner) needs(r *fhir.Resource) {
	for c := range r.Get("communication").Items() {
		code := read.Code(c.Get("language"), "")
		if l := read.Concept(c.Get("language")); l != "" && !strings.HasPrefix(code, "en") {
			b.Needs = append(b.Needs, "Language: "+l)
		}
	}
	for e := range r.Get("extension").Items() {
		if e.Get("url").Is("http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired") && e.Get("valueBoolean").True() {
			b.Needs = append(b.Needs, "Needs an interpreter")
		}
	}
}

// lines are a patient's resources of one type.
func (s *Summary) lines(ctx context.Context, p *record.Practice, typ, more string, fn func(Line, *fhir.Resource)) error {
	query := typ + "?patient=" + s.Banner.Patient.String() + more + "&_count=500"
	return read.Each(ctx, p, query, func(v record.Version, res *fhir.Resource) error {
		if l, ok := lineOf(v, res); ok {
			fn(l, res)
		}
		return nil
	})
}

func (s *Summary) readAllergies(ctx context.Context, p *record.Practice) error {
	s.AllergyState = NoneRecorded
	err := s.lines(ctx, p, "AllergyIntolerance", "", func(l Line, res *fhir.Resource) {
		switch {
		case l.Status == "resolved" || read.Code(res.Get("verificationStatus"), "") == "refuted":
		case noKnown[l.Code]:
			if s.AllergyState == NoneRecorded {
				s.AllergyState = NoKnown
			}
		default:
			s.AllergyState = AllergiesKnown // one allergy outweighs "none known"
			s.Allergies = append(s.Allergies, l)
		}
	})
	slices.SortFunc(s.Allergies, func(a, b Line) int {
		if a.Serious != b.Serious {
			if a.Serious {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Title, b.Title)
	})
	return err
}

func (s *Summary) readProblems(ctx context.Context, p *record.Practice) error {
	err := s.lines(ctx, p, "Condition", "", func(l Line, _ *fhir.Resource) {
		switch l.Status {
		case "inactive", "remission", "resolved":
			s.PastProblems = append(s.PastProblems, l)
		case "refuted":
		default: // active, recurrence, relapse, and what does not say
			s.Problems = append(s.Problems, l)
		}
	})
	slices.SortFunc(s.Problems, newest)
	slices.SortFunc(s.PastProblems, newest)
	return err
}

func (s *Summary) readMedicines(ctx context.Context, p *record.Practice) error {
	for _, typ := range []string{"MedicationRequest", "MedicationStatement"} {
		err := s.lines(ctx, p, typ, "", func(l Line, _ *fhir.Resource) {
			switch l.Status {
			case "active", "on-hold", "intended", "unknown":
				s.Medicines = append(s.Medicines, l)
			}
		})
		if err != nil {
			return err
		}
	}
	slices.SortFunc(s.Medicines, func(a, b Line) int {
		if c := strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)); c != 0 {
			return c
		}
		return newest(a, b)
	})
	return nil
}

func (s *Summary) readContacts(ctx context.Context, p *record.Practice) error {
	err := s.lines(ctx, p, "Encounter", "", func(l Line, _ *fhir.Resource) {
		if l.Status != "cancelled" && l.Status != "planned" {
			s.Contacts = append(s.Contacts, l)
		}
	})
	slices.SortFunc(s.Contacts, newest)
	s.Contacts = s.Contacts[:min(len(s.Contacts), maxContacts)]
	return err
}

func (s *Summary) readLetters(ctx context.Context, p *record.Practice) error {
	err := s.lines(ctx, p, "DocumentReference", "", func(l Line, _ *fhir.Resource) {
		if l.Status != "superseded" {
			s.Letters = append(s.Letters, l)
		}
	})
	slices.SortFunc(s.Letters, newest)
	s.Letters = s.Letters[:min(len(s.Letters), maxLetters)]
	return err
}

func (s *Summary) readImmunisations(ctx context.Context, p *record.Practice) error {
	const typ = "Immunization"
	err := s.lines(ctx, p, typ, "", func(l Line, _ *fhir.Resource) { s.Immunisations = append(s.Immunisations, l) })
	slices.SortFunc(s.Immunisations, newest)
	return err
}

func (s *Summary) readAppointments(ctx context.Context, p *record.Practice) error {
	now := p.Now()
	err := s.lines(ctx, p, "Appointment", "", func(l Line, res *fhir.Resource) {
		start := read.Time(res.Get("start").Str())
		switch l.Status {
		case "proposed":
			s.Appointments = append(s.Appointments, l)
		case "booked", "pending", "arrived", "checked-in":
			if start.After(now.Add(-12 * time.Hour)) {
				s.Appointments = append(s.Appointments, l)
			}
		}
	})
	slices.SortFunc(s.Appointments, soonest)
	return err
}

func (s *Summary) readRequests(ctx context.Context, p *record.Practice) error {
	err := s.lines(ctx, p, "Task", "&status:not=completed", func(l Line, _ *fhir.Resource) {
		if l.Code == "request" {
			s.Requests = append(s.Requests, l)
		}
	})
	slices.SortFunc(s.Requests, newest)
	return err
}
