package booking

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// errDesk is what somebody is told whom a screen cannot check in. It is the
// same for all reasons: it tells nobody who is expected here.
var errDesk = fault.New(fault.Refused, "We cannot check you in here. Please speak to the desk.")

// hereable tells whether the patient of an appointment can say now that they
// have come.
func (v View) hereable(s Settings, now time.Time) bool {
	return !v.Away.Is() && (v.Status == "booked" || v.Status == "pending") && (v.Mode == FaceToFace || v.Mode == "") &&
		!now.Before(v.Start.Add(-minutes(s.HereFrom))) && !now.After(v.Start.Add(minutes(s.HereUntil)))
}

// CanSayHere tells whether the patient can check in now.
func (s *Service) CanSayHere(ctx context.Context, p *record.Practice, v View) (bool, error) {
	set, err := LoadSettings(ctx, p)
	return err == nil && v.hereable(set, p.Now()), err
}

// Here marks that the patient has arrived: they say so themselves.
func (s *Service) Here(ctx context.Context, p *record.Practice, by record.Author, ref ident.Ref, key string) (Result, error) {
	set, err := LoadSettings(ctx, p)
	if err != nil {
		return Result{}, err
	}
	v, err := s.Appointment(ctx, p, ref)
	switch {
	case err != nil:
		return Result{}, err
	case v.Status == Arrived:
		return Result{Appointment: v, Repeat: true}, nil
	case !v.hereable(set, p.Now()):
		return Result{}, errDesk
	}
	return s.Mark(ctx, p, by, MarkCommand{Appointment: ref, Version: v.Version, Status: Arrived, Key: key})
}

// Arrival is what somebody says of themselves at the check-in screen.
type Arrival struct {
	Day, Month int    // of birth
	Surname    string // its first letter, or more of it
}

// CheckIn marks the one person who is expected about now and fits as arrived,
// and says by how many minutes their session runs late. When nobody fits, or
// more than one person does, everybody is told the same: to speak to the desk.
func (s *Service) CheckIn(ctx context.Context, p *record.Practice, by record.Author, a Arrival) (late int, err error) {
	if a.Day < 1 || a.Day > 31 || a.Month < 1 || a.Month > 12 || letters(a.Surname) == "" {
		return 0, errDesk
	}
	set, err := LoadSettings(ctx, p)
	if err != nil {
		return 0, err
	}
	now := p.Now()
	q := "Appointment?date=ge" + utc(now.Add(-minutes(set.HereUntil))) + "&date=le" + utc(now.Add(minutes(set.HereFrom))) + "&_count=500"
	var here []View // of whoever fits, expected or here already
	people := map[ident.Ref]bool{}
	fits := map[ident.Ref]bool{}
	err = find(ctx, p, q, func(v record.Version) (bool, error) {
		x, err := readAppointment(v)
		if err != nil {
			return false, err
		}
		arrived := x.view.Status == Arrived && now.Sub(x.view.Start) <= minutes(set.HereUntil)
		if !arrived && !x.view.hereable(set, now) {
			return true, nil
		}
		fit, known := fits[x.view.Patient]
		if !known {
			if fit, err = a.fits(ctx, p, x.view.Patient); err != nil {
				return false, err
			}
			fits[x.view.Patient] = fit
		}
		if fit {
			here, people[x.view.Patient] = append(here, x.view), true
		}
		return true, nil
	})
	if err != nil {
		return 0, err
	}
	if len(people) != 1 {
		return 0, errDesk
	}
	first := here[0]
	for _, v := range here { // two appointments of one person: they are here for both
		if v.Start.Before(first.Start) {
			first = v
		}
		if _, err := s.Here(ctx, p, by, v.Appointment, "here-"+v.Version); err != nil {
			return 0, err
		}
	}
	return s.LateFor(ctx, p, first)
}

// fits tells whether what was said is true of a patient.
func (a Arrival) fits(ctx context.Context, p *record.Practice, patient ident.Ref) (bool, error) {
	v, err := p.Read(ctx, patient)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	res, err := v.Resource()
	if err != nil {
		return false, err
	}
	born, err := time.Parse(time.DateOnly, res.Get("birthDate").Str())
	if err != nil || born.Day() != a.Day || int(born.Month()) != a.Month {
		return false, nil // whose birth date is not known is not checked in by it
	}
	for n := range res.Get("name").Items() {
		if begins(n, a.Surname) {
			return true, nil
		}
	}
	return false, nil
}

func begins(name fhir.Node, said string) bool {
	family := letters(name.Get("family").Str())
	return family != "" && strings.HasPrefix(family, letters(said))
}

// letters are the letters of a name, small: "O'Brien-Lee" is "obrienlee".
func letters(s string) string {
	if !utf8.ValidString(s) || len(s) > 200 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
